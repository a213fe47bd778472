/* Pictures of a PipeWire video node: they arrive when the producer paints, wanted or not. */
#include "media/capture_pipewire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/clock.h"
#include "media/pipewire_buffer.h"

/* A time that the producer gives is believed if it lies this little in the past: on a still screen some give the last
 * change's. */
#define TIME_BELIEVED_NS 100000000u
/* A screen without a picture is said to be still after 0.15 s, 0.45 s, and so on up to 9.45 s: six times. */
#define STILL_LAST_NS 4800000000u

static struct pipewire_capture *from_base(struct capture *base)
{
	return (struct pipewire_capture *)base;
}

static void on_core_done(void *data, uint32_t id, int sequence)
{
	struct pipewire_capture *capture = data;
	if (id == PW_ID_CORE && sequence == capture->sync)
		capture->synced = true;
}

static void on_core_error(void *data, uint32_t id, int sequence, int error, const char *message)
{
	struct pipewire_capture *capture = data;
	if (id == PW_ID_CORE && error == -EPIPE)
		capture->gone = true;
}

static const struct pw_core_events core_events = {
	PW_VERSION_CORE_EVENTS,
	.done = on_core_done,
	.error = on_core_error,
};

static void on_wake(void *data, uint64_t count)
{
}

/* Whoever made the screen change may have been too early: the picture was lost with the stream's buffers. */
static void on_still(void *data, uint64_t expirations)
{
	struct pipewire_capture *capture = data;
	if (capture->has_picture)
		return;
	capture->still = true;
	capture->still_ns *= 2;
	if (capture->still_ns <= STILL_LAST_NS)
		pipewire_capture_await_picture(capture);
}

static bool is_synced(const struct pipewire_capture *capture)
{
	return capture->synced;
}

static bool is_streaming(const struct pipewire_capture *capture)
{
	return capture->streamed && pipewire_peer_is_linked(&capture->peer);
}

/* Runs the loop until the condition holds. False: it does not in time, or the node is gone. */
static bool wait_until(struct pipewire_capture *capture,
	bool (*condition)(const struct pipewire_capture *capture), uint64_t until_ns)
{
	while (!condition(capture)) {
		const uint64_t now = clock_now_ns();
		if (capture->gone || capture->peer.gone || now >= until_ns)
			return false;
		const int error =
			pw_loop_iterate(capture->loop, (int)((until_ns - now) / 1000000 + 1));
		if (error < 0 && error != -EINTR)
			return false;
	}
	return true;
}

static bool connect_core(struct pipewire_capture *capture, const char *socket)
{
	capture->loop = pw_loop_new(NULL);
	if (!capture->loop)
		return false;
	pw_loop_enter(capture->loop);
	capture->wake = pw_loop_add_event(capture->loop, on_wake, capture);
	capture->still_timer = pw_loop_add_timer(capture->loop, on_still, capture);
	capture->context = pw_context_new(capture->loop, NULL, 0);
	if (!capture->context || !capture->wake || !capture->still_timer)
		return false;
	capture->core = pw_context_connect(
		capture->context, pw_properties_new(PW_KEY_REMOTE_NAME, socket, NULL), 0);
	if (!capture->core)
		return false;
	pw_core_add_listener(capture->core, &capture->core_listener, &core_events, capture);
	return pipewire_peer_init(&capture->peer, capture->core, capture->name);
}

static void pipewire_close(struct capture *base)
{
	struct pipewire_capture *capture = from_base(base);
	capture->closing = true;
	if (capture->x_source)
		pw_loop_destroy_source(capture->loop, capture->x_source);
	x_cursor_close(capture->x_cursor);
	if (capture->stream) {
		pipewire_capture_give_back(capture);
		pw_stream_destroy(capture->stream);
	}
	pipewire_peer_finish(&capture->peer);
	if (capture->core) {
		spa_hook_remove(&capture->core_listener);
		pw_core_disconnect(capture->core);
	}
	if (capture->context)
		pw_context_destroy(capture->context);
	if (capture->wake)
		pw_loop_destroy_source(capture->loop, capture->wake);
	if (capture->still_timer)
		pw_loop_destroy_source(capture->loop, capture->still_timer);
	if (capture->loop) {
		pw_loop_leave(capture->loop);
		pw_loop_destroy(capture->loop);
	}
	canvas_finish(&capture->canvas);
	free(capture);
	pw_deinit();
}

static const char *pipewire_protocol(const struct capture *base)
{
	return "pipewire";
}

static int pipewire_fd(const struct capture *base)
{
	const struct pipewire_capture *capture = (const struct pipewire_capture *)base;
	return pw_loop_get_fd(capture->loop);
}

static bool has_news(const struct pipewire_capture *capture)
{
	return capture->newest || canvas_needs_cursor(&capture->canvas, &capture->cursor);
}

