#include "pipewire_desk.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "media/clock.h"

#define OPEN_DEADLINE_NS 20000000000u
#define SILENCE_MS 300
#define PATIENCE_MS 1500 /* with a picture that may have been painted too early */

bool pipewire_desk_start(struct pipewire_desk *desk, struct sound_session *session,
	const struct video_producer_params *params)
{
	struct video_producer_params wanted =
		params ? *params : (struct video_producer_params){ 0 };
	wanted.socket = session->socket;
	wanted.node_name = wanted.node_name ? wanted.node_name : DESK_NODE;
	wanted.width_px = wanted.width_px ? wanted.width_px : DESK_WIDTH;
	wanted.height_px = wanted.height_px ? wanted.height_px : DESK_HEIGHT;
	wanted.format = wanted.format ? wanted.format : SPA_VIDEO_FORMAT_BGRx;
	desk->session = session;
	desk->width_px = wanted.width_px;
	desk->height_px = wanted.height_px;
	for (uint32_t i = 0; i < DESK_PIXELS_MAX; i++)
		desk->pixels[i] = 0xff000000u | (i * 2654435761u >> 8);
	desk->producer = video_producer_create(&wanted);
	return desk->producer;
}

void pipewire_desk_vanish(struct pipewire_desk *desk)
{
	video_producer_destroy(desk->producer);
	desk->producer = NULL;
}

void pipewire_desk_stop(struct pipewire_desk *desk)
{
	for (size_t i = 0; i < 2; i++) {
		if (desk->captures[i])
			pipewire_desk_close(desk, desk->captures[i]);
	}
	pipewire_desk_vanish(desk);
}

void pipewire_desk_fill(
	struct pipewire_desk *desk, const struct video_producer_rect *rect, uint32_t colour)
{
	for (uint32_t y = 0; y < rect->height_px; y++) {
		for (uint32_t x = 0; x < rect->width_px; x++)
			desk->pixels[((uint32_t)rect->y + y) * desk->width_px + (uint32_t)rect->x +
				x] = colour;
	}
}

/* A node and its consumers agree on formats and buffers with each other: both must run. */
static bool wait_for_node(
	struct pipewire_desk *desk, bool (*holds)(struct pipewire_desk *, void *), void *data)
{
	const uint64_t until_ns = clock_now_ns() + SOUND_SESSION_DEADLINE_MS * 1000000ull;
	while (!holds(desk, data)) {
		struct capture_frame frame;
		if (clock_now_ns() >= until_ns)
			return false;
		for (size_t i = 0; i < 2; i++) {
			if (desk->captures[i])
				assert_int_not_equal(
					capture_dispatch(desk->captures[i], &frame), CAPTURE_FRAME);
		}
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	return true;
}

static bool is_consumed(struct pipewire_desk *desk, void *data)
{
	return video_producer_is_streaming(desk->producer);
}

void pipewire_desk_await_consumer(struct pipewire_desk *desk)
{
	assert_true(wait_for_node(desk, is_consumed, NULL));
}

static bool is_painted(struct pipewire_desk *desk, void *data)
{
	return video_producer_paint(desk->producer, data);
}

void pipewire_desk_paint(struct pipewire_desk *desk, const struct video_producer_paint *paint)
{
	struct video_producer_paint whole = paint ? *paint : (struct video_producer_paint){ 0 };
	whole.pixels = whole.pixels ? whole.pixels : desk->pixels;
	assert_true(wait_for_node(desk, is_painted, &whole));
}

struct video_source pipewire_desk_source(const struct pipewire_desk *desk)
{
	struct video_source source = { .kind = VIDEO_SOURCE_PIPEWIRE, .node_name = DESK_NODE };
	snprintf(
		source.pipewire_socket, sizeof source.pipewire_socket, "%s", desk->session->socket);
	memcpy(source.x_display, desk->x_display, sizeof source.x_display);
	return source;
}

struct capture *pipewire_desk_capture(struct pipewire_desk *desk)
{
	const struct video_source source = pipewire_desk_source(desk);
	const char *fault = NULL;
	struct capture *capture = capture_open(&source, OPEN_DEADLINE_NS, &fault);
	if (!capture)
		fail_msg("capture_open: %s", fault);
	desk->captures[desk->captures[0] != NULL] = capture;
	return capture;
}

void pipewire_desk_close(struct pipewire_desk *desk, struct capture *capture)
{
	for (size_t i = 0; i < 2; i++) {
		if (desk->captures[i] == capture)
			desk->captures[i] = NULL;
	}
	capture_close(capture);
}

enum capture_result await_result(
	struct capture *capture, struct capture_frame *frame, int deadline_ms)
{
	const uint64_t until_ns = clock_now_ns() + (uint64_t)deadline_ms * 1000000u;
	for (;;) {
		capture_arm(capture);
		const enum capture_result result = capture_dispatch(capture, frame);
		const uint64_t now_ns = clock_now_ns();
		if (result != CAPTURE_NOTHING || now_ns >= until_ns)
			return result;
		assert_true(capture_flush(capture));
		struct pollfd poll_fd = { .fd = capture_fd(capture), .events = POLLIN };
		poll(&poll_fd, 1, (int)((until_ns - now_ns) / 1000000 + 1));
	}
}

void pipewire_desk_show(struct pipewire_desk *desk, const struct video_producer_paint *paint,
	struct capture *capture, struct capture_frame *frame)
{
	enum capture_result result;
	const uint64_t until_ns = clock_now_ns() + SOUND_SESSION_DEADLINE_MS * 1000000ull;
	do {
		pipewire_desk_paint(desk, paint);
		/* Slow to come, or painted before the stream was whole: what is painted twice comes twice. */
		const uint64_t patience_ns = clock_now_ns() + PATIENCE_MS * 1000000ull;
		do
			result = await_result(capture, frame, PATIENCE_MS);
		while (result == CAPTURE_STILL && clock_now_ns() < patience_ns);
	} while ((result == CAPTURE_STILL || result == CAPTURE_NOTHING) &&
		clock_now_ns() < until_ns);
	assert_int_equal(result, CAPTURE_FRAME);
}

void await_silence(struct capture *capture)
{
	struct capture_frame frame;
	assert_int_equal(await_result(capture, &frame, SILENCE_MS), CAPTURE_NOTHING);
}

uint32_t pixel_at(const struct capture_frame *frame, uint32_t x, uint32_t y)
{
	uint32_t pixel;
	memcpy(&pixel, frame->pixels + (size_t)y * frame->stride + (size_t)x * sizeof pixel,
		sizeof pixel);
	return pixel & 0xffffff;
}

bool shows(const struct pipewire_desk *desk, const struct capture_frame *frame)
{
	if (frame->width_px != desk->width_px || frame->height_px != desk->height_px)
		return false;
	for (uint32_t y = 0; y < desk->height_px; y++) {
		for (uint32_t x = 0; x < desk->width_px; x++) {
			const uint32_t want = desk->pixels[y * desk->width_px + x] & 0xffffff;
			if (pixel_at(frame, x, y) == want)
				continue;
			fprintf(stderr, "pixel %u,%u is %06x instead of %06x\n", x, y,
				pixel_at(frame, x, y), want);
			return false;
		}
	}
	return true;
}
