#include "input/injector.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/input_private.h"
#include "virtual-keyboard-unstable-v1-client-protocol.h"
#include "wlr-virtual-pointer-unstable-v1-client-protocol.h"

#define DETENT 120           /* v120 of one detent */
#define DETENT_DISTANCE 15.0 /* what wlroots' own mice send for one */

static struct wl_output *find_output(const struct injector *injector)
{
	const struct input_desktop *desktop = injector->desktop;
	for (uint32_t i = 0; i < desktop->output_count; i++) {
		if (strcmp(desktop->outputs[i].name, injector->output_name) == 0)
			return desktop->outputs[i].output;
	}
	return NULL;
}

void injector_bind(struct injector *injector)
{
	struct input_desktop *desktop = injector->desktop;
	struct wl_output *output = find_output(injector);
	if (injector->pointer || !output || !desktop->seat || !desktop->pointers || !desktop->keyboards)
		return;
	injector->pointer = zwlr_virtual_pointer_manager_v1_create_virtual_pointer_with_output(
		desktop->pointers, desktop->seat, output);
	injector->keyboard = zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(
		desktop->keyboards, desktop->seat);
	zwp_virtual_keyboard_v1_keymap(injector->keyboard, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1,
		injector->keymap.file, injector->keymap.size);
	input_desktop_flush(desktop);
}

void injector_unbind(struct injector *injector)
{
	injector_release_all(injector);
	if (injector->pointer)
		zwlr_virtual_pointer_v1_destroy(injector->pointer);
	if (injector->keyboard)
		zwp_virtual_keyboard_v1_destroy(injector->keyboard);
	injector->pointer = NULL;
	injector->keyboard = NULL;
	if (injector->desktop->last_mover == injector)
		injector->desktop->last_mover = NULL;
	input_desktop_flush(injector->desktop);
}

static void set_params(struct injector *injector, const struct injector_params *params)
{
	snprintf(injector->output_name, sizeof injector->output_name, "%s", params->output_name);
	injector->params = *params;
	injector->params.output_name = injector->output_name;
}

struct injector *injector_create(struct input_desktop *desktop, const struct injector_params *params)
{
	struct injector *injector = calloc(1, sizeof *injector);
	if (!injector)
		return NULL;
	if (!keymap_init(&injector->keymap)) {
		free(injector);
		return NULL;
	}
	injector->desktop = desktop;
	set_params(injector, params);
	injector->next = desktop->injectors;
	injector->previous = &desktop->injectors;
	if (desktop->injectors)
		desktop->injectors->previous = &injector->next;
	desktop->injectors = injector;
	injector_bind(injector);
	return injector;
}

void injector_destroy(struct injector *injector)
{
	if (!injector)
		return;
	injector_unbind(injector);
	*injector->previous = injector->next;
	if (injector->next)
		injector->next->previous = injector->previous;
	keymap_finish(&injector->keymap);
	free(injector);
}

void injector_retarget(struct injector *injector, const struct injector_params *params)
{
	const bool same = strcmp(injector->output_name, params->output_name) == 0;
	if (same)
		injector_release_all(injector);
	else
		injector_unbind(injector);
	injector->has_position = false;
	set_params(injector, params);
	injector_bind(injector);
}

void injector_send_modifiers(struct injector *injector)
{
	const struct keymap_modifiers modifiers = keymap_modifiers(&injector->keymap);
	zwp_virtual_keyboard_v1_modifiers(injector->keyboard, modifiers.depressed, modifiers.latched,
		modifiers.locked, modifiers.group);
}

static void send_key(struct injector *injector, uint16_t code, bool pressed)
{
	zwp_virtual_keyboard_v1_key(injector->keyboard, input_time_ms(), code,
		pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED);
	if (keymap_update(&injector->keymap, code, pressed))
		injector_send_modifiers(injector);
}

void injector_key(struct injector *injector, uint16_t code, bool pressed)
{
	if (!injector->keyboard || code == 0 || code >= KEY_CODES)
		return;
	uint64_t *word = &injector->keys[code / 64];
	const uint64_t bit = UINT64_C(1) << (code % 64);
	if (((*word & bit) != 0) == pressed)
		return; /* a repeat, or a release of what is not held */
	*word ^= bit;
	send_key(injector, code, pressed);
	input_desktop_flush(injector->desktop);
}

