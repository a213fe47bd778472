/*
 * The injectors against a real EIS server (eis_server.c, libeis) and the real libei: test-eis-injector EIS-SERVER
 */
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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "input/injector.h"

#define DEADLINE_MS 20000

struct fixture {
	const char *program;
	char folder[64], socket[96];
	pid_t server;
	int words, orders; /* of the server: its standard output, and input */
	char text[1 << 16];
	size_t size;
	sd_event *event;
	struct input_desktop *desktop;
	struct injector *injector;
	struct injector *other; /* of a second session, where a test has one */
	int failures;
	char failure_text[256];
};

static const struct injector_params output = {
	.output_name = "gamescope", .width_px = 1280, .height_px = 720
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static void on_failed(void *data, const char *text)
{
	struct fixture *fixture = data;
	fixture->failures++;
	snprintf(fixture->failure_text, sizeof fixture->failure_text, "%s", text);
}

static const struct input_desktop_events desktop_events = { .failed = on_failed };

/* The server's next line, without its end; "" when none came. The loop runs meanwhile. */
static const char *next_line(struct fixture *fixture)
{
	static char line[256];
	const int64_t deadline = now_ms() + DEADLINE_MS;
	while (now_ms() < deadline) {
		char *end = memchr(fixture->text, '\n', fixture->size);
		if (end) {
			const size_t size = (size_t)(end - fixture->text);
			snprintf(line, sizeof line, "%.*s", (int)size, fixture->text);
			fixture->size -= size + 1;
			memmove(fixture->text, end + 1, fixture->size);
			return line;
		}
		const ssize_t got = read(fixture->words, fixture->text + fixture->size,
			sizeof fixture->text - fixture->size);
		if (got > 0)
			fixture->size += (size_t)got;
		else if (fixture->event)
			sd_event_run(fixture->event, 2000);
	}
	return "";
}

static void expect(struct fixture *fixture, const char *line)
{
	assert_string_equal(line, next_line(fixture));
}

static void expect_key(struct fixture *fixture, unsigned code, bool pressed)
{
	char line[32];
	snprintf(line, sizeof line, "key %u %d", code, pressed);
	expect(fixture, line);
}

static void expect_tap(struct fixture *fixture, unsigned code)
{
	expect_key(fixture, code, true);
	expect_key(fixture, code, false);
}

static void order(struct fixture *fixture, const char *word)
{
	assert_int_equal(strlen(word), write(fixture->orders, word, strlen(word)));
}

static void start_server(struct fixture *fixture, const char *width, const char *height)
{
	int words[2], orders[2];
	assert_int_equal(0, pipe2(words, O_CLOEXEC));
	assert_int_equal(0, pipe2(orders, O_CLOEXEC));
	unlink(fixture->socket);
	fixture->server = fork();
	assert_true(fixture->server >= 0);
	if (fixture->server == 0) {
		dup2(orders[0], STDIN_FILENO);
		dup2(words[1], STDOUT_FILENO);
		execl(fixture->program, fixture->program, fixture->socket, width, height, NULL);
		_exit(127);
	}
	close(words[1]);
	close(orders[0]);
	fixture->words = words[0];
	fixture->orders = orders[1];
	fixture->size = 0;
	assert_int_equal(0, fcntl(fixture->words, F_SETFL, O_NONBLOCK));
	expect(fixture, "listening");
}

static void stop_server(struct fixture *fixture)
{
	if (fixture->server <= 0)
		return;
	kill(fixture->server, SIGKILL);
	waitpid(fixture->server, NULL, 0);
	close(fixture->words);
	close(fixture->orders);
	fixture->server = 0;
}

static void open_desktop(struct fixture *fixture)
{
	fixture->failures = 0;
	fixture->desktop =
		input_desktop_create_eis(fixture->event, fixture->socket, &desktop_events, fixture);
	assert_non_null(fixture->desktop);
	fixture->injector = injector_create(fixture->desktop, &output);
	assert_non_null(fixture->injector);
}

static void close_desktop(struct fixture *fixture)
{
	injector_destroy(fixture->injector);
	injector_destroy(fixture->other);
	fixture->injector = fixture->other = NULL;
	input_desktop_destroy(fixture->desktop);
	fixture->desktop = NULL;
}

static void greet(struct fixture *fixture)
{
	expect(fixture, "connect lodged");
	expect(fixture, "start");
}

static int set_up(void **state)
{
	struct fixture *fixture = *state;
	strcpy(fixture->folder, "/tmp/lodge-eis-XXXXXX");
	if (!mkdtemp(fixture->folder) || sd_event_new(&fixture->event) < 0)
		return -1;
	snprintf(fixture->socket, sizeof fixture->socket, "%s/eis", fixture->folder);
	start_server(fixture, NULL, NULL);
	open_desktop(fixture);
	greet(fixture);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	close_desktop(fixture);
	stop_server(fixture);
	fixture->event = sd_event_unref(fixture->event);
	char lock[112];
	snprintf(lock, sizeof lock, "%s.lock", fixture->socket);
	unlink(lock);
	unlink(fixture->socket);
	return rmdir(fixture->folder);
}

static void key_reaches_the_server_once(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_A, true);
	injector_key(fixture->injector, KEY_A, true);
	injector_key(fixture->injector, KEY_A, false);
	injector_key(fixture->injector, KEY_A, false);
	injector_key(fixture->injector, 0xffff, true);
	injector_key(fixture->injector, KEY_B, true);
	expect_tap(fixture, KEY_A);
	expect_key(fixture, KEY_B, true);
}

