/* What games see of virtual pads, on a kernel that makes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "game.h"

#define REPORT_MAX 64
#define BITS_TEST(bits, bit) ((bits)[(bit) / 8] >> ((bit) % 8) & 1)

static const uint8_t kinds[] = { WIRE_GAMEPAD_UNKNOWN, WIRE_GAMEPAD_XBOX, WIRE_GAMEPAD_PLAYSTATION,
	WIRE_GAMEPAD_SWITCH };
static const struct gamepad_state at_rest;
static const struct gamepad_state pressed = {
	.buttons = 0x101f, /* the face, a shoulder, and up */
	.left_x = -20000,
	.right_y = 32767,
	.left_trigger = 65535,
};

static int set_up(void **state)
{
	struct host *host = malloc(sizeof *host);
	*state = host;
	host_start(host, NULL);
	return 0;
}

static int tear_down(void **state)
{
	host_stop(*state);
	free(*state);
	return 0;
}

static void pads_can_be_made_here(void **state)
{
	const char *text = NULL;
	const bool available = gamepads_available(&text);
	assert_string_equal(text, "");
	assert_true(available);
}

static void game_finds_each_kind_with_its_ids_and_controls(void **state)
{
	struct host *host = *state;
	for (size_t i = 0; i < sizeof kinds; i++) {
		const struct gamepad_layout *layout = gamepad_layout_of(kinds[i]);
		const struct gamepad_nodes nodes = host_plug(host, 2, kinds[i]);
		const int game = game_open(nodes.event);
		struct input_id id;
		char name[128];
		uint8_t keys[KEY_MAX / 8 + 1] = { 0 };
		assert_true(ioctl(game, EVIOCGID, &id) >= 0);
		assert_int_equal(id.bustype, BUS_USB);
		assert_int_equal(id.vendor, layout->vendor);
		assert_int_equal(id.product, layout->product);
		assert_int_equal(id.version, layout->version);
		assert_true(ioctl(game, EVIOCGNAME(sizeof name), name) >= 0);
		assert_string_equal(name, layout->name);
		assert_true(ioctl(game, EVIOCGBIT(EV_KEY, sizeof keys), keys) >= 0);
		for (size_t j = 0; j < layout->control_count; j++)
			if (layout->controls[j].type == EV_KEY)
				assert_true(BITS_TEST(keys, layout->controls[j].code));
		close(game);
	}
}

static void new_pad_is_at_rest(void **state)
{
	struct host *host = *state;
	for (size_t i = 0; i < sizeof kinds; i++) {
		const struct gamepad_layout *layout = gamepad_layout_of(kinds[i]);
		const struct gamepad_values rest = gamepad_rest(layout);
		const struct gamepad_nodes nodes = host_plug(host, 0, kinds[i]);
		const int game = game_open(nodes.event);
		for (size_t j = 0; j < layout->control_count; j++) {
			const struct gamepad_control *control = &layout->controls[j];
			struct input_absinfo axis;
			if (control->type != EV_ABS)
				continue;
			assert_true(ioctl(game, EVIOCGABS(control->code), &axis) >= 0);
			assert_int_equal(axis.value, rest.of[j]);
			assert_int_equal(axis.minimum, control->minimum);
			assert_int_equal(axis.maximum, control->maximum);
		}
		close(game);
	}
}

/* The game reads exactly what the mapping says, in one report. */
static void assert_arrives(struct host *host, int game, const struct gamepad_layout *layout,
	struct gamepad_values *values, const struct gamepad_state *to)
{
	struct gamepad_change changes[GAMEPAD_CHANGES_MAX];
	struct input_event report[REPORT_MAX];
	const size_t expected = gamepad_changes(layout, values, to, changes);
	assert_true(expected > 0);
	gamepad_port_set_state(host->port, 1, to);
	assert_int_equal(game_read_report(game, report, REPORT_MAX), expected);
	for (size_t i = 0; i < expected; i++) {
		assert_int_equal(report[i].type, changes[i].type);
		assert_int_equal(report[i].code, changes[i].code);
		assert_int_equal(report[i].value, changes[i].value);
	}
}

