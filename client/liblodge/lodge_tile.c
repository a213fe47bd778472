#include "lodge_tile.h"

#include <libyuv.h>
#include <lz4.h>
#include <spng.h>
#include <string.h>

static void draw_colour(
	const struct wire_tile *tile, const uint8_t *payload, uint8_t *at, uint32_t stride)
{
	const uint32_t colour =
		(uint32_t)payload[0] | (uint32_t)payload[1] << 8 | (uint32_t)payload[2] << 16;
	ARGBRect(at, (int)stride, 0, 0, tile->rect.width, tile->rect.height, colour);
}

static const char *decode_png(const struct wire_tile *tile, spng_ctx *context, uint8_t *scratch)
{
	struct spng_ihdr header;
	if (spng_get_ihdr(context, &header) != 0)
		return "FRAME: a tile is no PNG";
	if (header.width != tile->rect.width || header.height != tile->rect.height)
		return "FRAME: a tile's PNG has another size than its rectangle";
	const size_t size = (size_t)header.width * header.height * 4;
	if (spng_decode_image(context, scratch, size, SPNG_FMT_RGBA8, 0) != 0)
		return "FRAME: a tile's PNG cannot be decoded";
	return NULL;
}

static const char *draw_png(const struct wire_tile *tile, const uint8_t *payload, uint8_t *scratch,
	uint8_t *at, uint32_t stride)
{
	spng_ctx *context = spng_ctx_new(0);
	if (!context)
		return "out of memory";
	/* TLS has checked the bytes already. */
	spng_set_crc_action(context, SPNG_CRC_USE, SPNG_CRC_USE);
	spng_set_image_limits(context, DISPLAY_SIZE_MAX_PX, DISPLAY_SIZE_MAX_PX);
	spng_set_chunk_limits(context, 1 << 20, 1 << 20);
	spng_set_png_buffer(context, payload, tile->size);
	const char *fault = decode_png(tile, context, scratch);
	spng_ctx_free(context);
	/* libyuv names a pixel as a little-endian word: its ABGR is the bytes red, green, blue, alpha. */
	if (!fault)
		ABGRToARGB(scratch, tile->rect.width * 4, at, (int)stride, tile->rect.width,
			tile->rect.height);
	return fault;
}

/* Inlined with a constant `bits`: whole bytes at a time, without a shift that depends on the column. */
static inline __attribute__((always_inline)) void unpack_row(const uint32_t colours[256],
	const uint8_t *row, uint32_t *out, uint32_t width, const uint32_t bits)
{
	const uint32_t in_byte = 8 / bits, mask = (1u << bits) - 1;
	uint32_t x = 0;
	for (; x + in_byte <= width; x += in_byte) {
		const uint32_t byte = *row++;
		for (uint32_t i = 0; i < in_byte; i++)
			out[x + i] = colours[byte >> (i * bits) & mask];
	}
	for (uint32_t i = 0; x + i < width; i++)
		out[x + i] = colours[(uint32_t)*row >> (i * bits) & mask];
}

static void draw_row(const uint32_t colours[256], const uint8_t *row, uint32_t *out, uint32_t width,
	uint32_t bits)
{
	if (bits == 1)
		unpack_row(colours, row, out, width, 1);
	else if (bits == 2)
		unpack_row(colours, row, out, width, 2);
	else if (bits == 4)
		unpack_row(colours, row, out, width, 4);
	else
		unpack_row(colours, row, out, width, 8);
}

/* docs/protocol.md §4, format 2. The scratch holds the rows of indices. */
static const char *draw_palette(const struct wire_tile *tile, const uint8_t *payload,
	uint8_t *scratch, uint8_t *at, uint32_t stride)
{
	uint32_t colours[256] = { 0 };
	const uint32_t count = tile->size ? payload[0] + 1u : 0;
	const uint32_t head = 1 + count * 3;
	if (count == 0 || tile->size < head)
		return "FRAME: a tile's palette is cut short";
	for (uint32_t i = 0; i < count; i++)
		colours[i] = 0xff000000u | (uint32_t)payload[1 + i * 3] |
			(uint32_t)payload[2 + i * 3] << 8 | (uint32_t)payload[3 + i * 3] << 16;
	const uint32_t bits = wire_palette_bits(count);
	const uint32_t row_size = (tile->rect.width * bits + 7) / 8;
	const int raw_size = (int)(row_size * tile->rect.height);
	if (LZ4_decompress_safe((const char *)payload + head, (char *)scratch,
		    (int)(tile->size - head), raw_size) != raw_size)
		return "FRAME: a tile's indices cannot be unpacked";
	for (uint32_t y = 0; y < tile->rect.height; y++, at += stride)
		draw_row(colours, scratch + (size_t)y * row_size, (uint32_t *)(void *)at,
			tile->rect.width, bits);
	return NULL;
}

const char *lodge_tile_draw(const struct wire_tile *tile, const uint8_t *payload, uint8_t *scratch,
	uint8_t *framebuffer, uint32_t stride)
{
	uint8_t *at = framebuffer + (size_t)tile->rect.y * stride + (size_t)tile->rect.x * 4;
	if (tile->format == WIRE_TILE_PNG)
		return draw_png(tile, payload, scratch, at, stride);
	if (tile->format == WIRE_TILE_PALETTE)
		return draw_palette(tile, payload, scratch, at, stride);
	draw_colour(tile, payload, at, stride);
	return NULL;
}
