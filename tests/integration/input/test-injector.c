/* The injectors on a real headless sway, seen by a real client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those four before it. */
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "input/injector.h"
#include "test_card.h"

/* Of the default layout. */
#define SHIFT_MASK 1
#define CAPS_MASK 2
#define CONTROL_MASK 4
#define ALT_MASK 8
#define SUPER_MASK 64

struct fixture {
	const char *testcard;
	struct headless_sway sway;
	sd_event *event;
	struct input_desktop *desktop;
	struct injector *injector; /* on HEADLESS-2 */
	struct injector *other; /* of a second session, where a test has one */
	struct test_card card; /* there */
	int failures;
	char failure_text[256];
};

static const struct injector_params first_output = {
	.output_name = "HEADLESS-1", .width_px = 1280, .height_px = 720
};
static const struct injector_params second_output = {
	.output_name = "HEADLESS-2", .width_px = 800, .height_px = 600
};

static void on_failed(void *data, const char *text)
{
	struct fixture *fixture = data;
	fixture->failures++;
	snprintf(fixture->failure_text, sizeof fixture->failure_text, "%s", text);
}

static const struct input_desktop_events desktop_events = { .failed = on_failed };

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* Runs the loop until nothing is left to do for a while. */
static void settle(struct fixture *fixture)
{
	while (sd_event_run(fixture->event, 100000) > 0)
		;
}

static void open_desktop(struct fixture *fixture)
{
	fixture->failures = 0;
	assert_int_equal(0, sd_event_new(&fixture->event));
	fixture->desktop = input_desktop_create(
		fixture->event, fixture->sway.session.wayland_socket, &desktop_events, fixture);
	assert_non_null(fixture->desktop);
	fixture->injector = injector_create(fixture->desktop, &second_output);
	assert_non_null(fixture->injector);
	settle(fixture);
}

static void close_desktop(struct fixture *fixture)
{
	injector_destroy(fixture->injector);
	injector_destroy(fixture->other);
	fixture->injector = fixture->other = NULL;
	input_desktop_destroy(fixture->desktop);
	fixture->desktop = NULL;
	fixture->event = sd_event_unref(fixture->event);
}

static json_int_t integer(const json_t *event, const char *name)
{
	const json_t *value = json_object_get(event, name);
	assert_non_null(value);
	return json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
}

static void expect_key(struct fixture *fixture, uint16_t code, bool pressed)
{
	json_t *event = test_card_await(&fixture->card, "key");
	assert_non_null(event);
	assert_int_equal(code, integer(event, "code"));
	assert_int_equal(pressed, integer(event, "pressed"));
	json_decref(event);
}

/* A press and a release that make this character. */
static void expect_character(struct fixture *fixture, uint32_t character)
{
	for (int pressed = 1; pressed >= 0; pressed--) {
		json_t *event = test_card_await(&fixture->card, "key");
		assert_non_null(event);
		assert_int_equal(character, integer(event, "character"));
		assert_int_equal(pressed, integer(event, "pressed"));
		json_decref(event);
	}
}

static void expect_modifiers(struct fixture *fixture, uint32_t depressed, uint32_t locked)
{
	json_t *event = test_card_await(&fixture->card, "modifiers");
	assert_non_null(event);
	assert_int_equal(depressed, integer(event, "depressed"));
	assert_int_equal(locked, integer(event, "locked"));
	json_decref(event);
}

/* sway says the modifiers several times while the focus moves. */
static void await_modifiers(struct fixture *fixture, uint32_t depressed)
{
	bool found = false;
	while (!found) {
		json_t *event = test_card_await(&fixture->card, "modifiers");
		assert_non_null(event);
		found = integer(event, "depressed") == depressed;
		json_decref(event);
	}
}

static void expect_button(struct fixture *fixture, uint16_t button, bool pressed)
{
	json_t *event = test_card_await(&fixture->card, "button");
	assert_non_null(event);
	assert_int_equal(button, integer(event, "button"));
	assert_int_equal(pressed, integer(event, "pressed"));
	json_decref(event);
}

/* The next place of the cursor, by enter or by motion. */
static void expect_place(struct fixture *fixture, double x, double y)
{
	for (json_t *event; (event = test_card_next(&fixture->card)); json_decref(event)) {
		const char *name = json_string_value(json_object_get(event, "event"));
		if (strcmp(name, "enter") != 0 && strcmp(name, "motion") != 0)
			continue;
		const double found_x = json_number_value(json_object_get(event, "x"));
		const double found_y = json_number_value(json_object_get(event, "y"));
		json_decref(event);
		/* The log has three digits, the protocol 1/256 px. */
		assert_int_equal((int)(x * 256), (int)(found_x * 256 + 0.2));
		assert_int_equal((int)(y * 256), (int)(found_y * 256 + 0.2));
		return;
	}
	fail_msg("the cursor did not move");
}

