#include "media/outbox.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "media/packet.h"

int outbox_init(struct outbox *outbox)
{
	atomic_init(&outbox->head, 0);
	atomic_init(&outbox->tail, 0);
	outbox->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return outbox->wake < 0 ? -errno : 0;
}

void outbox_finish(struct outbox *outbox)
{
	struct media_packet *packet;
	while ((packet = outbox_pop(outbox)))
		media_packet_unref(packet);
	if (outbox->wake >= 0)
		close(outbox->wake);
}

bool outbox_push(struct outbox *outbox, struct media_packet *packet)
{
	const unsigned tail = atomic_load_explicit(&outbox->tail, memory_order_relaxed);
	if (tail - atomic_load_explicit(&outbox->head, memory_order_acquire) == OUTBOX_SIZE)
		return false;
	outbox->slots[tail % OUTBOX_SIZE] = packet;
	atomic_store_explicit(&outbox->tail, tail + 1, memory_order_release);
	outbox_wake(outbox);
	return true;
}

struct media_packet *outbox_pop(struct outbox *outbox)
{
	const unsigned head = atomic_load_explicit(&outbox->head, memory_order_relaxed);
	if (head == atomic_load_explicit(&outbox->tail, memory_order_acquire))
		return NULL;
	struct media_packet *packet = outbox->slots[head % OUTBOX_SIZE];
	atomic_store_explicit(&outbox->head, head + 1, memory_order_release);
	return packet;
}

void outbox_wake(struct outbox *outbox)
{
	const uint64_t one = 1;
	/* EAGAIN: the counter is full, so the reader is awake already. */
	if (write(outbox->wake, &one, sizeof one) < 0)
		return;
}

void outbox_clear_wake(struct outbox *outbox)
{
	uint64_t count;
	if (read(outbox->wake, &count, sizeof count) < 0)
		return;
}
