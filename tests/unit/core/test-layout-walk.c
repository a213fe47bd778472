/* Random groups of displays: what holds for every layout. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/layout.h"
#include "random.h"

#define ROUNDS 30000
#define OUTSIDE_MAX 4
#define ROW_MOST_PX ((uint32_t)DISPLAY_SIZE_MAX_PX * 2) /* at a scale of 50 % */

struct picture {
	struct display_policy policy;
	struct layout_display displays[LAYOUT_DISPLAYS_MAX];
	size_t count;
	struct layout_rect outside[OUTSIDE_MAX];
	size_t outside_count;
	struct layout_rect rects[LAYOUT_DISPLAYS_MAX];
};

/* How far apart things are: near, so that they meet; or at the bounds of everything. */
struct scale {
	uint32_t size, place, hint;
	size_t most;
};
static const struct scale scales[] = {
	{ 4, 12, 6, 8 },
	{ 3000, 6000, 4000, 16 },
	{ ROW_MOST_PX, 65536, 80000, LAYOUT_DISPLAYS_MAX },
};

static int32_t around_zero(uint64_t *random, uint32_t range)
{
	const int64_t at = (int64_t)random_below(random, range) - range / 2;
	return (int32_t)at;
}

static void make_displays(struct picture *picture, const struct scale *scale, uint64_t *random)
{
	picture->count = random_below(random, (uint32_t)scale->most + 1);
	for (size_t i = 0; i < picture->count; i++) {
		picture->displays[i] = (struct layout_display){
			.slot = random_below(random, 8) ? (uint32_t)i + 1 : 0,
			.acquired = random_below(random, 1000) * LAYOUT_DISPLAYS_MAX + i,
			.width = 1 + random_below(random, scale->size),
			.height = 1 + random_below(random, scale->size),
			.client = random_below(random, 4),
			.has_hint = random_below(random, 2),
			.hint_x = around_zero(random, scale->hint),
			.hint_y = around_zero(random, scale->hint),
		};
	}
}

static void make_pins(struct picture *picture, const struct scale *scale, uint64_t *random)
{
	struct display_policy *policy = &picture->policy;
	for (uint32_t slot = 1; slot <= LAYOUT_DISPLAYS_MAX - 1; slot++) {
		if (random_below(random, 3) > 0)
			continue;
		policy->positions[policy->position_count++] = (struct policy_position){ slot,
			around_zero(random, scale->place), around_zero(random, scale->place) };
	}
}

static void make_picture(struct picture *picture, uint64_t *random)
{
	const struct scale *scale = &scales[random_below(random, 3)];
	memset(picture, 0, sizeof *picture);
	picture->policy.layout = (enum policy_layout)random_below(random, 2);
	make_displays(picture, scale, random);
	make_pins(picture, scale, random);
	picture->outside_count = random_below(random, OUTSIDE_MAX + 1);
	for (size_t i = 0; i < picture->outside_count; i++)
		picture->outside[i] = (struct layout_rect){ around_zero(random, scale->place),
			around_zero(random, scale->place), random_below(random, scale->size),
			random_below(random, scale->size) };
}

static void arrange(struct picture *picture)
{
	layout_arrange(&picture->policy, picture->displays, picture->count, picture->outside,
		picture->outside_count, picture->rects);
}

static void check_nothing_overlaps(const struct picture *picture)
{
	for (size_t i = 0; i < picture->count; i++) {
		const struct layout_rect *rect = &picture->rects[i];
		assert_int_equal(rect->width, picture->displays[i].width);
		assert_int_equal(rect->height, picture->displays[i].height);
		for (size_t j = 0; j < i; j++)
			assert_false(layout_overlap(rect, &picture->rects[j]));
		for (size_t j = 0; j < picture->outside_count; j++)
			assert_false(layout_overlap(rect, &picture->outside[j]));
	}
}

static size_t find_slot(const struct picture *picture, uint32_t slot)
{
	for (size_t i = 0; i < picture->count; i++) {
		if (picture->displays[i].slot == slot)
			return i;
	}
	return SIZE_MAX;
}

/* A pin is honoured unless something is there: pins of smaller slots, or what is not managed. */
static void check_pins(const struct picture *picture, bool pinned[LAYOUT_DISPLAYS_MAX])
{
	const struct display_policy *policy = &picture->policy;
	if (policy->layout != POLICY_LAYOUT_MANUAL)
		return;
	for (uint32_t i = 0; i < policy->position_count; i++) {
		const size_t index = find_slot(picture, policy->positions[i].slot);
		if (index == SIZE_MAX)
			continue;
		const struct layout_rect wish = { policy->positions[i].x, policy->positions[i].y,
			picture->displays[index].width, picture->displays[index].height };
		bool free = true;
		for (size_t j = 0; j < picture->outside_count; j++)
			free = free && !layout_overlap(&wish, &picture->outside[j]);
		for (size_t j = 0; j < picture->count; j++)
			free = free && !(pinned[j] && layout_overlap(&wish, &picture->rects[j]));
		if (!free)
			continue;
		pinned[index] = true;
		assert_int_equal(picture->rects[index].x, wish.x);
		assert_int_equal(picture->rects[index].y, wish.y);
	}
}

