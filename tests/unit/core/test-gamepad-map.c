#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/input-event-codes.h>

#include "core/gamepad_map.h"
#include "random.h"

#define KINDS 4
#define NOTHING (-2)

/* The buttons of each kind by their standard number; NOTHING: it is no button there. */
static const int button_codes[KINDS][WIRE_GAMEPAD_BUTTONS] = {
	[WIRE_GAMEPAD_XBOX] = { BTN_SOUTH, BTN_EAST, BTN_NORTH, BTN_WEST, BTN_TL, BTN_TR, NOTHING,
		NOTHING, BTN_SELECT, BTN_START, BTN_THUMBL, BTN_THUMBR, NOTHING, NOTHING, NOTHING,
		NOTHING, BTN_MODE },
	[WIRE_GAMEPAD_PLAYSTATION] = { BTN_SOUTH, BTN_EAST, BTN_WEST, BTN_NORTH, BTN_TL, BTN_TR,
		BTN_TL2, BTN_TR2, BTN_SELECT, BTN_START, BTN_THUMBL, BTN_THUMBR, NOTHING, NOTHING,
		NOTHING, NOTHING, BTN_MODE },
	[WIRE_GAMEPAD_SWITCH] = { BTN_SOUTH, BTN_EAST, BTN_WEST, BTN_NORTH, BTN_TL, BTN_TR, BTN_TL2,
		BTN_TR2, BTN_SELECT, BTN_START, BTN_THUMBL, BTN_THUMBR, NOTHING, NOTHING, NOTHING,
		NOTHING, BTN_MODE },
};

/* A pad, as whoever reads its events knows it. */
struct reader {
	const struct gamepad_layout *layout;
	struct gamepad_values values;
	struct gamepad_change changes[GAMEPAD_CHANGES_MAX];
	size_t count;
};

static struct reader reader_of(uint8_t kind)
{
	struct reader reader = { .layout = gamepad_layout_of(kind) };
	reader.values = gamepad_rest(reader.layout);
	return reader;
}

static size_t move(struct reader *reader, struct gamepad_state state)
{
	reader->count = gamepad_changes(reader->layout, &reader->values, &state, reader->changes);
	return reader->count;
}

/* The value that the changes bring; NOTHING: none. */
static int32_t change_of(const struct reader *reader, int type, int code)
{
	for (size_t i = 0; i < reader->count; i++)
		if (reader->changes[i].type == type && reader->changes[i].code == code)
			return reader->changes[i].value;
	return NOTHING;
}

static const struct gamepad_control *axis_of(const struct gamepad_layout *layout, int code)
{
	for (size_t i = 0; i < layout->control_count; i++)
		if (layout->controls[i].type == EV_ABS && layout->controls[i].code == code)
			return &layout->controls[i];
	fail_msg("%s has no axis %d", layout->name, code);
	return NULL;
}

static void games_know_each_kind_by_its_ids(void **state)
{
	static const uint16_t ids[KINDS][3] = {
		[WIRE_GAMEPAD_UNKNOWN] = { 0x045e, 0x028e, 0x0110 },
		[WIRE_GAMEPAD_XBOX] = { 0x045e, 0x028e, 0x0110 },
		[WIRE_GAMEPAD_PLAYSTATION] = { 0x054c, 0x0ce6, 0x8111 },
		[WIRE_GAMEPAD_SWITCH] = { 0x057e, 0x2009, 0x8111 },
	};
	for (uint8_t kind = 0; kind < KINDS; kind++) {
		const struct gamepad_layout *layout = gamepad_layout_of(kind);
		assert_int_equal(layout->vendor, ids[kind][0]);
		assert_int_equal(layout->product, ids[kind][1]);
		assert_int_equal(layout->version, ids[kind][2]);
	}
	assert_ptr_equal(gamepad_layout_of(200), gamepad_layout_of(WIRE_GAMEPAD_XBOX));
}

static void assert_button_alone(uint8_t kind, unsigned button, int code)
{
	struct reader reader = reader_of(kind);
	/* A trigger that is a button brings its axis along, where there is one. */
	const bool analog = (button == 6 || button == 7) && kind == WIRE_GAMEPAD_PLAYSTATION;
	move(&reader, (struct gamepad_state){ .buttons = 1u << button });
	assert_int_equal(change_of(&reader, EV_KEY, code), 1);
	assert_int_equal(reader.count, analog ? 3 : 2);
	assert_int_equal(reader.changes[reader.count - 1].type, EV_SYN);
	move(&reader, (struct gamepad_state){ 0 });
	assert_int_equal(change_of(&reader, EV_KEY, code), 0);
}

