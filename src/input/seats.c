/* The seats of the compositor, each with the devices that outlive the sessions. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/wayland_private.h"

/* Version 2 brings the name, version 5 the release request. */
#define SEAT_VERSION 5

static void unequip(struct input_seat *seat);

static void on_revival(void *data, struct wl_callback *callback, uint32_t serial)
{
	struct input_seat *seat = data;
	wl_callback_destroy(callback);
	seat->revival = NULL;
	desktop_bind(seat->desktop);
}

static const struct wl_callback_listener revival_listener = { .done = on_revival };

/*
 * Their keys and buttons go up, wherever their devices are by now; then they get new ones. Not at once: the seat
 * may be about to go, and whoever asks something of a seat that is gone is thrown off.
 */
static void equip_anew(struct input_seat *seat)
{
	struct wayland_injector *injector;
	fprintf(stderr,
		"lodged: input: the compositor took the devices of the seat %s away; they are made "
		"anew\n",
		seat->name ? seat->name : "(unnamed)");
	seat->revival = wl_display_sync(seat->desktop->display);
	if (!seat->revival) {
		desktop_fail(&seat->desktop->base, "out of memory for a seat");
		return;
	}
	wl_callback_add_listener(seat->revival, &revival_listener, seat);
	wl_list_for_each(injector, &seat->desktop->injectors, link)
	{
		if (injector->seat == seat)
			wayland_injector_unbind_seat(injector);
	}
	unequip(seat);
}

/*
 * A program binds a seat's keyboard some time after the seat got one. Up to wlroots 0.15 it does not hear then that it has
 * the focus already, and stays deaf until the focus changes. A keyboard that is new to the seat makes sway tell it
 * again: the text keyboard is made anew, a few times, while nobody holds or types anything.
 */
static const uint64_t reminder_pauses_us[] = { 1500000, 500000, 150000 }; /* the last one first */
#define REMINDERS (sizeof reminder_pauses_us / sizeof *reminder_pauses_us)

static bool is_at_rest(const struct input_seat *seat)
{
	const struct wayland_injector *injector;
	wl_list_for_each(injector, &seat->desktop->injectors, link)
	{
		if (injector->seat == seat &&
			(!keyboard_is_idle(&injector->keyboard) || injector->typing.count > 0))
			return false;
	}
	return true;
}

static int plan_reminder(struct input_seat *seat)
{
	const int error = sd_event_source_set_time_relative(
		seat->reminder, reminder_pauses_us[seat->reminders_left - 1]);
	return error < 0 ? error : sd_event_source_set_enabled(seat->reminder, SD_EVENT_ONESHOT);
}

static void equip_text(struct input_seat *seat);

static int on_reminder(sd_event_source *source, uint64_t time_us, void *data)
{
	struct input_seat *seat = data;
	if (!seat->idle_pointer || seat->desktop->base.dead)
		return 0;
	if (is_at_rest(seat)) {
		struct text_keyboard before = seat->text;
		equip_text(seat);
		text_keyboard_finish(&before);
		seat->keyboard_owner = NULL;
		desktop_flush(seat->desktop);
		seat->reminders_left--;
	}
	if (seat->reminders_left > 0)
		plan_reminder(seat);
	return 0;
}

static void start_reminders(struct input_seat *seat)
{
	int error = 0;
	seat->reminders_left = REMINDERS;
	if (!seat->reminder)
		error = sd_event_add_time(seat->desktop->base.event, &seat->reminder,
			CLOCK_MONOTONIC, UINT64_MAX, 1000, on_reminder, seat);
	if (error >= 0)
		error = plan_reminder(seat);
	if (error < 0)
		fprintf(stderr, "lodged: input: programs may be deaf on the seat %s: %s\n",
			seat->name, strerror(-error));
}

/* sway gives all virtual devices to its fallback seats when somebody configures any seat. */
static void on_capabilities(void *data, struct wl_seat *proxy, uint32_t capabilities)
{
	struct input_seat *seat = data;
	const uint32_t both = WL_SEAT_CAPABILITY_POINTER | WL_SEAT_CAPABILITY_KEYBOARD;
	const bool was_capable = seat->capable;
	seat->capable = (capabilities & both) == both;
	if (was_capable && !seat->capable && seat->idle_pointer)
		equip_anew(seat);
}

static void on_name(void *data, struct wl_seat *proxy, const char *name)
{
	struct input_seat *seat = data;
	free(seat->name);
	seat->name = strdup(name);
	if (!seat->name)
		desktop_fail(&seat->desktop->base, "out of memory for the seat %s", name);
	else
		desktop_bind(seat->desktop);
}

