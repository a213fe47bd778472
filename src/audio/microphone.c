#include <errno.h>
#include <opus/opus.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "audio/audio.h"
#include "audio/inbox.h"
#include "audio/jitter.h"
#include "audio/opus_packet.h"
#include "audio/patch.h"
#include "audio/playout.h"
#include "media/clock.h"

#define QUANTUM 256
/* Played at a time: less than the playout's room with two packets waiting. */
#define PIECE 1024u
#define MARGIN_NS 1000000u /* beyond a quantum, for the time it takes until the samples are there */

struct audio_microphone {
	/* control thread */
	struct audio_patch *patch;
	const struct audio_microphone_events *events;
	void *data;
	uint64_t received, malformed, not_taken;

	/* both */
	struct inbox inbox;
	atomic_ullong played, lost, late, dropped, concealed;
	atomic_uint delay_us;

	/* PipeWire's data thread */
	OpusDecoder *decoder;
	struct jitter jitter;
	struct playout playout;
	uint64_t concealed_count;
};

static void take_arrivals(struct audio_microphone *microphone)
{
	const struct inbox_packet *packet;
	while ((packet = inbox_peek(&microphone->inbox))) {
		jitter_push(&microphone->jitter, packet->sequence, packet->bytes, packet->size,
			packet->samples, packet->arrival_ns);
		inbox_drop(&microphone->inbox);
	}
}

/* False: there is nothing to play. */
static bool decode_next(struct audio_microphone *microphone, uint64_t now_ns)
{
	float samples[JITTER_SAMPLES_MAX];
	const struct jitter_output output = jitter_pull(&microphone->jitter, now_ns);
	int got = -1;
	if (output.turn == JITTER_SILENCE)
		return false;
	if (output.turn == JITTER_PACKET)
		got = opus_decode_float(microphone->decoder, output.bytes, (opus_int32)output.size,
			samples, JITTER_SAMPLES_MAX, 0);
	if (got < 0) {
		microphone->concealed_count++;
		got = opus_decode_float(
			microphone->decoder, NULL, 0, samples, (int)output.samples, 0);
	}
	if (got < 0) {
		memset(samples, 0, sizeof samples);
		got = (int)output.samples;
	}
	playout_push(&microphone->playout, samples, (uint32_t)got);
	return true;
}

static void play(struct audio_microphone *microphone, float *to, uint32_t count, double speed,
	uint64_t now_ns)
{
	uint32_t done = 0;
	while (done < count) {
		done += playout_pull(&microphone->playout, to + done, count - done, speed);
		if (done < count && !decode_next(microphone, now_ns))
			break;
	}
	memset(to + done, 0, (count - done) * sizeof *to);
}

static void publish_stats(struct audio_microphone *microphone)
{
	const struct jitter_counts *counts = &microphone->jitter.counts;
	atomic_store_explicit(&microphone->played, counts->played, memory_order_relaxed);
	atomic_store_explicit(&microphone->lost, counts->lost, memory_order_relaxed);
	atomic_store_explicit(&microphone->late, counts->late, memory_order_relaxed);
	atomic_store_explicit(&microphone->dropped, counts->dropped, memory_order_relaxed);
	atomic_store_explicit(
		&microphone->concealed, microphone->concealed_count, memory_order_relaxed);
	atomic_store_explicit(&microphone->delay_us,
		(unsigned)(jitter_delay_ns(&microphone->jitter) / 1000), memory_order_relaxed);
}

