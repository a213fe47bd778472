/* What SDL, which most games read pads with, makes of virtual pads: each control under its own name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <SDL.h>
#include <cmocka.h>

#include "game.h"

#define TURNS (DEADLINE_MS / 5)

/* By the standard mapping's numbers; the triggers are axes. */
static const SDL_GameControllerButton buttons[WIRE_GAMEPAD_BUTTONS] = {
	SDL_CONTROLLER_BUTTON_A,
	SDL_CONTROLLER_BUTTON_B,
	SDL_CONTROLLER_BUTTON_X,
	SDL_CONTROLLER_BUTTON_Y,
	SDL_CONTROLLER_BUTTON_LEFTSHOULDER,
	SDL_CONTROLLER_BUTTON_RIGHTSHOULDER,
	SDL_CONTROLLER_BUTTON_INVALID,
	SDL_CONTROLLER_BUTTON_INVALID,
	SDL_CONTROLLER_BUTTON_BACK,
	SDL_CONTROLLER_BUTTON_START,
	SDL_CONTROLLER_BUTTON_LEFTSTICK,
	SDL_CONTROLLER_BUTTON_RIGHTSTICK,
	SDL_CONTROLLER_BUTTON_DPAD_UP,
	SDL_CONTROLLER_BUTTON_DPAD_DOWN,
	SDL_CONTROLLER_BUTTON_DPAD_LEFT,
	SDL_CONTROLLER_BUTTON_DPAD_RIGHT,
	SDL_CONTROLLER_BUTTON_GUIDE,
};

static const struct known_kind {
	uint8_t kind;
	SDL_GameControllerType type;
} kinds[] = {
	{ WIRE_GAMEPAD_XBOX, SDL_CONTROLLER_TYPE_XBOX360 },
	{ WIRE_GAMEPAD_PLAYSTATION, SDL_CONTROLLER_TYPE_PS5 },
	{ WIRE_GAMEPAD_SWITCH, SDL_CONTROLLER_TYPE_NINTENDO_SWITCH_PRO },
};

struct scene {
	const struct known_kind *kind;
	struct host host;
	SDL_GameController *controller;
};

/* SDL finds the pad by itself, however it does that. */
static SDL_GameController *find(struct host *host)
{
	for (unsigned i = 0; i < TURNS; i++) {
		SDL_GameControllerUpdate();
		for (int joystick = 0; joystick < SDL_NumJoysticks(); joystick++)
			if (SDL_IsGameController(joystick))
				return SDL_GameControllerOpen(joystick);
		host_run_for(host, 5);
	}
	fail_msg("SDL finds no pad: %s", SDL_GetError());
	return NULL;
}

/* `state`: which of the kinds. */
static int set_up(void **state)
{
	const struct known_kind *kind = *state;
	struct scene *scene = malloc(sizeof *scene);
	*state = scene;
	scene->kind = kind;
	host_start(&scene->host, NULL);
	host_plug(&scene->host, 0, kind->kind);
	/* Buttons by their place, not by what is printed on them. */
	SDL_SetHint(SDL_HINT_GAMECONTROLLER_USE_BUTTON_LABELS, "0");
	SDL_SetHint(SDL_HINT_JOYSTICK_ALLOW_BACKGROUND_EVENTS, "1");
	assert_int_equal(SDL_Init(SDL_INIT_GAMECONTROLLER), 0);
	scene->controller = find(&scene->host);
	return 0;
}

static int close_controller(void *data)
{
	SDL_GameControllerClose(data);
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;
	game_call(&scene->host, close_controller, scene->controller);
	SDL_Quit();
	host_stop(&scene->host);
	free(scene);
	return 0;
}

static void move(struct scene *scene, struct gamepad_state state)
{
	gamepad_port_set_state(scene->host.port, 0, &state);
	SDL_GameControllerUpdate();
}

static void assert_only_button(struct scene *scene, unsigned which)
{
	for (unsigned i = 0; i < WIRE_GAMEPAD_BUTTONS; i++)
		if (buttons[i] != SDL_CONTROLLER_BUTTON_INVALID)
			assert_int_equal(SDL_GameControllerGetButton(scene->controller, buttons[i]),
				i == which);
}

static void assert_axis(struct scene *scene, SDL_GameControllerAxis which, int least, int most)
{
	const int value = SDL_GameControllerGetAxis(scene->controller, which);
	assert_true(value >= least);
	assert_true(value <= most);
}

static void pad_is_what_it_is_called(void **state)
{
	const struct scene *scene = *state;
	assert_int_equal(SDL_GameControllerGetType(scene->controller), scene->kind->type);
}

static void each_button_has_its_place(void **state)
{
	struct scene *scene = *state;
	for (unsigned button = 0; button < WIRE_GAMEPAD_BUTTONS; button++) {
		if (buttons[button] == SDL_CONTROLLER_BUTTON_INVALID)
			continue;
		move(scene, (struct gamepad_state){ .buttons = 1u << button });
		assert_only_button(scene, button);
	}
}

static void sticks_and_triggers_move_their_own_axes(void **state)
{
	struct scene *scene = *state;
	const struct gamepad_state pushed = {
		.left_x = 16000,
		.left_y = -16000,
		.right_x = 32767,
		.right_y = -32768,
		.right_trigger = 65535,
	};
	move(scene, pushed);
	assert_axis(scene, SDL_CONTROLLER_AXIS_LEFTX, 15700, 16300);
	assert_axis(scene, SDL_CONTROLLER_AXIS_LEFTY, -16300, -15700);
	assert_axis(scene, SDL_CONTROLLER_AXIS_RIGHTX, 32767, 32767);
	assert_axis(scene, SDL_CONTROLLER_AXIS_RIGHTY, -32768, -32767);
	assert_axis(scene, SDL_CONTROLLER_AXIS_TRIGGERLEFT, 0, 0);
	assert_axis(scene, SDL_CONTROLLER_AXIS_TRIGGERRIGHT, 32767, 32767);
}

static int rumble(void *data)
{
	return SDL_GameControllerRumble(data, 40000, 20000, 5000);
}

static int stop_rumble(void *data)
{
	return SDL_GameControllerRumble(data, 0, 0, 0);
}

static void rumble_comes_back(void **state)
{
	struct scene *scene = *state;
	struct host *host = &scene->host;
	assert_true(SDL_GameControllerHasRumble(scene->controller));
	assert_int_equal(game_call(host, rumble, scene->controller), 0);
	host_hear(host, 1);
	assert_int_equal(host->rumbles[0].strong, 40000);
	assert_int_equal(host->rumbles[0].weak, 20000);
	assert_int_equal(game_call(host, stop_rumble, scene->controller), 0);
	host_hear_last(host, 0, 0);
}

int main(int argument_count, char **arguments)
{
#define TEST(name, kind)                                                                           \
	{                                                                                          \
#name "_" #kind, name, set_up, tear_down, (void *)&kinds[kind]                     \
	}
#define TESTS(kind)                                                                                \
	TEST(pad_is_what_it_is_called, kind), TEST(each_button_has_its_place, kind),               \
		TEST(sticks_and_triggers_move_their_own_axes, kind), TEST(rumble_comes_back, kind)
	enum { xbox, playstation, nintendo };
	const struct CMUnitTest tests[] = { TESTS(xbox), TESTS(playstation), TESTS(nintendo) };
	return cmocka_run_group_tests_name("pads-sdl", tests, NULL, NULL);
}