static void each_button_is_one_event_and_a_report(void **state)
{
	for (uint8_t kind = WIRE_GAMEPAD_XBOX; kind < KINDS; kind++)
		for (unsigned button = 0; button < WIRE_GAMEPAD_BUTTONS; button++)
			if (button_codes[kind][button] != NOTHING)
				assert_button_alone(kind, button, button_codes[kind][button]);
}

static void cross_is_a_hat(void **state)
{
	static const struct {
		unsigned button;
		int code, value;
	} directions[] = {
		{ 12, ABS_HAT0Y, -1 },
		{ 13, ABS_HAT0Y, 1 },
		{ 14, ABS_HAT0X, -1 },
		{ 15, ABS_HAT0X, 1 },
	};
	for (uint8_t kind = WIRE_GAMEPAD_XBOX; kind < KINDS; kind++)
		for (size_t i = 0; i < 4; i++) {
			struct reader reader = reader_of(kind);
			move(&reader,
				(struct gamepad_state){ .buttons = 1u << directions[i].button });
			assert_int_equal(reader.count, 2);
			assert_int_equal(change_of(&reader, EV_ABS, directions[i].code),
				directions[i].value);
		}
}

static void opposite_directions_of_the_cross_cancel_out(void **state)
{
	struct reader reader = reader_of(WIRE_GAMEPAD_XBOX);
	assert_int_equal(move(&reader, (struct gamepad_state){ .buttons = 15u << 12 }), 0);
}

static void sticks_reach_both_ends_of_their_axes_and_rest_in_the_middle(void **state)
{
	for (uint8_t kind = WIRE_GAMEPAD_XBOX; kind < KINDS; kind++) {
		struct reader reader = reader_of(kind);
		const struct gamepad_control *axis = axis_of(reader.layout, ABS_RY);
		move(&reader, (struct gamepad_state){ .right_y = INT16_MIN });
		assert_int_equal(change_of(&reader, EV_ABS, ABS_RY), axis->minimum);
		move(&reader, (struct gamepad_state){ .right_y = INT16_MAX });
		assert_int_equal(change_of(&reader, EV_ABS, ABS_RY), axis->maximum);
		move(&reader, (struct gamepad_state){ 0 });
		assert_int_equal(change_of(&reader, EV_ABS, ABS_RY),
			kind == WIRE_GAMEPAD_PLAYSTATION ? 128 : 0);
	}
}

static void each_stick_moves_its_own_axis(void **state)
{
	static const struct gamepad_state sticks[] = { { .left_x = 20000 }, { .left_y = 20000 },
		{ .right_x = 20000 }, { .right_y = 20000 } };
	static const int codes[] = { ABS_X, ABS_Y, ABS_RX, ABS_RY };
	for (uint8_t kind = WIRE_GAMEPAD_XBOX; kind < KINDS; kind++)
		for (size_t i = 0; i < 4; i++) {
			struct reader reader = reader_of(kind);
			assert_int_equal(move(&reader, sticks[i]), 2);
			assert_int_equal(change_of(&reader, EV_ABS, codes[i]),
				kind == WIRE_GAMEPAD_PLAYSTATION ? 206 : 20000);
		}
}

static void triggers_use_their_whole_way(void **state)
{
	for (uint8_t kind = WIRE_GAMEPAD_XBOX; kind <= WIRE_GAMEPAD_PLAYSTATION; kind++) {
		struct reader reader = reader_of(kind);
		move(&reader, (struct gamepad_state){ .left_trigger = 65535 });
		assert_int_equal(change_of(&reader, EV_ABS, ABS_Z), 255);
		move(&reader, (struct gamepad_state){ .right_trigger = 32768 });
		assert_int_equal(change_of(&reader, EV_ABS, ABS_Z), 0);
		assert_int_equal(change_of(&reader, EV_ABS, ABS_RZ), 127);
	}
}

static void trigger_that_is_a_mere_button_is_down_all_the_way(void **state)
{
	struct reader reader = reader_of(WIRE_GAMEPAD_XBOX);
	move(&reader, (struct gamepad_state){ .buttons = 1u << 7 });
	assert_int_equal(change_of(&reader, EV_ABS, ABS_RZ), 255);
	/* A pad that knows how far says so. */
	move(&reader, (struct gamepad_state){ .buttons = 1u << 7, .right_trigger = 6554 });
	assert_int_equal(change_of(&reader, EV_ABS, ABS_RZ), 25);
}

static void trigger_of_a_pad_without_ways_presses_beyond_the_half(void **state)
{
	struct reader reader = reader_of(WIRE_GAMEPAD_SWITCH);
	assert_int_equal(move(&reader, (struct gamepad_state){ .left_trigger = 32767 }), 0);
	move(&reader, (struct gamepad_state){ .left_trigger = 32768 });
	assert_int_equal(change_of(&reader, EV_KEY, BTN_TL2), 1);
}