static void on_process(void *data, struct pw_stream *stream)
{
	struct audio_microphone *microphone = data;
	struct pw_buffer *buffer = pw_stream_dequeue_buffer(stream);
	if (!buffer)
		return;
	struct spa_data *target = &buffer->buffer->datas[0];
	uint32_t count = target->data ? target->maxsize / (uint32_t)sizeof(float) : 0;
	if (buffer->requested && buffer->requested < count)
		count = (uint32_t)buffer->requested;
	const uint64_t now_ns = clock_now_ns();
	take_arrivals(microphone);
	jitter_set_margin(
		&microphone->jitter, (uint64_t)count * 1000000000 / AUDIO_RATE + MARGIN_NS);
	const double speed = playout_speed(
		jitter_excess(&microphone->jitter, now_ns, playout_waiting(&microphone->playout)));
	for (uint32_t at = 0; at < count; at += PIECE)
		play(microphone, (float *)target->data + at,
			count - at < PIECE ? count - at : PIECE, speed, now_ns);
	target->chunk->offset = 0;
	target->chunk->stride = (int32_t)sizeof(float);
	target->chunk->size = count * (uint32_t)sizeof(float);
	publish_stats(microphone);
	pw_stream_queue_buffer(stream, buffer);
}

/* No data thread works before this, or since the last stream ended. */
static void on_begin(void *data, uint32_t channels)
{
	struct audio_microphone *microphone = data;
	jitter_init(&microphone->jitter);
	playout_init(&microphone->playout);
	opus_decoder_ctl(microphone->decoder, OPUS_RESET_STATE);
}

static void on_failed(void *data, const char *text)
{
	struct audio_microphone *microphone = data;
	microphone->events->failed(microphone->data, text);
}

static const struct audio_patch_impl patch_impl = {
	.begin = on_begin,
	.process = on_process,
	.failed = on_failed,
};

struct audio_microphone *audio_microphone_create(sd_event *event, const struct audio_place *source,
	const struct audio_microphone_events *events, void *data)
{
	struct audio_microphone *microphone = calloc(1, sizeof *microphone);
	int error = OPUS_OK;
	if (!microphone)
		return NULL;
	microphone->events = events;
	microphone->data = data;
	inbox_init(&microphone->inbox);
	microphone->decoder = opus_decoder_create((opus_int32)AUDIO_RATE, 1, &error);
	if (!microphone->decoder) {
		free(microphone);
		errno = ENOMEM;
		return NULL;
	}
	const struct audio_patch_params patch = {
		.kind = PATCH_FEED,
		.place = *source,
		.name = "lodge-microphone",
		.quantum = QUANTUM,
	};
	microphone->patch = audio_patch_create(event, &patch, &patch_impl, microphone);
	if (!microphone->patch) {
		error = errno;
		opus_decoder_destroy(microphone->decoder);
		free(microphone);
		errno = error;
		return NULL;
	}
	return microphone;
}

void audio_microphone_destroy(struct audio_microphone *microphone)
{
	if (!microphone)
		return;
	audio_patch_destroy(microphone->patch);
	opus_decoder_destroy(microphone->decoder);
	free(microphone);
}

bool audio_microphone_feed(
	struct audio_microphone *microphone, uint32_t sequence, const uint8_t *packet, size_t size)
{
	const uint32_t samples = opus_packet_samples(packet, size);
	if (samples == 0) {
		microphone->malformed++;
		return false;
	}
	microphone->received++;
	if (!inbox_put(&microphone->inbox, sequence, packet, size, samples, clock_now_ns()))
		microphone->not_taken++;
	return true;
}

void audio_microphone_get_stats(
	const struct audio_microphone *microphone, struct audio_microphone_stats *stats)
{
	*stats = (struct audio_microphone_stats){
		.received = microphone->received,
		.malformed = microphone->malformed,
		.played = atomic_load_explicit(&microphone->played, memory_order_relaxed),
		.lost = atomic_load_explicit(&microphone->lost, memory_order_relaxed),
		.late = atomic_load_explicit(&microphone->late, memory_order_relaxed),
		.dropped = microphone->not_taken +
			atomic_load_explicit(&microphone->dropped, memory_order_relaxed),
		.concealed = atomic_load_explicit(&microphone->concealed, memory_order_relaxed),
		.delay_us = atomic_load_explicit(&microphone->delay_us, memory_order_relaxed),
	};
}
