/* What a desktop plays goes to all who listen there and to nobody else; what is said goes into one's own desktop; apps are for those who may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/session_world.h"

#define MICROPHONE (1u << GRANT_MICROPHONE)
#define LAUNCH (1u << GRANT_LAUNCH)
#define ALL_PLANES ((1u << GRANT_PLANES) - 1)

static struct peer *join_listening(struct session_world *world, uint32_t number, const char *label)
{
	struct peer *peer = peer_join(world, number, label);
	peer_listen(peer, true, 2, 0);
	return peer;
}

static void play(uint32_t packets)
{
	for (uint32_t i = 0; i < packets; i++)
		session_rooms_play(false);
}

/* --- who is sent what --- */

static void a_stream_runs_only_while_somebody_listens(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, NULL);
	struct peer *ada = peer_join(world, 1, "ada");
	assert_int_equal(session_rooms_streams(), 0);
	peer_listen(ada, true, 2, 0);
	assert_int_equal(session_rooms_streams(), 1);
	peer_listen(ada, true, 2, 0);
	assert_int_equal(session_rooms_streams(), 1);
	peer_listen(ada, false, 2, 0);
	assert_int_equal(session_rooms_streams(), 0);
	peer_listen(ada, true, 2, 0);
	peer_close(ada);
	assert_int_equal(session_rooms_streams(), 0);
	/* Its wish stands. */
	peer_open(ada);
	world_settle(world);
	assert_int_equal(session_rooms_streams(), 1);
	peer_drop(ada);
	assert_int_equal(session_rooms_streams(), 0);
}

static void who_listens_without_a_display_or_where_nothing_is_to_be_heard_costs_nothing(
	void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_connect(world, 1);
	peer_attach(ada, "ada", NULL);
	world_sound(world, &world->registry, NULL);
	peer_listen(ada, true, 2, 0);
	assert_int_equal(session_rooms_streams(), 0);
	world_sound(world, &world->registry, "it was taken away");
	struct peer *bo = join_listening(world, 2, "bo");
	assert_int_equal(session_rooms_streams(), 0);
	assert_int_equal(bo->sounds, 0);
}

static void many_listeners_share_one_stream(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, NULL);
	struct peer *ada = join_listening(world, 1, "ada"), *bo = join_listening(world, 2, "bo");
	struct peer *cy = peer_join(world, 3, "cy");
	session_rooms_play(true);
	play(10);
	assert_int_equal(session_rooms_streams(), 1);
	assert_int_equal(ada->sounds, 10);
	assert_int_equal(bo->sounds, 10);
	assert_int_equal(cy->sounds + cy->sound_configs, 0);
	peer_drop(ada);
	assert_int_equal(session_rooms_streams(), 1);
	play(1);
	assert_int_equal(bo->sounds, 11);
}

/* In whatever order: it listens and then comes to the desktop, or the other way round; for the first time or again. */
static void who_comes_later_hears_what_the_sound_is_before_it(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, NULL);
	join_listening(world, 1, "ada");
	session_rooms_play(true);
	play(1);
	struct peer *bo = join_listening(world, 2, "bo");
	struct peer *cy = peer_connect(world, 3);
	peer_attach(cy, "cy", NULL);
	peer_listen(cy, true, 2, 0);
	peer_open(cy);
	world_settle(world);
	play(5);
	assert_false(bo->sound_unannounced || cy->sound_unannounced);
	assert_int_equal(bo->sound_configs, 1);
	assert_int_equal(cy->sound_configs, 1);
	assert_int_equal(cy->sounds, 5);

	peer_close(cy);
	play(5);
	assert_int_equal(cy->sounds, 5);
	peer_open(cy);
	world_settle(world);
	play(5);
	assert_int_equal(cy->sound_configs, 2);
	assert_int_equal(cy->sounds, 10);
	/* Told once, not with each change of its mode. */
	peer_say(cy,
		&(struct wire_message){ .type = WIRE_SET_MODE, .mode = { 800, 600, 60000, 100 } });
	world_settle(world);
	play(5);
	assert_int_equal(cy->sound_configs, 2);
}

