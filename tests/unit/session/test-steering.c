/* Who drives, as the session room decides it; above all that nothing stays held down when it is somebody else's turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/session_world.h"

#define KEY_A 30
#define SHIFT 42
#define VIEW 0

struct two {
	struct session_world *world;
	struct peer *ada, *bo;
};

/* Ada drives and holds a key and a button down, Bo watches; one at a time. */
static struct two ada_holds(void **state)
{
	struct two two = { .world = *state };
	two.ada = peer_join(two.world, 1, "ada");
	two.bo = peer_join(two.world, 2, "bo");
	world_control(two.world, CONTROL_ONE_AT_A_TIME);
	peer_control(two.ada, WIRE_CONTROL_REQUEST, 0);
	world_settle(two.world);
	assert_int_equal(world_holder(two.world), two.ada->id);
	peer_key(two.ada, SHIFT, true);
	peer_button(two.ada, true);
	assert_int_equal(session_rooms_held(), 2);
	return two;
}

/* Nothing is down, and exactly this one's input enters the desktop. */
static void assert_drives(const struct two *two, struct peer *driver)
{
	struct peer *const peers[] = { two->ada, two->bo };
	world_settle(two->world);
	assert_int_equal(session_rooms_held(), 0);
	assert_int_equal(world_holder(two->world), driver ? driver->id : 0);
	for (size_t i = 0; i < 2; i++) {
		const uint64_t before = session_rooms_events();
		peer_key(peers[i], KEY_A, true);
		peer_key(peers[i], KEY_A, false);
		peer_point(peers[i], 1, 2);
		assert_int_equal(session_rooms_events() - before, peers[i] == driver ? 3 : 0);
		if (peers[i]->session && driver) {
			assert_int_equal(peers[i]->holder, driver->id);
			assert_string_equal(peers[i]->holder_name, driver->label);
		}
	}
}

static void a_grant_of_the_holder_releases_its_keys(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	world_settle(two.world);
	assert_int_equal(two.ada->asking, two.bo->id);
	assert_int_equal(two.bo->place, 1);
	peer_control(two.ada, WIRE_CONTROL_GRANT, two.bo->id);
	assert_drives(&two, two.bo);
}

static void a_grant_of_the_operator_releases_the_holders_keys(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	assert_int_equal(session_host_steer(two.world->host, CONTROL_GRANT, two.bo->id),
		CONTROL_NOT_REFUSED);
	assert_drives(&two, two.bo);
}

static void what_the_operator_takes_away_is_released(void **state)
{
	struct two two = ada_holds(state);
	assert_int_equal(
		session_host_steer(two.world->host, CONTROL_RELEASE, 0), CONTROL_NOT_REFUSED);
	assert_drives(&two, NULL);
}

static void a_release_releases_the_keys(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.ada, WIRE_CONTROL_RELEASE, 0);
	assert_drives(&two, NULL);
}

static void a_gift_releases_the_givers_keys(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.ada, WIRE_CONTROL_GIVE, two.bo->id);
	assert_drives(&two, two.bo);
}

static void a_gift_of_the_operator_releases_the_holders_keys(void **state)
{
	struct two two = ada_holds(state);
	session_host_steer(two.world->host, CONTROL_GIVE, two.bo->id);
	assert_drives(&two, two.bo);
}

static void a_holder_without_input_for_30_s_loses_control_and_its_keys(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	world_pass(two.world, 20 * MOMENT_SECOND);
	peer_key(two.ada, KEY_A, true);
	world_pass(two.world, 20 * MOMENT_SECOND);
	assert_int_equal(world_holder(two.world), two.ada->id); /* 20 s after its last input */
	assert_int_equal(session_rooms_held(), 3);
	world_pass(two.world, 11 * MOMENT_SECOND);
	assert_drives(&two, two.bo);
}

static void a_holder_that_closes_its_display_is_followed_at_once(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	peer_say(two.ada, &(struct wire_message){ .type = WIRE_CLOSE_DISPLAY });
	assert_int_equal(session_rooms_held(), 0);
	assert_int_equal(world_holder(two.world), two.bo->id);
}

static void a_holder_that_the_operator_ends_is_followed_at_once(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	assert_true(session_host_end(two.world->host, two.ada->id, "go"));
	assert_drives(&two, two.bo);
	assert_int_equal(two.ada->ending, WIRE_ENDED_RELEASED_BY_OPERATOR);
}

static void a_dropped_holder_holds_nothing_and_comes_back_within_5_s(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	peer_drop(two.ada);
	assert_int_equal(session_rooms_held(), 0);
	assert_int_equal(world_holder(two.world), two.ada->id);
	const uint64_t before = session_rooms_events();
	peer_key(two.bo, KEY_A, true);
	assert_int_equal(session_rooms_events(), before);
	world_pass(two.world, 4500 * MOMENT_MS);
	two.ada = peer_join(two.world, 1, "ada");
	assert_drives(&two, two.ada);
}

