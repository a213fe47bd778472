/* wlr-screencopy-unstable-v1, version 3: one round trip per picture. */
#include "media/capture_wayland.h"
#include "wlr-screencopy-unstable-v1-client-protocol.h"

static void drop_frame(struct wayland_capture *capture)
{
	if (capture->screencopy_frame)
		zwlr_screencopy_frame_v1_destroy(capture->screencopy_frame);
	capture->screencopy_frame = NULL;
}

static void on_buffer(void *data, struct zwlr_screencopy_frame_v1 *frame, uint32_t format,
	uint32_t width, uint32_t height, uint32_t stride)
{
	struct wayland_capture *capture = data;
	capture->format = format;
	capture->format_usable =
		format == WL_SHM_FORMAT_XRGB8888 || format == WL_SHM_FORMAT_ARGB8888;
	capture->width_px = width;
	capture->height_px = height;
	capture->stride = stride;
}

static void on_flags(void *data, struct zwlr_screencopy_frame_v1 *frame, uint32_t flags)
{
}

static void on_ready(void *data, struct zwlr_screencopy_frame_v1 *frame, uint32_t seconds_high,
	uint32_t seconds_low, uint32_t nanoseconds)
{
	struct wayland_capture *capture = data;
	const uint64_t seconds = (uint64_t)seconds_high << 32 | seconds_low;
	capture->frame.capture_ns = seconds * 1000000000u + nanoseconds;
	drop_frame(capture);
	wayland_capture_finish(capture, CAPTURE_FRAME);
}

static void on_failed(void *data, struct zwlr_screencopy_frame_v1 *frame)
{
	struct wayland_capture *capture = data;
	drop_frame(capture);
	wayland_capture_finish(capture, CAPTURE_RETRY);
}

static void on_damage(void *data, struct zwlr_screencopy_frame_v1 *frame, uint32_t x, uint32_t y,
	uint32_t width, uint32_t height)
{
	wayland_capture_add_damage(data, x, y, width, height);
}

static void on_linux_dmabuf(void *data, struct zwlr_screencopy_frame_v1 *frame, uint32_t format,
	uint32_t width, uint32_t height)
{
}

static void on_buffer_done(void *data, struct zwlr_screencopy_frame_v1 *frame)
{
	struct wayland_capture *capture = data;
	struct capture_buffer *buffer = wayland_capture_next_buffer(capture);
	if (buffer) {
		zwlr_screencopy_frame_v1_copy_with_damage(frame, buffer->buffer);
		return;
	}
	drop_frame(capture);
	wayland_capture_finish(capture, CAPTURE_RETRY);
}

static const struct zwlr_screencopy_frame_v1_listener frame_listener = {
	.buffer = on_buffer,
	.flags = on_flags,
	.ready = on_ready,
	.failed = on_failed,
	.damage = on_damage,
	.linux_dmabuf = on_linux_dmabuf,
	.buffer_done = on_buffer_done,
};

static bool screencopy_open(struct wayland_capture *capture)
{
	return true;
}

static void screencopy_arm(struct wayland_capture *capture)
{
	const int32_t overlay_cursor = 1;
	capture->screencopy_frame = zwlr_screencopy_manager_v1_capture_output(
		capture->screencopy, overlay_cursor, capture->output);
	zwlr_screencopy_frame_v1_add_listener(capture->screencopy_frame, &frame_listener, capture);
}

const struct capture_protocol_impl capture_screencopy_impl = {
	.name = "wlr-screencopy",
	.open = screencopy_open,
	.arm = screencopy_arm,
	.close = drop_frame,
};
