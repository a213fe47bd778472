/*
 * Where the displays of a group lie on their desktop (semantics.md §6). Same inputs, same picture.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread. Logical pixels throughout.
 */
#ifndef LODGE_CORE_LAYOUT_H
#define LODGE_CORE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mode.h"
#include "core/policy.h"

#define LAYOUT_DISPLAYS_MAX 64
#define LAYOUT_HINT_REACH_PX 32768 /* how far a hint may be from that of its block's first display */

struct layout_rect {
	int32_t x, y;
	uint32_t width, height;
};

struct layout_display {
	uint32_t slot; /* 0: never pinned */
	uint64_t acquired; /* order of acquire: the row's order */
	uint32_t width, height; /* > 0 */
	uint32_t client; /* displays with the same number (> 0) and hints are placed as one block */
	bool has_hint;
	int32_t hint_x, hint_y; /* the client's own arrangement; only differences count */
};

/* mode / scale, rounded up. */
void layout_size(const struct display_mode *mode, uint32_t *width, uint32_t *height);

/*
 * rects[i] is where displays[i] goes. `outside`: enabled outputs that are not managed; nothing is put on them. Under
 * auto-row the row begins right of the rightmost of them at y 0 (at 0,0 when there are none); a block of hints takes
 * the place of its first display, its own top at y 0; a display whose hint lies on an earlier one of its block, or out of
 * reach, is treated as not hinted. Under manual, pinned displays go to their pins, in ascending slots; one that would
 * lie on an earlier pinned one or on an outside output is treated as not pinned; the rest is a row right of the
 * rightmost pinned display and outside output, its top aligned with y 0. Displays never overlap, nor lie on an outside
 * output, as long as the row ends within int32_t; beyond that they pile up at its end.
 */
void layout_arrange(const struct display_policy *policy, const struct layout_display *displays,
	size_t count, const struct layout_rect *outside, size_t outside_count,
	struct layout_rect *rects);

bool layout_overlap(const struct layout_rect *a, const struct layout_rect *b);
/* The first two of pins that would overlap at these sizes; false when none do. Slots without a size are skipped. */
bool layout_find_overlap(const struct policy_position *positions, size_t count,
	const struct layout_display *displays, size_t display_count, uint32_t slots[2]);

#endif
