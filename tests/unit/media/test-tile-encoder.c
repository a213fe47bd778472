/* Tiles must be exact: what an independent PNG library decodes is compared byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lz4.h>
#include <spng.h>

#include "media/tile_encoder.h"

static uint32_t random_state = 1;

static uint32_t next_random(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return random_state >> 8;
}

static void decode_png(
	const uint8_t *bytes, size_t size, uint32_t width, uint32_t height, uint32_t *pixels)
{
	spng_ctx *png = spng_ctx_new(0);
	struct spng_ihdr header;
	assert_int_equal(spng_set_png_buffer(png, bytes, size), 0);
	assert_int_equal(spng_get_ihdr(png, &header), 0);
	assert_int_equal(header.width, width);
	assert_int_equal(header.height, height);
	uint8_t *decoded = malloc((size_t)width * height * 3);
	assert_int_equal(
		spng_decode_image(png, decoded, (size_t)width * height * 3, SPNG_FMT_RGB8, 0), 0);
	for (uint32_t i = 0; i < width * height; i++)
		pixels[i] = (uint32_t)decoded[i * 3] << 16 | (uint32_t)decoded[i * 3 + 1] << 8 |
			decoded[i * 3 + 2];
	spng_ctx_free(png);
	free(decoded);
}

/* From the words of docs/protocol.md §4. */
static void decode_palette(
	const uint8_t *bytes, size_t size, uint32_t width, uint32_t height, uint32_t *pixels)
{
	const uint32_t colours = bytes[0] + 1u;
	const uint32_t bits = colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8;
	const uint32_t row = (width * bits + 7) / 8;
	uint8_t *indices = malloc((size_t)row * height);
	const size_t head = 1 + colours * 3;
	assert_int_equal(LZ4_decompress_safe((const char *)bytes + head, (char *)indices,
				 (int)(size - head), (int)(row * height)),
		row * height);
	for (uint32_t i = 0; i < width * height; i++) {
		const uint32_t x = i % width, y = i / width;
		const uint32_t index =
			indices[y * row + x * bits / 8] >> (x * bits % 8) & ((1u << bits) - 1);
		assert_true(index < colours);
		const uint8_t *colour = bytes + 1 + index * 3;
		pixels[i] = (uint32_t)colour[2] << 16 | (uint32_t)colour[1] << 8 | colour[0];
	}
	free(indices);
}

static void expect_exact(
	uint32_t width, uint32_t height, uint32_t colours, enum wire_tile_format expected)
{
	const uint32_t stride = width * 4 + 52;
	uint8_t *pixels = malloc((size_t)stride * height);
	uint8_t *out = malloc(tile_encoder_bound(width, height));
	uint32_t *decoded = malloc((size_t)width * height * 4);
	struct tile_encoder *encoder = tile_encoder_create();
	assert_true(pixels && out && decoded && encoder);
	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			const uint32_t colour = (next_random() % colours) * 0x010307u + 0x99000000u;
			memcpy(pixels + (size_t)y * stride + (size_t)x * 4, &colour, 4);
		}
	}
	enum wire_tile_format format;
	const size_t size = tile_encode(encoder, pixels, stride, width, height, out, &format);
	assert_true(size <= tile_encoder_bound(width, height));
	assert_int_equal(format, expected);
	(format == WIRE_TILE_PNG ? decode_png : decode_palette)(out, size, width, height, decoded);
	for (uint32_t i = 0; i < width * height; i++) {
		uint32_t pixel;
		memcpy(&pixel, pixels + (size_t)(i / width) * stride + (size_t)(i % width) * 4, 4);
		assert_int_equal(pixel & 0xffffff, decoded[i]);
	}
	tile_encoder_destroy(encoder);
	free(decoded);
	free(out);
	free(pixels);
}

static void few_colours_are_exact(void **state)
{
	expect_exact(16, 24, 2, WIRE_TILE_PALETTE);
	expect_exact(33, 7, 3, WIRE_TILE_PALETTE);
	expect_exact(35, 9, 16, WIRE_TILE_PALETTE);
	expect_exact(64, 64, 17, WIRE_TILE_PALETTE);
	expect_exact(64, 64, 256, WIRE_TILE_PALETTE);
	expect_exact(TILE_ENCODER_WIDTH_MAX_PX, TILE_ENCODER_HEIGHT_MAX_PX, 200, WIRE_TILE_PALETTE);
}

static void many_colours_are_exact(void **state)
{
	expect_exact(64, 64, 257 * 16, WIRE_TILE_PNG);
	expect_exact(TILE_ENCODER_WIDTH_MAX_PX, TILE_ENCODER_HEIGHT_MAX_PX, 65536, WIRE_TILE_PNG);
}

static void odd_sizes_are_exact(void **state)
{
	expect_exact(1, 2, 900, WIRE_TILE_PALETTE);
	expect_exact(63, 1, 3, WIRE_TILE_PALETTE);
	expect_exact(577, 33, 1000, WIRE_TILE_PNG);
}

static void one_colour_takes_four_bytes(void **state)
{
	uint8_t pixels[64 * 4], out[2048];
	struct tile_encoder *encoder = tile_encoder_create();
	enum wire_tile_format format;
	for (uint32_t i = 0; i < sizeof pixels; i++)
		pixels[i] = (uint8_t)(10 + i % 4 + (i % 4 == 3 ? i : 0)); /* X is not a colour */
	assert_int_equal(tile_encode(encoder, pixels, 8 * 4, 8, 8, out, &format), 4);
	assert_int_equal(format, WIRE_TILE_SOLID);
	assert_memory_equal(out, ((uint8_t[]){ 10, 11, 12, 0 }), 4);
	tile_encoder_destroy(encoder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_colours_are_exact),
		cmocka_unit_test(many_colours_are_exact),
		cmocka_unit_test(odd_sizes_are_exact),
		cmocka_unit_test(one_colour_takes_four_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
