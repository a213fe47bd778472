/*
 * A desktop's sound, from the host's messages to samples.
 *
 * Room: liblodge. No clock, no I/O: what was lost is concealed and what was silent is counted by the messages' own
 * sequence and capture times. One thread at a time.
 */
#ifndef LODGE_SOUND_H
#define LODGE_SOUND_H

#include <stddef.h>
#include <stdint.h>

#include "core/wire.h"

#define LODGE_SOUND_RATE_HZ 48000
#define LODGE_SOUND_CHANNELS_MAX 6

struct lodge_sound;

/* What an AUDIO stands for: first the silence, then the samples, whose first frames are made up for what was lost. */
struct lodge_sound_piece {
	uint64_t silent_frames; /* nothing was sent because there was nothing to hear */
	uint32_t lost_packets;
	size_t frames; /* a frame is one sample of each channel */
	const int16_t *samples; /* interleaved; valid until the next call */
};

struct lodge_sound *lodge_sound_create(void); /* NULL: out of memory */
void lodge_sound_destroy(struct lodge_sound *sound);

/* An AUDIO_CONFIG: begins anew. NULL, or a static sentence when it cannot be played. */
const char *lodge_sound_configure(struct lodge_sound *sound, const struct wire_message *message);
uint32_t lodge_sound_channels(
	const struct lodge_sound *sound); /* 0 before the first AUDIO_CONFIG */
/* An AUDIO. NULL and a filled piece, or a static sentence; the next packet may be good again. */
const char *lodge_sound_decode(struct lodge_sound *sound, const struct wire_message *message,
	struct lodge_sound_piece *piece);

#endif
