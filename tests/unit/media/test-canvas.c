#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/canvas.h"
#include "support/random.h"

#define WIDTH 61
#define HEIGHT 43
#define PADDING 5 /* px at the end of a source's line */
#define SOURCE_WIDTH (WIDTH + PADDING)

struct world {
	struct canvas canvas;
	struct cursor cursor;
	uint32_t source[SOURCE_WIDTH * HEIGHT];
	uint32_t shown_before[WIDTH * HEIGHT];
	bool swapped;
	struct capture_frame frame;
};

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	*state = world;
	for (size_t i = 0; i < SOURCE_WIDTH * HEIGHT; i++)
		world->source[i] = 0xff000000u | (uint32_t)i * 40503u;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	canvas_finish(&world->canvas);
	free(world);
	return 0;
}

static struct canvas_picture picture_of(const struct world *world)
{
	return (struct canvas_picture){ (const uint8_t *)world->source, WIDTH, HEIGHT,
		SOURCE_WIDTH * 4, world->swapped };
}

static void fill(struct world *world, const struct capture_rect *rect, uint32_t colour)
{
	for (uint32_t y = rect->y; y < rect->y + rect->height; y++) {
		for (uint32_t x = rect->x; x < rect->x + rect->width; x++)
			world->source[y * SOURCE_WIDTH + x] = colour;
	}
}

static void set_cursor(struct world *world, uint32_t width_px, uint32_t height_px, uint32_t colour)
{
	uint32_t pixels[16 * 16];
	for (size_t i = 0; i < 16 * 16; i++)
		pixels[i] = colour;
	cursor_set_image(&world->cursor,
		&(struct cursor_image){ (const uint8_t *)pixels, width_px, height_px,
			width_px * 4, false, 2, 3 });
}

static uint32_t swap(uint32_t pixel)
{
	return (pixel & 0xff00ff00u) | (pixel & 0xff) << 16 | (pixel >> 16 & 0xff);
}

/* What the picture must look like: the source with an opaque cursor over it. */
static void draw_expected(const struct world *world, uint32_t *expected)
{
	const struct cursor *cursor = &world->cursor;
	for (int32_t y = 0; y < HEIGHT; y++) {
		for (int32_t x = 0; x < WIDTH; x++) {
			const uint32_t source = world->source[y * SOURCE_WIDTH + x];
			const int32_t column = x - cursor->x + cursor->hotspot_x;
			const int32_t row = y - cursor->y + cursor->hotspot_y;
			const bool covered = cursor->visible && column >= 0 && row >= 0 &&
				column < (int32_t)cursor->width_px &&
				row < (int32_t)cursor->height_px;
			expected[y * WIDTH + x] = (covered ? cursor->pixels[0]
							  : world->swapped ? swap(source)
									   : source) &
				0xffffff;
		}
	}
}

static void assert_pixels(const uint8_t *pixels, const uint32_t *expected)
{
	for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
		uint32_t pixel;
		memcpy(&pixel, pixels + i * 4, sizeof pixel);
		if ((pixel & 0xffffff) != expected[i])
			fail_msg("pixel %zu,%zu is %06x instead of %06x", i % WIDTH, i / WIDTH,
				pixel & 0xffffff, expected[i]);
	}
}

/* Every pixel that differs from the picture before lies within the damage. */
static void assert_damage_is_enough(const struct world *world, const uint32_t *expected)
{
	const struct capture_frame *frame = &world->frame;
	for (uint32_t i = 0; frame->damage_count && i < WIDTH * HEIGHT; i++) {
		bool within = expected[i] == world->shown_before[i];
		for (uint32_t at = 0; !within && at < frame->damage_count; at++) {
			const struct capture_rect *rect = &frame->damage[at];
			within = i % WIDTH - rect->x < rect->width &&
				i / WIDTH - rect->y < rect->height;
		}
		assert_true(within);
	}
}

static void take(struct world *world, const struct damage *damage)
{
	uint32_t expected[WIDTH * HEIGHT];
	const struct canvas_picture picture = picture_of(world);
	assert_true(canvas_take(&world->canvas, damage ? &picture : NULL, damage, &world->cursor,
		&world->frame));
	draw_expected(world, expected);
	assert_pixels(world->frame.pixels, expected);
	if (world->frame.previous) {
		assert_pixels(world->frame.previous, world->shown_before);
		assert_damage_is_enough(world, expected);
	}
	assert_false(canvas_needs_cursor(&world->canvas, &world->cursor));
	memcpy(world->shown_before, expected, sizeof expected);
}

static void first_picture_is_whole_whatever_its_damage(void **state)
{
	struct world *world = *state;
	const struct damage little = { .rects = { { 1, 1, 1, 1 } }, .count = 1 };
	take(world, &little);
	assert_null(world->frame.previous);
	take(world, &little);
	assert_non_null(world->frame.previous);
}

static void nothing_can_be_shown_before_the_first_picture(void **state)
{
	struct world *world = *state;
	cursor_show(&world->cursor, true);
	assert_false(canvas_needs_cursor(&world->canvas, &world->cursor));
	assert_false(canvas_take(&world->canvas, NULL, NULL, &world->cursor, &world->frame));
}

