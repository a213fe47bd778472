#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "isolation/keeper/devices.h"
#include "isolation/keeper/keeper.h"
#include "isolation/keeper/services.h"
#include "process/clock.h"

static uint64_t boot_time_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

void keeper_send(struct keeper *keeper, int descriptor)
{
	if (keeper->host)
		keeper_link_send(keeper->host, &keeper->message, descriptor);
}

void keeper_say(struct keeper *keeper, const char *format, ...)
{
	char text[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	keeper_write(&keeper->message, KEEPER_SAID, 0, 0, 0);
	keeper_write_string(&keeper->message, KEEPER_STRING_TEXT, text);
	keeper_send(keeper, -1);
}

void keeper_become_ready(struct keeper *keeper, bool sound)
{
	keeper->is_ready = true;
	keeper_write(&keeper->message, KEEPER_READY, sound ? KEEPER_FLAG_ON : 0, 0,
		keeper->is_adopted ? keeper->keep_until_ns : 0);
	keeper_send(keeper, -1);
}

static void keep(struct keeper *keeper, const struct keeper_message *message)
{
	const bool after = message->flags & KEEPER_FLAG_AFTER;
	keeper->is_kept = message->flags & KEEPER_FLAG_ON;
	keeper->keep_until_ns = after ? 0 : message->value;
	keeper->keep_after_ns = after ? message->value : 0;
}

static void on_message(void *data, const struct keeper_message *message, int descriptor)
{
	struct keeper *keeper = data;
	if (descriptor >= 0)
		close(descriptor);
	if (!keeper->folder[0]) {
		const int error =
			message->type == KEEPER_SETUP ? keeper_set_up(keeper, message) : -EPROTO;
		if (error < 0)
			keeper_fail(keeper, -error, "it cannot be set up");
		return;
	}
	switch (message->type) {
	case KEEPER_START:
		program_start(keeper, message);
		break;
	case KEEPER_SIGNAL:
		program_signal(keeper, message->id, (int)message->value);
		break;
	case KEEPER_END:
		program_end(keeper, message->id);
		break;
	case KEEPER_KEEP:
		keep(keeper, message);
		break;
	case KEEPER_SHOW:
		devices_show(keeper->devices, keeper_message_find(message, KEEPER_STRING_DEVICE));
		break;
	case KEEPER_HIDE:
		devices_hide(keeper->devices, keeper_message_find(message, KEEPER_STRING_DEVICE));
		break;
	default:
		keeper_fail(keeper, EPROTO, "its host speaks nonsense");
	}
}

static int on_kept_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	keeper_finish(data);
}

/* The host is gone: so is the tree, unless it is kept. */
static void on_closed(void *data)
{
	struct keeper *keeper = data;
	keeper_link_destroy(keeper->host);
	keeper->host = NULL;
	if (keeper->keep_after_ns > 0) {
		const uint64_t now_ns = boot_time_ns(), after_ns = keeper->keep_after_ns;
		keeper->keep_until_ns =
			after_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + after_ns;
		keeper->keep_after_ns = 0;
	}
	if (!keeper->is_kept || keeper->keep_until_ns <= boot_time_ns())
		keeper_finish(keeper);
	devices_hide_all(keeper->devices);
	if (keeper->keep_until_ns < UINT64_MAX &&
		sd_event_add_time(keeper->event, &keeper->kept_deadline, CLOCK_BOOTTIME,
			keeper->keep_until_ns / 1000, 1000, on_kept_deadline, keeper) < 0)
		keeper_finish(keeper);
}

int keeper_attach(struct keeper *keeper, int socket)
{
	static const struct keeper_link_events events = { on_message, on_closed };
	keeper->host = keeper_link_create(keeper->event, socket, &events, keeper);
	return keeper->host ? 0 : -errno;
}

/*
 * A host is of this user, and not from in here: the process id of a peer outside of this namespace is 0. One at a time.
 */
static bool may_adopt(const struct keeper *keeper, int socket)
{
	struct ucred peer = { .pid = -1 };
	socklen_t size = sizeof peer;
	return !keeper->host && getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
		peer.pid == 0 && peer.uid == geteuid();
}

static int on_connection(sd_event_source *source, int listener, uint32_t events, void *data)
{
	struct keeper *keeper = data;
	const int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (socket < 0)
		return 0;
	if (!may_adopt(keeper, socket)) {
		close(socket);
		return 0;
	}
	keeper->kept_deadline = sd_event_source_disable_unref(keeper->kept_deadline);
	keeper->is_adopted = true;
	if (keeper_attach(keeper, socket) < 0)
		keeper_finish(keeper);
	programs_tell(keeper);
	if (keeper->is_ready)
		services_tell(keeper->services);
	return 0;
}

int keeper_listen(struct keeper *keeper)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (snprintf(address.sun_path, sizeof address.sun_path, "%s/keeper", keeper->folder) >=
		(int)sizeof address.sun_path)
		return -ENAMETOOLONG;
	keeper->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (keeper->listener < 0)
		return -errno;
	if (bind(keeper->listener, (const struct sockaddr *)&address, sizeof address) < 0 ||
		listen(keeper->listener, 4) < 0)
		return -errno;
	int error = sd_event_add_io(keeper->event, &keeper->listening, keeper->listener, EPOLLIN,
		on_connection, keeper);
	/* That a host has gone is heard before the next one, which is refused while there is one. */
	if (error >= 0)
		error = sd_event_source_set_priority(
			keeper->listening, SD_EVENT_PRIORITY_NORMAL + 1);
	return error < 0 ? error : 0;
}
