#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "input/wayland_private.h"

static struct wayland_injector *from_base(struct injector *base)
{
	return (struct wayland_injector *)base; /* its first member */
}

static int set_target(struct wayland_injector *injector, const struct injector_params *params)
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

void wayland_injector_bind(struct wayland_injector *injector)
{
	struct wayland_desktop *desktop = injector->desktop;
	if (desktop->base.dead)
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

void wayland_injector_unbind_pointer(struct wayland_injector *injector)
{
	pointer_release_all(&injector->pointer);
	pointer_unbind(&injector->pointer);
	injector->output = NULL;
	injector->focus = NULL;
	if (injector->seat && injector->seat->cursor_owner == injector)
		injector->seat->cursor_owner = NULL;
}

void wayland_injector_unbind_seat(struct wayland_injector *injector)
{
	wayland_injector_unbind_pointer(injector);
	keyboard_release_all(&injector->keyboard);
	keyboard_unbind(&injector->keyboard);
	if (injector->seat && injector->seat->keyboard_owner == injector)
		injector->seat->keyboard_owner = NULL;
	injector->seat = NULL;
}

static void impl_destroy(struct injector *base)
{
	struct wayland_injector *injector = from_base(base);
	wayland_injector_unbind_seat(injector);
	typing_finish(&injector->typing);
	keyboard_finish(&injector->keyboard);
	wl_list_remove(&injector->link);
	seats_retire(injector->desktop);
	desktop_flush(injector->desktop);
	free(injector->output_name);
	free(injector->seat_name);
	free(injector);
}

static struct injector *impl_create(
	struct input_desktop *base, const struct injector_params *params)
{
	struct wayland_desktop *desktop = (struct wayland_desktop *)base; /* its first member */
	struct wayland_injector *injector = calloc(1, sizeof *injector);
	if (!injector)
		return NULL;
	injector->base.impl = &wayland_input_impl;
	injector->desktop = desktop;
	wl_list_init(&injector->link);
	int error = set_target(injector, params);
	if (error == 0)
		error = typing_init(&injector->typing, base->event, &wayland_typing_hand, injector);
	if (error == 0)
		error = keyboard_init(&injector->keyboard, desktop->keymap);
	if (error < 0) {
		impl_destroy(&injector->base);
		errno = -error;
		return NULL;
	}
	wl_list_insert(desktop->injectors.prev, &injector->link);
	wayland_injector_bind(injector);
	desktop_flush(desktop);
	return &injector->base;
}

static bool same_name(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void impl_retarget(struct injector *base, const struct injector_params *params)
{
	struct wayland_injector *injector = from_base(base);
	typing_drop(&injector->typing);
	wayland_injector_release_all(injector);
	const bool same_seat = same_name(injector->seat_name, params->seat_name);
	const bool same_output = same_name(injector->output_name, params->output_name);
	if (set_target(injector, params) < 0)
		return;
	if (!same_seat)
		wayland_injector_unbind_seat(injector);
	else if (!same_output)
		wayland_injector_unbind_pointer(injector);
	wayland_injector_bind(injector);
	seats_retire(injector->desktop);
	desktop_flush(injector->desktop);
}

/* false: nothing may be sent now; the event is dropped and remembered as missed. */
static bool may_send(struct wayland_injector *injector)
{
	if (injector->desktop->base.dead || !injector->seat)
		return false;
	injector->missed |= injector->desktop->stalled;
	return !injector->desktop->stalled;
}

/* The seat's one cursor goes back to where this session left it, if another session moved it since. */
static void take_cursor(struct wayland_injector *injector)
{
	if (injector->seat->cursor_owner != injector)
		pointer_replace(&injector->pointer);
	injector->seat->cursor_owner = injector;
}

/* A click counts with the modifiers of the keyboard that the seat heard last. */
static void take_keyboard(struct wayland_injector *injector)
{
	if (injector->seat->keyboard_owner != injector)
		keyboard_repeat_modifiers(&injector->keyboard);
	injector->seat->keyboard_owner = injector;
}

static void impl_key(struct injector *base, uint16_t evdev_code, bool pressed)
{
	struct wayland_injector *injector = from_base(base);
	if (!may_send(injector) || typing_queue_key(&injector->typing, evdev_code, pressed))
		return;
	injector->seat->keyboard_owner = injector;
	injector->used_us = input_time_us();
	keyboard_key(&injector->keyboard, evdev_code, pressed);
	desktop_flush(injector->desktop);
}

static void impl_pointer_absolute(struct injector *base, uint32_t x_px, uint32_t y_px)
{
	struct wayland_injector *injector = from_base(base);
	if (!may_send(injector))
		return;
	injector->seat->cursor_owner = injector;
	pointer_move_to(&injector->pointer, x_px, y_px);
	desktop_flush(injector->desktop);
}

static void impl_pointer_relative(struct injector *base, int32_t dx_256, int32_t dy_256)
{
	struct wayland_injector *injector = from_base(base);
	if (!may_send(injector))
		return;
	take_cursor(injector);
	pointer_move_by(&injector->pointer, dx_256, dy_256);
	desktop_flush(injector->desktop);
}

static void impl_pointer_button(struct injector *base, uint16_t evdev_button, bool pressed)
{
	struct wayland_injector *injector = from_base(base);
	if (!may_send(injector))
		return;
	injector->used_us = input_time_us();
	take_keyboard(injector);
	take_cursor(injector);
	pointer_button(&injector->pointer, evdev_button, pressed);
	desktop_flush(injector->desktop);
}

static void impl_pointer_axis(
	struct injector *base, uint8_t axis, int32_t distance_256, int32_t v120)
{
	struct wayland_injector *injector = from_base(base);
	if (!may_send(injector))
		return;
	take_keyboard(injector);
	take_cursor(injector);
	pointer_axis(&injector->pointer, axis, distance_256, v120);
	desktop_flush(injector->desktop);
}

void wayland_injector_release_all(struct wayland_injector *injector)
{
	if (!may_send(injector))
		return;
	typing_forget_keys(&injector->typing);
	pointer_release_all(&injector->pointer);
	keyboard_release_all(&injector->keyboard);
	desktop_flush(injector->desktop);
}

static void impl_release_all(struct injector *base)
{
	wayland_injector_release_all(from_base(base));
}

static uint32_t impl_text(struct injector *base, const char *utf8, uint32_t bytes)
{
	struct wayland_injector *injector = from_base(base);
	return typing_start(&injector->typing,
		&(struct typing_text){
			.utf8 = utf8,
			.bytes = bytes,
			.keymap = injector->desktop->keymap,
			.elsewhere = true,
		});
}

static bool impl_position(const struct injector *base, uint32_t *x_px, uint32_t *y_px)
{
	const struct pointer *pointer = &((const struct wayland_injector *)base)->pointer;
	if (!pointer->placed)
		return false;
	*x_px = (uint32_t)(pointer->x_256 / 256);
	*y_px = (uint32_t)(pointer->y_256 / 256);
	return true;
}

const struct input_impl wayland_input_impl = {
	.desktop_destroy = wayland_desktop_destroy,
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
