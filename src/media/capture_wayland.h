/*
 * What the two Wayland capture protocols share. Private to capture_wayland.c, capture_ext.c and
 * capture_screencopy.c.
 */
#ifndef LODGE_MEDIA_CAPTURE_WAYLAND_H
#define LODGE_MEDIA_CAPTURE_WAYLAND_H

#include <wayland-client.h>

#include "media/capture_private.h"

#define CAPTURE_BUFFERS 2
#define CAPTURE_OUTPUTS_MAX 64

struct wayland_capture;
struct zwlr_screencopy_manager_v1;
struct zwlr_screencopy_frame_v1;
struct ext_image_copy_capture_manager_v1;
struct ext_image_copy_capture_session_v1;
struct ext_image_copy_capture_frame_v1;
struct ext_output_image_capture_source_manager_v1;

struct capture_buffer {
	struct wl_buffer *buffer;
	uint8_t *pixels;
	size_t size;
	uint32_t width_px, height_px, stride;
	bool filled;
};

struct capture_output {
	struct wl_output *output;
	uint32_t global;
	char name[SOURCE_NAME_MAX];
};

/* One per protocol: start asks for a picture, stop withdraws what is open. */
struct capture_protocol_impl {
	const char *name;
	bool (*open)(struct wayland_capture *capture);
	void (*arm)(struct wayland_capture *capture);
	void (*close)(struct wayland_capture *capture);
};

struct wayland_capture {
	struct capture base;
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_shm *shm;
	struct capture_output outputs[CAPTURE_OUTPUTS_MAX];
	uint32_t output_count;
	struct wl_output *output; /* the one that is captured */
	uint32_t output_global;

	const struct capture_protocol_impl *protocol;
	struct zwlr_screencopy_manager_v1 *screencopy;
	struct zwlr_screencopy_frame_v1 *screencopy_frame;
	struct ext_image_copy_capture_manager_v1 *copy_capture;
	struct ext_output_image_capture_source_manager_v1 *capture_sources;
	struct ext_image_copy_capture_session_v1 *session;
	struct ext_image_copy_capture_frame_v1 *session_frame;

	struct capture_buffer buffers[CAPTURE_BUFFERS];
	uint32_t filling; /* index of the buffer that the compositor writes */
	uint32_t format, width_px, height_px, stride; /* as announced for the next picture */
	bool format_usable, constraints_known;

	bool want_arm; /* armed before the constraints were known */
	enum capture_result result;
	struct capture_frame frame;
};

extern const struct capture_protocol_impl capture_screencopy_impl;
extern const struct capture_protocol_impl capture_ext_impl;

/* The buffer to fill next, of the announced size. NULL when memory is short. */
struct capture_buffer *wayland_capture_next_buffer(struct wayland_capture *capture);
void wayland_capture_add_damage(
	struct wayland_capture *capture, uint32_t x, uint32_t y, uint32_t width, uint32_t height);
void wayland_capture_finish(struct wayland_capture *capture, enum capture_result result);

#endif
