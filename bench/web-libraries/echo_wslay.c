/*
 * GnuTLS + wslay's frame API + http-parser, echoing, on epoll: how much the pieces cost and how best to hand bytes
 * to GnuTLS.   echo_wslay PORT CERTIFICATE KEY [header|gather|cork|buffer]
 *   header: the frame header is a TLS record of its own
 *   gather: header and the start of the payload are copied into one record, the rest goes by reference
 *   cork:   gnutls_record_cork around header and payload
 *   buffer: as gather, and records are collected before one send() (push function of our own)
 * One connection at a time. Room: bench.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <http_parser.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#define RECORD 16384
#define PUSH_BUFFER (160 * 1024)

enum manner { HEADER, GATHER, CORK, BUFFER };

struct echo {
	int fd;
	enum manner manner;
	gnutls_session_t tls;
	wslay_frame_context_ptr frames;
	const uint8_t *in;
	size_t in_size;
	uint8_t gathered[RECORD];
	size_t gathered_size;
	uint8_t pushed[PUSH_BUFFER];
	size_t pushed_size;
	uint8_t message[1 << 20];
	size_t message_size;
};

static void wait_for(struct echo *echo, short events)
{
	struct pollfd one = { echo->fd, events, 0 };
	poll(&one, 1, 10000);
}

static void flush_pushed(struct echo *echo)
{
	for (size_t at = 0; at < echo->pushed_size;) {
		const ssize_t sent =
			send(echo->fd, echo->pushed + at, echo->pushed_size - at, MSG_NOSIGNAL);
		if (sent > 0)
			at += (size_t)sent;
		else if (errno == EAGAIN)
			wait_for(echo, POLLOUT);
		else
			exit(0);
	}
	echo->pushed_size = 0;
}

static ssize_t push(gnutls_transport_ptr_t data, const giovec_t *parts, int count)
{
	struct echo *echo = data;
	size_t total = 0;
	for (int i = 0; i < count; i++) {
		if (parts[i].iov_len > PUSH_BUFFER - echo->pushed_size)
			flush_pushed(echo);
		memcpy(echo->pushed + echo->pushed_size, parts[i].iov_base, parts[i].iov_len);
		echo->pushed_size += parts[i].iov_len;
		total += parts[i].iov_len;
	}
	return (ssize_t)total;
}

static ssize_t pull(gnutls_transport_ptr_t data, void *bytes, size_t size)
{
	return recv(((struct echo *)data)->fd, bytes, size, 0);
}

static void record_send(struct echo *echo, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t sent = gnutls_record_send(echo->tls, bytes, size);
		while (sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED) {
			wait_for(echo, POLLOUT);
			sent = gnutls_record_send(echo->tls, NULL, 0);
		}
		if (sent < 0)
			exit(0);
		bytes += sent;
		size -= (size_t)sent;
	}
}

static ssize_t frame_send(const uint8_t *bytes, size_t size, int flags, void *data)
{
	struct echo *echo = data;
	if (echo->manner != GATHER && echo->manner != BUFFER) {
		record_send(echo, bytes, size);
		return (ssize_t)size;
	}
	size_t part = RECORD - echo->gathered_size;
	part = part < size ? part : size;
	memcpy(echo->gathered + echo->gathered_size, bytes, part);
	echo->gathered_size += part;
	if (flags & WSLAY_MSG_MORE)
		return (ssize_t)size;
	record_send(echo, echo->gathered, echo->gathered_size);
	echo->gathered_size = 0;
	record_send(echo, bytes + part, size - part);
	return (ssize_t)size;
}

static ssize_t frame_receive(uint8_t *bytes, size_t size, int flags, void *data)
{
	struct echo *echo = data;
	size = size < echo->in_size ? size : echo->in_size;
	memcpy(bytes, echo->in, size);
	echo->in += size;
	echo->in_size -= size;
	return size ? (ssize_t)size : -1;
}

static void echo_message(struct echo *echo)
{
	struct wslay_frame_iocb out = { .fin = 1,
		.opcode = WSLAY_BINARY_FRAME,
		.payload_length = echo->message_size,
		.data = echo->message,
		.data_length = echo->message_size };
	if (echo->manner == CORK)
		gnutls_record_cork(echo->tls);
	wslay_frame_send(echo->frames, &out);
	if (echo->manner == CORK) {
		while (gnutls_record_uncork(echo->tls, 0) < 0)
			wait_for(echo, POLLOUT);
	}
	if (echo->manner == BUFFER)
		flush_pushed(echo);
	echo->message_size = 0;
}

static void take_frames(struct echo *echo)
{
	struct wslay_frame_iocb in;
	while (wslay_frame_recv(echo->frames, &in) >= 0) {
		if (in.data_length > sizeof echo->message - echo->message_size)
			exit(1);
		memcpy(echo->message + echo->message_size, in.data, in.data_length);
		echo->message_size += in.data_length;
		if (in.fin && echo->message_size == in.payload_length)
			echo_message(echo);
	}
}

static int on_complete(http_parser *parser)
{
	*(int *)parser->data = 1;
	return 0;
}

static void answer_upgrade(struct echo *echo)
{
	/* The client's key is always the one of RFC 6455. */
	static const char answer[] =
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
		"Sec-WebSocket-Protocol: lodge.v1\r\n\r\n";
	record_send(echo, (const uint8_t *)answer, sizeof answer - 1);
	if (echo->manner == BUFFER)
		flush_pushed(echo);
}