static int64_t right_of(const struct layout_rect *rect)
{
	return (int64_t)rect->x + rect->width;
}

static int64_t row_begin(const struct picture *picture, const bool *pinned)
{
	int64_t begin = INT64_MIN;
	for (size_t i = 0; i < picture->outside_count; i++) {
		const struct layout_rect *rect = &picture->outside[i];
		if (rect->width > 0 && rect->height > 0 && right_of(rect) > begin)
			begin = right_of(rect);
	}
	for (size_t i = 0; i < picture->count; i++) {
		if (pinned[i] && right_of(&picture->rects[i]) > begin)
			begin = right_of(&picture->rects[i]);
	}
	return begin == INT64_MIN ? 0 : begin;
}

/* The block's first display, which is the display itself when it is in none. */
static size_t block_of(const struct picture *picture, const bool *pinned, size_t index)
{
	const struct layout_display *display = &picture->displays[index];
	size_t first = index;
	for (size_t i = 0; i < picture->count; i++) {
		const struct layout_display *other = &picture->displays[i];
		if (!pinned[i] && display->has_hint && display->client > 0 && other->has_hint &&
			other->client == display->client &&
			other->acquired < picture->displays[first].acquired)
			first = i;
	}
	return first;
}

static bool keeps_its_hint(const struct picture *picture, size_t index, size_t first)
{
	const struct layout_display *a = &picture->displays[index], *b = &picture->displays[first];
	const struct layout_rect *at = &picture->rects[index], *from = &picture->rects[first];
	return (int64_t)at->x - from->x == (int64_t)a->hint_x - b->hint_x &&
		(int64_t)at->y - from->y == (int64_t)a->hint_y - b->hint_y;
}

/* A hint may be broken only for one reason: out of reach, or on a sibling whose hint was kept. */
static void check_hints(const struct picture *picture, const bool *pinned)
{
	for (size_t i = 0; i < picture->count; i++) {
		const struct layout_display *display = &picture->displays[i];
		const size_t first = pinned[i] ? i : block_of(picture, pinned, i);
		if (first == i || keeps_its_hint(picture, i, first))
			continue;
		const int64_t x = (int64_t)display->hint_x - picture->displays[first].hint_x;
		const int64_t y = (int64_t)display->hint_y - picture->displays[first].hint_y;
		bool excused = x > LAYOUT_HINT_REACH_PX || x < -LAYOUT_HINT_REACH_PX ||
			y > LAYOUT_HINT_REACH_PX || y < -LAYOUT_HINT_REACH_PX;
		const struct layout_rect wish = { (int32_t)(picture->rects[first].x + x),
			(int32_t)(picture->rects[first].y + y), display->width, display->height };
		for (size_t j = 0; j < picture->count && !excused; j++)
			excused = !pinned[j] && block_of(picture, pinned, j) == first &&
				keeps_its_hint(picture, j, first) &&
				picture->displays[j].acquired < display->acquired &&
				layout_overlap(&wish, &picture->rects[j]);
		assert_true(excused);
		assert_int_equal(picture->rects[i].y, 0);
	}
}

/* Left to right in the order of the acquires, without gaps but those within blocks, tops at 0. */
static void check_row(const struct picture *picture, const bool *pinned)
{
	bool done[LAYOUT_DISPLAYS_MAX];
	int64_t x = row_begin(picture, pinned);
	memcpy(done, pinned, sizeof done);
	for (;;) {
		size_t next = SIZE_MAX;
		for (size_t i = 0; i < picture->count; i++) {
			if (!done[i] &&
				(next == SIZE_MAX ||
					picture->displays[i].acquired <
						picture->displays[next].acquired))
				next = i;
		}
		if (next == SIZE_MAX)
			return;
		int64_t left = INT64_MAX, right = INT64_MIN, top = INT64_MAX;
		for (size_t i = 0; i < picture->count; i++) {
			const bool same = i == next ||
				(block_of(picture, pinned, next) == next && !done[i] &&
					block_of(picture, pinned, i) == next &&
					keeps_its_hint(picture, i, next));
			if (!same)
				continue;
			const struct layout_rect *rect = &picture->rects[i];
			done[i] = true;
			left = rect->x < left ? rect->x : left;
			top = rect->y < top ? rect->y : top;
			right = right_of(rect) > right ? right_of(rect) : right;
		}
		assert_int_equal(left, x);
		assert_int_equal(top, 0);
		x = right;
	}
}

