#include "lodge_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Bytes read in one go before the caller gets a turn. */
#define READ_BUDGET (1024 * 1024)
#define GOODBYE_MS 500

__attribute__((format(printf, 2, 3))) static bool fail(
	struct lodge_socket *socket, const char *text, ...)
{
	va_list arguments;
	if (socket->state == LODGE_SOCKET_CLOSED)
		return false;
	socket->state = LODGE_SOCKET_CLOSED;
	va_start(arguments, text);
	vsnprintf(socket->fault, sizeof socket->fault, text, arguments);
	va_end(arguments);
	return false;
}

static void close_fd(struct lodge_socket *socket)
{
	if (socket->fd >= 0)
		close(socket->fd);
	socket->fd = -1;
}

/* Starts on the next address. False when there is none left: `error` is what the last one said. */
static bool connect_next(struct lodge_socket *sock, int error)
{
	while (sock->next) {
		const struct addrinfo *address = sock->next;
		sock->next = address->ai_next;
		close_fd(sock);
		sock->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			address->ai_protocol);
		if (sock->fd >= 0 &&
			(connect(sock->fd, address->ai_addr, address->ai_addrlen) == 0 ||
				errno == EINPROGRESS))
			return true;
		error = errno;
	}
	return fail(sock, "%s: %s", sock->address.authority, strerror(error));
}

bool lodge_socket_begin(struct lodge_socket *socket, int timeout_ms)
{
	socket->fd = -1;
	const int result = lodge_address_resolve(&socket->address, timeout_ms, &socket->list);
	if (result != 0)
		return fail(socket, "%s: %s", socket->address.host, gai_strerror(result));
	if (gnutls_certificate_allocate_credentials(&socket->credentials) < 0)
		return fail(socket, "out of memory");
	socket->next = socket->list;
	return connect_next(socket, EHOSTUNREACH);
}

void lodge_socket_finish(struct lodge_socket *socket)
{
	if (socket->websocket)
		wslay_event_context_free(socket->websocket);
	if (socket->tls)
		gnutls_deinit(socket->tls);
	if (socket->credentials)
		gnutls_certificate_free_credentials(socket->credentials);
	if (socket->list)
		freeaddrinfo(socket->list);
	close_fd(socket);
	free(socket->message);
}

static bool start_tls(struct lodge_socket *socket)
{
	int result = gnutls_init(&socket->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
	if (result >= 0)
		result = gnutls_set_default_priority(socket->tls);
	if (result >= 0)
		result = gnutls_credentials_set(
			socket->tls, GNUTLS_CRD_CERTIFICATE, socket->credentials);
	if (result < 0)
		return fail(socket, "TLS: %s", gnutls_strerror(result));
	/* A name for the host to choose by; numeric addresses are not allowed there (RFC 6066 §3). */
	struct in6_addr ignored;
	if (inet_pton(AF_INET, socket->address.host, &ignored) != 1 &&
		inet_pton(AF_INET6, socket->address.host, &ignored) != 1)
		gnutls_server_name_set(socket->tls, GNUTLS_NAME_DNS, socket->address.host,
			strlen(socket->address.host));
	gnutls_transport_set_int(socket->tls, socket->fd);
	socket->state = LODGE_SOCKET_HANDSHAKING;
	return true;
}

static bool check_connected(struct lodge_socket *socket)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof peer;
	int error = 0;
	socklen_t error_size = sizeof error;
	getsockopt(socket->fd, SOL_SOCKET, SO_ERROR, &error, &error_size);
	if (error)
		return connect_next(socket, error) && false;
	if (getpeername(socket->fd, (struct sockaddr *)&peer, &size) < 0)
		return false; /* not yet */
	const int one = 1;
	setsockopt(socket->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return start_tls(socket);
}

static bool check_certificate(struct lodge_socket *socket)
{
	unsigned int count = 0;
	uint8_t fingerprint[LODGE_CERTIFICATE_FINGERPRINT_SIZE];
	char fault[256];
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(socket->tls, &count);
	if (!chain || count == 0)
		return fail(socket, "%s shows no certificate", socket->address.authority);
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, chain[0].data, chain[0].size, fingerprint) < 0)
		return fail(socket, "TLS: no SHA-256");
	if (!lodge_trust_check(
		    &socket->trust, socket->address.authority, fingerprint, fault, sizeof fault))
		return fail(socket, "%s", fault);
	return true;
}

/* Corked bytes leave as full records: one for a message, not one for its header and one for its body. */
static bool push(struct lodge_socket *socket)
{
	const int result = gnutls_record_uncork(socket->tls, 0);
	socket->unsent = result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED;
	if (result < 0 && !socket->unsent)
		return fail(socket, "%s: the connection broke: %s", socket->address.authority,
			gnutls_strerror(result));
	return true;
}