static void serve(struct echo *echo)
{
	const http_parser_settings settings = { .on_message_complete = on_complete };
	http_parser parser;
	int upgraded = 0;
	http_parser_init(&parser, HTTP_REQUEST);
	parser.data = &upgraded;
	static uint8_t bytes[RECORD];
	for (;;) {
		const ssize_t got = gnutls_record_recv(echo->tls, bytes, sizeof bytes);
		if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED) {
			wait_for(echo, POLLIN);
			continue;
		}
		if (got <= 0)
			return;
		echo->in = bytes;
		echo->in_size = (size_t)got;
		if (!upgraded) {
			const size_t used = http_parser_execute(
				&parser, &settings, (const char *)bytes, (size_t)got);
			if (!upgraded)
				continue;
			answer_upgrade(echo);
			echo->in += used;
			echo->in_size -= used;
		}
		take_frames(echo);
	}
}

static enum manner manner_of(const char *name)
{
	static const char *const names[] = { "header", "gather", "cork", "buffer" };
	for (int i = 0; i < 4; i++) {
		if (strcmp(name, names[i]) == 0)
			return (enum manner)i;
	}
	exit(2);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	gnutls_certificate_credentials_t credentials;
	gnutls_certificate_allocate_credentials(&credentials);
	if (gnutls_certificate_set_x509_key_file(
		    credentials, argv[2], argv[3], GNUTLS_X509_FMT_PEM) < 0)
		return 1;
	const int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	const struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(argv[1])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (const struct sockaddr *)&address, sizeof address) ||
		listen(listener, 4))
		return 1;
	struct echo *echo = calloc(1, sizeof *echo);
	echo->manner = manner_of(argc > 4 ? argv[4] : "gather");
	const struct wslay_frame_callbacks callbacks = { frame_send, frame_receive, NULL };
	wslay_frame_context_init(&echo->frames, &callbacks, echo);
	echo->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	const int low_water = 128 * 1024;
	setsockopt(echo->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(echo->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &low_water, sizeof low_water);
	gnutls_init(&echo->tls, GNUTLS_SERVER | GNUTLS_NONBLOCK);
	gnutls_set_default_priority(echo->tls);
	gnutls_credentials_set(echo->tls, GNUTLS_CRD_CERTIFICATE, credentials);
	if (echo->manner == BUFFER) {
		gnutls_transport_set_ptr(echo->tls, echo);
		gnutls_transport_set_vec_push_function(echo->tls, push);
		gnutls_transport_set_pull_function(echo->tls, pull);
	} else {
		gnutls_transport_set_int(echo->tls, echo->fd);
	}
	int result;
	while ((result = gnutls_handshake(echo->tls)) < 0) {
		if (gnutls_error_is_fatal(result))
			return 1;
		if (echo->manner == BUFFER)
			flush_pushed(echo);
		wait_for(echo, gnutls_record_get_direction(echo->tls) ? POLLOUT : POLLIN);
	}
	if (echo->manner == BUFFER)
		flush_pushed(echo);
	serve(echo);
	return 0;
}
