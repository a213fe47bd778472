/*
 * A pointer's image and place, drawn over pictures that come without one. Pure.
 *
 * Room: media, private. Thread: the media thread; tests.
 */
#ifndef LODGE_MEDIA_CURSOR_H
#define LODGE_MEDIA_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "media/capture.h"

#define CURSOR_SIZE_MAX_PX 256

struct cursor {
	bool visible;
	int32_t x, y; /* of the hot spot, in the picture's pixels */
	int32_t hotspot_x, hotspot_y;
	uint32_t width_px, height_px;
	uint32_t pixels[CURSOR_SIZE_MAX_PX * CURSOR_SIZE_MAX_PX]; /* 0xAARRGGBB, premultiplied */
	uint64_t serial; /* counts every change that can be seen */
};

struct cursor_image {
	const uint8_t *pixels; /* premultiplied, four bytes each: B, G, R, A, or R, G, B, A if swapped */
	uint32_t width_px, height_px, stride;
	bool swapped;
	int32_t hotspot_x, hotspot_y;
};

void cursor_show(struct cursor *cursor, bool visible);
void cursor_move(struct cursor *cursor, int32_t x, int32_t y);
/* Copies. An image larger than CURSOR_SIZE_MAX_PX is cut off there. */
void cursor_set_image(struct cursor *cursor, const struct cursor_image *image);

/* What it covers of a picture of this size. False: nothing. */
bool cursor_covers(const struct cursor *cursor, uint32_t width_px, uint32_t height_px,
	struct capture_rect *rect);
/* Blends it over the BGRX pixels of `rect`, which cursor_covers gave. */
void cursor_draw(const struct cursor *cursor, uint8_t *pixels, uint32_t stride,
	const struct capture_rect *rect);

#endif
