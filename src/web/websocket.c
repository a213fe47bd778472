#include "web/websocket.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#include "core/wire.h"

struct websocket {
	wslay_frame_context_ptr frames;
	const struct websocket_events *events;
	void *data;

	const uint8_t *in; /* what websocket_receive was given and wslay has not taken */
	size_t in_size;
	uint8_t *head; /* where websocket_head wants the head; NULL for the payload behind it */
	size_t head_size;

	bool muted, done;
	bool in_frame; /* the frame at hand was begun */
	bool in_message; /* its first fragments are in `message` */
	uint64_t left; /* of its payload */
	size_t message_max, message_size;
	size_t control_size;
	uint8_t control[WEBSOCKET_CONTROL_MAX];
	uint8_t message[];
};

static ssize_t take_input(uint8_t *bytes, size_t size, int flags, void *data)
{
	struct websocket *websocket = data;
	const size_t part = size < websocket->in_size ? size : websocket->in_size;
	if (part == 0)
		return -1; /* wslay: read more later */
	memcpy(bytes, websocket->in, part);
	websocket->in += part;
	websocket->in_size -= part;
	return (ssize_t)part;
}

/* wslay hands out the head first, then the payload: the head is caught, the payload is sent by its owner. */
static ssize_t catch_head(const uint8_t *bytes, size_t size, int flags, void *data)
{
	struct websocket *websocket = data;
	if (websocket->head) {
		memcpy(websocket->head, bytes, size);
		websocket->head_size = size;
		websocket->head = NULL;
	}
	return (ssize_t)size;
}

size_t websocket_head(struct websocket *websocket, enum websocket_opcode opcode, size_t size,
	uint8_t head[WEBSOCKET_HEAD_MAX])
{
	struct wslay_frame_iocb frame = {
		.fin = 1,
		.opcode = (uint8_t)opcode,
		.payload_length = size,
		.data = head, /* not read: catch_head only counts it */
		.data_length = size,
	};
	websocket->head = head;
	websocket->head_size = 0;
	wslay_frame_send(websocket->frames, &frame);
	return websocket->head_size;
}

struct websocket *websocket_create(
	const struct websocket_events *events, void *data, size_t message_max)
{
	const struct wslay_frame_callbacks callbacks = { catch_head, take_input, NULL };
	struct websocket *websocket = calloc(1, sizeof *websocket + message_max);
	if (!websocket)
		return NULL;
	websocket->events = events;
	websocket->data = data;
	websocket->message_max = message_max;
	if (wslay_frame_context_init(&websocket->frames, &callbacks, websocket) != 0) {
		free(websocket);
		return NULL;
	}
	return websocket;
}

void websocket_destroy(struct websocket *websocket)
{
	if (!websocket)
		return;
	wslay_frame_context_free(websocket->frames);
	free(websocket);
}

void websocket_stop(struct websocket *websocket)
{
	websocket->done = true;
}

void websocket_mute(struct websocket *websocket)
{
	websocket->muted = true;
}

static void fault(struct websocket *websocket, enum websocket_code code, const char *text)
{
	websocket->done = true;
	websocket->events->fault(websocket->data, (uint16_t)code, text);
}

static bool is_control(uint8_t opcode)
{
	return opcode & 0x8;
}

static bool begin_data(struct websocket *websocket, const struct wslay_frame_iocb *frame)
{
	const bool continues = frame->opcode == WSLAY_CONTINUATION_FRAME;
	if (frame->opcode == WSLAY_TEXT_FRAME) {
		fault(websocket, WEBSOCKET_UNSUPPORTED, "messages are binary here, not text");
		return false;
	}
	if (continues != websocket->in_message) {
		fault(websocket, WEBSOCKET_PROTOCOL_ERROR,
			continues ? "a continuation without a beginning"
				  : "a new message inside a fragmented one");
		return false;
	}
	if (!continues)
		websocket->message_size = 0;
	websocket->in_message = !frame->fin;
	if (frame->payload_length > websocket->message_max - websocket->message_size) {
		fault(websocket, WEBSOCKET_TOO_BIG,
			"the message is longer than any message can be");
		return false;
	}
	return true;
}

