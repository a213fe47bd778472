/*
 * What sway says about its outputs, and the commands that follow from it.
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
	bool non_desktop; /* a headset: no part of the layout */
	bool has_modes; /* a monitor's list to choose from; any size otherwise */
	struct display_mode mode;
	double scale; /* unrounded */
	const char *transform; /* "normal", "90" ...: static */
	int32_t x, y; /* logical pixels, as are width and height */
	uint32_t width, height;
};

/* "" when it is no string. */
const char *sway_get_string(const json_t *object, const char *key);

/* Whether it can stand in a command without quotes: sway's own names are so. */
bool sway_name_is_plain(const char *name);
/* One of sway's words for a transform, static; NULL when it is none. */
const char *sway_transform_find(const char *word);

/* False when the entry is no output with a name that can be used in commands. */
bool sway_output_state_read(const json_t *entry, struct sway_output_state *state);
bool sway_output_state_find(
	const json_t *outputs, const char *name, struct sway_output_state *state);

/* Whether sway did what was asked; its refresh goes through a float. */
bool sway_mode_matches(const struct display_mode *asked, const struct display_mode *got);

/* Width, height and rate only: the scale is the user's to change. */
bool sway_size_matches(const struct display_mode *asked, const struct display_mode *got);

/* The first error of an answer to a command, NULL when all succeeded. Lives as long as the reply. */
const char *sway_command_error(const json_t *reply);

/* "output NAME ..." that gives the output this mode. */
#define SWAY_MODE_COMMAND_MAX 192
void sway_mode_command(
	const char *name, const struct display_mode *mode, char command[SWAY_MODE_COMMAND_MAX]);

#endif
