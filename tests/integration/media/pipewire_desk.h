/* A PipeWire with one video node that shows a picture of a test's making, and captures of it. */
#ifndef LODGE_TESTS_PIPEWIRE_DESK_H
#define LODGE_TESTS_PIPEWIRE_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "media/capture.h"
#include "support/sound_session.h"
#include "support/video_producer.h"

#define DESK_WIDTH 320
#define DESK_HEIGHT 200
#define DESK_PIXELS_MAX (640 * 480)
#define DESK_NODE "desk"

struct pipewire_desk {
	struct sound_session *session; /* not owned */
	struct video_producer *producer;
	struct capture *captures[2]; /* not owned; they take part while the node waits for its consumers */
	uint32_t width_px, height_px;
	char x_display[16]; /* of its captures' source */
	uint32_t pixels[DESK_PIXELS_MAX]; /* what is painted next, 0xXXRRGGBB */
};

/* A node of the defaults in the daemon; every pixel of its picture differs from its neighbours. */
bool pipewire_desk_start(struct pipewire_desk *desk, struct sound_session *session,
	const struct video_producer_params *params);
/* Closes its captures as well. */
void pipewire_desk_stop(struct pipewire_desk *desk);
/* The node goes; its captures stay. */
void pipewire_desk_vanish(struct pipewire_desk *desk);

void pipewire_desk_fill(struct pipewire_desk *desk, const struct video_producer_rect *rect, uint32_t colour);
/* Waits until the node streams with its size. Asserts. */
void pipewire_desk_await_consumer(struct pipewire_desk *desk);
/* Paints the picture; `paint` says the rest, NULL: nothing. Asserts. */
void pipewire_desk_paint(struct pipewire_desk *desk, const struct video_producer_paint *paint);

struct video_source pipewire_desk_source(const struct pipewire_desk *desk);
/* Asserts that it opens. */
struct capture *pipewire_desk_capture(struct pipewire_desk *desk);
void pipewire_desk_close(struct pipewire_desk *desk, struct capture *capture);

/* Arms if needed and waits for anything but CAPTURE_NOTHING; CAPTURE_NOTHING: nothing came in time. */
enum capture_result await_result(struct capture *capture, struct capture_frame *frame, int deadline_ms);
/*
 * Paints and waits for the picture. Asserts. What a node paints in the moment when a consumer joins may be lost, so it paints
 * again when the capture tells that nothing came, as the owner of a display does.
 */
void pipewire_desk_show(struct pipewire_desk *desk, const struct video_producer_paint *paint,
	struct capture *capture, struct capture_frame *frame);
/* Asserts that nothing comes for a while. */
void await_silence(struct capture *capture);

/* True when the frame shows exactly the desk's picture. */
bool shows(const struct pipewire_desk *desk, const struct capture_frame *frame);
uint32_t pixel_at(const struct capture_frame *frame, uint32_t x, uint32_t y);

#endif
