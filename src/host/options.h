/*
 * The command line of lodged. Room: host. No I/O but for the text that --help and --version print.
 */
#ifndef LODGE_HOST_OPTIONS_H
#define LODGE_HOST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/policy.h"
#include "desktops/compositor.h"

#define OPTIONS_LISTEN_MAX 8
#define OPTIONS_LAUNCH_MAX 8
#define OPTIONS_ENCODERS_MAX 64

enum desktop_choice {
	DESKTOP_AUTO, /* the running session if there is one, named by the environment */
	DESKTOP_SWAY, /* the running sway session, or an error */
	DESKTOP_GAMESCOPE, /* the running gamescope, or an error */
	DESKTOP_SPAWN_SWAY,
	DESKTOP_SPAWN_GAMESCOPE,
};

struct options {
	const char *listen[OPTIONS_LISTEN_MAX];
	size_t listen_count;
	const char *config_folder, *state_folder; /* NULL: XDG defaults */
	const char *page_folder; /* NULL: beside the binary, or installed */
	enum desktop_choice desktop;
	const char *launch[OPTIONS_LAUNCH_MAX]; /* commands started in a spawned desktop */
	size_t launch_count;
	enum own_desktops own_desktops; /* what clients' own desktops run on */
	bool own_desktops_named; /* by the operator */
	struct policy_layer policy; /* --policy: below the settings file, above the environment */
	uint32_t max_encoders; /* streams at once; 0: no bound but the displays' */
	const char *instead_of; /* a unit that a spawned gamescope takes the place of; NULL: none */
	bool sound; /* of a spawned desktop */
	uint32_t max_sessions; /* 0: the session room's own bound */
	uint32_t max_desktops; /* of clients' own at once; 0: as many as the room has by itself */
	bool print_ready, open, pair;
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/* WRONG: `fault` holds one line that names the option or value. DONE: --help or --version was answered. */
enum options_result options_parse(
	struct options *options, int argc, char **argv, char *fault, size_t capacity);

#endif
