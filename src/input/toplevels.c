/*
 * The windows of the desktop, as far as seats need them: sway gives a new window the keyboard focus of every seat or
 * of none, and its IPC can move only the first seat's. zwlr_foreign_toplevel_manager_v1 can say which seat a window's
 * focus is meant for.
 *
 * A new window gets the focus of the one session whose output it has come to rest on, if that session has a seat of
 * its own. If it took everybody's, the others get back what they had.
 */
#include <stdlib.h>
#include <string.h>

#include "input/wayland_private.h"

/* A window is brought to the output that it belongs to just after it came; that long it must have been there. */
#define REST_US 30000
/* Later it is not new any more: whoever moves it about does not move the focus. */
#define NEW_US 2000000
#define TOPLEVEL_OUTPUTS_MAX 8

struct input_toplevel {
	struct wl_list link;
	struct wayland_desktop *desktop;
	struct zwlr_foreign_toplevel_handle_v1 *handle;
	struct wl_output *outputs[TOPLEVEL_OUTPUTS_MAX]; /* not owned; NULL: a free place */
	uint64_t since_us; /* when it was announced; 0: before us, or its focus was given */
	uint64_t rest_us; /* when it was last seen to move */
	bool activated; /* it has some seat's focus */
	bool described; /* its first description is complete */
};

static bool is_on(const struct input_toplevel *toplevel, const struct wayland_injector *injector)
{
	for (size_t i = 0; i < TOPLEVEL_OUTPUTS_MAX; i++) {
		if (toplevel->outputs[i] && toplevel->outputs[i] == injector->output->output)
			return true;
	}
	return false;
}

static bool has_own_seat(const struct wayland_injector *injector)
{
	return injector->seat_name && injector->seat && injector->output;
}

/* Of several on one output it is the one who did something last. */
static struct wayland_injector *find_owner(const struct input_toplevel *toplevel)
{
	struct wayland_injector *injector, *owner = NULL;
	wl_list_for_each(injector, &toplevel->desktop->injectors, link)
	{
		if (has_own_seat(injector) && is_on(toplevel, injector) &&
			(!owner || injector->used_us > owner->used_us))
			owner = injector;
	}
	return owner;
}

static void give(struct input_toplevel *toplevel, struct wayland_injector *injector)
{
	zwlr_foreign_toplevel_handle_v1_activate(toplevel->handle, injector->seat->seat);
	injector->focus = toplevel;
}

/* The last one that was announced, or of those that have a focus already the last. */
void toplevels_focus(struct wayland_injector *injector)
{
	struct input_toplevel *toplevel, *best = NULL;
	if (injector->desktop->base.dead || !has_own_seat(injector))
		return;
	wl_list_for_each(toplevel, &injector->desktop->toplevels, link)
	{
		if (is_on(toplevel, injector) && (!best || toplevel->activated || !best->activated))
			best = toplevel;
	}
	if (best)
		give(best, injector);
}

static void give_back(const struct input_toplevel *thief)
{
	struct wayland_injector *injector;
	wl_list_for_each(injector, &thief->desktop->injectors, link)
	{
		if (!has_own_seat(injector))
			continue;
		if (injector->focus && injector->focus != thief)
			give(injector->focus, injector);
		else
			toplevels_focus(injector); /* it is on no output yet */
	}
}

/* When to look again; 0: never. */
static uint64_t settle_new(struct input_toplevel *toplevel, uint64_t now_us)
{
	if (toplevel->since_us == 0)
		return 0;
	if (now_us < toplevel->rest_us + REST_US)
		return toplevel->rest_us + REST_US;
	struct wayland_injector *owner = find_owner(toplevel);
	if (owner)
		give(toplevel, owner);
	if (owner || now_us >= toplevel->since_us + NEW_US)
		toplevel->since_us = 0;
	/* Where it is now it is nobody's. It may still be brought to somebody: that wakes us. */
	return 0;
}

