#include "input/pointer.h"

#include "input/wayland_private.h"

/* What libinput reports for one detent: 15 degrees of the wheel. */
#define WHEEL_DETENT_VALUE 15
#define WHEEL_DETENT_V120 120
/* A wheel turns no faster; the bound keeps the sums in range. */
#define WHEEL_V120_MOST (120 * 100)

void pointer_bind(struct pointer *pointer, struct zwlr_virtual_pointer_v1 *proxy)
{
	pointer->proxy = proxy;
}

void pointer_unbind(struct pointer *pointer)
{
	if (!pointer->proxy)
		return;
	zwlr_virtual_pointer_v1_destroy(pointer->proxy);
	pointer->proxy = NULL;
	pointer->held = 0;
	pointer->placed = false;
	pointer->wheel_v120[0] = pointer->wheel_v120[1] = 0;
}

void pointer_replace(struct pointer *pointer)
{
	if (!pointer->proxy || !pointer->placed)
		return;
	zwlr_virtual_pointer_v1_motion_absolute(pointer->proxy, input_time_ms(),
		(uint32_t)(pointer->x_256 / 256), (uint32_t)(pointer->y_256 / 256),
		pointer->width_px, pointer->height_px);
	zwlr_virtual_pointer_v1_frame(pointer->proxy);
}

void pointer_move_to(struct pointer *pointer, uint32_t x_px, uint32_t y_px)
{
	if (!pointer->proxy || pointer->width_px == 0 || pointer->height_px == 0)
		return;
	/* The far edge would be outside on newer compositors. */
	if (x_px >= pointer->width_px)
		x_px = pointer->width_px - 1;
	if (y_px >= pointer->height_px)
		y_px = pointer->height_px - 1;
	pointer->x_256 = (int64_t)x_px * 256;
	pointer->y_256 = (int64_t)y_px * 256;
	pointer->placed = true;
	pointer_replace(pointer);
}

static int64_t add_within(int64_t position_256, int32_t delta_256, uint32_t size_px)
{
	const int64_t most = ((int64_t)size_px - 1) * 256;
	position_256 += delta_256;
	if (position_256 > most)
		position_256 = most;
	return position_256 < 0 ? 0 : position_256;
}

void pointer_move_by(struct pointer *pointer, int32_t dx_256, int32_t dy_256)
{
	if (!pointer->proxy || (dx_256 == 0 && dy_256 == 0))
		return;
	pointer->x_256 = add_within(pointer->x_256, dx_256, pointer->width_px);
	pointer->y_256 = add_within(pointer->y_256, dy_256, pointer->height_px);
	/* wl_fixed_t counts in 1/256 too. */
	zwlr_virtual_pointer_v1_motion(pointer->proxy, input_time_ms(), dx_256, dy_256);
	zwlr_virtual_pointer_v1_frame(pointer->proxy);
}

void pointer_button(struct pointer *pointer, uint16_t button, bool pressed)
{
	if (!pointer->proxy || button < POINTER_BUTTON_FIRST || button > POINTER_BUTTON_LAST)
		return;
	const uint16_t bit = (uint16_t)(1u << (button - POINTER_BUTTON_FIRST));
	if (((pointer->held & bit) != 0) == pressed)
		return;
	pointer->held ^= bit;
	zwlr_virtual_pointer_v1_button(pointer->proxy, input_time_ms(), button,
		pressed ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
	zwlr_virtual_pointer_v1_frame(pointer->proxy);
}

/* wlroots files the source with the axis that was named last, so it comes after it. */
static void end_axis(struct pointer *pointer, uint32_t source)
{
	zwlr_virtual_pointer_v1_axis_source(pointer->proxy, source);
	zwlr_virtual_pointer_v1_frame(pointer->proxy);
}

/* The protocol counts whole detents: fractions wait for the rest, a turn back forgets them. */
static int32_t take_detents(int32_t *waiting_v120, int32_t v120)
{
	if (v120 > WHEEL_V120_MOST)
		v120 = WHEEL_V120_MOST;
	if (v120 < -WHEEL_V120_MOST)
		v120 = -WHEEL_V120_MOST;
	if ((*waiting_v120 < 0) != (v120 < 0))
		*waiting_v120 = 0;
	*waiting_v120 += v120;
	const int32_t detents = *waiting_v120 / WHEEL_DETENT_V120;
	*waiting_v120 %= WHEEL_DETENT_V120;
	return detents;
}

void pointer_axis(struct pointer *pointer, uint8_t axis, int32_t distance_256, int32_t v120)
{
	if (!pointer->proxy || axis > WL_POINTER_AXIS_HORIZONTAL_SCROLL)
		return;
	if (v120 != 0) {
		const int32_t detents = take_detents(&pointer->wheel_v120[axis], v120);
		if (detents == 0)
			return;
		zwlr_virtual_pointer_v1_axis_discrete(pointer->proxy, input_time_ms(), axis,
			wl_fixed_from_int(WHEEL_DETENT_VALUE * detents), detents);
		end_axis(pointer, WL_POINTER_AXIS_SOURCE_WHEEL);
	} else if (distance_256 != 0) {
		/* wl_fixed_t counts in 1/256 too. */
		zwlr_virtual_pointer_v1_axis(pointer->proxy, input_time_ms(), axis, distance_256);
		end_axis(pointer, WL_POINTER_AXIS_SOURCE_CONTINUOUS);
	}
}

void pointer_release_all(struct pointer *pointer)
{
	while (pointer->proxy && pointer->held) {
		const int bit = __builtin_ctz(pointer->held);
		pointer_button(pointer, (uint16_t)(POINTER_BUTTON_FIRST + bit), false);
	}
	pointer->wheel_v120[0] = pointer->wheel_v120[1] = 0;
}