static bool shake_hands(struct lodge_socket *socket)
{
	const int result = gnutls_handshake(socket->tls);
	if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED)
		return false;
	if (result < 0 && !gnutls_error_is_fatal(result))
		return false;
	if (result < 0)
		return fail(
			socket, "%s: TLS: %s", socket->address.authority, gnutls_strerror(result));
	if (!check_certificate(socket))
		return false;
	uint8_t nonce[LODGE_UPGRADE_NONCE_SIZE];
	char request[LODGE_UPGRADE_REQUEST_MAX];
	gnutls_rnd(GNUTLS_RND_NONCE, nonce, sizeof nonce);
	const size_t size =
		lodge_upgrade_begin(&socket->upgrade, socket->address.authority, nonce, request);
	if (size == 0)
		return fail(socket, "the host's name is too long");
	socket->state = LODGE_SOCKET_UPGRADING;
	gnutls_record_cork(socket->tls);
	gnutls_record_send(socket->tls, request, size);
	return push(socket);
}

/* > 0: bytes; 0: nothing now, or the socket has failed. */
static size_t read_tls(struct lodge_socket *socket, uint8_t *bytes, size_t size)
{
	const ssize_t got = gnutls_record_recv(socket->tls, bytes, size);
	if (got > 0) {
		socket->received_bytes += (size_t)got;
		return (size_t)got;
	}
	if (got == 0)
		fail(socket, "%s closed the connection", socket->address.authority);
	else if (got != GNUTLS_E_AGAIN && got != GNUTLS_E_INTERRUPTED &&
		gnutls_error_is_fatal((int)got))
		fail(socket, "%s: the connection broke: %s", socket->address.authority,
			gnutls_strerror((int)got));
	return 0;
}

static ssize_t on_receive(
	wslay_event_context_ptr websocket, uint8_t *bytes, size_t size, int flags, void *data)
{
	struct lodge_socket *socket = data;
	if (socket->state != LODGE_SOCKET_OPEN) {
		wslay_event_set_error(websocket, WSLAY_ERR_CALLBACK_FAILURE);
		return -1;
	}
	if (socket->early_at < socket->early_size) {
		const size_t left = socket->early_size - socket->early_at;
		const size_t count = left < size ? left : size;
		memcpy(bytes, socket->early + socket->early_at, count);
		socket->early_at += count;
		return (ssize_t)count;
	}
	socket->more = socket->read_budget == 0;
	const size_t got = socket->more ? 0 : read_tls(socket, bytes, size);
	if (got == 0) {
		wslay_event_set_error(websocket,
			socket->state == LODGE_SOCKET_CLOSED ? WSLAY_ERR_CALLBACK_FAILURE
							     : WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	socket->read_budget -= got < socket->read_budget ? got : socket->read_budget;
	return (ssize_t)got;
}

static ssize_t on_send(
	wslay_event_context_ptr websocket, const uint8_t *bytes, size_t size, int flags, void *data)
{
	struct lodge_socket *socket = data;
	const ssize_t sent = gnutls_record_send(socket->tls, bytes, size); /* corked: takes all */
	if (sent < 0)
		wslay_event_set_error(websocket, WSLAY_ERR_CALLBACK_FAILURE);
	return sent;
}

static int on_mask(wslay_event_context_ptr websocket, uint8_t *bytes, size_t size, void *data)
{
	return gnutls_rnd(GNUTLS_RND_NONCE, bytes, size);
}

static void on_frame_start(wslay_event_context_ptr websocket,
	const struct wslay_event_on_frame_recv_start_arg *arg, void *data)
{
	struct lodge_socket *socket = data;
	socket->in_control_frame = wslay_is_ctrl_frame(arg->opcode);
	if (socket->in_control_frame)
		return;
	if (arg->opcode != WSLAY_CONTINUATION_FRAME)
		socket->message_size = 0;
	if (arg->opcode == WSLAY_TEXT_FRAME) {
		fail(socket, "the host sent a text message");
		return;
	}
	const uint64_t needed = socket->message_size + arg->payload_length;
	if (arg->payload_length > LODGE_SOCKET_MESSAGE_MAX || needed > LODGE_SOCKET_MESSAGE_MAX) {
		fail(socket, "the host sent a message longer than 64 MiB");
		return;
	}
	if (needed > socket->message_capacity) {
		uint8_t *grown = realloc(socket->message, needed + needed / 2);
		if (!grown) {
			fail(socket, "out of memory");
			return;
		}
		socket->message = grown;
		socket->message_capacity = needed + needed / 2;
	}
}

static void on_frame_chunk(wslay_event_context_ptr websocket,
	const struct wslay_event_on_frame_recv_chunk_arg *arg, void *data)
{
	struct lodge_socket *socket = data;
	/* A PING may come between the fragments of a message. */
	if (socket->in_control_frame || arg->data_length == 0 ||
		arg->data_length > socket->message_capacity - socket->message_size)
		return;
	memcpy(socket->message + socket->message_size, arg->data, arg->data_length);
	socket->message_size += arg->data_length;
}

static void on_message(wslay_event_context_ptr websocket,
	const struct wslay_event_on_msg_recv_arg *arg, void *data)
{
	struct lodge_socket *socket = data;
	if (arg->opcode == WSLAY_CONNECTION_CLOSE)
		fail(socket, "%s closed the connection", socket->address.authority);
	else if (arg->opcode == WSLAY_BINARY_FRAME && socket->state == LODGE_SOCKET_OPEN &&
		!socket->receive(socket->data, socket->message, socket->message_size))
		fail(socket, "ended");
}

static bool start_websocket(struct lodge_socket *socket)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = on_receive,
		.send_callback = on_send,
		.genmask_callback = on_mask,
		.on_frame_recv_start_callback = on_frame_start,
		.on_frame_recv_chunk_callback = on_frame_chunk,
		.on_msg_recv_callback = on_message,
	};
	if (wslay_event_context_client_init(&socket->websocket, &callbacks, socket) != 0)
		return fail(socket, "out of memory");
	/* Messages are put together here: the library would gather each in a list and copy it once more. */
	wslay_event_config_set_no_buffering(socket->websocket, 1);
	socket->state = LODGE_SOCKET_OPEN;
	return true;
}

