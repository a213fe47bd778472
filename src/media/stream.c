#include "media/stream.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "media/capture.h"
#include "media/clock.h"
#include "media/outbox.h"
#include "media/packet_pool.h"
#include "media/picture.h"

#define OPEN_DEADLINE_NS 2000000000u
/* The compositor may be busy with a mode change: how long refused captures are tried again before giving up. */
#define RETRY_FIRST_NS 5000000u
#define RETRY_MAX_NS 500000000u
#define RETRIES_MAX 60
#define NEVER UINT64_MAX

struct media_stream {
	/* control thread */
	sd_event_source *outbox_source;
	const struct media_stream_events *events;
	void *data;
	pthread_t thread;
	bool failed_told;

	/* both */
	struct outbox outbox;
	int wake; /* eventfd: control thread -> media thread */
	atomic_bool stop, keyframe, failed, still;
	atomic_uint bitrate_kbps, frame_rate_mhz;
	_Atomic(const char *) fault; /* static text, set before `failed` */
	pthread_mutex_t stats_lock; /* guards stats */
	struct media_stream_stats stats;

	/* media thread */
	struct media_stream_params params;
	struct media_packet_pool *pool;
	struct capture *capture;
	struct picture *picture;
	struct capture_frame frame;
	bool has_frame, keyframe_wanted;
	uint64_t arm_due_ns;
	uint32_t retries;
};

static bool emit(void *data, struct media_packet *packet)
{
	struct media_stream *stream = data;
	if (outbox_push(&stream->outbox, packet))
		return true;
	media_packet_unref(packet);
	return false;
}

static void fail(struct media_stream *stream, const char *fault)
{
	atomic_store(&stream->fault, fault);
	atomic_store(&stream->failed, true);
	outbox_wake(&stream->outbox);
}

/* Pacing below the output's own rate: ask for the next picture as late as allowed, so that it is the newest one. */
static void plan_arm(struct media_stream *stream, uint64_t capture_ns)
{
	const uint32_t rate_mhz =
		atomic_load_explicit(&stream->frame_rate_mhz, memory_order_relaxed);
	const uint64_t interval_ns = rate_mhz ? 1000000000000u / rate_mhz : 0;
	/* A compositor's tick comes early now and then: leave it an eighth. */
	stream->arm_due_ns = rate_mhz ? capture_ns + interval_ns - interval_ns / 8 : 0;
}

static void publish_stats(struct media_stream *stream)
{
	pthread_mutex_lock(&stream->stats_lock);
	picture_get_stats(stream->picture, &stream->stats);
	pthread_mutex_unlock(&stream->stats_lock);
}

static void take_commands(struct media_stream *stream)
{
	uint64_t count;
	if (read(stream->wake, &count, sizeof count) < 0)
		return;
	if (atomic_exchange(&stream->keyframe, false))
		stream->keyframe_wanted = true;
	const uint32_t bitrate_kbps = atomic_load(&stream->bitrate_kbps);
	if (bitrate_kbps != stream->params.bitrate_kbps) {
		stream->params.bitrate_kbps = bitrate_kbps;
		picture_set_bitrate(stream->picture, bitrate_kbps);
	}
}

static bool retry_later(struct media_stream *stream)
{
	uint64_t delay_ns = RETRY_FIRST_NS << (stream->retries < 8 ? stream->retries : 8);
	if (delay_ns > RETRY_MAX_NS)
		delay_ns = RETRY_MAX_NS;
	stream->arm_due_ns = clock_now_ns() + delay_ns;
	if (++stream->retries <= RETRIES_MAX)
		return true;
	fail(stream, "the compositor refuses to give pictures of the output");
	return false;
}

static bool take_picture(struct media_stream *stream)
{
	switch (capture_dispatch(stream->capture, &stream->frame)) {
	case CAPTURE_NOTHING:
		return true;
	case CAPTURE_RETRY:
		return retry_later(stream);
	case CAPTURE_STILL:
		atomic_store(&stream->still, true);
		outbox_wake(&stream->outbox);
		return true;
	case CAPTURE_GONE:
		fail(stream, "the output or its compositor is gone");
		return false;
	case CAPTURE_FRAME:
		break;
	}
	stream->has_frame = true;
	stream->retries = 0;
	plan_arm(stream, stream->frame.capture_ns);
	const bool keyframe = stream->keyframe_wanted;
	stream->keyframe_wanted = false;
	if (!picture_update(stream->picture, &stream->frame, keyframe)) {
		fail(stream, "the picture cannot be encoded");
		return false;
	}
	publish_stats(stream);
	return true;
}

/* What is due besides new pictures. */
static bool do_due(struct media_stream *stream, uint64_t now_ns)
{
	if (stream->keyframe_wanted && stream->has_frame) {
		stream->keyframe_wanted = false;
		if (!picture_keyframe(stream->picture, &stream->frame)) {
			fail(stream, "the picture cannot be encoded");
			return false;
		}
		publish_stats(stream);
	}
	if (stream->has_frame && now_ns >= picture_refine_due_ns(stream->picture)) {
		picture_refine(stream->picture, &stream->frame, now_ns);
		publish_stats(stream);
	}
	if (!capture_is_armed(stream->capture) && now_ns >= stream->arm_due_ns)
		capture_arm(stream->capture);
	return true;
}