static void expect_axis(struct fixture *fixture, int axis, double value, int steps, int source)
{
	json_int_t found_steps = 0, found_source = -1;
	for (json_t *event; (event = test_card_next(&fixture->card)); json_decref(event)) {
		const char *name = json_string_value(json_object_get(event, "event"));
		if (strcmp(name, "axis_discrete") == 0)
			found_steps = integer(event, "steps");
		else if (strcmp(name, "axis_source") == 0)
			found_source = integer(event, "source");
		if (strcmp(name, "axis") != 0)
			continue;
		assert_int_equal(axis, integer(event, "axis"));
		assert_int_equal((int)(value * 256),
			(int)(json_number_value(json_object_get(event, "value")) * 256));
		json_decref(event);
		assert_int_equal(steps, found_steps);
		assert_int_equal(source, found_source);
		return;
	}
	fail_msg("no axis event came");
}

/* The cursor is away from where the card will be. */
static void park_cursor(struct fixture *fixture)
{
	struct injector *injector = injector_create(fixture->desktop, &first_output);
	injector_pointer_absolute(injector, 1, 1);
	injector_destroy(injector);
}

/* What the card saw while it came up is read: what follows is the test's. */
static void pass_over_the_past(struct fixture *fixture)
{
	injector_key(fixture->injector, KEY_F24, true);
	injector_key(fixture->injector, KEY_F24, false);
	expect_key(fixture, KEY_F24, true);
	expect_key(fixture, KEY_F24, false);
}

static int set_up(void **state)
{
	struct fixture *fixture = *state;
	open_desktop(fixture);
	park_cursor(fixture);
	if (!test_card_start(&fixture->card, fixture->event, &fixture->sway, fixture->testcard,
		    "HEADLESS-2", 800))
		return -1;
	pass_over_the_past(fixture);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	test_card_stop(&fixture->card);
	close_desktop(fixture);
	return 0;
}

static void key_reaches_the_client_with_every_modifier(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		uint16_t code;
		uint32_t mask;
	} modifiers[] = { { KEY_LEFTSHIFT, SHIFT_MASK }, { KEY_RIGHTSHIFT, SHIFT_MASK },
		{ KEY_LEFTCTRL, CONTROL_MASK }, { KEY_RIGHTCTRL, CONTROL_MASK },
		{ KEY_LEFTALT, ALT_MASK }, { KEY_RIGHTALT, ALT_MASK }, { KEY_LEFTMETA, SUPER_MASK },
		{ KEY_RIGHTMETA, SUPER_MASK } };
	for (size_t i = 0; i < sizeof modifiers / sizeof *modifiers; i++) {
		injector_key(fixture->injector, modifiers[i].code, true);
		expect_key(fixture, modifiers[i].code, true);
		expect_modifiers(fixture, modifiers[i].mask, 0);
		injector_key(fixture->injector, KEY_A, true);
		expect_key(fixture, KEY_A, true);
		injector_key(fixture->injector, KEY_A, false);
		expect_key(fixture, KEY_A, false);
		injector_key(fixture->injector, modifiers[i].code, false);
		expect_key(fixture, modifiers[i].code, false);
		expect_modifiers(fixture, 0, 0);
	}
}

static void modifiers_add_up_and_caps_lock_stays(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_LEFTCTRL, true);
	expect_modifiers(fixture, CONTROL_MASK, 0);
	injector_key(fixture->injector, KEY_LEFTSHIFT, true);
	expect_modifiers(fixture, CONTROL_MASK | SHIFT_MASK, 0);
	injector_key(fixture->injector, KEY_LEFTCTRL, false);
	expect_modifiers(fixture, SHIFT_MASK, 0);
	injector_key(fixture->injector, KEY_LEFTSHIFT, false);
	expect_modifiers(fixture, 0, 0);
	injector_key(fixture->injector, KEY_CAPSLOCK, true);
	expect_modifiers(fixture, CAPS_MASK, CAPS_MASK);
	injector_key(fixture->injector, KEY_CAPSLOCK, false);
	expect_modifiers(fixture, 0, CAPS_MASK);
	injector_release_all(fixture->injector);
	expect_modifiers(fixture, 0, 0);
}

