#include "web/send_queue.h"

#include <stdlib.h>
#include <string.h>

#define INLINE_MAX 128 /* most control messages are shorter */
#define IDLE_MAX 32

struct send_item {
	struct send_item *next;
	size_t head_size, size; /* of head and of bytes */
	size_t sent; /* of both together */
	const uint8_t *bytes;
	uint8_t *owned; /* a copy that did not fit `copy` */
	struct media_packet *packet; /* whose bytes they are, or NULL */
	uint8_t head[SEND_HEAD_MAX];
	uint8_t copy[INLINE_MAX];
};

void send_queue_init(struct send_queue *queue)
{
	*queue = (struct send_queue){ 0 };
	queue->last = &queue->first;
}

static void item_release(struct send_queue *queue, struct send_item *item)
{
	media_packet_unref(item->packet);
	free(item->owned);
	if (queue->idle_count >= IDLE_MAX) {
		free(item);
		return;
	}
	item->next = queue->idle;
	queue->idle = item;
	queue->idle_count++;
}

void send_queue_finish(struct send_queue *queue)
{
	queue->idle_count = IDLE_MAX; /* from now on items are freed */
	for (struct send_item *item = queue->first, *next; item; item = next) {
		next = item->next;
		item_release(queue, item);
	}
	for (struct send_item *item = queue->idle, *next; item; item = next) {
		next = item->next;
		free(item);
	}
	send_queue_init(queue);
}

static struct send_item *item_take(struct send_queue *queue, const uint8_t *head, size_t head_size)
{
	struct send_item *item = queue->idle;
	if (item) {
		queue->idle = item->next;
		queue->idle_count--;
	} else {
		item = malloc(sizeof *item);
		if (!item)
			return NULL;
	}
	item->next = NULL;
	item->head_size = head_size;
	item->size = item->sent = 0;
	item->bytes = NULL;
	item->owned = NULL;
	item->packet = NULL;
	if (head_size)
		memcpy(item->head, head, head_size);
	return item;
}

static void append(
	struct send_queue *queue, struct send_item *item, const uint8_t *bytes, size_t size)
{
	item->bytes = bytes;
	item->size = size;
	*queue->last = item;
	queue->last = &item->next;
	queue->bytes += item->head_size + size;
}

bool send_queue_copy(struct send_queue *queue, const uint8_t *head, size_t head_size,
	const void *bytes, size_t size)
{
	struct send_item *item = item_take(queue, head, head_size);
	if (!item)
		return false;
	uint8_t *copy = item->copy;
	if (size > INLINE_MAX) {
		copy = item->owned = malloc(size);
		if (!copy) {
			item_release(queue, item);
			return false;
		}
	}
	if (size)
		memcpy(copy, bytes, size);
	append(queue, item, copy, size);
	return true;
}

bool send_queue_packet(struct send_queue *queue, const uint8_t *head, size_t head_size,
	struct media_packet *packet)
{
	struct send_item *item = item_take(queue, head, head_size);
	if (!item)
		return false;
	item->packet = media_packet_ref(packet);
	append(queue, item, packet->data, packet->size);
	return true;
}

bool send_queue_lasting(struct send_queue *queue, const void *bytes, size_t size)
{
	struct send_item *item = item_take(queue, NULL, 0);
	if (!item)
		return false;
	append(queue, item, bytes, size);
	return true;
}

static size_t copy_part(uint8_t *to, size_t room, const uint8_t *from, size_t size)
{
	const size_t part = size < room ? size : room;
	if (part)
		memcpy(to, from, part);
	return part;
}

static size_t gather(const struct send_item *item, uint8_t *to, size_t room)
{
	size_t filled = 0, body = item->sent;
	if (item->sent < item->head_size) {
		filled = copy_part(to, room, item->head + item->sent, item->head_size - item->sent);
		body = item->head_size;
	}
	body -= item->head_size;
	return filled +
		copy_part(to + filled, room - filled, item->bytes + body, item->size - body);
}

const uint8_t *send_queue_peek(
	const struct send_queue *queue, uint8_t *scratch, size_t capacity, size_t *size)
{
	const struct send_item *item = queue->first;
	*size = 0;
	if (!item)
		return NULL;
	if (item->sent >= item->head_size) {
		const size_t left = item->head_size + item->size - item->sent;
		if (left >= capacity) {
			*size = capacity;
			return item->bytes + (item->sent - item->head_size);
		}
	}
	for (; item && *size < capacity; item = item->next)
		*size += gather(item, scratch + *size, capacity - *size);
	return scratch;
}

void send_queue_advance(struct send_queue *queue, size_t size)
{
	queue->bytes -= size;
	while (queue->first) {
		struct send_item *item = queue->first;
		const size_t left = item->head_size + item->size - item->sent;
		if (size < left) {
			item->sent += size;
			return;
		}
		size -= left;
		queue->first = item->next;
		if (!queue->first)
			queue->last = &queue->first;
		item_release(queue, item);
	}
}
