/*
 * Pictures of one output, taken over a connection of the capture's own: to a Wayland compositor, which is asked for
 * each, or to a PipeWire, whose node sends them unasked.
 *
 * Room: media, private. Thread: the one media thread that made it. Two buffers: one is filled while the other holds
 * the picture before, so that the two can be compared. At rest (armed, no damage) nothing runs.
 */
#ifndef LODGE_MEDIA_CAPTURE_H
#define LODGE_MEDIA_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/source.h"

#define CAPTURE_DAMAGE_MAX 32

struct capture_rect {
	uint32_t x, y, width, height;
};

/* Pixels are BGRX, little-endian 0xXXRRGGBB, as every software renderer of wlroots offers. */
struct capture_frame {
	const uint8_t *pixels;
	uint32_t width_px, height_px, stride;
	/* The picture before, of the same size and stride; NULL: none (first picture, or the size changed). */
	const uint8_t *previous;
	struct capture_rect damage[CAPTURE_DAMAGE_MAX];
	uint32_t damage_count;
	uint64_t capture_ns; /* when the compositor presented it, CLOCK_MONOTONIC */
};

struct capture;

/* Connects and finds the output; waits at most deadline_ns for the compositor. NULL with a sentence in *fault. */
struct capture *capture_open(
	const struct video_source *source, uint64_t deadline_ns, const char **fault);
void capture_close(struct capture *capture);
const char *capture_protocol(const struct capture *capture);

int capture_fd(const struct capture *capture);
/* Asks for the next picture that differs. At most one request at a time; `frame` of before is overwritten by the
 * one after the next. Of pictures that came unasked before that, the newest counts. */
void capture_arm(struct capture *capture);
bool capture_is_armed(const struct capture *capture);

enum capture_result {
	CAPTURE_NOTHING, /* no picture yet */
	CAPTURE_FRAME, /* *frame is filled; valid until the second picture after it */
	CAPTURE_RETRY, /* the compositor could not give one now (output off, mode changing): arm later */
	CAPTURE_GONE, /* the output or the compositor is gone */
	/*
	 * The node streams for 150 ms, anew or with a new size, and no picture has come: the screen is still, and the
	 * node sends changes only; or it painted before the stream was whole. Again, ever later, up to ten seconds,
	 * while there is none: what changed for the first time may have been lost, too.
	 */
	CAPTURE_STILL,
};
/* Reads and handles what has arrived; never waits. */
enum capture_result capture_dispatch(struct capture *capture, struct capture_frame *frame);
/* Sends requests; call before waiting on the fd. False: the connection is dead. */
bool capture_flush(struct capture *capture);

#endif