static void key_out_of_range_or_pressed_twice_is_ignored(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, 0x2ff, true);
	injector_key(fixture->injector, 0xffff, true);
	injector_key(fixture->injector, KEY_B, false);
	injector_key(fixture->injector, KEY_A, true);
	injector_key(fixture->injector, KEY_A, true);
	injector_key(fixture->injector, KEY_A, false);
	expect_key(fixture, KEY_A, true);
	expect_key(fixture, KEY_A, false);
}

static void absolute_position_is_exact_on_the_second_output(void **state)
{
	struct fixture *fixture = *state;
	static const uint32_t places[][2] = { { 400, 300 }, { 0, 0 }, { 799, 599 }, { 123, 457 },
		{ 1, 598 } };
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		injector_pointer_absolute(fixture->injector, places[i][0], places[i][1]);
		expect_place(fixture, places[i][0], places[i][1]);
	}
}

static void absolute_position_stays_within_the_output(void **state)
{
	struct fixture *fixture = *state;
	injector_pointer_absolute(fixture->injector, 800, 60000);
	expect_place(fixture, 799, 599);
}

static void relative_motion_keeps_fractions(void **state)
{
	struct fixture *fixture = *state;
	injector_pointer_absolute(fixture->injector, 100, 100);
	expect_place(fixture, 100, 100);
	injector_pointer_relative(fixture->injector, 640, -320);
	expect_place(fixture, 102.5, 98.75);
	injector_pointer_relative(fixture->injector, -128, 64);
	expect_place(fixture, 102, 99);
}

static void buttons_reach_the_client_and_others_do_not(void **state)
{
	struct fixture *fixture = *state;
	static const uint16_t buttons[] = { BTN_LEFT, BTN_RIGHT, BTN_MIDDLE, BTN_SIDE, BTN_EXTRA };
	injector_pointer_absolute(fixture->injector, 10, 10);
	injector_pointer_button(fixture->injector, 0x10f, true);
	injector_pointer_button(fixture->injector, 0x120, true);
	for (size_t i = 0; i < sizeof buttons / sizeof *buttons; i++) {
		injector_pointer_button(fixture->injector, buttons[i], true);
		injector_pointer_button(fixture->injector, buttons[i], true);
		injector_pointer_button(fixture->injector, buttons[i], false);
		expect_button(fixture, buttons[i], true);
		expect_button(fixture, buttons[i], false);
	}
}

static void wheel_moves_by_detents(void **state)
{
	struct fixture *fixture = *state;
	injector_pointer_absolute(fixture->injector, 10, 10);
	injector_pointer_axis(fixture->injector, 0, 53 * 256, 120);
	expect_axis(fixture, 0, 15, 1, 0);
	injector_pointer_axis(fixture->injector, 1, 0, -240);
	expect_axis(fixture, 1, -30, -2, 0);
	injector_pointer_axis(fixture->injector, 0, 0, -120);
	expect_axis(fixture, 0, -15, -1, 0);
}

static void fractions_of_a_detent_wait_for_the_rest(void **state)
{
	struct fixture *fixture = *state;
	injector_pointer_absolute(fixture->injector, 10, 10);
	for (int i = 0; i < 3; i++)
		injector_pointer_axis(fixture->injector, 0, 0, 50);
	expect_axis(fixture, 0, 15, 1, 0);
	injector_pointer_axis(fixture->injector, 0, 0, 90);
	expect_axis(fixture, 0, 15, 1, 0);
	/* Turned back in the middle of a detent: that half is forgotten. */
	injector_pointer_axis(fixture->injector, 0, 0, 60);
	injector_pointer_axis(fixture->injector, 0, 0, -60);
	injector_pointer_axis(fixture->injector, 0, 0, -60);
	expect_axis(fixture, 0, -15, -1, 0);
}

static void continuous_scroll_is_exact_on_both_axes(void **state)
{
	struct fixture *fixture = *state;
	injector_pointer_absolute(fixture->injector, 10, 10);
	injector_pointer_axis(fixture->injector, 1, -832, 0);
	expect_axis(fixture, 1, -3.25, 0, 2);
	injector_pointer_axis(fixture->injector, 0, 1920, 0);
	expect_axis(fixture, 0, 7.5, 0, 2);
	injector_pointer_axis(fixture->injector, 2, 1920, 0);
	injector_pointer_axis(fixture->injector, 1, 256, 0);
	expect_axis(fixture, 1, 1, 0, 2);
}

