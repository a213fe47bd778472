/* A seat for each client, where the policy and the desktop give it one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/session_world.h"

static void rule(struct session_world *world, bool seat_per_client)
{
	world->rules.seat_per_client = seat_per_client;
	session_host_set_rules(world->host, &world->rules);
}

static const char *seat_of(const struct peer *peer)
{
	return peer->session->injector ? peer->session->injector->seat : "none";
}

static void all_share_one_seat_unless_told_otherwise(void **state)
{
	struct session_world *world = *state;
	assert_string_equal(seat_of(peer_join(world, 1, "ada")), "");
	assert_string_equal(seat_of(peer_join(world, 2, "bo")), "");
	assert_int_equal(world->registry.seats_prepared, 0);
}

static void each_client_gets_the_smallest_free_seat(void **state)
{
	struct session_world *world = *state;
	rule(world, true);
	struct peer *ada = peer_join(world, 1, "ada");
	struct peer *bo = peer_join(world, 2, "bo");
	assert_string_equal(seat_of(ada), "lodge-0");
	assert_string_equal(seat_of(bo), "lodge-1");
	peer_drop(ada);
	world_settle(world);
	struct peer *cy = peer_join(world, 3, "cy");
	assert_string_equal(seat_of(cy), "lodge-0");
	assert_string_equal(seat_of(bo), "lodge-1");
	assert_string_equal(seat_of(peer_join(world, 4, "di")), "lodge-2");
}

static void the_rule_counts_at_once_and_what_is_held_goes_up(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	struct peer *bo = peer_join(world, 2, "bo");
	peer_key(bo, 42, true);
	assert_int_equal(session_rooms_held(), 1);
	rule(world, true);
	assert_string_not_equal(seat_of(ada), seat_of(bo));
	assert_string_not_equal(seat_of(ada), "");
	assert_int_equal(session_rooms_held(), 0);
	peer_key(bo, 42, true);
	rule(world, false);
	assert_string_equal(seat_of(ada), "");
	assert_string_equal(seat_of(bo), "");
	assert_int_equal(session_rooms_held(), 0);
}

static void rules_that_say_the_same_leave_what_is_held(void **state)
{
	struct session_world *world = *state;
	rule(world, true);
	struct peer *ada = peer_join(world, 1, "ada");
	peer_key(ada, 42, true);
	rule(world, true);
	assert_int_equal(session_rooms_held(), 1);
}

static void who_only_watches_has_no_seat(void **state)
{
	struct session_world *world = *state;
	rule(world, true);
	struct peer *ada = peer_join(world, 1, "ada");
	assert_int_equal(world_grant(world, ada, 0), 0);
	assert_string_equal(seat_of(ada), "none");
	assert_string_equal(seat_of(peer_join(world, 2, "bo")), "lodge-0");
	assert_int_equal(world_grant(world, ada, GRANTS_ALL), 0);
	assert_string_equal(seat_of(ada), "lodge-1");
}

static void a_desktop_with_one_seat_is_asked_once_and_shared(void **state)
{
	struct session_world *world = *state;
	world->registry.one_seat = true;
	rule(world, true);
	assert_int_equal(world->registry.seats_prepared, 1);
	assert_string_equal(seat_of(peer_join(world, 1, "ada")), "");
	assert_string_equal(seat_of(peer_join(world, 2, "bo")), "");
	assert_int_equal(world->registry.seats_prepared, 1);
	/* The desktop that comes back may be another one. */
	world->registry.one_seat = false;
	session_host_desktop_changed(world->host, &world->registry, false, "gone");
	session_host_desktop_changed(world->host, &world->registry, true, "back");
	assert_string_equal(seat_of(peer_join(world, 3, "cy")), "lodge-0");
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, session_world_set_up, session_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_share_one_seat_unless_told_otherwise),
		TEST(each_client_gets_the_smallest_free_seat),
		TEST(the_rule_counts_at_once_and_what_is_held_goes_up),
		TEST(rules_that_say_the_same_leave_what_is_held),
		TEST(who_only_watches_has_no_seat),
		TEST(a_desktop_with_one_seat_is_asked_once_and_shared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
