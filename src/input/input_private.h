/*
 * The inside of the input room: one connection (desktop.c) with its seats and outputs, one injector per session
 * with a virtual pointer and a virtual keyboard of its own.
 *
 * Ownership: the desktop owns seats and outputs; injectors are the callers', listed in the desktop. Whatever
 * is announced late or goes away is bound and unbound by injector_bind and injector_unbind_*.
 */
#ifndef LODGE_INPUT_PRIVATE_H
#define LODGE_INPUT_PRIVATE_H

#include <wayland-client.h>

#include "input/injector.h"
#include "input/keyboard.h"
#include "input/pointer.h"
#include "input/text_keyboard.h"
#include "input/typing.h"
#include "virtual-keyboard-unstable-v1-client-protocol.h"
#include "wlr-foreign-toplevel-management-unstable-v1-client-protocol.h"
#include "wlr-virtual-pointer-unstable-v1-client-protocol.h"

struct input_output {
	struct wl_list link;
	struct input_desktop *desktop;
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
	struct input_desktop *desktop;
	uint32_t global;
	struct wl_seat *seat;
	char *name; /* NULL until it was announced */
	bool capable; /* the compositor says that it has a pointer and a keyboard */
	struct zwlr_virtual_pointer_v1 *idle_pointer; /* NULL: not equipped */
	struct wl_callback *revival; /* its devices were taken away; NULL: they were not */
	struct text_keyboard text;
	const struct injector *cursor_owner; /* who moved the cursor last */
	const struct injector
		*keyboard_owner; /* whose keyboard the seat speaks for; NULL: the text keyboard */
};

struct input_desktop {
	sd_event *event;
	sd_event_source *io, *failure; /* failure: a deferred call, armed once */
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
	struct input_desktop_events events;
	void *data;
	bool dead; /* failed: nothing is sent any more */
	bool stalled; /* the compositor does not read: everything is dropped until it does */
	char *socket;
	char failure_text[256];
};

struct injector {
	struct wl_list link;
	struct input_desktop *desktop;
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

/* desktop.c */
void desktop_fail(struct input_desktop *desktop, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void desktop_flush(struct input_desktop *desktop);
/* Equips seats and binds injectors with what has been announced so far. */
void desktop_bind(struct input_desktop *desktop);
uint64_t input_time_us(void); /* CLOCK_MONOTONIC */
uint32_t input_time_ms(void);

/* outputs.c */
bool outputs_add(struct input_desktop *desktop, uint32_t global, uint32_t version);
bool outputs_remove(struct input_desktop *desktop, uint32_t global);
void outputs_finish(struct input_desktop *desktop);
struct input_output *outputs_find(struct input_desktop *desktop, const char *name);

/* seats.c */
bool seats_add(struct input_desktop *desktop, uint32_t global, uint32_t version);
bool seats_remove(struct input_desktop *desktop, uint32_t global);
void seats_finish(struct input_desktop *desktop);
/* The first one, and those that an injector asks for by their names; harmless if there are no managers yet. */
void seats_equip(struct input_desktop *desktop);
/* Takes the devices from seats that no injector asks for any more. */
void seats_retire(struct input_desktop *desktop);
/* The first one for NULL. Only seats that are equipped are found. */
struct input_seat *seats_find(struct input_desktop *desktop, const char *name);

/* toplevels.c */
int toplevels_init(struct input_desktop *desktop);
void toplevels_finish(struct input_desktop *desktop);
void toplevels_bind(struct input_desktop *desktop, uint32_t global);
/* Everything that the windows are told with has been bound. */
void toplevels_await_list(struct input_desktop *desktop);
void toplevels_forget_output(struct input_desktop *desktop, const struct wl_output *output);
/* A session that came to a seat of its own gets a window of its output, if there is one. */
void toplevels_focus(struct injector *injector);

/* injector.c */
void injector_bind(struct injector *injector);
void injector_unbind_pointer(struct injector *injector);
void injector_unbind_seat(struct injector *injector);
/* false: nothing may be sent now; the event is dropped and remembered as missed. */
bool injector_may_send(struct injector *injector);
/* The same without the remembering: what waits is not lost. */
bool injector_may_type(const struct injector *injector);

#endif
