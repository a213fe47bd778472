/*
 * A capture of a PipeWire video node. Private to capture_pipewire.c, which owns and drives it, and
 * capture_pipewire_stream.c, where buffers and the pointer come in.
 */
#ifndef LODGE_MEDIA_CAPTURE_PIPEWIRE_H
#define LODGE_MEDIA_CAPTURE_PIPEWIRE_H

#include <pipewire/pipewire.h>

#include "media/canvas.h"
#include "media/capture_private.h"
#include "media/pipewire_format.h"
#include "media/pipewire_peer.h"
#include "media/x_cursor.h"

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
	bool synced, closing;
	bool gone; /* the daemon or the stream ended, or nothing can come of it */
	bool refused; /* what the node gives cannot be read */
	struct pipewire_peer peer;

	struct pipewire_format format;
	bool has_format;
	struct pw_buffer *newest; /* taken from the stream, not yet given back */
	struct damage damage; /* between the last picture handed out and `newest` */
	uint64_t sequence, capture_ns;
	bool streamed, still;
	uint64_t still_ns; /* until the screen is said to be still, for the first time or again */
	bool has_picture; /* of the present format */

	struct cursor cursor;
	struct x_cursor *x_cursor; /* NULL: the stream says where the pointer is, if anybody */
	struct canvas canvas;
};

/* Makes the stream and connects it to the node that was found. False: it cannot be made. */
bool pipewire_capture_connect(struct pipewire_capture *capture);
/* The screen is still if no picture comes within still_ns. */
void pipewire_capture_await_picture(struct pipewire_capture *capture);
/* Gives the newest buffer back to the producer, if there is one. */
void pipewire_capture_give_back(struct pipewire_capture *capture);
/* Draws the pointer of an X display from now on; "": does nothing. Says on standard error what fails. */
void pipewire_capture_follow_x(
	struct pipewire_capture *capture, const char *display, uint64_t until_ns);

#endif
