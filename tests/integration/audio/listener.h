/*
 * Someone who listens to an audio stream: decodes what comes and keeps it for the test to look at.
 */
#ifndef LODGE_TESTS_AUDIO_LISTENER_H
#define LODGE_TESTS_AUDIO_LISTENER_H

#include <opus/opus_multistream.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "audio/audio.h"
#include "core/wire_audio.h"

#define LISTENER_DEADLINE_MS 20000
#define LISTENER_SECOND 48000u
#define LISTENER_SAMPLES_MAX (30 * LISTENER_SECOND)

struct listener {
	sd_event *event;
	struct audio_stream *stream;
	struct wire_audio_config config;
	OpusMSDecoder *decoder;
	float *samples; /* interleaved, in the order of Opus; silence that was not sent is left out */
	size_t count;
	uint32_t configs, packets, sequence_gaps;
	uint32_t times_back; /* packets whose time is not after the one before */
	uint32_t early,
		faults; /* sound before the configuration, packets that nothing can be made of */
	uint64_t first_ns, last_ns;
	uint32_t last_sequence;
	char failed[256];
	uint32_t failures;
};

/* False: errno. */
bool listener_start(
	struct listener *listener, sd_event *event, const struct audio_stream_params *params);
void listener_stop(struct listener *listener);
/* Forgets what was heard so far. */
void listener_forget(struct listener *listener);

/* Each runs the loop until it is so; false after LISTENER_DEADLINE_MS. */
bool listener_wait_for_sound(struct listener *listener, size_t samples);
bool listener_wait_for_failure(struct listener *listener);
/* Runs the loop so long. */
void listener_run(struct listener *listener, unsigned milliseconds);

/* Of the last second and a half that was heard; NaN: it was less. */
double listener_level_db(const struct listener *listener, uint32_t channel, double frequency_hz);
double listener_loudest_hz(const struct listener *listener, uint32_t channel);
double listener_peak(const struct listener *listener);

#endif