static void hold_button_key_and_shift(struct fixture *fixture)
{
	injector_pointer_absolute(fixture->injector, 20, 20);
	injector_pointer_button(fixture->injector, BTN_LEFT, true);
	injector_key(fixture->injector, KEY_LEFTSHIFT, true);
	injector_key(fixture->injector, KEY_A, true);
	expect_button(fixture, BTN_LEFT, true);
	expect_key(fixture, KEY_LEFTSHIFT, true);
	expect_key(fixture, KEY_A, true);
}

static void expect_all_up(struct fixture *fixture)
{
	expect_button(fixture, BTN_LEFT, false);
	expect_key(fixture, KEY_A, false);
	expect_key(fixture, KEY_LEFTSHIFT, false);
	expect_modifiers(fixture, 0, 0);
}

static void release_all_lets_everything_go_buttons_first(void **state)
{
	struct fixture *fixture = *state;
	hold_button_key_and_shift(fixture);
	injector_release_all(fixture->injector);
	expect_all_up(fixture);
	injector_key(fixture->injector, KEY_C, true);
	expect_key(fixture, KEY_C, true);
}

static void destroy_lets_everything_go_and_the_desktop_stays_usable(void **state)
{
	struct fixture *fixture = *state;
	hold_button_key_and_shift(fixture);
	injector_destroy(fixture->injector);
	expect_all_up(fixture);
	fixture->injector = injector_create(fixture->desktop, &second_output);
	injector_pointer_absolute(fixture->injector, 30, 40);
	expect_place(fixture, 30, 40);
	injector_pointer_button(fixture->injector, BTN_RIGHT, true);
	expect_button(fixture, BTN_RIGHT, true);
}

static void end_of_the_connection_lets_everything_go(void **state)
{
	struct fixture *fixture = *state;
	hold_button_key_and_shift(fixture);
	injector_destroy(fixture->injector);
	input_desktop_destroy(fixture->desktop);
	fixture->injector = NULL;
	fixture->desktop = NULL;
	expect_all_up(fixture);
}

static void clients_keep_their_devices_when_the_last_session_goes(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_A, true);
	expect_key(fixture, KEY_A, true);
	injector_destroy(fixture->injector);
	fixture->injector = injector_create(fixture->desktop, &second_output);
	injector_key(fixture->injector, KEY_B, true);
	for (bool found = false; !found;) {
		json_t *event = test_card_next(&fixture->card);
		assert_non_null(event);
		const char *name = json_string_value(json_object_get(event, "event"));
		assert_string_not_equal("seat", name);
		found = strcmp(name, "key") == 0 && integer(event, "code") == KEY_B;
		json_decref(event);
	}
}

static void retarget_lets_everything_go_and_aims_at_the_other_output(void **state)
{
	struct fixture *fixture = *state;
	hold_button_key_and_shift(fixture);
	injector_retarget(fixture->injector, &first_output);
	expect_all_up(fixture);
	injector_pointer_absolute(fixture->injector, 20, 20);
	json_t *event = test_card_await(&fixture->card, "leave");
	assert_non_null(event);
	json_decref(event);
	injector_retarget(fixture->injector, &second_output);
	injector_pointer_absolute(fixture->injector, 77, 66);
	expect_place(fixture, 77, 66);
}

static void output_that_appears_later_is_bound_then(void **state)
{
	struct fixture *fixture = *state;
	const struct injector_params third = {
		.output_name = "HEADLESS-3", .width_px = 1920, .height_px = 1080
	};
	struct test_card card;
	struct injector *injector = fixture->other = injector_create(fixture->desktop, &third);
	injector_pointer_absolute(injector, 1, 1); /* kept out: there is no such output yet */
	assert_true(headless_sway_command(&fixture->sway, "create_output"));
	settle(fixture);
	assert_true(test_card_start(
		&card, fixture->event, &fixture->sway, fixture->testcard, "HEADLESS-3", 1920));
	test_card_stop(&fixture->card);
	fixture->card = card;
	pass_over_the_past(fixture);
	injector_pointer_absolute(injector, 1234, 567);
	expect_place(fixture, 1234, 567);
}

