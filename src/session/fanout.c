#include "session/fanout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/stream.h"
#include "session/clock.h"
#include "session/host.h"

#define NS_PER_MS 1000000u
#define BEHIND_NS (250 * NS_PER_MS)
/* Unsent bytes at which a subscriber has fallen behind, whatever it acknowledges. */
#define BEHIND_BYTES (1024 * 1024)
/*
 * PipeWire's stream is up by then; a compositor that draws by itself has given its picture. Before the media room says
 * that there is none, since whoever comes back to a still screen waits for it.
 */
#define STILL_AFTER_US 60000
/* A client that falls behind again and again must not make everyone else's picture a row of keyframes. */
#define KEYFRAME_EVERY_US 1000000
#define KEYFRAME_AMONG_OTHERS_EVERY_US 5000000
/* Who falls behind has a network that carries less: the stream shrinks at once and grows back slowly. */
#define KBPS_MIN 2000
#define GROW_EVERY_US 2000000

struct fanout {
	sd_event *event;
	struct fanout_stream *streams;
};

struct fanout_stream {
	struct fanout *fanout;
	struct fanout_stream *next, **previous;
	uint32_t slot, generation;
	struct media_stream *media;
	struct fanout_subscriber *subscribers;
	sd_event_source *keyframe_timer; /* recovery of those that fell behind */
	sd_event_source *grow_timer; /* while kbps is below its limit */
	uint64_t frames, keyframes, bytes;
	uint32_t kbps, limit_kbps;
	uint32_t display_rate_mhz, limit_rate_mhz; /* limit 0: none */
	sd_event_source *still_timer; /* of a stream that began, until it has been looked at */
	sd_event_source *failed;
	char failure[128];
};

struct fanout *fanout_create(sd_event *event)
{
	struct fanout *fanout = calloc(1, sizeof *fanout);
	if (fanout)
		fanout->event = sd_event_ref(event);
	return fanout;
}

void fanout_destroy(struct fanout *fanout)
{
	if (!fanout)
		return;
	sd_event_unref(fanout->event);
	free(fanout);
}

static bool anyone_waits(const struct fanout_stream *stream)
{
	const struct fanout_subscriber *one = stream->subscribers;
	while (one && !one->waiting)
		one = one->next;
	return one;
}

static bool anyone_keeps_up(const struct fanout_stream *stream)
{
	const struct fanout_subscriber *one = stream->subscribers;
	while (one && one->waiting)
		one = one->next;
	return one;
}

static int on_keyframe_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct fanout_stream *stream = data;
	stream->keyframe_timer = sd_event_source_disable_unref(stream->keyframe_timer);
	if (anyone_waits(stream))
		media_stream_request_keyframe(stream->media);
	return 0;
}

/* At once when the last one is long enough ago, else when it is. */
static void request_recovery(struct fanout_stream *stream)
{
	if (stream->keyframe_timer)
		return;
	media_stream_request_keyframe(stream->media);
	sd_event_add_time_relative(stream->fanout->event, &stream->keyframe_timer, CLOCK_MONOTONIC,
		anyone_keeps_up(stream) ? KEYFRAME_AMONG_OTHERS_EVERY_US : KEYFRAME_EVERY_US, 1000,
		on_keyframe_timer, stream);
}

static bool has_fallen_behind(struct fanout_subscriber *subscriber, uint64_t now)
{
	if (subscriber->impl->queued_bytes(subscriber->transport) > BEHIND_BYTES)
		return true;
	const uint32_t in_flight = subscriber->last_sent - subscriber->first_in_flight + 1;
	if (!subscriber->acknowledges || in_flight == 0)
		return false;
	const uint32_t oldest = in_flight > FANOUT_IN_FLIGHT
		? subscriber->last_sent - FANOUT_IN_FLIGHT + 1
		: subscriber->first_in_flight;
	return now - subscriber->sent_ns[oldest % FANOUT_IN_FLIGHT] > BEHIND_NS;
}