static void a_listener_that_is_behind_loses_sound_and_the_others_do_not(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, NULL);
	struct peer *ada = join_listening(world, 1, "ada"), *bo = join_listening(world, 2, "bo");
	bo->queued = 1 << 20;
	session_rooms_play(true);
	play(10);
	assert_int_equal(ada->sounds, 10);
	assert_int_equal(bo->sounds, 0);
	assert_int_equal(bo->sound_configs, 1); /* which nothing can do without */
	bo->queued = 0;
	play(10);
	assert_int_equal(bo->sounds, 10);
}

static void one_who_takes_stereo_makes_it_stereo_and_the_most_wanted_bitrate_rules(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, NULL);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	peer_listen(ada, true, 6, 0);
	assert_int_equal(session_rooms_channels(), 6);
	session_rooms_play(true);
	peer_listen(bo, true, 2, 48);
	assert_int_equal(session_rooms_streams(), 1);
	assert_int_equal(session_rooms_channels(), 2);
	session_rooms_play(true);
	play(1);
	assert_int_equal(ada->sound_configs, 2); /* it is another sound */
	const uint32_t usual = session_rooms_kbps();
	peer_listen(ada, true, 6, 64);
	assert_int_equal(session_rooms_kbps(), 64);
	peer_listen(ada, true, 6, 32);
	assert_int_equal(session_rooms_kbps(), 48);
	peer_listen(ada, true, 6, 100000);
	assert_int_equal(session_rooms_kbps(), usual);
	peer_drop(bo);
	assert_int_equal(session_rooms_channels(), 6);
}

static void a_stream_that_fails_is_tried_again_as_long_as_somebody_listens(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, NULL);
	struct peer *ada = join_listening(world, 1, "ada");
	session_rooms_play(true);
	play(1);
	session_rooms_fail_stream();
	session_rooms_fail_stream();
	world_pass(world, 2 * MOMENT_SECOND);
	assert_int_equal(session_rooms_streams(), 1);
	session_rooms_play(true);
	play(1);
	assert_int_equal(ada->sounds, 2);
	assert_int_equal(ada->sound_configs, 2);
	session_rooms_fail_stream();
	peer_listen(ada, false, 2, 0);
	world_pass(world, 2 * MOMENT_SECOND);
	assert_int_equal(session_rooms_streams(), 0);
	/* One that leaves between failure and retry. */
	peer_listen(ada, true, 2, 0);
	session_rooms_fail_stream();
	peer_drop(ada);
	world_pass(world, 2 * MOMENT_SECOND);
	assert_int_equal(session_rooms_streams(), 0);
}

static void fail_stream(struct session_world *world, uint32_t seconds)
{
	assert_int_equal(session_rooms_streams(), 1);
	session_rooms_fail_stream();
	world_pass(world, seconds * MOMENT_SECOND + MOMENT_SECOND / 2);
}

static void sound_that_stays_away_is_told_once_and_so_is_its_return(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, NULL);
	struct peer *ada = join_listening(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	session_rooms_play(true);
	fail_stream(world, 1);
	session_rooms_play(true); /* a fault that passes is no matter */
	fail_stream(world, 1);
	fail_stream(world, 2);
	assert_int_equal(ada->heard[WIRE_SOUND], 1);
	fail_stream(world, 4);
	assert_int_equal(ada->heard[WIRE_SOUND], 2);
	assert_int_equal(ada->sound, bo->sound);
	assert_true(ada->sound & WIRE_SOUND_AWAY && ada->sound & WIRE_SOUND_PLAYED);
	assert_string_equal(bo->sound_reason, "the sound of this desktop is gone for now");
	/* Ever more rarely, but never more so than every 10 s. */
	fail_stream(world, 8);
	for (int i = 0; i < 20; i++)
		fail_stream(world, 10);
	session_rooms_fail_stream();
	world_pass(world, 9 * MOMENT_SECOND);
	struct peer *cy = peer_join(world, 3, "cy");
	assert_true(cy->sound & WIRE_SOUND_AWAY);
	assert_int_equal(ada->heard[WIRE_SOUND], 2);
	world_pass(world, 2 * MOMENT_SECOND);
	session_rooms_play(true);
	play(1);
	assert_int_equal(ada->sounds, 1);
	assert_int_equal(ada->heard[WIRE_SOUND], 3);
	assert_int_equal(ada->sound & WIRE_SOUND_AWAY, 0);
	assert_string_equal(cy->sound_reason, "there are none in a test");
	fail_stream(world, 1);
	assert_int_equal(ada->heard[WIRE_SOUND], 3);
}