static void position_is_in_pixels_and_stays_within_the_output(void **state)
{
	struct fixture *fixture = *state;
	uint32_t x = 0, y = 0;
	assert_false(injector_position(fixture->injector, &x, &y));
	injector_pointer_absolute(fixture->injector, 640, 360);
	injector_pointer_absolute(fixture->injector, 5000, 5000);
	injector_pointer_relative(fixture->injector, -384, 64);
	expect(fixture, "position 640.000 360.000");
	expect(fixture, "position 1279.000 719.000");
	expect(fixture, "motion -1.500 0.250");
	assert_true(injector_position(fixture->injector, &x, &y));
	assert_int_equal(1277, x);
	assert_int_equal(719, y);
}

static void region_of_another_size_is_filled(void **state)
{
	struct fixture *fixture = *state;
	close_desktop(fixture);
	stop_server(fixture);
	start_server(fixture, "640", "360");
	open_desktop(fixture);
	greet(fixture);
	injector_pointer_absolute(fixture->injector, 0, 0);
	injector_pointer_absolute(fixture->injector, 640, 360);
	expect(fixture, "position 100.000 50.000");
	expect(fixture, "position 420.000 230.000");
}

static void buttons_of_a_mouse_reach_the_server_and_others_do_not(void **state)
{
	struct fixture *fixture = *state;
	injector_pointer_button(fixture->injector, KEY_A, true);
	injector_pointer_button(fixture->injector, 0x120, true);
	injector_pointer_button(fixture->injector, BTN_RIGHT, true);
	injector_pointer_button(fixture->injector, BTN_RIGHT, true);
	injector_pointer_button(fixture->injector, BTN_RIGHT, false);
	expect(fixture, "button 273 1");
	expect(fixture, "button 273 0");
	injector_pointer_button(fixture->injector, BTN_LEFT, true);
	expect(fixture, "button 272 1");
}

static void wheel_turns_in_detents_and_fingers_scroll_smoothly(void **state)
{
	struct fixture *fixture = *state;
	injector_pointer_axis(fixture->injector, 0, 0, 120);
	injector_pointer_axis(fixture->injector, 1, 0, -30);
	injector_pointer_axis(fixture->injector, 0, 640, 0);
	injector_pointer_axis(fixture->injector, 1, -128, 0);
	injector_pointer_axis(fixture->injector, 2, 640, 120);
	injector_pointer_axis(fixture->injector, 0, 0, INT32_MIN);
	expect(fixture, "wheel 0 120");
	expect(fixture, "wheel -30 0");
	expect(fixture, "scroll 0.000 2.500");
	expect(fixture, "scroll -0.500 0.000");
	expect(fixture, "wheel 0 -12000");
}

static void everything_held_goes_up_at_the_end(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_LEFTSHIFT, true);
	injector_pointer_button(fixture->injector, BTN_LEFT, true);
	injector_destroy(fixture->injector);
	fixture->injector = NULL;
	expect_key(fixture, KEY_LEFTSHIFT, true);
	expect(fixture, "button 272 1");
	expect(fixture, "button 272 0");
	expect_key(fixture, KEY_LEFTSHIFT, false);
	input_desktop_destroy(fixture->desktop);
	fixture->desktop = NULL;
	expect(fixture, "stop");
	expect(fixture, "disconnect");
}

static void release_is_heard_though_the_connection_ends_at_once(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_SPACE, true);
	close_desktop(fixture); /* nothing has run the loop since */
	expect_tap(fixture, KEY_SPACE);
	expect(fixture, "stop");
}

