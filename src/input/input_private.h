/*
 * Shared by desktop.c, injector.c and text.c. Private to the input room.
 */
#ifndef LODGE_INPUT_PRIVATE_H
#define LODGE_INPUT_PRIVATE_H

#include <wayland-client.h>

#include "core/source.h"
#include "input/injector.h"
#include "input/keymap.h"

#define INPUT_OUTPUTS_MAX 64
#define KEY_CODES 768   /* KEY_MAX of the kernel's input-event-codes.h, rounded up */
#define BUTTON_FIRST 0x110
#define BUTTONS 16

struct zwlr_virtual_pointer_manager_v1;
struct zwlr_virtual_pointer_v1;
struct zwp_virtual_keyboard_manager_v1;
struct zwp_virtual_keyboard_v1;

struct input_output {
	struct wl_output *output;
	uint32_t global;
	char name[SOURCE_NAME_MAX];
};

struct input_desktop {
	sd_event *event;
	sd_event_source *io;
	const struct input_desktop_events *events;
	void *data;
	bool failed;

	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_seat *seat;
	struct zwlr_virtual_pointer_manager_v1 *pointers;
	struct zwp_virtual_keyboard_manager_v1 *keyboards;
	struct input_output outputs[INPUT_OUTPUTS_MAX];
	uint32_t output_count;
	struct keymap keymap; /* text and search only; each injector has a state of its own */
	struct injector *injectors;
	struct injector *last_mover; /* one cursor a seat: whose position it has */
};

struct injector {
	struct input_desktop *desktop;
	struct injector *next, **previous;
	struct injector_params params;
	char output_name[SOURCE_NAME_MAX];
	struct zwlr_virtual_pointer_v1 *pointer;
	struct zwp_virtual_keyboard_v1 *keyboard;
	struct keymap keymap;
	uint64_t keys[KEY_CODES / 64];
	uint32_t buttons;
	uint32_t x, y; /* the last absolute position */
	bool has_position;
	int32_t wheel_rest[2]; /* fractions of a detent, in 1/120 */
};

/* Sends what is queued; arms EPOLLOUT when the compositor does not read. */
void input_desktop_flush(struct input_desktop *desktop);
/* The output or the globals are new: injectors that waited can be bound. */
void injector_bind(struct injector *injector);
void injector_unbind(struct injector *injector);
void injector_send_modifiers(struct injector *injector);
uint32_t input_time_ms(void);

#endif
