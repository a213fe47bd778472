/*
 * An output of the user's that an exclusive topology turned off: what it was, so that it can be turned on again so.
 *
 * Room: display. Pure but for memory. Any thread. The JSON is what the journal holds:
 *   { "name": "DP-1", "width": 2560, "height": 1440, "refresh_mhz": 59951, "custom": false, "x": 0, "y": 0,
 *     "scale": 1.25, "transform": "normal", "workspaces": ["1", "2"], "visible": "1" }
 */
#ifndef LODGE_DISPLAY_SWAY_DARK_H
#define LODGE_DISPLAY_SWAY_DARK_H

#include "display/sway/sway_state.h"

struct sway_dark {
	char name[SOURCE_NAME_MAX];
	struct display_mode mode; /* 0x0: unknown */
	bool custom; /* the output takes any size */
	int32_t x, y;
	double scale;
	const char *transform; /* static */
	const json_t *workspaces; /* names; borrowed from the entry, as is: */
	const char *visible; /* NULL: none */
};

/* A new reference; NULL when memory is short. `workspaces` as sway tells them. */
json_t *sway_dark_describe(const struct sway_output_state *state, const json_t *workspaces);

/* False when the entry is not as described. It may come from a file that somebody edited. */
bool sway_dark_read(const json_t *entry, struct sway_dark *dark);

/* "output NAME enable ..." with all that it was. */
#define SWAY_DARK_COMMAND_MAX 256
void sway_dark_command(const struct sway_dark *dark, char command[SWAY_DARK_COMMAND_MAX]);

/* Whether the output is on, and as it was. */
bool sway_dark_is_restored(const struct sway_dark *dark, const struct sway_output_state *state);

#endif