/* And who listens then is heard at once. */
static void sound_in_another_place_is_not_away(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, NULL);
	struct peer *ada = join_listening(world, 1, "ada");
	for (uint32_t seconds = 1; seconds <= 4; seconds *= 2)
		fail_stream(world, seconds);
	assert_true(ada->sound & WIRE_SOUND_AWAY);
	session_rooms_fail_stream();
	world_sound(world, &world->registry, NULL);
	assert_int_equal(ada->sound & WIRE_SOUND_AWAY, 0);
	assert_int_equal(session_rooms_streams(), 1);
}

static void everybody_is_told_what_sound_there_is_and_why_there_is_none(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, "no sound card");
	struct peer *ada = join_listening(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	assert_int_equal(ada->heard[WIRE_SOUND], 1);
	assert_int_equal(ada->sound & (WIRE_SOUND_PLAYED | WIRE_SOUND_MICROPHONE), 0);
	assert_string_equal(ada->sound_reason, "no sound card");
	world_sound(world, &world->registry, NULL);
	assert_int_equal(ada->heard[WIRE_SOUND], 2);
	assert_int_equal(bo->sound, WIRE_SOUND_PLAYED | WIRE_SOUND_MICROPHONE);
	assert_string_equal(bo->sound_reason, "there are none in a test"); /* gamepads */
	/* Who asked before there was any has it now, and not any more when it goes. */
	assert_int_equal(session_rooms_streams(), 1);
	world_sound(world, &world->registry, "unplugged");
	assert_int_equal(session_rooms_streams(), 0);
	assert_string_equal(bo->sound_reason, "unplugged");
	/* Who is not on the desktop is told nothing. */
	struct peer *cy = peer_connect(world, 3);
	peer_attach(cy, "cy", NULL);
	world_sound(world, &world->registry, NULL);
	assert_int_equal(cy->heard[WIRE_SOUND], 0);
}

/* --- the microphone --- */

static void a_microphone_is_open_from_the_first_word_to_the_last(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, NULL);
	struct peer *ada = peer_join(world, 1, "ada");
	world_grant(world, ada, MICROPHONE);
	const uint64_t before = session_rooms_fed();
	assert_int_equal(session_rooms_microphones(), 0);
	for (uint32_t i = 0; i < 10; i++)
		peer_speak(ada, i, 40);
	assert_int_equal(session_rooms_microphones(), 1);
	assert_int_equal(session_rooms_fed() - before, 10);
	peer_speak(ada, 10, 0);
	assert_int_equal(session_rooms_microphones(), 0);

	peer_speak(ada, 11, 40);
	peer_close(ada);
	assert_int_equal(session_rooms_microphones(), 0);
	peer_speak(ada, 12, 40);
	assert_int_equal(session_rooms_microphones(), 0);

	peer_open(ada);
	world_settle(world);
	peer_speak(ada, 13, 40);
	assert_int_equal(session_rooms_microphones(), 1);
	world_sound(world, &world->registry, "it went away");
	assert_int_equal(session_rooms_microphones(), 0);
	peer_speak(ada, 14, 40);
	assert_int_equal(session_rooms_microphones(), 0);

	world_sound(world, &world->registry, NULL);
	peer_speak(ada, 15, 40);
	assert_int_equal(session_rooms_microphones(), 1);
	peer_drop(ada);
	assert_int_equal(session_rooms_microphones(), 0);
}

