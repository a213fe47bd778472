/*
 * One session's virtual pointer, mapped to its output. The cursor is the seat's: whoever calls makes sure
 * that it stands where this session left it (injector.c).
 *
 * Room: input (private). Thread: control. The caller flushes.
 */
#ifndef LODGE_INPUT_POINTER_H
#define LODGE_INPUT_POINTER_H

#include <stdbool.h>
#include <stdint.h>

/* BTN_MISC+0x10 (BTN_LEFT) up to the last mouse button that evdev has room for. */
#define POINTER_BUTTON_FIRST 0x110
#define POINTER_BUTTON_LAST 0x11f

struct zwlr_virtual_pointer_v1;

struct pointer {
	struct zwlr_virtual_pointer_v1 *proxy; /* NULL: not bound */
	uint32_t width_px, height_px; /* of the output: absolute positions are within */
	bool placed; /* the position is known */
	int64_t x_256,
		y_256; /* 1/256 px; relative motion is added as if the output's scale were 1 */
	uint16_t held; /* buttons, bit 0 is POINTER_BUTTON_FIRST */
	int32_t wheel_v120[2]; /* what is short of a detent, by axis */
};

void pointer_bind(struct pointer *pointer, struct zwlr_virtual_pointer_v1 *proxy);
void pointer_unbind(struct pointer *pointer);

void pointer_move_to(struct pointer *pointer, uint32_t x_px, uint32_t y_px);
void pointer_move_by(struct pointer *pointer, int32_t dx_256, int32_t dy_256);
/* Puts the cursor back to where this pointer left it. */
void pointer_replace(struct pointer *pointer);
/* A button that is out of range, or already where it shall go, is ignored. */
void pointer_button(struct pointer *pointer, uint16_t button, bool pressed);
void pointer_axis(struct pointer *pointer, uint8_t axis, int32_t distance_256, int32_t v120);
void pointer_release_all(struct pointer *pointer);

#endif
