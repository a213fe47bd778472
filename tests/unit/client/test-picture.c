#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lodge_picture.h"
#include "media/tile_encoder.h"
#include "media/video_encoder.h"

#define WIDTH 160
#define HEIGHT 96
#define MESSAGE_MAX (1024 * 1024)
#define TILES_MAX 4

/* A host in miniature: grey pictures as video, exact rectangles as tiles. */
struct host {
	struct video_encoder *video;
	struct tile_encoder *tiles;
	uint32_t width_px, height_px;
	uint8_t *pixels, *message;
	uint32_t sequence;
	struct lodge_picture *picture;
};

struct parts {
	bool keyframe;
	int grey; /* of the whole video; -1: no video in this frame */
	uint32_t split; /* not 0: blue instead, and red from this column on */
	struct wire_rect rects[TILES_MAX];
	uint16_t rect_count;
	struct {
		struct wire_rect rect;
		uint8_t grey, stripe; /* every second column has the stripe's grey */
		uint32_t colours; /* not 0: so many colours instead, from pixel to pixel */
	} tiles[TILES_MAX];
	uint16_t tile_count;
};

static void fill(struct host *host, uint8_t grey)
{
	memset(host->pixels, grey, (size_t)host->width_px * host->height_px * 4);
}

static int set_up_size(void **state, uint32_t width_px, uint32_t height_px)
{
	struct host *host = calloc(1, sizeof *host);
	host->width_px = width_px;
	host->height_px = height_px;
	host->video = video_encoder_create(&(struct video_encoder_params){ width_px, height_px });
	host->tiles = tile_encoder_create();
	host->pixels = malloc((size_t)width_px * height_px * 4);
	host->message = malloc(MESSAGE_MAX);
	host->picture = lodge_picture_create();
	assert_non_null(host->video);
	assert_non_null(host->picture);
	assert_int_equal(lodge_picture_configure(host->picture, width_px, height_px), 0);
	*state = host;
	return 0;
}

static int set_up(void **state)
{
	return set_up_size(state, WIDTH, HEIGHT);
}

static int set_up_odd(void **state)
{
	return set_up_size(state, 71, 49);
}

static int tear_down(void **state)
{
	struct host *host = *state;
	video_encoder_destroy(host->video);
	tile_encoder_destroy(host->tiles);
	lodge_picture_destroy(host->picture);
	free(host->pixels);
	free(host->message);
	free(host);
	return 0;
}

static void fill_split(struct host *host, uint32_t column)
{
	for (uint32_t i = 0; i < host->width_px * host->height_px; i++) {
		const uint32_t colour = i % host->width_px < column ? 0x0000ffu : 0xff0000u;
		memcpy(host->pixels + (size_t)i * 4, &colour, 4);
	}
}

static struct video_access_unit encode(struct host *host, const struct parts *parts)
{
	const struct wire_rect all = { 0, 0, (uint16_t)host->width_px, (uint16_t)host->height_px };
	struct video_access_unit unit = { 0 };
	if (parts->grey < 0)
		return unit;
	fill(host, (uint8_t)parts->grey);
	if (parts->split)
		fill_split(host, parts->split);
	video_encoder_update(host->video, host->pixels, host->width_px * 4, &all);
	assert_true(
		video_encoder_encode(host->video, parts->keyframe, VIDEO_QUANTIZER_BEST, &unit));
	return unit;
}

/* The colour of a pixel of a tile with `colours` of them: 0x00RRGGBB. */
static uint32_t colour_at(const struct host *host, uint32_t colours, uint32_t x, uint32_t y)
{
	return ((y * host->width_px + x) * 31 % colours) * 0x010307u & 0xffffffu;
}

static void fill_colours(struct host *host, uint32_t colours)
{
	for (uint32_t y = 0; y < host->height_px; y++) {
		for (uint32_t x = 0; x < host->width_px; x++) {
			const uint32_t colour = colour_at(host, colours, x, y);
			memcpy(host->pixels + ((size_t)y * host->width_px + x) * 4, &colour, 4);
		}
	}
}

