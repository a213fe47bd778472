#include "media/capture_wayland.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ext-image-capture-source-v1-client-protocol.h"
#include "ext-image-copy-capture-v1-client-protocol.h"
#include "media/clock.h"
#include "wlr-screencopy-unstable-v1-client-protocol.h"

static void on_geometry(void *data, struct wl_output *output, int32_t x, int32_t y, int32_t width,
	int32_t height, int32_t subpixel, const char *make, const char *model, int32_t transform)
{
}

static void on_mode(void *data, struct wl_output *output, uint32_t flags, int32_t width,
	int32_t height, int32_t refresh)
{
}

static void on_done(void *data, struct wl_output *output)
{
}

static void on_scale(void *data, struct wl_output *output, int32_t factor)
{
}

static void on_name(void *data, struct wl_output *output, const char *name)
{
	struct capture_output *entry = data;
	snprintf(entry->name, sizeof entry->name, "%s", name);
}

static void on_description(void *data, struct wl_output *output, const char *description)
{
}

static const struct wl_output_listener output_listener = {
	.geometry = on_geometry,
	.mode = on_mode,
	.done = on_done,
	.scale = on_scale,
	.name = on_name,
	.description = on_description,
};

static void on_global(void *data, struct wl_registry *registry, uint32_t global,
	const char *interface, uint32_t version)
{
	struct wayland_capture *capture = data;
	if (strcmp(interface, wl_shm_interface.name) == 0) {
		capture->shm = wl_registry_bind(registry, global, &wl_shm_interface, 1);
	} else if (strcmp(interface, zwlr_screencopy_manager_v1_interface.name) == 0 &&
		version >= 3) {
		capture->screencopy = wl_registry_bind(
			registry, global, &zwlr_screencopy_manager_v1_interface, 3);
	} else if (strcmp(interface, ext_image_copy_capture_manager_v1_interface.name) == 0) {
		capture->copy_capture = wl_registry_bind(
			registry, global, &ext_image_copy_capture_manager_v1_interface, 1);
	} else if (strcmp(interface, ext_output_image_capture_source_manager_v1_interface.name) ==
		0) {
		capture->capture_sources = wl_registry_bind(
			registry, global, &ext_output_image_capture_source_manager_v1_interface, 1);
	} else if (strcmp(interface, wl_output_interface.name) == 0 && version >= 4 &&
		capture->output_count < CAPTURE_OUTPUTS_MAX && !capture->output) {
		struct capture_output *entry = &capture->outputs[capture->output_count++];
		entry->global = global;
		entry->output = wl_registry_bind(registry, global, &wl_output_interface, 4);
		wl_output_add_listener(entry->output, &output_listener, entry);
	}
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t global)
{
	struct wayland_capture *capture = data;
	if (capture->output && capture->output_global == global)
		wayland_capture_finish(capture, CAPTURE_GONE);
}

static const struct wl_registry_listener registry_listener = {
	.global = on_global,
	.global_remove = on_global_remove,
};

static void on_sync(void *data, struct wl_callback *callback, uint32_t serial)
{
	*(bool *)data = true;
	wl_callback_destroy(callback);
}

static const struct wl_callback_listener sync_listener = { .done = on_sync };

static bool wayland_flush(struct capture *base)
{
	struct wayland_capture *capture = (struct wayland_capture *)base;
	return wl_display_flush(capture->display) >= 0 || errno == EAGAIN;
}

/* One read of what has arrived. False: the connection is dead. */
static bool read_events(struct wayland_capture *capture)
{
	while (wl_display_prepare_read(capture->display) != 0) {
		if (wl_display_dispatch_pending(capture->display) < 0)
			return false;
	}
	if (!wayland_flush(&capture->base)) {
		wl_display_cancel_read(capture->display);
		return false;
	}
	struct pollfd poll_fd = { .fd = wl_display_get_fd(capture->display), .events = POLLIN };
	if (poll(&poll_fd, 1, 0) > 0) {
		if (wl_display_read_events(capture->display) < 0)
			return false;
	} else {
		wl_display_cancel_read(capture->display);
	}
	return wl_display_dispatch_pending(capture->display) >= 0;
}

