/*
 * Gamepads where the kernel makes none: that it is said, and that nothing else happens. What a real kernel does with them
 * is shown in a virtual machine (tests/vm).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/uinput.h"

#define MISSING "/nonexistent/uinput"
#define NO_UINPUT "/dev/null" /* opens, and understands nothing */

static void on_rumble(void *data, uint8_t pad, uint16_t strong, uint16_t weak, uint16_t lasts_ms)
{
	fail_msg("nobody can have asked pad %u to rumble", pad);
}

static const struct gamepad_port_events events = { .rumble = on_rumble };

static int set_up(void **state)
{
	return sd_event_new((sd_event **)state) < 0;
}

static int tear_down(void **state)
{
	sd_event_unref(*state);
	return 0;
}

static int open_descriptors(void)
{
	int count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void missing_device_is_told_of_by_the_module_that_makes_it(void **state)
{
	const char *text = uinput_obstacle(MISSING);
	assert_non_null(text);
	assert_non_null(strstr(text, "module uinput"));
}

static void device_of_another_user_is_told_of_by_where_to_read_on(void **state)
{
	char path[] = "/tmp/lodge-uinput-XXXXXX";
	const int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(chmod(path, 0), 0);
	/* Root opens everything: it has to be somebody else who asks. */
	const uid_t user = geteuid();
	if (user == 0)
		assert_int_equal(seteuid(65534), 0);
	const char *text = uinput_obstacle(path);
	if (user == 0)
		assert_int_equal(seteuid(0), 0);
	unlink(path);
	assert_non_null(text);
	assert_non_null(strstr(text, "docs/gamepads.md"));
}

static void answer_about_this_machine_is_the_kernels(void **state)
{
	const char *text = NULL;
	const int fd = open(UINPUT_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(gamepads_available(&text), fd >= 0);
	assert_int_equal(text[0] == '\0', fd >= 0);
	if (fd >= 0)
		close(fd);
}

static void assert_deaf(struct gamepad_port *port, uint8_t pad, int error)
{
	struct gamepad_nodes nodes;
	assert_int_equal(gamepad_port_plug(port, pad, WIRE_GAMEPAD_XBOX, "\x1b[2J", 4), error);
	gamepad_port_set_state(port, pad, &(struct gamepad_state){ .buttons = 1 });
	assert_int_equal(gamepad_port_nodes(port, pad, &nodes), -ENODEV);
	gamepad_port_unplug(port, pad);
}

static void port_without_a_device_plugs_nothing_and_takes_everything(void **state)
{
	static const char *const devices[] = { MISSING, NO_UINPUT };
	static const int errors[] = { -ENOENT, -ENOTTY };
	for (size_t i = 0; i < 2; i++) {
		struct gamepad_port *port =
			gamepad_port_create_with(*state, devices[i], &events, NULL);
		const int before = open_descriptors();
		assert_non_null(port);
		for (uint8_t pad = 0; pad < WIRE_GAMEPADS; pad++)
			assert_deaf(port, pad, errors[i]);
		gamepad_port_release_all(port);
		assert_int_equal(open_descriptors(), before);
		gamepad_port_destroy(port);
	}
}

static void client_that_plugs_on_and_on_is_refused(void **state)
{
	struct gamepad_port *port = gamepad_port_create_with(*state, NO_UINPUT, &events, NULL);
	int error = -ENOTTY;
	unsigned plugs = 0;
	assert_non_null(port);
	for (; error == -ENOTTY && plugs < 1000; plugs++)
		error = gamepad_port_plug(port, 0, WIRE_GAMEPAD_XBOX, "", 0);
	assert_int_equal(error, -EBUSY);
	assert_true(plugs > 2 * WIRE_GAMEPADS);
	gamepad_port_destroy(port);
}

static void pad_beyond_the_last_does_not_exist(void **state)
{
	struct gamepad_nodes nodes;
	struct gamepad_port *port = gamepad_port_create(*state, &events, NULL);
	assert_non_null(port);
	assert_int_equal(gamepad_port_plug(port, WIRE_GAMEPADS, 0, "", 0), -EINVAL);
	assert_int_equal(gamepad_port_nodes(port, WIRE_GAMEPADS, &nodes), -ENODEV);
	gamepad_port_set_state(port, WIRE_GAMEPADS, &(struct gamepad_state){ 1 });
	gamepad_port_unplug(port, WIRE_GAMEPADS);
	gamepad_port_destroy(port);
	gamepad_port_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_device_is_told_of_by_the_module_that_makes_it),
		cmocka_unit_test(device_of_another_user_is_told_of_by_where_to_read_on),
		cmocka_unit_test(answer_about_this_machine_is_the_kernels),
		cmocka_unit_test_setup_teardown(
			port_without_a_device_plugs_nothing_and_takes_everything, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			client_that_plugs_on_and_on_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			pad_beyond_the_last_does_not_exist, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("input-gamepad", tests, NULL, NULL);
}
