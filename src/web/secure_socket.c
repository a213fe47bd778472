#include "web/secure_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ENCRYPTED_MAX (80 * 1024)
/* A record and what TLS 1.2 may put around it; alerts and key updates must still fit behind it. */
#define RECORD_ROOM (WEB_RECORD_MAX + 2048)
#define RECEIVED_MAX (32 * 1024)
#define RECORDS_A_TURN 32 /* then others have their turn */
#define TIMER_ACCURACY_US 100000
#define TLS_HANDSHAKE_BYTE 0x16

static const char plain_hint[] =
	"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
	"Content-Length: 61\r\nConnection: close\r\n\r\n"
	"This port speaks HTTPS: put https:// in front of the address\n";

enum stage {
	STAGE_NEW, /* not a byte seen yet */
	STAGE_HANDSHAKE, /* TLS */
	STAGE_OPEN,
	STAGE_GOODBYE, /* all is said and our side is shut; waits for the client's end */
	STAGE_DEAD, /* to be destroyed at the next turn of the loop */
};

struct secure_socket {
	struct web_server *server;
	struct secure_socket *next, **previous;
	char peer[WEB_PEER_MAX];
	int fd;
	gnutls_session_t tls;
	struct web_connection *connection;
	enum stage stage;
	sd_event_source *io, *timer;
	sd_event_source *again; /* one-shot: go on at the next turn of the loop */
	uint64_t timer_ns;
	bool blocked; /* the kernel takes nothing now */
	bool was_blocked; /* the session wants to know when all is sent */
	bool input_ended; /* TCP: the client's FIN */
	bool end_told; /* the connection knows that nothing more comes */

	size_t received_start, received_end;
	size_t plain_start, plain_end;
	size_t encrypted_start, encrypted_end;
	uint8_t received[RECEIVED_MAX];
	uint8_t plain[WEB_RECORD_MAX]; /* decrypted, not yet taken by the connection */
	uint8_t encrypted[ENCRYPTED_MAX];
};

static uint64_t now_ns(const struct secure_socket *socket)
{
	uint64_t usec = 0;
	sd_event_now(socket->server->event, CLOCK_MONOTONIC, &usec);
	return usec * 1000;
}

/* TLS, whose bytes go through our buffers */

static ssize_t tls_push(gnutls_transport_ptr_t data, const giovec_t *parts, int count)
{
	struct secure_socket *socket = data;
	size_t total = 0;
	for (int i = 0; i < count; i++) {
		const size_t room = ENCRYPTED_MAX - socket->encrypted_end;
		const size_t size = parts[i].iov_len < room ? parts[i].iov_len : room;
		memcpy(socket->encrypted + socket->encrypted_end, parts[i].iov_base, size);
		socket->encrypted_end += size;
		total += size;
	}
	if (total > 0)
		return (ssize_t)total;
	gnutls_transport_set_errno(socket->tls, EAGAIN);
	return -1;
}

static ssize_t tls_pull(gnutls_transport_ptr_t data, void *bytes, size_t size)
{
	struct secure_socket *socket = data;
	const size_t there = socket->received_end - socket->received_start;
	if (there == 0) {
		gnutls_transport_set_errno(socket->tls, EAGAIN);
		return socket->input_ended ? 0 : -1;
	}
	size = size < there ? size : there;
	memcpy(bytes, socket->received + socket->received_start, size);
	socket->received_start += size;
	return (ssize_t)size;
}

/* GnuTLS asks for it where it could wait; we never wait. */
static int tls_pull_timeout(gnutls_transport_ptr_t data, unsigned milliseconds)
{
	const struct secure_socket *socket = data;
	return socket->received_end > socket->received_start || socket->input_ended;
}