static uint32_t encode_tile(struct host *host, const struct parts *parts, uint16_t index,
	uint8_t *payload, enum wire_tile_format *format)
{
	const struct wire_rect *rect = &parts->tiles[index].rect;
	fill(host, parts->tiles[index].grey);
	for (size_t i = 0; i < (size_t)host->width_px * host->height_px; i += 2)
		memset(host->pixels + i * 4, parts->tiles[index].stripe, 4);
	const size_t first = (size_t)rect->y * host->width_px + rect->x;
	if (parts->tiles[index].colours)
		fill_colours(host, parts->tiles[index].colours);
	return (uint32_t)tile_encode(host->tiles, host->pixels + first * 4, host->width_px * 4,
		rect->width, rect->height, payload, format);
}

/* The size of the message, which is in host->message. */
static size_t compose(struct host *host, const struct parts *parts)
{
	static uint8_t payloads[256 * 1024];
	struct wire_tile tiles[TILES_MAX];
	size_t payload_size = 0;
	const struct video_access_unit unit = encode(host, parts);
	for (uint16_t i = 0; i < parts->tile_count; i++) {
		tiles[i].rect = parts->tiles[i].rect;
		tiles[i].size =
			encode_tile(host, parts, i, payloads + payload_size, &tiles[i].format);
		payload_size += tiles[i].size;
	}
	const struct wire_frame_header header = {
		.flags = parts->keyframe ? WIRE_FRAME_KEYFRAME : 0,
		.sequence = host->sequence++,
		.video_rects = parts->rect_count,
		.tiles = parts->tile_count,
		.video_size = (uint32_t)unit.size,
	};
	uint8_t *out = host->message;
	out += wire_frame_write_header(out, &header);
	for (uint16_t i = 0; i < parts->rect_count; i++)
		out += wire_frame_write_rect(out, &parts->rects[i]);
	for (uint16_t i = 0; i < parts->tile_count; i++)
		out += wire_frame_write_tile(out, &tiles[i]);
	memcpy(out, payloads, payload_size);
	out += payload_size;
	if (unit.size)
		memcpy(out, unit.data, unit.size);
	return (size_t)(out - host->message) + unit.size;
}

static enum lodge_picture_result deliver(struct host *host, size_t size)
{
	struct wire_frame frame;
	const char *fault = wire_frame_decode(host->message, size, &frame);
	assert_null(fault);
	return lodge_picture_frame(host->picture, &frame);
}

static enum lodge_picture_result send(struct host *host, const struct parts *parts)
{
	return deliver(host, compose(host, parts));
}

static void lose(struct host *host, const struct parts *parts)
{
	compose(host, parts);
}

static void send_keyframe(struct host *host, int grey)
{
	assert_int_equal(
		send(host, &(struct parts){ .keyframe = true, .grey = grey }), LODGE_PICTURE_DRAWN);
}

/* Video is lossy: near enough tells greys apart that are far from each other. */
static void assert_grey(const struct host *host, uint32_t x, uint32_t y, int grey)
{
	assert_in_range(lodge_picture_luma(host->picture, x, y) + 8, grey, grey + 16);
}

/* 0x00RRGGBB */
static uint32_t pixel_at(const struct host *host, uint32_t x, uint32_t y)
{
	uint32_t pixel;
	memcpy(&pixel, lodge_picture_pixels(host->picture) + ((size_t)y * host->width_px + x) * 4,
		4);
	return pixel & 0xffffffu;
}

static const struct wire_rect middle = { 64, 32, 32, 16 };

static const struct parts middle_tile = {
	.grey = -1,
	.tiles = { { { 64, 32, 32, 16 }, 250, 250 } },
	.tile_count = 1,
};

static void nothing_is_drawn_before_the_first_keyframe(void **state)
{
	struct host *host = *state;
	assert_true(lodge_picture_is_waiting(host->picture));
	assert_int_equal(send(host, &middle_tile), LODGE_PICTURE_WAITING);
	assert_grey(host, 70, 40, 0);
}

static void a_joiner_sees_the_whole_keyframe_whatever_its_rectangles(void **state)
{
	struct host *host = *state;
	send_keyframe(host, 200);
	assert_false(lodge_picture_is_waiting(host->picture));
	assert_grey(host, 0, 0, 200);
	assert_grey(host, WIDTH - 1, HEIGHT - 1, 200);
}

