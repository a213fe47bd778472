/*
 * Packets from the media thread to the control thread: a single-producer, single-consumer ring with an eventfd.
 *
 * Room: media, private. push: media thread. pop, clear: control thread.
 */
#ifndef LODGE_MEDIA_OUTBOX_H
#define LODGE_MEDIA_OUTBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct media_packet;

#define OUTBOX_SIZE 256 /* a power of two */

struct outbox {
	struct media_packet *slots[OUTBOX_SIZE];
	atomic_uint head,
		tail; /* head: next to pop (consumer's); tail: next to push (producer's) */
	int wake; /* eventfd */
};

/* 0 or a negative errno. */
int outbox_init(struct outbox *outbox);
void outbox_finish(struct outbox *outbox); /* unrefs what is left */
/* Hands the reference over. False: full, the reference stays with the caller. */
bool outbox_push(struct outbox *outbox, struct media_packet *packet);
/* NULL: empty. */
struct media_packet *outbox_pop(struct outbox *outbox);
void outbox_wake(struct outbox *outbox);
void outbox_clear_wake(struct outbox *outbox);

#endif
