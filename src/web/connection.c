#include "web/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "session/transport.h"
#include "web/routes.h"
#include "web/session_socket.h"

#define SECOND_NS 1000000000ull
#define REQUEST_NS (10 * SECOND_NS) /* TLS and head; later requests: head and body */
#define IDLE_NS (30 * SECOND_NS) /* between requests */
#define ANSWER_NS (30 * SECOND_NS) /* for a route that answers later: it waits for a disk */
#define STALL_NS (30 * SECOND_NS) /* a response of which the kernel takes nothing */
#define GOODBYE_NS (2 * SECOND_NS) /* for the client's half of the goodbye */
#define GOODBYE_STALL_NS (10 * SECOND_NS)
#define GOODBYE_MAX_NS (60 * SECOND_NS)
#define STREAM_QUEUE_MAX (1024 * 1024) /* several times what a stream begins with */

void web_connection_enter(struct web_connection *connection, enum web_phase phase)
{
	connection->phase = phase;
	connection->began_ns = connection->progress_ns = connection->now_ns;
}

static void set_now(struct web_connection *connection, uint64_t now_ns)
{
	if (now_ns > connection->now_ns)
		connection->now_ns = now_ns;
}

bool web_connection_has_output(const struct web_connection *connection)
{
	return connection->queue.bytes > 0 || connection->unsent > 0;
}

bool web_connection_awaits_answer(const struct web_connection *connection)
{
	return connection->phase == WEB_REQUESTS && connection->call;
}

/* HTTP */

void web_connection_reply(struct web_connection *connection, const struct http_request *request,
	struct http_response response, const void *body, bool body_lasts)
{
	char head[HTTP_RESPONSE_HEAD_MAX];
	response.close = response.close || connection->last_request;
	connection->last_request = response.close;
	const size_t head_size = http_response_head(head, &response);
	bool queued = send_queue_copy(&connection->queue, NULL, 0, head, head_size);
	if (queued && response.size > 0 && strcmp(request->method, "HEAD") != 0)
		queued = body_lasts
			? send_queue_lasting(&connection->queue, body, response.size)
			: send_queue_copy(&connection->queue, NULL, 0, body, response.size);
	if (!queued)
		web_connection_enter(connection, WEB_ABORTED);
}

void web_connection_problem(struct web_connection *connection, const struct http_request *request,
	int status, const char *fields, const char *detail)
{
	char body[512];
	const struct http_response response = {
		.status = status,
		.type = "application/problem+json",
		.fields = fields,
		.size = http_problem(body, sizeof body, status, detail),
	};
	web_connection_reply(connection, request, response, body, false);
}

static void answer_request(struct web_connection *connection)
{
	const struct http_request *request = http_reader_request(connection->reader);
	connection->last_request = connection->last_request || !request->keep_alive;
	connection->began_ns = connection->now_ns;
	connection->reading_request = true; /* also when it came in one piece */
	connection->answering = true;
	web_route(connection, request);
	connection->answering = false;
}

static void answer_fault(struct web_connection *connection)
{
	/* Its request is as far as it came: the method may be missing, so that the answer has a body. */
	static const struct http_request nothing;
	int status;
	const char *fault = http_reader_fault(connection->reader, &status);
	connection->last_request = true;
	web_connection_problem(connection, &nothing, status, NULL, fault);
}

/* Behind a request that was answered: the next one, the goodbye, or a WebSocket that took over. */
static void after_answer(struct web_connection *connection)
{
	if (connection->phase != WEB_REQUESTS || connection->call)
		return;
	if (connection->last_request) {
		web_connection_enter(connection, WEB_FINISHING);
		return;
	}
	http_reader_next(connection->reader);
	connection->reading_request = false;
	connection->kept_alive = true;
	connection->began_ns = connection->now_ns;
}