/* A roundtrip that gives up. */
static bool roundtrip(struct wayland_capture *capture, uint64_t until_ns)
{
	bool done = false;
	struct wl_callback *callback = wl_display_sync(capture->display);
	wl_callback_add_listener(callback, &sync_listener, &done);
	while (!done) {
		if (!read_events(capture))
			break;
		const uint64_t now = clock_now_ns();
		if (done || now >= until_ns)
			break;
		struct pollfd poll_fd = { .fd = wl_display_get_fd(capture->display),
			.events = POLLIN };
		poll(&poll_fd, 1, (int)((until_ns - now) / 1000000 + 1));
	}
	if (!done)
		wl_callback_destroy(callback);
	return done;
}

static bool find_output(struct wayland_capture *capture, const char *name)
{
	for (uint32_t i = 0; i < capture->output_count; i++) {
		struct capture_output *entry = &capture->outputs[i];
		if (!capture->output && strcmp(entry->name, name) == 0) {
			capture->output = entry->output;
			capture->output_global = entry->global;
		} else {
			wl_output_release(entry->output);
		}
	}
	capture->output_count = 0;
	return capture->output;
}

static void buffer_finish(struct capture_buffer *buffer)
{
	if (buffer->buffer)
		wl_buffer_destroy(buffer->buffer);
	if (buffer->pixels)
		munmap(buffer->pixels, buffer->size);
	*buffer = (struct capture_buffer){ 0 };
}

static void wayland_close(struct capture *base)
{
	struct wayland_capture *capture = (struct wayland_capture *)base;
	if (capture->protocol)
		capture->protocol->close(capture);
	for (uint32_t i = 0; i < CAPTURE_BUFFERS; i++)
		buffer_finish(&capture->buffers[i]);
	for (uint32_t i = 0; i < capture->output_count; i++)
		wl_output_release(capture->outputs[i].output);
	if (capture->output)
		wl_output_release(capture->output);
	if (capture->screencopy)
		zwlr_screencopy_manager_v1_destroy(capture->screencopy);
	if (capture->copy_capture)
		ext_image_copy_capture_manager_v1_destroy(capture->copy_capture);
	if (capture->capture_sources)
		ext_output_image_capture_source_manager_v1_destroy(capture->capture_sources);
	if (capture->shm)
		wl_shm_destroy(capture->shm);
	if (capture->registry)
		wl_registry_destroy(capture->registry);
	if (capture->display)
		wl_display_disconnect(capture->display);
	free(capture);
}