static void every_button_stick_and_trigger_arrives(void **state)
{
	static const struct gamepad_state moves[] = { { .left_x = INT16_MIN },
		{ .left_y = INT16_MAX }, { .right_x = 12345 }, { .right_y = -23456 },
		{ .left_trigger = 65535 }, { .right_trigger = 40000 } };
	struct host *host = *state;
	for (size_t i = 0; i < sizeof kinds; i++) {
		const struct gamepad_layout *layout = gamepad_layout_of(kinds[i]);
		struct gamepad_values values = gamepad_rest(layout);
		const struct gamepad_nodes nodes = host_plug(host, 1, kinds[i]);
		const int game = game_open(nodes.event);
		for (unsigned button = 0; button < WIRE_GAMEPAD_BUTTONS; button++) {
			const struct gamepad_state down = { .buttons = 1u << button };
			assert_arrives(host, game, layout, &values, &down);
			assert_arrives(host, game, layout, &values, &at_rest);
		}
		for (size_t j = 0; j < sizeof moves / sizeof *moves; j++) {
			assert_arrives(host, game, layout, &values, &moves[j]);
			assert_arrives(host, game, layout, &values, &at_rest);
		}
		assert_arrives(host, game, layout, &values, &pressed);
		close(game);
		gamepad_port_set_state(host->port, 1, &at_rest);
	}
}

static void state_that_was_there_already_is_no_event(void **state)
{
	struct host *host = *state;
	struct input_event report[REPORT_MAX];
	const struct gamepad_nodes nodes = host_plug(host, 0, WIRE_GAMEPAD_XBOX);
	const int game = game_open(nodes.event);
	gamepad_port_set_state(host->port, 0, &pressed);
	game_read_report(game, report, REPORT_MAX);
	gamepad_port_set_state(host->port, 0, &pressed);
	assert_false(game_has_event(game));
	close(game);
}

static void released_pads_are_at_rest(void **state)
{
	struct host *host = *state;
	struct input_event report[REPORT_MAX];
	uint8_t keys[KEY_MAX / 8 + 1];
	const struct gamepad_nodes nodes = host_plug(host, 3, WIRE_GAMEPAD_PLAYSTATION);
	const int game = game_open(nodes.event);
	gamepad_port_set_state(host->port, 3, &pressed);
	game_read_report(game, report, REPORT_MAX);
	gamepad_port_release_all(host->port);
	game_read_report(game, report, REPORT_MAX);
	assert_true(ioctl(game, EVIOCGKEY(sizeof keys), keys) >= 0);
	for (size_t i = 0; i < sizeof keys; i++)
		assert_int_equal(keys[i], 0);
	close(game);
}

static void joystick_node_of_old_is_there_as_well(void **state)
{
	const struct gamepad_nodes nodes = host_plug(*state, 0, WIRE_GAMEPAD_XBOX);
	struct stat status;
	assert_int_equal(strncmp(nodes.joystick, "/dev/input/js", 13), 0);
	assert_int_equal(stat(nodes.joystick, &status), 0);
	assert_true(S_ISCHR(status.st_mode));
}

static void unplugged_pad_is_gone_for_games_and_from_dev(void **state)
{
	struct host *host = *state;
	struct input_event report[REPORT_MAX];
	struct gamepad_nodes none;
	struct stat status;
	const size_t before = devices_count();
	const struct gamepad_nodes nodes = host_plug(host, 0, WIRE_GAMEPAD_XBOX);
	const int game = game_open(nodes.event);
	assert_int_equal(devices_count(), before + 1);
	gamepad_port_set_state(host->port, 0, &pressed);
	game_read_report(game, report, REPORT_MAX);
	gamepad_port_unplug(host->port, 0);
	assert_int_equal(read(game, report, sizeof *report), -1);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(stat(nodes.event, &status), -1);
	assert_int_equal(stat(nodes.joystick, &status), -1);
	assert_int_equal(devices_count(), before);
	assert_int_equal(gamepad_port_nodes(host->port, 0, &none), -ENODEV);
	close(game);
}

static void plugging_the_same_again_keeps_the_pad_and_another_kind_replaces_it(void **state)
{
	struct host *host = *state;
	struct pollfd hang_up;
	const size_t before = devices_count();
	const struct gamepad_nodes first = host_plug(host, 0, WIRE_GAMEPAD_XBOX);
	const int game = game_open(first.event);
	const struct gamepad_nodes second = host_plug(host, 0, WIRE_GAMEPAD_UNKNOWN);
	assert_string_equal(second.event, first.event);
	hang_up = (struct pollfd){ .fd = game };
	assert_int_equal(poll(&hang_up, 1, 0), 0);
	host_plug(host, 0, WIRE_GAMEPAD_SWITCH);
	assert_int_equal(poll(&hang_up, 1, DEADLINE_MS), 1);
	assert_true(hang_up.revents & POLLHUP);
	assert_int_equal(devices_count(), before + 1);
	close(game);
}