static void caps_lock_does_not_outlive_its_session(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_CAPSLOCK, true);
	injector_key(fixture->injector, KEY_CAPSLOCK, false);
	injector_release_all(fixture->injector);
	expect_tap(fixture, KEY_CAPSLOCK);
	expect_tap(fixture, KEY_CAPSLOCK);
	injector_release_all(fixture->injector);
	injector_key(fixture->injector, KEY_A, true);
	expect_key(fixture, KEY_A, true);
}

static void key_that_two_sessions_hold_goes_up_with_the_second(void **state)
{
	struct fixture *fixture = *state;
	fixture->other = injector_create(fixture->desktop, &output);
	injector_key(fixture->injector, KEY_W, true);
	injector_key(fixture->other, KEY_W, true);
	injector_key(fixture->injector, KEY_W, false);
	injector_key(fixture->injector, KEY_A, true);
	injector_key(fixture->other, KEY_W, false);
	expect_key(fixture, KEY_W, true);
	expect_key(fixture, KEY_A, true);
	expect_key(fixture, KEY_W, false);
}

static void button_that_two_sessions_hold_goes_up_with_the_second(void **state)
{
	struct fixture *fixture = *state;
	fixture->other = injector_create(fixture->desktop, &output);
	injector_pointer_button(fixture->injector, BTN_LEFT, true);
	injector_pointer_button(fixture->other, BTN_LEFT, true);
	injector_release_all(fixture->injector);
	injector_pointer_button(fixture->other, BTN_RIGHT, true);
	injector_release_all(fixture->other);
	expect(fixture, "button 272 1");
	expect(fixture, "button 273 1");
	expect(fixture, "button 272 0");
	expect(fixture, "button 273 0");
}

static void cursor_goes_back_before_another_session_clicks(void **state)
{
	struct fixture *fixture = *state;
	fixture->other = injector_create(fixture->desktop, &output);
	injector_pointer_absolute(fixture->injector, 10, 20);
	injector_pointer_absolute(fixture->other, 300, 400);
	injector_pointer_button(fixture->injector, BTN_LEFT, true);
	expect(fixture, "position 10.000 20.000");
	expect(fixture, "position 300.000 400.000");
	expect(fixture, "position 10.000 20.000");
	expect(fixture, "button 272 1");
}

static void text_is_typed_by_the_keys_of_the_layout(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(0, injector_text(fixture->injector, "aB\n", 3));
	expect_tap(fixture, KEY_A);
	expect_key(fixture, KEY_LEFTSHIFT, true);
	expect_tap(fixture, KEY_B);
	expect_key(fixture, KEY_LEFTSHIFT, false);
	expect_tap(fixture, KEY_ENTER);
	/* Two that no us keyboard has, and a byte that is no character. */
	assert_int_equal(3,
		injector_text(fixture->injector,
			"äж\xff"
			"c",
			6));
	expect_tap(fixture, KEY_C);
}

static void held_modifiers_and_locks_do_not_change_text(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_CAPSLOCK, true);
	injector_key(fixture->injector, KEY_CAPSLOCK, false);
	injector_key(fixture->injector, KEY_LEFTCTRL, true);
	expect_tap(fixture, KEY_CAPSLOCK);
	expect_key(fixture, KEY_LEFTCTRL, true);
	assert_int_equal(0, injector_text(fixture->injector, "x", 1));
	expect_key(fixture, KEY_LEFTCTRL, false);
	expect_tap(fixture, KEY_CAPSLOCK);
	expect_tap(fixture, KEY_X);
	expect_key(fixture, KEY_LEFTCTRL, true);
	expect_tap(fixture, KEY_CAPSLOCK);
}

static void long_text_arrives_whole_and_keys_wait_behind_it(void **state)
{
	struct fixture *fixture = *state;
	char text[1000];
	memset(text, 'q', sizeof text);
	assert_int_equal(0, injector_text(fixture->injector, text, sizeof text));
	injector_key(fixture->injector, KEY_F1, true);
	for (size_t i = 0; i < sizeof text; i++)
		expect_tap(fixture, KEY_Q);
	expect_key(fixture, KEY_F1, true);
}

static void event_before_the_device_is_there_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	close_desktop(fixture);
	expect(fixture, "stop");
	expect(fixture, "disconnect");
	open_desktop(fixture);
	injector_key(fixture->injector, KEY_A, true);
	injector_pointer_absolute(fixture->injector, 1, 1);
	assert_int_equal(1, injector_text(fixture->injector, "a", 1));
	greet(fixture);
	injector_key(fixture->injector, KEY_B, true);
	expect_key(fixture, KEY_B, true); /* and nothing before it */
}

static void run_loop_a_little(struct fixture *fixture)
{
	for (int turns = 0; turns < 20; turns++)
		sd_event_run(fixture->event, 10000);
}