static void click_goes_where_the_session_pointed_last(void **state)
{
	struct fixture *fixture = *state;
	struct injector *other = fixture->other = injector_create(fixture->desktop, &first_output);
	injector_pointer_absolute(fixture->injector, 150, 160);
	expect_place(fixture, 150, 160);
	injector_pointer_absolute(other, 5, 5);
	json_t *event = test_card_await(&fixture->card, "leave");
	assert_non_null(event);
	json_decref(event);
	injector_pointer_button(fixture->injector, BTN_LEFT, true);
	expect_place(fixture, 150, 160);
	expect_button(fixture, BTN_LEFT, true);
	injector_pointer_button(fixture->injector, BTN_LEFT, false);
	injector_pointer_absolute(other, 6, 6);
	injector_pointer_axis(fixture->injector, 0, 0, 120);
	expect_place(fixture, 150, 160);
	expect_axis(fixture, 0, 15, 1, 0);
}

/* The next button that comes, and the last place before it: a cursor whose output moves away is put somewhere. */
static void expect_click(struct fixture *fixture, uint16_t button, uint32_t x, uint32_t y)
{
	double found_x = -1, found_y = -1;
	bool clicked = false;
	for (json_t *event; !clicked; json_decref(event)) {
		event = test_card_next(&fixture->card);
		assert_non_null(event);
		const char *name = json_string_value(json_object_get(event, "event"));
		clicked = strcmp(name, "button") == 0;
		if (clicked)
			assert_int_equal(button, integer(event, "button"));
		if (strcmp(name, "enter") == 0 || strcmp(name, "motion") == 0) {
			found_x = json_number_value(json_object_get(event, "x"));
			found_y = json_number_value(json_object_get(event, "y"));
		}
	}
	assert_int_equal(x, (int)found_x);
	assert_int_equal(y, (int)found_y);
	expect_button(fixture, button, false);
}

static void click_lands_on_the_same_output_wherever_that_lies(void **state)
{
	struct fixture *fixture = *state;
	/* Places of HEADLESS-1 (1280x720) and HEADLESS-2 (800x600); the last ones are those of every other test. */
	static const char *const layouts[] = {
		"output HEADLESS-1 position 800 0; output HEADLESS-2 position 0 0", /* exchanged */
		"output HEADLESS-1 position 0 600; output HEADLESS-2 position 240 0", /* above */
		"output HEADLESS-1 position 0 0; output HEADLESS-2 position -800 -90",
		"output HEADLESS-1 position 30000 0; output HEADLESS-2 position 12345 678",
		"output HEADLESS-1 position 0 0; output HEADLESS-2 position 1280 100",
	};
	struct injector *other = fixture->other = injector_create(fixture->desktop, &first_output);
	for (uint32_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
		const uint32_t x = 111 + 100 * i, y = 499 - 77 * i;
		injector_pointer_absolute(other, 640, 360);
		assert_true(headless_sway_command(&fixture->sway, layouts[i]));
		settle(fixture);
		injector_pointer_absolute(
			other, 1279, 719); /* its own far corner: not the card's */
		injector_pointer_button(other, BTN_RIGHT, true);
		injector_pointer_button(other, BTN_RIGHT, false);
		injector_pointer_absolute(fixture->injector, x, y);
		injector_pointer_button(fixture->injector, BTN_LEFT, true);
		injector_pointer_button(fixture->injector, BTN_LEFT, false);
		expect_click(fixture, BTN_LEFT, x, y);
	}
}

static void held_modifier_of_one_session_is_not_the_others(void **state)
{
	struct fixture *fixture = *state;
	struct injector *other = fixture->other = injector_create(fixture->desktop, &second_output);
	injector_key(fixture->injector, KEY_LEFTSHIFT, true);
	await_modifiers(fixture, SHIFT_MASK);
	injector_key(other, KEY_A, true);
	injector_key(other, KEY_A, false);
	expect_character(fixture, 'a');
	injector_key(fixture->injector, KEY_A, true);
	injector_key(fixture->injector, KEY_A, false);
	expect_character(fixture, 'A');
	injector_key(other, KEY_B, true);
	injector_key(other, KEY_B, false);
	expect_character(fixture, 'b');
	/* A click counts with the modifiers of who clicks. */
	injector_pointer_absolute(fixture->injector, 9, 9);
	injector_pointer_button(fixture->injector, BTN_LEFT, true);
	await_modifiers(fixture, SHIFT_MASK);
}

