/*
 * Sound's media packets (docs/protocol.md §3: AUDIO_CONFIG, AUDIO), written straight where they are encoded, and read back.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread. What is read points into the caller's message.
 */
#ifndef LODGE_CORE_WIRE_AUDIO_H
#define LODGE_CORE_WIRE_AUDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_AUDIO_HEADER_SIZE                                                                     \
	13 /* of AUDIO: type, sequence, capture time; the Opus packet follows */
#define WIRE_AUDIO_CHANNELS_MAX 8
#define WIRE_OPUS_HEAD_MAX (21 + WIRE_AUDIO_CHANNELS_MAX)
#define WIRE_AUDIO_CONFIG_MAX (14 + WIRE_OPUS_HEAD_MAX)

/* RFC 7845 §5.1. Without a mapping (family 0) the streams are one, coupled when there are two channels. */
struct wire_opus_head {
	uint8_t channels;
	uint16_t pre_skip; /* samples at 48 kHz */
	uint32_t rate; /* Hz, of the sound before it was encoded */
	uint8_t family; /* 0: one or two channels; 1: in the order of Vorbis */
	uint8_t streams, coupled;
	uint8_t mapping[WIRE_AUDIO_CHANNELS_MAX];
};

struct wire_audio_config {
	uint8_t channels;
	uint32_t frame_us; /* a multiple of 100 */
	uint32_t rate; /* Hz */
	struct wire_opus_head head;
};

struct wire_audio {
	uint32_t sequence;
	uint64_t capture_ns;
	const uint8_t *packet;
	size_t size;
};

/* The size of the whole message; 0: it does not fit, or the values cannot be said. */
size_t wire_audio_config_write(
	uint8_t *bytes, size_t capacity, const struct wire_audio_config *config);
bool wire_audio_config_read(const uint8_t *bytes, size_t size, struct wire_audio_config *config);

void wire_audio_header_write(
	uint8_t bytes[WIRE_AUDIO_HEADER_SIZE], uint32_t sequence, uint64_t capture_ns);
bool wire_audio_read(const uint8_t *bytes, size_t size, struct wire_audio *audio);

#endif
