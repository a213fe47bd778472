#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/tilemap.h"

#define WIDTH 300
#define HEIGHT 130
#define STRIDE (WIDTH * 4)

struct pictures {
	uint8_t before[STRIDE * HEIGHT], after[STRIDE * HEIGHT];
	struct capture_frame frame;
	struct tilemap map;
};

static int set_up(void **state)
{
	struct pictures *pictures = calloc(1, sizeof *pictures);
	assert_non_null(pictures);
	assert_true(tilemap_init(&pictures->map, WIDTH, HEIGHT));
	pictures->frame = (struct capture_frame){
		.pixels = pictures->after,
		.previous = pictures->before,
		.width_px = WIDTH,
		.height_px = HEIGHT,
		.stride = STRIDE,
		.capture_ns = 1000000000,
	};
	*state = pictures;
	return 0;
}

static int tear_down(void **state)
{
	struct pictures *pictures = *state;
	tilemap_finish(&pictures->map);
	free(pictures);
	return 0;
}

static void touch(struct pictures *pictures, uint32_t x, uint32_t y)
{
	pictures->after[y * STRIDE + x * 4] ^= 0x55;
}

static void first_picture_is_changed_everywhere(void **state)
{
	struct pictures *pictures = *state;
	pictures->frame.previous = NULL;
	tilemap_mark(&pictures->map, &pictures->frame);
	assert_int_equal(pictures->map.columns, 5);
	assert_int_equal(pictures->map.rows, 3);
	assert_int_equal(pictures->map.changed, 15);
}

static void only_tiles_that_differ_are_marked(void **state)
{
	struct pictures *pictures = *state;
	touch(pictures, 0, 0);
	touch(pictures, WIDTH - 1, HEIGHT - 1);
	tilemap_mark(&pictures->map, &pictures->frame);
	assert_int_equal(pictures->map.changed, 2);
	assert_true(pictures->map.tiles[0].changed);
	assert_true(pictures->map.tiles[14].changed);
}

static void changes_outside_of_the_damage_are_not_looked_for(void **state)
{
	struct pictures *pictures = *state;
	touch(pictures, 10, 10);
	touch(pictures, 200, 100);
	pictures->frame.damage[0] = (struct capture_rect){ 190, 90, 30, 30 };
	pictures->frame.damage_count = 1;
	tilemap_mark(&pictures->map, &pictures->frame);
	assert_int_equal(pictures->map.changed, 1);
}

static void damage_beyond_the_picture_is_cut(void **state)
{
	struct pictures *pictures = *state;
	touch(pictures, 299, 129);
	pictures->frame.damage[0] = (struct capture_rect){ 0, 0, UINT32_MAX, UINT32_MAX };
	pictures->frame.damage[1] = (struct capture_rect){ 5000, 5000, 10, 10 };
	pictures->frame.damage[2] = (struct capture_rect){ 10, 10, 0, 0 };
	pictures->frame.damage_count = 3;
	tilemap_mark(&pictures->map, &pictures->frame);
	assert_int_equal(pictures->map.changed, 1);
}

static void quick_changes_in_a_row_are_motion_and_slow_ones_are_not(void **state)
{
	struct pictures *pictures = *state;
	for (uint32_t i = 0; i < 6; i++) {
		pictures->frame.capture_ns += 16000000;
		touch(pictures, 10, 10);
		pictures->after[4] = (uint8_t)(i + 1); /* differs from before in every step */
		tilemap_mark(&pictures->map, &pictures->frame);
	}
	assert_true(pictures->map.tiles[0].moving);
	assert_int_equal(pictures->map.moving, 1);

	pictures->frame.capture_ns += 100000000;
	tilemap_mark(&pictures->map, &pictures->frame);
	assert_true(pictures->map.tiles[0].changed);
	assert_false(pictures->map.tiles[0].moving);
}

static void trimming_leaves_exactly_what_differs(void **state)
{
	struct pictures *pictures = *state;
	touch(pictures, 70, 20);
	touch(pictures, 85, 43);
	struct wire_rect rect = tilemap_rect(&pictures->map, 1, 0, 1);
	tilemap_trim(&pictures->frame, &rect);
	assert_int_equal(rect.x, 70);
	assert_int_equal(rect.y, 20);
	assert_int_equal(rect.width, 16);
	assert_int_equal(rect.height, 24);
}

static void rectangles_end_at_the_picture_s_edge(void **state)
{
	struct pictures *pictures = *state;
	const struct wire_rect rect = tilemap_rect(&pictures->map, 3, 2, 2);
	assert_int_equal(rect.x, 192);
	assert_int_equal(rect.y, 128);
	assert_int_equal(rect.width, 108);
	assert_int_equal(rect.height, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			first_picture_is_changed_everywhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			only_tiles_that_differ_are_marked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			changes_outside_of_the_damage_are_not_looked_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			damage_beyond_the_picture_is_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			quick_changes_in_a_row_are_motion_and_slow_ones_are_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			trimming_leaves_exactly_what_differs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			rectangles_end_at_the_picture_s_edge, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