static void session_with_a_seat_of_its_own_has_a_cursor_of_its_own(void **state)
{
	struct fixture *fixture = *state;
	const struct injector_params alice = {
		.output_name = "HEADLESS-2", .width_px = 800, .height_px = 600, .seat_name = "alice"
	};
	struct injector *other = fixture->other = injector_create(fixture->desktop, &alice);
	injector_pointer_absolute(other, 1, 1); /* kept out: there is no such seat yet */
	assert_true(headless_sway_command(
		&fixture->sway, "seat seat0 fallback true; seat alice fallback false"));
	settle(fixture);
	injector_pointer_absolute(fixture->injector, 150, 160);
	expect_place(fixture, 150, 160);
	injector_pointer_absolute(other, 700, 500);
	expect_place(fixture, 700, 500);
	/* The first cursor is still where it was: no other place comes before the button. */
	injector_pointer_button(fixture->injector, BTN_LEFT, true);
	injector_pointer_relative(fixture->injector, 256, 256);
	expect_button(fixture, BTN_LEFT, true);
	expect_place(fixture, 151, 161);
}

static void text_of_the_layout_is_typed_on_its_keys(void **state)
{
	struct fixture *fixture = *state;
	static const char text[] = "aB 1!~{\n\t";
	assert_int_equal(0, injector_text(fixture->injector, text, sizeof text - 1));
	for (const char *letter = "aB 1!~{\r\t"; *letter; letter++)
		expect_character(fixture, (uint32_t)*letter);
}

static void text_beyond_the_layout_is_typed_and_the_layout_comes_back(void **state)
{
	struct fixture *fixture = *state;
	static const char text[] = "ä€漢😀x\r\n";
	assert_int_equal(0, injector_text(fixture->injector, text, sizeof text - 1));
	static const uint32_t characters[] = { 0xe4, 0x20ac, 0x6f22, 0x1f600, 'x', '\r' };
	for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
		expect_character(fixture, characters[i]);
	injector_key(fixture->injector, KEY_Q, true);
	injector_key(fixture->injector, KEY_Q, false);
	expect_character(fixture, 'q');
}

static void text_is_typed_as_it_is_while_shift_is_held(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_LEFTSHIFT, true);
	expect_key(fixture, KEY_LEFTSHIFT, true);
	assert_int_equal(0, injector_text(fixture->injector, "ab", 2));
	expect_character(fixture, 'a');
	expect_character(fixture, 'b');
	injector_key(fixture->injector, KEY_C, true);
	injector_key(fixture->injector, KEY_C, false);
	expect_character(fixture, 'C');
}

static void keys_wait_behind_a_long_text(void **state)
{
	struct fixture *fixture = *state;
	char text[300];
	memset(text, 'a', sizeof text);
	assert_int_equal(0, injector_text(fixture->injector, text, sizeof text));
	injector_key(fixture->injector, KEY_ENTER, true);
	injector_key(fixture->injector, KEY_ENTER, false);
	for (size_t i = 0; i < sizeof text; i++)
		expect_character(fixture, 'a');
	expect_character(fixture, '\r');
}

static void release_all_forgets_waiting_keys_but_no_text(void **state)
{
	struct fixture *fixture = *state;
	char text[300];
	memset(text, 'a', sizeof text);
	assert_int_equal(0, injector_text(fixture->injector, text, sizeof text));
	injector_key(fixture->injector, KEY_LEFTSHIFT, true);
	injector_release_all(fixture->injector);
	assert_int_equal(0, injector_text(fixture->injector, "b", 1));
	for (size_t i = 0; i < sizeof text; i++)
		expect_character(fixture, 'a');
	expect_character(fixture, 'b');
}

static void characters_without_a_key_are_counted(void **state)
{
	struct fixture *fixture = *state;
	/* Two controls, a noncharacter, a stray byte and a cut one. */
	static const char text[] = "a\001b\177\xef\xbf\xbf\xff\xe2\x82";
	assert_int_equal(6, injector_text(fixture->injector, text, sizeof text - 1));
	expect_character(fixture, 'a');
	expect_character(fixture, 'b');
}

static bool file_holds(const char *path, const char *text, size_t size)
{
	char *found = malloc(size + 1);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t got = 0;
	for (ssize_t part; fd >= 0 && got <= size; got += (size_t)part) {
		part = read(fd, found + got, size + 1 - got);
		if (part <= 0)
			break;
	}
	if (fd >= 0)
		close(fd);
	const bool same = got == size && memcmp(found, text, size) == 0;
	free(found);
	return same;
}

static bool await_file(struct fixture *fixture, const char *path, const char *text, size_t size)
{
	const int64_t deadline = now_ms() + 20000;
	while (now_ms() < deadline) {
		if (file_holds(path, text, size))
			return true;
		sd_event_run(fixture->event, 10000);
	}
	return false;
}