static bool buffer_init(struct wayland_capture *capture, struct capture_buffer *buffer)
{
	const size_t size = (size_t)capture->stride * capture->height_px;
	const int file = memfd_create("lodge-capture", MFD_CLOEXEC);
	if (file < 0)
		return false;
	uint8_t *pixels = MAP_FAILED;
	if (ftruncate(file, (off_t)size) == 0)
		pixels = mmap(
			NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
	if (pixels == MAP_FAILED) {
		close(file);
		return false;
	}
	struct wl_shm_pool *pool = wl_shm_create_pool(capture->shm, file, (int32_t)size);
	*buffer = (struct capture_buffer){
		.buffer = wl_shm_pool_create_buffer(pool, 0, (int32_t)capture->width_px,
			(int32_t)capture->height_px, (int32_t)capture->stride, capture->format),
		.pixels = pixels,
		.size = size,
		.width_px = capture->width_px,
		.height_px = capture->height_px,
		.stride = capture->stride,
	};
	wl_shm_pool_destroy(pool);
	close(file);
	return true;
}

static bool buffer_fits(const struct wayland_capture *capture, const struct capture_buffer *buffer)
{
	return buffer->buffer && buffer->width_px == capture->width_px &&
		buffer->height_px == capture->height_px && buffer->stride == capture->stride;
}

struct capture_buffer *wayland_capture_next_buffer(struct wayland_capture *capture)
{
	struct capture_buffer *buffer = &capture->buffers[capture->filling];
	if (!buffer_fits(capture, buffer)) {
		buffer_finish(buffer);
		if (!capture->format_usable || !buffer_init(capture, buffer))
			return NULL;
	}
	capture->frame.damage_count = 0;
	return buffer;
}

void wayland_capture_add_damage(
	struct wayland_capture *capture, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
	struct capture_frame *frame = &capture->frame;
	if (frame->damage_count < CAPTURE_DAMAGE_MAX)
		frame->damage[frame->damage_count++] = (struct capture_rect){ x, y, width, height };
	else
		frame->damage[0] = (struct capture_rect){ 0, 0, UINT32_MAX, UINT32_MAX };
}

void wayland_capture_finish(struct wayland_capture *capture, enum capture_result result)
{
	capture->base.armed = false;
	capture->result = result;
	if (result != CAPTURE_FRAME)
		return;
	struct capture_buffer *buffer = &capture->buffers[capture->filling];
	capture->filling = (capture->filling + 1) % CAPTURE_BUFFERS;
	const struct capture_buffer *before = &capture->buffers[capture->filling];
	struct capture_frame *frame = &capture->frame;
	frame->pixels = buffer->pixels;
	frame->width_px = buffer->width_px;
	frame->height_px = buffer->height_px;
	frame->stride = buffer->stride;
	frame->previous = before->filled && before->width_px == buffer->width_px &&
			before->height_px == buffer->height_px && before->stride == buffer->stride
		? before->pixels
		: NULL;
	buffer->filled = true;
}

static const char *wayland_protocol(const struct capture *base)
{
	const struct wayland_capture *capture = (const struct wayland_capture *)base;
	return capture->protocol->name;
}

static int wayland_fd(const struct capture *base)
{
	const struct wayland_capture *capture = (const struct wayland_capture *)base;
	return wl_display_get_fd(capture->display);
}

static void wayland_arm(struct capture *base)
{
	struct wayland_capture *capture = (struct wayland_capture *)base;
	capture->protocol->arm(capture);
}

static enum capture_result wayland_dispatch(struct capture *base, struct capture_frame *frame)
{
	struct wayland_capture *capture = (struct wayland_capture *)base;
	capture->result = CAPTURE_NOTHING;
	if (!read_events(capture))
		return CAPTURE_GONE;
	if (capture->result == CAPTURE_FRAME)
		*frame = capture->frame;
	return capture->result;
}

static const struct capture_impl capture_wayland_impl = {
	.close = wayland_close,
	.protocol = wayland_protocol,
	.fd = wayland_fd,
	.arm = wayland_arm,
	.dispatch = wayland_dispatch,
	.flush = wayland_flush,
};

struct capture *capture_wayland_open(
	const struct video_source *source, uint64_t until_ns, const char **fault)
{
	struct wayland_capture *capture = calloc(1, sizeof *capture);
	*fault = "out of memory";
	if (!capture)
		return NULL;
	capture->base.impl = &capture_wayland_impl;
	*fault = "the compositor's Wayland socket does not answer";
	capture->display = wl_display_connect(source->wayland_socket);
	if (!capture->display)
		goto error;
	capture->registry = wl_display_get_registry(capture->display);
	wl_registry_add_listener(capture->registry, &registry_listener, capture);
	if (!roundtrip(capture, until_ns) || !roundtrip(capture, until_ns))
		goto error;
	*fault = "the compositor has no output of that name";
	if (!find_output(capture, source->output_name))
		goto error;
	*fault = "the compositor offers neither ext-image-copy-capture nor wlr-screencopy 3";
	if (capture->copy_capture && capture->capture_sources)
		capture->protocol = &capture_ext_impl;
	else if (capture->screencopy)
		capture->protocol = &capture_screencopy_impl;
	if (!capture->protocol || !capture->shm || !capture->protocol->open(capture))
		goto error;
	*fault = NULL;
	return &capture->base;

error:
	wayland_close(&capture->base);
	return NULL;
}
