/*
 * Someone who talks into an audio microphone over a bad network: a tone as Opus packets that come early, late or never.
 */
#ifndef LODGE_TESTS_AUDIO_TALKER_H
#define LODGE_TESTS_AUDIO_TALKER_H

#include <opus/opus.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "audio/audio.h"

#define TALKER_UNDER_WAY_MAX 16

struct talker_params {
	double frequency_hz, amplitude;
	uint32_t frame_samples; /* 240, 480 or 960 */
	uint32_t jitter_ms; /* each packet takes 0 to so long */
	uint32_t loss_percent;
	double clock; /* how fast the talker's clock runs beside ours; 1: alike */
};

struct talker {
	struct talker_params params;
	OpusEncoder *encoder;
	struct audio_microphone *microphone;
	uint64_t begin_ns, random;
	uint32_t sequence;
	uint64_t sample;
	struct {
		uint64_t due_ns; /* 0: free */
		uint32_t sequence;
		int size;
		uint8_t bytes[1275];
	} under_way[TALKER_UNDER_WAY_MAX];
	uint32_t sent, lost, refused;
	char failed[256];
	uint32_t failures;
};

/* False: errno. Prints the seed of its chances. */
bool talker_start(struct talker *talker, sd_event *event, const struct audio_place *source,
	const struct talker_params *params);
void talker_stop(struct talker *talker);
/* Hands over what is due; to be called every few milliseconds. */
void talker_step(struct talker *talker);

#endif
