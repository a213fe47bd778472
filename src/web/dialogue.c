#include "web/dialogue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wslay/wslay.h>

#include "core/wire.h"
#include "session/transport.h"
#include "web/answer.h"
#include "web/http_request.h"
#include "web/websocket_key.h"

#define SUBPROTOCOL "lodge.v1"
/* A person with a 1 kHz mouse and both hands on the keyboard sends a fraction of this. */
#define MESSAGES_PER_SECOND 4000.0
#define MESSAGES_BURST 8000.0

struct dialogue {
	struct dialogue_params params;
	struct output *output;
	struct http_parser_state *http;
	wslay_event_context_ptr websocket; /* NULL before the upgrade */
	struct session *session;
	const uint8_t *unread; /* during a feed */
	size_t unread_size;
	uint64_t heard_ns;
	double tokens;
	bool closing;
};

static ssize_t receive(wslay_event_context_ptr context, uint8_t *buffer, size_t size, int flags, void *data)
{
	struct dialogue *dialogue = data;
	const size_t taken = size < dialogue->unread_size ? size : dialogue->unread_size;
	if (taken == 0) {
		wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	memcpy(buffer, dialogue->unread, taken);
	dialogue->unread += taken;
	dialogue->unread_size -= taken;
	return (ssize_t)taken;
}

/* wslay's own control frames (pong, close) go behind what is queued, whole. */
static ssize_t send_control(
	wslay_event_context_ptr context, const uint8_t *bytes, size_t size, int flags, void *data)
{
	struct dialogue *dialogue = data;
	if (output_put_raw(dialogue->output, bytes, size))
		return (ssize_t)size;
	wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

void dialogue_close(struct dialogue *dialogue, uint16_t status)
{
	if (dialogue->websocket && !dialogue->closing) {
		wslay_event_queue_close(dialogue->websocket, status, NULL, 0);
		wslay_event_send(dialogue->websocket);
	}
	dialogue->closing = true;
}

static bool spend_token(struct dialogue *dialogue)
{
	dialogue->tokens -= 1;
	return dialogue->tokens >= 0;
}

static void on_message(
	wslay_event_context_ptr context, const struct wslay_event_on_msg_recv_arg *message, void *data)
{
	struct dialogue *dialogue = data;
	if (dialogue->closing || !dialogue->session || wslay_is_ctrl_frame(message->opcode))
		return;
	if (message->opcode != WSLAY_BINARY_FRAME) {
		dialogue_close(dialogue, WSLAY_CODE_UNSUPPORTED_DATA);
		return;
	}
	if (!spend_token(dialogue)) {
		fprintf(stderr, "lodged: web: %s sends more than %.0f messages a second; closed\n",
			dialogue->params.peer, MESSAGES_PER_SECOND);
		dialogue_close(dialogue, WSLAY_CODE_POLICY_VIOLATION);
		return;
	}
	session_receive(dialogue->session, message->msg, message->msg_length);
}

struct dialogue *dialogue_create(const struct dialogue_params *params)
{
	struct dialogue *dialogue = calloc(1, sizeof *dialogue);
	if (!dialogue)
		return NULL;
	dialogue->params = *params;
	dialogue->tokens = MESSAGES_BURST;
	dialogue->output = output_create();
	dialogue->http = http_parser_state_create();
	if (dialogue->output && dialogue->http)
		return dialogue;
	dialogue_destroy(dialogue);
	return NULL;
}

void dialogue_destroy(struct dialogue *dialogue)
{
	if (!dialogue)
		return;
	if (dialogue->session)
		session_detach(dialogue->session);
	if (dialogue->websocket)
		wslay_event_context_free(dialogue->websocket);
	http_parser_state_destroy(dialogue->http);
	output_destroy(dialogue->output);
	free(dialogue);
}

/* Another site's page may open a WebSocket to us with the user's browser; its Origin tells (RFC 6455 §10.2). */
static bool same_origin(const struct http_request *request)
{
	const char *authority = strstr(request->origin, "://");
	return request->origin[0] == '\0' ||
		(authority && strcasecmp(authority + 3, request->host) == 0);
}

static bool has_subprotocol(const char *offered)
{
	static const size_t size = sizeof SUBPROTOCOL - 1;
	while (*offered) {
		offered += strspn(offered, ", \t");
		const size_t word = strcspn(offered, ", \t");
		if (word == size && strncmp(offered, SUBPROTOCOL, size) == 0)
			return true;
		offered += word;
	}
	return false;
}

static const char *check_upgrade(const struct http_request *request, int *status)
{
	*status = 403;
	if (!same_origin(request))
		return "The page that asks is from another origin.";
	*status = 426;
	if (!request->upgrade || strcmp(request->websocket_version, "13") != 0)
		return "This path is a WebSocket of version 13.";
	*status = 400;
	if (!websocket_key_valid(request->websocket_key))
		return "Sec-WebSocket-Key is not 16 bytes in base64.";
	if (!has_subprotocol(request->websocket_protocol))
		return "The WebSocket subprotocol lodge.v1 is not offered.";
	return NULL;
}

static bool upgrade(struct dialogue *dialogue, const struct http_request *request)
{
	static const struct wslay_event_callbacks callbacks = { .recv_callback = receive,
		.send_callback = send_control,
		.on_msg_recv_callback = on_message };
	char accept[WEBSOCKET_ACCEPT_SIZE], head[256];
	int status;
	const char *fault = check_upgrade(request, &status);
	if (fault) {
		answer_problem(dialogue->output, request, status, fault);
		return false;
	}
	if (wslay_event_context_server_init(&dialogue->websocket, &callbacks, dialogue) != 0)
		return false;
	wslay_event_config_set_max_recv_msg_length(dialogue->websocket, WIRE_CLIENT_MESSAGE_MAX);
	websocket_key_accept(request->websocket_key, accept);
	const int size = snprintf(head, sizeof head,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: " SUBPROTOCOL "\r\n\r\n",
		accept);
	if (!output_put_raw(dialogue->output, head, (size_t)size))
		return false;
	dialogue->session = session_attach(dialogue->params.sessions,
		&(struct session_attach_params){
			.impl = dialogue->params.impl,
			.transport = dialogue->params.transport,
			.peer = dialogue->params.peer,
			.authority = request->host,
		});
	if (!dialogue->session)
		dialogue_close(dialogue, 1013); /* try again later */
	return dialogue->session;
}

static bool answer(struct dialogue *dialogue, const struct http_request *request)
{
	if (strcmp(request->path, "/session") == 0 && strcmp(request->method, "GET") == 0)
		return upgrade(dialogue, request);
	return answer_request(dialogue->output, dialogue->params.pages, request) && request->keep_alive;
}

static bool feed_http(struct dialogue *dialogue)
{
	while (dialogue->unread_size && !dialogue->websocket) {
		const struct http_request *request;
		size_t used;
		const enum http_result result = http_parser_feed(
			dialogue->http, dialogue->unread, dialogue->unread_size, &used, &request);
		dialogue->unread += used;
		dialogue->unread_size -= used;
		if (result == HTTP_FAULT) {
			answer_problem(dialogue->output, request, request->status, request->fault);
			return false;
		}
		if (result == HTTP_COMPLETE && !answer(dialogue, request))
			return false;
		if (result == HTTP_MORE)
			break;
	}
	return true;
}

static bool feed_websocket(struct dialogue *dialogue)
{
	const int error = wslay_event_recv(dialogue->websocket);
	/* A protocol error has queued its close frame, and so has a message that is too big. */
	if (wslay_event_want_write(dialogue->websocket))
		wslay_event_send(dialogue->websocket);
	return error == 0 && !dialogue->closing && !wslay_event_get_close_received(dialogue->websocket) &&
		!wslay_event_get_close_sent(dialogue->websocket);
}

bool dialogue_feed(struct dialogue *dialogue, const uint8_t *bytes, size_t size, uint64_t now_ns)
{
	dialogue->tokens += (double)(now_ns - dialogue->heard_ns) / 1e9 * MESSAGES_PER_SECOND;
	if (dialogue->tokens > MESSAGES_BURST)
		dialogue->tokens = MESSAGES_BURST;
	dialogue->heard_ns = now_ns;
	dialogue->unread = bytes;
	dialogue->unread_size = size;
	if (dialogue->closing || (!dialogue->websocket && !feed_http(dialogue)))
		return false;
	return !dialogue->websocket || feed_websocket(dialogue);
}

struct output *dialogue_output(struct dialogue *dialogue)
{
	return dialogue->output;
}

bool dialogue_is_websocket(const struct dialogue *dialogue)
{
	return dialogue->websocket;
}

void dialogue_ping(struct dialogue *dialogue)
{
	const struct wslay_event_msg ping = { .opcode = WSLAY_PING };
	if (dialogue->websocket && wslay_event_queue_msg(dialogue->websocket, &ping) == 0)
		wslay_event_send(dialogue->websocket);
}

uint64_t dialogue_heard_ns(const struct dialogue *dialogue)
{
	return dialogue->heard_ns;
}

void dialogue_drained(struct dialogue *dialogue)
{
	if (dialogue->session)
		session_drained(dialogue->session);
}
