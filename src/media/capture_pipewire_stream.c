/* What comes in over the stream of a PipeWire video node, and over the X server beside it. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "media/capture_pipewire.h"
#include "media/clock.h"
#include "media/pipewire_buffer.h"

#define STILL_NS 150000000u
#define SECOND_NS 1000000000u
/* Of the time to open, for the X server at most: a pointer is worth less than pictures. */
#define X_PATIENCE_NS 500000000u
#define PARAMS_SIZE 4096

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

void pipewire_capture_give_back(struct pipewire_capture *capture)
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
	pipewire_capture_give_back(capture);
	capture->newest = buffer;
	capture->has_picture = true;
	capture->still = false;
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
	capture->gone = capture->refused = true;
}

static void on_remove_buffer(void *data, struct pw_buffer *buffer)
{
	struct pipewire_capture *capture = data;
	if (capture->newest == buffer)
		capture->newest = NULL;
	pipewire_mapping_destroy(buffer->user_data);
	buffer->user_data = NULL;
}

void pipewire_capture_await_picture(struct pipewire_capture *capture)
{
	struct timespec still = {
		.tv_sec = (time_t)(capture->still_ns / SECOND_NS),
		.tv_nsec = (long)(capture->still_ns % SECOND_NS),
	};
	pw_loop_update_timer(capture->loop, capture->still_timer, &still, NULL, false);
}

/* From now on a picture is due. */
static void expect_picture(struct pipewire_capture *capture)
{
	capture->still_ns = STILL_NS;
	pipewire_capture_await_picture(capture);
}

static void on_param_changed(void *data, uint32_t id, const struct spa_pod *pod)
{
	struct pipewire_capture *capture = data;
	uint8_t bytes[PARAMS_SIZE];
	struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(bytes, sizeof bytes);
	const struct spa_pod *wishes[PIPEWIRE_FORMAT_WISHES_MAX];
	if (id != SPA_PARAM_Format)
		return;
	pipewire_capture_give_back(capture);
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
		/* Newer daemons tell the stream what older ones tell the link alone. */
		capture->refused |= state == PW_STREAM_STATE_ERROR && !capture->has_format;
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

/* Without a graphics card every dma-buf is ordinary memory. */
static bool has_graphics_card(void)
{
	glob_t found;
	const bool has = glob("/dev/dri/renderD*", 0, NULL, &found) == 0;
	if (has)
		globfree(&found);
	return has;
}

bool pipewire_capture_connect(struct pipewire_capture *capture)
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

void pipewire_capture_follow_x(
	struct pipewire_capture *capture, const char *display, uint64_t until_ns)
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
