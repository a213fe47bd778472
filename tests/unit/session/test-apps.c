/* What clients are told of apps, at which size they get them, and how they hear of their end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/session_world.h"

#define LAUNCH (1u << GRANT_LAUNCH)
#define ALL_PLANES ((1u << GRANT_PLANES) - 1)

/* "a" has a size and a frequency of its own, "b" a size, "c" neither. */
static void set_apps(struct session_world *world)
{
	static const struct session_app apps[] = {
		{ "a", "A", { 1920, 1080, 30000, 100 } },
		{ "b", "B", { 640, 480, 0, 100 } },
		{ "c", "C", { 0 } },
	};
	assert_int_equal(session_host_set_apps(world->host, apps, sizeof apps / sizeof *apps), 0);
}

static struct peer *come(struct session_world *world, uint32_t number, const char *label)
{
	struct peer *peer = peer_connect(world, number);
	peer_attach(peer, label, NULL);
	world_settle(world);
	return peer;
}

/* To a desktop of her own. */
static struct peer *come_to_an_app(struct session_world *world, const char *app)
{
	world->owners = 1u << 1;
	set_apps(world);
	struct peer *ada = come(world, 1, "ada");
	peer_open_app(ada, app);
	world_settle(world);
	return ada;
}

static void assert_opened(const struct peer *peer, uint32_t width, uint32_t height,
	uint32_t refresh_mhz, uint32_t scale_percent)
{
	assert_int_equal(peer->opened.width_px, width);
	assert_int_equal(peer->opened.height_px, height);
	assert_int_equal(peer->opened.refresh_mhz, refresh_mhz);
	assert_int_equal(peer->opened.scale_percent, scale_percent);
}

static void ask_mode(struct peer *peer, uint16_t width, uint16_t height, uint32_t refresh_mhz)
{
	peer_say(peer,
		&(struct wire_message){
			.type = WIRE_SET_MODE, .mode = { width, height, refresh_mhz, 200 } });
	world_settle(peer->world);
}

static void a_display_has_its_apps_size_whatever_is_asked_for(void **state)
{
	struct session_world *world = *state;
	world->own.separate = true;
	struct peer *ada = come_to_an_app(world, "a");
	assert_opened(ada, 1920, 1080, 30000, 100);
	assert_int_equal(ada->opened_flags & WIRE_OPENED_APP_MODE, WIRE_OPENED_APP_MODE);
	const uint32_t before = ada->heard[WIRE_DISPLAY_OPENED];
	ask_mode(ada, 800, 600, 60000);
	assert_int_equal(ada->heard[WIRE_DISPLAY_OPENED], before + 1);
	assert_opened(ada, 1920, 1080, 30000, 100);
}

static void an_app_without_a_frequency_has_the_clients(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = come_to_an_app(world, "b");
	assert_opened(ada, 640, 480, 60000, 100);
	ask_mode(ada, 800, 600, 120000);
	assert_opened(ada, 640, 480, 120000, 100);
}

static void what_is_opened_next_has_its_own_size_again(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = come_to_an_app(world, "b");
	/* Also over the display that is open. */
	peer_open_app(ada, "c");
	world_settle(world);
	assert_opened(ada, 1280, 720, 60000, 100);
	assert_int_equal(ada->opened_flags & WIRE_OPENED_APP_MODE, 0);
	ask_mode(ada, 800, 600, 60000);
	assert_opened(ada, 800, 600, 60000, 200);
	peer_close(ada);
	peer_open_app(ada, "a");
	world_settle(world);
	assert_opened(ada, 1920, 1080, 30000, 100);
	peer_close(ada);
	peer_open(ada);
	world_settle(world);
	assert_opened(ada, 1280, 720, 60000, 100);
}

static void a_desktop_made_for_an_app_has_its_size_also_for_who_does_not_name_it(void **state)
{
	struct session_world *world = *state;
	world->owners = 1u << 1;
	world->own_app = "a";
	set_apps(world);
	struct peer *ada = come(world, 1, "ada");
	peer_open(ada);
	world_settle(world);
	assert_opened(ada, 1920, 1080, 30000, 100);
}

static void who_joins_takes_the_size_as_it_is_and_is_not_told_otherwise(void **state)
{
	struct session_world *world = *state; /* here everybody joins, on the shared desktop */
	set_apps(world);
	struct peer *ada = come(world, 1, "ada");
	peer_open_app(ada, "a");
	world_settle(world);
	assert_int_equal(ada->opened_flags & WIRE_OPENED_APP_MODE, 0);
}

