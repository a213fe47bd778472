/* One connection to a compositor on the control thread's loop. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "input/wayland_private.h"

#define LAST_WORDS_US 100000

static void fail_connection(struct wayland_desktop *desktop)
{
	const int error = wl_display_get_error(desktop->display);
	if (error != EPROTO) {
		desktop_fail(&desktop->base, "the connection to the compositor at %s is gone: %s",
			desktop->base.socket, strerror(error ? error : errno));
		return;
	}
	const struct wl_interface *interface = NULL;
	uint32_t id = 0;
	const uint32_t code = wl_display_get_protocol_error(desktop->display, &interface, &id);
	desktop_fail(&desktop->base, "the compositor at %s ended the connection: error %u of %s %u",
		desktop->base.socket, code, interface ? interface->name : "an unknown object", id);
}

/* False: there is more to send than the socket takes. */
static bool flush(struct wayland_desktop *desktop)
{
	if (wl_display_flush(desktop->display) >= 0)
		return true;
	if (errno == EAGAIN)
		return false;
	/* EPIPE: the reading side learns why. */
	if (errno != EPIPE)
		fail_connection(desktop);
	return true;
}

void desktop_flush(struct wayland_desktop *desktop)
{
	if (desktop->base.dead || flush(desktop) || desktop->stalled)
		return;
	desktop->stalled = true;
	sd_event_source_set_io_events(desktop->base.io, EPOLLIN | EPOLLOUT);
}

/* The compositor reads again. It did not hear what was meant to go up meanwhile, so everything goes up. */
static void resume(struct wayland_desktop *desktop)
{
	desktop->stalled = false;
	sd_event_source_set_io_events(desktop->base.io, EPOLLIN);
	struct wayland_injector *injector;
	wl_list_for_each(injector, &desktop->injectors, link)
	{
		if (injector->missed)
			wayland_injector_release_all(injector);
		injector->missed = injector->missed && desktop->stalled;
	}
}

static bool read_events(struct wayland_desktop *desktop)
{
	while (wl_display_prepare_read(desktop->display) != 0) {
		if (wl_display_dispatch_pending(desktop->display) < 0)
			return false;
	}
	if (wl_display_read_events(desktop->display) < 0)
		return false;
	return wl_display_dispatch_pending(desktop->display) >= 0;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct wayland_desktop *desktop = data;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !read_events(desktop)) {
		fail_connection(desktop);
		return 0;
	}
	desktop_flush(desktop); /* what the listeners asked for */
	if (!desktop->base.dead && desktop->stalled && flush(desktop))
		resume(desktop);
	return 0;
}

void desktop_bind(struct wayland_desktop *desktop)
{
	seats_equip(desktop);
	struct wayland_injector *injector;
	wl_list_for_each(injector, &desktop->injectors, link) wayland_injector_bind(injector);
}

static void on_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct wayland_desktop *desktop = data;
	bool bound = true;
	if (strcmp(interface, wl_seat_interface.name) == 0)
		bound = seats_add(desktop, name, version);
	else if (strcmp(interface, wl_output_interface.name) == 0)
		bound = outputs_add(desktop, name, version);
	else if (strcmp(interface, zwp_virtual_keyboard_manager_v1_interface.name) == 0)
		desktop->keyboard_manager = wl_registry_bind(
			registry, name, &zwp_virtual_keyboard_manager_v1_interface, 1);
	else if (strcmp(interface, zwlr_virtual_pointer_manager_v1_interface.name) == 0 &&
		version >= 2)
		desktop->pointer_manager = wl_registry_bind(
			registry, name, &zwlr_virtual_pointer_manager_v1_interface, 2);
	else if (strcmp(interface, zwlr_foreign_toplevel_manager_v1_interface.name) == 0)
		toplevels_bind(desktop, name);
	else
		return;
	if (bound)
		desktop_bind(desktop);
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
	struct wayland_desktop *desktop = data;
	if (!outputs_remove(desktop, name))
		seats_remove(desktop, name);
}

static const struct wl_registry_listener registry_listener = {
	.global = on_global,
	.global_remove = on_global_remove,
};

static void on_announced(void *data, struct wl_callback *callback, uint32_t serial)
{
	struct wayland_desktop *desktop = data;
	wl_callback_destroy(callback);
	desktop->announcement = NULL;
	const char *missing = NULL;
	if (!desktop->pointer_manager)
		missing = "zwlr_virtual_pointer_manager_v1 version 2";
	else if (!desktop->keyboard_manager)
		missing = "zwp_virtual_keyboard_manager_v1";
	else if (wl_list_empty(&desktop->seats))
		missing = "wl_seat";
	if (missing)
		desktop_fail(&desktop->base,
			"the compositor at %s offers no %s: it takes no input from here",
			desktop->base.socket, missing);
	toplevels_await_list(desktop);
}

static const struct wl_callback_listener announcement_listener = { .done = on_announced };

