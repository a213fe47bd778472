/*
 * Draws one exact tile into a BGRX framebuffer.
 *
 * Room: liblodge, private. Any thread.
 */
#ifndef LODGE_TILE_H
#define LODGE_TILE_H

#include <stdint.h>

#include "core/wire.h"

/*
 * `scratch` holds 4 bytes per pixel of the tile. The tile lies within the framebuffer. NULL, or a static sentence.
 * PNG is decoded by libspng: a 16 x 24 tile in 3 us where libpng's simplified interface takes 4.5, 512 x 64 in 75
 * where it takes 110.
 */
const char *lodge_tile_draw(const struct wire_tile *tile, const uint8_t *payload, uint8_t *scratch,
	uint8_t *framebuffer, uint32_t stride);

#endif
