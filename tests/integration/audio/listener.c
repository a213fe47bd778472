#include "listener.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/clock.h"
#include "support/tone.h"

#define WINDOWS 15
#define WINDOW (LISTENER_SECOND / 10)

static void take_config(struct listener *listener, const struct media_packet *packet)
{
	int error;
	listener->configs++;
	if (!wire_audio_config_read(packet->data, packet->size, &listener->config)) {
		listener->faults++;
		return;
	}
	const struct wire_opus_head *head = &listener->config.head;
	opus_multistream_decoder_destroy(listener->decoder);
	listener->decoder = opus_multistream_decoder_create((opus_int32)LISTENER_SECOND,
		head->channels, head->streams, head->coupled, head->mapping, &error);
}

static void check_order(struct listener *listener, const struct wire_audio *audio)
{
	if (listener->packets++ == 0) {
		listener->first_ns = audio->capture_ns;
	} else {
		listener->sequence_gaps += audio->sequence != listener->last_sequence + 1;
		listener->times_back += audio->capture_ns <= listener->last_ns;
	}
	listener->last_ns = audio->capture_ns;
	listener->last_sequence = audio->sequence;
}

static void take_audio(struct listener *listener, const struct media_packet *packet)
{
	struct wire_audio audio;
	if (!listener->decoder) {
		listener->early++;
		return;
	}
	const uint32_t channels = listener->config.channels;
	const uint32_t frame = listener->config.frame_us * (LISTENER_SECOND / 1000) / 1000;
	if (!wire_audio_read(packet->data, packet->size, &audio)) {
		listener->faults++;
		return;
	}
	check_order(listener, &audio);
	if (listener->count + frame > LISTENER_SAMPLES_MAX)
		listener->count = 0;
	const int got = opus_multistream_decode_float(listener->decoder, audio.packet,
		(opus_int32)audio.size, listener->samples + listener->count * channels, (int)frame,
		0);
	listener->faults += got != (int)frame;
	listener->count += got > 0 ? (size_t)got : 0;
}

static void on_packet(void *data, struct media_packet *packet)
{
	struct listener *listener = data;
	if (listener->failures > 0)
		listener->faults++; /* none comes after the failure */
	if (packet->kind == MEDIA_PACKET_AUDIO_CONFIG)
		take_config(listener, packet);
	else
		take_audio(listener, packet);
}

static void on_failed(void *data, const char *text)
{
	struct listener *listener = data;
	listener->failures++;
	snprintf(listener->failed, sizeof listener->failed, "%s", text);
}

static const struct audio_stream_events events = { on_packet, on_failed };

bool listener_start(
	struct listener *listener, sd_event *event, const struct audio_stream_params *params)
{
	const size_t channels = params->channels ? params->channels : 2;
	*listener = (struct listener){ .event = event };
	listener->samples = calloc(LISTENER_SAMPLES_MAX * channels, sizeof *listener->samples);
	listener->stream =
		listener->samples ? audio_stream_create(event, params, &events, listener) : NULL;
	return listener->stream;
}

void listener_stop(struct listener *listener)
{
	audio_stream_destroy(listener->stream);
	if (listener->decoder)
		opus_multistream_decoder_destroy(listener->decoder);
	free(listener->samples);
	*listener = (struct listener){ 0 };
}

void listener_forget(struct listener *listener)
{
	listener->count = 0;
}

static bool wait_for(struct listener *listener, size_t samples, uint32_t failures)
{
	const uint64_t due_ns = clock_now_ns() + LISTENER_DEADLINE_MS * 1000000ull;
	while (listener->count < samples || listener->failures < failures) {
		if (clock_now_ns() >= due_ns || sd_event_run(listener->event, 20000) < 0)
			return false;
		/* There will be no more. */
		if (failures == 0 && listener->failures > 0)
			return false;
	}
	return true;
}

bool listener_wait_for_sound(struct listener *listener, size_t samples)
{
	return wait_for(listener, samples, 0);
}

bool listener_wait_for_failure(struct listener *listener)
{
	return wait_for(listener, 0, 1);
}

void listener_run(struct listener *listener, unsigned milliseconds)
{
	const uint64_t due_ns = clock_now_ns() + milliseconds * 1000000ull;
	while (clock_now_ns() < due_ns && sd_event_run(listener->event, 5000) >= 0)
		;
}

static int compare(const void *a, const void *b)
{
	const double one = *(const double *)a, other = *(const double *)b;
	return (one > other) - (one < other);
}

/*
 * A program on a busy machine misses a quantum now and then, which is a crack in its tone: it spoils one window, not the
 * middle one of them.
 */
static double middle_of_windows(const struct listener *listener, uint32_t channel,
	double (*measure)(const float *samples, size_t count, size_t stride, double argument),
	double argument)
{
	double values[WINDOWS];
	const uint32_t channels = listener->config.channels;
	if (listener->count < WINDOWS * WINDOW)
		return NAN;
	const float *samples =
		listener->samples + (listener->count - WINDOWS * WINDOW) * channels + channel;
	for (size_t i = 0; i < WINDOWS; i++)
		values[i] = measure(samples + i * WINDOW * channels, WINDOW, channels, argument);
	qsort(values, WINDOWS, sizeof *values, compare);
	return values[WINDOWS / 2];
}

static double loudest_hz(const float *samples, size_t count, size_t stride, double argument)
{
	return tone_loudest_hz(samples, count, stride);
}

double listener_level_db(const struct listener *listener, uint32_t channel, double frequency_hz)
{
	return middle_of_windows(listener, channel, tone_level_db, frequency_hz);
}

double listener_loudest_hz(const struct listener *listener, uint32_t channel)
{
	return middle_of_windows(listener, channel, loudest_hz, 0);
}

double listener_peak(const struct listener *listener)
{
	return tone_peak(listener->samples, listener->count * listener->config.channels, 1);
}
