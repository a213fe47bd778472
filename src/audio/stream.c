#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "audio/audio.h"
#include "audio/encoder.h"
#include "audio/frames.h"
#include "audio/patch.h"
#include "core/wire_audio.h"
#include "media/clock.h"
#include "media/outbox.h"
#include "media/packet_pool.h"

#define BUFFERS_MAX 32

struct audio_stream {
	/* control thread */
	sd_event_source *outbox_source;
	struct audio_patch *patch;
	const struct audio_stream_events *events;
	void *data;
	bool failed_told;

	/* both */
	struct outbox outbox;
	atomic_uint bitrate_kbps;
	pthread_mutex_t stats_lock; /* guards stats */
	struct audio_stream_stats stats;

	/* loop thread */
	struct media_packet_pool *pool;
	struct audio_encoder *encoder;
	struct audio_frames frames;
	struct silence_gate gate;
	uint32_t encoder_bitrate_kbps;
	uint32_t sequence;
	bool config_sent;
};

static bool emit(struct audio_stream *stream, struct media_packet *packet)
{
	if (outbox_push(&stream->outbox, packet))
		return true;
	media_packet_unref(packet);
	return false;
}

/* True once the configuration is on its way: no sound goes before it. */
static bool send_config(struct audio_stream *stream)
{
	struct wire_audio_config config;
	if (stream->config_sent)
		return true;
	struct media_packet *packet = media_packet_pool_take(stream->pool);
	if (!packet)
		return false;
	packet->kind = MEDIA_PACKET_AUDIO_CONFIG;
	audio_encoder_get_config(stream->encoder, &config);
	if (media_packet_reserve(packet, WIRE_AUDIO_CONFIG_MAX))
		packet->size =
			wire_audio_config_write(packet->data, WIRE_AUDIO_CONFIG_MAX, &config);
	if (packet->size == 0) {
		media_packet_unref(packet);
		return false;
	}
	stream->config_sent = emit(stream, packet);
	return stream->config_sent;
}

static struct media_packet *encode(
	struct audio_stream *stream, const float *frame, uint64_t first_sample_ns)
{
	struct media_packet *packet = media_packet_pool_take(stream->pool);
	if (!packet)
		return NULL;
	int size = -1;
	if (media_packet_reserve(packet, WIRE_AUDIO_HEADER_SIZE + ENCODER_PACKET_MAX))
		size = audio_encoder_encode(
			stream->encoder, frame, packet->data + WIRE_AUDIO_HEADER_SIZE);
	if (size <= 0) {
		media_packet_unref(packet);
		return NULL;
	}
	wire_audio_header_write(packet->data, stream->sequence, first_sample_ns);
	packet->kind = MEDIA_PACKET_AUDIO;
	packet->sequence = stream->sequence;
	packet->capture_ns = first_sample_ns;
	packet->size = WIRE_AUDIO_HEADER_SIZE + (size_t)size;
	return packet;
}

static void follow_bitrate(struct audio_stream *stream)
{
	const uint32_t bitrate_kbps =
		atomic_load_explicit(&stream->bitrate_kbps, memory_order_relaxed);
	if (bitrate_kbps == stream->encoder_bitrate_kbps)
		return;
	stream->encoder_bitrate_kbps = bitrate_kbps;
	audio_encoder_set_bitrate(stream->encoder, bitrate_kbps);
}

/* Takes the packet, which may be NULL. */
static bool send_audio(struct audio_stream *stream, struct media_packet *packet)
{
	if (packet && send_config(stream))
		return emit(stream, packet);
	media_packet_unref(packet);
	return false;
}

static void add_stats(struct audio_stream *stream, const struct audio_stream_stats *done)
{
	pthread_mutex_lock(&stream->stats_lock);
	stream->stats.packets += done->packets;
	stream->stats.bytes += done->bytes;
	stream->stats.silent += done->silent;
	stream->stats.dropped += done->dropped;
	stream->stats.capture_to_encoded_ns_sum += done->capture_to_encoded_ns_sum;
	pthread_mutex_unlock(&stream->stats_lock);
}

static void on_frame(void *data, const float *frame, uint64_t first_sample_ns)
{
	struct audio_stream *stream = data;
	const struct audio_frames *frames = &stream->frames;
	const bool silent =
		audio_frame_is_silent(frame, (size_t)frames->frame_samples * frames->channels_out);
	struct audio_stream_stats done = { .silent = silent };
	follow_bitrate(stream);
	if (silence_gate_passes(&stream->gate, silent)) {
		struct media_packet *packet = encode(stream, frame, first_sample_ns);
		const uint64_t size = packet ? packet->size : 0;
		const uint64_t took_ns = clock_now_ns() - first_sample_ns;
		/* A packet that is lost here leaves a gap in the sequence, as one lost on the way does. */
		stream->sequence++;
		if (send_audio(stream, packet)) {
			done.packets = 1;
			done.bytes = size;
			done.capture_to_encoded_ns_sum = took_ns;
		} else {
			done.dropped = 1;
		}
	}
	add_stats(stream, &done);
}

static void on_begin(void *data, uint32_t channels)
{
	struct audio_stream *stream = data;
	audio_frames_begin(&stream->frames, channels);
}

