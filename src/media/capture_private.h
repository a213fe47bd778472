/*
 * What the kinds of capture share. Private to capture*.c.
 */
#ifndef LODGE_MEDIA_CAPTURE_PRIVATE_H
#define LODGE_MEDIA_CAPTURE_PRIVATE_H

#include "media/capture.h"

/* One per kind of source. Each embeds a struct capture as its first member. */
struct capture_impl {
	void (*close)(struct capture *capture);
	const char *(*protocol)(const struct capture *capture);
	int (*fd)(const struct capture *capture);
	void (*arm)(struct capture *capture);
	enum capture_result (*dispatch)(struct capture *capture, struct capture_frame *frame);
	bool (*flush)(struct capture *capture);
};

struct capture {
	const struct capture_impl *impl;
	bool armed; /* the kind of capture takes it back with the result */
};

/* As capture_open; until_ns is CLOCK_MONOTONIC. */
struct capture *capture_wayland_open(
	const struct video_source *source, uint64_t until_ns, const char **fault);
struct capture *capture_pipewire_open(
	const struct video_source *source, uint64_t until_ns, const char **fault);

#endif
