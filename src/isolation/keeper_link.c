#include "isolation/keeper_link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING_MAX (2u << 20) /* bytes */

struct waiting {
	STAILQ_ENTRY(waiting) next;
	int descriptor;
	size_t size;
	uint8_t bytes[];
};

struct keeper_link {
	int socket;
	sd_event_source *source;
	const struct keeper_link_events *events;
	void *data;
	STAILQ_HEAD(, waiting) queue;
	size_t waiting;
	uint8_t bytes[KEEPER_MESSAGE_MAX]; /* the message that is being received */
};

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int send_packet(int socket, const void *bytes, size_t size, int descriptor)
{
	union control control = { 0 };
	struct iovec part = { .iov_base = (void *)bytes, .iov_len = size };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	if (descriptor >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		control.header = (struct cmsghdr){
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof descriptor),
		};
		memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static void forget(struct keeper_link *link, struct waiting *waiting)
{
	STAILQ_REMOVE_HEAD(&link->queue, next);
	link->waiting -= waiting->size;
	if (waiting->descriptor >= 0)
		close(waiting->descriptor);
	free(waiting);
}

static void send_waiting(struct keeper_link *link)
{
	for (struct waiting *first; (first = STAILQ_FIRST(&link->queue));) {
		const int error =
			send_packet(link->socket, first->bytes, first->size, first->descriptor);
		if (error == -EAGAIN)
			return;
		forget(link, first); /* sent, or there is nobody to send it to */
	}
}

static int receive(struct keeper_link *link, struct keeper_message *message, int *descriptor)
{
	union control control = { 0 };
	struct iovec part = { .iov_base = link->bytes, .iov_len = sizeof link->bytes };
	struct msghdr packet = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes,
	};
	ssize_t size = recvmsg(link->socket, &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	/* That the other side left something unread is told once, before its last words. */
	if (size < 0 && errno == ECONNRESET)
		size = recvmsg(link->socket, &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (size < 0)
		return -errno;
	const struct cmsghdr *header = CMSG_FIRSTHDR(&packet);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
		memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
	if (size == 0 || (packet.msg_flags & MSG_TRUNC) ||
		!keeper_message_decode(link->bytes, (size_t)size, message)) {
		if (*descriptor >= 0)
			close(*descriptor);
		return -EBADMSG;
	}
	return 0;
}

/* One message a turn: whoever is called may do away with the link. */
static int on_socket(sd_event_source *source, int socket, uint32_t events, void *data)
{
	struct keeper_link *link = data;
	struct keeper_message message;
	int descriptor = -1;
	if (events & EPOLLOUT)
		send_waiting(link);
	sd_event_source_set_io_events(
		source, EPOLLIN | (keeper_link_is_behind(link) ? (uint32_t)EPOLLOUT : 0));
	if ((events & ~(uint32_t)EPOLLOUT) == 0)
		return 0;
	const int error = receive(link, &message, &descriptor);
	if (error == -EAGAIN || error == -EINTR)
		return 0;
	if (error < 0) {
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		link->events->closed(link->data);
	} else {
		link->events->message(link->data, &message, descriptor);
	}
	return 0;
}

struct keeper_link *keeper_link_create(
	sd_event *event, int socket, const struct keeper_link_events *events, void *data)
{
	struct keeper_link *link = calloc(1, sizeof *link);
	if (!link) {
		close(socket);
		return NULL;
	}
	link->socket = socket;
	link->events = events;
	link->data = data;
	STAILQ_INIT(&link->queue);
	const int error = sd_event_add_io(event, &link->source, socket, EPOLLIN, on_socket, link);
	if (error < 0) {
		keeper_link_destroy(link);
		errno = -error;
		return NULL;
	}
	return link;
}

void keeper_link_destroy(struct keeper_link *link)
{
	if (!link)
		return;
	while (!STAILQ_EMPTY(&link->queue))
		forget(link, STAILQ_FIRST(&link->queue));
	sd_event_source_disable_unref(link->source);
	close(link->socket);
	free(link);
}

static int queue(struct keeper_link *link, const struct keeper_writer *writer, int descriptor)
{
	if (link->waiting + writer->size > WAITING_MAX)
		return -ENOBUFS;
	struct waiting *waiting = malloc(sizeof *waiting + writer->size);
	if (!waiting)
		return -ENOMEM;
	waiting->descriptor = descriptor < 0 ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
	if (descriptor >= 0 && waiting->descriptor < 0) {
		free(waiting);
		return -errno;
	}
	waiting->size = writer->size;
	memcpy(waiting->bytes, writer->bytes, writer->size);
	STAILQ_INSERT_TAIL(&link->queue, waiting, next);
	link->waiting += waiting->size;
	return sd_event_source_set_io_events(link->source, EPOLLIN | EPOLLOUT);
}

int keeper_link_send(struct keeper_link *link, const struct keeper_writer *writer, int descriptor)
{
	if (writer->overflow)
		return -E2BIG;
	int error = -EAGAIN;
	if (!keeper_link_is_behind(link))
		error = send_packet(link->socket, writer->bytes, writer->size, descriptor);
	return error == -EAGAIN ? queue(link, writer, descriptor) : error;
}

bool keeper_link_is_behind(const struct keeper_link *link)
{
	return !STAILQ_EMPTY(&link->queue);
}

bool keeper_link_flush(struct keeper_link *link, int deadline_ms)
{
	struct pollfd wait = { .fd = link->socket, .events = POLLOUT };
	send_waiting(link);
	if (keeper_link_is_behind(link) && poll(&wait, 1, deadline_ms) == 1)
		send_waiting(link);
	return !keeper_link_is_behind(link);
}
