#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/layout.h"

#define MOST 8
#define ROWS(array) (sizeof(array) / sizeof *(array))

struct picture {
	enum policy_layout layout;
	struct policy_position pins[MOST];
	uint32_t pin_count;
	struct layout_display displays[MOST];
	size_t count;
	struct layout_rect outside[MOST];
	size_t outside_count;
};

static void arrange(const struct picture *picture, struct layout_rect *rects)
{
	struct display_policy policy = { .layout = picture->layout,
		.position_count = picture->pin_count };
	for (uint32_t i = 0; i < picture->pin_count; i++)
		policy.positions[i] = picture->pins[i];
	layout_arrange(&policy, picture->displays, picture->count, picture->outside,
		picture->outside_count, rects);
}

static void expect_at(const struct layout_rect *rect, int32_t x, int32_t y)
{
	assert_int_equal(rect->x, x);
	assert_int_equal(rect->y, y);
}

static void a_row_begins_at_the_origin(void **state)
{
	const struct picture picture = { .count = 1, .displays = { { 1, 1, 1920, 1080 } } };
	struct layout_rect rect;
	arrange(&picture, &rect);
	expect_at(&rect, 0, 0);
	assert_int_equal(rect.width, 1920);
	assert_int_equal(rect.height, 1080);
}

static void a_row_goes_left_to_right_in_acquire_order(void **state)
{
	const struct picture picture = { .count = 3,
		.displays = { { 1, 30, 800, 600 }, { 2, 10, 1920, 1080 }, { 3, 20, 1280, 720 } } };
	struct layout_rect rects[3];
	arrange(&picture, rects);
	expect_at(&rects[1], 0, 0);
	expect_at(&rects[2], 1920, 0);
	expect_at(&rects[0], 3200, 0);
}

static void a_row_begins_right_of_what_is_not_managed(void **state)
{
	const struct picture picture = { .count = 2,
		.displays = { { 1, 1, 800, 600 }, { 2, 2, 640, 480 } },
		.outside_count = 2,
		.outside = { { -1920, 0, 1920, 1080 }, { 100, 500, 1000, 700 } } };
	struct layout_rect rects[2];
	arrange(&picture, rects);
	expect_at(&rects[0], 1100, 0);
	expect_at(&rects[1], 1900, 0);
}

static void a_row_follows_outputs_that_lie_left_of_the_origin(void **state)
{
	const struct picture picture = { .count = 1,
		.displays = { { 1, 1, 800, 600 } },
		.outside_count = 1,
		.outside = { { -3000, 0, 1920, 1080 } } };
	struct layout_rect rect;
	arrange(&picture, &rect);
	expect_at(&rect, -1080, 0);
}

static void pins_do_not_count_under_auto_row(void **state)
{
	const struct picture picture = { .count = 1,
		.displays = { { 1, 1, 800, 600 } },
		.pin_count = 1,
		.pins = { { 1, 500, 500 } } };
	struct layout_rect rect;
	arrange(&picture, &rect);
	expect_at(&rect, 0, 0);
}

static void a_block_of_hints_takes_the_place_of_its_first_display(void **state)
{
	/* The client's second display lies left of its first and lower; a stranger came in between. */
	const struct picture picture = { .count = 4,
		.displays = { { 1, 1, 100, 100 }, { 2, 2, 1920, 1080, 7, true, 5000, 5000 },
			{ 3, 3, 200, 200 }, { 4, 4, 1280, 720, 7, true, 3720, 5360 } } };
	struct layout_rect rects[4];
	arrange(&picture, rects);
	expect_at(&rects[0], 0, 0);
	expect_at(&rects[3], 100, 360);
	expect_at(&rects[1], 1380, 0);
	expect_at(&rects[2], 3300, 0);
}

static void blocks_of_two_clients_do_not_mix(void **state)
{
	const struct picture picture = { .count = 4,
		.displays = { { 1, 1, 100, 100, 1, true, 0, 0 }, { 2, 2, 100, 100, 2, true, 0, 0 },
			{ 3, 3, 100, 100, 1, true, 0, 100 },
			{ 4, 4, 100, 100, 2, true, 100, 0 } } };
	struct layout_rect rects[4];
	arrange(&picture, rects);
	expect_at(&rects[0], 0, 0);
	expect_at(&rects[2], 0, 100);
	expect_at(&rects[1], 100, 0);
	expect_at(&rects[3], 200, 0);
}

static void hints_without_a_client_do_not_count(void **state)
{
	const struct picture picture = { .count = 2,
		.displays = {
			{ 1, 1, 100, 100, 0, true, 0, 0 }, { 2, 2, 100, 100, 0, true, -100, 0 } } };
	struct layout_rect rects[2];
	arrange(&picture, rects);
	expect_at(&rects[0], 0, 0);
	expect_at(&rects[1], 100, 0);
}

