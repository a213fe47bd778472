/*
 * Which parts of the picture changed, and how each part was last sent. Pure arithmetic over 64 x 64 tiles: no
 * clock, no I/O; memory is taken at init only.
 *
 * Room: media, private. Thread: the media thread; tests.
 */
#ifndef LODGE_MEDIA_TILEMAP_H
#define LODGE_MEDIA_TILEMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/wire.h"
#include "media/capture.h"

#define TILE_PX 64

struct tile_state {
	uint64_t changed_ns; /* capture time of the last change */
	uint8_t streak; /* changes in a row that came as fast as motion does */
	bool changed; /* in the picture at hand */
	bool moving; /* the streak makes it motion: goes as video */
	bool for_video; /* in the picture at hand: goes into the access unit */
	bool soft; /* shown by the video layer: worth refining */
	bool stale; /* changed since the encoder's input picture was converted here */
};

struct tilemap {
	uint32_t width_px, height_px;
	uint32_t columns, rows;
	struct tile_state *tiles;
	uint32_t changed, moving; /* of the picture at hand */
};

/* False when memory is short. Every tile starts changed, soft and stale. */
bool tilemap_init(struct tilemap *map, uint32_t width_px, uint32_t height_px);
void tilemap_finish(struct tilemap *map);

/* Marks the tiles of `frame` that differ from the picture before, within its damage; updates streaks. */
void tilemap_mark(struct tilemap *map, const struct capture_frame *frame);

struct wire_rect tilemap_rect(
	const struct tilemap *map, uint32_t column, uint32_t row, uint32_t columns);

/*
 * Shrinks `rect` to the pixels that really differ between the two pictures.
 * Without a previous picture it stays.
 */
void tilemap_trim(const struct capture_frame *frame, struct wire_rect *rect);

#endif
