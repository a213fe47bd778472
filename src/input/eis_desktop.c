/* One connection to an EIS server on the control thread's loop. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "input/eis_private.h"

/* From the connection to the first device that takes events; gamescope needs 0.5 to 135 ms. */
#define PATIENCE_US 5000000

static int on_room(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct eis_desktop *desktop = data;
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	desktop->stalled = false;
	eis_make_up(desktop);
	return 0;
}

bool eis_may_send(struct eis_desktop *desktop)
{
	if (desktop->base.dead || desktop->stalled)
		return false;
	/*
	 * libei loses what does not fit into the socket. A socket that can be written to has room for more than any of the
	 * calls between two looks here sends.
	 */
	struct pollfd room = { .fd = desktop->socket_fd, .events = POLLOUT };
	if (poll(&room, 1, 0) == 1 && room.revents & POLLOUT)
		return true;
	desktop->stalled = true;
	sd_event_source_set_enabled(desktop->room, SD_EVENT_ON);
	return false;
}

void eis_make_up(struct eis_desktop *desktop)
{
	struct eis_injector *injector;
	wl_list_for_each(injector, &desktop->injectors, link)
	{
		if (!injector->missed)
			continue;
		injector->missed = false;
		eis_injector_release_all(
			injector); /* sets it again if that cannot be sent either */
	}
}

static void on_resumed(struct eis_desktop *desktop, struct ei_device *device)
{
	eis_device_set_resumed(desktop, device, true);
	sd_event_source_set_enabled(desktop->patience, SD_EVENT_OFF);
	eis_make_up(desktop);
}

static void handle(struct eis_desktop *desktop, struct ei_event *event)
{
	const struct eis_library *library = &desktop->library;
	switch (library->event_get_type(event)) {
	case EIS_EVENT_SEAT_ADDED:
		library->seat_bind_capabilities(library->event_get_seat(event), EIS_CAP_POINTER,
			EIS_CAP_POINTER_ABSOLUTE, EIS_CAP_BUTTON, EIS_CAP_SCROLL, EIS_CAP_KEYBOARD,
			NULL);
		break;
	case EIS_EVENT_DEVICE_ADDED:
		eis_device_add(desktop, library->event_get_device(event));
		break;
	case EIS_EVENT_DEVICE_REMOVED:
		eis_device_remove(desktop, library->event_get_device(event));
		break;
	case EIS_EVENT_DEVICE_PAUSED:
		eis_device_set_resumed(desktop, library->event_get_device(event), false);
		break;
	case EIS_EVENT_DEVICE_RESUMED:
		on_resumed(desktop, library->event_get_device(event));
		break;
	case EIS_EVENT_DISCONNECT:
		desktop_fail(&desktop->base, "the EIS server at %s hung up", desktop->base.socket);
		break;
	default:
		break;
	}
}

static void dispatch(struct eis_desktop *desktop)
{
	desktop->library.dispatch(desktop->ei);
	struct ei_event *event;
	while ((event = desktop->library.get_event(desktop->ei))) {
		handle(desktop, event);
		desktop->library.event_unref(event);
	}
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	dispatch(data);
	return 0;
}

static int on_patience(sd_event_source *source, uint64_t usec, void *data)
{
	struct eis_desktop *desktop = data;
	desktop_fail(&desktop->base, "the EIS server at %s has offered no device for %d s",
		desktop->base.socket, PATIENCE_US / 1000000);
	return 0;
}

static int open_connection(struct eis_desktop *desktop)
{
	const int fd = desktop_connect_socket(desktop->base.socket);
	if (fd < 0)
		return fd;
	desktop->socket_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (desktop->socket_fd < 0) {
		const int error = -errno;
		close(fd);
		return error;
	}
	desktop->ei = desktop->library.new_sender(desktop);
	if (!desktop->ei) {
		close(fd);
		return -ENOMEM;
	}
	desktop->library.configure_name(desktop->ei, "lodged");
	return desktop->library.setup_backend_fd(desktop->ei, fd); /* takes the descriptor over */
}

static int watch(struct eis_desktop *desktop)
{
	sd_event *event = desktop->base.event;
	int error = sd_event_add_io(event, &desktop->base.io, desktop->library.get_fd(desktop->ei),
		EPOLLIN, on_io, desktop);
	if (error >= 0)
		error = sd_event_add_io(
			event, &desktop->room, desktop->socket_fd, EPOLLOUT, on_room, desktop);
	if (error >= 0)
		error = sd_event_source_set_enabled(desktop->room, SD_EVENT_OFF);
	if (error >= 0)
		error = sd_event_add_time_relative(event, &desktop->patience, CLOCK_MONOTONIC,
			PATIENCE_US, 0, on_patience, desktop);
	return error;
}

static int make_keyboard(struct eis_desktop *desktop)
{
	desktop->keymap = keymap_create();
	if (!desktop->keymap)
		return -errno;
	desktop->state = xkb_state_new(desktop->keymap->xkb);
	return desktop->state ? 0 : -ENOMEM;
}

struct input_desktop *input_desktop_create_eis(sd_event *event, const char *eis_socket,
	const struct input_desktop_events *events, void *data)
{
	int error = -ENOMEM;
	struct eis_desktop *desktop = calloc(1, sizeof *desktop);
	if (!desktop)
		goto error;
	desktop->socket_fd = -1;
	wl_list_init(&desktop->injectors);
	error = desktop_init(&desktop->base, &eis_input_impl, event, eis_socket, events, data);
	if (error >= 0)
		error = eis_library_load(&desktop->library);
	if (error >= 0)
		error = make_keyboard(desktop);
	if (error >= 0)
		error = open_connection(desktop);
	if (error >= 0)
		error = watch(desktop);
	if (error >= 0)
		return &desktop->base;
	desktop->base.dead = true;
	eis_desktop_destroy(&desktop->base);
error:
	fprintf(stderr, "lodged: input: no connection to the EIS server at %s: %s\n", eis_socket,
		strerror(-error));
	errno = -error;
	return NULL;
}

/* What was sent is read by the server although we hang up: libeis takes a connection to its end. */
void eis_desktop_destroy(struct input_desktop *base)
{
	struct eis_desktop *desktop = (struct eis_desktop *)base; /* its first member */
	assert(wl_list_empty(&desktop->injectors));
	sd_event_source_disable_unref(desktop->room);
	sd_event_source_disable_unref(desktop->patience);
	base->io =
		sd_event_source_disable_unref(base->io); /* before libei closes what it watches */
	eis_devices_finish(desktop);
	if (desktop->ei)
		desktop->library.unref(desktop->ei);
	if (desktop->socket_fd >= 0)
		close(desktop->socket_fd);
	xkb_state_unref(desktop->state);
	keymap_destroy(desktop->keymap);
	eis_library_unload(&desktop->library);
	desktop_finish(base);
	free(desktop);
}