static void video_is_drawn_within_its_rectangles_only(void **state)
{
	struct host *host = *state;
	send_keyframe(host, 50);
	assert_int_equal(
		send(host, &(struct parts){ .grey = 200, .rects = { middle }, .rect_count = 1 }),
		LODGE_PICTURE_DRAWN);
	assert_grey(host, 64, 32, 200);
	assert_grey(host, 95, 47, 200);
	assert_grey(host, 63, 32, 50);
	assert_grey(host, 96, 47, 50);
	assert_grey(host, 64, 48, 50);
}

static void odd_rectangles_are_exact_to_the_pixel(void **state)
{
	struct host *host = *state;
	const struct wire_rect odd = { 65, 33, 3, 5 };
	send_keyframe(host, 50);
	send(host, &(struct parts){ .grey = 200, .rects = { odd }, .rect_count = 1 });
	for (uint32_t y = 30; y < 42; y++) {
		for (uint32_t x = 62; x < 72; x++)
			assert_grey(host, x, y, x >= 65 && x < 68 && y >= 33 && y < 38 ? 200 : 50);
	}
}

static void odd_rectangles_take_their_colour_from_the_right_sample(void **state)
{
	struct host *host = *state;
	const struct wire_rect odd = { 65, 33, 3, 5 };
	send_keyframe(host, 50);
	send(host, &(struct parts){ .grey = 0, .split = 66, .rects = { odd }, .rect_count = 1 });
	const uint32_t left = pixel_at(host, 65, 35), right = pixel_at(host, 66, 35);
	assert_true((left & 255) > 150 && left >> 16 < 100);
	assert_true((right & 255) < 100 && right >> 16 > 150);
}

static void a_picture_of_odd_size_is_filled_to_its_last_pixel(void **state)
{
	struct host *host = *state;
	send_keyframe(host, 200);
	assert_grey(host, 70, 48, 200);
	const struct wire_rect corner = { 69, 47, 2, 2 };
	send(host, &(struct parts){ .grey = 60, .rects = { corner }, .rect_count = 1 });
	assert_grey(host, 70, 48, 60);
	assert_grey(host, 68, 46, 200);
}

static void a_tile_is_exact_and_stays_while_video_changes_elsewhere(void **state)
{
	struct host *host = *state;
	const struct parts striped = {
		.grey = -1, .tiles = { { { 64, 32, 32, 16 }, 251, 3 } }, .tile_count = 1
	};
	const struct wire_rect elsewhere = { 0, 0, 64, 96 };
	send_keyframe(host, 50);
	assert_int_equal(send(host, &striped), LODGE_PICTURE_DRAWN);
	send(host, &(struct parts){ .grey = 200, .rects = { elsewhere }, .rect_count = 1 });
	for (uint32_t x = 64; x < 96; x++)
		assert_int_equal(lodge_picture_luma(host->picture, x, 40), x % 2 ? 251 : 3);
	assert_grey(host, 63, 40, 200);
	assert_grey(host, 96, 40, 50);
}

static void video_removes_the_older_tiles_in_its_rectangles(void **state)
{
	struct host *host = *state;
	const struct wire_rect half = { 64, 32, 16, 16 };
	send_keyframe(host, 50);
	send(host, &middle_tile);
	send(host, &(struct parts){ .grey = 120, .rects = { half }, .rect_count = 1 });
	assert_grey(host, 70, 40, 120);
	assert_grey(host, 90, 40, 250);
}

static void a_tile_lies_over_the_video_of_its_own_frame(void **state)
{
	struct host *host = *state;
	send_keyframe(host, 50);
	struct parts both = middle_tile;
	both.grey = 120;
	both.rects[0] = (struct wire_rect){ 0, 0, WIDTH, HEIGHT };
	both.rect_count = 1;
	assert_int_equal(send(host, &both), LODGE_PICTURE_DRAWN);
	assert_grey(host, 70, 40, 250);
	assert_grey(host, 10, 40, 120);
}

static void a_keyframe_for_another_viewer_leaves_the_tiles_outside_of_its_rectangles(void **state)
{
	struct host *host = *state;
	const struct wire_rect left = { 0, 0, 64, 96 };
	send_keyframe(host, 50);
	send(host, &middle_tile);
	send(host,
		&(struct parts){
			.keyframe = true, .grey = 120, .rects = { left }, .rect_count = 1 });
	assert_grey(host, 70, 40, 250);
	assert_grey(host, 10, 40, 120);
}

