/*
 * The command line of lodge-probe. Room: probe. No I/O but for the text that --help and --version print.
 */
#ifndef LODGE_PROBE_OPTIONS_H
#define LODGE_PROBE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mode.h"
#include "lodge_trust.h"
#include "process.h"
#include "script.h"
#include "sound.h"

/* The exit status, as in the manual. */
enum probe_exit {
	PROBE_OK = 0,
	PROBE_USAGE = 2,
	PROBE_CONNECT = 3, /* not connected, or the connection ended early */
	PROBE_REFUSED = 4,
	PROBE_DECLINED = 5,
	PROBE_EXPECTATION = 6, /* a step of the script did not come true */
	PROBE_TIMEOUT = 7,
};

struct probe_options {
	const char *url, *identity, *pin, *label;
	struct lodge_trust trust;
	struct display_mode mode;
	bool view, json;
	uint64_t seconds_ns, settle_ns, timeout_ns; /* 0: not given */
	uint64_t frames;
	uint32_t latency_samples;
	uint32_t at_x_permille, at_y_permille;
	uint32_t max_kbps, max_rate_mhz;
	const char *app; /* NULL: a desktop */
	struct probe_sound_params sound;
	const char *png, *png_folder;
	uint64_t png_every_ns;
	struct script script;
	struct process_watch watch;
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/* WRONG: one line in `fault`. Finish in every case. */
enum options_result options_parse(
	struct probe_options *options, int argc, char **argv, char *fault, size_t fault_capacity);
void options_finish(struct probe_options *options);

#endif
