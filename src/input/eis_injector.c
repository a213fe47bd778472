#include <errno.h>
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>

#include "input/eis_private.h"

/* A wheel turns no faster. */
#define WHEEL_V120_MOST (120 * 100)

static struct eis_injector *from_base(struct injector *base)
{
	return (struct eis_injector *)base; /* its first member */
}

static bool is_held(const struct eis_injector *injector, uint16_t code)
{
	return injector->held_keys[code / 64] >> (code % 64) & 1;
}

/* NULL: nothing can be sent now. A release that is dropped so is made up for. */
static const struct eis_device *device_for(struct eis_injector *injector, unsigned capability)
{
	struct eis_desktop *desktop = injector->desktop;
	const struct eis_device *device =
		eis_may_send(desktop) ? eis_device_find(desktop, capability) : NULL;
	if (!device)
		injector->missed = true;
	return device;
}

static void press_key(struct eis_injector *injector, uint16_t code, bool pressed)
{
	if (code >= KEYBOARD_KEYS || is_held(injector, code) == pressed ||
		!device_for(injector, EIS_CAP_KEYBOARD))
		return;
	injector->held_keys[code / 64] ^= (uint64_t)1 << (code % 64);
	injector->locked ^= code == KEY_CAPSLOCK && pressed;
	eis_keys_hold(injector->desktop, code, pressed);
}

static enum typing_state hand_state(void *data)
{
	struct eis_injector *injector = data;
	if (injector->desktop->base.dead || !eis_keys_ready(injector->desktop))
		return TYPING_NEVER;
	return eis_may_send(injector->desktop) ? TYPING_GO : TYPING_WAIT;
}

static void hand_character(void *data, xkb_keysym_t keysym, bool elsewhere)
{
	struct eis_injector *injector = data;
	eis_keys_lift(injector->desktop);
	eis_keys_stroke(injector->desktop, keymap_find(injector->desktop->keymap, keysym));
}

static void hand_key(void *data, uint16_t code, bool pressed)
{
	struct eis_injector *injector = data;
	eis_keys_settle(injector->desktop);
	press_key(injector, code, pressed);
}

static void hand_flush(void *data)
{
	/* libei sends at once. */
}

static void hand_rest(void *data)
{
	struct eis_injector *injector = data;
	eis_keys_settle(injector->desktop);
}

static void hand_overflow(void *data)
{
	eis_injector_release_all(data);
}

static const struct typing_hand typing_hand = {
	.state = hand_state,
	.character = hand_character,
	.key = hand_key,
	.flush = hand_flush,
	.rest = hand_rest,
	.overflow = hand_overflow,
};

static void set_target(struct eis_injector *injector, const struct injector_params *params)
{
	injector->width_px = params->width_px;
	injector->height_px = params->height_px;
	injector->placed = false;
}

static void impl_destroy(struct injector *base)
{
	struct eis_injector *injector = from_base(base);
	eis_injector_release_all(injector);
	if (injector->desktop->cursor_owner == injector)
		injector->desktop->cursor_owner = NULL;
	wl_list_remove(&injector->link);
	typing_finish(&injector->typing);
	free(injector);
}

static struct injector *impl_create(
	struct input_desktop *base, const struct injector_params *params)
{
	struct eis_desktop *desktop = (struct eis_desktop *)base; /* its first member */
	struct eis_injector *injector = calloc(1, sizeof *injector);
	if (!injector)
		return NULL;
	injector->base.impl = &eis_input_impl;
	injector->desktop = desktop;
	set_target(injector, params);
	wl_list_insert(desktop->injectors.prev, &injector->link);
	const int error = typing_init(&injector->typing, base->event, &typing_hand, injector);
	if (error < 0) {
		impl_destroy(&injector->base);
		errno = -error;
		return NULL;
	}
	return &injector->base;
}

static void impl_retarget(struct injector *base, const struct injector_params *params)
{
	struct eis_injector *injector = from_base(base);
	typing_drop(&injector->typing);
	eis_injector_release_all(injector);
	set_target(injector, params);
}

static void impl_key(struct injector *base, uint16_t evdev_code, bool pressed)
{
	struct eis_injector *injector = from_base(base);
	if (!typing_queue_key(&injector->typing, evdev_code, pressed))
		press_key(injector, evdev_code, pressed);
}

/* Output pixels to the device's region: gamescope's has no end, others may have the size of their logical output. */
static double place(uint32_t origin, uint32_t extent, int64_t position_256, uint32_t size_px)
{
	const double position = (double)position_256 / 256;
	if (extent == 0 || extent >= INT32_MAX)
		return position;
	return origin + position * extent / size_px;
}

static void send_position(struct eis_injector *injector)
{
	const struct eis_device *device = device_for(injector, EIS_CAP_POINTER_ABSOLUTE);
	if (!device)
		return;
	injector->desktop->library.device_pointer_motion_absolute(device->device,
		place(device->x, device->width, injector->x_256, injector->width_px),
		place(device->y, device->height, injector->y_256, injector->height_px));
	eis_device_frame(injector->desktop, device);
	injector->desktop->cursor_owner = injector;
}

/* The one cursor goes back to where this session left it, if another session moved it since. */
static void take_cursor(struct eis_injector *injector)
{
	if (injector->placed && injector->desktop->cursor_owner != injector)
		send_position(injector);
	injector->desktop->cursor_owner = injector;
}

static void impl_pointer_absolute(struct injector *base, uint32_t x_px, uint32_t y_px)
{
	struct eis_injector *injector = from_base(base);
	if (injector->width_px == 0 || injector->height_px == 0 ||
		!device_for(injector, EIS_CAP_POINTER_ABSOLUTE))
		return;
	const uint32_t right = injector->width_px - 1, bottom = injector->height_px - 1;
	injector->x_256 = (int64_t)(x_px < right ? x_px : right) * 256;
	injector->y_256 = (int64_t)(y_px < bottom ? y_px : bottom) * 256;
	injector->placed = true;
	send_position(injector);
}