static void after_a_gap_nothing_is_drawn_until_a_keyframe_which_drops_every_tile(void **state)
{
	struct host *host = *state;
	const struct parts update = { .grey = 200, .rects = { middle }, .rect_count = 1 };
	send_keyframe(host, 50);
	send(host, &middle_tile);
	lose(host, &update);
	assert_int_equal(send(host, &update), LODGE_PICTURE_WAITING);
	assert_true(lodge_picture_is_waiting(host->picture));
	assert_int_equal(send(host, &middle_tile), LODGE_PICTURE_WAITING);
	assert_grey(host, 70, 40, 250); /* the last good picture is still there */
	send_keyframe(host, 120);
	assert_grey(host, 70, 40, 120);
	assert_false(lodge_picture_is_waiting(host->picture));
}

static void the_sequence_may_wrap_around(void **state)
{
	struct host *host = *state;
	host->sequence = UINT32_MAX;
	send_keyframe(host, 50);
	assert_int_equal(send(host, &middle_tile), LODGE_PICTURE_DRAWN);
}

static void damaged_video_breaks_the_picture_until_a_keyframe(void **state)
{
	struct host *host = *state;
	const struct parts update = { .grey = 200, .rects = { middle }, .rect_count = 1 };
	send_keyframe(host, 50);
	const size_t size = compose(host, &update);
	const size_t video = WIRE_FRAME_HEADER_SIZE + WIRE_FRAME_RECT_SIZE;
	memset(host->message + video, 0x55, size - video);
	assert_int_equal(deliver(host, size), LODGE_PICTURE_BROKEN);
	assert_string_not_equal(lodge_picture_fault(host->picture), "");
	assert_int_equal(send(host, &update), LODGE_PICTURE_WAITING);
	send_keyframe(host, 120);
}

/* One colour, palettes of each index size, and more colours than a palette holds: PNG. */
static const uint32_t colour_counts[] = { 1, 2, 3, 4, 5, 16, 17, 256, 300 };
#define COLOUR_COUNTS (sizeof colour_counts / sizeof *colour_counts)

static struct parts coloured_tile(uint32_t colours)
{
	return (struct parts){ .grey = -1,
		.tiles = { { .rect = { 61, 31, 37, 17 }, .colours = colours } },
		.tile_count = 1 };
}

static void tiles_of_any_number_of_colours_are_exact(void **state)
{
	struct host *host = *state;
	send_keyframe(host, 50);
	for (size_t i = 0; i < COLOUR_COUNTS; i++) {
		const struct parts parts = coloured_tile(colour_counts[i]);
		assert_int_equal(send(host, &parts), LODGE_PICTURE_DRAWN);
		for (uint32_t y = 31; y < 48; y++) {
			for (uint32_t x = 61; x < 98; x++)
				assert_int_equal(pixel_at(host, x, y),
					colour_at(host, colour_counts[i], x, y));
		}
	}
	assert_grey(host, 60, 31, 50);
	assert_grey(host, 98, 47, 50);
}

static void a_tile_that_is_cut_short_breaks_the_picture(void **state)
{
	struct host *host = *state;
	for (size_t i = 1; i < COLOUR_COUNTS; i++) {
		const struct parts parts = coloured_tile(colour_counts[i]);
		send_keyframe(host, 50);
		const size_t size = compose(host, &parts);
		uint8_t *tile_size = host->message + WIRE_FRAME_HEADER_SIZE + 9;
		const uint32_t cut = (uint32_t)(tile_size[0] | tile_size[1] << 8) - 20;
		tile_size[0] = (uint8_t)cut;
		tile_size[1] = (uint8_t)(cut >> 8);
		assert_int_equal(deliver(host, size - 20), LODGE_PICTURE_BROKEN);
		assert_true(lodge_picture_is_waiting(host->picture));
	}
}

static void a_tile_of_another_size_than_its_rectangle_is_refused(void **state)
{
	struct host *host = *state;
	for (size_t i = 1; i < COLOUR_COUNTS; i++) {
		const struct parts parts = coloured_tile(colour_counts[i]);
		send_keyframe(host, 50);
		const size_t size = compose(host, &parts);
		host->message[WIRE_FRAME_HEADER_SIZE + 6]++; /* the rectangle's height */
		assert_int_equal(deliver(host, size), LODGE_PICTURE_BROKEN);
	}
	const struct parts png = coloured_tile(300);
	send_keyframe(host, 50);
	const size_t size = compose(host, &png);
	host->message[WIRE_FRAME_HEADER_SIZE + 4]--; /* the rectangle's width */
	assert_int_equal(deliver(host, size), LODGE_PICTURE_BROKEN);
}

