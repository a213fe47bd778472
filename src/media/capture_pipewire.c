/* Pictures of a PipeWire video node: they arrive when the producer paints, wanted or not. */
#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pipewire/pipewire.h>

#include "media/canvas.h"
#include "media/capture_private.h"
#include "media/clock.h"
#include "media/pipewire_buffer.h"
#include "media/pipewire_format.h"
#include "media/pipewire_peer.h"
#include "media/x_cursor.h"

#define STILL_NS 150000000
/* A time that the producer gives is believed if it lies this little in the past: on a still screen some give the last
 * change's. */
#define TIME_BELIEVED_NS 100000000u
/* Of the time to open, for the X server at most: a pointer is worth less than pictures. */
#define X_PATIENCE_NS 500000000u
#define PARAMS_SIZE 4096

struct pipewire_capture {
	struct capture base;
	char name[SOURCE_NAME_MAX];
	struct pw_loop *loop;
	struct pw_context *context;
	struct pw_core *core;
	struct spa_hook core_listener, stream_listener;
	struct pw_stream *stream;
	struct spa_source *wake, *still_timer, *x_source;
	int sync;
	bool synced, gone, closing;
	struct pipewire_peer peer;

	struct pipewire_format format;
	bool has_format;
	struct pw_buffer *newest; /* taken from the stream, not yet given back */
	struct damage damage; /* between the last picture handed out and `newest` */
	uint64_t sequence, capture_ns;
	bool streamed, still;
	bool has_picture; /* of the present format */

	struct cursor cursor;
	struct x_cursor *x_cursor; /* NULL: the stream says where the pointer is, if anybody */
	struct canvas canvas;
};

static struct pipewire_capture *from_base(struct capture *base)
{
	return (struct pipewire_capture *)base;
}

static void lose_x(struct pipewire_capture *capture)
{
	fprintf(stderr,
		"lodged: the X server beside the PipeWire node '%s' is gone: pictures come without "
		"pointer\n",
		capture->name);
	if (capture->x_source)
		pw_loop_destroy_source(capture->loop, capture->x_source);
	capture->x_source = NULL;
	x_cursor_close(capture->x_cursor);
	capture->x_cursor = NULL;
	cursor_show(&capture->cursor, false);
}

static void on_x(void *data, int fd, uint32_t mask)
{
	struct pipewire_capture *capture = data;
	if (!x_cursor_dispatch(capture->x_cursor))
		lose_x(capture);
}

static void give_back(struct pipewire_capture *capture)
{
	if (capture->newest)
		pw_stream_queue_buffer(capture->stream, capture->newest);
	capture->newest = NULL;
}

static void add_damage(struct pipewire_capture *capture, const struct spa_buffer *buffer)
{
	const uint64_t sequence = pipewire_buffer_sequence(buffer);
	const bool missed = sequence && capture->sequence && sequence != capture->sequence + 1;
	capture->sequence = sequence;
	if (!pipewire_buffer_add_damage(buffer, &capture->format, &capture->damage) || missed)
		capture->damage.everything = true;
}

/* Keeps the newest picture; what it replaces is not looked at, but for what it says has changed. */
static void consider(struct pipewire_capture *capture, struct pw_buffer *buffer)
{
	struct canvas_picture picture;
	if (!capture->x_cursor)
		pipewire_buffer_update_cursor(buffer->buffer, &capture->cursor);
	if (!capture->has_format || !pipewire_peer_is_linked(&capture->peer) ||
		!pipewire_buffer_picture(
			buffer->buffer, buffer->user_data, &capture->format, &picture)) {
		pw_stream_queue_buffer(capture->stream, buffer);
		return;
	}
	add_damage(capture, buffer->buffer);
	give_back(capture);
	capture->newest = buffer;
	capture->has_picture = true;
	if (capture->x_cursor && !x_cursor_ask(capture->x_cursor))
		lose_x(capture);
}

static void on_process(void *data)
{
	struct pipewire_capture *capture = data;
	struct pw_buffer *buffer;
	while ((buffer = pw_stream_dequeue_buffer(capture->stream)))
		consider(capture, buffer);
}

static void on_add_buffer(void *data, struct pw_buffer *buffer)
{
	struct pipewire_capture *capture = data;
	buffer->user_data = pipewire_mapping_create(buffer->buffer);
	if (buffer->user_data)
		return;
	fprintf(stderr,
		"lodged: the memory of the PipeWire node '%s' cannot be read (%s); only shared "
		"memory and linear dma-bufs can\n",
		capture->name, strerror(errno));
	capture->gone = true;
}

static void on_remove_buffer(void *data, struct pw_buffer *buffer)
{
	struct pipewire_capture *capture = data;
	if (capture->newest == buffer)
		capture->newest = NULL;
	pipewire_mapping_destroy(buffer->user_data);
	buffer->user_data = NULL;
}

/* From now on a picture is due. */
static void expect_picture(struct pipewire_capture *capture)
{
	struct timespec still = { 0, STILL_NS };
	pw_loop_update_timer(capture->loop, capture->still_timer, &still, NULL, false);
}