static int open_display(struct wayland_desktop *desktop)
{
	const int fd = desktop_connect_socket(desktop->base.socket);
	if (fd < 0)
		return fd;
	desktop->display = wl_display_connect_to_fd(fd); /* takes the descriptor over */
	if (!desktop->display)
		return errno ? -errno : -ENOMEM;
	desktop->registry = wl_display_get_registry(desktop->display);
	desktop->announcement = wl_display_sync(desktop->display);
	if (!desktop->registry || !desktop->announcement)
		return -ENOMEM;
	wl_registry_add_listener(desktop->registry, &registry_listener, desktop);
	wl_callback_add_listener(desktop->announcement, &announcement_listener, desktop);
	return 0;
}

static int watch(struct wayland_desktop *desktop)
{
	const int error = sd_event_add_io(desktop->base.event, &desktop->base.io,
		wl_display_get_fd(desktop->display), EPOLLIN, on_io, desktop);
	if (error < 0)
		return error;
	return toplevels_init(desktop);
}

struct input_desktop *input_desktop_create(sd_event *event, const char *wayland_socket,
	const struct input_desktop_events *events, void *data)
{
	int error = -ENOMEM;
	struct wayland_desktop *desktop = calloc(1, sizeof *desktop);
	if (!desktop)
		goto error;
	wl_list_init(&desktop->seats);
	wl_list_init(&desktop->outputs);
	wl_list_init(&desktop->injectors);
	wl_list_init(&desktop->toplevels);
	error = desktop_init(
		&desktop->base, &wayland_input_impl, event, wayland_socket, events, data);
	if (error < 0)
		goto error_desktop;
	error = open_display(desktop);
	if (error < 0)
		goto error_desktop;
	desktop->keymap = keymap_create();
	if (!desktop->keymap) {
		error = -errno;
		goto error_desktop;
	}
	error = watch(desktop);
	if (error < 0)
		goto error_desktop;
	desktop_flush(desktop);
	return &desktop->base;
error_desktop:
	wayland_desktop_destroy(&desktop->base);
error:
	fprintf(stderr, "lodged: input: no connection to the compositor at %s: %s\n",
		wayland_socket, strerror(-error));
	errno = -error;
	return NULL;
}

static void on_heard(void *data, struct wl_callback *callback, uint32_t serial)
{
	*(bool *)data = true;
}

static const struct wl_callback_listener heard_listener = { .done = on_heard };

/* false: nothing came within the time. */
static bool wait_for_events(struct wayland_desktop *desktop, uint64_t deadline_us)
{
	const uint64_t now_us = input_time_us();
	struct pollfd poll_fd = { .fd = wl_display_get_fd(desktop->display), .events = POLLIN };
	if (wl_display_flush(desktop->display) < 0 && errno == EAGAIN)
		poll_fd.events |= POLLOUT;
	if (now_us >= deadline_us)
		return false;
	const int timeout_ms = (int)((deadline_us - now_us + 999) / 1000);
	return poll(&poll_fd, 1, timeout_ms) > 0 &&
		(!(poll_fd.revents & ~POLLOUT) || read_events(desktop));
}

/*
 * A compositor throws away what it has not read when a client hangs up: the last releases would be lost and
 * sway 1.7 would keep a button down. So the end, and only the end, waits: 0.1 ms, or LAST_WORDS_US.
 */
static void speak_last_words(struct wayland_desktop *desktop)
{
	bool heard = false;
	struct wl_callback *callback = wl_display_sync(desktop->display);
	if (!callback)
		return;
	wl_callback_add_listener(callback, &heard_listener, &heard);
	const uint64_t deadline_us = input_time_us() + LAST_WORDS_US;
	while (!heard && wait_for_events(desktop, deadline_us))
		;
	wl_callback_destroy(callback);
}

static void close_display(struct wayland_desktop *desktop)
{
	if (!desktop->base.dead && desktop->base.io)
		speak_last_words(desktop);
	toplevels_finish(desktop);
	outputs_finish(desktop);
	seats_finish(desktop);
	if (desktop->announcement)
		wl_callback_destroy(desktop->announcement);
	if (desktop->keyboard_manager)
		zwp_virtual_keyboard_manager_v1_destroy(desktop->keyboard_manager);
	if (desktop->pointer_manager)
		zwlr_virtual_pointer_manager_v1_destroy(desktop->pointer_manager);
	if (desktop->registry)
		wl_registry_destroy(desktop->registry);
	wl_display_disconnect(desktop->display);
}

void wayland_desktop_destroy(struct input_desktop *base)
{
	struct wayland_desktop *desktop = (struct wayland_desktop *)base; /* its first member */
	assert(wl_list_empty(&desktop->injectors));
	if (desktop->display)
		close_display(desktop);
	sd_event_source_disable_unref(desktop->rest);
	keymap_destroy(desktop->keymap);
	desktop_finish(base);
	free(desktop);
}
