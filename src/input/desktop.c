/* What every connection to a desktop has: its socket, its loop, and how it fails. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "input/input_impl.h"
#include "process/clock.h"

uint64_t input_time_us(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000;
}

uint32_t input_time_ms(void)
{
	return (uint32_t)(input_time_us() / 1000);
}

static int on_failure(sd_event_source *source, void *data)
{
	struct input_desktop *desktop = data;
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	/* Nothing is touched afterwards: the callback may destroy the desktop. */
	if (desktop->events.failed)
		desktop->events.failed(desktop->data, desktop->failure_text);
	return 0;
}

int desktop_init(struct input_desktop *desktop, const struct input_impl *impl, sd_event *event,
	const char *socket, const struct input_desktop_events *events, void *data)
{
	desktop->impl = impl;
	desktop->event = sd_event_ref(event);
	desktop->events = *events;
	desktop->data = data;
	desktop->socket = strdup(socket);
	if (!desktop->socket)
		return -ENOMEM;
	const int error = sd_event_add_defer(event, &desktop->failure, on_failure, desktop);
	return error < 0 ? error : sd_event_source_set_enabled(desktop->failure, SD_EVENT_OFF);
}

void desktop_finish(struct input_desktop *desktop)
{
	sd_event_source_disable_unref(desktop->io);
	sd_event_source_disable_unref(desktop->failure);
	sd_event_unref(desktop->event);
	free(desktop->socket);
}

void desktop_fail(struct input_desktop *desktop, const char *format, ...)
{
	if (desktop->dead)
		return;
	desktop->dead = true;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(desktop->failure_text, sizeof desktop->failure_text, format, arguments);
	va_end(arguments);
	sd_event_source_set_enabled(desktop->io, SD_EVENT_OFF);
	sd_event_source_set_enabled(desktop->failure, SD_EVENT_ONESHOT);
}

int desktop_connect_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t size = strlen(path);
	if (path[0] != '/')
		return -EINVAL;
	if (size >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, size + 1);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
		const int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

void input_desktop_destroy(struct input_desktop *desktop)
{
	if (desktop)
		desktop->impl->desktop_destroy(desktop);
}
