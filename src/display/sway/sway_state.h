/*
 * What sway says about its outputs, workspaces and windows, and the commands that follow from it.
 *
 * Room: display. Pure but for memory: JSON in, values and text out. Any thread.
 */
#ifndef LODGE_DISPLAY_SWAY_STATE_H
#define LODGE_DISPLAY_SWAY_STATE_H

#include <jansson.h>
#include <stdbool.h>

#include "display/backend.h"

struct sway_output_state {
	char name[SOURCE_NAME_MAX];
	bool active, focused;
	struct display_mode mode;
	int32_t x, y;
};

/* False when the entry is no output with a name that can be used in commands. */
bool sway_output_state_read(const json_t *entry, struct sway_output_state *state);
bool sway_output_state_find(
	const json_t *outputs, const char *name, struct sway_output_state *state);

/* Whether sway did what was asked; its refresh goes through a float. */
bool sway_mode_matches(const struct display_mode *asked, const struct display_mode *got);

/* The first error of an answer to a command, NULL when all succeeded. Lives as long as the reply. */
const char *sway_command_error(const json_t *reply);

/* "output NAME ..." that gives the output this mode. */
#define SWAY_MODE_COMMAND_MAX 192
void sway_mode_command(
	const char *name, const struct display_mode *mode, char command[SWAY_MODE_COMMAND_MAX]);

/* Whether windows of this output are to be taken away. */
typedef bool (*sway_output_test)(const void *data, const char *name);

/*
 * The commands that move every workspace that holds windows from the outputs that pass the test to `target`,
 * and then bring up again what was looked at: the workspace that `target` showed (`keep_target`), else the
 * one that moved and was in view; the keyboard focus stays where it is, unless it moves along. Freed by the
 * caller; an empty text when there is nothing to move, NULL when memory is short.
 */
char *sway_move_commands(const json_t *tree, const json_t *workspaces, sway_output_test from,
	const void *data, const char *target, bool keep_target);

/* The commands that move each window itself to what `target` shows, and focus it. Returns as above. */
char *sway_window_commands(
	const json_t *tree, sway_output_test from, const void *data, const char *target);

#endif