static bool tls_set_up(struct secure_socket *socket)
{
	static const gnutls_datum_t protocol = { (unsigned char *)"http/1.1", 8 };
	const struct web_server *server = socket->server;
	if (gnutls_init(&socket->tls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
		return false;
	gnutls_transport_set_ptr(socket->tls, socket);
	gnutls_transport_set_vec_push_function(socket->tls, tls_push);
	gnutls_transport_set_pull_function(socket->tls, tls_pull);
	gnutls_transport_set_pull_timeout_function(socket->tls, tls_pull_timeout);
	return gnutls_priority_set(socket->tls, server->priorities) >= 0 &&
		gnutls_credentials_set(socket->tls, GNUTLS_CRD_CERTIFICATE, server->credentials) >=
		0 &&
		gnutls_alpn_set_protocols(socket->tls, &protocol, 1, GNUTLS_ALPN_MANDATORY) >= 0;
}

/* Writing */

static void encrypt(struct secure_socket *socket)
{
	struct send_queue *queue = &socket->connection->queue;
	while (socket->stage == STAGE_OPEN &&
		ENCRYPTED_MAX - socket->encrypted_end >= RECORD_ROOM) {
		size_t size;
		const uint8_t *bytes =
			send_queue_peek(queue, socket->server->record, WEB_RECORD_MAX, &size);
		if (!bytes)
			return;
		const ssize_t taken = gnutls_record_send(socket->tls, bytes, size);
		if (taken < 0) {
			socket->stage = STAGE_DEAD;
			return;
		}
		send_queue_advance(queue, (size_t)taken);
	}
}

/* Sends until there is nothing left or the kernel takes no more. */
static void flush(struct secure_socket *socket)
{
	bool progress = false;
	while (!socket->blocked && socket->stage != STAGE_DEAD) {
		encrypt(socket);
		const size_t size = socket->encrypted_end - socket->encrypted_start;
		if (size == 0)
			break;
		const ssize_t sent = send(socket->fd, socket->encrypted + socket->encrypted_start,
			size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN) {
			socket->blocked = socket->was_blocked = true;
			break;
		}
		if (sent < 0) {
			socket->stage = STAGE_DEAD;
			break;
		}
		progress = true;
		socket->encrypted_start += (size_t)sent;
		if (socket->encrypted_start == socket->encrypted_end)
			socket->encrypted_start = socket->encrypted_end = 0;
	}
	socket->connection->unsent = socket->encrypted_end - socket->encrypted_start;
	if (progress)
		web_connection_sent(socket->connection, now_ns(socket));
}

/* Our half of the goodbye, when all is sent. */
static void finish(struct secure_socket *socket)
{
	if (socket->connection->phase == WEB_ABORTED)
		socket->stage = STAGE_DEAD;
	if (socket->connection->phase != WEB_FINISHING || socket->stage == STAGE_GOODBYE ||
		web_connection_has_output(socket->connection))
		return;
	if (socket->stage == STAGE_OPEN)
		gnutls_bye(socket->tls, GNUTLS_SHUT_WR);
	if (socket->stage != STAGE_DEAD)
		socket->stage = STAGE_GOODBYE;
	flush(socket);
	/* A close with bytes unread would reset the connection and take our last words with it. */
	if (socket->input_ended || shutdown(socket->fd, SHUT_WR) < 0)
		socket->stage = STAGE_DEAD;
}

/* Reading */

/* Fills `received` once it is used up. False when there is nothing to be had now. */
static bool receive(struct secure_socket *socket)
{
	if (socket->received_start < socket->received_end || socket->input_ended)
		return true;
	const ssize_t size = recv(socket->fd, socket->received, RECEIVED_MAX, MSG_DONTWAIT);
	if (size < 0) {
		if (errno != EAGAIN && errno != EINTR)
			socket->stage = STAGE_DEAD;
		return false;
	}
	socket->received_start = 0;
	socket->received_end = (size_t)size;
	socket->input_ended = size == 0;
	return true;
}

static void read_plaintext_request(struct secure_socket *socket)
{
	/* Whatever it asks, the answer is the same: no need to read it. */
	memcpy(socket->encrypted, plain_hint, sizeof plain_hint - 1);
	socket->encrypted_end = sizeof plain_hint - 1;
	socket->connection->unsent = socket->encrypted_end;
	socket->connection->last_request = true;
	web_connection_stop(socket->connection, now_ns(socket));
}

/* The first byte tells TLS from a browser that was sent to http:// by mistake. */
static bool look_at_first_byte(struct secure_socket *socket)
{
	if (socket->received_start == socket->received_end) {
		socket->stage = STAGE_DEAD;
		return false;
	}
	if (socket->received[0] == TLS_HANDSHAKE_BYTE) {
		socket->stage = STAGE_HANDSHAKE;
		return true;
	}
	read_plaintext_request(socket);
	return false;
}

static void tls_failed(struct secure_socket *socket, int error)
{
	gnutls_alert_send_appropriate(socket->tls, error);
	flush(socket);
	socket->stage = STAGE_DEAD;
}

static bool shake_hands(struct secure_socket *socket)
{
	const int result = gnutls_handshake(socket->tls);
	if (result == GNUTLS_E_SUCCESS) {
		socket->stage = STAGE_OPEN;
		return true;
	}
	if (gnutls_error_is_fatal(result))
		tls_failed(socket, result);
	return socket->stage != STAGE_DEAD && socket->received_start < socket->received_end;
}

/* Decrypts one record. False when there is none now. */
static bool decrypt(struct secure_socket *socket)
{
	if (socket->end_told)
		return false;
	const ssize_t size = gnutls_record_recv(socket->tls, socket->plain, sizeof socket->plain);
	if (size > 0) {
		socket->plain_start = 0;
		socket->plain_end = (size_t)size;
		return true;
	}
	if (size == 0 || size == GNUTLS_E_PREMATURE_TERMINATION) {
		socket->end_told = true;
		web_connection_end(socket->connection, now_ns(socket));
	} else if (size == GNUTLS_E_REHANDSHAKE || gnutls_error_is_fatal((int)size)) {
		tls_failed(socket, (int)size);
	} else {
		return socket->received_start <
			socket->received_end; /* no application data in it */
	}
	return false;
}

static bool takes_more(const struct web_connection *connection)
{
	return !web_connection_has_output(connection) && !web_connection_awaits_answer(connection);
}

/* True when it is worth to be called again. */
static bool read_open(struct secure_socket *socket)
{
	if (socket->plain_start == socket->plain_end && !decrypt(socket))
		return false;
	const size_t taken =
		web_connection_feed(socket->connection, socket->plain + socket->plain_start,
			socket->plain_end - socket->plain_start, now_ns(socket));
	socket->plain_start += taken;
	flush(socket);
	/* The rest waits until the answer has come and gone. */
	return socket->plain_start == socket->plain_end || takes_more(socket->connection);
}

/* One step; false when there is nothing more to do now. */
static bool read_step(struct secure_socket *socket)
{
	switch (socket->stage) {
	case STAGE_NEW:
		if (socket->connection->phase == WEB_FINISHING) /* told in plain text */
			return false;
		return receive(socket) && look_at_first_byte(socket);
	case STAGE_HANDSHAKE:
		return receive(socket) && shake_hands(socket);
	case STAGE_OPEN:
		if (socket->plain_start == socket->plain_end && !receive(socket) &&
			gnutls_record_check_pending(socket->tls) == 0)
			return false;
		return socket->stage == STAGE_OPEN && read_open(socket);
	case STAGE_GOODBYE:
		socket->received_start = socket->received_end;
		if (!receive(socket))
			return false;
		if (socket->input_ended)
			socket->stage = STAGE_DEAD;
		return true;
	case STAGE_DEAD:
		break;
	}
	return false;
}

/* The loop */

static bool wants_input(const struct secure_socket *socket)
{
	if (socket->input_ended)
		return false;
	return socket->stage == STAGE_GOODBYE ||
		(!socket->end_told && socket->plain_start == socket->plain_end);
}

/* What was found inside a call of the session or the API has to be done outside of it. */
static bool needs_another_turn(const struct secure_socket *socket)
{
	const struct web_connection *connection = socket->connection;
	if (socket->stage == STAGE_DEAD || connection->phase == WEB_ABORTED)
		return true;
	if (connection->session && connection->phase != WEB_SOCKET)
		return true;
	if (connection->call && connection->phase == WEB_FINISHING)
		return true;
	/* An answer that came late has gone: whatever was sent behind its request is next. */
	if (socket->stage == STAGE_OPEN && connection->phase == WEB_REQUESTS &&
		socket->plain_start < socket->plain_end && takes_more(connection))
		return true;
	return connection->phase == WEB_FINISHING && socket->stage != STAGE_GOODBYE &&
		!web_connection_has_output(connection);
}

static void wait_for_more(struct secure_socket *socket)
{
	const uint32_t events = (wants_input(socket) ? (uint32_t)EPOLLIN : 0) |
		(socket->blocked ? (uint32_t)EPOLLOUT : 0);
	sd_event_source_set_io_events(socket->io, events); /* costs nothing when nothing changes */
	if (needs_another_turn(socket))
		sd_event_source_set_enabled(socket->again, SD_EVENT_ONESHOT);
	/* The timer is moved only when it would be late: one that is early looks again. */
	const uint64_t deadline_ns = web_connection_deadline_ns(socket->connection);
	if (deadline_ns < socket->timer_ns) {
		socket->timer_ns = deadline_ns;
		sd_event_source_set_time(socket->timer, deadline_ns / 1000);
		sd_event_source_set_enabled(socket->timer, SD_EVENT_ONESHOT);
	}
}

/* Everything that can be done now. Only the event loop calls it: the connection may be gone afterwards. */
static void drive(struct secure_socket *socket)
{
	int steps = 0;
	flush(socket);
	while (read_step(socket)) {
		if (++steps < RECORDS_A_TURN)
			continue;
		sd_event_source_set_enabled(socket->again, SD_EVENT_ONESHOT);
		break;
	}
	flush(socket);
	finish(socket);
	if (socket->was_blocked && !web_connection_has_output(socket->connection)) {
		socket->was_blocked = false;
		web_connection_drained(socket->connection);
	}
	web_connection_settle(socket->connection);
	if (socket->stage == STAGE_DEAD)
		secure_socket_destroy(socket);
	else
		wait_for_more(socket);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct secure_socket *socket = data;
	if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
		socket->blocked = false;
	/* Nobody is left for an answer that is still awaited: epoll would go on saying so. */
	if ((events & (EPOLLERR | EPOLLHUP)) && web_connection_awaits_answer(socket->connection))
		socket->stage = STAGE_DEAD;
	drive(socket);
	return 0;
}

static int on_again(sd_event_source *source, void *data)
{
	drive(data);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct secure_socket *socket = data;
	socket->timer_ns = UINT64_MAX;
	web_connection_tick(socket->connection, now_ns(socket));
	drive(socket);
	return 0;
}

/* The session or the API has queued something: it goes out at once. */
static void on_changed(void *data)
{
	struct secure_socket *socket = data;
	flush(socket);
	wait_for_more(socket);
}

/* Life */

static bool join_loop(struct secure_socket *socket)
{
	sd_event *event = socket->server->event;
	if (sd_event_add_io(event, &socket->io, socket->fd, EPOLLIN, on_io, socket) < 0 ||
		sd_event_add_time(event, &socket->timer, CLOCK_MONOTONIC, UINT64_MAX,
			TIMER_ACCURACY_US, on_timer, socket) < 0 ||
		sd_event_add_defer(event, &socket->again, on_again, socket) < 0)
		return false;
	sd_event_source_set_enabled(socket->again, SD_EVENT_OFF);
	sd_event_source_set_enabled(socket->timer, SD_EVENT_OFF);
	return true;
}

static void list_add(struct secure_socket *socket)
{
	struct web_server *server = socket->server;
	socket->next = server->sockets;
	socket->previous = &server->sockets;
	if (server->sockets)
		server->sockets->previous = &socket->next;
	server->sockets = socket;
	server->socket_count++;
}

struct secure_socket *secure_socket_create(struct web_server *server, int fd, const char *peer)
{
	struct secure_socket *socket = calloc(1, sizeof *socket);
	if (!socket) {
		close(fd);
		return NULL;
	}
	socket->server = server;
	socket->fd = fd;
	socket->timer_ns = UINT64_MAX;
	snprintf(socket->peer, sizeof socket->peer, "%s", peer);
	list_add(socket);
	socket->connection = web_connection_create(&(struct web_connection_params){
		.site = &server->site,
		.peer = socket->peer,
		.now_ns = now_ns(socket),
		.changed = on_changed,
		.data = socket,
	});
	if (!socket->connection || !tls_set_up(socket) || !join_loop(socket)) {
		fprintf(stderr, "lodged: web: %s cannot be served: out of memory\n", peer);
		secure_socket_destroy(socket);
		return NULL;
	}
	wait_for_more(socket);
	return socket;
}

void secure_socket_destroy(struct secure_socket *socket)
{
	struct web_server *server = socket->server;
	sd_event_source_disable_unref(socket->io);
	sd_event_source_disable_unref(socket->timer);
	sd_event_source_disable_unref(socket->again);
	*socket->previous = socket->next;
	if (socket->next)
		socket->next->previous = socket->previous;
	server->socket_count--;
	web_connection_destroy(socket->connection);
	if (socket->tls)
		gnutls_deinit(socket->tls);
	close(socket->fd);
	free(socket);
	web_listeners_resume(server);
}

struct secure_socket *secure_socket_next(const struct secure_socket *socket)
{
	return socket->next;
}

const char *secure_socket_peer(const struct secure_socket *socket)
{
	return socket->peer;
}

bool secure_socket_is_upgraded(const struct secure_socket *socket)
{
	return socket->connection->websocket != NULL;
}

void secure_socket_stop(struct secure_socket *socket)
{
	web_connection_stop(socket->connection, now_ns(socket));
	drive(socket);
}
