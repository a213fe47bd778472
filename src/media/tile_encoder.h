/*
 * Exact rectangles of the picture: one colour, a palette of up to 256 under LZ4, or PNG (docs/protocol.md §4).
 *
 * Text and controls have few colours: a whole page of them costs less as palette tiles than as a video frame
 * (docs/encoding.md).
 *
 * Room: media, private. Thread: the media thread. Memory is taken at create only. The PNG container is
 * written here (four fixed chunks); compression and checksums are libdeflate's and lz4's.
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
 * Encodes the rectangle whose first pixel is at `pixels` (BGRX) when it has at most 256 colours: returns the bytes
 * written to `out`, which holds tile_encoder_bound bytes, and sets *format. 0: it has more colours.
 */
size_t tile_encode_palette(struct tile_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	uint32_t width_px, uint32_t height_px, uint8_t *out, enum wire_tile_format *format);
/* The same for any rectangle, as PNG when it has to be. */
size_t tile_encode(struct tile_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	uint32_t width_px, uint32_t height_px, uint8_t *out, enum wire_tile_format *format);

#endif
