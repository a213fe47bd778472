/*
 * What a connection has still to send: bytes that were copied, and media packets by reference, each sent as
 * one WebSocket message. Room: web, private. Thread: control.
 */
#ifndef LODGE_WEB_OUTPUT_H
#define LODGE_WEB_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/packet.h"

#define OUTPUT_BYTES_MAX (8u * 1024 * 1024)
#define OUTPUT_ITEMS_MAX 2048 /* a power of two */
#define OUTPUT_RECORD_SIZE 16384 /* the most that one TLS record carries */

struct output_item {
	struct media_packet *packet; /* a whole binary message; or NULL */
	uint8_t *bytes;              /* raw bytes (HTTP, control frames), or a message's payload when `opcode` */
	size_t size;
	uint8_t opcode; /* 0: raw bytes */
};

/* Takes bytes for the network: returns how many, 0 when it would block, -1 when the connection is dead. */
typedef ptrdiff_t (*output_write)(void *data, const uint8_t *bytes, size_t size);

struct output;

struct output *output_create(void);
void output_destroy(struct output *output);
/* False: over the bound, or out of memory; the connection is to be closed. */
bool output_put_raw(struct output *output, const void *bytes, size_t size);
bool output_put_message(struct output *output, uint8_t opcode, const void *bytes, size_t size);
bool output_put_packet(struct output *output, struct media_packet *packet);
/* Bytes that `write` has not taken. */
size_t output_pending(const struct output *output);
/*
 * Writes what can be written, gathered into records. True: all is out or the writer would block; false: dead.
 */
bool output_flush(struct output *output, output_write write, void *data);

#endif