static void on_param_changed(void *data, uint32_t id, const struct spa_pod *pod)
{
	struct pipewire_capture *capture = data;
	uint8_t bytes[PARAMS_SIZE];
	struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(bytes, sizeof bytes);
	const struct spa_pod *wishes[PIPEWIRE_FORMAT_WISHES_MAX];
	if (id != SPA_PARAM_Format)
		return;
	give_back(capture);
	capture->damage.everything = true;
	capture->has_picture = false;
	capture->has_format = pod && pipewire_format_parse(pod, &capture->format);
	if (capture->has_format) {
		const uint32_t count = pipewire_format_wishes(&builder, &capture->format, wishes);
		pw_stream_update_params(capture->stream, wishes, count);
		expect_picture(capture);
	} else if (pod) {
		pw_stream_set_error(capture->stream, -ENOTSUP, "no format that was offered");
	}
}

static void on_state_changed(
	void *data, enum pw_stream_state old, enum pw_stream_state state, const char *error)
{
	struct pipewire_capture *capture = data;
	capture->peer.consumer_id = pw_stream_get_node_id(capture->stream);
	if (capture->closing)
		return;
	if (state == PW_STREAM_STATE_ERROR ||
		(state == PW_STREAM_STATE_UNCONNECTED && old > state)) {
		fprintf(stderr, "lodged: the stream of the PipeWire node '%s' ended: %s\n",
			capture->name, error ? error : "no longer connected");
		capture->gone = true;
	}
	if (state != PW_STREAM_STATE_STREAMING)
		return;
	capture->streamed = true;
	expect_picture(capture);
}

static const struct pw_stream_events stream_events = {
	PW_VERSION_STREAM_EVENTS,
	.state_changed = on_state_changed,
	.param_changed = on_param_changed,
	.add_buffer = on_add_buffer,
	.remove_buffer = on_remove_buffer,
	.process = on_process,
};

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

static void on_still(void *data, uint64_t expirations)
{
	struct pipewire_capture *capture = data;
	capture->still = !capture->has_picture;
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

static void follow_x(struct pipewire_capture *capture, const char *display, uint64_t until_ns)
{
	const uint64_t patience_ns = clock_now_ns() + X_PATIENCE_NS;
	const char *fault;
	if (!display[0])
		return;
	if (patience_ns < until_ns)
		until_ns = patience_ns;
	capture->x_cursor = x_cursor_open(display, &capture->cursor, until_ns, &fault);
	if (!capture->x_cursor) {
		fprintf(stderr,
			"lodged: the pointer of the PipeWire node '%s' cannot be followed on the X "
			"display %s: %s; pictures come without it\n",
			capture->name, display, fault);
		return;
	}
	capture->x_source = pw_loop_add_io(capture->loop, x_cursor_fd(capture->x_cursor),
		SPA_IO_IN | SPA_IO_HUP | SPA_IO_ERR, false, on_x, capture);
	/* What came while it was opened has been read from the socket already. */
	on_x(capture, -1, SPA_IO_IN);
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

/* Without a graphics card every dma-buf is ordinary memory. */
static bool has_graphics_card(void)
{
	glob_t found;
	const bool has = glob("/dev/dri/renderD*", 0, NULL, &found) == 0;
	if (has)
		globfree(&found);
	return has;
}

static bool connect_stream(struct pipewire_capture *capture)
{
	uint8_t bytes[PARAMS_SIZE];
	struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(bytes, sizeof bytes);
	const struct spa_pod *offers[PIPEWIRE_FORMAT_OFFERS_MAX];
	const uint32_t count = pipewire_format_offer(&builder, !has_graphics_card(), offers);
	capture->stream = pw_stream_new(capture->core, "lodge",
		pw_properties_new(PW_KEY_MEDIA_TYPE, "Video", PW_KEY_MEDIA_CATEGORY, "Capture",
			PW_KEY_MEDIA_ROLE, "Screen", PW_KEY_TARGET_OBJECT, capture->peer.serial,
			"node.dont-fallback", "true", NULL));
	if (!capture->stream)
		return false;
	pw_stream_add_listener(capture->stream, &capture->stream_listener, &stream_events, capture);
	return pw_stream_connect(capture->stream, PW_DIRECTION_INPUT, PW_ID_ANY,
		       PW_STREAM_FLAG_AUTOCONNECT | PW_STREAM_FLAG_DONT_RECONNECT, offers,
		       count) >= 0;
}

static void pipewire_close(struct capture *base)
{
	struct pipewire_capture *capture = from_base(base);
	capture->closing = true;
	if (capture->x_source)
		pw_loop_destroy_source(capture->loop, capture->x_source);
	x_cursor_close(capture->x_cursor);
	if (capture->stream) {
		give_back(capture);
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
	give_back(capture);
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
	follow_x(capture, source->x_display, until_ns);
	*fault = "the stream cannot be made";
	if (!connect_stream(capture))
		return false;
	if (wait_until(capture, is_streaming, until_ns))
		return true;
	*fault = "the session manager of the PipeWire does not link the video node";
	if (capture->gone || capture->peer.refused)
		*fault = "the video node has no format that can be read: BGRx, BGRA, RGBx or RGBA, "
			 "in "
			 "shared memory or linear dma-bufs";
	else if (capture->peer.gone)
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
