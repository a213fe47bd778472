/*
 * Plain descriptions that cross from a backend to the media and input rooms: where the picture of an
 * output is found and where its input goes. Values, not handles: whoever gets one opens its own
 * connection, on its own thread (architecture.md §2).
 *
 * Room: core (pure). Any thread.
 */
#ifndef LODGE_CORE_SOURCE_H
#define LODGE_CORE_SOURCE_H

#include <stdint.h>

#define SOURCE_PATH_MAX 108 /* sizeof sockaddr_un.sun_path */
#define SOURCE_NAME_MAX 64

enum video_source_kind {
	VIDEO_SOURCE_WAYLAND, /* wlr-screencopy or ext-image-copy-capture on a compositor's socket */
	VIDEO_SOURCE_PIPEWIRE, /* a video node of a PipeWire */
};

struct video_source {
	enum video_source_kind kind;
	char wayland_socket[SOURCE_PATH_MAX]; /* absolute path */
	char output_name[SOURCE_NAME_MAX];
	/* VIDEO_SOURCE_PIPEWIRE: the daemon by its socket's absolute path, the node by its name. */
	char pipewire_socket[SOURCE_PATH_MAX];
	char node_name[SOURCE_NAME_MAX];
	/*
	 * The compositor leaves the pointer out of its pictures: it is taken from the X server of this display (":1") and drawn
	 * over them. "": it is in the picture.
	 */
	char x_display[16];
};

#endif
