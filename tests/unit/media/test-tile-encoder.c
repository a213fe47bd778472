/* Tiles must be exact: what an independent PNG library decodes is compared byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <spng.h>

#include "media/tile_encoder.h"

static uint32_t random_state = 1;

static uint32_t next_random(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return random_state >> 8;
}

static void expect_exact(uint32_t width, uint32_t height, uint32_t colours)
{
	const uint32_t stride = width * 4 + 52;
	uint8_t *pixels = malloc((size_t)stride * height);
	uint8_t *out = malloc(tile_encoder_bound(width, height));
	struct tile_encoder *encoder = tile_encoder_create();
	assert_true(pixels && out && encoder);
	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			const uint32_t colour = (next_random() % colours) * 0x010307u + 0x99000000u;
			memcpy(pixels + (size_t)y * stride + (size_t)x * 4, &colour, 4);
		}
	}
	enum wire_tile_format format;
	const size_t size = tile_encode(encoder, pixels, stride, width, height, out, &format);
	assert_true(size <= tile_encoder_bound(width, height));
	assert_int_equal(format, WIRE_TILE_PNG);

	spng_ctx *png = spng_ctx_new(0);
	struct spng_ihdr header;
	size_t decoded_size;
	assert_int_equal(spng_set_png_buffer(png, out, size), 0);
	assert_int_equal(spng_get_ihdr(png, &header), 0);
	assert_int_equal(header.width, width);
	assert_int_equal(header.height, height);
	assert_int_equal(spng_decoded_image_size(png, SPNG_FMT_RGB8, &decoded_size), 0);
	uint8_t *decoded = malloc(decoded_size);
	assert_int_equal(spng_decode_image(png, decoded, decoded_size, SPNG_FMT_RGB8, 0), 0);
	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			const uint8_t *in = pixels + (size_t)y * stride + (size_t)x * 4;
			const uint8_t *got = decoded + ((size_t)y * width + x) * 3;
			assert_int_equal(in[0], got[2]);
			assert_int_equal(in[1], got[1]);
			assert_int_equal(in[2], got[0]);
		}
	}
	spng_ctx_free(png);
	free(decoded);
	tile_encoder_destroy(encoder);
	free(out);
	free(pixels);
}

static void few_colours_are_exact(void **state)
{
	expect_exact(16, 24, 2);
	expect_exact(64, 64, 256);
	expect_exact(TILE_ENCODER_WIDTH_MAX_PX, TILE_ENCODER_HEIGHT_MAX_PX, 200);
}

static void many_colours_are_exact(void **state)
{
	expect_exact(64, 64, 257 * 16);
	expect_exact(TILE_ENCODER_WIDTH_MAX_PX, TILE_ENCODER_HEIGHT_MAX_PX, 65536);
}

static void odd_sizes_are_exact(void **state)
{
	expect_exact(1, 2, 9);
	expect_exact(63, 1, 3);
	expect_exact(577, 33, 1000);
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