static void a_hint_on_a_sibling_is_treated_as_none(void **state)
{
	const struct picture picture = { .count = 3,
		.displays = { { 1, 1, 100, 100, 1, true, 0, 0 },
			{ 2, 2, 100, 100, 1, true, 99, 99 },
			{ 3, 3, 100, 100, 1, true, 0, 100 } } };
	struct layout_rect rects[3];
	arrange(&picture, rects);
	expect_at(&rects[0], 0, 0);
	expect_at(&rects[2], 0, 100);
	expect_at(&rects[1], 100, 0);
}

static void a_hint_out_of_reach_is_treated_as_none(void **state)
{
	const struct picture picture = { .count = 3,
		.displays = { { 1, 1, 100, 100, 1, true, INT32_MIN, 0 },
			{ 2, 2, 100, 100, 1, true, INT32_MAX, 0 },
			{ 3, 3, 100, 100, 1, true, INT32_MIN + LAYOUT_HINT_REACH_PX, 0 } } };
	struct layout_rect rects[3];
	arrange(&picture, rects);
	expect_at(&rects[0], 0, 0);
	expect_at(&rects[2], 32768, 0);
	expect_at(&rects[1], 32868, 0);
}

static void pinned_displays_lie_at_their_pins_and_the_rest_right_of_them(void **state)
{
	const struct picture picture = { .layout = POLICY_LAYOUT_MANUAL,
		.count = 3,
		.displays = { { 1, 1, 100, 100 }, { 2, 2, 100, 100 }, { 3, 3, 50, 50 } },
		.pin_count = 1,
		.pins = { { 2, -500, 700 } } };
	struct layout_rect rects[3];
	arrange(&picture, rects);
	expect_at(&rects[1], -500, 700);
	expect_at(&rects[0], -400, 0);
	expect_at(&rects[2], -300, 0);
}

static void the_rest_goes_right_of_outputs_that_are_not_managed_too(void **state)
{
	const struct picture picture = { .layout = POLICY_LAYOUT_MANUAL,
		.count = 2,
		.displays = { { 1, 1, 100, 100 }, { 2, 2, 100, 100 } },
		.pin_count = 1,
		.pins = { { 2, 0, 2000 } },
		.outside_count = 1,
		.outside = { { 0, 0, 1920, 1080 } } };
	struct layout_rect rects[2];
	arrange(&picture, rects);
	expect_at(&rects[1], 0, 2000);
	expect_at(&rects[0], 1920, 0);
}

static void a_pin_on_an_outside_output_is_treated_as_none(void **state)
{
	const struct picture picture = { .layout = POLICY_LAYOUT_MANUAL,
		.count = 1,
		.displays = { { 1, 1, 100, 100 } },
		.pin_count = 1,
		.pins = { { 1, 1919, 1079 } },
		.outside_count = 1,
		.outside = { { 0, 0, 1920, 1080 } } };
	struct layout_rect rect;
	arrange(&picture, &rect);
	expect_at(&rect, 1920, 0);
}

static void of_pins_that_overlap_the_smaller_slot_wins(void **state)
{
	/* Slot 1 came last and is listed last: its pin still comes first. */
	const struct picture picture = { .layout = POLICY_LAYOUT_MANUAL,
		.count = 2,
		.displays = { { 2, 1, 100, 100 }, { 1, 2, 100, 100 } },
		.pin_count = 2,
		.pins = { { 1, 10, 10 }, { 2, 50, 50 } } };
	struct layout_rect rects[2];
	arrange(&picture, rects);
	expect_at(&rects[1], 10, 10);
	expect_at(&rects[0], 110, 0);
}

static void slot_0_is_never_pinned(void **state)
{
	const struct picture picture = { .layout = POLICY_LAYOUT_MANUAL,
		.count = 1,
		.displays = { { 0, 1, 100, 100 } },
		.pin_count = 1,
		.pins = { { 0, 10, 10 } } };
	struct layout_rect rect;
	arrange(&picture, &rect);
	expect_at(&rect, 0, 0);
}

static void a_pin_beats_a_hint(void **state)
{
	const struct picture picture = { .layout = POLICY_LAYOUT_MANUAL,
		.count = 3,
		.displays = { { 1, 1, 100, 100, 1, true, 0, 0 },
			{ 2, 2, 100, 100, 1, true, 100, 0 }, { 3, 3, 100, 100, 1, true, 0, 100 } },
		.pin_count = 1,
		.pins = { { 1, 1000, 0 } } };
	struct layout_rect rects[3];
	arrange(&picture, rects);
	expect_at(&rects[0], 1000, 0);
	/* What is left of the block keeps its arrangement: the third is left of the second and below. */
	expect_at(&rects[1], 1200, 0);
	expect_at(&rects[2], 1100, 100);
}

