/* The pointer of a real X server without a screen. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "media/clock.h"
#include "media/cursor.h"
#include "media/x_cursor.h"
#include "x_server.h"

#define DEADLINE_NS 20000000000u

struct follower {
	struct x_server server;
	struct cursor cursor;
	struct x_cursor *x;
};

static int start(void **state)
{
	struct follower *follower = calloc(1, sizeof *follower);
	*state = follower;
	return x_server_start(&follower->server) ? 0 : -1;
}

static int stop(void **state)
{
	struct follower *follower = *state;
	x_cursor_close(follower->x);
	x_server_stop(&follower->server);
	free(follower);
	return 0;
}

static void follow(struct follower *follower)
{
	const char *fault = NULL;
	follower->x = x_cursor_open(
		follower->server.display, &follower->cursor, clock_now_ns() + DEADLINE_NS, &fault);
	if (!follower->x)
		fail_msg("x_cursor_open: %s", fault);
}

static bool await(struct follower *follower, bool (*condition)(const struct cursor *cursor))
{
	const uint64_t until_ns = clock_now_ns() + DEADLINE_NS;
	for (;;) {
		if (!x_cursor_dispatch(follower->x))
			return false;
		if (condition(&follower->cursor))
			return true;
		struct pollfd poll_fd = { .fd = x_cursor_fd(follower->x), .events = POLLIN };
		if (clock_now_ns() >= until_ns)
			return false;
		poll(&poll_fd, 1, 100);
	}
}

static bool is_at_100_50(const struct cursor *cursor)
{
	return cursor->x == 100 && cursor->y == 50;
}

static bool is_at_300_200(const struct cursor *cursor)
{
	return cursor->x == 300 && cursor->y == 200;
}

static bool has_the_image(const struct cursor *cursor)
{
	return cursor->visible && cursor->width_px == X_SERVER_CURSOR_PX &&
		cursor->height_px == X_SERVER_CURSOR_PX &&
		cursor->pixels[0] == X_SERVER_CURSOR_COLOUR &&
		cursor->pixels[X_SERVER_CURSOR_PX * X_SERVER_CURSOR_PX - 1] ==
		X_SERVER_CURSOR_COLOUR &&
		cursor->hotspot_x == X_SERVER_CURSOR_HOTSPOT &&
		cursor->hotspot_y == X_SERVER_CURSOR_HOTSPOT;
}

static bool is_hidden(const struct cursor *cursor)
{
	return cursor->width_px > 0 && !cursor->visible;
}

static void place_is_known_at_once_and_followed(void **state)
{
	struct follower *follower = *state;
	x_server_move(&follower->server, 100, 50);
	x_server_settle(&follower->server);
	follow(follower);
	assert_true(await(follower, is_at_100_50));
	x_server_move(&follower->server, 300, 200);
	assert_true(await(follower, is_at_300_200));
	for (int16_t x = 0; x < 100; x++)
		x_server_move(&follower->server, x, 10);
	x_server_move(&follower->server, 100, 50);
	assert_true(await(follower, is_at_100_50));
}

static void image_is_followed_and_one_of_nothing_is_hidden(void **state)
{
	struct follower *follower = *state;
	follow(follower);
	x_server_set_cursor(&follower->server, true);
	assert_true(await(follower, has_the_image));
	x_server_set_cursor(&follower->server, false);
	assert_true(await(follower, is_hidden));
	x_server_set_cursor(&follower->server, true);
	assert_true(await(follower, has_the_image));
}

static void pointer_that_a_program_moves_is_found_by_asking(void **state)
{
	struct follower *follower = *state;
	follow(follower);
	xcb_warp_pointer(
		follower->server.program, XCB_NONE, follower->server.root, 0, 0, 0, 0, 300, 200);
	x_server_settle(&follower->server);
	assert_true(x_cursor_ask(follower->x));
	assert_true(await(follower, is_at_300_200));
}

static bool never(const struct cursor *cursor)
{
	return false;
}

static void server_that_dies_is_told_of(void **state)
{
	struct follower *follower = *state;
	follow(follower);
	kill(follower->server.pid, SIGKILL);
	const uint64_t before_ns = clock_now_ns();
	assert_false(await(follower, never));
	/* Told, and not merely waited for until the deadline. */
	assert_true(clock_now_ns() - before_ns < DEADLINE_NS);
}

static void server_that_stands_still_is_given_up(void **state)
{
	struct follower *follower = *state;
	const char *fault = NULL;
	int status;
	kill(follower->server.pid, SIGSTOP);
	assert_int_equal(waitpid(follower->server.pid, &status, WUNTRACED), follower->server.pid);
	assert_true(WIFSTOPPED(status));
	assert_null(x_cursor_open(
		follower->server.display, &follower->cursor, clock_now_ns() + 200000000u, &fault));
	assert_string_equal(fault, "the X server does not answer, or refuses the connection");
}

static void display_that_is_not_there_is_refused(void **state)
{
	static const char *const displays[] = { "", ":", ":x", "host:0", ":64999" };
	struct follower *follower = *state;
	for (size_t i = 0; i < sizeof displays / sizeof *displays; i++) {
		const char *fault = NULL;
		assert_null(x_cursor_open(
			displays[i], &follower->cursor, clock_now_ns() + DEADLINE_NS, &fault));
		assert_string_equal(fault, "nobody listens on the display's socket");
	}
}

int main(void)
{
#define WITH_SERVER(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		WITH_SERVER(place_is_known_at_once_and_followed),
		WITH_SERVER(image_is_followed_and_one_of_nothing_is_hidden),
		WITH_SERVER(pointer_that_a_program_moves_is_found_by_asking),
		WITH_SERVER(server_that_dies_is_told_of),
		WITH_SERVER(server_that_stands_still_is_given_up),
		WITH_SERVER(display_that_is_not_there_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
