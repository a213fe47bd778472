#include "core/wire_audio.h"

#include <string.h>

#include "core/wire_bytes.h"

#define TYPE_AUDIO_CONFIG 0x8f
#define TYPE_AUDIO 0x90
#define CODEC "opus"
#define HEAD_MAGIC "OpusHead"
#define HEAD_VERSION 1
#define FRAME_UNIT_US 100

static size_t head_size(const struct wire_opus_head *head)
{
	return head->family == 0 ? 19 : 21u + head->channels;
}

static bool head_is_sayable(const struct wire_opus_head *head)
{
	if (head->family == 0)
		return head->channels == 1 || head->channels == 2;
	return head->channels > 0 && head->channels <= WIRE_AUDIO_CHANNELS_MAX &&
		head->streams > 0 && head->coupled <= head->streams;
}

static void put_head(struct wire_writer *writer, const struct wire_opus_head *head)
{
	wire_put_bytes(writer, HEAD_MAGIC, 8);
	wire_put(writer, HEAD_VERSION, 1);
	wire_put(writer, head->channels, 1);
	wire_put(writer, head->pre_skip, 2);
	wire_put(writer, head->rate, 4);
	wire_put(writer, 0, 2); /* output gain */
	wire_put(writer, head->family, 1);
	if (head->family == 0)
		return;
	wire_put(writer, head->streams, 1);
	wire_put(writer, head->coupled, 1);
	wire_put_bytes(writer, head->mapping, head->channels);
}

size_t wire_audio_config_write(
	uint8_t *bytes, size_t capacity, const struct wire_audio_config *config)
{
	struct wire_writer writer = { bytes, bytes + capacity, false };
	const uint32_t frame_units = config->frame_us / FRAME_UNIT_US;
	if (config->frame_us % FRAME_UNIT_US || frame_units > UINT16_MAX ||
		config->head.channels != config->channels || !head_is_sayable(&config->head))
		return 0;
	wire_put(&writer, TYPE_AUDIO_CONFIG, 1);
	wire_put(&writer, config->channels, 1);
	wire_put(&writer, frame_units, 2);
	wire_put(&writer, config->rate, 4);
	wire_put(&writer, strlen(CODEC), 2);
	wire_put_bytes(&writer, CODEC, strlen(CODEC));
	wire_put(&writer, head_size(&config->head), 2);
	put_head(&writer, &config->head);
	return writer.failed ? 0 : (size_t)(writer.at - bytes);
}

static bool get_head(struct wire_reader *reader, struct wire_opus_head *head)
{
	const uint8_t *magic = wire_take(reader, 8);
	if (!magic || memcmp(magic, HEAD_MAGIC, 8) != 0 || wire_get(reader, 1) != HEAD_VERSION)
		return false;
	*head = (struct wire_opus_head){ .streams = 1 };
	head->channels = (uint8_t)wire_get(reader, 1);
	head->pre_skip = (uint16_t)wire_get(reader, 2);
	head->rate = (uint32_t)wire_get(reader, 4);
	if (wire_get(reader, 2) != 0)
		return false;
	head->family = (uint8_t)wire_get(reader, 1);
	if (head->family == 0) {
		head->coupled = head->channels == 2;
		head->mapping[1] = 1;
		return head_is_sayable(head);
	}
	head->streams = (uint8_t)wire_get(reader, 1);
	head->coupled = (uint8_t)wire_get(reader, 1);
	if (!head_is_sayable(head))
		return false;
	const uint8_t *mapping = wire_take(reader, head->channels);
	if (!mapping)
		return false;
	memcpy(head->mapping, mapping, head->channels);
	for (size_t i = 0; i < head->channels; i++) {
		/* 255: a channel that is always silent. */
		if (mapping[i] != 255 && mapping[i] >= head->streams + head->coupled)
			return false;
	}
	return true;
}

bool wire_audio_config_read(const uint8_t *bytes, size_t size, struct wire_audio_config *config)
{
	struct wire_reader reader = { bytes, bytes + size, false };
	if (wire_get(&reader, 1) != TYPE_AUDIO_CONFIG)
		return false;
	config->channels = (uint8_t)wire_get(&reader, 1);
	config->frame_us = (uint32_t)wire_get(&reader, 2) * FRAME_UNIT_US;
	config->rate = (uint32_t)wire_get(&reader, 4);
	const uint8_t *codec = wire_take(&reader, wire_get(&reader, 2));
	if (!codec || codec + strlen(CODEC) + 2 > reader.end ||
		reader.at != codec + strlen(CODEC) || memcmp(codec, CODEC, strlen(CODEC)) != 0)
		return false;
	const size_t told = wire_get(&reader, 2);
	if (reader.failed || told != (size_t)(reader.end - reader.at) ||
		!get_head(&reader, &config->head))
		return false;
	return !reader.failed && reader.at == reader.end &&
		config->head.channels == config->channels;
}

void wire_audio_header_write(
	uint8_t bytes[WIRE_AUDIO_HEADER_SIZE], uint32_t sequence, uint64_t capture_ns)
{
	struct wire_writer writer = { bytes, bytes + WIRE_AUDIO_HEADER_SIZE, false };
	wire_put(&writer, TYPE_AUDIO, 1);
	wire_put(&writer, sequence, 4);
	wire_put(&writer, capture_ns, 8);
}

bool wire_audio_read(const uint8_t *bytes, size_t size, struct wire_audio *audio)
{
	struct wire_reader reader = { bytes, bytes + size, false };
	if (wire_get(&reader, 1) != TYPE_AUDIO)
		return false;
	audio->sequence = (uint32_t)wire_get(&reader, 4);
	audio->capture_ns = wire_get(&reader, 8);
	audio->packet = reader.at;
	audio->size = (size_t)(reader.end - reader.at);
	return !reader.failed && audio->size > 0;
}
