/* A desktop that takes input by EIS, and one whose pictures come only when a program draws. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/session_world.h"

static void input_goes_by_eis_where_the_desktop_takes_it_so(void **state)
{
	struct session_world *world = *state;
	world->registry.by_eis = true;
	const uint32_t by_eis = session_rooms_eis_opened();
	struct peer *ada = peer_join(world, 1, "ada");
	peer_key(ada, 42, true);
	assert_int_equal(session_rooms_eis_opened(), by_eis + 1);
	assert_int_equal(session_rooms_held(), 1);
}

static void input_goes_by_wayland_everywhere_else(void **state)
{
	struct session_world *world = *state;
	const uint32_t by_eis = session_rooms_eis_opened();
	struct peer *ada = peer_join(world, 1, "ada");
	peer_key(ada, 42, true);
	assert_int_equal(session_rooms_eis_opened(), by_eis);
	assert_int_equal(session_rooms_held(), 1);
}

static void input_that_cannot_be_had_is_tried_once_and_again_when_the_desktop_is_back(void **state)
{
	struct session_world *world = *state;
	world->registry.by_eis = world->registry.no_eis = true;
	const uint32_t opened = session_rooms_input_opened();
	struct peer *ada = peer_join(world, 1, "ada");
	for (int i = 0; i < 10; i++)
		peer_key(ada, 42, i % 2 == 0);
	assert_int_equal(session_rooms_input_opened(), opened + 1);
	session_host_desktop_changed(world->host, &world->registry, false, "gone");
	session_host_desktop_changed(world->host, &world->registry, true, "back");
	world->registry.no_eis = false;
	peer_key(ada, 42, true);
	assert_int_equal(session_rooms_input_opened(), opened + 2);
	assert_int_equal(session_rooms_held(), 1);
}

static void who_sees_nothing_has_the_screen_drawn(void **state)
{
	struct session_world *world = *state;
	peer_join(world, 1, "ada");
	assert_int_equal(world->registry.nudges, 0);
	session_rooms_still();
	assert_int_equal(world->registry.nudges, 1);
}

static void plug(struct peer *peer, uint8_t pad, bool plugged)
{
	peer_say(peer,
		&(struct wire_message){
			.type = WIRE_GAMEPAD_PLUG,
			.gamepad_plug = { .pad = pad, .plugged = plugged },
		});
}

static void pads_are_seen_on_their_own_desktop_as_long_as_they_are_plugged(void **state)
{
	struct session_world *world = *state;
	world->owners = 1u << 1;
	struct peer *ada = peer_join(world, 1, "ada");
	struct peer *bo = peer_join(world, 2, "bo");
	plug(bo, 0, true);
	assert_string_equal(world->shown, "");
	plug(ada, 0, true);
	plug(ada, 1, true);
	assert_string_equal(world->shown, "+/dev/input/event0 +/dev/input/event1 +/dev/input/js1 ");
	world->shown[0] = '\0';
	plug(ada, 1, false);
	plug(ada, 1, false);
	assert_string_equal(world->shown, "-/dev/input/event1 -/dev/input/js1 ");
	world->shown[0] = '\0';
	peer_close(ada);
	assert_string_equal(world->shown, "-/dev/input/event0 ");
}

static void a_desktop_that_is_back_sees_the_pads_that_are_plugged(void **state)
{
	struct session_world *world = *state;
	world->owners = 1u << 1;
	struct peer *ada = peer_join(world, 1, "ada");
	plug(ada, 0, true);
	world->shown[0] = '\0';
	session_host_desktop_changed(world->host, &world->own, false, "gone");
	assert_string_equal(world->shown, "");
	session_host_desktop_changed(world->host, &world->own, true, "back");
	assert_string_equal(world->shown, "+/dev/input/event0 ");
}

static void who_may_not_play_any_more_has_no_pad_to_be_seen(void **state)
{
	struct session_world *world = *state;
	world->owners = 1u << 1;
	struct peer *ada = peer_join(world, 1, "ada");
	plug(ada, 0, true);
	world->shown[0] = '\0';
	world_grant(world, ada, 0);
	assert_string_equal(world->shown, "-/dev/input/event0 ");
	plug(ada, 0, true);
	assert_string_equal(world->shown, "-/dev/input/event0 ");
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, session_world_set_up, session_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(input_goes_by_eis_where_the_desktop_takes_it_so),
		TEST(input_goes_by_wayland_everywhere_else),
		TEST(input_that_cannot_be_had_is_tried_once_and_again_when_the_desktop_is_back),
		TEST(who_sees_nothing_has_the_screen_drawn),
		TEST(pads_are_seen_on_their_own_desktop_as_long_as_they_are_plugged),
		TEST(a_desktop_that_is_back_sees_the_pads_that_are_plugged),
		TEST(who_may_not_play_any_more_has_no_pad_to_be_seen),
	};
	return cmocka_run_group_tests_name("desktop kinds", tests, NULL, NULL);
}
