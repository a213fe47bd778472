/* Input of the test card: keys move the scene, and every event becomes one JSON line with --log. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xkbcommon/xkbcommon.h>

#include "testcard_window.h"

/* Version 5 has frames, axis sources and discrete steps. */
#define SEAT_VERSION 5

struct seat {
	struct wl_list link;
	struct window *window;
	uint32_t global;
	struct wl_seat *seat;
	struct wl_pointer *pointer;
	struct wl_keyboard *keyboard;
	struct xkb_context *context;
	struct xkb_state *state;
};

__attribute__((format(printf, 2, 3))) static void say(
	const struct seat *seat, const char *format, ...)
{
	if (!seat->window->params.log)
		return;
	va_list arguments;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void on_keymap(
	void *data, struct wl_keyboard *keyboard, uint32_t format, int32_t fd, uint32_t size)
{
	struct seat *seat = data;
	void *text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (text == MAP_FAILED)
		return;
	struct xkb_keymap *keymap = xkb_keymap_new_from_string(
		seat->context, text, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
	munmap(text, size);
	xkb_state_unref(seat->state);
	seat->state = keymap ? xkb_state_new(keymap) : NULL;
	xkb_keymap_unref(keymap);
	say(seat, "{\"event\":\"keymap\",\"bytes\":%u}", size);
}

static void on_keyboard_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	struct wl_surface *surface, struct wl_array *keys)
{
	say(data, "{\"event\":\"focus\",\"focused\":true}");
}

static void on_keyboard_leave(
	void *data, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface)
{
	say(data, "{\"event\":\"focus\",\"focused\":false}");
}

static void on_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
	uint32_t key, uint32_t pressed)
{
	struct seat *seat = data;
	const uint32_t code = key + 8;
	say(seat,
		"{\"event\":\"key\",\"code\":%u,\"pressed\":%s,\"keysym\":%u,\"character\":%u,"
		"\"time\":%u}",
		key, pressed ? "true" : "false",
		seat->state ? xkb_state_key_get_one_sym(seat->state, code) : 0,
		seat->state ? xkb_state_key_get_utf32(seat->state, code) : 0, time);
	if (pressed)
		scene_key(&seat->window->scene);
}

static void on_modifiers(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	uint32_t depressed, uint32_t latched, uint32_t locked, uint32_t group)
{
	struct seat *seat = data;
	if (seat->state)
		xkb_state_update_mask(seat->state, depressed, latched, locked, 0, 0, group);
	say(seat,
		"{\"event\":\"modifiers\",\"depressed\":%u,\"latched\":%u,\"locked\":%u,"
		"\"group\":%u}",
		depressed, latched, locked, group);
}

static void on_repeat_info(void *data, struct wl_keyboard *keyboard, int32_t rate, int32_t delay_ms)
{
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = on_keymap,
	.enter = on_keyboard_enter,
	.leave = on_keyboard_leave,
	.key = on_key,
	.modifiers = on_modifiers,
	.repeat_info = on_repeat_info,
};

static void on_pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y)
{
	struct seat *seat = data;
	/* Nothing but the picture is in a capture; the demo's window keeps the desktop's cursor. */
	if (seat->window->scene.impl != &scene_demo)
		wl_pointer_set_cursor(pointer, serial, NULL, 0, 0);
	say(seat, "{\"event\":\"enter\",\"x\":%.3f,\"y\":%.3f}", wl_fixed_to_double(x),
		wl_fixed_to_double(y));
}

static void on_pointer_leave(
	void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface)
{
	say(data, "{\"event\":\"leave\"}");
}

static void on_motion(
	void *data, struct wl_pointer *pointer, uint32_t time, wl_fixed_t x, wl_fixed_t y)
{
	say(data, "{\"event\":\"motion\",\"x\":%.3f,\"y\":%.3f}", wl_fixed_to_double(x),
		wl_fixed_to_double(y));
}

