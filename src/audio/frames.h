/*
 * Cuts what comes in quanta into frames of exactly one Opus packet each, in the encoder's order of channels, and tells when
 * the first sample of each was played.
 *
 * Room: audio, private; pure. The loop thread.
 */
#ifndef LODGE_AUDIO_FRAMES_H
#define LODGE_AUDIO_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#define FRAMES_SAMPLES_MAX 480 /* 10 ms */
#define FRAMES_CHANNELS_MAX 6

struct audio_frames {
	uint32_t channels_in; /* 2: FL FR; 6: FL FR FC LFE RL RR */
	uint32_t
		channels_out; /* 2: FL FR; 6: FL FC FR RL RR LFE, as Opus has them (RFC 7845 §5.1.1.2) */
	uint32_t frame_samples;
	float frame[FRAMES_SAMPLES_MAX * FRAMES_CHANNELS_MAX];
	uint32_t filled;

	/* The time of a sample: that of the base, and so many after it. */
	uint64_t base_ns, base_samples;
	bool has_base;
	uint64_t last_frame_ns;
};

static inline uint64_t audio_samples_ns(uint64_t samples)
{
	return samples * 62500 / 3; /* at 48 kHz */
}

typedef void audio_frame_done(void *data, const float *frame, uint64_t first_sample_ns);

void audio_frames_init(struct audio_frames *frames, uint32_t channels_out, uint32_t frame_samples);
/* What is not a whole frame yet is dropped; times stay in order. */
void audio_frames_begin(struct audio_frames *frames, uint32_t channels_in);
/*
 * Interleaved samples, the first of which was played at about first_ns: times of quanta shake, those of frames follow them
 * smoothly, and jump only over a gap. They never go back.
 */
void audio_frames_push(struct audio_frames *frames, const float *samples, uint32_t count,
	uint64_t first_ns, audio_frame_done *done, void *data);

#endif
