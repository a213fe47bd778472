#include "web/server.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/address.h"
#include "web/certificate.h"
#include "web/connection.h"
#include "web/pages.h"

#define LISTENERS_MAX 8
#define CONNECTIONS_MAX 256
#define CONNECTIONS_PER_PEER_MAX 64
#define BACKLOG 128
/* One listener turn takes this many, then others have theirs. */
#define ACCEPTS_PER_TURN 8
#define PAUSE_US 200000

struct web_server {
	struct web_server_params params;
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priorities;
	struct web_pages *pages;
	sd_event_source *listeners[LISTENERS_MAX];
	size_t listener_count;
	sd_event_source *resume; /* after file descriptors ran out */
	struct connection *connections;
	uint32_t count;
};

struct web_server *web_server_create(const struct web_server_params *params)
{
	struct web_server *server = calloc(1, sizeof *server);
	if (!server)
		return NULL;
	server->params = *params;
	server->pages = web_pages_load(params->page_folder);
	if (server->pages)
		server->credentials = web_certificate_load(params->state_folder);
	if (server->credentials &&
		gnutls_priority_init(&server->priorities,
			"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", NULL) >= 0)
		return server;
	const int error = errno;
	web_server_destroy(server);
	errno = error;
	return NULL;
}

static void list_add(struct web_server *server, struct connection *connection)
{
	struct connection_link *link = connection_link(connection);
	link->next = server->connections;
	link->previous = &server->connections;
	if (server->connections)
		connection_link(server->connections)->previous = &link->next;
	server->connections = connection;
	server->count++;
}

static void on_gone(void *data, struct connection *connection)
{
	struct web_server *server = data;
	struct connection_link *link = connection_link(connection);
	*link->previous = link->next;
	if (link->next)
		connection_link(link->next)->previous = link->previous;
	server->count--;
}

static bool has_room(const struct web_server *server, const char *peer)
{
	uint32_t same = 0;
	for (struct connection *one = server->connections; one; one = connection_link(one)->next)
		same += strcmp(connection_peer(one), peer) == 0;
	if (server->count < CONNECTIONS_MAX && same < CONNECTIONS_PER_PEER_MAX)
		return true;
	fprintf(stderr, "lodged: web: %s turned away: %u connections are open, %u of them its own\n", peer,
		server->count, same);
	return false;
}

static int on_resume(sd_event_source *source, uint64_t usec, void *data)
{
	struct web_server *server = data;
	server->resume = sd_event_source_disable_unref(server->resume);
	for (size_t i = 0; i < server->listener_count; i++)
		sd_event_source_set_enabled(server->listeners[i], SD_EVENT_ON);
	return 0;
}

static void pause_accepting(struct web_server *server)
{
	if (server->resume)
		return;
	fprintf(stderr, "lodged: web: no new connection can be taken: %s; trying again\n", strerror(errno));
	for (size_t i = 0; i < server->listener_count; i++)
		sd_event_source_set_enabled(server->listeners[i], SD_EVENT_OFF);
	sd_event_add_time_relative(
		server->params.event, &server->resume, CLOCK_MONOTONIC, PAUSE_US, 0, on_resume, server);
}

static void take(struct web_server *server, int socket, const char *peer)
{
	if (!has_room(server, peer)) {
		close(socket);
		return;
	}
	struct connection *connection = connection_create(&(struct connection_params){
		.event = server->params.event,
		.socket = socket,
		.peer = peer,
		.credentials = server->credentials,
		.priorities = server->priorities,
		.pages = server->pages,
		.sessions = server->params.sessions,
		.gone = on_gone,
		.data = server,
	});
	if (connection)
		list_add(server, connection);
}

static int on_listener(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct web_server *server = data;
	for (int turn = 0; turn < ACCEPTS_PER_TURN; turn++) {
		struct sockaddr_storage address;
		socklen_t size = sizeof address;
		char peer[64];
		const int socket =
			accept4(fd, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (socket >= 0) {
			web_address_format(&address, peer, sizeof peer);
			take(server, socket, peer);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			pause_accepting(server);
		if (errno != ECONNABORTED && errno != EINTR)
			break;
	}
	return 0;
}

static int bind_socket(const struct sockaddr_storage *address, socklen_t size)
{
	const int on = 1;
	const int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (address->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)address, size) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	const int error = errno;
	close(fd);
	return -error;
}

int web_server_listen(struct web_server *server, const char *text)
{
	struct sockaddr_storage address;
	socklen_t size;
	if (!web_address_parse(text, &address, &size))
		return -EINVAL;
	if (server->listener_count == LISTENERS_MAX)
		return -ENOSPC;
	const int fd = bind_socket(&address, size);
	if (fd < 0)
		return fd;
	size = sizeof address;
	getsockname(fd, (struct sockaddr *)&address, &size);
	sd_event_source **source = &server->listeners[server->listener_count];
	const int error = sd_event_add_io(server->params.event, source, fd, EPOLLIN, on_listener, server);
	if (error < 0) {
		close(fd);
		return error;
	}
	sd_event_source_set_io_fd_own(*source, true);
	server->listener_count++;
	return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
						   : ((struct sockaddr_in *)&address)->sin_port);
}

void web_server_stop(struct web_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		sd_event_source_disable_unref(server->listeners[i]);
	server->listener_count = 0;
	server->resume = sd_event_source_disable_unref(server->resume);
}

void web_server_destroy(struct web_server *server)
{
	if (!server)
		return;
	web_server_stop(server);
	while (server->connections) {
		struct connection *connection = server->connections;
		on_gone(server, connection);
		connection_destroy(connection);
	}
	web_pages_free(server->pages);
	if (server->priorities)
		gnutls_priority_deinit(server->priorities);
	if (server->credentials)
		gnutls_certificate_free_credentials(server->credentials);
	free(server);
}
