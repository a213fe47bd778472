/*
 * What every way into a desktop shares: the door's functions (injector.h) go through one `struct input_impl` each to
 * Wayland's virtual devices (wayland_*.c) or to an EIS server (eis_*.c).
 *
 * Room: input (private). Thread: control.
 */
#ifndef LODGE_INPUT_IMPL_H
#define LODGE_INPUT_IMPL_H

#include "input/injector.h"

/* As the door says, for one kind of desktop. */
struct input_impl {
	void (*desktop_destroy)(struct input_desktop *desktop);
	struct injector *(*create)(
		struct input_desktop *desktop, const struct injector_params *params);
	void (*destroy)(struct injector *injector);
	void (*retarget)(struct injector *injector, const struct injector_params *params);
	void (*key)(struct injector *injector, uint16_t evdev_code, bool pressed);
	void (*pointer_absolute)(struct injector *injector, uint32_t x_px, uint32_t y_px);
	void (*pointer_relative)(struct injector *injector, int32_t dx_256, int32_t dy_256);
	void (*pointer_button)(struct injector *injector, uint16_t evdev_button, bool pressed);
	void (*pointer_axis)(
		struct injector *injector, uint8_t axis, int32_t distance_256, int32_t v120);
	uint32_t (*text)(struct injector *injector, const char *utf8, uint32_t bytes);
	void (*release_all)(struct injector *injector);
	bool (*position)(const struct injector *injector, uint32_t *x_px, uint32_t *y_px);
};

/* The first member of every desktop. */
struct input_desktop {
	const struct input_impl *impl;
	sd_event *event;
	sd_event_source *io, *failure; /* failure: a deferred call, armed once */
	struct input_desktop_events events;
	void *data;
	bool dead; /* failed: nothing is sent any more */
	char *socket;
	char failure_text[256];
};

/* The first member of every injector. */
struct injector {
	const struct input_impl *impl;
};

/* 0 or a negative errno; undone by desktop_finish in any case. */
int desktop_init(struct input_desktop *desktop, const struct input_impl *impl, sd_event *event,
	const char *socket, const struct input_desktop_events *events, void *data);
void desktop_finish(struct input_desktop *desktop);
/* Only the first failure counts. The callback comes from the loop, never from inside a call. */
void desktop_fail(struct input_desktop *desktop, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * A descriptor that does not block, or a negative errno. A local connect waits only for room in the compositor's
 * backlog: not here.
 */
int desktop_connect_socket(const char *path);

uint64_t input_time_us(void); /* CLOCK_MONOTONIC */
uint32_t input_time_ms(void);

#endif