static void every_layout_is_what_it_promises(void **state)
{
	uint64_t random = random_seed();
	static struct picture picture;
	print_message("# LODGE_TEST_SEED=%" PRIu64 "\n", random);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		bool pinned[LAYOUT_DISPLAYS_MAX] = { false };
		make_picture(&picture, &random);
		arrange(&picture);
		check_nothing_overlaps(&picture);
		check_pins(&picture, pinned);
		check_hints(&picture, pinned);
		check_row(&picture, pinned);
	}
}

static void the_order_of_the_input_does_not_show(void **state)
{
	uint64_t random = random_seed();
	print_message("# LODGE_TEST_SEED=%" PRIu64 "\n", random);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		struct picture one, other;
		size_t from[LAYOUT_DISPLAYS_MAX];
		make_picture(&one, &random);
		/* Also when several were acquired in one moment: then something else tells them apart. */
		for (size_t i = 0; i < one.count && round % 2; i++)
			one.displays[i].acquired = 1;
		other = one;
		for (size_t i = 0; i < one.count; i++) {
			const size_t with = random_below(&random, (uint32_t)i + 1);
			from[i] = from[with];
			from[with] = i;
		}
		for (size_t i = 0; i < one.count; i++)
			other.displays[i] = one.displays[from[i]];
		for (size_t i = 0; i < one.outside_count; i++)
			other.outside[i] = one.outside[one.outside_count - 1 - i];
		arrange(&one);
		arrange(&other);
		for (size_t i = 0; i < one.count; i++) {
			if (one.displays[from[i]].slot > 0)
				assert_memory_equal(
					&other.rects[i], &one.rects[from[i]], sizeof one.rects[0]);
		}
	}
}

/* 64 displays of the largest size right of a pin at the bound: the row still ends within the coordinates. */
static void the_largest_row_does_not_wrap(void **state)
{
	static struct picture picture;
	picture.policy = (struct display_policy){ .layout = POLICY_LAYOUT_MANUAL,
		.position_count = 1,
		.positions = { { 1, POLICY_POSITION_MAX_PX, POLICY_POSITION_MIN_PX } } };
	picture.count = LAYOUT_DISPLAYS_MAX;
	for (size_t i = 0; i < picture.count; i++)
		picture.displays[i] =
			(struct layout_display){ (uint32_t)i + 1, i + 1, ROW_MOST_PX, ROW_MOST_PX };
	arrange(&picture);
	check_nothing_overlaps(&picture);
	const struct layout_rect *last = &picture.rects[LAYOUT_DISPLAYS_MAX - 1];
	assert_int_equal(right_of(last), 32767 + 64 * 32768);
}

/* What a compositor may claim about itself: nothing overflows, and no size is changed. */
static void absurd_outside_outputs_are_survived(void **state)
{
	static const int32_t places[] = { INT32_MIN, INT32_MIN + 1, -1, 0, 1, INT32_MAX - 1,
		INT32_MAX };
	static const uint32_t sizes[] = { 0, 1, 1920, INT32_MAX, UINT32_MAX };
	uint64_t random = random_seed();
	print_message("# LODGE_TEST_SEED=%" PRIu64 "\n", random);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		static struct picture picture;
		make_picture(&picture, &random);
		for (size_t i = 0; i < picture.outside_count; i++)
			picture.outside[i] = (struct layout_rect){ places[random_below(&random, 7)],
				places[random_below(&random, 7)], sizes[random_below(&random, 5)],
				sizes[random_below(&random, 5)] };
		for (size_t i = 0; i < picture.count; i++) {
			picture.displays[i].hint_x = places[random_below(&random, 7)];
			picture.displays[i].hint_y = places[random_below(&random, 7)];
			if (random_below(&random, 8) == 0)
				picture.displays[i].width = sizes[1 + random_below(&random, 4)];
		}
		arrange(&picture);
		for (size_t i = 0; i < picture.count; i++) {
			assert_int_equal(picture.rects[i].width, picture.displays[i].width);
			assert_int_equal(picture.rects[i].height, picture.displays[i].height);
			assert_true(right_of(&picture.rects[i]) <= INT32_MAX);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout_is_what_it_promises),
		cmocka_unit_test(the_order_of_the_input_does_not_show),
		cmocka_unit_test(the_largest_row_does_not_wrap),
		cmocka_unit_test(absurd_outside_outputs_are_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
