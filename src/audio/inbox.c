#include "audio/inbox.h"

#include <string.h>

void inbox_init(struct inbox *inbox)
{
	atomic_init(&inbox->head, 0);
	atomic_init(&inbox->tail, 0);
}

bool inbox_put(struct inbox *inbox, uint32_t sequence, const uint8_t *bytes, size_t size,
	uint32_t samples, uint64_t arrival_ns)
{
	const unsigned tail = atomic_load_explicit(&inbox->tail, memory_order_relaxed);
	if (tail - atomic_load_explicit(&inbox->head, memory_order_acquire) == INBOX_SIZE)
		return false;
	struct inbox_packet *packet = &inbox->packets[tail % INBOX_SIZE];
	packet->sequence = sequence;
	packet->size = (uint16_t)size;
	packet->samples = (uint16_t)samples;
	packet->arrival_ns = arrival_ns;
	memcpy(packet->bytes, bytes, size);
	atomic_store_explicit(&inbox->tail, tail + 1, memory_order_release);
	return true;
}

const struct inbox_packet *inbox_peek(struct inbox *inbox)
{
	const unsigned head = atomic_load_explicit(&inbox->head, memory_order_relaxed);
	if (head == atomic_load_explicit(&inbox->tail, memory_order_acquire))
		return NULL;
	return &inbox->packets[head % INBOX_SIZE];
}

void inbox_drop(struct inbox *inbox)
{
	atomic_fetch_add_explicit(&inbox->head, 1, memory_order_release);
}
