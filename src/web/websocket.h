/*
 * The WebSocket protocol (RFC 6455), the host's side, over wslay's frames: bytes in, whole messages out, and the
 * heads of the frames that the host sends.
 *
 * Room: web, private. Pure: no I/O, no clock. An event's receiver may stop the reading with websocket_stop, and must
 * not destroy the websocket from inside an event.
 */
#ifndef LODGE_WEB_WEBSOCKET_H
#define LODGE_WEB_WEBSOCKET_H

#include <stddef.h>
#include <stdint.h>

#define WEBSOCKET_HEAD_MAX 14
#define WEBSOCKET_CONTROL_MAX 125

enum websocket_opcode {
	WEBSOCKET_BINARY = 0x2,
	WEBSOCKET_CLOSE = 0x8,
	WEBSOCKET_PING = 0x9,
	WEBSOCKET_PONG = 0xa,
};

enum websocket_code {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_GOING_AWAY = 1001,
	WEBSOCKET_PROTOCOL_ERROR = 1002,
	WEBSOCKET_UNSUPPORTED = 1003,
	WEBSOCKET_NO_CODE = 1005, /* never sent: a close frame without a code */
	WEBSOCKET_INVALID_DATA = 1007,
	WEBSOCKET_POLICY = 1008,
	WEBSOCKET_TOO_BIG = 1009,
	WEBSOCKET_TRY_LATER = 1013,
};

struct websocket_events {
	void (*frame)(void *data); /* one frame began, of whatever kind */
	void (*message)(void *data, const uint8_t *bytes, size_t size);
	void (*ping)(void *data, const uint8_t *bytes, size_t size);
	void (*closed)(
		void *data, uint16_t code); /* the client's close frame; nothing is read after it */
	/* The client broke a rule: close with the code and the sentence. Nothing is read after it. */
	void (*fault)(void *data, uint16_t code, const char *text);
};

struct websocket;

struct websocket *websocket_create(
	const struct websocket_events *events, void *data, size_t message_max);
void websocket_destroy(struct websocket *websocket);
void websocket_receive(struct websocket *websocket, const uint8_t *bytes, size_t size);
/* Nothing is read any more. */
void websocket_stop(struct websocket *websocket);
/* Only the client's close frame is still listened for. */
void websocket_mute(struct websocket *websocket);
/* The head of one unfragmented, unmasked frame. Returns its size. */
size_t websocket_head(struct websocket *websocket, enum websocket_opcode opcode, size_t size,
	uint8_t head[WEBSOCKET_HEAD_MAX]);

#endif
