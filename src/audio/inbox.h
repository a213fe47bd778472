/*
 * Packets from the control thread to PipeWire's data thread: a single-producer, single-consumer ring of copies.
 *
 * Room: audio, private. put: control thread. peek, drop: the data thread.
 */
#ifndef LODGE_AUDIO_INBOX_H
#define LODGE_AUDIO_INBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/jitter.h"

#define INBOX_SIZE 64 /* a power of two */

struct inbox_packet {
	uint32_t sequence;
	uint16_t size, samples;
	uint64_t arrival_ns;
	uint8_t bytes[JITTER_PACKET_MAX];
};

struct inbox {
	struct inbox_packet packets[INBOX_SIZE];
	atomic_uint head,
		tail; /* head: next to take (consumer's); tail: next to put (producer's) */
};

void inbox_init(struct inbox *inbox);
/* At most JITTER_PACKET_MAX bytes. False: full, for nobody takes them. */
bool inbox_put(struct inbox *inbox, uint32_t sequence, const uint8_t *bytes, size_t size,
	uint32_t samples, uint64_t arrival_ns);
/* The oldest, until it is dropped; NULL: empty. */
const struct inbox_packet *inbox_peek(struct inbox *inbox);
void inbox_drop(struct inbox *inbox);

#endif