static void send_position(struct injector *injector)
{
	zwlr_virtual_pointer_v1_motion_absolute(injector->pointer, input_time_ms(), injector->x, injector->y,
		injector->params.width_px, injector->params.height_px);
	zwlr_virtual_pointer_v1_frame(injector->pointer);
	injector->desktop->last_mover = injector;
}

/* Sessions share a seat's one cursor: what follows must happen where this session sees it. */
static void take_cursor(struct injector *injector)
{
	if (injector->has_position && injector->desktop->last_mover != injector)
		send_position(injector);
	injector->desktop->last_mover = injector;
}

void injector_pointer_absolute(struct injector *injector, uint32_t x_px, uint32_t y_px)
{
	if (!injector->pointer)
		return;
	const struct injector_params *params = &injector->params;
	injector->x = x_px < params->width_px ? x_px : params->width_px - 1;
	injector->y = y_px < params->height_px ? y_px : params->height_px - 1;
	injector->has_position = true;
	send_position(injector);
	input_desktop_flush(injector->desktop);
}

void injector_pointer_relative(struct injector *injector, int32_t dx_256, int32_t dy_256)
{
	if (!injector->pointer)
		return;
	take_cursor(injector);
	injector->has_position = false; /* the compositor alone knows where it ends */
	/* wl_fixed_t is 24.8 as well. */
	zwlr_virtual_pointer_v1_motion(injector->pointer, input_time_ms(), dx_256, dy_256);
	zwlr_virtual_pointer_v1_frame(injector->pointer);
	input_desktop_flush(injector->desktop);
}

static void send_button(struct injector *injector, uint32_t index, bool pressed)
{
	injector->buttons ^= 1u << index;
	zwlr_virtual_pointer_v1_button(injector->pointer, input_time_ms(), BUTTON_FIRST + index,
		pressed ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
	zwlr_virtual_pointer_v1_frame(injector->pointer);
}

void injector_pointer_button(struct injector *injector, uint16_t button, bool pressed)
{
	const uint32_t index = (uint32_t)button - BUTTON_FIRST;
	if (!injector->pointer || index >= BUTTONS || ((injector->buttons >> index) & 1) == pressed)
		return;
	take_cursor(injector);
	send_button(injector, index, pressed);
	input_desktop_flush(injector->desktop);
}

void injector_pointer_axis(struct injector *injector, uint8_t axis, int32_t distance_256, int32_t v120)
{
	if (!injector->pointer || axis > 1)
		return;
	const enum wl_pointer_axis direction =
		axis ? WL_POINTER_AXIS_HORIZONTAL_SCROLL : WL_POINTER_AXIS_VERTICAL_SCROLL;
	take_cursor(injector);
	if (v120) {
		/* Finer wheels send parts of a detent; clients of this protocol know whole ones. */
		int32_t *rest = &injector->wheel_rest[axis];
		*rest += v120 % (100 * DETENT);
		const int32_t detents = *rest / DETENT;
		*rest -= detents * DETENT;
		if (detents == 0)
			return;
		zwlr_virtual_pointer_v1_axis_source(injector->pointer, WL_POINTER_AXIS_SOURCE_WHEEL);
		zwlr_virtual_pointer_v1_axis_discrete(injector->pointer, input_time_ms(), direction,
			wl_fixed_from_double(detents * DETENT_DISTANCE), detents);
	} else {
		zwlr_virtual_pointer_v1_axis_source(injector->pointer, WL_POINTER_AXIS_SOURCE_FINGER);
		zwlr_virtual_pointer_v1_axis(injector->pointer, input_time_ms(), direction, distance_256);
	}
	zwlr_virtual_pointer_v1_frame(injector->pointer);
	input_desktop_flush(injector->desktop);
}

void injector_release_all(struct injector *injector)
{
	if (!injector->pointer)
		return;
	/* Buttons first: sway 1.7 keeps the implicit grab of a button whose device goes. */
	for (uint32_t index = 0; index < BUTTONS; index++) {
		if (injector->buttons >> index & 1)
			send_button(injector, index, false);
	}
	for (uint32_t code = 0; code < KEY_CODES; code++) {
		if (injector->keys[code / 64] >> (code % 64) & 1)
			send_key(injector, (uint16_t)code, false);
	}
	memset(injector->keys, 0, sizeof injector->keys);
	injector->wheel_rest[0] = injector->wheel_rest[1] = 0;
	keymap_reset(&injector->keymap);
	injector_send_modifiers(injector);
	input_desktop_flush(injector->desktop);
}