static void only_what_changed_is_copied(void **state)
{
	struct world *world = *state;
	const struct damage all = { .everything = true };
	const struct damage little = { .rects = { { 4, 5, 6, 7 } }, .count = 1 };
	const struct canvas_picture picture = picture_of(world);
	take(world, &all);
	take(world, &all);
	take(world, &little);
	take(world, &little);
	/* Changed, but said to be as before. */
	fill(world, &(struct capture_rect){ 30, 30, 3, 3 }, 0x123456);
	assert_true(canvas_take(
		&world->canvas, &picture, &little, &world->cursor, &world->frame));
	assert_pixels(world->frame.pixels, world->shown_before);
}

static void other_size_starts_anew(void **state)
{
	struct world *world = *state;
	const struct damage all = { .everything = true };
	struct canvas_picture picture = picture_of(world);
	take(world, &all);
	picture.width_px = 7;
	picture.height_px = 5;
	assert_true(
		canvas_take(&world->canvas, &picture, &all, &world->cursor, &world->frame));
	assert_null(world->frame.previous);
	assert_int_equal(world->frame.width_px, 7);
	assert_int_equal(world->frame.stride, 28);
}

static void cursor_is_blended_with_what_lies_below(void **state)
{
	struct world *world = *state;
	const struct damage all = { .everything = true };
	const struct canvas_picture picture = picture_of(world);
	fill(world, &(struct capture_rect){ 0, 0, WIDTH, HEIGHT }, 0xff6090c0);
	set_cursor(world, 4, 4, 0x80402010); /* half of 80 40 20 */
	cursor_move(&world->cursor, 2, 3);
	cursor_show(&world->cursor, true);
	assert_true(
		canvas_take(&world->canvas, &picture, &all, &world->cursor, &world->frame));
	assert_int_equal(world->frame.pixels[0], 0x10 + (0xc0 * 127 + 127) / 255);
	assert_int_equal(world->frame.pixels[1], 0x20 + (0x90 * 127 + 127) / 255);
	assert_int_equal(world->frame.pixels[2], 0x40 + (0x60 * 127 + 127) / 255);
	assert_int_equal(world->frame.pixels[4 * 4], 0xc0);
}

static int32_t any(uint64_t *seed, int32_t least, int32_t below)
{
	return least + (int32_t)(random_next(seed) % (uint64_t)(below - least));
}

static void change_cursor(struct world *world, uint64_t *seed)
{
	switch (any(seed, 0, 4)) {
	case 0:
		cursor_show(&world->cursor, any(seed, 0, 3) > 0);
		break;
	case 1:
		set_cursor(world, (uint32_t)any(seed, 0, 17), (uint32_t)any(seed, 0, 17),
			0xff000000u | (uint32_t)random_next(seed));
		break;
	default:
		cursor_move(&world->cursor, any(seed, -20, WIDTH + 20),
			any(seed, -20, HEIGHT + 20));
	}
}

static void change_picture(struct world *world, uint64_t *seed, struct damage *damage)
{
	damage->everything = any(seed, 0, 20) == 0;
	for (int32_t count = any(seed, 1, 45); count > 0; count--) {
		struct capture_rect rect;
		if (!damage_clip(any(seed, -9, WIDTH), any(seed, -9, HEIGHT),
			    (uint32_t)any(seed, 0, 20), (uint32_t)any(seed, 0, 20), WIDTH, HEIGHT,
			    &rect))
			continue;
		fill(world, &rect, 0xff000000u | (uint32_t)random_next(seed));
		damage_add(damage, &rect);
	}
}

static void any_walk_shows_the_picture_with_the_cursor_over_it(void **state)
{
	struct world *world = *state;
	const struct damage all = { .everything = true };
	for (uint64_t walk = 1; walk <= 40; walk++) {
		uint64_t seed = walk;
		canvas_finish(&world->canvas);
		world->cursor = (struct cursor){ 0 };
		world->swapped = walk % 2;
		take(world, &all);
		for (int step = 0; step < 100; step++) {
			struct damage damage = { 0 };
			if (any(&seed, 0, 2))
				change_cursor(world, &seed);
			const bool moved = any(&seed, 0, 2);
			if (moved)
				change_picture(world, &seed, &damage);
			take(world, moved ? &damage : NULL);
		}
	}
}

static void damage_is_cut_to_the_picture(void **state)
{
	struct capture_rect rect;
	assert_true(damage_clip(-5, -6, 10, 10, 100, 50, &rect));
	assert_int_equal(rect.x, 0);
	assert_int_equal(rect.y, 0);
	assert_int_equal(rect.width, 5);
	assert_int_equal(rect.height, 4);
	assert_true(damage_clip(90, 40, UINT32_MAX, UINT32_MAX, 100, 50, &rect));
	assert_int_equal(rect.width, 10);
	assert_int_equal(rect.height, 10);
	assert_false(damage_clip(100, 0, 1, 1, 100, 50, &rect));
	assert_false(damage_clip(-1, 0, 1, 1, 100, 50, &rect));
	assert_false(damage_clip(INT32_MIN, INT32_MIN, UINT32_MAX / 2, 9, 100, 50, &rect));
	assert_false(damage_clip(0, 0, 0, 9, 100, 50, &rect));
}

int main(void)
{
#define WITH_WORLD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_WORLD(first_picture_is_whole_whatever_its_damage),
		WITH_WORLD(nothing_can_be_shown_before_the_first_picture),
		WITH_WORLD(only_what_changed_is_copied),
		WITH_WORLD(other_size_starts_anew),
		WITH_WORLD(cursor_is_blended_with_what_lies_below),
		WITH_WORLD(any_walk_shows_the_picture_with_the_cursor_over_it),
		cmocka_unit_test(damage_is_cut_to_the_picture),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
