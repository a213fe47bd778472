#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/wire.h"

/* Written by hand from docs/protocol.md §4: two video rectangles, two tiles, an access unit of 5 bytes. */
static const uint8_t example[] = {
	0x87,
	3,
	1,
	0, /* display 3, keyframe */
	0x04,
	0x03,
	0x02,
	0x01,
	8,
	7,
	6,
	5,
	4,
	3,
	2,
	1, /* sequence, capture time */
	2,
	0,
	2,
	0,
	5,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0x00,
	0x40,
	0x00,
	0x40, /* the largest picture */
	0xff,
	0x3f,
	0xff,
	0x3f,
	1,
	0,
	1,
	0, /* its last pixel */
	16,
	0,
	32,
	0,
	64,
	0,
	48,
	0,
	0,
	3,
	0,
	0,
	0, /* PNG of 3 bytes */
	1,
	0,
	2,
	0,
	3,
	0,
	4,
	0,
	1,
	4,
	0,
	0,
	0, /* one colour */
	'P',
	'N',
	'G',
	0x10,
	0x20,
	0x30,
	0,
	'v',
	'i',
	'd',
	'e',
	'o',
};
enum {
	AT_FLAGS = 2,
	AT_RESERVED = 3,
	AT_VIDEO_RECTS = 16,
	AT_TILES = 18,
	AT_VIDEO_SIZE = 20,
	AT_RECTS = WIRE_FRAME_HEADER_SIZE,
	AT_TILE_HEADERS = AT_RECTS + 2 * WIRE_FRAME_RECT_SIZE,
	AT_PAYLOADS = AT_TILE_HEADERS + 2 * WIRE_FRAME_TILE_SIZE,
};

/* Decodes a copy of exactly that size, so that a read beyond its end is an error to the address sanitizer. */
static const char *decode_copy(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	struct wire_frame frame;
	const char *fault = wire_frame_decode(copy, size, &frame);
	free(copy);
	return fault;
}

static const char *decode_changed(size_t at, uint8_t value)
{
	uint8_t bytes[sizeof example];
	memcpy(bytes, example, sizeof bytes);
	bytes[at] = value;
	return decode_copy(bytes, sizeof bytes);
}

static void assert_rect(struct wire_rect rect, int x, int y, int width, int height)
{
	assert_int_equal(rect.x, x);
	assert_int_equal(rect.y, y);
	assert_int_equal(rect.width, width);
	assert_int_equal(rect.height, height);
}

static void a_frame_is_decoded_into_its_parts(void **state)
{
	struct wire_frame frame;
	assert_null(wire_frame_decode(example, sizeof example, &frame));
	assert_int_equal(frame.header.display, 3);
	assert_int_equal(frame.header.flags, WIRE_FRAME_KEYFRAME);
	assert_int_equal(frame.header.sequence, 0x01020304);
	assert_int_equal(frame.header.capture_ns, 0x0102030405060708);
	assert_int_equal(frame.header.video_rects, 2);
	assert_int_equal(frame.header.tiles, 2);
	assert_int_equal(frame.header.video_size, 5);
	assert_rect(wire_frame_rect(&frame, 0), 0, 0, 16384, 16384);
	assert_rect(wire_frame_rect(&frame, 1), 16383, 16383, 1, 1);
	assert_memory_equal(frame.video, "video", 5);
}

static void the_tiles_of_a_frame_are_walked_in_order(void **state)
{
	struct wire_frame frame;
	assert_null(wire_frame_decode(example, sizeof example, &frame));
	size_t offset = 0;
	const uint8_t *payload = NULL;
	struct wire_tile tile = wire_frame_next_tile(&frame, 0, &offset, &payload);
	assert_rect(tile.rect, 16, 32, 64, 48);
	assert_int_equal(tile.format, WIRE_TILE_PNG);
	assert_int_equal(tile.size, 3);
	assert_memory_equal(payload, "PNG", 3);
	tile = wire_frame_next_tile(&frame, 1, &offset, &payload);
	assert_rect(tile.rect, 1, 2, 3, 4);
	assert_int_equal(tile.format, WIRE_TILE_SOLID);
	assert_memory_equal(payload, "\x10\x20\x30\x00", 4);
	assert_ptr_equal(payload + tile.size, frame.video);
}

static void the_writers_write_the_documented_bytes(void **state)
{
	uint8_t bytes[sizeof example];
	const struct wire_frame_header header = {
		.display = 3,
		.flags = WIRE_FRAME_KEYFRAME,
		.sequence = 0x01020304,
		.capture_ns = 0x0102030405060708,
		.video_rects = 2,
		.tiles = 2,
		.video_size = 5,
	};
	size_t size = wire_frame_write_header(bytes, &header);
	size += wire_frame_write_rect(bytes + size, &(struct wire_rect){ 0, 0, 16384, 16384 });
	size += wire_frame_write_rect(bytes + size, &(struct wire_rect){ 16383, 16383, 1, 1 });
	size += wire_frame_write_tile(
		bytes + size, &(struct wire_tile){ { 16, 32, 64, 48 }, WIRE_TILE_PNG, 3 });
	size += wire_frame_write_tile(
		bytes + size, &(struct wire_tile){ { 1, 2, 3, 4 }, WIRE_TILE_SOLID, 4 });
	assert_int_equal(size, AT_PAYLOADS);
	assert_memory_equal(bytes, example, AT_PAYLOADS);
}

