#include "display/sway/sway_ipc.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "process/clock.h"

#define READ_CHUNK ((size_t)65536)
#define INPUT_MAX (SWAY_MESSAGE_HEADER_SIZE + SWAY_MESSAGE_PAYLOAD_MAX)
#define OUTPUT_MAX (1u << 20)

struct request {
	struct request *next;
	uint32_t type;
	uint64_t due_ns;
	sway_ipc_reply reply;
	void *data;
};

struct bytes {
	uint8_t *data;
	size_t size, capacity;
};

struct sway_ipc {
	int fd; /* -1 once closed */
	pid_t peer;
	sd_event_source *io, *timer;
	struct request *first, **last;
	struct bytes input, output;
	const struct sway_ipc_events *events;
	void *data;
};

static bool reserve(struct bytes *bytes, size_t more, size_t most)
{
	if (bytes->capacity - bytes->size >= more)
		return true;
	size_t capacity = bytes->capacity ? bytes->capacity * 2 : 2 * READ_CHUNK;
	while (capacity - bytes->size < more)
		capacity *= 2;
	if (bytes->size + more > most)
		return false;
	uint8_t *data = realloc(bytes->data, capacity);
	if (!data)
		return false;
	bytes->data = data;
	bytes->capacity = capacity;
	return true;
}

static void consume(struct bytes *bytes, size_t size)
{
	bytes->size -= size;
	memmove(bytes->data, bytes->data + size, bytes->size);
}

static struct request *take_request(struct sway_ipc *ipc)
{
	struct request *request = ipc->first;
	if (request) {
		ipc->first = request->next;
		if (!ipc->first)
			ipc->last = &ipc->first;
	}
	return request;
}

static void close_connection(struct sway_ipc *ipc, int error, const char *text)
{
	if (ipc->fd < 0)
		return;
	ipc->io = sd_event_source_disable_unref(ipc->io);
	ipc->timer = sd_event_source_disable_unref(ipc->timer);
	close(ipc->fd);
	ipc->fd = -1;
	for (struct request *request; (request = take_request(ipc));) {
		request->reply(request->data, error, text, NULL);
		free(request);
	}
	ipc->events->closed(ipc->data, error, text); /* may have destroyed ipc */
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	close_connection(data, -ETIMEDOUT, "sway did not answer in time");
	return 0;
}

