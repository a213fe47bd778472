/*
 * Input by Wayland's virtual devices: one connection (wayland_desktop.c) with its seats and outputs, one injector
 * per session with a virtual pointer and a virtual keyboard of its own.
 *
 * Ownership: the desktop owns seats and outputs; injectors are the callers', listed in the desktop. Whatever
 * is announced late or goes away is bound and unbound by wayland_injector_bind and injector_unbind_*.
 */
#ifndef LODGE_INPUT_WAYLAND_PRIVATE_H
#define LODGE_INPUT_WAYLAND_PRIVATE_H

#include <wayland-client.h>

#include "input/input_impl.h"
#include "input/keyboard.h"
#include "input/pointer.h"
#include "input/text_keyboard.h"
#include "input/typing.h"
#include "virtual-keyboard-unstable-v1-client-protocol.h"
#include "wlr-foreign-toplevel-management-unstable-v1-client-protocol.h"
#include "wlr-virtual-pointer-unstable-v1-client-protocol.h"

struct input_output {
	struct wl_list link;
	struct wayland_desktop *desktop;
	uint32_t global;
	struct wl_output *output;
	char *name; /* NULL until it was announced */
};

/*
 * A seat has one cursor and one keyboard focus, whoever drives it. The text keyboard and the idle pointer of the first
 * one live as long as the seat: clients do not see its capabilities come and go with the sessions. Other seats have
 * them as long as a session has the seat: without a pointer there is no cursor on the screen.
 */
struct input_seat {
	struct wl_list link;
	struct wayland_desktop *desktop;
	uint32_t global;
	struct wl_seat *seat;
	char *name; /* NULL until it was announced */
	bool capable; /* the compositor says that it has a pointer and a keyboard */
	struct zwlr_virtual_pointer_v1 *idle_pointer; /* NULL: not equipped */
	struct wl_callback *revival; /* its devices were taken away; NULL: they were not */
	struct text_keyboard text;
	sd_event_source *reminder; /* programs are told of its focus again, see seats.c */
	unsigned reminders_left;
	const struct wayland_injector *cursor_owner; /* who moved the cursor last */
	const struct wayland_injector
		*keyboard_owner; /* whose keyboard the seat speaks for; NULL: the text keyboard */
};

struct wayland_desktop {
	struct input_desktop base;
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_callback *announcement; /* until the first globals are all there */
	struct zwlr_virtual_pointer_manager_v1 *pointer_manager;
	struct zwp_virtual_keyboard_manager_v1 *keyboard_manager;
	struct wl_list seats,
		outputs; /* of input_seat, input_output, in the order of announcement */
	struct wl_list injectors;
	struct zwlr_foreign_toplevel_manager_v1 *toplevel_manager; /* NULL: not offered */
	struct wl_callback *toplevel_list; /* until the windows that were there are known */
	struct wl_list toplevels; /* of input_toplevel (toplevels.c) */
	bool toplevels_listed;
	sd_event_source *rest; /* armed while a new window may still move */
	struct keymap *keymap;
	bool stalled; /* the compositor does not read: everything is dropped until it does */
};

struct wayland_injector {
	struct injector base;
	struct wl_list link;
	struct wayland_desktop *desktop;
	char *output_name, *seat_name;
	struct input_seat *seat; /* NULL: not announced yet, or gone */
	struct input_output *output;
	struct keyboard keyboard;
	struct pointer pointer;
	struct typing typing;
	struct input_toplevel *focus; /* of a seat of its own; NULL: not known */
	uint64_t used_us; /* when it last pressed something */
	bool missed; /* events were dropped while the desktop was stalled: all goes up when it reads again */
};

/* wayland_desktop.c */
void wayland_desktop_destroy(struct input_desktop *desktop);
void desktop_flush(struct wayland_desktop *desktop);
/* Equips seats and binds injectors with what has been announced so far. */
void desktop_bind(struct wayland_desktop *desktop);

/* outputs.c */
bool outputs_add(struct wayland_desktop *desktop, uint32_t global, uint32_t version);
bool outputs_remove(struct wayland_desktop *desktop, uint32_t global);
void outputs_finish(struct wayland_desktop *desktop);
struct input_output *outputs_find(struct wayland_desktop *desktop, const char *name);

/* seats.c */
bool seats_add(struct wayland_desktop *desktop, uint32_t global, uint32_t version);
bool seats_remove(struct wayland_desktop *desktop, uint32_t global);
void seats_finish(struct wayland_desktop *desktop);
/* The first one, and those that an injector asks for by their names; harmless if there are no managers yet. */
void seats_equip(struct wayland_desktop *desktop);
/* Takes the devices from seats that no injector asks for any more. */
void seats_retire(struct wayland_desktop *desktop);
/* The first one for NULL. Only seats that are equipped are found. */
struct input_seat *seats_find(struct wayland_desktop *desktop, const char *name);

/* toplevels.c */
int toplevels_init(struct wayland_desktop *desktop);
void toplevels_finish(struct wayland_desktop *desktop);
void toplevels_bind(struct wayland_desktop *desktop, uint32_t global);
/* Everything that the windows are told with has been bound. */
void toplevels_await_list(struct wayland_desktop *desktop);
void toplevels_forget_output(struct wayland_desktop *desktop, const struct wl_output *output);
/* A session that came to a seat of its own gets a window of its output, if there is one. */
void toplevels_focus(struct wayland_injector *injector);

/* wayland_injector.c */
extern const struct input_impl wayland_input_impl;
void wayland_injector_bind(struct wayland_injector *injector);
void wayland_injector_unbind_pointer(struct wayland_injector *injector);
void wayland_injector_unbind_seat(struct wayland_injector *injector);
void wayland_injector_release_all(struct wayland_injector *injector);

/* wayland_text.c */
extern const struct typing_hand wayland_typing_hand;

#endif