static void pads_of_two_sessions_are_apart(void **state)
{
	struct host *host = *state, other;
	struct input_event report[REPORT_MAX];
	host_start(&other, host->event);
	const struct gamepad_nodes nodes = host_plug(host, 0, WIRE_GAMEPAD_XBOX);
	const struct gamepad_nodes others = host_plug(&other, 0, WIRE_GAMEPAD_XBOX);
	assert_string_not_equal(nodes.event, others.event);
	assert_string_not_equal(nodes.joystick, others.joystick);
	const int game = game_open(nodes.event), others_game = game_open(others.event);
	gamepad_port_set_state(host->port, 0, &pressed);
	game_read_report(game, report, REPORT_MAX);
	assert_false(game_has_event(others_game));
	gamepad_port_unplug(host->port, 0);
	assert_int_equal(access(others.event, R_OK | W_OK), 0);
	close(game);
	close(others_game);
	host_stop(&other);
}

static void destroyed_port_leaves_nothing(void **state)
{
	struct host host;
	const size_t before = devices_count();
	host_start(&host, NULL);
	for (uint8_t pad = 0; pad < WIRE_GAMEPADS; pad++)
		host_plug(&host, pad, kinds[pad]);
	assert_int_equal(devices_count(), before + WIRE_GAMEPADS);
	host_stop(&host);
	assert_int_equal(devices_count(), before);
}

static void host_that_is_killed_leaves_nothing(void **state)
{
	const size_t before = devices_count();
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	const pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct host host;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		host_start(&host, NULL);
		host_plug(&host, 0, WIRE_GAMEPAD_XBOX);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	assert_int_equal(devices_count(), before + 1);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(devices_count(), before);
}

/* What udev notes of a node, after it has dealt with it. */
static void read_notes(struct host *host, const char *node, char *notes, size_t capacity)
{
	struct stat status;
	char path[64];
	assert_int_equal(stat(node, &status), 0);
	snprintf(path, sizeof path, "/run/udev/data/c%u:%u", major(status.st_rdev),
		minor(status.st_rdev));
	for (unsigned i = 0; i < DEADLINE_MS / 10 && access(path, R_OK) < 0; i++)
		host_run_for(host, 10);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	notes[fread(notes, 1, capacity - 1, file)] = '\0';
	fclose(file);
}

static void pad_is_its_users_alone_and_no_seat_takes_it(void **state)
{
	const struct gamepad_nodes nodes = host_plug(*state, 0, WIRE_GAMEPAD_XBOX);
	const char *const both[] = { nodes.event, nodes.joystick };
	for (size_t i = 0; i < 2; i++) {
		struct stat status;
		char notes[4096];
		read_notes(*state, both[i], notes, sizeof notes);
		assert_int_equal(stat(both[i], &status), 0);
		assert_int_equal(status.st_uid, geteuid());
		assert_int_equal(status.st_mode & 07777, 0600);
		/* That it is a pad is what programs look for; the rest is what desktops look for. */
		assert_non_null(strstr(notes, "E:ID_INPUT_JOYSTICK=1"));
		assert_non_null(strstr(notes, "E:LIBINPUT_IGNORE_DEVICE=1"));
		assert_null(strstr(notes, "Q:uaccess"));
		assert_null(strstr(notes, "Q:seat"));
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pads_can_be_made_here),
		TEST(game_finds_each_kind_with_its_ids_and_controls),
		TEST(new_pad_is_at_rest),
		TEST(every_button_stick_and_trigger_arrives),
		TEST(state_that_was_there_already_is_no_event),
		TEST(released_pads_are_at_rest),
		TEST(joystick_node_of_old_is_there_as_well),
		TEST(unplugged_pad_is_gone_for_games_and_from_dev),
		TEST(plugging_the_same_again_keeps_the_pad_and_another_kind_replaces_it),
		TEST(pads_of_two_sessions_are_apart),
		cmocka_unit_test(destroyed_port_leaves_nothing),
		cmocka_unit_test(host_that_is_killed_leaves_nothing),
		TEST(pad_is_its_users_alone_and_no_seat_takes_it),
	};
	return cmocka_run_group_tests_name("pads", tests, NULL, NULL);
}