static const struct wl_seat_listener seat_listener = {
	.capabilities = on_capabilities,
	.name = on_name,
};

bool seats_add(struct wayland_desktop *desktop, uint32_t global, uint32_t version)
{
	if (version < SEAT_VERSION) {
		desktop_fail(&desktop->base,
			"the compositor at %s has wl_seat version %u; version %d is needed",
			desktop->base.socket, version, SEAT_VERSION);
		return false;
	}
	struct input_seat *seat = calloc(1, sizeof *seat);
	if (!seat) {
		desktop_fail(&desktop->base, "out of memory for a seat");
		return false;
	}
	seat->desktop = desktop;
	seat->global = global;
	seat->seat = wl_registry_bind(desktop->registry, global, &wl_seat_interface, SEAT_VERSION);
	wl_seat_add_listener(seat->seat, &seat_listener, seat);
	wl_list_insert(desktop->seats.prev, &seat->link);
	return true;
}

static void unequip(struct input_seat *seat)
{
	seat->reminder = sd_event_source_disable_unref(seat->reminder);
	text_keyboard_finish(&seat->text);
	if (seat->idle_pointer)
		zwlr_virtual_pointer_v1_destroy(seat->idle_pointer);
	seat->idle_pointer = NULL;
	seat->capable = false; /* until it is said again */
}

static void seat_destroy(struct input_seat *seat)
{
	wl_list_remove(&seat->link);
	unequip(seat);
	if (seat->revival)
		wl_callback_destroy(seat->revival);
	/* Without a word: up to wlroots 0.15 it is gone on the other side when we hear of it. */
	wl_seat_destroy(seat->seat);
	free(seat->name);
	free(seat);
}

bool seats_remove(struct wayland_desktop *desktop, uint32_t global)
{
	struct input_seat *seat;
	wl_list_for_each(seat, &desktop->seats, link)
	{
		if (seat->global != global)
			continue;
		struct wayland_injector *injector;
		wl_list_for_each(injector, &desktop->injectors, link)
		{
			if (injector->seat == seat)
				wayland_injector_unbind_seat(injector);
		}
		seat_destroy(seat);
		return true;
	}
	return false;
}

void seats_finish(struct wayland_desktop *desktop)
{
	struct input_seat *seat, *next;
	wl_list_for_each_safe(seat, next, &desktop->seats, link) seat_destroy(seat);
}

static bool is_wanted(const struct input_seat *seat)
{
	const struct wayland_injector *injector;
	if (seat->link.prev == &seat->desktop->seats)
		return true;
	wl_list_for_each(injector, &seat->desktop->injectors, link)
	{
		if (injector->seat_name && seat->name &&
			strcmp(injector->seat_name, seat->name) == 0)
			return true;
	}
	return false;
}

static void equip_text(struct input_seat *seat)
{
	struct wayland_desktop *desktop = seat->desktop;
	const int error = text_keyboard_init(&seat->text,
		zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(
			desktop->keyboard_manager, seat->seat));
	if (error < 0)
		desktop_fail(&desktop->base, "no keymap for the text keyboard of %s: %s",
			desktop->base.socket, strerror(-error));
}

static void equip(struct input_seat *seat)
{
	seat->idle_pointer = zwlr_virtual_pointer_manager_v1_create_virtual_pointer(
		seat->desktop->pointer_manager, seat->seat);
	equip_text(seat);
	if (seat->link.prev != &seat->desktop->seats)
		start_reminders(seat);
}

void seats_equip(struct wayland_desktop *desktop)
{
	struct input_seat *seat;
	if (!desktop->pointer_manager || !desktop->keyboard_manager)
		return;
	wl_list_for_each(seat, &desktop->seats, link)
	{
		if (!seat->idle_pointer && !seat->revival && is_wanted(seat))
			equip(seat);
	}
}

void seats_retire(struct wayland_desktop *desktop)
{
	struct input_seat *seat;
	wl_list_for_each(seat, &desktop->seats, link)
	{
		if (seat->idle_pointer && !is_wanted(seat))
			unequip(seat);
	}
}

struct input_seat *seats_find(struct wayland_desktop *desktop, const char *name)
{
	struct input_seat *seat;
	wl_list_for_each(seat, &desktop->seats, link)
	{
		if (!seat->idle_pointer)
			continue;
		if (!name || (seat->name && strcmp(seat->name, name) == 0))
			return seat;
	}
	return NULL;
}
