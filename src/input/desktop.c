#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "input/input_private.h"
#include "virtual-keyboard-unstable-v1-client-protocol.h"
#include "wlr-virtual-pointer-unstable-v1-client-protocol.h"

uint32_t input_time_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint32_t)((uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u);
}

static void bind_waiting(struct input_desktop *desktop)
{
	for (struct injector *one = desktop->injectors; one; one = one->next)
		injector_bind(one);
}

static void on_geometry(void *data, struct wl_output *output, int32_t x, int32_t y, int32_t width,
	int32_t height, int32_t subpixel, const char *make, const char *model, int32_t transform)
{
}

static void on_mode(void *data, struct wl_output *output, uint32_t flags, int32_t width, int32_t height,
	int32_t refresh)
{
}

static void on_done(void *data, struct wl_output *output)
{
	bind_waiting(data);
}

static void on_scale(void *data, struct wl_output *output, int32_t factor)
{
}

static void on_name(void *data, struct wl_output *output, const char *name)
{
	struct input_desktop *desktop = data;
	for (uint32_t i = 0; i < desktop->output_count; i++) {
		if (desktop->outputs[i].output == output)
			snprintf(desktop->outputs[i].name, SOURCE_NAME_MAX, "%s", name);
	}
}

static void on_description(void *data, struct wl_output *output, const char *description)
{
}

static const struct wl_output_listener output_listener = {
	.geometry = on_geometry,
	.mode = on_mode,
	.done = on_done,
	.scale = on_scale,
	.name = on_name,
	.description = on_description,
};

static void on_global(
	void *data, struct wl_registry *registry, uint32_t global, const char *interface, uint32_t version)
{
	struct input_desktop *desktop = data;
	if (strcmp(interface, wl_seat_interface.name) == 0 && !desktop->seat) {
		desktop->seat = wl_registry_bind(registry, global, &wl_seat_interface, 1);
	} else if (strcmp(interface, zwlr_virtual_pointer_manager_v1_interface.name) == 0 && version >= 2) {
		desktop->pointers =
			wl_registry_bind(registry, global, &zwlr_virtual_pointer_manager_v1_interface, 2);
	} else if (strcmp(interface, zwp_virtual_keyboard_manager_v1_interface.name) == 0) {
		desktop->keyboards =
			wl_registry_bind(registry, global, &zwp_virtual_keyboard_manager_v1_interface, 1);
	} else if (strcmp(interface, wl_output_interface.name) == 0 && version >= 4 &&
		desktop->output_count < INPUT_OUTPUTS_MAX) {
		struct input_output *entry = &desktop->outputs[desktop->output_count++];
		*entry = (struct input_output){ .global = global };
		entry->output = wl_registry_bind(registry, global, &wl_output_interface, 4);
		wl_output_add_listener(entry->output, &output_listener, desktop);
	}
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t global)
{
	struct input_desktop *desktop = data;
	for (uint32_t i = 0; i < desktop->output_count; i++) {
		struct input_output *entry = &desktop->outputs[i];
		if (entry->global != global)
			continue;
		wl_output_release(entry->output);
		*entry = desktop->outputs[--desktop->output_count];
		return;
	}
}

static const struct wl_registry_listener registry_listener = {
	.global = on_global,
	.global_remove = on_global_remove,
};

static void fail(struct input_desktop *desktop, const char *text)
{
	if (desktop->failed)
		return;
	desktop->failed = true;
	desktop->io = sd_event_source_disable_unref(desktop->io);
	desktop->events->failed(desktop->data, text);
}

void input_desktop_flush(struct input_desktop *desktop)
{
	if (desktop->failed)
		return;
	const bool blocked = wl_display_flush(desktop->display) < 0;
	if (blocked && errno != EAGAIN)
		fail(desktop, "the compositor closed the connection");
	else
		sd_event_source_set_io_events(desktop->io, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct input_desktop *desktop = data;
	bool alive = true;
	while (alive && wl_display_prepare_read(desktop->display) != 0)
		alive = wl_display_dispatch_pending(desktop->display) >= 0;
	if (alive && (events & EPOLLIN))
		alive = wl_display_read_events(desktop->display) >= 0;
	else if (alive)
		wl_display_cancel_read(desktop->display);
	if (alive)
		alive = wl_display_dispatch_pending(desktop->display) >= 0;
	if (!alive || ((events & EPOLLHUP) && !(events & EPOLLIN)))
		fail(desktop, "the compositor is gone");
	else
		input_desktop_flush(desktop);
	return 0;
}

struct input_desktop *input_desktop_create(sd_event *event, const char *wayland_socket,
	const struct input_desktop_events *events, void *data)
{
	struct input_desktop *desktop = calloc(1, sizeof *desktop);
	if (!desktop)
		return NULL;
	desktop->event = sd_event_ref(event);
	desktop->events = events;
	desktop->data = data;
	desktop->keymap.file = -1;
	desktop->display = wl_display_connect(wayland_socket);
	if (!desktop->display || !keymap_init(&desktop->keymap) ||
		sd_event_add_io(event, &desktop->io, wl_display_get_fd(desktop->display), EPOLLIN, on_io,
			desktop) < 0) {
		const int error = errno ? errno : ENOMEM;
		input_desktop_destroy(desktop);
		errno = error;
		return NULL;
	}
	desktop->registry = wl_display_get_registry(desktop->display);
	wl_registry_add_listener(desktop->registry, &registry_listener, desktop);
	input_desktop_flush(desktop);
	return desktop;
}

void input_desktop_destroy(struct input_desktop *desktop)
{
	if (!desktop)
		return;
	for (uint32_t i = 0; i < desktop->output_count; i++)
		wl_output_release(desktop->outputs[i].output);
	if (desktop->pointers)
		zwlr_virtual_pointer_manager_v1_destroy(desktop->pointers);
	if (desktop->keyboards)
		zwp_virtual_keyboard_manager_v1_destroy(desktop->keyboards);
	if (desktop->seat)
		wl_seat_destroy(desktop->seat);
	if (desktop->registry)
		wl_registry_destroy(desktop->registry);
	sd_event_source_disable_unref(desktop->io);
	if (desktop->display)
		wl_display_disconnect(desktop->display);
	keymap_finish(&desktop->keymap);
	sd_event_unref(desktop->event);
	free(desktop);
}