static void a_tile_outside_of_the_picture_is_refused(void **state)
{
	struct host *host = *state;
	struct parts outside = middle_tile;
	outside.tiles[0].rect.x = WIDTH - 31;
	send_keyframe(host, 50);
	assert_int_equal(send(host, &outside), LODGE_PICTURE_BROKEN);
}

static void a_video_rectangle_outside_of_the_picture_is_refused(void **state)
{
	struct host *host = *state;
	const struct wire_rect outside = { 0, 90, 10, 7 };
	send_keyframe(host, 50);
	assert_int_equal(
		send(host, &(struct parts){ .grey = 60, .rects = { outside }, .rect_count = 1 }),
		LODGE_PICTURE_BROKEN);
}

static void a_keyframe_without_video_is_refused(void **state)
{
	struct host *host = *state;
	assert_int_equal(
		send(host, &(struct parts){ .keyframe = true, .grey = -1 }), LODGE_PICTURE_BROKEN);
}

static void video_of_another_size_than_configured_is_refused(void **state)
{
	struct host *host = *state;
	lodge_picture_configure(host->picture, WIDTH + 16, HEIGHT);
	assert_int_equal(
		send(host, &(struct parts){ .keyframe = true, .grey = 60 }), LODGE_PICTURE_BROKEN);
}

static void a_new_size_is_black_and_waits(void **state)
{
	struct host *host = *state;
	send_keyframe(host, 200);
	assert_int_equal(lodge_picture_configure(host->picture, 64, 64), 0);
	assert_true(lodge_picture_is_waiting(host->picture));
	assert_int_equal(lodge_picture_luma(host->picture, 10, 10), 0);
	assert_int_equal(lodge_picture_width_px(host->picture), 64);
}

static void the_same_size_again_changes_nothing(void **state)
{
	struct host *host = *state;
	send_keyframe(host, 200);
	assert_int_equal(lodge_picture_configure(host->picture, WIDTH, HEIGHT), 0);
	assert_false(lodge_picture_is_waiting(host->picture));
	assert_grey(host, 10, 10, 200);
}

#define WITH_HOST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_HOST(nothing_is_drawn_before_the_first_keyframe),
		WITH_HOST(a_joiner_sees_the_whole_keyframe_whatever_its_rectangles),
		WITH_HOST(video_is_drawn_within_its_rectangles_only),
		WITH_HOST(odd_rectangles_are_exact_to_the_pixel),
		WITH_HOST(odd_rectangles_take_their_colour_from_the_right_sample),
		cmocka_unit_test_setup_teardown(
			a_picture_of_odd_size_is_filled_to_its_last_pixel, set_up_odd, tear_down),
		WITH_HOST(a_tile_is_exact_and_stays_while_video_changes_elsewhere),
		WITH_HOST(video_removes_the_older_tiles_in_its_rectangles),
		WITH_HOST(a_tile_lies_over_the_video_of_its_own_frame),
		WITH_HOST(a_keyframe_for_another_viewer_leaves_the_tiles_outside_of_its_rectangles),
		WITH_HOST(after_a_gap_nothing_is_drawn_until_a_keyframe_which_drops_every_tile),
		WITH_HOST(the_sequence_may_wrap_around),
		WITH_HOST(damaged_video_breaks_the_picture_until_a_keyframe),
		WITH_HOST(tiles_of_any_number_of_colours_are_exact),
		WITH_HOST(a_tile_that_is_cut_short_breaks_the_picture),
		WITH_HOST(a_tile_of_another_size_than_its_rectangle_is_refused),
		WITH_HOST(a_tile_outside_of_the_picture_is_refused),
		WITH_HOST(a_video_rectangle_outside_of_the_picture_is_refused),
		WITH_HOST(a_keyframe_without_video_is_refused),
		WITH_HOST(video_of_another_size_than_configured_is_refused),
		WITH_HOST(a_new_size_is_black_and_waits),
		WITH_HOST(the_same_size_again_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
