/*
 * What a game sees of a client's pad: the controls of the pads that games know, and the events that lead from one state
 * to the next (docs/gamepads.md). Codes are those of the kernel's input events.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread.
 */
#ifndef LODGE_CORE_GAMEPAD_MAP_H
#define LODGE_CORE_GAMEPAD_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/wire.h"

#define GAMEPAD_CONTROLS_MAX 24 /* of one pad */
#define GAMEPAD_CHANGES_MAX                                                                        \
	(GAMEPAD_CONTROLS_MAX + 1) /* all of them, and the report that closes them */

/* The whole state of a pad, as a GAMEPAD message brings it (docs/protocol.md §3). */
struct gamepad_state {
	uint32_t buttons; /* of the Gamepad API's standard mapping, bit 0 is its button 0 */
	int16_t left_x, left_y, right_x, right_y; /* right and down are positive */
	uint16_t left_trigger, right_trigger;
};

/* One button or axis of the pad that a game sees. */
struct gamepad_control {
	uint16_t type, code; /* EV_KEY or EV_ABS */
	uint8_t source; /* what of the state it shows, see gamepad_map.c */
	uint8_t index;
	int32_t minimum, maximum; /* axes; where a stick rests is half way, rounded up */
	int32_t flat; /* axes: what a game may take for rest */
};

/* A pad that games know by vendor, product and version; on USB, as all of them. */
struct gamepad_layout {
	const char *name;
	uint16_t vendor, product, version;
	const struct gamepad_control *controls;
	size_t control_count;
};

/* What each control of a layout shows, in the layout's order. */
struct gamepad_values {
	int32_t of[GAMEPAD_CONTROLS_MAX];
};

struct gamepad_change {
	uint16_t type, code;
	int32_t value;
};

/* `kind` is one of enum wire_gamepad_kind; anything else is the pad that most games know. */
const struct gamepad_layout *gamepad_layout_of(uint8_t kind);

/* Nothing is pressed, the sticks are in the middle: what a new pad shows. */
struct gamepad_values gamepad_rest(const struct gamepad_layout *layout);

/*
 * Brings `values` to what `state` means, and writes what of it is new, closed by a SYN_REPORT. Returns how many changes;
 * 0 when a game would see no difference.
 */
size_t gamepad_changes(const struct gamepad_layout *layout, struct gamepad_values *values,
	const struct gamepad_state *state, struct gamepad_change changes[GAMEPAD_CHANGES_MAX]);

#endif