static size_t feed_request(struct web_connection *connection, const uint8_t *bytes, size_t size)
{
	size_t used;
	const enum http_progress progress =
		http_reader_feed(connection->reader, bytes, size, &used);
	if (!connection->reading_request && http_reader_has_begun(connection->reader)) {
		connection->reading_request = true;
		/* The first one's time runs since the connection was accepted. */
		if (connection->kept_alive)
			connection->began_ns = connection->now_ns;
	}
	if (progress == HTTP_INCOMPLETE)
		return used;
	connection->progress_ns = connection->now_ns;
	if (progress == HTTP_COMPLETE)
		answer_request(connection);
	else
		answer_fault(connection);
	after_answer(connection);
	return used;
}

void web_connection_answered(struct web_connection *connection)
{
	if (connection->answering)
		return;
	after_answer(connection);
	connection->changed(connection->data);
}

void web_connection_begin_stream(struct web_connection *connection,
	const struct http_request *request, struct http_response response)
{
	response.endless = response.close = true;
	web_connection_reply(connection, request, response, NULL, false);
	if (connection->phase == WEB_REQUESTS)
		web_connection_enter(connection, WEB_STREAMING);
}

bool web_connection_stream(struct web_connection *connection, const void *bytes, size_t size)
{
	if (connection->phase != WEB_STREAMING)
		return false;
	if (connection->queue.bytes + connection->unsent + size > STREAM_QUEUE_MAX) {
		fprintf(stderr,
			"lodged: web client %s does not read: its events are more than 1 MiB; "
			"closed\n",
			connection->peer);
		web_connection_enter(connection, WEB_ABORTED);
	} else if (!send_queue_copy(&connection->queue, NULL, 0, bytes, size)) {
		web_connection_enter(connection, WEB_ABORTED);
	}
	if (!connection->answering)
		connection->changed(connection->data);
	return connection->phase == WEB_STREAMING;
}

void web_connection_end_stream(struct web_connection *connection)
{
	if (connection->phase != WEB_STREAMING)
		return;
	web_connection_enter(connection, WEB_FINISHING);
	connection->changed(connection->data);
}

/* Life */

struct web_connection *web_connection_create(const struct web_connection_params *params)
{
	struct web_connection *connection = calloc(1, sizeof *connection);
	if (!connection)
		return NULL;
	connection->reader = http_reader_create();
	if (!connection->reader) {
		free(connection);
		return NULL;
	}
	connection->site = params->site;
	connection->peer = params->peer;
	connection->changed = params->changed;
	connection->data = params->data;
	connection->now_ns = params->now_ns;
	send_queue_init(&connection->queue);
	web_connection_enter(connection, WEB_REQUESTS);
	return connection;
}

void web_connection_destroy(struct web_connection *connection)
{
	if (!connection)
		return;
	connection->phase = WEB_ABORTED;
	web_connection_settle(connection);
	send_queue_finish(&connection->queue);
	websocket_destroy(connection->websocket);
	http_reader_destroy(connection->reader);
	free(connection);
}

size_t web_connection_feed(
	struct web_connection *connection, const uint8_t *bytes, size_t size, uint64_t now_ns)
{
	size_t used = 0;
	set_now(connection, now_ns);
	/* A request is read when the answer before it has gone: pipelining must not fill our memory. */
	while (connection->phase == WEB_REQUESTS && used < size && !connection->call &&
		!web_connection_has_output(connection))
		used += feed_request(connection, bytes + used, size - used);
	if (connection->phase == WEB_REQUESTS)
		return used;
	if (connection->reader) {
		http_reader_destroy(connection->reader);
		connection->reader = NULL;
	}
	if (connection->phase == WEB_SOCKET || connection->phase == WEB_CLOSING) {
		connection->heard_ns = connection->now_ns;
		websocket_receive(connection->websocket, bytes + used, size - used);
	}
	return size;
}

