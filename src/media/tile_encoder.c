#include "media/tile_encoder.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COLOURS_MAX 256
#define HASH_SIZE 1024 /* a power of two, four times the colours: probes stay short */
#define COLOUR_MASK 0xffffffu
#define HASH_EMPTY UINT32_MAX
#define RAW_MAX (TILE_ENCODER_HEIGHT_MAX_PX * (TILE_ENCODER_WIDTH_MAX_PX * 3 + 1))
#define PNG_OVERHEAD 1024 /* signature, IHDR, PLTE of 256 colours, IDAT frame, IEND */
#define COMPRESSION_LEVEL 1

enum png_colour_type { PNG_RGB = 2, PNG_PALETTE = 3 };
enum png_filter { FILTER_NONE = 0, FILTER_UP = 2 };

struct tile_encoder {
	struct libdeflate_compressor *compressor;
	uint32_t colours[COLOURS_MAX];
	uint32_t colour_count;
	uint32_t hash_colour[HASH_SIZE];
	uint8_t hash_index[HASH_SIZE];
	uint8_t raw[RAW_MAX]; /* filtered scanlines */
};

struct tile_encoder *tile_encoder_create(void)
{
	struct tile_encoder *encoder = calloc(1, sizeof *encoder);
	if (!encoder)
		return NULL;
	encoder->compressor = libdeflate_alloc_compressor(COMPRESSION_LEVEL);
	if (!encoder->compressor) {
		free(encoder);
		return NULL;
	}
	return encoder;
}

void tile_encoder_destroy(struct tile_encoder *encoder)
{
	if (!encoder)
		return;
	libdeflate_free_compressor(encoder->compressor);
	free(encoder);
}

size_t tile_encoder_bound(uint32_t width_px, uint32_t height_px)
{
	const size_t raw = (size_t)height_px * (width_px * 3u + 1u);
	return libdeflate_zlib_compress_bound(NULL, raw) + PNG_OVERHEAD;
}

static inline uint32_t pixel_at(const uint8_t *pixels)
{
	uint32_t pixel;
	memcpy(&pixel, pixels, sizeof pixel);
	return pixel & COLOUR_MASK;
}

/* The palette index of a colour; COLOURS_MAX when the palette is full. */
static inline uint32_t index_of(struct tile_encoder *encoder, uint32_t colour)
{
	uint32_t slot = (colour * 2654435761u) >> 22;
	while (encoder->hash_colour[slot] != colour) {
		if (encoder->hash_colour[slot] == HASH_EMPTY) {
			if (encoder->colour_count == COLOURS_MAX)
				return COLOURS_MAX;
			encoder->hash_colour[slot] = colour;
			encoder->hash_index[slot] = (uint8_t)encoder->colour_count;
			encoder->colours[encoder->colour_count++] = colour;
			break;
		}
		slot = (slot + 1) % HASH_SIZE;
	}
	return encoder->hash_index[slot];
}

/* Scanlines of palette indices. False when there are too many colours. */
static bool fill_palette(struct tile_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	uint32_t width_px, uint32_t height_px)
{
	uint8_t *raw = encoder->raw;
	uint32_t colour = pixel_at(pixels);
	memset(encoder->hash_colour, 0xff, sizeof encoder->hash_colour);
	encoder->colour_count = 0;
	uint32_t index = index_of(encoder, colour);
	for (uint32_t y = 0; y < height_px; y++, pixels += stride) {
		*raw++ = FILTER_NONE;
		for (uint32_t x = 0; x < width_px; x++) {
			const uint32_t next = pixel_at(pixels + (size_t)x * 4);
			if (next != colour) {
				index = index_of(encoder, next);
				if (index == COLOURS_MAX)
					return false;
				colour = next;
			}
			*raw++ = (uint8_t)index;
		}
	}
	return true;
}

static void fill_rgb(struct tile_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	uint32_t width_px, uint32_t height_px)
{
	uint8_t *raw = encoder->raw;
	for (uint32_t y = 0; y < height_px; y++, pixels += stride) {
		const uint8_t *above = pixels - stride;
		*raw++ = y ? FILTER_UP : FILTER_NONE;
		for (uint32_t x = 0; x < width_px; x++, raw += 3) {
			const uint8_t *pixel = pixels + (size_t)x * 4;
			for (uint32_t channel = 0; channel < 3; channel++) {
				const uint8_t before = y ? above[(size_t)x * 4 + 2 - channel] : 0;
				raw[channel] = (uint8_t)(pixel[2 - channel] - before);
			}
		}
	}
}

static uint8_t *put_u32(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)(value >> 24);
	out[1] = (uint8_t)(value >> 16);
	out[2] = (uint8_t)(value >> 8);
	out[3] = (uint8_t)value;
	return out + 4;
}

/* Length before and checksum behind the `size` bytes that lie at out + 8. */
static uint8_t *close_chunk(uint8_t *out, const char type[4], size_t size)
{
	put_u32(out, (uint32_t)size);
	memcpy(out + 4, type, 4);
	return put_u32(out + 8 + size, libdeflate_crc32(0, out + 4, size + 4));
}

static uint8_t *put_header(uint8_t *out, uint32_t width_px, uint32_t height_px, enum png_colour_type type)
{
	static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	memcpy(out, signature, sizeof signature);
	out += sizeof signature;
	uint8_t *field = put_u32(put_u32(out + 8, width_px), height_px);
	const uint8_t rest[5] = { 8, (uint8_t)type, 0, 0, 0 };
	memcpy(field, rest, sizeof rest);
	return close_chunk(out, "IHDR", 13);
}

static uint8_t *put_palette(uint8_t *out, const struct tile_encoder *encoder)
{
	uint8_t *field = out + 8;
	for (uint32_t i = 0; i < encoder->colour_count; i++) {
		*field++ = (uint8_t)(encoder->colours[i] >> 16);
		*field++ = (uint8_t)(encoder->colours[i] >> 8);
		*field++ = (uint8_t)encoder->colours[i];
	}
	return close_chunk(out, "PLTE", encoder->colour_count * 3);
}

size_t tile_encode(struct tile_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	uint32_t width_px, uint32_t height_px, uint8_t *out, enum wire_tile_format *format)
{
	const bool palette = fill_palette(encoder, pixels, stride, width_px, height_px);
	if (palette && encoder->colour_count == 1) {
		*format = WIRE_TILE_SOLID;
		const uint32_t colour = encoder->colours[0];
		memcpy(out, (uint8_t[]){ (uint8_t)colour, (uint8_t)(colour >> 8), (uint8_t)(colour >> 16), 0 }, 4);
		return 4;
	}
	*format = WIRE_TILE_PNG;
	uint8_t *end = put_header(out, width_px, height_px, palette ? PNG_PALETTE : PNG_RGB);
	if (palette)
		end = put_palette(end, encoder);
	else
		fill_rgb(encoder, pixels, stride, width_px, height_px);
	const size_t raw_size = (size_t)height_px * (width_px * (palette ? 1u : 3u) + 1u);
	const size_t room = libdeflate_zlib_compress_bound(encoder->compressor, raw_size);
	end = close_chunk(end, "IDAT",
		libdeflate_zlib_compress(encoder->compressor, encoder->raw, raw_size, end + 8, room));
	end = close_chunk(end, "IEND", 0);
	return (size_t)(end - out);
}
