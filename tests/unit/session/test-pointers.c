/* Where the others point: told to those who see it, seldom enough, and right in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/session_world.h"

static void a_pointer_is_told_to_the_others_at_most_20_times_a_second(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	for (uint16_t i = 0; i < 2000; i++) {
		peer_point(ada, i % 1280, 1);
		world_pass(world, MOMENT_MS);
	}
	assert_in_range(bo->heard[WIRE_POINTER], 35, 41);
	assert_int_equal(bo->pointer_person, peer_knows(bo, "ada")->person);
	assert_int_equal(ada->heard[WIRE_POINTER], 0);
}

/* Two who move by turns are still only two. */
static void two_pointers_are_told_as_seldom_as_one_each(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	struct peer *cy = peer_join(world, 3, "cy");
	for (uint16_t i = 0; i < 2000; i++) {
		peer_point(i % 2 ? ada : bo, i % 1280, 1);
		world_pass(world, MOMENT_MS);
	}
	assert_in_range(cy->heard[WIRE_POINTER], 70, 82);
	assert_in_range(ada->heard[WIRE_POINTER], 35, 41);
}

/* Each is told to each: a crowd must not multiply with itself. */
static void a_crowd_of_pointers_is_bounded_and_nobody_is_left_out(void **state)
{
	struct session_world *world = *state;
	struct peer *peers[60];
	world_presence(world, true);
	for (uint32_t i = 0; i < 60; i++)
		peers[i] = peer_join(world, i + 1, "x");
	struct peer *observer = peer_join(world, 61, "observer");
	for (uint32_t i = 0; i < 60 * 400; i++) {
		peer_point(peers[i % 60], (uint16_t)(i % 1280), 1);
		world_pass(world, MOMENT_MS / 4);
	}
	assert_in_range(observer->heard[WIRE_POINTER], 6 * 100, 6 * 170);
	const uint32_t observed = peer_knows(observer, "observer")->person;
	for (size_t i = 0; i < observer->people_count; i++) {
		const uint32_t person = observer->people[i].person;
		assert_int_equal(observer->pointers[person & 255] >= 10, person != observed);
	}
}

static void where_a_pointer_stops_is_told_at_last(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	for (uint16_t i = 1; i <= 30; i++) {
		peer_point(ada, i, 1);
		world_pass(world, MOMENT_MS);
	}
	world_settle(world);
	assert_int_equal(bo->pointer_x, 30);
	const uint32_t heard = bo->heard[WIRE_POINTER];
	assert_in_range(heard, 2, 3);
	world_pass(world, MOMENT_SECOND);
	assert_int_equal(bo->heard[WIRE_POINTER], heard);
}

static void who_sees_another_display_hears_nothing_of_a_pointer(void **state)
{
	struct session_world *world = *state;
	world->registry.separate = true;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	peer_point(ada, 1, 1);
	world_settle(world);
	assert_int_equal(bo->people_count, 2);
	assert_int_equal(bo->heard[WIRE_POINTER], 0);
}

/* Nothing is done for nobody, and nothing is lost by that. */
static void who_comes_is_told_where_a_pointer_is_that_nobody_saw(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada");
	peer_point(ada, 1, 1);
	world_settle(world);
	peer_point(ada, 2, 1);
	world_settle(world);
	struct peer *bo = peer_join(world, 2, "bo");
	world_settle(world);
	assert_int_equal(bo->heard[WIRE_POINTER], 1);
	assert_int_equal(bo->pointer_x, 2);
	peer_point(ada, 3, 1);
	world_settle(world);
	assert_int_equal(bo->pointer_x, 3);
	assert_int_equal(ada->heard[WIRE_POINTER], 0);
}

static void a_pointer_that_is_not_let_through_is_not_told(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	world_control(world, CONTROL_ONE_AT_A_TIME);
	peer_point(ada, 1, 1);
	world_settle(world);
	assert_int_equal(bo->heard[WIRE_POINTER], 0);
}

static void a_pointer_that_left_before_it_was_told_is_not_told(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	peer_point(ada, 1, 1);
	world_pass(world, MOMENT_MS);
	peer_point(ada, 2, 1);
	peer_drop(ada);
	world_settle(world);
	assert_int_equal(bo->pointer_x, 1);
	assert_int_equal(bo->people_count, 1);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, session_world_set_up_open, session_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pointer_is_told_to_the_others_at_most_20_times_a_second),
		TEST(two_pointers_are_told_as_seldom_as_one_each),
		TEST(a_crowd_of_pointers_is_bounded_and_nobody_is_left_out),
		TEST(where_a_pointer_stops_is_told_at_last),
		TEST(who_sees_another_display_hears_nothing_of_a_pointer),
		TEST(who_comes_is_told_where_a_pointer_is_that_nobody_saw),
		TEST(a_pointer_that_is_not_let_through_is_not_told),
		TEST(a_pointer_that_left_before_it_was_told_is_not_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
