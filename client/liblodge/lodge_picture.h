/*
 * Puts a display's picture together from its FRAMEs (docs/protocol.md §4): exact tiles over decoded video, in one BGRX
 * framebuffer.
 *
 * Room: liblodge. Any thread, one at a time per picture (libavcodec's slice threads are inside). No clock, no I/O.
 * Trusts no byte of a frame.
 */
#ifndef LODGE_PICTURE_H
#define LODGE_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/wire.h"

struct lodge_picture;

/* NULL: no memory, or a libavcodec without H.264. */
struct lodge_picture *lodge_picture_create(void);
void lodge_picture_destroy(struct lodge_picture *picture);

/*
 * STREAM_CONFIG. Another size makes a new, black picture that waits for a keyframe; the same size changes nothing.
 * Negative errno.
 */
int lodge_picture_configure(struct lodge_picture *picture, uint32_t width_px, uint32_t height_px);

enum lodge_picture_result {
	LODGE_PICTURE_DRAWN,
	LODGE_PICTURE_WAITING, /* nothing drawn; a keyframe must come: ask for one when none does by itself */
	LODGE_PICTURE_BROKEN, /* the frame contradicts itself or the configuration: as WAITING, and the host's fault */
};
enum lodge_picture_result lodge_picture_frame(
	struct lodge_picture *picture, const struct wire_frame *frame);

/* True until the first keyframe, and again from a gap to the next one. */
bool lodge_picture_is_waiting(const struct lodge_picture *picture);
/* Why the last result was not DRAWN. */
const char *lodge_picture_fault(const struct lodge_picture *picture);

/* Bytes blue, green, red, unused; stride = 4 * width. NULL before the first configure; moves with each configure. */
const uint8_t *lodge_picture_pixels(const struct lodge_picture *picture);
uint32_t lodge_picture_width_px(const struct lodge_picture *picture);
uint32_t lodge_picture_height_px(const struct lodge_picture *picture);
/* 0..255, BT.601 weights; 0 outside. */
uint8_t lodge_picture_luma(const struct lodge_picture *picture, uint32_t x_px, uint32_t y_px);

#endif