static int on_rest(sd_event_source *source, uint64_t time_us, void *data)
{
	struct wayland_desktop *desktop = data;
	const uint64_t now_us = input_time_us();
	uint64_t next_us = 0;
	struct input_toplevel *toplevel;
	if (desktop->base.dead)
		return 0;
	wl_list_for_each(toplevel, &desktop->toplevels, link)
	{
		const uint64_t due_us = settle_new(toplevel, now_us);
		if (due_us > 0 && (next_us == 0 || due_us < next_us))
			next_us = due_us;
	}
	if (next_us > 0) {
		sd_event_source_set_time(source, next_us);
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	}
	desktop_flush(desktop);
	return 0;
}

static void note_move(struct input_toplevel *toplevel)
{
	struct wayland_desktop *desktop = toplevel->desktop;
	if (toplevel->since_us == 0)
		return;
	toplevel->rest_us = input_time_us();
	sd_event_source_set_time(desktop->rest, toplevel->rest_us + REST_US);
	sd_event_source_set_enabled(desktop->rest, SD_EVENT_ONESHOT);
}

static void on_title(void *data, struct zwlr_foreign_toplevel_handle_v1 *handle, const char *title)
{
}

static void on_app_id(
	void *data, struct zwlr_foreign_toplevel_handle_v1 *handle, const char *app_id)
{
}

static void on_output_enter(
	void *data, struct zwlr_foreign_toplevel_handle_v1 *handle, struct wl_output *output)
{
	struct input_toplevel *toplevel = data;
	for (size_t i = 0; i < TOPLEVEL_OUTPUTS_MAX; i++) {
		if (toplevel->outputs[i])
			continue;
		toplevel->outputs[i] = output;
		break;
	}
	note_move(toplevel);
}

static void leave(struct input_toplevel *toplevel, const struct wl_output *output)
{
	for (size_t i = 0; i < TOPLEVEL_OUTPUTS_MAX; i++) {
		if (toplevel->outputs[i] == output)
			toplevel->outputs[i] = NULL;
	}
}

static void on_output_leave(
	void *data, struct zwlr_foreign_toplevel_handle_v1 *handle, struct wl_output *output)
{
	leave(data, output);
	note_move(data);
}

/* Somebody changed to this window, or was brought to it. */
static void note_activated(struct input_toplevel *toplevel)
{
	struct wayland_injector *owner = find_owner(toplevel);
	if (owner && toplevel->since_us == 0)
		owner->focus = toplevel;
}

static void on_state(
	void *data, struct zwlr_foreign_toplevel_handle_v1 *handle, struct wl_array *states)
{
	struct input_toplevel *toplevel = data;
	const uint32_t *state;
	const bool was_activated = toplevel->activated;
	toplevel->activated = false;
	wl_array_for_each(state, states)
	{
		if (*state == ZWLR_FOREIGN_TOPLEVEL_HANDLE_V1_STATE_ACTIVATED)
			toplevel->activated = true;
	}
	if (toplevel->activated && !was_activated && toplevel->described)
		note_activated(toplevel);
}

static void on_done(void *data, struct zwlr_foreign_toplevel_handle_v1 *handle)
{
	struct input_toplevel *toplevel = data;
	/* What has a focus from the first moment on has taken it from every seat. */
	if (!toplevel->described && toplevel->activated && toplevel->since_us > 0)
		give_back(toplevel);
	toplevel->described = true;
}

static void toplevel_destroy(struct input_toplevel *toplevel)
{
	struct wayland_injector *injector;
	wl_list_for_each(injector, &toplevel->desktop->injectors, link)
	{
		if (injector->focus == toplevel)
			injector->focus = NULL;
	}
	wl_list_remove(&toplevel->link);
	zwlr_foreign_toplevel_handle_v1_destroy(toplevel->handle);
	free(toplevel);
}

static void on_closed(void *data, struct zwlr_foreign_toplevel_handle_v1 *handle)
{
	toplevel_destroy(data);
}