/* foot on HEADLESS-2 writes into the file what is typed, line by line. */
static pid_t start_foot(struct fixture *fixture, char *path, size_t size)
{
	char command[PATH_MAX + 32];
	snprintf(path, size, "%s/typed", fixture->sway.folder);
	snprintf(command, sizeof command, "exec cat > %s", path);
	char *const words[] = { "foot", "--config=/dev/null", "--log-level=error", "sh", "-c",
		command, NULL };
	assert_true(headless_sway_command(&fixture->sway, "focus output HEADLESS-2"));
	const pid_t pid = headless_sway_launch(&fixture->sway, words, -1);
	assert_true(headless_sway_await_focus(&fixture->sway, "foot"));
	/* The terminal reads before the file is there, not after. */
	const int64_t deadline = now_ms() + 20000;
	while (access(path, F_OK) < 0 && now_ms() < deadline)
		sd_event_run(fixture->event, 10000);
	return pid;
}

static void foot_reads_every_character_that_was_typed(void **state)
{
	struct fixture *fixture = *state;
	static const char text[] = "Plain ASCII: The quick brown fox, 0123456789 ~!@#$%^&*()_+{}|\n"
				   "ä ö ü ß Ä Ö Ü € µ « » – … ¿ Ñ ñ ø Å\n"
				   "漢字 かな 한국어 Ελλάς Кириллица עברית عربي\n"
				   "😀 👍🏽 👨‍👩‍👧 🇩🇪 𝒳 \n";
	char path[PATH_MAX];
	open_desktop(fixture);
	const pid_t foot = start_foot(fixture, path, sizeof path);
	assert_int_equal(0, injector_text(fixture->injector, text, sizeof text - 1));
	const bool same = await_file(fixture, path, text, sizeof text - 1);
	headless_sway_end(foot, SIGTERM);
	close_desktop(fixture);
	assert_true(same);
}

/* 40 lines of 32 characters, most of them different: the longest text that one message carries. */
static size_t write_long_text(char *text)
{
	size_t size = 0;
	for (uint32_t i = 0; i < 1280; i++) {
		const uint32_t character = 0x4e00 + i;
		text[size++] = (char)(0xe0 | character >> 12);
		text[size++] = (char)(0x80 | (character >> 6 & 0x3f));
		text[size++] = (char)(0x80 | (character & 0x3f));
		if (i % 32 == 31)
			text[size++] = '\n';
	}
	return size;
}

static void foot_reads_the_longest_text_whole(void **state)
{
	struct fixture *fixture = *state;
	char path[PATH_MAX], text[4096], plain[4096];
	const size_t size = write_long_text(text);
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = i % 64 == 63 ? '\n' : (char)('!' + i % 90);
	open_desktop(fixture);
	const pid_t foot = start_foot(fixture, path, sizeof path);
	assert_int_equal(0, injector_text(fixture->injector, text, (uint32_t)size));
	bool same = await_file(fixture, path, text, size);
	assert_int_equal(0, truncate(path, 0));
	assert_int_equal(0, injector_text(fixture->injector, plain, sizeof plain));
	char *both = calloc(1, size + sizeof plain);
	memcpy(both + size, plain, sizeof plain); /* the file's first part is a hole now */
	same = same && await_file(fixture, path, both, size + sizeof plain);
	free(both);
	headless_sway_end(foot, SIGTERM);
	close_desktop(fixture);
	assert_true(same);
}

static void stopped_compositor_loses_input_but_no_key_stays_down(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_A, true);
	expect_key(fixture, KEY_A, true);
	headless_sway_signal(&fixture->sway, SIGSTOP);
	for (int i = 0; i < 100000; i++)
		injector_pointer_relative(fixture->injector, i & 1 ? 256 : -256, 0);
	injector_key(fixture->injector, KEY_A, false);
	assert_true(injector_text(fixture->injector, "abc", 3) == 3);
	settle(fixture);
	headless_sway_signal(&fixture->sway, SIGCONT);
	expect_key(fixture, KEY_A, false);
	assert_int_equal(0, fixture->failures);
	injector_key(fixture->injector, KEY_B, true);
	expect_key(fixture, KEY_B, true);
}

static void use_everything(struct injector *injector)
{
	injector_key(injector, KEY_A, true);
	injector_pointer_absolute(injector, 1, 1);
	injector_pointer_relative(injector, 1, 1);
	injector_pointer_button(injector, BTN_LEFT, true);
	injector_pointer_axis(injector, 0, 0, 120);
	injector_text(injector, "ä", 2);
	injector_release_all(injector);
	injector_retarget(injector, &first_output);
}

