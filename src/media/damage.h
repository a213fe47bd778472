/*
 * Which rectangles of a picture changed. Pure arithmetic.
 *
 * Room: media, private. Any thread.
 */
#ifndef LODGE_MEDIA_DAMAGE_H
#define LODGE_MEDIA_DAMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "media/capture.h"

/* All zero: nothing changed. */
struct damage {
	struct capture_rect rects[CAPTURE_DAMAGE_MAX];
	uint32_t count;
	bool everything; /* whatever the list says */
};

/* The part of a rectangle that lies within the picture. False: none of it does. */
bool damage_clip(int64_t x, int64_t y, uint32_t width, uint32_t height, uint32_t picture_width_px,
	uint32_t picture_height_px, struct capture_rect *rect);

/* When the list is full, its last rectangle grows to hold the new one as well. */
void damage_add(struct damage *damage, const struct capture_rect *rect);
void damage_merge(struct damage *damage, const struct damage *other);

#endif