static void a_dropped_holder_that_stays_away_is_followed_after_5_s(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	peer_drop(two.ada);
	world_pass(two.world, 4900 * MOMENT_MS);
	assert_int_equal(world_holder(two.world), two.ada->id);
	world_pass(two.world, 200 * MOMENT_MS);
	assert_drives(&two, two.bo);
}

static void a_second_device_of_the_holders_client_takes_its_place_and_not_its_keys(void **state)
{
	struct two two = ada_holds(state);
	struct peer *first = two.ada;
	two.ada = peer_join(two.world, 1, "ada");
	assert_int_equal(first->ending, WIRE_ENDED_SUPERSEDED);
	assert_drives(&two, two.ada);
}

static void one_at_a_time_begins_with_nothing_held_by_anybody(void **state)
{
	struct two two = { .world = *state };
	two.ada = peer_join(two.world, 1, "ada");
	two.bo = peer_join(two.world, 2, "bo");
	peer_key(two.ada, SHIFT, true);
	peer_button(two.bo, true);
	assert_int_equal(session_rooms_held(), 2);
	world_control(two.world, CONTROL_ONE_AT_A_TIME);
	assert_drives(&two, NULL);
	peer_control(two.ada, WIRE_CONTROL_REQUEST, 0);
	assert_drives(&two, two.ada);
}

static void free_again_begins_with_nothing_held(void **state)
{
	struct two two = ada_holds(state);
	world_control(two.world, CONTROL_FREE);
	assert_int_equal(session_rooms_held(), 0);
	assert_int_equal(two.bo->mode, 0);
	const uint64_t before = session_rooms_events();
	peer_key(two.bo, KEY_A, true);
	peer_key(two.ada, KEY_A, true);
	assert_int_equal(session_rooms_events() - before, 2);
}

static void a_holder_that_may_only_watch_from_now_on_holds_nothing(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	assert_int_equal(world_grant(two.world, two.ada, VIEW), 0);
	assert_int_equal(session_rooms_held(), 0);
	assert_drives(&two, two.bo);
}

static void a_holder_with_fewer_planes_keeps_control_and_holds_nothing(void **state)
{
	struct two two = ada_holds(state);
	assert_int_equal(world_grant(two.world, two.ada, 1u << GRANT_POINTER), 0);
	assert_int_equal(session_rooms_held(), 0);
	assert_int_equal(world_holder(two.world), two.ada->id);
}

static void control_does_not_depend_on_presence(void **state)
{
	struct two two = { .world = *state };
	world_presence(two.world, true);
	two = ada_holds(state);
	world_presence(two.world, false);
	assert_int_equal(world_holder(two.world), two.ada->id);
	assert_int_equal(session_rooms_held(), 2);
	peer_control(two.ada, WIRE_CONTROL_GIVE, two.bo->id);
	assert_drives(&two, two.bo);
}

static void the_wish_to_let_go_of_everything_is_heard_from_everybody(void **state)
{
	struct two two = ada_holds(state);
	peer_say(two.bo, &(struct wire_message){ .type = WIRE_RELEASE_ALL });
	assert_int_equal(session_rooms_held(), 2);
	peer_say(two.ada, &(struct wire_message){ .type = WIRE_RELEASE_ALL });
	assert_int_equal(session_rooms_held(), 0);
}

/* It would be the holder, nobody would hear of it when it leaves, and everybody would wait. */
static void nothing_is_given_to_somebody_who_is_not_on_the_desktop(void **state)
{
	struct two two = ada_holds(state);
	struct peer *attached = peer_connect(two.world, 3);
	peer_attach(attached, "cy", NULL);
	assert_int_not_equal(attached->id, 0);
	peer_control(two.ada, WIRE_CONTROL_GIVE, attached->id);
	assert_int_equal(two.ada->notice, WIRE_NOTICE_CONTROL_REFUSED);
	assert_int_equal(world_holder(two.world), two.ada->id);
	assert_int_equal(session_host_steer(two.world->host, CONTROL_GIVE, attached->id),
		CONTROL_REFUSED_GRANTS);
	peer_control(attached, WIRE_CONTROL_REQUEST, 0);
	struct control_view view;
	session_host_control(two.world->host, &view);
	assert_int_equal(view.line_count, 0);
}

static void nobody_but_the_holder_decides(void **state)
{
	struct two two = ada_holds(state);
	static const enum wire_control actions[] = {
		WIRE_CONTROL_GRANT,
		WIRE_CONTROL_DENY,
		WIRE_CONTROL_RELEASE,
		WIRE_CONTROL_GIVE,
	};
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	for (size_t i = 0; i < 4; i++) {
		two.bo->notice = 0;
		peer_control(two.bo, actions[i], two.bo->id);
		assert_int_equal(two.bo->notice, WIRE_NOTICE_CONTROL_REFUSED);
		assert_string_equal(two.bo->notice_text, "not-yours-to-decide");
		assert_int_equal(world_holder(two.world), two.ada->id);
	}
}

