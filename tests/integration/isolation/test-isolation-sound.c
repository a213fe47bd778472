#include "isolation_world.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct place {
	struct world *world;
	struct noted_tree tree;
	pid_t before; /* the process that was killed */
	const char *name; /* and what it is called */
	unsigned ups_before; /* how often the sound had come back */
};

static int setup(void **state)
{
	struct place *place = world_place_create(sizeof *place);
	world_spawn(place->world, &place->tree, "desktop-1", true);
	world_await_ready(place->world, &place->tree);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	isolated_tree_end(place->tree.tree);
	return world_place_destroy(place);
}

static bool is_there(void *data)
{
	struct place *place = data;
	place->before = world_find_process(place->tree.info.runtime_folder, place->name);
	return place->before > 0;
}

/* It may be being started again. */
static void kill_service(struct place *place, const char *name)
{
	place->name = name;
	assert_true(world_wait(place->world, is_there, place));
	assert_int_equal(kill(place->before, SIGKILL), 0);
}

static bool is_replaced(void *data)
{
	const struct place *place = data;
	const pid_t now = world_find_process(place->tree.info.runtime_folder, place->name);
	return now > 0 && now != place->before;
}

static bool is_up_again(void *data)
{
	const struct place *place = data;
	return place->tree.downs == 1 && place->tree.ups == 1;
}

static bool is_given_up(void *data)
{
	const struct place *place = data;
	return strstr(place->tree.text, "ended 6 times; the sound is tried again in 10 s");
}

static bool has_no_session_manager(void *data)
{
	const struct place *place = data;
	return world_find_process(place->tree.info.runtime_folder, "wireplumber") == 0;
}

/* Within the test's patience, and from inside. */
static void expect_own_defaults(struct place *place)
{
	char *text = world_shell(place->world, &place->tree,
		"for i in $(seq 200); do pactl info > $XDG_RUNTIME_DIR/info 2>&1; "
		"grep -q 'Sink: session-sink' $XDG_RUNTIME_DIR/info && "
		"grep -q 'Source: session-mic' $XDG_RUNTIME_DIR/info && break; sleep 0.05; done; "
		"cat $XDG_RUNTIME_DIR/info");
	assert_non_null(strstr(text, "Default Sink: session-sink\n"));
	assert_non_null(strstr(text, "Default Source: session-mic\n"));
	free(text);
}

static void a_dead_pipewire_is_told_and_comes_back(void **state)
{
	struct place *place = *state;
	struct noted_process program;
	world_start(&place->tree, &program, "app", (const char *const[]){ "sleep", "1000", NULL });
	world_await_started(place->world, &program);
	kill_service(place, "pipewire");
	assert_true(world_wait(place->world, is_up_again, place));
	expect_own_defaults(place);
	assert_false(program.exited || place->tree.ended);
}

/* It does not take running nodes over: what played while it died would be the last to be heard. */
static void a_dead_wireplumber_comes_back_and_links_what_plays_then(void **state)
{
	struct place *place = *state;
	char *text = world_shell(place->world, &place->tree,
		"pw-record --target session-sink -P '{ stream.capture.sink=true }' "
		"$XDG_RUNTIME_DIR/heard.wav > /dev/null 2>&1 & "
		"for i in $(seq 100); do pw-link -l | grep -q pw-record && break; sleep 0.05; "
		"done; "
		"pw-link -l");
	assert_non_null(strstr(text, "pw-record:input_"));
	free(text);
	kill_service(place, "wireplumber");
	assert_true(world_wait(place->world, is_up_again, place));
	expect_own_defaults(place);
	text = world_shell(place->world, &place->tree,
		"pw-record -P '{ node.name=later }' $XDG_RUNTIME_DIR/said.wav > /dev/null 2>&1 & "
		"for i in $(seq 100); do pw-link -l | grep -q later && break; sleep 0.05; "
		"done; "
		"pw-link -l");
	assert_non_null(strstr(text, "later:input_"));
	free(text);
	assert_false(place->tree.ended);
}

static void a_dead_pulse_server_comes_back(void **state)
{
	struct place *place = *state;
	kill_service(place, "pipewire-pulse");
	assert_true(world_wait(place->world, is_replaced, place));
	expect_own_defaults(place);
	assert_false(place->tree.ended);
}

/* The second one dies while the defaults are looked at for the first one's sake. */
static void two_that_die_one_after_the_other_both_come_back(void **state)
{
	struct place *place = *state;
	static const char *const others[] = { "pipewire-pulse", "dbus-daemon" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		kill_service(place, "wireplumber");
		assert_true(world_wait(place->world, is_replaced, place));
		kill_service(place, others[i]);
		assert_true(world_wait(place->world, is_replaced, place));
	}
	expect_own_defaults(place);
	assert_false(place->tree.ended);
}

static void a_dead_bus_comes_back(void **state)
{
	struct place *place = *state;
	kill_service(place, "dbus-daemon");
	assert_true(world_wait(place->world, is_replaced, place));
	expect_own_defaults(place);
	assert_false(place->tree.ended);
}

static bool is_up_since(void *data)
{
	const struct place *place = data;
	return place->tree.ups > place->ups_before;
}

static void one_that_keeps_dying_is_given_up_for_a_while_and_programs_live_on(void **state)
{
	struct place *place = *state;
	for (int round = 0; round < 6; round++) {
		kill_service(place, "pipewire");
		assert_true(world_wait(place->world, round < 5 ? is_replaced : is_given_up, place));
	}
	assert_false(place->tree.ended);
	char *text = world_shell(place->world, &place->tree, "echo alive");
	assert_string_equal(text, "alive\n");
	free(text);
	assert_true(world_wait(place->world, has_no_session_manager, place));
	place->ups_before = place->tree.ups;
	assert_true(world_wait(place->world, is_up_since, place));
	expect_own_defaults(place);
	assert_false(place->tree.ended);
}

/* Programs and listeners ask for other quanta in vain: its changes make programs fall silent. */
static void there_is_one_quantum_whatever_programs_ask_for(void **state)
{
	struct place *place = *state;
	char *text = world_shell(place->world, &place->tree, "pw-metadata -n settings 0");
	assert_non_null(strstr(text, "key:'clock.min-quantum' value:'256'"));
	assert_non_null(strstr(text, "key:'clock.max-quantum' value:'256'"));
	free(text);
}

int main(int count, char **arguments)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_dead_pipewire_is_told_and_comes_back),
		TEST(a_dead_wireplumber_comes_back_and_links_what_plays_then),
		TEST(a_dead_pulse_server_comes_back),
		TEST(a_dead_bus_comes_back),
		TEST(two_that_die_one_after_the_other_both_come_back),
		TEST(there_is_one_quantum_whatever_programs_ask_for),
		TEST(one_that_keeps_dying_is_given_up_for_a_while_and_programs_live_on),
	};
	if (!world_read_arguments(count, arguments))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