static void a_size_is_the_mode_by_the_scale_rounded_up(void **state)
{
	static const struct {
		struct display_mode mode;
		uint32_t width, height;
	} rows[] = {
		{ { 1920, 1080, 60000, 100 }, 1920, 1080 },
		{ { 1920, 1080, 60000, 150 }, 1280, 720 },
		{ { 1921, 1081, 60000, 150 }, 1281, 721 },
		{ { 16384, 16384, 60000, 50 }, 32768, 32768 },
		{ { 16, 16, 60000, 400 }, 4, 4 },
		{ { 17, 16, 60000, 400 }, 5, 4 },
	};
	for (size_t i = 0; i < ROWS(rows); i++) {
		uint32_t width, height;
		layout_size(&rows[i].mode, &width, &height);
		assert_int_equal(width, rows[i].width);
		assert_int_equal(height, rows[i].height);
	}
}

static void rects_that_touch_do_not_overlap(void **state)
{
	static const struct {
		struct layout_rect a, b;
		bool overlap;
	} rows[] = {
		{ { 0, 0, 10, 10 }, { 10, 0, 10, 10 }, false },
		{ { 0, 0, 10, 10 }, { 0, 10, 10, 10 }, false },
		{ { 0, 0, 10, 10 }, { 9, 9, 10, 10 }, true },
		{ { 0, 0, 10, 10 }, { 3, 3, 1, 1 }, true },
		{ { 0, 0, 10, 10 }, { 3, 3, 0, 5 }, false },
		{ { INT32_MAX, 0, UINT32_MAX, 10 }, { INT32_MIN, 0, 10, 10 }, false },
		{ { INT32_MIN, 0, UINT32_MAX, 10 }, { INT32_MAX - 1, 0, 10, 10 }, true },
	};
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_int_equal(layout_overlap(&rows[i].a, &rows[i].b), rows[i].overlap);
		assert_int_equal(layout_overlap(&rows[i].b, &rows[i].a), rows[i].overlap);
	}
}

static void the_first_two_overlapping_pins_are_named(void **state)
{
	const struct policy_position pins[] = { { 1, 0, 0 }, { 2, 50, 50 }, { 5, 1000, 0 },
		{ 6, 1099, 0 }, { 7, 1099, 50 } };
	const struct layout_display displays[] = { { 7, 1, 100, 100 }, { 6, 2, 100, 100 },
		{ 5, 3, 100, 100 }, { 1, 4, 100, 100 } };
	uint32_t slots[2] = { 0 };
	/* Slot 2 has no size: what it would overlap is not known. */
	assert_true(layout_find_overlap(pins, ROWS(pins), displays, ROWS(displays), slots));
	assert_int_equal(slots[0], 5);
	assert_int_equal(slots[1], 6);
	assert_false(layout_find_overlap(pins, 3, displays, ROWS(displays), slots));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_begins_at_the_origin),
		cmocka_unit_test(a_row_goes_left_to_right_in_acquire_order),
		cmocka_unit_test(a_row_begins_right_of_what_is_not_managed),
		cmocka_unit_test(a_row_follows_outputs_that_lie_left_of_the_origin),
		cmocka_unit_test(pins_do_not_count_under_auto_row),
		cmocka_unit_test(a_block_of_hints_takes_the_place_of_its_first_display),
		cmocka_unit_test(blocks_of_two_clients_do_not_mix),
		cmocka_unit_test(hints_without_a_client_do_not_count),
		cmocka_unit_test(a_hint_on_a_sibling_is_treated_as_none),
		cmocka_unit_test(a_hint_out_of_reach_is_treated_as_none),
		cmocka_unit_test(pinned_displays_lie_at_their_pins_and_the_rest_right_of_them),
		cmocka_unit_test(the_rest_goes_right_of_outputs_that_are_not_managed_too),
		cmocka_unit_test(a_pin_on_an_outside_output_is_treated_as_none),
		cmocka_unit_test(of_pins_that_overlap_the_smaller_slot_wins),
		cmocka_unit_test(slot_0_is_never_pinned),
		cmocka_unit_test(a_pin_beats_a_hint),
		cmocka_unit_test(a_size_is_the_mode_by_the_scale_rounded_up),
		cmocka_unit_test(rects_that_touch_do_not_overlap),
		cmocka_unit_test(the_first_two_overlapping_pins_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
