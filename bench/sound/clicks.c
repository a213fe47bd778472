#include "clicks.h"

#include <math.h>
#include <pipewire/pipewire.h>
#include <spa/param/audio/format-utils.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define RATE 48000
#define REST (RATE / 5) /* samples between two clicks: longer than any way back */
#define LENGTH 48u /* a millisecond */
#define LOUD 0.4f

struct clicks {
	struct pw_thread_loop *loop;
	struct pw_stream *out, *in;
	/* PipeWire's data thread */
	uint32_t since, left, random;
	bool awaited;
	/* read by the control thread, too */
	_Atomic uint64_t played_ns, returned_ns;
	atomic_uint played, returned, returns, quantum;
};

static void on_play(void *data)
{
	struct clicks *clicks = data;
	struct pw_buffer *buffer = pw_stream_dequeue_buffer(clicks->out);
	if (!buffer)
		return;
	struct spa_data *to = &buffer->buffer->datas[0];
	uint32_t count = to->maxsize / 8;
	if (buffer->requested && buffer->requested < count)
		count = (uint32_t)buffer->requested;
	float *samples = to->data;
	memset(samples, 0, count * 8);
	atomic_store(&clicks->quantum, count);
	clicks->since += count;
	if (clicks->since >= REST && count >= LENGTH) {
		/* Anywhere in the quantum, so that it lies anywhere in an Opus frame. */
		clicks->random = clicks->random * 1664525 + 1013904223;
		const uint32_t at = (clicks->random >> 16) % (count - LENGTH + 1);
		for (uint32_t i = 0; i < 2 * LENGTH; i++)
			samples[2 * at + i] = i / 2 % 16 < 8 ? 0.9f : -0.9f;
		clicks->since = 0;
		clicks->awaited = true;
		atomic_store(&clicks->played_ns, measure_now_ns());
		atomic_fetch_add(&clicks->played, 1);
	}
	to->chunk->offset = 0;
	to->chunk->stride = 8;
	to->chunk->size = count * 8;
	pw_stream_queue_buffer(clicks->out, buffer);
}

static void on_return(void *data)
{
	struct clicks *clicks = data;
	struct pw_buffer *buffer = pw_stream_dequeue_buffer(clicks->in);
	if (!buffer)
		return;
	const struct spa_data *from = &buffer->buffer->datas[0];
	const float *samples = SPA_PTROFF(from->data, from->chunk->offset, const float);
	for (uint32_t i = 0; clicks->awaited && i < from->chunk->size / 4; i++) {
		if (fabsf(samples[i]) < LOUD)
			continue;
		clicks->awaited = false;
		atomic_store(
			&clicks->returned_ns, measure_now_ns() - atomic_load(&clicks->played_ns));
		atomic_store(&clicks->returned, atomic_load(&clicks->played));
		atomic_fetch_add(&clicks->returns, 1);
	}
	pw_stream_queue_buffer(clicks->in, buffer);
}

static const struct pw_stream_events play_events = { PW_VERSION_STREAM_EVENTS, .process = on_play };
static const struct pw_stream_events return_events = { PW_VERSION_STREAM_EVENTS,
	.process = on_return };

static struct pw_stream *open_stream(
	struct clicks *clicks, const char *socket, const char *sink, uint32_t quantum, bool plays)
{
	uint8_t bytes[512];
	struct spa_pod_builder builder;
	struct spa_audio_info_raw info = { .format = SPA_AUDIO_FORMAT_F32,
		.rate = RATE,
		.channels = 2,
		.position = { SPA_AUDIO_CHANNEL_FL, SPA_AUDIO_CHANNEL_FR } };
	struct pw_properties *properties = pw_properties_new(PW_KEY_MEDIA_TYPE, "Audio",
		PW_KEY_MEDIA_CATEGORY, plays ? "Playback" : "Capture", PW_KEY_TARGET_OBJECT, sink,
		PW_KEY_REMOTE_NAME, socket, PW_KEY_STREAM_CAPTURE_SINK, plays ? "false" : "true",
		NULL);
	pw_properties_setf(properties, PW_KEY_NODE_LATENCY, "%u/%u", quantum, RATE);
	struct pw_stream *stream = pw_stream_new_simple(pw_thread_loop_get_loop(clicks->loop),
		plays ? "bench-clicks" : "bench-return", properties,
		plays ? &play_events : &return_events, clicks);
	spa_pod_builder_init(&builder, bytes, sizeof bytes);
	const struct spa_pod *format =
		spa_format_audio_raw_build(&builder, SPA_PARAM_EnumFormat, &info);
	if (stream &&
		pw_stream_connect(stream, plays ? PW_DIRECTION_OUTPUT : PW_DIRECTION_INPUT,
			PW_ID_ANY,
			PW_STREAM_FLAG_AUTOCONNECT | PW_STREAM_FLAG_MAP_BUFFERS |
				PW_STREAM_FLAG_RT_PROCESS,
			&format, 1) >= 0)
		return stream;
	if (stream)
		pw_stream_destroy(stream);
	return NULL;
}

struct clicks *clicks_start(const char *socket, const char *sink, uint32_t quantum)
{
	struct clicks *clicks = calloc(1, sizeof *clicks);
	pw_init(NULL, NULL);
	clicks->loop = pw_thread_loop_new("bench-clicks", NULL);
	if (!clicks->loop || pw_thread_loop_start(clicks->loop) < 0)
		return NULL;
	pw_thread_loop_lock(clicks->loop);
	clicks->in = open_stream(clicks, socket, sink, quantum, false);
	clicks->out = clicks->in ? open_stream(clicks, socket, sink, quantum, true) : NULL;
	pw_thread_loop_unlock(clicks->loop);
	return clicks->out ? clicks : NULL;
}

void clicks_stop(struct clicks *clicks)
{
	pw_thread_loop_lock(clicks->loop);
	pw_stream_destroy(clicks->out);
	pw_stream_destroy(clicks->in);
	pw_thread_loop_unlock(clicks->loop);
	pw_thread_loop_stop(clicks->loop);
	pw_thread_loop_destroy(clicks->loop);
	pw_deinit();
	free(clicks);
}

uint64_t clicks_played_ns(const struct clicks *clicks, uint32_t *number)
{
	*number = atomic_load(&clicks->played);
	return atomic_load(&clicks->played_ns);
}

uint64_t clicks_returned_ns(const struct clicks *clicks, uint32_t *number)
{
	*number = atomic_load(&clicks->returned);
	return atomic_load(&clicks->returned_ns);
}

uint32_t clicks_quantum(const struct clicks *clicks)
{
	return atomic_load(&clicks->quantum);
}

uint32_t clicks_returns(const struct clicks *clicks)
{
	return atomic_load(&clicks->returns);
}
