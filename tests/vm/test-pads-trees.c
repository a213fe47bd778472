/*
 * Two isolated desktops, each with a pad that is plugged while a game runs there: a game finds its own desktop's pad, is told
 * of its buttons and makes it rumble, and nothing there gets at the other's. On a kernel that makes pads, and with udev.
 *
 *	test-pads-trees			the tests
 *	test-pads-trees --game FILE	a game: SDL as it is, with the tree's environment; FILE gets a line for what it notices
 */
#include "../integration/isolation/isolation_world.h"

#include <SDL.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "game.h"

#define STRONG 0x4000
#define WEAK 0x2000

/* By the standard mapping's numbers, and what the game notes of them. */
enum button { SOUTH, EAST, WEST, NORTH };

/* --- the game --- */

static void note(const char *path, const char *what, int which)
{
	FILE *file = fopen(path, "ae");
	if (!file || fprintf(file, "%s %d\n", what, which) < 0 || fclose(file) != 0)
		_exit(1);
}

static void handle(const char *path, const SDL_Event *event)
{
	SDL_GameController *pad;
	switch (event->type) {
	case SDL_CONTROLLERDEVICEADDED:
		pad = SDL_GameControllerOpen(event->cdevice.which);
		note(path, pad ? "added" : "refused", SDL_NumJoysticks());
		break;
	case SDL_CONTROLLERDEVICEREMOVED:
		pad = SDL_GameControllerFromInstanceID(event->cdevice.which);
		SDL_GameControllerClose(pad);
		note(path, "removed", SDL_NumJoysticks());
		break;
	case SDL_CONTROLLERBUTTONDOWN:
		note(path, "button", event->cbutton.button);
		pad = SDL_GameControllerFromInstanceID(event->cbutton.which);
		if (event->cbutton.button == SDL_CONTROLLER_BUTTON_B &&
			SDL_GameControllerRumble(pad, STRONG, WEAK, 200) == 0)
			note(path, "rumbles", 1);
		break;
	default:
		break;
	}
}

static int play(const char *path)
{
	SDL_Event event;
	SDL_SetHint(SDL_HINT_GAMECONTROLLER_USE_BUTTON_LABELS, "0");
	SDL_SetHint(SDL_HINT_JOYSTICK_ALLOW_BACKGROUND_EVENTS, "1");
	if (SDL_Init(SDL_INIT_GAMECONTROLLER) < 0)
		return 1;
	note(path, "plays", SDL_NumJoysticks());
	for (;;) {
		if (SDL_WaitEventTimeout(&event, 1000))
			handle(path, &event);
	}
}

/* --- the desktops --- */

struct desktop {
	struct noted_tree tree;
	struct noted_process game;
	struct host host;
	char notes[SOURCE_PATH_MAX + 16];
	const char *awaited;
};

static char *read_notes(const struct desktop *desktop)
{
	char *text = world_read_file(desktop->notes);
	return text ? text : strdup("");
}

static bool is_noted(void *data)
{
	const struct desktop *desktop = data;
	char *text = read_notes(desktop);
	const bool found = strstr(text, desktop->awaited);
	free(text);
	return found;
}

static void await_note(struct world *world, struct desktop *desktop, const char *text)
{
	desktop->awaited = text;
	if (world_wait(world, is_noted, desktop))
		return;
	char *noted = read_notes(desktop);
	fprintf(stderr, "awaited: %s, noted: %s\n", text, noted);
	free(noted);
	assert_true(false);
}

static void assert_notes(const struct desktop *desktop, const char *expected)
{
	char *text = read_notes(desktop);
	assert_string_equal(text, expected);
	free(text);
}

static void start(struct world *world, struct desktop *desktop, const char *name)
{
	char program[PATH_MAX];
	assert_non_null(realpath("/proc/self/exe", program));
	world_spawn(world, &desktop->tree, name, false);
	world_await_ready(world, &desktop->tree);
	snprintf(desktop->notes, sizeof desktop->notes, "%s/notes",
		desktop->tree.info.runtime_folder);
	const char *const environment[] = { "SDL_VIDEODRIVER=dummy", "SDL_AUDIODRIVER=dummy" };
	const char *const arguments[] = { program, "--game", desktop->notes };
	desktop->game = (struct noted_process){ 0 };
	desktop->game.process = isolated_process_start(desktop->tree.tree,
		&(struct isolated_process_params){
			.role = "game",
			.arguments = arguments,
			.argument_count = 3,
			.environment = environment,
			.environment_count = 2,
		},
		&noted_process_events, &desktop->game);
	assert_non_null(desktop->game.process);
	host_start(&desktop->host, world->event);
	await_note(world, desktop, "plays 0\n");
}

static void stop(struct desktop *desktop)
{
	host_stop(&desktop->host);
	isolated_tree_end(desktop->tree.tree);
}

/* At once, as a session does: udev gives the node to this user later. */
static struct gamepad_nodes plug(struct desktop *desktop)
{
	struct gamepad_nodes nodes;
	assert_int_equal(gamepad_port_plug(desktop->host.port, 0, WIRE_GAMEPAD_XBOX, "pad", 3), 0);
	assert_int_equal(gamepad_port_nodes(desktop->host.port, 0, &nodes), 0);
	assert_int_equal(isolated_tree_show_device(desktop->tree.tree, nodes.event), 0);
	if (nodes.joystick[0])
		assert_int_equal(isolated_tree_show_device(desktop->tree.tree, nodes.joystick), 0);
	return nodes;
}