static void wait_for_work(struct media_stream *stream, uint64_t now_ns)
{
	uint64_t due_ns = NEVER;
	if (!capture_is_armed(stream->capture))
		due_ns = stream->arm_due_ns;
	if (stream->has_frame && picture_refine_due_ns(stream->picture) < due_ns)
		due_ns = picture_refine_due_ns(stream->picture);
	const uint64_t wait_ns = due_ns <= now_ns ? 0 : due_ns - now_ns;
	const struct timespec timeout = { (time_t)(wait_ns / 1000000000u),
		(long)(wait_ns % 1000000000u) };
	struct pollfd fds[] = {
		{ .fd = capture_fd(stream->capture), .events = POLLIN },
		{ .fd = stream->wake, .events = POLLIN },
	};
	ppoll(fds, 2, due_ns == NEVER ? NULL : &timeout, NULL);
}

static void *run(void *data)
{
	struct media_stream *stream = data;
	const char *fault;
	pthread_setname_np(pthread_self(), "lodge-media");
	stream->capture = capture_open(&stream->params.source, OPEN_DEADLINE_NS, &fault);
	if (!stream->capture) {
		fail(stream, fault);
		return NULL;
	}
	while (!atomic_load_explicit(&stream->stop, memory_order_relaxed)) {
		take_commands(stream);
		if (!take_picture(stream))
			break;
		const uint64_t now_ns = clock_now_ns();
		if (!do_due(stream, now_ns))
			break;
		if (!capture_flush(stream->capture)) {
			fail(stream, "the compositor closed the connection");
			break;
		}
		wait_for_work(stream, now_ns);
	}
	capture_close(stream->capture);
	return NULL;
}

static int on_outbox(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct media_stream *stream = data;
	struct media_packet *packet;
	outbox_clear_wake(&stream->outbox);
	while ((packet = outbox_pop(&stream->outbox))) {
		stream->events->packet(stream->data, packet);
		media_packet_unref(packet);
	}
	if (atomic_exchange(&stream->still, false) && stream->events->no_picture)
		stream->events->no_picture(stream->data);
	if (atomic_load(&stream->failed) && !stream->failed_told) {
		stream->failed_told = true;
		stream->events->failed(stream->data, atomic_load(&stream->fault));
	}
	return 0;
}

static void stream_free(struct media_stream *stream)
{
	picture_destroy(stream->picture);
	outbox_finish(&stream->outbox);
	media_packet_pool_unref(stream->pool);
	if (stream->wake >= 0)
		close(stream->wake);
	pthread_mutex_destroy(&stream->stats_lock);
	free(stream);
}

static int start_thread(struct media_stream *stream)
{
	/* Signals belong to the control thread's loop. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int error = pthread_create(&stream->thread, NULL, run, stream);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

struct media_stream *media_stream_create(sd_event *event, const struct media_stream_params *params,
	const struct media_stream_events *events, void *data)
{
	struct media_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return NULL;
	stream->params = *params;
	stream->events = events;
	stream->data = data;
	pthread_mutex_init(&stream->stats_lock, NULL);
	atomic_init(&stream->bitrate_kbps, params->bitrate_kbps);
	atomic_init(&stream->frame_rate_mhz, params->frame_rate_mhz);
	stream->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int error = stream->wake < 0 ? -errno : 0;
	if (outbox_init(&stream->outbox) < 0 && !error)
		error = -errno;
	stream->pool = media_packet_pool_create();
	stream->picture = picture_create(&(struct picture_params){
		.display = params->display,
		.bitrate_kbps = params->bitrate_kbps,
		.pool = stream->pool,
		.emit = emit,
		.data = stream,
	});
	if (!error && (!stream->pool || !stream->picture))
		error = -ENOMEM;
	if (!error)
		error = sd_event_add_io(event, &stream->outbox_source, stream->outbox.wake, POLLIN,
			on_outbox, stream);
	if (error >= 0)
		error = start_thread(stream);
	if (error < 0) {
		sd_event_source_disable_unref(stream->outbox_source);
		stream_free(stream);
		errno = -error;
		return NULL;
	}
	return stream;
}

static void wake(struct media_stream *stream)
{
	const uint64_t one = 1;
	/* EAGAIN: the counter is full, so the thread is awake already. */
	if (write(stream->wake, &one, sizeof one) < 0)
		return;
}

void media_stream_destroy(struct media_stream *stream)
{
	if (!stream)
		return;
	atomic_store(&stream->stop, true);
	wake(stream);
	pthread_join(stream->thread, NULL);
	sd_event_source_disable_unref(stream->outbox_source);
	stream_free(stream);
}

void media_stream_request_keyframe(struct media_stream *stream)
{
	atomic_store(&stream->keyframe, true);
	wake(stream);
}

void media_stream_set_bitrate(struct media_stream *stream, uint32_t bitrate_kbps)
{
	atomic_store(&stream->bitrate_kbps, bitrate_kbps);
	wake(stream);
}

void media_stream_set_frame_rate(struct media_stream *stream, uint32_t frame_rate_mhz)
{
	atomic_store(&stream->frame_rate_mhz, frame_rate_mhz);
	wake(stream);
}

void media_stream_get_stats(const struct media_stream *stream, struct media_stream_stats *stats)
{
	struct media_stream *shared = (struct media_stream *)stream;
	pthread_mutex_lock(&shared->stats_lock);
	*stats = shared->stats;
	pthread_mutex_unlock(&shared->stats_lock);
}