static void who_was_told_wrong_hears_of_each_app_that_changed(void **state)
{
	struct session_world *world = *state;
	world->app_flags[1] = WIRE_APP_ICON;
	set_apps(world);
	struct peer *ada = come(world, 1, "ada"), *bo = come(world, 2, "bo");
	world_grant(world, bo, ALL_PLANES & ~LAUNCH);
	assert_int_equal(ada->app_flags[1], WIRE_APP_ICON);
	const uint32_t lists = ada->heard[WIRE_APPS];
	world->app_flags[1] |= WIRE_APP_RUNS;
	world->app_flags[2] = WIRE_APP_RUNS;
	session_host_apps_changed(world->host);
	session_host_apps_changed(world->host);
	world_settle(world);
	assert_int_equal(ada->heard[WIRE_APP], 2);
	assert_int_equal(ada->heard[WIRE_APPS], lists);
	assert_int_equal(ada->app_flags[1], WIRE_APP_ICON | WIRE_APP_RUNS);
	assert_int_equal(ada->app_flags[2], WIRE_APP_RUNS);
	assert_int_equal(bo->heard[WIRE_APP], 0);
	session_host_apps_changed(world->host); /* nothing has */
	world_settle(world);
	assert_int_equal(ada->heard[WIRE_APP], 2);
}

static void ask_icon(struct peer *peer, const char *app)
{
	peer_say(peer,
		&(struct wire_message){
			.type = WIRE_GET_ICON, .get_icon = { app, (uint16_t)strlen(app) } });
}

static void an_icon_is_read_once_for_each_list_and_who_may_launch(void **state)
{
	struct session_world *world = *state;
	set_apps(world);
	struct peer *ada = come(world, 1, "ada"), *bo = come(world, 2, "bo");
	world_grant(world, bo, ALL_PLANES & ~LAUNCH);
	ask_icon(bo, "a");
	assert_int_equal(world->icons_read, 0);
	assert_int_equal(bo->heard[WIRE_ICON], 0);
	ask_icon(ada, "a");
	assert_int_equal(ada->icon_format, WIRE_ICON_PNG);
	assert_int_equal(ada->icon_size, WIRE_ICON_MAX);
	for (unsigned i = 0; i < 100; i++)
		ask_icon(ada, "a");
	assert_int_equal(ada->heard[WIRE_ICON], 1);
	assert_int_equal(world->icons_read, 1);
	set_apps(world);
	ask_icon(ada, "a");
	assert_int_equal(ada->heard[WIRE_ICON], 2);
	ask_icon(ada, "nobody");
	assert_int_equal(ada->icon_format, WIRE_ICON_NONE);
	assert_int_equal(world->icons_read, 2);
}

static void the_end_of_an_app_is_told_to_those_on_its_desktop_alone(void **state)
{
	struct session_world *world = *state;
	world->owners = 1u << 1;
	set_apps(world);
	struct peer *ada = come(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	peer_open_app(ada, "c");
	world_settle(world);
	world_app_ends(world, "the app ended with status 3");
	assert_int_equal(ada->ending, WIRE_ENDED_APP_ENDED);
	assert_int_equal(bo->ending, 0);
	world_own_ends(world);
	world_settle(world);
	assert_non_null(bo->session);
}

static void who_waits_for_the_desktop_of_an_app_hears_of_its_end_too(void **state)
{
	struct session_world *world = *state;
	world->owners = 1u << 1;
	struct peer *ada = come(world, 1, "ada");
	peer_open_app(ada, "c"); /* not settled: the display has not come */
	world_app_ends(world, "the app could not be started");
	assert_int_equal(ada->ending, WIRE_ENDED_APP_ENDED);
	world_own_ends(world);
	world_settle(world);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, session_world_set_up, session_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_display_has_its_apps_size_whatever_is_asked_for),
		TEST(an_app_without_a_frequency_has_the_clients),
		TEST(what_is_opened_next_has_its_own_size_again),
		TEST(a_desktop_made_for_an_app_has_its_size_also_for_who_does_not_name_it),
		TEST(who_joins_takes_the_size_as_it_is_and_is_not_told_otherwise),
		TEST(who_was_told_wrong_hears_of_each_app_that_changed),
		TEST(an_icon_is_read_once_for_each_list_and_who_may_launch),
		TEST(the_end_of_an_app_is_told_to_those_on_its_desktop_alone),
		TEST(who_waits_for_the_desktop_of_an_app_hears_of_its_end_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
