#include "input/injector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "input/input_private.h"

static int set_target(struct injector *injector, const struct injector_params *params)
{
	char *output_name = strdup(params->output_name);
	char *seat_name = params->seat_name ? strdup(params->seat_name) : NULL;
	if (!output_name || (params->seat_name && !seat_name)) {
		free(output_name);
		free(seat_name);
		return -ENOMEM;
	}
	free(injector->output_name);
	free(injector->seat_name);
	injector->output_name = output_name;
	injector->seat_name = seat_name;
	injector->pointer.width_px = params->width_px;
	injector->pointer.height_px = params->height_px;
	injector->pointer.placed = false;
	return 0;
}

struct injector *injector_create(
	struct input_desktop *desktop, const struct injector_params *params)
{
	struct injector *injector = calloc(1, sizeof *injector);
	if (!injector)
		return NULL;
	injector->desktop = desktop;
	wl_list_init(&injector->link);
	int error = set_target(injector, params);
	if (error == 0)
		error = typing_init(injector);
	if (error == 0)
		error = keyboard_init(&injector->keyboard, desktop->keymap);
	if (error < 0) {
		injector_destroy(injector);
		errno = -error;
		return NULL;
	}
	wl_list_insert(desktop->injectors.prev, &injector->link);
	injector_bind(injector);
	desktop_flush(desktop);
	return injector;
}

void injector_bind(struct injector *injector)
{
	struct input_desktop *desktop = injector->desktop;
	if (desktop->dead)
		return;
	seats_equip(desktop);
	if (!injector->seat)
		injector->seat = seats_find(desktop, injector->seat_name);
	if (!injector->seat)
		return;
	if (!injector->keyboard.proxy)
		keyboard_bind(&injector->keyboard,
			zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(
				desktop->keyboard_manager, injector->seat->seat));
	if (!injector->output)
		injector->output = outputs_find(desktop, injector->output_name);
	if (!injector->output || injector->pointer.proxy)
		return;
	pointer_bind(&injector->pointer,
		zwlr_virtual_pointer_manager_v1_create_virtual_pointer_with_output(
			desktop->pointer_manager, injector->seat->seat, injector->output->output));
	toplevels_focus(injector);
}

void injector_unbind_pointer(struct injector *injector)
{
	pointer_release_all(&injector->pointer);
	pointer_unbind(&injector->pointer);
	injector->output = NULL;
	injector->focus = NULL;
	if (injector->seat && injector->seat->cursor_owner == injector)
		injector->seat->cursor_owner = NULL;
}

void injector_unbind_seat(struct injector *injector)
{
	injector_unbind_pointer(injector);
	keyboard_release_all(&injector->keyboard);
	keyboard_unbind(&injector->keyboard);
	if (injector->seat && injector->seat->keyboard_owner == injector)
		injector->seat->keyboard_owner = NULL;
	injector->seat = NULL;
}

void injector_destroy(struct injector *injector)
{
	if (!injector)
		return;
	injector_unbind_seat(injector);
	typing_finish(&injector->typing);
	keyboard_finish(&injector->keyboard);
	wl_list_remove(&injector->link);
	seats_retire(injector->desktop);
	desktop_flush(injector->desktop);
	free(injector->output_name);
	free(injector->seat_name);
	free(injector);
}

static bool same_name(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

void injector_retarget(struct injector *injector, const struct injector_params *params)
{
	typing_drop(&injector->typing);
	injector_release_all(injector);
	const bool same_seat = same_name(injector->seat_name, params->seat_name);
	const bool same_output = same_name(injector->output_name, params->output_name);
	if (set_target(injector, params) < 0)
		return;
	if (!same_seat)
		injector_unbind_seat(injector);
	else if (!same_output)
		injector_unbind_pointer(injector);
	injector_bind(injector);
	seats_retire(injector->desktop);
	desktop_flush(injector->desktop);
}

bool injector_may_send(struct injector *injector)
{
	if (injector->desktop->dead || !injector->seat)
		return false;
	injector->missed |= injector->desktop->stalled;
	return !injector->desktop->stalled;
}

bool injector_may_type(const struct injector *injector)
{
	return !injector->desktop->dead && injector->seat && !injector->desktop->stalled;
}

/* The seat's one cursor goes back to where this session left it, if another session moved it since. */
static void take_cursor(struct injector *injector)
{
	if (injector->seat->cursor_owner != injector)
		pointer_replace(&injector->pointer);
	injector->seat->cursor_owner = injector;
}

/* A click counts with the modifiers of the keyboard that the seat heard last. */
static void take_keyboard(struct injector *injector)
{
	if (injector->seat->keyboard_owner != injector)
		keyboard_repeat_modifiers(&injector->keyboard);
	injector->seat->keyboard_owner = injector;
}

void injector_key(struct injector *injector, uint16_t evdev_code, bool pressed)
{
	if (!injector_may_send(injector) || typing_queue_key(injector, evdev_code, pressed))
		return;
	injector->seat->keyboard_owner = injector;
	injector->used_us = input_time_us();
	keyboard_key(&injector->keyboard, evdev_code, pressed);
	desktop_flush(injector->desktop);
}

void injector_pointer_absolute(struct injector *injector, uint32_t x_px, uint32_t y_px)
{
	if (!injector_may_send(injector))
		return;
	injector->seat->cursor_owner = injector;
	pointer_move_to(&injector->pointer, x_px, y_px);
	desktop_flush(injector->desktop);
}

void injector_pointer_relative(struct injector *injector, int32_t dx_256, int32_t dy_256)
{
	if (!injector_may_send(injector))
		return;
	take_cursor(injector);
	pointer_move_by(&injector->pointer, dx_256, dy_256);
	desktop_flush(injector->desktop);
}

void injector_pointer_button(struct injector *injector, uint16_t evdev_button, bool pressed)
{
	if (!injector_may_send(injector))
		return;
	injector->used_us = input_time_us();
	take_keyboard(injector);
	take_cursor(injector);
	pointer_button(&injector->pointer, evdev_button, pressed);
	desktop_flush(injector->desktop);
}

void injector_pointer_axis(
	struct injector *injector, uint8_t axis, int32_t distance_256, int32_t v120)
{
	if (!injector_may_send(injector))
		return;
	take_keyboard(injector);
	take_cursor(injector);
	pointer_axis(&injector->pointer, axis, distance_256, v120);
	desktop_flush(injector->desktop);
}

void injector_release_all(struct injector *injector)
{
	if (!injector_may_send(injector))
		return;
	typing_forget_keys(&injector->typing);
	pointer_release_all(&injector->pointer);
	keyboard_release_all(&injector->keyboard);
	desktop_flush(injector->desktop);
}

bool injector_position(const struct injector *injector, uint32_t *x_px, uint32_t *y_px)
{
	const struct pointer *pointer = &injector->pointer;
	if (!pointer->placed)
		return false;
	*x_px = (uint32_t)(pointer->x_256 / 256);
	*y_px = (uint32_t)(pointer->y_256 / 256);
	return true;
}
