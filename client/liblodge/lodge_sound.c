#include "lodge_sound.h"

#include <opus/opus_multistream.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_SIZE 19
#define HEAD_MAPPED_SIZE 21 /* and one byte for each channel */
#define PACKET_FRAMES_MAX (LODGE_SOUND_RATE_HZ * 60 / 1000)
#define CONCEALED_MAX 10 /* a longer loss is heard as a gap anyway */

struct lodge_sound {
	OpusMSDecoder *decoder;
	uint32_t channels;
	uint64_t frame_ns;
	bool started;
	uint32_t next_sequence;
	uint64_t next_capture_ns;
	int16_t samples[(CONCEALED_MAX + 1) * PACKET_FRAMES_MAX * LODGE_SOUND_CHANNELS_MAX];
};

/* What OpusHead says of the streams in a packet (RFC 7845 §5.1.1). */
struct streams {
	int count, coupled;
	uint8_t mapping[LODGE_SOUND_CHANNELS_MAX];
};

struct lodge_sound *lodge_sound_create(void)
{
	return calloc(1, sizeof(struct lodge_sound));
}

void lodge_sound_destroy(struct lodge_sound *sound)
{
	if (!sound)
		return;
	if (sound->decoder)
		opus_multistream_decoder_destroy(sound->decoder);
	free(sound);
}

static bool read_head(struct wire_blob head, uint32_t channels, struct streams *streams)
{
	if (head.size < HEAD_SIZE || memcmp(head.bytes, "OpusHead", 8) != 0 ||
		head.bytes[8] >> 4 != 0 || head.bytes[9] != channels)
		return false;
	const uint8_t family = head.bytes[18];
	if (family == 0) {
		*streams = (struct streams){ 1, channels == 2, { 0, 1 } };
		return channels <= 2;
	}
	if (head.size < HEAD_MAPPED_SIZE + channels)
		return false;
	streams->count = head.bytes[19];
	streams->coupled = head.bytes[20];
	memcpy(streams->mapping, head.bytes + HEAD_MAPPED_SIZE, channels);
	return true;
}

const char *lodge_sound_configure(struct lodge_sound *sound, const struct wire_message *message)
{
	const struct wire_string codec = message->audio_config.codec;
	const uint32_t channels = message->audio_config.channels;
	struct streams streams = { 0 };
	int error = OPUS_OK;
	if (codec.size != 4 || memcmp(codec.bytes, "opus", 4) != 0)
		return "AUDIO_CONFIG: the codec is not opus";
	if (channels > LODGE_SOUND_CHANNELS_MAX ||
		!read_head(message->audio_config.head, channels, &streams))
		return "AUDIO_CONFIG: its OpusHead describes other channels, or none";
	OpusMSDecoder *decoder = opus_multistream_decoder_create(LODGE_SOUND_RATE_HZ, (int)channels,
		streams.count, streams.coupled, streams.mapping, &error);
	if (!decoder)
		return error == OPUS_BAD_ARG ? "AUDIO_CONFIG: its OpusHead maps no streams"
					     : "out of memory";
	if (sound->decoder)
		opus_multistream_decoder_destroy(sound->decoder);
	sound->decoder = decoder;
	sound->channels = channels;
	sound->frame_ns = message->audio_config.frame_100us * (uint64_t)100000;
	sound->started = false;
	return NULL;
}

uint32_t lodge_sound_channels(const struct lodge_sound *sound)
{
	return sound->channels;
}

static uint64_t frames_of(uint64_t ns)
{
	return ns * (LODGE_SOUND_RATE_HZ / 1000) / 1000000;
}

/* Frames made up for `packets` that were lost, the longest gaps cut short. */
static size_t conceal(struct lodge_sound *sound, uint32_t packets)
{
	const int frames = (int)frames_of(sound->frame_ns);
	size_t made = 0;
	for (uint32_t i = 0; i < packets && i < CONCEALED_MAX; i++) {
		const int got = opus_multistream_decode(sound->decoder, NULL, 0,
			sound->samples + made * sound->channels, frames, 0);
		if (got > 0)
			made += (size_t)got;
	}
	return made;
}

static void take_gaps(struct lodge_sound *sound, const struct wire_message *message,
	struct lodge_sound_piece *piece)
{
	const uint32_t lost = message->audio.sequence - sound->next_sequence;
	const uint64_t capture_ns = message->audio.capture_ns;
	if (!sound->started || lost >= UINT32_MAX / 2) /* the first, or one that came late */
		return;
	piece->lost_packets = lost;
	const uint64_t expected_ns = sound->next_capture_ns + lost * sound->frame_ns;
	if (capture_ns > expected_ns + sound->frame_ns / 2)
		piece->silent_frames = frames_of(capture_ns - expected_ns);
}

const char *lodge_sound_decode(struct lodge_sound *sound, const struct wire_message *message,
	struct lodge_sound_piece *piece)
{
	const struct wire_blob packet = message->audio.packet;
	*piece = (struct lodge_sound_piece){ .samples = sound->samples };
	if (!sound->decoder)
		return "AUDIO came before its AUDIO_CONFIG";
	take_gaps(sound, message, piece);
	piece->frames = conceal(sound, piece->lost_packets);
	sound->started = true;
	sound->next_sequence = message->audio.sequence + 1;
	sound->next_capture_ns = message->audio.capture_ns + sound->frame_ns;
	const int frames = opus_multistream_decode(sound->decoder, packet.bytes, packet.size,
		sound->samples + piece->frames * sound->channels, PACKET_FRAMES_MAX, 0);
	if (frames < 0)
		return "AUDIO: the packet is no Opus";
	piece->frames += (size_t)frames;
	return NULL;
}
