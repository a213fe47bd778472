#include "web/session_socket.h"

#include <stdio.h>
#include <string.h>

#include "core/wire.h"
#include "session/transport.h"
#include "web/connection.h"

#define SECOND_NS 1000000000ull
#define PING_NS (20 * SECOND_NS)
#define SILENCE_NS (40 * SECOND_NS)
/* A token bucket, kept as the time at which it would be full again. */
#define FLOOD_FRAME_NS (SECOND_NS / 4000)
#define FLOOD_BURST_NS (8000 * FLOOD_FRAME_NS)
#define QUEUE_MAX (8 * 1024 * 1024)

static bool queue_control(struct web_connection *connection, enum websocket_opcode opcode,
	const void *bytes, size_t size)
{
	uint8_t head[WEBSOCKET_HEAD_MAX];
	const size_t head_size = websocket_head(connection->websocket, opcode, size, head);
	return send_queue_copy(&connection->queue, head, head_size, bytes, size);
}

static void queue_close(struct web_connection *connection, uint16_t code, const char *text)
{
	uint8_t body[WEBSOCKET_CONTROL_MAX] = { (uint8_t)(code >> 8), (uint8_t)code };
	size_t size = strlen(text);
	size = size < sizeof body - 2 ? size : sizeof body - 2;
	memcpy(body + 2, text, size);
	const bool has_code = code != WEBSOCKET_NO_CODE;
	if (!queue_control(connection, WEBSOCKET_CLOSE, body, has_code ? 2 + size : 0))
		web_connection_enter(connection, WEB_ABORTED);
}

/* We end it: the client's close frame is awaited. */
static void begin_close(struct web_connection *connection, uint16_t code, const char *text)
{
	websocket_mute(connection->websocket);
	web_connection_enter(connection, WEB_CLOSING);
	queue_close(connection, code, text);
}

/* The client broke a rule: nothing of it can be trusted, its close frame neither. */
static void refuse_client(struct web_connection *connection, uint16_t code, const char *text)
{
	const bool closing = connection->phase == WEB_CLOSING;
	websocket_stop(connection->websocket);
	web_connection_enter(connection, WEB_FINISHING);
	if (closing)
		return;
	fprintf(stderr, "lodged: web client %s closed with %u: %s\n", connection->peer, code, text);
	queue_close(connection, code, text);
}

static void on_frame(void *data)
{
	struct web_connection *connection = data;
	if (connection->flood_ns < connection->now_ns)
		connection->flood_ns = connection->now_ns;
	connection->flood_ns += FLOOD_FRAME_NS;
	if (connection->flood_ns - connection->now_ns > FLOOD_BURST_NS)
		refuse_client(connection, WEBSOCKET_POLICY, "more than 4000 messages a second");
}

static void on_message(void *data, const uint8_t *bytes, size_t size)
{
	struct web_connection *connection = data;
	if (connection->session && connection->phase == WEB_SOCKET)
		session_receive(connection->session, bytes, size);
}

static void check_queue(struct web_connection *connection)
{
	if (connection->phase == WEB_ABORTED ||
		connection->queue.bytes + connection->unsent <= QUEUE_MAX)
		return;
	fprintf(stderr,
		"lodged: web client %s does not read: more than 8 MiB are waiting for it; closed\n",
		connection->peer);
	web_connection_enter(connection, WEB_ABORTED);
}

static void on_ping(void *data, const uint8_t *bytes, size_t size)
{
	struct web_connection *connection = data;
	if (!queue_control(connection, WEBSOCKET_PONG, bytes, size))
		web_connection_enter(connection, WEB_ABORTED);
	check_queue(connection);
}

static void on_closed(void *data, uint16_t code)
{
	struct web_connection *connection = data;
	const bool ours_is_sent = connection->phase == WEB_CLOSING;
	web_connection_enter(connection, WEB_FINISHING);
	if (!ours_is_sent)
		queue_close(connection, code, "");
}