/* NULL: there are none. */
static const float *samples_of(const struct pw_buffer *buffer, uint32_t channels, uint32_t *count)
{
	const struct spa_data *data = &buffer->buffer->datas[0];
	if (!data->data || data->chunk->offset > data->maxsize)
		return NULL;
	const uint32_t room = data->maxsize - data->chunk->offset;
	const uint32_t size = data->chunk->size < room ? data->chunk->size : room;
	*count = size / (channels * (uint32_t)sizeof(float));
	return SPA_PTROFF(data->data, data->chunk->offset, const float);
}

/*
 * Normally one quantum. The time is that of the newest one's cycle, in which its last sample was just played; when this thread
 * was late and several wait, the older ones go before it.
 */
static void on_process(void *data, struct pw_stream *pw_stream)
{
	struct audio_stream *stream = data;
	const uint32_t channels = stream->frames.channels_in;
	struct pw_buffer *buffers[BUFFERS_MAX];
	struct pw_time time = { 0 };
	uint32_t count = 0, samples, waiting = 0;
	while (count < BUFFERS_MAX && (buffers[count] = pw_stream_dequeue_buffer(pw_stream))) {
		if (samples_of(buffers[count], channels, &samples))
			waiting += samples;
		count++;
	}
	if (pw_stream_get_time_n(pw_stream, &time, sizeof time) < 0 || time.now <= 0)
		time.now = (int64_t)clock_now_ns();
	uint64_t first_ns = (uint64_t)time.now - audio_samples_ns(waiting);
	for (uint32_t i = 0; i < count; i++) {
		const float *from = samples_of(buffers[i], channels, &samples);
		if (from) {
			audio_frames_push(
				&stream->frames, from, samples, first_ns, on_frame, stream);
			first_ns += audio_samples_ns(samples);
		}
		pw_stream_queue_buffer(pw_stream, buffers[i]);
	}
}

static void on_failed(void *data, const char *text)
{
	struct audio_stream *stream = data;
	stream->failed_told = true;
	stream->events->failed(stream->data, text);
}

static const struct audio_patch_impl patch_impl = {
	.begin = on_begin,
	.process = on_process,
	.failed = on_failed,
};

static int on_outbox(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct audio_stream *stream = data;
	struct media_packet *packet;
	outbox_clear_wake(&stream->outbox);
	while ((packet = outbox_pop(&stream->outbox))) {
		if (!stream->failed_told)
			stream->events->packet(stream->data, packet);
		media_packet_unref(packet);
	}
	return 0;
}

static void stream_free(struct audio_stream *stream)
{
	audio_patch_destroy(stream->patch);
	sd_event_source_disable_unref(stream->outbox_source);
	audio_encoder_destroy(stream->encoder);
	outbox_finish(&stream->outbox);
	media_packet_pool_unref(stream->pool);
	pthread_mutex_destroy(&stream->stats_lock);
	free(stream);
}

static int open_stream(
	struct audio_stream *stream, sd_event *event, const struct audio_stream_params *params)
{
	const uint32_t channels = params->channels ? params->channels : 2;
	const uint32_t frame_us = params->frame_us ? params->frame_us : 5000;
	const uint32_t frame_samples = frame_us * (AUDIO_RATE / 1000) / 1000;
	if ((channels != 2 && channels != 6) || (frame_us != 5000 && frame_us != 10000))
		return -EINVAL;
	audio_frames_init(&stream->frames, channels, frame_samples);
	stream->encoder = audio_encoder_create(channels, frame_samples, params->bitrate_kbps);
	stream->pool = media_packet_pool_create();
	if (!stream->encoder || !stream->pool)
		return -ENOMEM;
	stream->encoder_bitrate_kbps = params->bitrate_kbps;
	atomic_init(&stream->bitrate_kbps, params->bitrate_kbps);
	const int error = sd_event_add_io(
		event, &stream->outbox_source, stream->outbox.wake, EPOLLIN, on_outbox, stream);
	if (error < 0)
		return error;
	const struct audio_patch_params patch = {
		.kind = PATCH_LISTEN,
		.place = params->sink,
		.name = "lodge-listener",
		.quantum = frame_samples > 256 ? 512 : 256,
	};
	stream->patch = audio_patch_create(event, &patch, &patch_impl, stream);
	return stream->patch ? 0 : -errno;
}

struct audio_stream *audio_stream_create(sd_event *event, const struct audio_stream_params *params,
	const struct audio_stream_events *events, void *data)
{
	struct audio_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return NULL;
	stream->events = events;
	stream->data = data;
	pthread_mutex_init(&stream->stats_lock, NULL);
	int error = outbox_init(&stream->outbox);
	if (error >= 0)
		error = open_stream(stream, event, params);
	if (error < 0) {
		stream_free(stream);
		errno = -error;
		return NULL;
	}
	return stream;
}

void audio_stream_destroy(struct audio_stream *stream)
{
	if (stream)
		stream_free(stream);
}

void audio_stream_set_bitrate(struct audio_stream *stream, uint32_t bitrate_kbps)
{
	atomic_store(&stream->bitrate_kbps, bitrate_kbps);
}

void audio_stream_get_stats(const struct audio_stream *stream, struct audio_stream_stats *stats)
{
	struct audio_stream *shared = (struct audio_stream *)stream;
	pthread_mutex_lock(&shared->stats_lock);
	*stats = shared->stats;
	pthread_mutex_unlock(&shared->stats_lock);
}
