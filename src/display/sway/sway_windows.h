/*
 * The commands that move workspaces and windows between outputs.
 *
 * Room: display. Pure but for memory: JSON in, text out. Any thread.
 */
#ifndef LODGE_DISPLAY_SWAY_WINDOWS_H
#define LODGE_DISPLAY_SWAY_WINDOWS_H

#include <jansson.h>
#include <stdbool.h>

/* Whether windows of this output are to be taken away. */
typedef bool (*sway_output_test)(const void *data, const char *name);

/* What the target of moved workspaces shows afterwards. */
enum sway_view {
	SWAY_SHOW_MOVED, /* the workspace that was looked at where it came from */
	SWAY_KEEP_TARGET, /* what it has shown */
	SWAY_KEEP_WINDOWS, /* what it has shown, if that holds windows; else as SHOW_MOVED */
};

bool sway_tree_has_window(const json_t *tree);

/*
 * The commands that move every workspace that holds windows from the outputs that pass the test to `target`,
 * and then bring up again what was looked at: the workspace that `target` showed, or the one that moved and
 * was in view; the keyboard focus stays where it is, unless it moves along. Freed by the
 * caller; an empty text when there is nothing to move, NULL when memory is short.
 */
char *sway_move_commands(const json_t *tree, const json_t *workspaces, sway_output_test from,
	const void *data, const char *target, enum sway_view shown);

/*
 * The commands that move the workspaces of these names (an array of strings) that hold windows to `target`, and show
 * `visible` there (may be NULL); the focus stays. Returns as above.
 */
char *sway_return_commands(const json_t *tree, const json_t *workspaces, const json_t *names,
	const char *visible, const char *target);

/* The commands that move each window itself to what `target` shows, and focus it. Returns as above. */
char *sway_window_commands(
	const json_t *tree, sway_output_test from, const void *data, const char *target);

#endif