static void arm_timer(struct sway_ipc *ipc)
{
	uint64_t due_ns = UINT64_MAX;
	for (const struct request *request = ipc->first; request; request = request->next)
		due_ns = request->due_ns < due_ns ? request->due_ns : due_ns;
	if (ipc->first)
		sd_event_source_set_time(ipc->timer, due_ns / 1000);
	sd_event_source_set_enabled(ipc->timer, ipc->first ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static void deliver_reply(struct sway_ipc *ipc, const struct sway_message *message)
{
	struct request *request = take_request(ipc);
	if (!request || request->type != message->type) {
		if (request) {
			request->reply(
				request->data, -EPROTO, "sway answered another question", NULL);
			free(request);
		}
		close_connection(ipc, -EPROTO, "sway sent an answer nobody had asked for");
		return;
	}
	json_error_t fault;
	json_t *reply = json_loadb(message->payload, message->size, 0, &fault);
	char text[sizeof fault.text + 32] = "";
	if (!reply)
		snprintf(text, sizeof text, "sway's answer is no JSON: %s", fault.text);
	arm_timer(ipc);
	request->reply(request->data, reply ? 0 : -EPROTO, text, reply);
	json_decref(reply);
	free(request);
}

static void deliver_event(struct sway_ipc *ipc, const struct sway_message *message)
{
	json_t *payload = json_loadb(message->payload, message->size, 0, NULL);
	if (payload)
		ipc->events->event(ipc->data, message->type, payload);
	json_decref(payload);
}

/* Returns false when the connection is closed (and perhaps destroyed). */
static bool handle_input(struct sway_ipc *ipc)
{
	size_t used = 0;
	ssize_t size;
	struct sway_message message;
	while ((size = sway_message_decode(
			ipc->input.data + used, ipc->input.size - used, &message)) > 0) {
		used += (size_t)size;
		if (message.type & SWAY_EVENT_BIT) {
			deliver_event(ipc, &message);
			continue;
		}
		const bool expected = ipc->first && ipc->first->type == message.type;
		deliver_reply(ipc, &message);
		if (!expected)
			return false;
	}
	if (size < 0) {
		close_connection(ipc, (int)size, "sway sent what is no IPC message");
		return false;
	}
	consume(&ipc->input, used);
	return true;
}

static bool read_input(struct sway_ipc *ipc)
{
	for (;;) {
		if (!reserve(&ipc->input, READ_CHUNK, INPUT_MAX + READ_CHUNK)) {
			close_connection(ipc, -ENOMEM, "no memory for sway's answer");
			return false;
		}
		const size_t room = ipc->input.capacity - ipc->input.size;
		const ssize_t size = recv(ipc->fd, ipc->input.data + ipc->input.size, room, 0);
		if (size > 0) {
			ipc->input.size += (size_t)size;
			if (!handle_input(ipc))
				return false;
			if ((size_t)size < room)
				return true;
		} else if (size == 0) {
			close_connection(ipc, -ECONNRESET, "sway closed the IPC connection");
			return false;
		} else if (errno == EAGAIN) {
			return true;
		} else if (errno != EINTR) {
			close_connection(ipc, -errno, "the IPC connection to sway broke");
			return false;
		}
	}
}

/* 0, or a negative errno; the connection is left to the caller to close. */
static int write_output(struct sway_ipc *ipc)
{
	while (ipc->output.size > 0) {
		const ssize_t size =
			send(ipc->fd, ipc->output.data, ipc->output.size, MSG_NOSIGNAL);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && errno != EAGAIN)
			return -errno;
		if (size < 0)
			break;
		consume(&ipc->output, (size_t)size);
	}
	return sd_event_source_set_io_events(
		ipc->io, ipc->output.size > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static bool handle_ready(struct sway_ipc *ipc)
{
	const int error = write_output(ipc);
	if (error < 0) {
		close_connection(ipc, error, "the IPC connection to sway broke");
		return false;
	}
	return read_input(ipc);
}

static int on_ready(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	handle_ready(data);
	return 0;
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
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

struct sway_ipc *sway_ipc_connect(
	sd_event *event, const char *path, const struct sway_ipc_events *events, void *data)
{
	struct ucred peer;
	socklen_t size = sizeof peer;
	struct sway_ipc *ipc = calloc(1, sizeof *ipc);
	if (!ipc)
		return NULL;
	ipc->events = events;
	ipc->data = data;
	ipc->last = &ipc->first;
	ipc->fd = open_socket(path);
	int error = ipc->fd < 0 ? ipc->fd : 0;
	if (error == 0 && getsockopt(ipc->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
		ipc->peer = peer.pid;
	if (error == 0)
		error = sd_event_add_io(event, &ipc->io, ipc->fd, EPOLLIN, on_ready, ipc);
	if (error >= 0)
		error = sd_event_add_time(
			event, &ipc->timer, CLOCK_MONOTONIC, UINT64_MAX, 1000, on_timer, ipc);
	if (error >= 0)
		error = sd_event_source_set_enabled(ipc->timer, SD_EVENT_OFF);
	if (error < 0) {
		sway_ipc_destroy(ipc);
		errno = -error;
		return NULL;
	}
	return ipc;
}

void sway_ipc_destroy(struct sway_ipc *ipc)
{
	if (!ipc)
		return;
	sd_event_source_disable_unref(ipc->io);
	sd_event_source_disable_unref(ipc->timer);
	if (ipc->fd >= 0)
		close(ipc->fd);
	for (struct request *request; (request = take_request(ipc));)
		free(request);
	free(ipc->input.data);
	free(ipc->output.data);
	free(ipc);
}

int sway_ipc_request(struct sway_ipc *ipc, enum sway_message_type type, const char *payload,
	uint64_t deadline_ns, sway_ipc_reply reply, void *data)
{
	const size_t size = payload ? strlen(payload) : 0;
	if (ipc->fd < 0)
		return -ENOTCONN;
	if (!reserve(&ipc->output, SWAY_MESSAGE_HEADER_SIZE + size, OUTPUT_MAX))
		return -ENOBUFS;
	struct request *request = calloc(1, sizeof *request);
	if (!request)
		return -ENOMEM;
	*request = (struct request){ .type = type,
		.due_ns = clock_ns(CLOCK_MONOTONIC) + deadline_ns,
		.reply = reply,
		.data = data };
	uint8_t *end = ipc->output.data + ipc->output.size;
	sway_message_encode_header(end, type, (uint32_t)size);
	if (size > 0)
		memcpy(end + SWAY_MESSAGE_HEADER_SIZE, payload, size);
	ipc->output.size += SWAY_MESSAGE_HEADER_SIZE + size;
	*ipc->last = request;
	ipc->last = &request->next;
	arm_timer(ipc);
	/* A broken connection is found again, and told, by the loop. */
	if (write_output(ipc) < 0)
		sd_event_source_set_io_events(ipc->io, EPOLLIN | EPOLLOUT);
	return 0;
}

pid_t sway_ipc_peer(const struct sway_ipc *ipc)
{
	return ipc->peer;
}

bool sway_ipc_pump(struct sway_ipc *ipc, int timeout_ms)
{
	if (ipc->fd < 0)
		return false;
	struct pollfd wait = { .fd = ipc->fd, .events = POLLIN };
	if (ipc->output.size > 0)
		wait.events |= POLLOUT;
	return poll(&wait, 1, timeout_ms) > 0 && handle_ready(ipc);
}