static void who_may_not_speak_is_not_heard_and_falls_silent_when_it_may_not_any_more(void **state)
{
	struct session_world *world = *state;
	world_sound(world, &world->registry, NULL);
	struct peer *ada = peer_join(world, 1, "ada");
	const uint64_t before = session_rooms_fed();
	world_grant(world, ada, ALL_PLANES & ~MICROPHONE);
	peer_speak(ada, 0, 40);
	assert_int_equal(session_rooms_microphones(), 0);
	assert_int_equal(session_rooms_fed(), before);

	world_grant(world, ada, MICROPHONE);
	peer_speak(ada, 1, 40);
	assert_int_equal(session_rooms_microphones(), 1);
	world_grant(world, ada, 0);
	assert_int_equal(session_rooms_microphones(), 0);

	assert_int_equal(world_grant_for(world, ada, MICROPHONE, 60), 0);
	peer_speak(ada, 2, 40);
	assert_int_equal(session_rooms_microphones(), 1);
	world_pass(world, 61 * MOMENT_SECOND);
	assert_int_equal(session_rooms_microphones(), 0);
	assert_int_equal(session_rooms_fed() - before, 2);
}

/* --- desktops of one's own --- */

static void what_is_played_on_one_desktop_is_not_sent_to_those_on_another(void **state)
{
	struct session_world *world = *state;
	world->owners = 1 << 1;
	world_sound(world, &world->registry, NULL);
	struct peer *bo = join_listening(world, 2, "bo");
	struct peer *ada = join_listening(world, 1, "ada");
	assert_int_equal(session_rooms_streams(), 2);
	assert_true(ada->sound & WIRE_SOUND_OWN);
	assert_false(bo->sound & WIRE_SOUND_OWN);
	session_rooms_play(true); /* Ada's, the newest */
	play(10);
	assert_int_equal(ada->sounds, 10);
	assert_int_equal(bo->sounds + bo->sound_configs, 0);
	/* Hers goes away, and his plays on. */
	world_sound(world, &world->own, "it died");
	assert_string_equal(ada->sound_reason, "it died");
	assert_int_equal(session_rooms_streams(), 1);
	assert_int_equal(bo->heard[WIRE_SOUND], 1);
}

static void a_desktop_that_ends_takes_its_stream_and_its_microphone_along(void **state)
{
	struct session_world *world = *state;
	world->owners = 1 << 1;
	struct peer *ada = join_listening(world, 1, "ada");
	world_grant(world, ada, ALL_PLANES);
	peer_speak(ada, 0, 40);
	session_rooms_play(true);
	play(1);
	assert_int_equal(session_rooms_streams(), 1);
	assert_int_equal(session_rooms_microphones(), 1);
	world_own_ends(world);
	assert_int_equal(session_rooms_streams(), 0);
	assert_int_equal(session_rooms_microphones(), 0);
	assert_int_equal(session_rooms_injectors(), 0);
	assert_int_equal(session_rooms_packets_held(), 0);
	world_own_ends(world); /* nothing knows of it any more */
	/* The connection stands, and has another one for the asking. */
	assert_non_null(ada->session);
	peer_open(ada);
	world_settle(world);
	assert_int_equal(session_rooms_streams(), 1);
	session_rooms_play(true);
	play(1);
	assert_int_equal(ada->sounds, 2);
}

static void who_closes_its_display_may_be_on_another_desktop_with_the_next(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = join_listening(world, 1, "ada");
	assert_int_equal(session_rooms_streams(), 0);
	assert_int_equal(world->choices, 1);
	/* The choice counts with OPEN_DISPLAY alone. */
	world->owners = 1 << 1;
	peer_say(ada,
		&(struct wire_message){ .type = WIRE_SET_MODE, .mode = { 800, 600, 60000, 100 } });
	world_settle(world);
	assert_int_equal(world->choices, 1);
	peer_close(ada);
	peer_open(ada);
	world_settle(world);
	assert_int_equal(world->choices, 2);
	assert_true(ada->sound & WIRE_SOUND_OWN);
	assert_int_equal(session_rooms_streams(), 1);
	peer_key(ada, 30, true);
	assert_int_equal(session_rooms_held(), 1);
	world->owners = 0;
	peer_close(ada);
	assert_int_equal(session_rooms_held(), 0);
	assert_int_equal(session_rooms_streams(), 0);
	peer_open(ada);
	world_settle(world);
	assert_int_equal(session_rooms_streams(), 0); /* the shared one has none */
}