static void killed_compositor_is_reported_once_and_injectors_are_deaf(void **state)
{
	struct fixture *fixture = *state;
	open_desktop(fixture);
	injector_key(fixture->injector, KEY_A, true);
	headless_sway_signal(&fixture->sway, SIGKILL);
	use_everything(fixture->injector);
	assert_int_equal(0, fixture->failures); /* never from inside a call */
	const int64_t deadline = now_ms() + 20000;
	while (fixture->failures == 0 && now_ms() < deadline)
		sd_event_run(fixture->event, 10000);
	assert_int_equal(1, fixture->failures);
	assert_non_null(strstr(fixture->failure_text, fixture->sway.session.wayland_socket));
	use_everything(fixture->injector);
	fixture->other = injector_create(fixture->desktop, &second_output);
	assert_non_null(fixture->other);
	use_everything(fixture->other);
	settle(fixture);
	assert_int_equal(1, fixture->failures);
	close_desktop(fixture);
}

static void connection_without_a_compositor_fails_with_errno(void **state)
{
	struct fixture *fixture = *state;
	sd_event *event = NULL;
	assert_int_equal(0, sd_event_new(&event));
	errno = 0;
	assert_null(
		input_desktop_create(event, "/nonexistent/wayland-0", &desktop_events, fixture));
	assert_int_equal(ENOENT, errno);
	assert_null(input_desktop_create(event, "wayland-0", &desktop_events, fixture));
	assert_int_equal(EINVAL, errno);
	sd_event_unref(event);
}

#define ON_A_CARD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int count, char **words)
{
	struct fixture fixture = { 0 };
	if (count != 2) {
		fprintf(stderr, "usage: test-injector PATH-OF-LODGE-TESTCARD\n");
		return 2;
	}
	fixture.testcard = words[1];
	struct CMUnitTest tests[] = {
		ON_A_CARD(key_reaches_the_client_with_every_modifier),
		ON_A_CARD(modifiers_add_up_and_caps_lock_stays),
		ON_A_CARD(key_out_of_range_or_pressed_twice_is_ignored),
		ON_A_CARD(absolute_position_is_exact_on_the_second_output),
		ON_A_CARD(absolute_position_stays_within_the_output),
		ON_A_CARD(relative_motion_keeps_fractions),
		ON_A_CARD(buttons_reach_the_client_and_others_do_not),
		ON_A_CARD(wheel_moves_by_detents),
		ON_A_CARD(fractions_of_a_detent_wait_for_the_rest),
		ON_A_CARD(continuous_scroll_is_exact_on_both_axes),
		ON_A_CARD(release_all_lets_everything_go_buttons_first),
		ON_A_CARD(destroy_lets_everything_go_and_the_desktop_stays_usable),
		ON_A_CARD(end_of_the_connection_lets_everything_go),
		ON_A_CARD(clients_keep_their_devices_when_the_last_session_goes),
		ON_A_CARD(retarget_lets_everything_go_and_aims_at_the_other_output),
		ON_A_CARD(click_goes_where_the_session_pointed_last),
		ON_A_CARD(click_lands_on_the_same_output_wherever_that_lies),
		ON_A_CARD(held_modifier_of_one_session_is_not_the_others),
		ON_A_CARD(text_of_the_layout_is_typed_on_its_keys),
		ON_A_CARD(text_beyond_the_layout_is_typed_and_the_layout_comes_back),
		ON_A_CARD(text_is_typed_as_it_is_while_shift_is_held),
		ON_A_CARD(keys_wait_behind_a_long_text),
		ON_A_CARD(release_all_forgets_waiting_keys_but_no_text),
		ON_A_CARD(characters_without_a_key_are_counted),
		ON_A_CARD(stopped_compositor_loses_input_but_no_key_stays_down),
		ON_A_CARD(output_that_appears_later_is_bound_then),
		ON_A_CARD(session_with_a_seat_of_its_own_has_a_cursor_of_its_own),
		cmocka_unit_test(foot_reads_every_character_that_was_typed),
		cmocka_unit_test(foot_reads_the_longest_text_whole),
		cmocka_unit_test(connection_without_a_compositor_fails_with_errno),
		cmocka_unit_test(killed_compositor_is_reported_once_and_injectors_are_deaf),
	};
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tests[i].initial_state = &fixture;
	const bool started = headless_sway_start(&fixture.sway);
	const int failed = started ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
	if (!started)
		printf("Bail out! sway did not start\n");
	headless_sway_stop(&fixture.sway);
	return failed;
}
