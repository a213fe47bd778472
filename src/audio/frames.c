#include "audio/frames.h"

#include <string.h>

/* More than that is no shaking, but a gap or a clock that was set anew. */
#define GAP_NS 40000000
#define SMOOTHING 16
#define HALF_POWER 0.70710678f

enum { FL, FR, FC, LFE, RL, RR };

void audio_frames_init(struct audio_frames *frames, uint32_t channels_out, uint32_t frame_samples)
{
	*frames = (struct audio_frames){
		.channels_in = channels_out,
		.channels_out = channels_out,
		.frame_samples = frame_samples,
	};
}

void audio_frames_begin(struct audio_frames *frames, uint32_t channels_in)
{
	frames->channels_in = channels_in;
	frames->filled = 0;
	frames->has_base = false;
}

static void mix(float *to, uint32_t channels_out, const float *from, uint32_t channels_in)
{
	static const uint8_t opus_order[6] = { FL, FC, FR, RL, RR, LFE };
	if (channels_in == channels_out && channels_in == 2) {
		to[0] = from[FL];
		to[1] = from[FR];
	} else if (channels_in == channels_out) {
		for (uint32_t i = 0; i < 6; i++)
			to[i] = from[opus_order[i]];
	} else if (channels_out == 2) { /* ITU-R BS.775: without the LFE */
		to[0] = from[FL] + HALF_POWER * (from[FC] + from[RL]);
		to[1] = from[FR] + HALF_POWER * (from[FC] + from[RR]);
	} else {
		memset(to, 0, 6 * sizeof *to);
		to[0] = from[FL];
		to[2] = from[FR];
	}
}

static uint64_t next_sample_ns(const struct audio_frames *frames)
{
	return frames->base_ns + audio_samples_ns(frames->base_samples);
}

static void rebase(struct audio_frames *frames, uint64_t first_ns)
{
	frames->base_ns = first_ns;
	frames->base_samples = 0;
	frames->has_base = true;
	frames->filled = 0;
}

static void follow_clock(struct audio_frames *frames, uint64_t first_ns)
{
	if (!frames->has_base) {
		rebase(frames, first_ns);
		return;
	}
	const int64_t error_ns = (int64_t)(first_ns - next_sample_ns(frames));
	if (error_ns > GAP_NS || error_ns < -GAP_NS)
		rebase(frames, first_ns);
	else
		frames->base_ns += (uint64_t)(error_ns / SMOOTHING);
}

static void finish_frame(struct audio_frames *frames, audio_frame_done *done, void *data)
{
	uint64_t first_ns = next_sample_ns(frames) - audio_samples_ns(frames->frame_samples);
	if (first_ns <= frames->last_frame_ns)
		first_ns = frames->last_frame_ns + 1;
	frames->last_frame_ns = first_ns;
	frames->filled = 0;
	done(data, frames->frame, first_ns);
}

void audio_frames_push(struct audio_frames *frames, const float *samples, uint32_t count,
	uint64_t first_ns, audio_frame_done *done, void *data)
{
	follow_clock(frames, first_ns);
	for (uint32_t i = 0; i < count; i++) {
		mix(&frames->frame[frames->filled * frames->channels_out], frames->channels_out,
			&samples[i * frames->channels_in], frames->channels_in);
		frames->base_samples++;
		if (++frames->filled == frames->frame_samples)
			finish_frame(frames, done, data);
	}
}