static void on_fault(void *data, uint16_t code, const char *text)
{
	refuse_client(data, code, text);
}

/* The session's side (session/transport.h) */

static void transport_send(void *transport, const uint8_t *message, size_t size)
{
	struct web_connection *connection = transport;
	if (connection->phase != WEB_SOCKET)
		return;
	if (!queue_control(connection, WEBSOCKET_BINARY, message, size))
		web_connection_enter(connection, WEB_ABORTED);
	check_queue(connection);
	connection->changed(connection->data);
}

static void transport_send_packet(void *transport, struct media_packet *packet)
{
	struct web_connection *connection = transport;
	uint8_t head[WEBSOCKET_HEAD_MAX];
	if (connection->phase != WEB_SOCKET)
		return;
	const size_t head_size =
		websocket_head(connection->websocket, WEBSOCKET_BINARY, packet->size, head);
	if (!send_queue_packet(&connection->queue, head, head_size, packet))
		web_connection_enter(connection, WEB_ABORTED);
	check_queue(connection);
	connection->changed(connection->data);
}

static size_t transport_queued_bytes(void *transport)
{
	const struct web_connection *connection = transport;
	return connection->queue.bytes + connection->unsent;
}

static void transport_close(void *transport)
{
	struct web_connection *connection = transport;
	if (connection->phase != WEB_SOCKET)
		return;
	begin_close(connection, WEBSOCKET_NORMAL, "");
	connection->changed(connection->data);
}

static const struct session_transport_impl transport = {
	.name = "web",
	.send = transport_send,
	.send_packet = transport_send_packet,
	.queued_bytes = transport_queued_bytes,
	.close = transport_close,
};

void session_socket_begin(struct web_connection *connection, const struct http_request *request,
	const struct http_response *response)
{
	static const struct websocket_events events = {
		.frame = on_frame,
		.message = on_message,
		.ping = on_ping,
		.closed = on_closed,
		.fault = on_fault,
	};
	connection->websocket = websocket_create(&events, connection, WIRE_CLIENT_MESSAGE_MAX);
	if (!connection->websocket) {
		web_connection_enter(connection, WEB_ABORTED);
		return;
	}
	connection->last_request = false; /* whatever an old client thinks of keeping alive */
	web_connection_reply(connection, request, *response, NULL, false);
	if (connection->phase == WEB_ABORTED)
		return;
	web_connection_enter(connection, WEB_SOCKET);
	connection->heard_ns = connection->now_ns;
	connection->ping_ns = connection->now_ns + PING_NS;
	/* It may send from inside the call, behind our head. */
	const char *authority = http_request_header(request, "Host");
	connection->session = session_attach(connection->site->sessions,
		&(struct session_attach_params){
			.impl = &transport,
			.transport = connection,
			.peer = connection->peer,
			.authority = authority ? authority : "",
		});
	if (!connection->session && connection->phase == WEB_SOCKET)
		begin_close(connection, WEBSOCKET_TRY_LATER,
			"the host has as many sessions as it can hold");
}

uint64_t session_socket_deadline_ns(const struct web_connection *connection)
{
	const uint64_t silence_ns = connection->heard_ns + SILENCE_NS;
	return connection->ping_ns < silence_ns ? connection->ping_ns : silence_ns;
}

void session_socket_tick(struct web_connection *connection)
{
	if (connection->now_ns >= connection->heard_ns + SILENCE_NS) {
		fprintf(stderr, "lodged: web client %s: not a word in 40 s; closed\n",
			connection->peer);
		begin_close(connection, WEBSOCKET_GOING_AWAY, "not a word in 40 s");
	} else if (connection->now_ns >= connection->ping_ns) {
		connection->ping_ns = connection->now_ns + PING_NS;
		if (!queue_control(connection, WEBSOCKET_PING, NULL, 0))
			web_connection_enter(connection, WEB_ABORTED);
		check_queue(connection);
	}
}