static void an_empty_frame_is_a_frame(void **state)
{
	uint8_t bytes[WIRE_FRAME_HEADER_SIZE];
	wire_frame_write_header(bytes, &(struct wire_frame_header){ .sequence = 1 });
	assert_null(decode_copy(bytes, sizeof bytes));
}

static void every_truncation_of_a_frame_is_refused(void **state)
{
	for (size_t size = 0; size < sizeof example; size++)
		assert_non_null(decode_copy(example, size));
}

static void a_byte_behind_the_frame_is_refused(void **state)
{
	uint8_t bytes[sizeof example + 1] = { 0 };
	memcpy(bytes, example, sizeof example);
	assert_non_null(decode_copy(bytes, sizeof bytes));
}

static void a_header_that_says_nonsense_is_refused(void **state)
{
	assert_non_null(decode_changed(0, WIRE_PONG));
	assert_non_null(decode_changed(AT_FLAGS, 4));
	assert_null(decode_changed(AT_FLAGS, WIRE_FRAME_KEYFRAME | WIRE_FRAME_REFINEMENT));
	assert_non_null(decode_changed(AT_RESERVED, 1));
	assert_non_null(decode_changed(AT_VIDEO_RECTS, 1));
	assert_non_null(decode_changed(AT_VIDEO_RECTS + 1, 0xff));
	assert_non_null(decode_changed(AT_TILES, 3));
	assert_non_null(decode_changed(AT_TILES + 1, 0xff));
	assert_non_null(decode_changed(AT_VIDEO_SIZE, 4));
	assert_non_null(decode_changed(AT_VIDEO_SIZE, 6));
	assert_non_null(decode_changed(AT_VIDEO_SIZE + 3, 0xff));
}

static void rectangles_that_are_empty_or_beyond_the_picture_are_refused(void **state)
{
	for (size_t side = 0; side < 4; side += 2) {
		assert_non_null(decode_changed(AT_RECTS + side, 1)); /* 1 + 16384 */
		assert_non_null(decode_changed(AT_RECTS + 4 + side + 1, 0));
		assert_non_null(decode_changed(AT_TILE_HEADERS + 4 + side, 0));
		assert_non_null(decode_changed(AT_TILE_HEADERS + side + 1, 0xff));
	}
}

static void tiles_of_an_unknown_format_or_a_wrong_size_are_refused(void **state)
{
	const size_t solid = AT_TILE_HEADERS + WIRE_FRAME_TILE_SIZE;
	assert_non_null(decode_changed(AT_TILE_HEADERS + 8, 3));
	assert_non_null(decode_changed(AT_TILE_HEADERS + 8, WIRE_TILE_SOLID)); /* of 3 bytes */
	assert_non_null(decode_changed(AT_TILE_HEADERS + 9, 2));
	assert_non_null(decode_changed(AT_TILE_HEADERS + 12, 0xff));
	assert_non_null(decode_changed(solid + 9, 3));
}

/* Sizes that add up to the right one only when 32 bits wrap. */
static void tile_sizes_that_wrap_are_refused(void **state)
{
	uint8_t bytes[sizeof example];
	memcpy(bytes, example, sizeof bytes);
	const struct wire_tile first = { { 16, 32, 64, 48 }, WIRE_TILE_PNG, UINT32_MAX };
	const struct wire_tile second = { { 1, 2, 3, 4 }, WIRE_TILE_PNG, 8 };
	wire_frame_write_tile(bytes + AT_TILE_HEADERS, &first);
	wire_frame_write_tile(bytes + AT_TILE_HEADERS + WIRE_FRAME_TILE_SIZE, &second);
	assert_non_null(decode_copy(bytes, sizeof bytes));
}

static const char *decode_rects(uint16_t count)
{
	const size_t size = WIRE_FRAME_HEADER_SIZE + (size_t)count * WIRE_FRAME_RECT_SIZE;
	uint8_t *bytes = malloc(size);
	assert_non_null(bytes);
	size_t at =
		wire_frame_write_header(bytes, &(struct wire_frame_header){ .video_rects = count });
	while (at < size)
		at += wire_frame_write_rect(bytes + at, &(struct wire_rect){ 0, 0, 1, 1 });
	const char *fault = decode_copy(bytes, size);
	free(bytes);
	return fault;
}

static void a_frame_has_at_most_4096_rectangles(void **state)
{
	assert_null(decode_rects(WIRE_FRAME_RECTS_MAX));
	assert_non_null(decode_rects(WIRE_FRAME_RECTS_MAX + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_decoded_into_its_parts),
		cmocka_unit_test(the_tiles_of_a_frame_are_walked_in_order),
		cmocka_unit_test(the_writers_write_the_documented_bytes),
		cmocka_unit_test(an_empty_frame_is_a_frame),
		cmocka_unit_test(every_truncation_of_a_frame_is_refused),
		cmocka_unit_test(a_byte_behind_the_frame_is_refused),
		cmocka_unit_test(a_header_that_says_nonsense_is_refused),
		cmocka_unit_test(rectangles_that_are_empty_or_beyond_the_picture_are_refused),
		cmocka_unit_test(tiles_of_an_unknown_format_or_a_wrong_size_are_refused),
		cmocka_unit_test(tile_sizes_that_wrap_are_refused),
		cmocka_unit_test(a_frame_has_at_most_4096_rectangles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
