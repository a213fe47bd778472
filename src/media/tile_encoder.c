#include "media/tile_encoder.h"

#include <libdeflate.h>
#include <lz4.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COLOURS_MAX 256
#define HASH_SIZE 1024 /* a power of two, four times the colours: probes stay short */
#define COLOUR_MASK 0xffffffu
#define HASH_EMPTY UINT32_MAX
#define PIXELS_MAX (TILE_ENCODER_HEIGHT_MAX_PX * TILE_ENCODER_WIDTH_MAX_PX)
#define RAW_MAX (TILE_ENCODER_HEIGHT_MAX_PX * (TILE_ENCODER_WIDTH_MAX_PX * 3 + 1))
#define OVERHEAD 1024 /* PNG's chunks, or a palette of 256 colours */
#define COMPRESSION_LEVEL 1
#define PNG_RGB 2

enum png_filter { FILTER_NONE = 0, FILTER_UP = 2 };

struct tile_encoder {
	struct libdeflate_compressor *compressor;
	void *lz4;
	uint32_t colours[COLOURS_MAX];
	uint32_t colour_count;
	uint32_t hash_colour[HASH_SIZE];
	uint8_t hash_index[HASH_SIZE];
	uint8_t indices[PIXELS_MAX];
	uint8_t raw[RAW_MAX]; /* packed indices, or filtered scanlines */
};

struct tile_encoder *tile_encoder_create(void)
{
	struct tile_encoder *encoder = calloc(1, sizeof *encoder);
	if (!encoder)
		return NULL;
	encoder->compressor = libdeflate_alloc_compressor(COMPRESSION_LEVEL);
	encoder->lz4 = malloc((size_t)LZ4_sizeofState());
	if (encoder->compressor && encoder->lz4)
		return encoder;
	tile_encoder_destroy(encoder);
	return NULL;
}

void tile_encoder_destroy(struct tile_encoder *encoder)
{
	if (!encoder)
		return;
	libdeflate_free_compressor(encoder->compressor);
	free(encoder->lz4);
	free(encoder);
}

size_t tile_encoder_bound(uint32_t width_px, uint32_t height_px)
{
	const size_t raw = (size_t)height_px * (width_px * 3u + 1u);
	const size_t zlib = libdeflate_zlib_compress_bound(NULL, raw);
	const size_t lz4 = (size_t)LZ4_compressBound((int)(width_px * height_px));
	return (zlib > lz4 ? zlib : lz4) + OVERHEAD;
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

/* False when there are too many colours. */
static bool index_pixels(struct tile_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	uint32_t width_px, uint32_t height_px)
{
	uint8_t *out = encoder->indices;
	uint32_t colour = pixel_at(pixels);
	memset(encoder->hash_colour, 0xff, sizeof encoder->hash_colour);
	encoder->colour_count = 0;
	uint32_t index = index_of(encoder, colour);
	for (uint32_t y = 0; y < height_px; y++, pixels += stride) {
		for (uint32_t x = 0; x < width_px; x++) {
			const uint32_t next = pixel_at(pixels + (size_t)x * 4);
			if (next != colour) {
				index = index_of(encoder, next);
				if (index == COLOURS_MAX)
					return false;
				colour = next;
			}
			*out++ = (uint8_t)index;
		}
	}
	return true;
}

/* Packs the rows of indices; returns the bytes. */
static size_t pack_rows(struct tile_encoder *encoder, uint32_t width_px, uint32_t height_px)
{
	const uint32_t bits = wire_palette_bits(encoder->colour_count), per_byte = 8 / bits;
	const uint8_t *in = encoder->indices;
	uint8_t *out = encoder->raw;
	if (bits == 8) {
		memcpy(out, in, (size_t)width_px * height_px);
		return (size_t)width_px * height_px;
	}
	for (uint32_t y = 0; y < height_px; y++) {
		for (uint32_t x = 0; x < width_px; x += per_byte) {
			const uint32_t count = width_px - x < per_byte ? width_px - x : per_byte;
			uint32_t byte = 0;
			for (uint32_t i = 0; i < count; i++)
				byte |= (uint32_t)*in++ << (i * bits);
			*out++ = (uint8_t)byte;
		}
	}
	return (size_t)(out - encoder->raw);
}

size_t tile_encode_palette(struct tile_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	uint32_t width_px, uint32_t height_px, uint8_t *out, enum wire_tile_format *format)
{
	if (!index_pixels(encoder, pixels, stride, width_px, height_px))
		return 0;
	*format = encoder->colour_count == 1 ? WIRE_TILE_SOLID : WIRE_TILE_PALETTE;
	uint8_t *at = out;
	if (*format == WIRE_TILE_PALETTE)
		*at++ = (uint8_t)(encoder->colour_count - 1);
	for (uint32_t i = 0; i < encoder->colour_count; i++) {
		*at++ = (uint8_t)encoder->colours[i];
		*at++ = (uint8_t)(encoder->colours[i] >> 8);
		*at++ = (uint8_t)(encoder->colours[i] >> 16);
	}
	if (*format == WIRE_TILE_SOLID) {
		*at++ = 0;
		return (size_t)(at - out);
	}
	const size_t raw_size = pack_rows(encoder, width_px, height_px);
	return (size_t)(at - out) +
		(size_t)LZ4_compress_fast_extState(encoder->lz4, (const char *)encoder->raw,
			(char *)at, (int)raw_size, LZ4_compressBound((int)raw_size), 1);
}

static void filter_rows(struct tile_encoder *encoder, const uint8_t *pixels, uint32_t stride,
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

static uint8_t *put_header(uint8_t *out, uint32_t width_px, uint32_t height_px)
{
	static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	static const uint8_t rest[5] = { 8, PNG_RGB, 0, 0, 0 };
	memcpy(out, signature, sizeof signature);
	out += sizeof signature;
	uint8_t *field = put_u32(put_u32(out + 8, width_px), height_px);
	memcpy(field, rest, sizeof rest);
	return close_chunk(out, "IHDR", 13);
}

size_t tile_encode(struct tile_encoder *encoder, const uint8_t *pixels, uint32_t stride,
	uint32_t width_px, uint32_t height_px, uint8_t *out, enum wire_tile_format *format)
{
	const size_t size =
		tile_encode_palette(encoder, pixels, stride, width_px, height_px, out, format);
	if (size)
		return size;
	*format = WIRE_TILE_PNG;
	filter_rows(encoder, pixels, stride, width_px, height_px);
	uint8_t *end = put_header(out, width_px, height_px);
	const size_t raw_size = (size_t)height_px * (width_px * 3u + 1u);
	const size_t room = libdeflate_zlib_compress_bound(encoder->compressor, raw_size);
	end = close_chunk(end, "IDAT",
		libdeflate_zlib_compress(
			encoder->compressor, encoder->raw, raw_size, end + 8, room));
	end = close_chunk(end, "IEND", 0);
	return (size_t)(end - out);
}
