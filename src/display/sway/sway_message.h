/*
 * The framing of sway's IPC protocol (sway-ipc(7)): "i3-ipc", u32 payload size, u32 type, payload; integers in
 * the machine's byte order.
 *
 * Room: display. Pure: no I/O, no allocation. Any thread.
 */
#ifndef LODGE_DISPLAY_SWAY_MESSAGE_H
#define LODGE_DISPLAY_SWAY_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SWAY_MESSAGE_HEADER_SIZE 14
#define SWAY_MESSAGE_PAYLOAD_MAX (16u << 20)

enum sway_message_type {
	SWAY_RUN_COMMAND = 0,
	SWAY_GET_WORKSPACES = 1,
	SWAY_SUBSCRIBE = 2,
	SWAY_GET_OUTPUTS = 3,
	SWAY_GET_TREE = 4,
	SWAY_GET_VERSION = 7,
	SWAY_GET_SEATS = 101,
};

#define SWAY_EVENT_BIT 0x80000000u
#define SWAY_EVENT_WORKSPACE (SWAY_EVENT_BIT | 0)
#define SWAY_EVENT_OUTPUT (SWAY_EVENT_BIT | 1)
#define SWAY_EVENT_WINDOW (SWAY_EVENT_BIT | 3)
#define SWAY_EVENT_SHUTDOWN (SWAY_EVENT_BIT | 6)

struct sway_message {
	uint32_t type;
	uint32_t size;
	const char *payload; /* points into the decoded bytes; no NUL behind it */
};

/*
 * The size of the first message in `bytes`, header included, with *message filled; 0 when it is not whole
 * yet; -EPROTO when these bytes are no message, -EMSGSIZE when its payload is above the bound.
 */
ssize_t sway_message_decode(const uint8_t *bytes, size_t size, struct sway_message *message);
void sway_message_encode_header(
	uint8_t header[SWAY_MESSAGE_HEADER_SIZE], uint32_t type, uint32_t payload_size);

#endif