static bool receive_upgrade(struct lodge_socket *socket)
{
	size_t used;
	const size_t got = read_tls(socket, socket->early, sizeof socket->early);
	if (got == 0)
		return false;
	switch (lodge_upgrade_receive(&socket->upgrade, socket->early, got, &used)) {
	case LODGE_UPGRADE_MORE:
		return true;
	case LODGE_UPGRADE_FAILED:
		return fail(socket, "%s: %s", socket->address.authority, socket->upgrade.fault);
	case LODGE_UPGRADE_DONE:
		break;
	}
	socket->early_at = used;
	socket->early_size = got;
	return start_websocket(socket);
}

static bool send_queued(struct lodge_socket *socket)
{
	if (socket->unsent && (!push(socket) || socket->unsent))
		return socket->state != LODGE_SOCKET_CLOSED;
	if (!wslay_event_want_write(socket->websocket))
		return true;
	gnutls_record_cork(socket->tls);
	if (wslay_event_send(socket->websocket) != 0)
		return fail(socket, "WebSocket: a message could not be sent");
	return push(socket);
}

static void exchange(struct lodge_socket *socket)
{
	socket->read_budget = READ_BUDGET;
	socket->more = false;
	const int result = wslay_event_recv(socket->websocket);
	if (result != 0)
		fail(socket, "WebSocket: the host broke the protocol (%d)", result);
	if (!wslay_event_get_read_enabled(socket->websocket))
		fail(socket, "WebSocket: the host broke the protocol");
	if (socket->state == LODGE_SOCKET_OPEN)
		send_queued(socket);
}

void lodge_socket_process(struct lodge_socket *socket)
{
	if (socket->state == LODGE_SOCKET_CONNECTING && !check_connected(socket))
		return;
	if (socket->state == LODGE_SOCKET_HANDSHAKING && !shake_hands(socket))
		return;
	if (socket->state == LODGE_SOCKET_UPGRADING && socket->unsent && !push(socket))
		return;
	while (socket->state == LODGE_SOCKET_UPGRADING && receive_upgrade(socket))
		;
	if (socket->state == LODGE_SOCKET_OPEN)
		exchange(socket);
}

bool lodge_socket_send(struct lodge_socket *socket, const uint8_t *message, size_t size)
{
	const struct wslay_event_msg queued = { WSLAY_BINARY_FRAME, message, size };
	return socket->state == LODGE_SOCKET_OPEN &&
		wslay_event_queue_msg(socket->websocket, &queued) == 0 && send_queued(socket);
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Until the host has closed its side, some moments at most: a socket that is closed with something unread in it breaks the
 * connection, and with it what was said last.
 */
static void await_end(int fd)
{
	char ignored[16384];
	struct pollfd readable = { fd, POLLIN, 0 };
	const int64_t until_ms = now_ms() + GOODBYE_MS;
	shutdown(fd, SHUT_WR);
	for (;;) {
		const int64_t left_ms = until_ms - now_ms();
		if (left_ms <= 0 || poll(&readable, 1, (int)left_ms) <= 0)
			return;
		const ssize_t size = recv(fd, ignored, sizeof ignored, MSG_DONTWAIT);
		if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
			return;
	}
}

void lodge_socket_say_goodbye(struct lodge_socket *socket)
{
	if (socket->state != LODGE_SOCKET_OPEN)
		return;
	wslay_event_queue_close(socket->websocket, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);
	send_queued(socket);
	if (!socket->unsent) {
		gnutls_bye(socket->tls, GNUTLS_SHUT_WR);
		await_end(socket->fd);
	}
	fail(socket, "closed");
}

void lodge_socket_reset(struct lodge_socket *socket)
{
	const struct linger at_once = { 1, 0 };
	if (socket->fd >= 0)
		setsockopt(socket->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	fail(socket, "broken off");
	close_fd(socket);
}

bool lodge_socket_wants_write(const struct lodge_socket *socket)
{
	switch (socket->state) {
	case LODGE_SOCKET_CONNECTING:
		return true;
	case LODGE_SOCKET_HANDSHAKING:
		return gnutls_record_get_direction(socket->tls) == 1;
	default:
		return socket->unsent;
	}
}
