#include "web/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "session/transport.h"
#include "web/dialogue.h"

#define HEAD_SECONDS 10    /* TLS and a whole request head */
#define IDLE_SECONDS 30    /* between requests */
#define PING_SECONDS 20    /* of silence on a WebSocket: ask */
#define SILENCE_SECONDS 40 /* of silence after all: gone */
#define LINGER_SECONDS 3   /* to take the last words */
#define UNSENT_IN_KERNEL 131072
#define TLS_HANDSHAKE_BYTE 0x16
#define READ_SIZE 16384
#define READS_PER_TURN 16

enum connection_phase { PHASE_PEEK, PHASE_HANDSHAKE, PHASE_OPEN, PHASE_LAST_WORDS };

struct connection {
	struct connection_link link;
	struct connection_params params;
	char peer[64];
	enum connection_phase phase;
	gnutls_session_t tls;
	struct dialogue *dialogue;
	sd_event_source *io, *timer, *closer;
	bool wants_write, failed, drain_owed;
	size_t retry_size; /* GnuTLS holds a record of this size that the kernel did not take */
};

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct connection_link *connection_link(struct connection *connection)
{
	return &connection->link;
}

const char *connection_peer(const struct connection *connection)
{
	return connection->peer;
}

void connection_destroy(struct connection *connection)
{
	if (!connection)
		return;
	dialogue_destroy(connection->dialogue);
	sd_event_source_disable_unref(connection->io);
	sd_event_source_disable_unref(connection->timer);
	sd_event_source_disable_unref(connection->closer);
	if (connection->tls)
		gnutls_deinit(connection->tls);
	close(connection->params.socket);
	free(connection);
}

static void end(struct connection *connection)
{
	void (*gone)(void *, struct connection *) = connection->params.gone;
	void *data = connection->params.data;
	gone(data, connection);
	connection_destroy(connection);
}

static int on_closer(sd_event_source *source, void *data)
{
	end(data);
	return 0;
}

/* The connection is freed from the event loop, never under a caller's feet. */
static void end_soon(struct connection *connection)
{
	connection->failed = true;
	if (!connection->closer &&
		sd_event_add_defer(connection->params.event, &connection->closer, on_closer, connection) >= 0)
		sd_event_source_set_priority(connection->closer, SD_EVENT_PRIORITY_IMPORTANT);
}

static void set_timer(struct connection *connection, uint64_t seconds)
{
	sd_event_source_set_time_relative(connection->timer, seconds * 1000000);
	sd_event_source_set_enabled(connection->timer, SD_EVENT_ONESHOT);
}

