/*
 * The door every compositor comes through: one `struct display_backend_impl` each.
 *
 * Room: display. Thread: control. A backend keeps no policy and reads no environment; what it needs is in
 * its create call. Every request is asynchronous: its callback is called exactly once, from the event loop,
 * never from inside the request, and never after display_backend_destroy. Each request has a deadline of
 * its own inside the backend, so the callback always comes: -ETIMEDOUT when the compositor did not answer.
 */
#ifndef LODGE_DISPLAY_BACKEND_H
#define LODGE_DISPLAY_BACKEND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/mode.h"
#include "core/source.h"

struct display_backend;
struct display_output; /* owned by the backend; alive from create's callback until destroy's or vanished */

/* What the compositor really did, read back (architecture.md §4.4). */
struct display_output_info {
	struct display_mode mode;
	int32_t x, y; /* position in the desktop's layout, logical pixels */
	char name[SOURCE_NAME_MAX];
	struct video_source source;
};

/* error: 0, or a negative errno with a sentence in `text` (valid during the call). */
typedef void (*display_create_done)(void *data, int error, const char *text,
	struct display_output *output, const struct display_output_info *info);
typedef void (*display_mode_done)(
	void *data, int error, const char *text, const struct display_output_info *info);
typedef void (*display_destroy_done)(void *data, int error, const char *text);

struct display_backend_events {
	/* The output is gone without having been destroyed by us. Its handle is dead after this call. */
	void (*output_vanished)(void *data, struct display_output *output);
	/* The compositor is gone (every output has vanished before) or is back. */
	void (*desktop_gone)(void *data, const char *text);
	void (*desktop_ready)(void *data);
};

struct display_backend_impl {
	const char *name;
	void (*create)(struct display_backend *backend, const struct display_mode *mode,
		display_create_done done, void *data);
	void (*set_mode)(struct display_backend *backend, struct display_output *output,
		const struct display_mode *mode, display_mode_done done, void *data);
	void (*destroy_output)(struct display_backend *backend, struct display_output *output,
		display_destroy_done done, void *data);
	/* Absolute path of the Wayland socket that input goes to; NULL while the desktop is gone. */
	const char *(*wayland_socket)(struct display_backend *backend);
	/* Frees the backend; outputs that are left are destroyed as far as a short deadline allows. */
	void (*destroy)(struct display_backend *backend);
};

/* The first member of every backend. */
struct display_backend {
	const struct display_backend_impl *impl;
	const struct display_backend_events *events; /* set by the registry */
	void *events_data;
};

static inline void display_backend_destroy(struct display_backend *backend)
{
	if (backend)
		backend->impl->destroy(backend);
}

#endif