static void pipewire_arm(struct capture *base)
{
	struct pipewire_capture *capture = from_base(base);
	if (has_news(capture))
		pw_loop_signal_event(capture->loop, capture->wake);
}

static uint64_t time_of(struct pipewire_capture *capture)
{
	const uint64_t now_ns = clock_now_ns();
	const uint64_t said_ns =
		capture->newest ? pipewire_buffer_time_ns(capture->newest->buffer) : 0;
	const bool believed = said_ns <= now_ns && now_ns - said_ns < TIME_BELIEVED_NS &&
		said_ns > capture->capture_ns;
	capture->capture_ns = believed ? said_ns : now_ns;
	return capture->capture_ns;
}

static bool take_newest(struct pipewire_capture *capture, struct capture_frame *frame)
{
	struct canvas_picture picture;
	const struct pipewire_mapping *mapping = capture->newest->user_data;
	/* Read again: it may have changed, or have been given back in between. */
	if (!pipewire_buffer_picture(capture->newest->buffer, mapping, &capture->format, &picture))
		return false;
	pipewire_mapping_begin(mapping);
	const bool taken =
		canvas_take(&capture->canvas, &picture, &capture->damage, &capture->cursor, frame);
	pipewire_mapping_end(mapping);
	return taken;
}

static enum capture_result take(struct pipewire_capture *capture, struct capture_frame *frame)
{
	capture->base.armed = false;
	frame->capture_ns = time_of(capture);
	if (!capture->newest)
		return canvas_take(&capture->canvas, NULL, NULL, &capture->cursor, frame)
			? CAPTURE_FRAME
			: CAPTURE_RETRY;
	const bool taken = take_newest(capture, frame);
	if (taken)
		capture->damage = (struct damage){ 0 };
	pipewire_capture_give_back(capture);
	return taken ? CAPTURE_FRAME : CAPTURE_RETRY;
}

static enum capture_result pipewire_dispatch(struct capture *base, struct capture_frame *frame)
{
	struct pipewire_capture *capture = from_base(base);
	const int error = pw_loop_iterate(capture->loop, 0);
	if ((error < 0 && error != -EINTR) || capture->gone || capture->peer.gone)
		return CAPTURE_GONE;
	if (capture->base.armed && has_news(capture))
		return take(capture, frame);
	const bool still = capture->still;
	capture->still = false;
	return still ? CAPTURE_STILL : CAPTURE_NOTHING;
}

/* The library sends by itself, from its loop. */
static bool pipewire_flush(struct capture *base)
{
	return true;
}

static const struct capture_impl capture_pipewire_impl = {
	.close = pipewire_close,
	.protocol = pipewire_protocol,
	.fd = pipewire_fd,
	.arm = pipewire_arm,
	.dispatch = pipewire_dispatch,
	.flush = pipewire_flush,
};

static bool open_stream(struct pipewire_capture *capture, const struct video_source *source,
	uint64_t until_ns, const char **fault)
{
	*fault = "the PipeWire socket does not answer";
	if (!connect_core(capture, source->pipewire_socket))
		return false;
	capture->sync = pw_core_sync(capture->core, PW_ID_CORE, 0);
	if (!wait_until(capture, is_synced, until_ns))
		return false;
	*fault = "the PipeWire has no video node of that name";
	if (capture->peer.found == 0)
		return false;
	*fault = "the PipeWire has several video nodes of that name";
	if (capture->peer.found > 1)
		return false;
	pipewire_capture_follow_x(capture, source->x_display, until_ns);
	*fault = "the stream cannot be made";
	if (!pipewire_capture_connect(capture))
		return false;
	if (wait_until(capture, is_streaming, until_ns))
		return true;
	*fault = "the session manager of the PipeWire does not link the video node";
	/* Some session managers take a link away as soon as it fails. */
	const bool refused = capture->refused || capture->peer.refused ||
		(capture->peer.unlinked && !capture->has_format);
	if (refused)
		*fault = "the video node has no format that can be read: BGRx, BGRA, RGBx or RGBA, "
			 "in "
			 "shared memory or linear dma-bufs";
	else if (capture->gone || capture->peer.gone)
		*fault = "the video node went away";
	else if (pipewire_peer_is_linked(&capture->peer))
		*fault = "the video node does not start";
	return false;
}

struct capture *capture_pipewire_open(
	const struct video_source *source, uint64_t until_ns, const char **fault)
{
	struct pipewire_capture *capture = calloc(1, sizeof *capture);
	*fault = "out of memory";
	if (!capture)
		return NULL;
	pw_init(NULL, NULL);
	capture->base.impl = &capture_pipewire_impl;
	capture->damage.everything = true;
	memcpy(capture->name, source->node_name, sizeof capture->name);
	capture->name[sizeof capture->name - 1] = '\0';
	if (!open_stream(capture, source, until_ns, fault)) {
		pipewire_close(&capture->base);
		return NULL;
	}
	*fault = NULL;
	return &capture->base;
}