static void on_parent(void *data, struct zwlr_foreign_toplevel_handle_v1 *handle,
	struct zwlr_foreign_toplevel_handle_v1 *parent)
{
}

static const struct zwlr_foreign_toplevel_handle_v1_listener handle_listener = {
	.title = on_title,
	.app_id = on_app_id,
	.output_enter = on_output_enter,
	.output_leave = on_output_leave,
	.state = on_state,
	.done = on_done,
	.closed = on_closed,
	.parent = on_parent,
};

static void on_toplevel(void *data, struct zwlr_foreign_toplevel_manager_v1 *manager,
	struct zwlr_foreign_toplevel_handle_v1 *handle)
{
	struct wayland_desktop *desktop = data;
	struct input_toplevel *toplevel = calloc(1, sizeof *toplevel);
	if (!toplevel) {
		zwlr_foreign_toplevel_handle_v1_destroy(handle);
		desktop_fail(&desktop->base, "out of memory for a window");
		return;
	}
	toplevel->desktop = desktop;
	toplevel->handle = handle;
	toplevel->since_us = desktop->toplevels_listed ? input_time_us() : 0;
	wl_list_insert(desktop->toplevels.prev, &toplevel->link);
	zwlr_foreign_toplevel_handle_v1_add_listener(handle, &handle_listener, toplevel);
	note_move(toplevel);
}

static void on_finished(void *data, struct zwlr_foreign_toplevel_manager_v1 *manager)
{
}

static const struct zwlr_foreign_toplevel_manager_v1_listener manager_listener = {
	.toplevel = on_toplevel,
	.finished = on_finished,
};

static void on_listed(void *data, struct wl_callback *callback, uint32_t serial)
{
	struct wayland_desktop *desktop = data;
	struct wayland_injector *injector;
	wl_callback_destroy(callback);
	desktop->toplevel_list = NULL;
	desktop->toplevels_listed = true;
	wl_list_for_each(injector, &desktop->injectors, link) toplevels_focus(injector);
}

static const struct wl_callback_listener list_listener = { .done = on_listed };

void toplevels_bind(struct wayland_desktop *desktop, uint32_t global)
{
	desktop->toplevel_manager = wl_registry_bind(
		desktop->registry, global, &zwlr_foreign_toplevel_manager_v1_interface, 1);
	zwlr_foreign_toplevel_manager_v1_add_listener(
		desktop->toplevel_manager, &manager_listener, desktop);
}

void toplevels_await_list(struct wayland_desktop *desktop)
{
	desktop->toplevel_list = wl_display_sync(desktop->display);
	if (desktop->toplevel_list)
		wl_callback_add_listener(desktop->toplevel_list, &list_listener, desktop);
}

int toplevels_init(struct wayland_desktop *desktop)
{
	const int error = sd_event_add_time(desktop->base.event, &desktop->rest, CLOCK_MONOTONIC,
		UINT64_MAX, 1000, on_rest, desktop);
	return error < 0 ? error : sd_event_source_set_enabled(desktop->rest, SD_EVENT_OFF);
}

void toplevels_forget_output(struct wayland_desktop *desktop, const struct wl_output *output)
{
	struct input_toplevel *toplevel;
	wl_list_for_each(toplevel, &desktop->toplevels, link) leave(toplevel, output);
}

void toplevels_finish(struct wayland_desktop *desktop)
{
	struct input_toplevel *toplevel, *next;
	wl_list_for_each_safe(toplevel, next, &desktop->toplevels, link) toplevel_destroy(toplevel);
	if (desktop->toplevel_list)
		wl_callback_destroy(desktop->toplevel_list);
	if (desktop->toplevel_manager)
		zwlr_foreign_toplevel_manager_v1_destroy(desktop->toplevel_manager);
	desktop->toplevel_list = NULL;
	desktop->toplevel_manager = NULL;
}
