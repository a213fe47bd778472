/*
 * Where a session's input enters a desktop. One `input_desktop` per compositor, one `injector` per session.
 *
 * Room: input. Thread: control. The calls send at once and never wait; a compositor that is gone swallows
 * them (the desktop's `failed` callback tells). Everything an injector holds down goes up when it is released,
 * moved or destroyed (semantics.md §10): buttons before the pointer is destroyed, sway 1.7 keeps them otherwise.
 */
#ifndef LODGE_INPUT_INJECTOR_H
#define LODGE_INPUT_INJECTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct input_desktop;
struct injector;

struct input_desktop_events {
	void (*failed)(
		void *data, const char *text); /* the connection is dead; injectors are deaf */
};

/* NULL with errno. Connects without blocking the loop for longer than a local connect; the rest is events. */
struct input_desktop *input_desktop_create(sd_event *event, const char *wayland_socket,
	const struct input_desktop_events *events, void *data);
/*
 * The same by an EIS server (gamescope's, by its socket's absolute path) and libei, which is loaded now: ENOTSUP with a
 * line on standard error where there is none. Sessions share its one pointer and keyboard, whatever seat they name; text
 * is typed by the keys of the default layout. Input before a device may be used is dropped.
 */
struct input_desktop *input_desktop_create_eis(sd_event *event, const char *eis_socket,
	const struct input_desktop_events *events, void *data);
/* Its injectors first. By Wayland it waits until the compositor has heard the last releases: 0.1 ms, at most 100 ms. */
void input_desktop_destroy(struct input_desktop *desktop);

struct injector_params {
	const char *output_name; /* absolute positions are pixels of this output */
	uint32_t width_px, height_px;
	const char *seat_name; /* NULL: the desktop's first seat, shared by all (docs/input.md) */
};

/* Input that arrives before the compositor has announced its globals is kept out (dropped), not queued. */
struct injector *injector_create(
	struct input_desktop *desktop, const struct injector_params *params);
void injector_destroy(struct injector *injector);
/* Another output or size: releases what is held, then binds anew if the output differs. */
void injector_retarget(struct injector *injector, const struct injector_params *params);

void injector_key(struct injector *injector, uint16_t evdev_code, bool pressed);
void injector_pointer_absolute(struct injector *injector, uint32_t x_px, uint32_t y_px);
void injector_pointer_relative(struct injector *injector, int32_t dx_256, int32_t dy_256);
void injector_pointer_button(struct injector *injector, uint16_t evdev_button, bool pressed);
/* axis 0 vertical, 1 horizontal; distance in 1/256 px; v120 = 120 per wheel detent, 0 = continuous */
void injector_pointer_axis(
	struct injector *injector, uint8_t axis, int32_t distance_256, int32_t v120);
/* Types UTF-8 text; newline is Return. Returns how many characters could not be typed (docs/input.md, Text). */
uint32_t injector_text(struct injector *injector, const char *utf8, uint32_t bytes);
void injector_release_all(struct injector *injector);
/* Where it has pointed last, in pixels of its output; false before the first position since that was bound. */
bool injector_position(const struct injector *injector, uint32_t *x_px, uint32_t *y_px);

#endif