static int64_t add_within(int64_t position_256, int32_t delta_256, uint32_t size_px)
{
	const int64_t most = ((int64_t)size_px - 1) * 256;
	position_256 += delta_256;
	if (position_256 > most)
		position_256 = most;
	return position_256 < 0 ? 0 : position_256;
}

static void impl_pointer_relative(struct injector *base, int32_t dx_256, int32_t dy_256)
{
	struct eis_injector *injector = from_base(base);
	const struct eis_device *device = device_for(injector, EIS_CAP_POINTER);
	if (!device || (dx_256 == 0 && dy_256 == 0))
		return;
	take_cursor(injector);
	injector->x_256 = add_within(injector->x_256, dx_256, injector->width_px);
	injector->y_256 = add_within(injector->y_256, dy_256, injector->height_px);
	injector->desktop->library.device_pointer_motion(
		device->device, (double)dx_256 / 256, (double)dy_256 / 256);
	eis_device_frame(injector->desktop, device);
}

static void press_button(struct eis_injector *injector, uint16_t button, bool pressed)
{
	const unsigned index = (unsigned)(button - POINTER_BUTTON_FIRST);
	const uint16_t bit = (uint16_t)(1u << index);
	if (((injector->held_buttons & bit) != 0) == pressed)
		return;
	const struct eis_device *device = device_for(injector, EIS_CAP_BUTTON);
	if (!device)
		return;
	injector->held_buttons ^= bit;
	uint16_t *holders = &injector->desktop->button_holders[index];
	if (pressed ? (*holders)++ > 0 : *holders == 0 || --*holders > 0)
		return;
	injector->desktop->library.device_button_button(device->device, button, pressed);
	eis_device_frame(injector->desktop, device);
}

static void impl_pointer_button(struct injector *base, uint16_t evdev_button, bool pressed)
{
	struct eis_injector *injector = from_base(base);
	if (evdev_button < POINTER_BUTTON_FIRST || evdev_button > POINTER_BUTTON_LAST)
		return;
	take_cursor(injector);
	press_button(injector, evdev_button, pressed);
}

static void impl_pointer_axis(
	struct injector *base, uint8_t axis, int32_t distance_256, int32_t v120)
{
	struct eis_injector *injector = from_base(base);
	const struct eis_device *device = device_for(injector, EIS_CAP_SCROLL);
	if (!device || axis > 1 || (distance_256 == 0 && v120 == 0))
		return;
	take_cursor(injector);
	if (v120 > WHEEL_V120_MOST)
		v120 = WHEEL_V120_MOST;
	if (v120 < -WHEEL_V120_MOST)
		v120 = -WHEEL_V120_MOST;
	const double distance = (double)distance_256 / 256;
	const struct eis_library *library = &injector->desktop->library;
	if (v120 != 0)
		library->device_scroll_discrete(
			device->device, axis == 1 ? v120 : 0, axis == 0 ? v120 : 0);
	else
		library->device_scroll_delta(
			device->device, axis == 1 ? distance : 0, axis == 0 ? distance : 0);
	eis_device_frame(injector->desktop, device);
}

static uint32_t impl_text(struct injector *base, const char *utf8, uint32_t bytes)
{
	struct eis_injector *injector = from_base(base);
	return typing_start(&injector->typing,
		&(struct typing_text){
			.utf8 = utf8,
			.bytes = bytes,
			.keymap = injector->desktop->keymap,
		});
}

void eis_injector_release_all(struct eis_injector *injector)
{
	typing_forget_keys(&injector->typing);
	for (unsigned index = 0; index < EIS_BUTTONS; index++)
		press_button(injector, (uint16_t)(POINTER_BUTTON_FIRST + index), false);
	for (uint16_t code = 0; code < KEYBOARD_KEYS; code++)
		press_key(injector, code, false);
	if (injector->locked && device_for(injector, EIS_CAP_KEYBOARD))
		eis_keys_unlock(injector->desktop);
	injector->locked = false;
}

void eis_injector_forget(struct eis_injector *injector, unsigned capabilities)
{
	if (capabilities & EIS_CAP_KEYBOARD) {
		memset(injector->held_keys, 0, sizeof injector->held_keys);
		injector->locked = false;
		typing_drop(&injector->typing);
	}
	if (capabilities & EIS_CAP_BUTTON)
		injector->held_buttons = 0;
	if (capabilities & EIS_CAP_POINTER_ABSOLUTE)
		injector->placed = false;
}

static void impl_release_all(struct injector *base)
{
	eis_injector_release_all(from_base(base));
}

static bool impl_position(const struct injector *base, uint32_t *x_px, uint32_t *y_px)
{
	const struct eis_injector *injector = (const struct eis_injector *)base;
	if (!injector->placed)
		return false;
	*x_px = (uint32_t)(injector->x_256 / 256);
	*y_px = (uint32_t)(injector->y_256 / 256);
	return true;
}

const struct input_impl eis_input_impl = {
	.desktop_destroy = eis_desktop_destroy,
	.create = impl_create,
	.destroy = impl_destroy,
	.retarget = impl_retarget,
	.key = impl_key,
	.pointer_absolute = impl_pointer_absolute,
	.pointer_relative = impl_pointer_relative,
	.pointer_button = impl_pointer_button,
	.pointer_axis = impl_pointer_axis,
	.text = impl_text,
	.release_all = impl_release_all,
	.position = impl_position,
};
