#include "media/packet.h"

#include <stdlib.h>

#include "media/packet_pool.h"

struct media_packet_pool {
	_Atomic(struct media_packet *)
		returned; /* pushed by the control thread, taken whole by the media thread */
	struct media_packet *idle; /* the media thread's */
	atomic_uint references; /* the stream and every packet that is out */
};

struct media_packet_pool *media_packet_pool_create(void)
{
	struct media_packet_pool *pool = calloc(1, sizeof *pool);
	if (pool)
		atomic_init(&pool->references, 1);
	return pool;
}

static void packet_free(struct media_packet *packet)
{
	free(packet->data);
	free(packet);
}

static void free_list(struct media_packet *packet)
{
	while (packet) {
		struct media_packet *next = packet->next;
		packet_free(packet);
		packet = next;
	}
}

void media_packet_pool_unref(struct media_packet_pool *pool)
{
	if (!pool || atomic_fetch_sub(&pool->references, 1) > 1)
		return;
	free_list(pool->idle);
	free_list(atomic_load(&pool->returned));
	free(pool);
}

struct media_packet *media_packet_pool_take(struct media_packet_pool *pool)
{
	if (!pool->idle)
		pool->idle = atomic_exchange(&pool->returned, NULL);
	struct media_packet *packet = pool->idle;
	if (packet) {
		pool->idle = packet->next;
	} else {
		packet = calloc(1, sizeof *packet);
		if (!packet)
			return NULL;
		packet->pool = pool;
	}
	packet->next = NULL;
	packet->size = 0;
	packet->keyframe = false;
	atomic_init(&packet->references, 1);
	atomic_fetch_add(&pool->references, 1);
	return packet;
}

bool media_packet_reserve(struct media_packet *packet, size_t size)
{
	if (size <= packet->capacity)
		return true;
	size_t capacity = packet->capacity ? packet->capacity : 4096;
	while (capacity < size)
		capacity *= 2;
	uint8_t *data = realloc(packet->data, capacity);
	if (!data)
		return false;
	packet->data = data;
	packet->capacity = capacity;
	return true;
}

struct media_packet *media_packet_ref(struct media_packet *packet)
{
	atomic_fetch_add_explicit(&packet->references, 1, memory_order_relaxed);
	return packet;
}

void media_packet_unref(struct media_packet *packet)
{
	if (!packet || atomic_fetch_sub(&packet->references, 1) > 1)
		return;
	struct media_packet_pool *pool = packet->pool;
	if (!pool) {
		packet_free(packet);
		return;
	}
	struct media_packet *head = atomic_load_explicit(&pool->returned, memory_order_relaxed);
	do {
		packet->next = head;
	} while (!atomic_compare_exchange_weak(&pool->returned, &head, packet));
	media_packet_pool_unref(pool);
}