static int on_grow_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct fanout_stream *stream = data;
	if (!anyone_waits(stream)) {
		const uint32_t kbps = stream->kbps + stream->kbps / 10;
		stream->kbps = kbps < stream->limit_kbps ? kbps : stream->limit_kbps;
		media_stream_set_bitrate(stream->media, stream->kbps);
	}
	if (stream->kbps == stream->limit_kbps) {
		stream->grow_timer = sd_event_source_disable_unref(stream->grow_timer);
		return 0;
	}
	sd_event_source_set_time_relative(source, GROW_EVERY_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void shrink(struct fanout_stream *stream)
{
	const uint32_t kbps = stream->kbps / 10 * 7;
	stream->kbps = kbps > KBPS_MIN ? kbps : KBPS_MIN;
	media_stream_set_bitrate(stream->media, stream->kbps);
	if (!stream->grow_timer)
		sd_event_add_time_relative(stream->fanout->event, &stream->grow_timer,
			CLOCK_MONOTONIC, GROW_EVERY_US, 100000, on_grow_timer, stream);
}

static bool takes(
	struct fanout_subscriber *subscriber, const struct media_packet *packet, uint64_t now)
{
	if (packet->kind == MEDIA_PACKET_CONFIG)
		return true;
	const bool behind = has_fallen_behind(subscriber, now);
	if (!behind && subscriber->waiting && packet->keyframe) {
		subscriber->waiting = false;
		subscriber->first_in_flight = packet->sequence;
		return true;
	}
	if (behind && !subscriber->waiting) {
		subscriber->waiting = true;
		/* One slow viewer among others that keep up loses frames; the picture of the others stays as it is. */
		if (!anyone_keeps_up(subscriber->stream))
			shrink(subscriber->stream);
	}
	return !subscriber->waiting;
}

static void count_packet(struct fanout_stream *stream, const struct media_packet *packet)
{
	stream->frames += packet->kind == MEDIA_PACKET_FRAME;
	stream->keyframes += packet->kind == MEDIA_PACKET_FRAME && packet->keyframe;
	stream->bytes += packet->size;
}

static void on_packet(void *data, struct media_packet *packet)
{
	struct fanout_stream *stream = data;
	const uint64_t now = session_now_ns();
	count_packet(stream, packet);
	for (struct fanout_subscriber *one = stream->subscribers; one; one = one->next) {
		if (!takes(one, packet, now)) {
			one->dropped++;
			continue;
		}
		if (packet->kind == MEDIA_PACKET_FRAME) {
			one->last_sent = packet->sequence;
			one->sent_ns[packet->sequence % FANOUT_IN_FLIGHT] = now;
		}
		one->impl->send_packet(one->transport, packet);
	}
}

static void stream_destroy(struct fanout_stream *stream)
{
	*stream->previous = stream->next;
	if (stream->next)
		stream->next->previous = stream->previous;
	sd_event_source_disable_unref(stream->keyframe_timer);
	sd_event_source_disable_unref(stream->grow_timer);
	sd_event_source_disable_unref(stream->still_timer);
	sd_event_source_disable_unref(stream->failed);
	media_stream_destroy(stream->media);
	free(stream);
}

/* Outside of the media room's callback: the last unsubscribe destroys the stream. */
static int tell_failed(sd_event_source *source, void *data)
{
	struct fanout_stream *stream = data;
	char failure[sizeof stream->failure];
	memcpy(failure, stream->failure, sizeof failure);
	stream->failed = sd_event_source_disable_unref(stream->failed);
	for (uint32_t left = UINT32_MAX; left && stream; left--) {
		struct fanout_subscriber *one = stream->subscribers;
		if (!one->next)
			stream = NULL; /* goes with its last subscriber */
		fanout_unsubscribe(one);
		one->failed(one->data, failure);
	}
	return 0;
}

static void on_failed(void *data, const char *text)
{
	struct fanout_stream *stream = data;
	snprintf(stream->failure, sizeof stream->failure, "%s", text);
	if (!stream->failed)
		sd_event_add_defer(stream->fanout->event, &stream->failed, tell_failed, stream);
}

/* Whoever looks; one is enough, since they look at the same. */
static void on_no_picture(void *data)
{
	const struct fanout_stream *stream = data;
	const struct fanout_subscriber *one = stream->subscribers;
	if (one && one->still)
		one->still(one->data);
}

static int on_still_timer(sd_event_source *source, uint64_t usec, void *data)
{
	const struct fanout_stream *stream = data;
	if (stream->frames == 0)
		on_no_picture(data);
	return 0;
}

static void watch_still(struct fanout_stream *stream, const struct video_source *source)
{
	if (source->kind == VIDEO_SOURCE_PIPEWIRE)
		sd_event_add_time_relative(stream->fanout->event, &stream->still_timer,
			CLOCK_MONOTONIC, STILL_AFTER_US, 1000, on_still_timer, stream);
}

/*
 * The output's own clock paces the stream unless a viewer wants less: a capture that is asked for at once meets a
 * keystroke's picture in 1 ms, one that is asked for late now and then only at the next tick (sway 1.7 commits a
 * frame when it is asked).
 */
static uint32_t pace_of(const struct fanout_stream *stream)
{
	const uint32_t limit = stream->limit_rate_mhz;
	return limit && limit < stream->display_rate_mhz ? limit : 0;
}

static struct fanout_stream *stream_create(
	struct fanout *fanout, const struct display_info *display)
{
	static const struct media_stream_events events = {
		.packet = on_packet,
		.failed = on_failed,
		.no_picture = on_no_picture,
	};
	struct fanout_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return NULL;
	stream->fanout = fanout;
	stream->slot = display->slot;
	stream->display_rate_mhz = display->output.mode.refresh_mhz;
	stream->kbps = stream->limit_kbps = MEDIA_BITRATE_DEFAULT_KBPS;
	stream->generation = display->generation;
	const struct media_stream_params params = {
		.source = display->output.source,
	};
	stream->media = media_stream_create(fanout->event, &params, &events, stream);
	if (!stream->media) {
		const int error = errno;
		free(stream);
		errno = error;
		return NULL;
	}
	stream->next = fanout->streams;
	stream->previous = &fanout->streams;
	if (fanout->streams)
		fanout->streams->previous = &stream->next;
	fanout->streams = stream;
	watch_still(stream, &display->output.source);
	return stream;
}

static struct fanout_stream *stream_find(struct fanout *fanout, const struct display_info *display)
{
	struct fanout_stream *stream = fanout->streams;
	while (stream &&
		(stream->slot != display->slot || stream->generation != display->generation))
		stream = stream->next;
	return stream;
}

/* The one that wants most: 0 is more than any number. */
static uint32_t widest(uint32_t a, uint32_t b)
{
	if (a == 0 || b == 0)
		return 0;
	return a > b ? a : b;
}

static void apply_limits(struct fanout_stream *stream)
{
	const struct fanout_subscriber *one = stream->subscribers;
	if (!one)
		return;
	uint32_t kbps = one->max_kbps, rate_mhz = one->max_rate_mhz;
	for (one = one->next; one; one = one->next) {
		kbps = widest(kbps, one->max_kbps);
		rate_mhz = widest(rate_mhz, one->max_rate_mhz);
	}
	kbps = kbps ? kbps : MEDIA_BITRATE_DEFAULT_KBPS;
	if (kbps != stream->limit_kbps) {
		stream->limit_kbps = stream->kbps = kbps;
		media_stream_set_bitrate(stream->media, kbps);
	}
	if (rate_mhz != stream->limit_rate_mhz) {
		stream->limit_rate_mhz = rate_mhz;
		media_stream_set_frame_rate(stream->media, pace_of(stream));
	}
}

int fanout_subscribe(struct fanout *fanout, struct fanout_subscriber *subscriber,
	const struct display_info *display)
{
	struct fanout_stream *stream = stream_find(fanout, display);
	if (!stream)
		stream = stream_create(fanout, display);
	if (!stream)
		return -errno;
	subscriber->stream = stream;
	subscriber->waiting = true;
	subscriber->acknowledges = false;
	subscriber->first_in_flight = 0;
	subscriber->last_sent = UINT32_MAX;
	subscriber->next = stream->subscribers;
	subscriber->previous = &stream->subscribers;
	if (stream->subscribers)
		stream->subscribers->previous = &subscriber->next;
	stream->subscribers = subscriber;
	apply_limits(stream);
	media_stream_request_keyframe(stream->media);
	return 0;
}

void fanout_unsubscribe(struct fanout_subscriber *subscriber)
{
	struct fanout_stream *stream = subscriber->stream;
	if (!stream)
		return;
	*subscriber->previous = subscriber->next;
	if (subscriber->next)
		subscriber->next->previous = subscriber->previous;
	subscriber->stream = NULL;
	if (!stream->subscribers)
		stream_destroy(stream);
	else
		apply_limits(stream);
}

void fanout_set_frame_rate(struct fanout_subscriber *subscriber, uint32_t rate_mhz)
{
	struct fanout_stream *stream = subscriber->stream;
	if (!stream)
		return;
	stream->display_rate_mhz = rate_mhz;
	media_stream_set_frame_rate(stream->media, pace_of(stream));
}

void fanout_limit(struct fanout_subscriber *subscriber, uint32_t max_kbps, uint32_t max_rate_mhz)
{
	subscriber->max_kbps = max_kbps;
	subscriber->max_rate_mhz = max_rate_mhz;
	if (subscriber->stream)
		apply_limits(subscriber->stream);
}

size_t fanout_list(const struct fanout *fanout, struct stream_state *states, size_t capacity)
{
	size_t count = 0;
	for (const struct fanout_stream *stream = fanout->streams; stream && count < capacity;
		stream = stream->next) {
		struct stream_state *state = &states[count++];
		*state = (struct stream_state){
			.slot = stream->slot,
			.generation = stream->generation,
			.frames = stream->frames,
			.keyframes = stream->keyframes,
			.bytes = stream->bytes,
		};
		for (const struct fanout_subscriber *one = stream->subscribers; one;
			one = one->next)
			state->subscribers++;
	}
	return count;
}

void fanout_request_keyframe(struct fanout_subscriber *subscriber)
{
	if (!subscriber->stream)
		return;
	subscriber->waiting = true;
	request_recovery(subscriber->stream);
}

void fanout_acknowledge(struct fanout_subscriber *subscriber, uint32_t sequence, uint64_t now)
{
	if (!subscriber->stream)
		return;
	const uint32_t in_flight = subscriber->last_sent - subscriber->first_in_flight + 1;
	const uint32_t ahead = sequence - subscriber->first_in_flight;
	if (ahead >= in_flight)
		return; /* of a frame that is not in flight: old, or made up */
	subscriber->acknowledges = true;
	subscriber->first_in_flight = sequence + 1;
	if (subscriber->waiting && !has_fallen_behind(subscriber, now))
		request_recovery(subscriber->stream);
}

void fanout_drained(struct fanout_subscriber *subscriber)
{
	if (subscriber->stream && subscriber->waiting &&
		!has_fallen_behind(subscriber, session_now_ns()))
		request_recovery(subscriber->stream);
}