/* True when the frame may go on. */
static bool begin_frame(struct websocket *websocket, const struct wslay_frame_iocb *frame)
{
	websocket->events->frame(websocket->data);
	if (websocket->done)
		return false;
	if (!frame->mask) {
		fault(websocket, WEBSOCKET_PROTOCOL_ERROR, "a client's frames must be masked");
		return false;
	}
	if (frame->rsv != 0) {
		fault(websocket, WEBSOCKET_PROTOCOL_ERROR,
			"a reserved bit is set: no extension was agreed");
		return false;
	}
	if (is_control(frame->opcode)) {
		websocket->control_size = 0;
		if (frame->opcode <= WSLAY_PONG)
			return true;
	} else if (frame->opcode <= WSLAY_BINARY_FRAME) {
		return websocket->muted || begin_data(websocket, frame);
	}
	fault(websocket, WEBSOCKET_PROTOCOL_ERROR, "a reserved opcode");
	return false;
}

static bool is_close_code(uint16_t code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
		(code >= 3000 && code <= 4999);
}

static void end_close(struct websocket *websocket)
{
	const uint8_t *bytes = websocket->control;
	const size_t size = websocket->control_size;
	uint16_t code = WEBSOCKET_NO_CODE;
	if (size >= 2)
		code = (uint16_t)(bytes[0] << 8 | bytes[1]);
	if (size == 1 || (size >= 2 && !is_close_code(code))) {
		fault(websocket, WEBSOCKET_PROTOCOL_ERROR,
			"the close frame has no code that a client may send");
		return;
	}
	/* A NUL counts as invalid too: no reason has one. */
	if (size > 2 && !wire_utf8_valid((const char *)bytes + 2, size - 2)) {
		fault(websocket, WEBSOCKET_INVALID_DATA, "the close frame's reason is no UTF-8");
		return;
	}
	websocket->done = true;
	websocket->events->closed(websocket->data, code);
}

static void end_frame(struct websocket *websocket, const struct wslay_frame_iocb *frame)
{
	const struct websocket_events *events = websocket->events;
	if (frame->opcode == WSLAY_CONNECTION_CLOSE)
		end_close(websocket);
	else if (websocket->muted)
		return;
	else if (frame->opcode == WSLAY_PING)
		events->ping(websocket->data, websocket->control, websocket->control_size);
	else if (!is_control(frame->opcode) && frame->fin)
		events->message(websocket->data, websocket->message, websocket->message_size);
}

static void keep_payload(struct websocket *websocket, const struct wslay_frame_iocb *frame)
{
	if (frame->data_length == 0)
		return;
	if (is_control(frame->opcode)) { /* wslay has checked that it is at most 125 bytes */
		memcpy(websocket->control + websocket->control_size, frame->data,
			frame->data_length);
		websocket->control_size += frame->data_length;
	} else if (!websocket->muted) {
		memcpy(websocket->message + websocket->message_size, frame->data,
			frame->data_length);
		websocket->message_size += frame->data_length;
	}
}

/* One piece of one frame; wslay gives payload as it comes. False when there is nothing more to read now. */
static bool receive_piece(struct websocket *websocket)
{
	struct wslay_frame_iocb frame;
	const ssize_t size = wslay_frame_recv(websocket->frames, &frame);
	if (size < 0) {
		if (size == WSLAY_ERR_PROTO)
			fault(websocket, WEBSOCKET_PROTOCOL_ERROR,
				"the frame's head breaks RFC 6455");
		return false;
	}
	if (!websocket->in_frame) {
		if (!begin_frame(websocket, &frame))
			return false;
		websocket->in_frame = true;
		websocket->left = frame.payload_length;
	}
	keep_payload(websocket, &frame);
	websocket->left -= frame.data_length;
	if (websocket->left == 0) {
		websocket->in_frame = false;
		end_frame(websocket, &frame);
	}
	return true;
}

void websocket_receive(struct websocket *websocket, const uint8_t *bytes, size_t size)
{
	websocket->in = bytes;
	websocket->in_size = size;
	while (!websocket->done && receive_piece(websocket))
		;
	websocket->in = NULL;
	websocket->in_size = 0;
}
