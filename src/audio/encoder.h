/*
 * The desktop's sound as Opus: restricted low delay, two channels or 5.1 (RFC 7845 mapping family 1).
 *
 * Room: audio, private. One thread at a time. Encoding allocates nothing.
 */
#ifndef LODGE_AUDIO_ENCODER_H
#define LODGE_AUDIO_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/wire_audio.h"

/* No packet of ours is longer. With its header it fits into a fresh media packet. */
#define ENCODER_PACKET_MAX 4000

struct audio_encoder;

/* Two channels or six, frames of 240 or 480 samples. NULL when memory is short. */
struct audio_encoder *audio_encoder_create(
	uint32_t channels, uint32_t frame_samples, uint32_t bitrate_kbps);
void audio_encoder_destroy(struct audio_encoder *encoder); /* NULL is fine */
/* 0: the default for so many channels. */
void audio_encoder_set_bitrate(struct audio_encoder *encoder, uint32_t bitrate_kbps);
/* The packet's size, or negative: nothing came of it. Channels in the order of Opus, see frames.h. */
int audio_encoder_encode(
	struct audio_encoder *encoder, const float *frame, uint8_t packet[ENCODER_PACKET_MAX]);
void audio_encoder_get_config(
	const struct audio_encoder *encoder, struct wire_audio_config *config);

/*
 * The gate of digital silence: a frame of zeros in every sample is encoded only as the first of its kind, which carries the
 * rest of what was heard before, and each twentieth after it. The encoder and every decoder have then seen the same packets.
 */
struct silence_gate {
	uint32_t run; /* silent frames since the last other one */
};

bool audio_frame_is_silent(const float *frame, size_t values);
/* True: this frame is sent. */
bool silence_gate_passes(struct silence_gate *gate, bool silent);

#endif