static void who_gets_no_desktop_is_told_why(void **state)
{
	struct session_world *world = *state;
	world->no_desktop = "they are all taken";
	struct peer *ada = peer_join(world, 1, "ada");
	assert_int_equal(ada->heard[WIRE_DISPLAY_OPENED], 0);
	assert_int_equal(ada->declined, DISPLAY_ERROR_CREATE_FAILED);
	assert_string_equal(ada->declined_text, "they are all taken");
	world->no_desktop = NULL;
	peer_open(ada);
	world_settle(world);
	assert_int_equal(ada->heard[WIRE_DISPLAY_OPENED], 1);
}

/* --- apps --- */

static void an_app_is_opened_for_those_who_may_start_programs(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_connect(world, 1);
	peer_attach(ada, "ada", NULL);
	world_grant(world, ada, ALL_PLANES & ~LAUNCH);
	peer_open_app(ada, "game");
	assert_int_equal(ada->declined, DISPLAY_ERROR_CREATE_FAILED);
	assert_string_equal(ada->declined_text, "this client may not start programs");
	assert_int_equal(world->choices, 0);
	world_settle(world);
	assert_int_equal(ada->heard[WIRE_DISPLAY_OPENED], 0);

	world_grant(world, ada, ALL_PLANES);
	peer_open_app(ada, "game");
	assert_string_equal(world->chosen_app, "game");
	world_settle(world);
	assert_int_equal(ada->heard[WIRE_DISPLAY_OPENED], 1);
}

static void set_apps(struct session_world *world, size_t count)
{
	static const struct session_app apps[] = {
		{ .id = "game", .name = "Game" },
		{ .id = "notes", .name = "Notes" },
	};
	assert_int_equal(session_host_set_apps(world->host, apps, count), 0);
}

static void the_list_of_apps_is_for_those_who_may_start_them(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	world_grant(world, ada, ALL_PLANES);
	world_grant(world, bo, ALL_PLANES & ~LAUNCH);
	set_apps(world, 0);
	assert_int_equal(
		ada->heard[WIRE_APPS], 0); /* nothing to choose from is not told to anybody */
	set_apps(world, 2);
	assert_int_equal(ada->apps, 2);
	assert_int_equal(bo->heard[WIRE_APPS], 0);
	set_apps(world, 1);
	assert_int_equal(ada->apps, 1);
	assert_int_equal(ada->heard[WIRE_APPS], 2);
	/* Who comes later, */
	world_grant(world, bo, ALL_PLANES);
	assert_int_equal(bo->apps, 1);
	/* and who may not any more: its list is empty, once. */
	world_grant(world, bo, 0);
	assert_int_equal(bo->apps, 0);
	const uint32_t told = bo->heard[WIRE_APPS];
	set_apps(world, 2);
	assert_int_equal(bo->heard[WIRE_APPS], told);
	peer_drop(ada);
	ada = peer_join(world, 1, "ada");
	assert_int_equal(ada->apps, 2);
	set_apps(world, 0);
	assert_int_equal(ada->apps, 0);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, session_world_set_up, session_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_stream_runs_only_while_somebody_listens),
		TEST(who_listens_without_a_display_or_where_nothing_is_to_be_heard_costs_nothing),
		TEST(many_listeners_share_one_stream),
		TEST(who_comes_later_hears_what_the_sound_is_before_it),
		TEST(a_listener_that_is_behind_loses_sound_and_the_others_do_not),
		TEST(one_who_takes_stereo_makes_it_stereo_and_the_most_wanted_bitrate_rules),
		TEST(a_stream_that_fails_is_tried_again_as_long_as_somebody_listens),
		TEST(sound_that_stays_away_is_told_once_and_so_is_its_return),
		TEST(sound_in_another_place_is_not_away),
		TEST(everybody_is_told_what_sound_there_is_and_why_there_is_none),
		TEST(a_microphone_is_open_from_the_first_word_to_the_last),
		TEST(who_may_not_speak_is_not_heard_and_falls_silent_when_it_may_not_any_more),
		TEST(what_is_played_on_one_desktop_is_not_sent_to_those_on_another),
		TEST(a_desktop_that_ends_takes_its_stream_and_its_microphone_along),
		TEST(who_closes_its_display_may_be_on_another_desktop_with_the_next),
		TEST(who_gets_no_desktop_is_told_why),
		TEST(an_app_is_opened_for_those_who_may_start_programs),
		TEST(the_list_of_apps_is_for_those_who_may_start_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
