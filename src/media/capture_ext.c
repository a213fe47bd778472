/* ext-image-copy-capture-v1: constraints come once, a picture costs no round trip. */
#include "ext-image-capture-source-v1-client-protocol.h"
#include "ext-image-copy-capture-v1-client-protocol.h"
#include "media/capture_wayland.h"

static void drop_frame(struct wayland_capture *capture)
{
	if (capture->session_frame)
		ext_image_copy_capture_frame_v1_destroy(capture->session_frame);
	capture->session_frame = NULL;
}

static void on_transform(
	void *data, struct ext_image_copy_capture_frame_v1 *frame, uint32_t transform)
{
}

static void on_damage(void *data, struct ext_image_copy_capture_frame_v1 *frame, int32_t x,
	int32_t y, int32_t width, int32_t height)
{
	wayland_capture_add_damage(data, (uint32_t)x, (uint32_t)y, (uint32_t)width, (uint32_t)height);
}

static void on_presentation_time(void *data, struct ext_image_copy_capture_frame_v1 *frame,
	uint32_t seconds_high, uint32_t seconds_low, uint32_t nanoseconds)
{
	struct wayland_capture *capture = data;
	const uint64_t seconds = (uint64_t)seconds_high << 32 | seconds_low;
	capture->frame.capture_ns = seconds * 1000000000u + nanoseconds;
}

static void on_ready(void *data, struct ext_image_copy_capture_frame_v1 *frame)
{
	struct wayland_capture *capture = data;
	drop_frame(capture);
	wayland_capture_finish(capture, CAPTURE_FRAME);
}

static void on_failed(void *data, struct ext_image_copy_capture_frame_v1 *frame, uint32_t reason)
{
	struct wayland_capture *capture = data;
	drop_frame(capture);
	wayland_capture_finish(capture,
		reason == EXT_IMAGE_COPY_CAPTURE_FRAME_V1_FAILURE_REASON_STOPPED ? CAPTURE_GONE
										 : CAPTURE_RETRY);
}

static const struct ext_image_copy_capture_frame_v1_listener frame_listener = {
	.transform = on_transform,
	.damage = on_damage,
	.presentation_time = on_presentation_time,
	.ready = on_ready,
	.failed = on_failed,
};

static void ask_for_frame(struct wayland_capture *capture)
{
	capture->want_arm = false;
	struct capture_buffer *buffer = wayland_capture_next_buffer(capture);
	if (!buffer) {
		wayland_capture_finish(capture, CAPTURE_RETRY);
		return;
	}
	capture->session_frame = ext_image_copy_capture_session_v1_create_frame(capture->session);
	ext_image_copy_capture_frame_v1_add_listener(
		capture->session_frame, &frame_listener, capture);
	ext_image_copy_capture_frame_v1_attach_buffer(capture->session_frame, buffer->buffer);
	/* The picture two before this one is in the buffer: all of it is stale. */
	ext_image_copy_capture_frame_v1_damage_buffer(capture->session_frame, 0, 0,
		(int32_t)capture->width_px, (int32_t)capture->height_px);
	ext_image_copy_capture_frame_v1_capture(capture->session_frame);
}

static void on_buffer_size(void *data, struct ext_image_copy_capture_session_v1 *session,
	uint32_t width, uint32_t height)
{
	struct wayland_capture *capture = data;
	capture->width_px = width;
	capture->height_px = height;
	capture->stride = width * 4;
}

static void on_shm_format(
	void *data, struct ext_image_copy_capture_session_v1 *session, uint32_t format)
{
	struct wayland_capture *capture = data;
	if (format == WL_SHM_FORMAT_XRGB8888 ||
		(format == WL_SHM_FORMAT_ARGB8888 && !capture->format_usable)) {
		capture->format = format;
		capture->format_usable = true;
	}
}

static void on_dmabuf_device(
	void *data, struct ext_image_copy_capture_session_v1 *session, struct wl_array *device)
{
}

static void on_dmabuf_format(void *data, struct ext_image_copy_capture_session_v1 *session,
	uint32_t format, struct wl_array *modifiers)
{
}

static void on_done(void *data, struct ext_image_copy_capture_session_v1 *session)
{
	struct wayland_capture *capture = data;
	capture->constraints_known = true;
	if (capture->want_arm)
		ask_for_frame(capture);
}

static void on_stopped(void *data, struct ext_image_copy_capture_session_v1 *session)
{
	wayland_capture_finish(data, CAPTURE_GONE);
}

static const struct ext_image_copy_capture_session_v1_listener session_listener = {
	.buffer_size = on_buffer_size,
	.shm_format = on_shm_format,
	.dmabuf_device = on_dmabuf_device,
	.dmabuf_format = on_dmabuf_format,
	.done = on_done,
	.stopped = on_stopped,
};

static bool ext_open(struct wayland_capture *capture)
{
	struct ext_image_capture_source_v1 *source =
		ext_output_image_capture_source_manager_v1_create_source(
			capture->capture_sources, capture->output);
	capture->session = ext_image_copy_capture_manager_v1_create_session(capture->copy_capture,
		source, EXT_IMAGE_COPY_CAPTURE_MANAGER_V1_OPTIONS_PAINT_CURSORS);
	ext_image_copy_capture_session_v1_add_listener(
		capture->session, &session_listener, capture);
	ext_image_capture_source_v1_destroy(source);
	return true;
}

static void ext_arm(struct wayland_capture *capture)
{
	if (capture->constraints_known)
		ask_for_frame(capture);
	else
		capture->want_arm = true;
}

static void ext_close(struct wayland_capture *capture)
{
	drop_frame(capture);
	if (capture->session)
		ext_image_copy_capture_session_v1_destroy(capture->session);
	capture->session = NULL;
}

const struct capture_protocol_impl capture_ext_impl = {
	.name = "ext-image-copy-capture",
	.open = ext_open,
	.arm = ext_arm,
	.close = ext_close,
};
