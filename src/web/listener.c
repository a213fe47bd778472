#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/address.h"
#include "web/secure_socket.h"
#include "web/server_internal.h"

#define BACKLOG 128
#define ACCEPTS_A_TURN 16
#define RESUME_US 1000000
#define QUIET_US 30000000
#define UNSENT_LOW_WATER (128 * 1024)

struct web_listener {
	struct web_listener *next;
	struct web_server *server;
	int fd;
	sd_event_source *source;
};

static void set_option(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof value); /* each of them is a wish */
}

static int open_socket(const struct sockaddr_storage *address, socklen_t size)
{
	const int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (address->ss_family == AF_INET6) /* so that 0.0.0.0 and [::] can share a port */
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (bind(fd, (const struct sockaddr *)address, size) < 0 || listen(fd, BACKLOG) < 0) {
		const int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

/* For an established connection. */
static void tune(int fd)
{
	static const char control[] =
		"bbr"; /* keeps its pace where cubic falls to every lost packet */
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	/* A packet that waits should wait with us, where a newer one can still take its place. */
	set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_LOW_WATER);
	setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, control, sizeof control - 1);
}

/* Whoever floods us with connections must not flood the log too. */
static bool may_log(struct web_server *server)
{
	uint64_t now_us = 0;
	sd_event_now(server->event, CLOCK_MONOTONIC, &now_us);
	if (now_us < server->quiet_until_us)
		return false;
	server->quiet_until_us = now_us + QUIET_US;
	return true;
}

static bool has_room(struct web_server *server, const char *peer)
{
	if (server->socket_count >= WEB_CONNECTIONS_MAX) {
		if (may_log(server))
			fprintf(stderr,
				"lodged: web: %d connections are open, the most there may be; "
				"%s and others are turned away\n",
				WEB_CONNECTIONS_MAX, peer);
		return false;
	}
	unsigned unproven = 0;
	for (struct secure_socket *one = server->sockets; one; one = secure_socket_next(one))
		unproven += !secure_socket_is_upgraded(one) &&
			strcmp(secure_socket_peer(one), peer) == 0;
	if (unproven < WEB_UNPROVEN_PER_PEER_MAX)
		return true;
	if (may_log(server))
		fprintf(stderr,
			"lodged: web: %s has %u connections without a session; "
			"more of them are turned away\n",
			peer, unproven);
	return false;
}

static void set_accepting(struct web_server *server, bool accepting)
{
	for (struct web_listener *one = server->listeners; one; one = one->next)
		sd_event_source_set_enabled(one->source, accepting ? SD_EVENT_ON : SD_EVENT_OFF);
}

void web_listeners_resume(struct web_server *server)
{
	if (!server->paused)
		return;
	server->paused = false;
	sd_event_source_set_enabled(server->resume_timer, SD_EVENT_OFF);
	set_accepting(server, true);
}

static int on_resume(sd_event_source *source, uint64_t usec, void *data)
{
	web_listeners_resume(data);
	return 0;
}

int web_listeners_prepare(struct web_server *server)
{
	const int result = sd_event_add_time(server->event, &server->resume_timer, CLOCK_MONOTONIC,
		UINT64_MAX, 0, on_resume, server);
	return result < 0 ? result
			  : sd_event_source_set_enabled(server->resume_timer, SD_EVENT_OFF);
}

/* No descriptor or memory for another one: a loop over accept would only burn the processor. */
static void pause_accepting(struct web_server *server, int error)
{
	if (may_log(server))
		fprintf(stderr, "lodged: web: a connection cannot be accepted: %s; new ones wait\n",
			strerror(error));
	server->paused = true;
	set_accepting(server, false);
	sd_event_source_set_time_relative(server->resume_timer, RESUME_US);
	sd_event_source_set_enabled(server->resume_timer, SD_EVENT_ONESHOT);
}

/* False when there is nothing more to accept now. */
static bool accept_one(struct web_listener *listener)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	char peer[WEB_PEER_MAX];
	const int fd = accept4(
		listener->fd, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			pause_accepting(listener->server, errno);
		/* Others (ECONNABORTED, network errors of the newcomer) are that connection's alone. */
		return errno == EINTR || errno == ECONNABORTED;
	}
	web_address_format(&address, peer, sizeof peer);
	tune(fd);
	if (has_room(listener->server, peer))
		secure_socket_create(listener->server, fd, peer);
	else
		close(fd);
	return true;
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct web_listener *listener = data;
	for (int i = 0; i < ACCEPTS_A_TURN && accept_one(listener); i++)
		;
	return 0;
}

static int port_of(int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return -errno;
	return ntohs(address.ss_family == AF_INET6
			? ((const struct sockaddr_in6 *)&address)->sin6_port
			: ((const struct sockaddr_in *)&address)->sin_port);
}

static int add_listener(struct web_server *server, int fd)
{
	struct web_listener *listener = calloc(1, sizeof *listener);
	if (!listener)
		return -ENOMEM;
	listener->server = server;
	listener->fd = fd;
	const int result = sd_event_add_io(
		server->event, &listener->source, fd, EPOLLIN, on_connection, listener);
	if (result < 0) {
		free(listener);
		return result;
	}
	listener->next = server->listeners;
	server->listeners = listener;
	return 0;
}

int web_listener_open(struct web_server *server, const char *text)
{
	struct sockaddr_storage address;
	socklen_t size;
	if (!web_address_parse(text, &address, &size)) {
		fprintf(stderr,
			"lodged: web: '%s' is no address to listen at: "
			"127.0.0.1:7443 or [::1]:7443 expected\n",
			text);
		return -EINVAL;
	}
	const int fd = open_socket(&address, size);
	const int result = fd < 0 ? fd : add_listener(server, fd);
	if (result < 0) {
		fprintf(stderr, "lodged: web: cannot listen at %s: %s\n", text, strerror(-result));
		if (fd >= 0)
			close(fd);
		return result;
	}
	return port_of(fd);
}

void web_listeners_close(struct web_server *server)
{
	while (server->listeners) {
		struct web_listener *listener = server->listeners;
		server->listeners = listener->next;
		sd_event_source_disable_unref(listener->source);
		close(listener->fd);
		free(listener);
	}
}