static void press(struct desktop *desktop, enum button button)
{
	gamepad_port_set_state(
		desktop->host.port, 0, &(struct gamepad_state){ .buttons = 1u << button });
	gamepad_port_set_state(desktop->host.port, 0, &(struct gamepad_state){ 0 });
}

static void a_game_finds_the_pad_of_its_desktop_and_no_other(void **state)
{
	struct world *world = *state;
	struct desktop one = { 0 }, other = { 0 };
	start(world, &one, "desktop-1");
	start(world, &other, "desktop-2");
	plug(&one);
	await_note(world, &one, "added 1\n");
	plug(&other);
	await_note(world, &other, "added 1\n");
	press(&one, SOUTH);
	await_note(world, &one, "button 0\n");
	press(&other, WEST);
	await_note(world, &other, "button 2\n");
	assert_notes(&one, "plays 0\nadded 1\nbutton 0\n");
	assert_notes(&other, "plays 0\nadded 1\nbutton 2\n");
	gamepad_port_unplug(one.host.port, 0);
	await_note(world, &one, "removed 0\n");
	press(&other, NORTH);
	await_note(world, &other, "button 3\n");
	stop(&one);
	stop(&other);
}

static bool is_shaken(void *data)
{
	const struct desktop *desktop = data;
	return desktop->host.rumble_count > 0;
}

static void its_rumble_goes_to_its_own_session(void **state)
{
	struct world *world = *state;
	struct desktop one = { 0 }, other = { 0 };
	start(world, &one, "desktop-1");
	start(world, &other, "desktop-2");
	plug(&one);
	plug(&other);
	await_note(world, &one, "added 1\n");
	await_note(world, &other, "added 1\n");
	press(&one, EAST);
	await_note(world, &one, "rumbles 1\n");
	assert_true(world_wait(world, is_shaken, &one));
	assert_int_equal(one.host.rumbles[0].strong, STRONG);
	assert_int_equal(one.host.rumbles[0].weak, WEAK);
	assert_int_equal(other.host.rumble_count, 0);
	stop(&one);
	stop(&other);
}

/* Every way to a node that a program could know. Prints those that can be opened, and "tried". */
static char *try_to_open(struct world *world, struct desktop *desktop, const char *node)
{
	const char *name = strrchr(node, '/') + 1;
	char script[2048];
	snprintf(script, sizeof script,
		"number=$(cat /sys/class/input/%s/dev); for way in %s /dev/char/$number "
		"/proc/*/root%s /proc/*/cwd%s /proc/*/cwd/dev/input/%s /proc/*/fd/*/input/%s "
		"/proc/*/fd/*/%s; do (exec 3<$way) 2>/dev/null && echo $way; done; "
		"mknod $XDG_RUNTIME_DIR/own c ${number%%:*} ${number#*:} 2>/dev/null && echo made; "
		"mount -t devtmpfs none $XDG_RUNTIME_DIR 2>/dev/null && echo mounted; "
		"umount /dev 2>/dev/null && echo unmounted; "
		"test -e /dev/uinput && echo uinput; echo tried",
		name, node, node, node, name, name, name);
	return world_shell(world, &desktop->tree, script);
}

static void nothing_in_one_tree_opens_the_pad_of_another(void **state)
{
	struct world *world = *state;
	struct desktop one = { 0 }, other = { 0 };
	start(world, &one, "desktop-1");
	start(world, &other, "desktop-2");
	const struct gamepad_nodes nodes = plug(&one);
	await_note(world, &one, "added 1\n");
	/* This user may: it is not the mode that keeps the other tree out. */
	close(game_open(nodes.event));
	char *text = try_to_open(world, &one, nodes.event);
	assert_non_null(strstr(text, nodes.event));
	free(text);
	text = try_to_open(world, &other, nodes.event);
	assert_string_equal(text, "tried\n");
	free(text);
	if (nodes.joystick[0]) {
		text = try_to_open(world, &other, nodes.joystick);
		assert_string_equal(text, "tried\n");
		free(text);
	}
	stop(&one);
	stop(&other);
}

/* The kernel gives the number of a pad that is gone to the next one. */
static void a_number_that_is_given_to_another_desktop_is_seen_there_alone(void **state)
{
	struct world *world = *state;
	struct desktop one = { 0 }, other = { 0 };
	start(world, &one, "desktop-1");
	start(world, &other, "desktop-2");
	const struct gamepad_nodes first = plug(&one);
	await_note(world, &one, "added 1\n");
	gamepad_port_unplug(one.host.port, 0); /* nobody tells the tree */
	const struct gamepad_nodes second = plug(&other);
	assert_string_equal(first.event, second.event);
	await_note(world, &other, "added 1\n");
	await_note(world, &one, "removed 0\n");
	char *text = try_to_open(world, &one, second.event);
	assert_string_equal(text, "tried\n");
	free(text);
	stop(&one);
	stop(&other);
}

int main(int count, char **arguments)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_game_finds_the_pad_of_its_desktop_and_no_other),
		TEST(its_rumble_goes_to_its_own_session),
		TEST(nothing_in_one_tree_opens_the_pad_of_another),
		TEST(a_number_that_is_given_to_another_desktop_is_seen_there_alone),
	};
	if (count == 3 && strcmp(arguments[1], "--game") == 0)
		return play(arguments[2]);
	world_programs = (struct world_programs){ .keeper = "/bin/lodge-keeper" };
	return cmocka_run_group_tests_name("pads of trees", tests, NULL, NULL);
}
