/*
 * Exact rectangles of the picture as PNG (8-bit palette where 256 colours are enough, RGB otherwise) or as one colour.
 *
 * Room: media, private. Thread: the media thread. Memory is taken at create only. The PNG container is
 * written here (five fixed chunks); compression and checksums are libdeflate's.
 */
#ifndef LODGE_MEDIA_TILE_ENCODER_H
#define LODGE_MEDIA_TILE_ENCODER_H

#include <stddef.h>
#include <stdint.h>

#include "core/wire.h"

#define TILE_ENCODER_WIDTH_MAX_PX 1024
#define TILE_ENCODER_HEIGHT_MAX_PX 64

struct tile_encoder;

struct tile_encoder *tile_encoder_create(void);
void tile_encoder_destroy(struct tile_encoder *encoder);

/* The most bytes that a rectangle of this size can take. */
size_t tile_encoder_bound(uint32_t width_px, uint32_t height_px);
/*
 * Encodes the rectangle whose first pixel is at `pixels` (BGRX). Returns the bytes written to `out`, which holds
 * tile_encoder_bound bytes, and sets *format.
 */
size_t tile_encode(struct tile_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	uint32_t width_px, uint32_t height_px, uint8_t *out, enum wire_tile_format *format);

#endif
