/*
 * One gamescope in an isolated tree, from its start to its end; and the question which version is there.
 *
 * Room: display. Thread: control. The tree must be ready and outlive the run.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_RUN_H
#define LODGE_DISPLAY_GAMESCOPE_RUN_H

#include <systemd/sd-event.h>

#include "display/gamescope/gamescope_command.h"
#include "display/gamescope/gamescope_ready.h"
#include "isolation/isolation.h"

struct gamescope_run;

struct gamescope_run_params {
	struct isolated_tree *tree;
	const char *runtime_folder; /* the tree's */
	struct gamescope_command_params command; /* ready_path is the run's own */
};

/* What is found to be, not what was asked for. */
struct gamescope_run_facts {
	pid_t pid;
	struct gamescope_ready said;
	char eis_socket[SOURCE_PATH_MAX];
	uint32_t width_px, height_px;
	uint32_t refresh_mhz; /* 0: it does not tell */
};

struct gamescope_run_events {
	/* It has said that it is up, its input socket is there, and its X server, which is in the same tree, tells this size. */
	void (*ready)(void *data, const struct gamescope_run_facts *facts);
	/* It never came up (within 15 s) or has ended; gamescope_run_destroy may be called in here. */
	void (*ended)(void *data, const char *text);
};

/* NULL with errno. The params are not kept. */
struct gamescope_run *gamescope_run_start(sd_event *event,
	const struct gamescope_run_params *params, const struct gamescope_run_events *events,
	void *data);
/*
 * The one that an earlier host started in this tree, and that had said this when it was up. It is `ready` when all of that holds
 * still; else it has `ended`, and is. NULL with errno: ENOENT, there is none.
 */
struct gamescope_run *gamescope_run_adopt(sd_event *event, struct isolated_tree *tree,
	const char *runtime_folder, const struct gamescope_ready *said,
	const struct gamescope_run_events *events, void *data);
/* It was up and ended well, unasked: because its program did. */
bool gamescope_run_has_finished(const struct gamescope_run *run);
/* SIGTERM, and SIGKILL 2 s later: `ended` comes. */
void gamescope_run_stop(struct gamescope_run *run);
/* SIGKILL for whatever is left of it; no event comes afterwards. NULL is harmless. */
void gamescope_run_destroy(struct gamescope_run *run);

struct gamescope_probe;

/* error: 0; -ENOENT: not installed; -ENOTSUP: too old; others. `text` is a sentence for it. The probe is gone after this call. */
typedef void (*gamescope_probe_done)(void *data, int error, const char *text);

/* NULL with errno. `binary` as in the command. Answered within 5 s. */
struct gamescope_probe *gamescope_probe_start(sd_event *event,
	const struct gamescope_run_params *params, gamescope_probe_done done, void *data);
void gamescope_probe_cancel(struct gamescope_probe *probe);

#endif