static void same_state_again_changes_nothing(void **state)
{
	struct reader reader = reader_of(WIRE_GAMEPAD_SWITCH);
	const struct gamepad_state pressed = { .buttons = 0x1ffff, .left_x = -5, .right_y = 77 };
	assert_true(move(&reader, pressed) > 0);
	assert_int_equal(move(&reader, pressed), 0);
}

static void bits_beyond_the_last_button_mean_nothing(void **state)
{
	struct reader reader = reader_of(WIRE_GAMEPAD_XBOX);
	const uint32_t beyond = ~((1u << WIRE_GAMEPAD_BUTTONS) - 1);
	assert_int_equal(move(&reader, (struct gamepad_state){ .buttons = beyond }), 0);
}

static void no_kind_has_two_controls_of_one_code(void **state)
{
	for (uint8_t kind = WIRE_GAMEPAD_XBOX; kind < KINDS; kind++) {
		const struct gamepad_layout *layout = gamepad_layout_of(kind);
		for (size_t i = 0; i < layout->control_count; i++)
			for (size_t j = 0; j < i; j++)
				assert_false(layout->controls[i].type == layout->controls[j].type &&
					layout->controls[i].code == layout->controls[j].code);
	}
}

static struct gamepad_state any_state(uint64_t *random)
{
	const uint64_t sticks = random_next(random), rest = random_next(random);
	return (struct gamepad_state){
		.buttons = (uint32_t)rest,
		.left_x = (int16_t)sticks,
		.left_y = (int16_t)(sticks >> 16),
		.right_x = (int16_t)(sticks >> 32),
		.right_y = (int16_t)(sticks >> 48),
		.left_trigger = (uint16_t)(rest >> 32),
		.right_trigger = (uint16_t)(rest >> 48),
	};
}

static void apply_one(struct reader *to, const struct gamepad_change *change)
{
	for (size_t i = 0; i < to->layout->control_count; i++) {
		const struct gamepad_control *control = &to->layout->controls[i];
		if (control->type != change->type || control->code != change->code)
			continue;
		const bool axis = control->type == EV_ABS;
		assert_true(change->value >= (axis ? control->minimum : 0));
		assert_true(change->value <= (axis ? control->maximum : 1));
		assert_int_not_equal(to->values.of[i], change->value);
		to->values.of[i] = change->value;
		return;
	}
	fail_msg("%s has no control %u of type %u", to->layout->name, change->code, change->type);
}

/* Whatever came before, and whatever was lost on the way: the events lead to what the last state alone means. */
static void any_way_to_a_state_ends_in_the_same_values(void **state)
{
	uint64_t random = random_seed();
	print_message("# seed %llu\n", (unsigned long long)random);
	for (unsigned round = 0; round < 3000; round++) {
		const uint8_t kind = (uint8_t)random_below(&random, KINDS);
		struct reader host = reader_of(kind), game = reader_of(kind);
		struct reader fresh = reader_of(kind);
		struct gamepad_state last = { 0 };
		for (unsigned i = random_below(&random, 6) + 1; i > 0; i--) {
			last = any_state(&random);
			move(&host, last);
			for (size_t j = 0; j + 1 < host.count; j++)
				apply_one(&game, &host.changes[j]);
			if (host.count > 0)
				assert_int_equal(host.changes[host.count - 1].type, EV_SYN);
		}
		move(&fresh, last);
		assert_memory_equal(&game.values, &host.values, sizeof host.values);
		assert_memory_equal(&game.values, &fresh.values, sizeof fresh.values);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(games_know_each_kind_by_its_ids),
		cmocka_unit_test(each_button_is_one_event_and_a_report),
		cmocka_unit_test(cross_is_a_hat),
		cmocka_unit_test(opposite_directions_of_the_cross_cancel_out),
		cmocka_unit_test(sticks_reach_both_ends_of_their_axes_and_rest_in_the_middle),
		cmocka_unit_test(each_stick_moves_its_own_axis),
		cmocka_unit_test(triggers_use_their_whole_way),
		cmocka_unit_test(trigger_that_is_a_mere_button_is_down_all_the_way),
		cmocka_unit_test(trigger_of_a_pad_without_ways_presses_beyond_the_half),
		cmocka_unit_test(same_state_again_changes_nothing),
		cmocka_unit_test(bits_beyond_the_last_button_mean_nothing),
		cmocka_unit_test(no_kind_has_two_controls_of_one_code),
		cmocka_unit_test(any_way_to_a_state_ends_in_the_same_values),
	};
	return cmocka_run_group_tests_name("core-gamepad-map", tests, NULL, NULL);
}
