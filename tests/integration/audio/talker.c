#include "talker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "media/clock.h"
#include "support/random.h"

#define RATE 48000
#define TAU 6.283185307179586

static void on_failed(void *data, const char *text)
{
	struct talker *talker = data;
	talker->failures++;
	snprintf(talker->failed, sizeof talker->failed, "%s", text);
}

static const struct audio_microphone_events events = { on_failed };

bool talker_start(struct talker *talker, sd_event *event, const struct audio_place *source,
	const struct talker_params *params)
{
	int error;
	*talker = (struct talker){ .params = *params, .random = random_seed() };
	fprintf(stderr, "talker: LODGE_TEST_SEED=%llu\n", (unsigned long long)talker->random);
	talker->encoder = opus_encoder_create(RATE, 1, OPUS_APPLICATION_VOIP, &error);
	talker->microphone = audio_microphone_create(event, source, &events, talker);
	talker->begin_ns = clock_now_ns();
	return talker->encoder && talker->microphone;
}

void talker_stop(struct talker *talker)
{
	audio_microphone_destroy(talker->microphone);
	if (talker->encoder)
		opus_encoder_destroy(talker->encoder);
	*talker = (struct talker){ 0 };
}

static void send_one(struct talker *talker, uint64_t sent_ns)
{
	const struct talker_params *params = &talker->params;
	float samples[960];
	for (uint32_t i = 0; i < params->frame_samples; i++) {
		const double turns = params->frequency_hz * (double)talker->sample++ / RATE;
		samples[i] = (float)(params->amplitude * sin(TAU * fmod(turns, 1)));
	}
	const uint32_t sequence = talker->sequence++;
	uint8_t bytes[1275];
	const int size = opus_encode_float(
		talker->encoder, samples, (int)params->frame_samples, bytes, sizeof bytes);
	talker->sent++;
	if (random_below(&talker->random, 100) < params->loss_percent) {
		talker->lost++;
		return;
	}
	for (size_t i = 0; i < TALKER_UNDER_WAY_MAX; i++) {
		if (talker->under_way[i].due_ns)
			continue;
		talker->under_way[i].due_ns =
			sent_ns + 1000000ull * random_below(&talker->random, params->jitter_ms + 1);
		talker->under_way[i].sequence = sequence;
		talker->under_way[i].size = size;
		memcpy(talker->under_way[i].bytes, bytes, sizeof bytes);
		return;
	}
	talker->lost++;
}

static void arrive(struct talker *talker, uint64_t now_ns)
{
	for (size_t i = 0; i < TALKER_UNDER_WAY_MAX; i++) {
		if (!talker->under_way[i].due_ns || talker->under_way[i].due_ns > now_ns)
			continue;
		talker->under_way[i].due_ns = 0;
		talker->refused +=
			!audio_microphone_feed(talker->microphone, talker->under_way[i].sequence,
				talker->under_way[i].bytes, (size_t)talker->under_way[i].size);
	}
}

void talker_step(struct talker *talker)
{
	const uint64_t now_ns = clock_now_ns();
	for (;;) {
		const double taken_s = (double)talker->sample / RATE / talker->params.clock;
		const uint64_t sent_ns = talker->begin_ns + (uint64_t)(taken_s * 1e9);
		if (sent_ns > now_ns)
			break;
		send_one(talker, sent_ns);
		/* Late as they may be, they come one by one: there is no room for all of a busy second. */
		arrive(talker, sent_ns);
	}
	arrive(talker, now_ns);
}
