#include "web/output.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

struct output {
	struct output_item items[OUTPUT_ITEMS_MAX];
	uint32_t first, count;
	size_t offset;  /* sent of the first item's payload */
	size_t pending; /* payload bytes of all items, less offset */
	wslay_frame_context_ptr frames;
	uint8_t record[OUTPUT_RECORD_SIZE];
	size_t record_start, record_end;
	output_write write; /* during output_flush */
	void *data;
	bool dead;
};

/* True: the record has room again. */
static bool flush_record(struct output *output)
{
	while (output->record_start < output->record_end) {
		const ptrdiff_t taken = output->write(output->data, output->record + output->record_start,
			output->record_end - output->record_start);
		if (taken < 0)
			output->dead = true;
		if (taken <= 0)
			return false;
		output->record_start += (size_t)taken;
	}
	output->record_start = output->record_end = 0;
	return true;
}

static size_t gather(struct output *output, const uint8_t *bytes, size_t size)
{
	if (output->record_end == OUTPUT_RECORD_SIZE && !flush_record(output))
		return 0;
	const size_t room = OUTPUT_RECORD_SIZE - output->record_end;
	const size_t taken = size < room ? size : room;
	memcpy(output->record + output->record_end, bytes, taken);
	output->record_end += taken;
	return taken;
}

static ssize_t send_frame_bytes(const uint8_t *bytes, size_t size, int flags, void *data)
{
	const size_t taken = gather(data, bytes, size);
	return taken ? (ssize_t)taken : -1;
}

struct output *output_create(void)
{
	static const struct wslay_frame_callbacks callbacks = { .send_callback = send_frame_bytes };
	struct output *output = calloc(1, sizeof *output);
	if (output && wslay_frame_context_init(&output->frames, &callbacks, output) != 0) {
		free(output);
		return NULL;
	}
	return output;
}

static void item_finish(struct output_item *item)
{
	media_packet_unref(item->packet);
	free(item->bytes);
	*item = (struct output_item){ 0 };
}

void output_destroy(struct output *output)
{
	if (!output)
		return;
	for (; output->count; output->count--)
		item_finish(&output->items[output->first++ % OUTPUT_ITEMS_MAX]);
	wslay_frame_context_free(output->frames);
	free(output);
}

static struct output_item *append(struct output *output, size_t size)
{
	if (output->count == OUTPUT_ITEMS_MAX || output->pending + size > OUTPUT_BYTES_MAX)
		return NULL;
	return &output->items[(output->first + output->count) % OUTPUT_ITEMS_MAX];
}

static bool put_copy(struct output *output, uint8_t opcode, const void *bytes, size_t size)
{
	struct output_item *item = append(output, size);
	uint8_t *copy = item ? malloc(size ? size : 1) : NULL;
	if (!copy)
		return false;
	memcpy(copy, bytes, size);
	*item = (struct output_item){ .bytes = copy, .size = size, .opcode = opcode };
	output->count++;
	output->pending += size;
	return true;
}

bool output_put_raw(struct output *output, const void *bytes, size_t size)
{
	return size == 0 || put_copy(output, 0, bytes, size);
}

bool output_put_message(struct output *output, uint8_t opcode, const void *bytes, size_t size)
{
	return put_copy(output, opcode, bytes, size);
}

bool output_put_packet(struct output *output, struct media_packet *packet)
{
	struct output_item *item = append(output, packet->size);
	if (!item)
		return false;
	*item = (struct output_item){ .packet = media_packet_ref(packet),
		.size = packet->size,
		.opcode = WSLAY_BINARY_FRAME };
	output->count++;
	output->pending += packet->size;
	return true;
}

size_t output_pending(const struct output *output)
{
	return output->pending + output->record_end - output->record_start;
}

/* One step of the first item; false: nothing more can be taken now. */
static bool send_some(struct output *output, const struct output_item *item)
{
	const uint8_t *bytes = (item->packet ? item->packet->data : item->bytes) + output->offset;
	const size_t left = item->size - output->offset;
	ptrdiff_t taken;
	if (item->opcode == 0) {
		taken = (ptrdiff_t)gather(output, bytes, left);
		if (taken == 0)
			return false;
	} else {
		struct wslay_frame_iocb frame = { .fin = 1,
			.opcode = item->opcode,
			.payload_length = item->size,
			.data = bytes,
			.data_length = left };
		taken = wslay_frame_send(output->frames, &frame);
		if (taken < 0)
			return false;
	}
	output->offset += (size_t)taken;
	output->pending -= (size_t)taken;
	return true;
}

bool output_flush(struct output *output, output_write write, void *data)
{
	output->write = write;
	output->data = data;
	while (output->count && !output->dead) {
		struct output_item *item = &output->items[output->first % OUTPUT_ITEMS_MAX];
		if (!send_some(output, item))
			break;
		if (output->offset < item->size)
			continue;
		item_finish(item);
		output->first++;
		output->count--;
		output->offset = 0;
	}
	if (!output->dead)
		flush_record(output);
	return !output->dead;
}