void web_connection_end(struct web_connection *connection, uint64_t now_ns)
{
	set_now(connection, now_ns);
	if (connection->phase == WEB_FINISHING || connection->phase == WEB_ABORTED)
		return;
	/* Answers to whole requests still go out; a WebSocket that ends without its goodbye has nobody left. */
	if (web_connection_awaits_answer(connection)) {
		connection->last_request = true;
		return;
	}
	const bool answers =
		connection->phase == WEB_REQUESTS && web_connection_has_output(connection);
	web_connection_enter(connection, answers ? WEB_FINISHING : WEB_ABORTED);
}

void web_connection_sent(struct web_connection *connection, uint64_t now_ns)
{
	set_now(connection, now_ns);
	connection->progress_ns = connection->now_ns;
	/* The idle time begins when the answer is out. */
	if (connection->phase == WEB_REQUESTS && !connection->reading_request &&
		connection->kept_alive)
		connection->began_ns = connection->now_ns;
}

void web_connection_drained(struct web_connection *connection)
{
	if (connection->phase == WEB_SOCKET && connection->session)
		session_drained(connection->session);
}

void web_connection_settle(struct web_connection *connection)
{
	struct session *session = connection->session;
	struct api_call *call = connection->call;
	if (call && connection->phase != WEB_REQUESTS && connection->phase != WEB_STREAMING) {
		connection->call = NULL;
		api_cancel(call);
	}
	if (session && connection->phase != WEB_SOCKET) {
		connection->session = NULL;
		session_detach(session);
	}
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t web_connection_deadline_ns(const struct web_connection *connection)
{
	const bool output = web_connection_has_output(connection);
	switch (connection->phase) {
	case WEB_REQUESTS:
		if (output)
			return connection->progress_ns + STALL_NS;
		if (connection->call)
			return connection->began_ns + ANSWER_NS;
		return connection->began_ns +
			(connection->reading_request || !connection->kept_alive ? REQUEST_NS
										: IDLE_NS);
	case WEB_STREAMING:
		/* A stream says something more often than that, so its progress is never older. */
		return output ? connection->progress_ns + STALL_NS : UINT64_MAX;
	case WEB_SOCKET:
		return session_socket_deadline_ns(connection);
	case WEB_CLOSING:
	case WEB_FINISHING:
		return earlier(connection->began_ns + GOODBYE_MAX_NS,
			connection->progress_ns + (output ? GOODBYE_STALL_NS : GOODBYE_NS));
	case WEB_ABORTED:
		break;
	}
	return 0;
}

static void tick_requests(struct web_connection *connection)
{
	static const struct http_request nothing;
	struct api_call *call = connection->call;
	if (web_connection_has_output(connection) || !connection->reading_request) {
		web_connection_enter(connection, WEB_ABORTED);
		return;
	}
	connection->last_request = true;
	connection->call = NULL;
	if (call)
		api_cancel(call);
	web_connection_problem(connection, &nothing, call ? 503 : 408, NULL,
		call ? "the answer did not come within 30 s; whether a change was made is open"
		     : "the request did not come to its end within 10 s");
	if (connection->phase == WEB_REQUESTS)
		web_connection_enter(connection, WEB_FINISHING);
}

void web_connection_tick(struct web_connection *connection, uint64_t now_ns)
{
	set_now(connection, now_ns);
	if (connection->now_ns < web_connection_deadline_ns(connection))
		return;
	if (connection->phase == WEB_SOCKET)
		session_socket_tick(connection);
	else if (connection->phase == WEB_REQUESTS)
		tick_requests(connection);
	else
		web_connection_enter(connection, WEB_ABORTED);
}

void web_connection_stop(struct web_connection *connection, uint64_t now_ns)
{
	set_now(connection, now_ns);
	if (connection->phase == WEB_STREAMING)
		web_connection_enter(connection, WEB_FINISHING);
	if (connection->phase != WEB_REQUESTS)
		return;
	connection->last_request = true;
	if (!connection->reading_request)
		web_connection_enter(connection, WEB_FINISHING);
}
