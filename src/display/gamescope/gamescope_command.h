/*
 * The command that starts a headless gamescope with a program in it.
 *
 * Room: display. Pure but for memory. Any thread.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_COMMAND_H
#define LODGE_DISPLAY_GAMESCOPE_COMMAND_H

#include <stddef.h>

#include "core/mode.h"

struct gamescope_command_params {
	const char *binary; /* NULL: "gamescope" */
	struct display_mode mode;
	const char *ready_path; /* what it writes its line to */
	/* The program in it; NULL: none, and gamescope stays until it is ended. */
	const char *const *arguments;
	size_t argument_count;
	const char *const *environment; /* NAME=VALUE for the program alone */
	size_t environment_count;
	const char *node_name; /* of its video node */
	/* Further NAME=VALUE for gamescope, which are kept from the program in it (what is preloaded, for instance). */
	const char *const *own_environment;
	size_t own_environment_count;
};

struct gamescope_command {
	char **arguments; /* NULL-terminated, as is: */
	char **environment;
	size_t argument_count, environment_count;
};

/* gamescope takes whole hertz. */
uint32_t gamescope_command_refresh_mhz(const struct display_mode *mode);
/* 0, -EINVAL (a node name that cannot stand in JSON) or -ENOMEM. */
int gamescope_command_make(
	struct gamescope_command *command, const struct gamescope_command_params *params);
void gamescope_command_finish(struct gamescope_command *command);

#endif