static void watch(struct connection *connection, bool wants_write)
{
	if (connection->wants_write == wants_write)
		return;
	connection->wants_write = wants_write;
	sd_event_source_set_io_events(connection->io, wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static ptrdiff_t write_tls(void *data, const uint8_t *bytes, size_t size)
{
	struct connection *connection = data;
	/* After EAGAIN GnuTLS holds the record itself: it is to be called without bytes until that is out. */
	const ssize_t sent = connection->retry_size
		? gnutls_record_send(connection->tls, NULL, 0)
		: gnutls_record_send(connection->tls, bytes, size);
	if (sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED) {
		connection->retry_size = connection->retry_size ? connection->retry_size : size;
		return 0;
	}
	connection->retry_size = 0;
	return sent < 0 ? -1 : sent;
}

static void flush(struct connection *connection)
{
	if (connection->failed || connection->phase < PHASE_OPEN)
		return;
	struct output *output = dialogue_output(connection->dialogue);
	if (!output_flush(output, write_tls, connection)) {
		end_soon(connection);
		return;
	}
	const bool left = output_pending(output) > 0;
	watch(connection, left);
	if (connection->phase == PHASE_LAST_WORDS && !left) {
		gnutls_bye(connection->tls, GNUTLS_SHUT_WR);
		shutdown(connection->params.socket, SHUT_WR);
		end_soon(connection);
	}
}

static void say_last_words(struct connection *connection)
{
	if (connection->phase == PHASE_LAST_WORDS)
		return;
	connection->phase = PHASE_LAST_WORDS;
	set_timer(connection, LINGER_SECONDS);
	flush(connection);
}

static void transport_send(void *transport, const uint8_t *message, size_t size)
{
	struct connection *connection = transport;
	if (connection->failed)
		return;
	if (!output_put_message(dialogue_output(connection->dialogue), 2, message, size)) {
		fprintf(stderr, "lodged: web: %s takes nothing and 8 MiB wait for it; closed\n", connection->peer);
		end_soon(connection);
		return;
	}
	flush(connection);
}

static void transport_send_packet(void *transport, struct media_packet *packet)
{
	struct connection *connection = transport;
	if (connection->failed)
		return;
	if (!output_put_packet(dialogue_output(connection->dialogue), packet)) {
		fprintf(stderr, "lodged: web: %s takes nothing and 8 MiB wait for it; closed\n", connection->peer);
		end_soon(connection);
		return;
	}
	flush(connection);
}

static size_t transport_queued(void *transport)
{
	const struct connection *connection = transport;
	return connection->failed ? 0 : output_pending(dialogue_output(connection->dialogue));
}

static void transport_close(void *transport)
{
	struct connection *connection = transport;
	dialogue_close(connection->dialogue, 1000);
	say_last_words(connection);
}

static const struct session_transport_impl transport_impl = {
	.name = "web",
	.send = transport_send,
	.send_packet = transport_send_packet,
	.queued_bytes = transport_queued,
	.close = transport_close,
};

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct connection *connection = data;
	if (connection->phase != PHASE_OPEN || !dialogue_is_websocket(connection->dialogue)) {
		end_soon(connection);
		return 0;
	}
	const uint64_t silence_s = (now_ns() - dialogue_heard_ns(connection->dialogue)) / 1000000000u;
	if (silence_s >= SILENCE_SECONDS) {
		fprintf(stderr, "lodged: web: %s has not been heard for 40 s; closed\n", connection->peer);
		end_soon(connection);
		return 0;
	}
	if (silence_s + 1 >= PING_SECONDS) {
		dialogue_ping(connection->dialogue);
		flush(connection);
	}
	set_timer(connection, PING_SECONDS / 2);
	return 0;
}

/* True: some bytes were handled and there may be more. */
static bool read_once(struct connection *connection)
{
	uint8_t bytes[READ_SIZE];
	const ssize_t size = gnutls_record_recv(connection->tls, bytes, sizeof bytes);
	if (size == GNUTLS_E_AGAIN || size == GNUTLS_E_INTERRUPTED)
		return false;
	if (size <= 0) {
		/* The peer may have sent a warning alert; anything else, and the end, is the end. */
		if (size == 0 || gnutls_error_is_fatal((int)size))
			end_soon(connection);
		return size != 0 && !gnutls_error_is_fatal((int)size);
	}
	if (connection->phase == PHASE_LAST_WORDS)
		return true; /* nothing is heard any more */
	const bool was_websocket = dialogue_is_websocket(connection->dialogue);
	const bool open = dialogue_feed(connection->dialogue, bytes, (size_t)size, now_ns());
	if (connection->failed)
		return false;
	flush(connection);
	if (!open) {
		say_last_words(connection);
		return false;
	}
	if (!was_websocket)
		set_timer(connection,
			dialogue_is_websocket(connection->dialogue) ? PING_SECONDS / 2 : IDLE_SECONDS);
	return true;
}

static void say_plain_hint(struct connection *connection)
{
	static const char hint[] =
		"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Length: 46\r\nConnection: close\r\n\r\n"
		"This port speaks HTTPS: use https:// instead.\n";
	send(connection->params.socket, hint, sizeof hint - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(connection->params.socket, SHUT_WR);
	end_soon(connection);
}

static bool peek(struct connection *connection)
{
	uint8_t first;
	const ssize_t size = recv(connection->params.socket, &first, 1, MSG_PEEK | MSG_DONTWAIT);
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (size <= 0)
		end_soon(connection);
	else if (first != TLS_HANDSHAKE_BYTE)
		say_plain_hint(connection);
	else
		connection->phase = PHASE_HANDSHAKE;
	return connection->phase == PHASE_HANDSHAKE;
}

static bool shake_hands(struct connection *connection)
{
	const int result = gnutls_handshake(connection->tls);
	if (result == GNUTLS_E_SUCCESS) {
		connection->phase = PHASE_OPEN;
		watch(connection, false);
		return true;
	}
	if (gnutls_error_is_fatal(result))
		end_soon(connection);
	else
		watch(connection, gnutls_record_get_direction(connection->tls));
	return false;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct connection *connection = data;
	if (connection->failed)
		return 0;
	if (connection->phase == PHASE_PEEK && !peek(connection))
		return 0;
	if (connection->phase == PHASE_HANDSHAKE && !shake_hands(connection))
		return 0;
	if (events & EPOLLOUT) {
		flush(connection);
		if (!connection->failed && !connection->wants_write && connection->phase == PHASE_OPEN)
			dialogue_drained(connection->dialogue);
	}
	/* A peer that never stops sending must not keep the loop; what GnuTLS holds already is read first. */
	for (int turn = 0; turn < READS_PER_TURN || gnutls_record_check_pending(connection->tls) > 0; turn++) {
		if (connection->failed || !read_once(connection))
			break;
	}
	return 0;
}

static void set_socket_options(int socket)
{
	const int on = 1, unsent = UNSENT_IN_KERNEL;
	setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
	/* Where the kernel has no BBR the default stays. */
	setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, "bbr", 3);
}

static bool start_tls(struct connection *connection)
{
	static const gnutls_datum_t alpn = { (unsigned char *)"http/1.1", 8 };
	if (gnutls_init(&connection->tls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
		return false;
	gnutls_priority_set(connection->tls, connection->params.priorities);
	gnutls_credentials_set(
		connection->tls, GNUTLS_CRD_CERTIFICATE, connection->params.credentials);
	gnutls_alpn_set_protocols(connection->tls, &alpn, 1, 0);
	gnutls_handshake_set_timeout(connection->tls, 0); /* the connection's own timer rules */
	gnutls_transport_set_int(connection->tls, connection->params.socket);
	return true;
}

struct connection *connection_create(const struct connection_params *params)
{
	struct connection *connection = calloc(1, sizeof *connection);
	if (!connection) {
		close(params->socket);
		return NULL;
	}
	connection->params = *params;
	snprintf(connection->peer, sizeof connection->peer, "%s", params->peer);
	connection->dialogue = dialogue_create(&(struct dialogue_params){
		.pages = params->pages,
		.sessions = params->sessions,
		.impl = &transport_impl,
		.transport = connection,
		.peer = connection->peer,
	});
	set_socket_options(params->socket);
	if (!connection->dialogue || !start_tls(connection) ||
		sd_event_add_io(params->event, &connection->io, params->socket, EPOLLIN, on_io, connection) < 0 ||
		sd_event_add_time_relative(params->event, &connection->timer, CLOCK_MONOTONIC,
			HEAD_SECONDS * 1000000, 100000, on_timer, connection) < 0) {
		connection_destroy(connection);
		return NULL;
	}
	return connection;
}