static void an_unanswered_request_expires_after_10_s_and_keeps_its_place(void **state)
{
	struct two two = ada_holds(state);
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	world_settle(two.world);
	assert_in_range(two.ada->left_ms, 9000, 10000);
	world_pass(two.world, 10 * MOMENT_SECOND);
	assert_int_equal(two.bo->notice, WIRE_NOTICE_CONTROL_EXPIRED);
	assert_int_equal(two.ada->asking, 0);
	assert_int_equal(two.bo->place, 1);
	peer_control(two.ada, WIRE_CONTROL_RELEASE, 0);
	assert_drives(&two, two.bo);
}

static void who_waits_is_told_in_order_to_those_who_know_the_person(void **state)
{
	struct two two = { .world = *state };
	world_presence(two.world, true);
	two = ada_holds(state);
	struct peer *cy = peer_join(two.world, 3, "cy");
	peer_control(cy, WIRE_CONTROL_REQUEST, 0);
	peer_control(two.bo, WIRE_CONTROL_REQUEST, 0);
	world_settle(two.world);
	assert_int_equal(two.ada->line[0], peer_knows(two.ada, "cy")->person);
	assert_int_equal(two.ada->line[1], peer_knows(two.ada, "bo")->person);
	assert_memory_equal(two.bo->line, two.ada->line, sizeof two.ada->line);
	peer_control(cy, WIRE_CONTROL_WITHDRAW, 0);
	world_settle(two.world);
	assert_int_equal(two.ada->line[0], peer_knows(two.ada, "bo")->person);
	assert_int_equal(two.ada->line[1], 0);

	world_presence(two.world, false);
	world_settle(two.world);
	assert_int_equal(two.ada->waiting, 1);
	assert_int_equal(two.ada->line[0], 0);
	world_presence(two.world, true);
	world_settle(two.world);
	assert_int_equal(two.ada->line[0], peer_knows(two.ada, "bo")->person);
}

static void whoever_joins_hears_who_drives(void **state)
{
	struct two two = ada_holds(state);
	struct peer *cy = peer_join(two.world, 3, "cy");
	assert_int_equal(cy->mode, 1);
	assert_int_equal(cy->holder, two.ada->id);
	assert_string_equal(cy->holder_name, "ada");
}

static void a_holder_with_another_name_is_called_by_it(void **state)
{
	struct two two = ada_holds(state);
	uint8_t key[CLIENT_KEY_SIZE], fingerprint[CLIENT_FINGERPRINT_SIZE];
	session_rooms_key(1, key);
	client_fingerprint(key, fingerprint);
	session_host_relabel(two.world->host, fingerprint, "Ada L.");
	world_settle(two.world);
	assert_string_equal(two.bo->holder_name, "Ada L.");
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, session_world_set_up, session_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_grant_of_the_holder_releases_its_keys),
		TEST(a_grant_of_the_operator_releases_the_holders_keys),
		TEST(what_the_operator_takes_away_is_released),
		TEST(a_release_releases_the_keys),
		TEST(a_gift_releases_the_givers_keys),
		TEST(a_gift_of_the_operator_releases_the_holders_keys),
		TEST(a_holder_without_input_for_30_s_loses_control_and_its_keys),
		TEST(a_holder_that_closes_its_display_is_followed_at_once),
		TEST(a_holder_that_the_operator_ends_is_followed_at_once),
		TEST(a_dropped_holder_holds_nothing_and_comes_back_within_5_s),
		TEST(a_dropped_holder_that_stays_away_is_followed_after_5_s),
		TEST(a_second_device_of_the_holders_client_takes_its_place_and_not_its_keys),
		TEST(one_at_a_time_begins_with_nothing_held_by_anybody),
		TEST(free_again_begins_with_nothing_held),
		TEST(a_holder_that_may_only_watch_from_now_on_holds_nothing),
		TEST(a_holder_with_fewer_planes_keeps_control_and_holds_nothing),
		TEST(control_does_not_depend_on_presence),
		TEST(the_wish_to_let_go_of_everything_is_heard_from_everybody),
		TEST(nothing_is_given_to_somebody_who_is_not_on_the_desktop),
		TEST(nobody_but_the_holder_decides),
		TEST(an_unanswered_request_expires_after_10_s_and_keeps_its_place),
		TEST(who_waits_is_told_in_order_to_those_who_know_the_person),
		TEST(whoever_joins_hears_who_drives),
		TEST(a_holder_with_another_name_is_called_by_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
