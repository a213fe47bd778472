/*
 * What waits to be sent on one connection, in order: copies of small things, references to packets and pages. It
 * gives out runs of bytes that fill a TLS record, so that a frame's header never travels alone.
 *
 * Room: web, private. Thread: control. No I/O. Items are recycled: a connection that keeps up allocates nothing.
 */
#ifndef LODGE_WEB_SEND_QUEUE_H
#define LODGE_WEB_SEND_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/packet.h"

#define SEND_HEAD_MAX 16

struct send_item;

struct send_queue {
	struct send_item *first, **last;
	struct send_item *idle;
	unsigned idle_count;
	size_t bytes; /* queued, heads included */
};

void send_queue_init(struct send_queue *queue);
/* Drops what is queued; packet references go back. */
void send_queue_finish(struct send_queue *queue);

/* Each puts `head` (may be empty) and what follows it at the end; false when memory is short: nothing was queued. */
bool send_queue_copy(struct send_queue *queue, const uint8_t *head, size_t head_size,
	const void *bytes, size_t size);
bool send_queue_packet(struct send_queue *queue, const uint8_t *head, size_t head_size,
	struct media_packet *packet);
/* The bytes outlive the queue. */
bool send_queue_lasting(struct send_queue *queue, const void *bytes, size_t size);

/*
 * The next bytes to send, at most `capacity`: a pointer into an item when that item alone fills it, else what was
 * gathered from the items in front into `scratch`. NULL when the queue is empty.
 */
const uint8_t *send_queue_peek(
	const struct send_queue *queue, uint8_t *scratch, size_t capacity, size_t *size);
void send_queue_advance(struct send_queue *queue, size_t size);

#endif