static void device_that_is_paused_takes_nothing(void **state)
{
	struct fixture *fixture = *state;
	order(fixture, "remove\n");
	run_loop_a_little(fixture);
	order(fixture, "hold\n");
	run_loop_a_little(fixture);
	injector_key(fixture->injector, KEY_A, true);
	order(fixture, "resume\n");
	expect(fixture, "start");
	injector_key(fixture->injector, KEY_B, true);
	expect_key(fixture, KEY_B, true);
}

static void device_that_is_made_anew_begins_with_nothing_held(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_A, true);
	expect_key(fixture, KEY_A, true);
	order(fixture, "remove\n");
	run_loop_a_little(fixture);
	order(fixture, "add\n");
	for (const char *line; strcmp(line = next_line(fixture), "start") != 0;)
		assert_string_not_equal(line, "");
	injector_key(fixture->injector, KEY_A, true);
	expect_key(fixture, KEY_A, true);
}

static void server_that_does_not_read_blocks_nobody_and_hears_the_releases(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_A, true);
	expect_key(fixture, KEY_A, true);
	kill(fixture->server, SIGSTOP);
	for (int i = 0; i < 20000; i++)
		injector_pointer_absolute(fixture->injector, (uint32_t)(i % 1000), 5);
	injector_key(fixture->injector, KEY_A, false);
	kill(fixture->server, SIGCONT);
	const char *line;
	while (strncmp(line = next_line(fixture), "position ", 9) == 0)
		;
	assert_string_equal("key 30 0", line);
	assert_int_equal(0, fixture->failures);
}

static void server_that_dies_is_told_once_and_its_successor_is_found(void **state)
{
	struct fixture *fixture = *state;
	injector_key(fixture->injector, KEY_A, true);
	stop_server(fixture);
	for (int turns = 0; turns < 200 && fixture->failures == 0; turns++)
		sd_event_run(fixture->event, 10000);
	assert_int_equal(1, fixture->failures);
	assert_non_null(strstr(fixture->failure_text, fixture->socket));
	injector_key(fixture->injector, KEY_A, false); /* deaf, not dangerous */
	injector_pointer_absolute(fixture->injector, 1, 1);
	sd_event_run(fixture->event, 10000);
	assert_int_equal(1, fixture->failures);
	close_desktop(fixture);
	assert_null(input_desktop_create_eis(
		fixture->event, fixture->socket, &desktop_events, fixture));
	assert_int_equal(ECONNREFUSED, errno);
	start_server(fixture, NULL, NULL);
	open_desktop(fixture);
	greet(fixture);
	injector_key(fixture->injector, KEY_B, true);
	expect_key(fixture, KEY_B, true);
}

static void relative_path_is_refused(void **state)
{
	struct fixture *fixture = *state;
	assert_null(input_desktop_create_eis(
		fixture->event, "gamescope-0-ei", &desktop_events, fixture));
	assert_int_equal(EINVAL, errno);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: test-eis-injector EIS-SERVER\n");
		return 2;
	}
	struct fixture fixture = { .program = argv[1] };
#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, set_up, tear_down, &fixture)
	const struct CMUnitTest tests[] = {
		TEST(key_reaches_the_server_once),
		TEST(position_is_in_pixels_and_stays_within_the_output),
		TEST(region_of_another_size_is_filled),
		TEST(buttons_of_a_mouse_reach_the_server_and_others_do_not),
		TEST(wheel_turns_in_detents_and_fingers_scroll_smoothly),
		TEST(everything_held_goes_up_at_the_end),
		TEST(release_is_heard_though_the_connection_ends_at_once),
		TEST(caps_lock_does_not_outlive_its_session),
		TEST(key_that_two_sessions_hold_goes_up_with_the_second),
		TEST(button_that_two_sessions_hold_goes_up_with_the_second),
		TEST(cursor_goes_back_before_another_session_clicks),
		TEST(text_is_typed_by_the_keys_of_the_layout),
		TEST(held_modifiers_and_locks_do_not_change_text),
		TEST(long_text_arrives_whole_and_keys_wait_behind_it),
		TEST(event_before_the_device_is_there_is_dropped),
		TEST(device_that_is_paused_takes_nothing),
		TEST(device_that_is_made_anew_begins_with_nothing_held),
		TEST(server_that_does_not_read_blocks_nobody_and_hears_the_releases),
		TEST(server_that_dies_is_told_once_and_its_successor_is_found),
		TEST(relative_path_is_refused),
	};
	return cmocka_run_group_tests_name("eis injector", tests, NULL, NULL);
}