static void on_button(void *data, struct wl_pointer *pointer, uint32_t serial, uint32_t time,
	uint32_t button, uint32_t pressed)
{
	say(data, "{\"event\":\"button\",\"button\":%u,\"pressed\":%s}", button,
		pressed ? "true" : "false");
}

static void on_axis(
	void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis, wl_fixed_t value)
{
	say(data, "{\"event\":\"axis\",\"axis\":%u,\"value\":%.3f}", axis,
		wl_fixed_to_double(value));
}

static void on_pointer_frame(void *data, struct wl_pointer *pointer)
{
}

static void on_axis_source(void *data, struct wl_pointer *pointer, uint32_t source)
{
	say(data, "{\"event\":\"axis_source\",\"source\":%u}", source);
}

static void on_axis_stop(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis)
{
	say(data, "{\"event\":\"axis_stop\",\"axis\":%u}", axis);
}

static void on_axis_discrete(void *data, struct wl_pointer *pointer, uint32_t axis, int32_t steps)
{
	say(data, "{\"event\":\"axis_discrete\",\"axis\":%u,\"steps\":%d}", axis, steps);
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = on_pointer_enter,
	.leave = on_pointer_leave,
	.motion = on_motion,
	.button = on_button,
	.axis = on_axis,
	.frame = on_pointer_frame,
	.axis_source = on_axis_source,
	.axis_stop = on_axis_stop,
	.axis_discrete = on_axis_discrete,
};

static void drop_pointer(struct seat *seat)
{
	if (seat->pointer)
		wl_pointer_release(seat->pointer);
	seat->pointer = NULL;
}

static void drop_keyboard(struct seat *seat)
{
	if (seat->keyboard)
		wl_keyboard_release(seat->keyboard);
	seat->keyboard = NULL;
}

static void on_capabilities(void *data, struct wl_seat *proxy, uint32_t capabilities)
{
	struct seat *seat = data;
	say(seat, "{\"event\":\"seat\",\"capabilities\":%u}", capabilities);
	if (!(capabilities & WL_SEAT_CAPABILITY_POINTER)) {
		drop_pointer(seat);
	} else if (!seat->pointer) {
		seat->pointer = wl_seat_get_pointer(proxy);
		wl_pointer_add_listener(seat->pointer, &pointer_listener, seat);
	}
	if (!(capabilities & WL_SEAT_CAPABILITY_KEYBOARD)) {
		drop_keyboard(seat);
	} else if (!seat->keyboard) {
		seat->keyboard = wl_seat_get_keyboard(proxy);
		wl_keyboard_add_listener(seat->keyboard, &keyboard_listener, seat);
	}
}

static void on_name(void *data, struct wl_seat *seat, const char *name)
{
}

static const struct wl_seat_listener seat_listener = {
	.capabilities = on_capabilities,
	.name = on_name,
};

void seat_add(struct window *window, uint32_t global, uint32_t version)
{
	struct seat *seat = version >= SEAT_VERSION ? calloc(1, sizeof *seat) : NULL;
	if (!seat)
		return;
	seat->window = window;
	seat->global = global;
	seat->context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	seat->seat = wl_registry_bind(window->registry, global, &wl_seat_interface, SEAT_VERSION);
	wl_seat_add_listener(seat->seat, &seat_listener, seat);
	wl_list_insert(&window->seats, &seat->link);
}

static void seat_destroy(struct seat *seat)
{
	drop_pointer(seat);
	drop_keyboard(seat);
	xkb_state_unref(seat->state);
	xkb_context_unref(seat->context);
	wl_seat_release(seat->seat);
	wl_list_remove(&seat->link);
	free(seat);
}

void seat_remove(struct window *window, uint32_t global)
{
	struct seat *seat, *next;
	wl_list_for_each_safe(seat, next, &window->seats, link)
	{
		if (seat->global == global)
			seat_destroy(seat);
	}
}

void seats_finish(struct window *window)
{
	struct seat *seat, *next;
	wl_list_for_each_safe(seat, next, &window->seats, link) seat_destroy(seat);
}
