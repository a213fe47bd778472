/*
 * People with a seat each on one sway: the backend's seats, the input room's devices, and terminals that write down
 * what reaches them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/injector.h"
#include "sway_desktop.h"

#define PEOPLE 3
#define TERMINALS 4
#define TYPED_MAX 4096

struct person {
	struct injector *injector;
	struct display_output *output;
	char output_name[SOURCE_NAME_MAX];
};

struct terminal {
	pid_t pid;
	char app_id[16], path[PATH_MAX];
};

struct world {
	struct desktop *desktop;
	struct input_desktop *input;
	char folder[64]; /* of the terminals' files */
	struct person people[PEOPLE];
	struct terminal terminals[TERMINALS];
	size_t terminal_count;
	bool failed;
};

static void on_failed(void *data, const char *text)
{
	print_error("%s\n", text);
	((struct world *)data)->failed = true;
}

static void prepare(struct world *world, const char *name, int error)
{
	struct desktop *desktop = world->desktop;
	desktop->answer = (struct answer){ 0 };
	desktop->backend->impl->prepare_seat(
		desktop->backend, name, desktop_on_destroyed, &desktop->answer);
	desktop_await_answer(desktop);
	assert_int_equal(desktop->answer.error, error);
	assert_int_equal(error != 0, desktop->answer.text[0] != '\0');
}

static struct injector_params target(const struct person *person, const char *seat)
{
	return (struct injector_params){ .output_name = person->output_name,
		.width_px = 800,
		.height_px = 600,
		.seat_name = seat };
}

static void come(struct world *world, size_t number, const char *seat)
{
	struct person *person = &world->people[number];
	if (!person->output) {
		person->output = desktop_create(world->desktop, desktop_mode(800, 600, 60000));
		strcpy(person->output_name, world->desktop->answer.info.name);
	}
	const struct injector_params params = target(person, seat);
	person->injector = injector_create(world->input, &params);
	assert_non_null(person->injector);
}

static void settle(struct world *world)
{
	for (int i = 0; i < 10; i++)
		sd_event_run(world->desktop->event, 10000);
}

static void leave(struct world *world, size_t number)
{
	injector_destroy(world->people[number].injector);
	world->people[number].injector = NULL;
}

/* --- what sway says --- */

static json_int_t find_id(const json_t *container, const char *app_id)
{
	static const char *const lists[] = { "nodes", "floating_nodes" };
	const char *name = json_string_value(json_object_get(container, "app_id"));
	if (name && strcmp(name, app_id) == 0)
		return json_integer_value(json_object_get(container, "id"));
	for (size_t i = 0; i < 2; i++) {
		size_t index;
		json_t *child;
		json_array_foreach(json_object_get(container, lists[i]), index, child)
		{
			const json_int_t id = find_id(child, app_id);
			if (id > 0)
				return id;
		}
	}
	return 0;
}

static json_int_t focus_of(const struct world *world, const char *seat)
{
	size_t index;
	json_t *entry, *seats = sway_session_ask(world->desktop->ipc, SWAY_GET_SEATS, NULL);
	json_int_t focus = -1;
	json_array_foreach(seats, index, entry)
	{
		if (strcmp(json_string_value(json_object_get(entry, "name")), seat) == 0)
			focus = json_integer_value(json_object_get(entry, "focus"));
	}
	json_decref(seats);
	return focus;
}

static unsigned count_seats(const struct world *world)
{
	json_t *seats = sway_session_ask(world->desktop->ipc, SWAY_GET_SEATS, NULL);
	const unsigned count = (unsigned)json_array_size(seats);
	json_decref(seats);
	return count;
}

struct expectation {
	const struct world *world;
	const char *seat, *app_id;
};

static bool has_focus(void *data)
{
	const struct expectation *wanted = data;
	json_t *tree = sway_session_ask(wanted->world->desktop->ipc, SWAY_GET_TREE, NULL);
	const json_int_t id = find_id(tree, wanted->app_id);
	json_decref(tree);
	return id > 0 && focus_of(wanted->world, wanted->seat) == id;
}

static void await_focus(struct world *world, const char *seat, const char *app_id)
{
	struct expectation wanted = { world, seat, app_id };
	if (!sway_session_wait(world->desktop->event, has_focus, &wanted))
		fail_msg("%s did not get the focus of %s", app_id, seat);
}

static void assert_focus(const struct world *world, const char *seat, const char *app_id)
{
	struct expectation wanted = { world, seat, app_id };
	assert_true(has_focus(&wanted));
}

/* --- terminals: each writes every character that reaches it into its file --- */

static struct terminal *add_terminal(struct world *world, const char *app_id)
{
	assert_true(world->terminal_count < TERMINALS);
	struct terminal *terminal = &world->terminals[world->terminal_count++];
	*terminal = (struct terminal){ 0 };
	snprintf(terminal->app_id, sizeof terminal->app_id, "%s", app_id);
	snprintf(terminal->path, sizeof terminal->path, "%s/%s", world->folder, app_id);
	return terminal;
}

static pid_t launch(const struct world *world, const char *app_id, const char *script)
{
	char folder[PATH_MAX];
	const char *socket = desktop_socket(world->desktop);
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(socket, '/') - socket), socket);
	const pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setenv("LANG", "C.UTF-8", 1);
	setenv("XDG_RUNTIME_DIR", folder, 1);
	setenv("WAYLAND_DISPLAY", socket, 1);
	execlp("foot", "foot", "--config=/dev/null", "--log-level=none", "-a", app_id, "sh", "-c",
		script, (char *)NULL);
	_exit(127);
}

static bool file_is_there(void *path)
{
	return access(path, F_OK) == 0;
}

static void await_terminal(struct world *world, struct terminal *terminal)
{
	assert_true(sway_session_wait(world->desktop->event, file_is_there, terminal->path));
}

/* On the display of this person, whose focus it gets. */
static struct terminal *open_terminal(
	struct world *world, size_t person, const char *seat, const char *app_id)
{
	char script[PATH_MAX + 64];
	struct terminal *terminal = add_terminal(world, app_id);
	desktop_command(world->desktop, "focus output %s", world->people[person].output_name);
	snprintf(script, sizeof script, "stty raw -echo; exec cat >%s", terminal->path);
	terminal->pid = launch(world, app_id, script);
	await_terminal(world, terminal);
	await_focus(world, seat, app_id);
	return terminal;
}

static size_t read_typed(const struct terminal *terminal, char typed[TYPED_MAX])
{
	const int fd = open(terminal->path, O_RDONLY | O_CLOEXEC);
	const ssize_t size = fd < 0 ? 0 : read(fd, typed, TYPED_MAX - 1);
	if (fd >= 0)
		close(fd);
	typed[size > 0 ? size : 0] = '\0';
	return size > 0 ? (size_t)size : 0;
}

struct typing {
	const struct terminal *terminal;
	size_t size;
};

static bool is_typed(void *data)
{
	const struct typing *typing = data;
	char typed[TYPED_MAX];
	return read_typed(typing->terminal, typed) >= typing->size;
}

static void expect_typed(
	const struct world *world, const struct terminal *terminal, const char *text)
{
	struct typing typing = { terminal, strlen(text) };
	char typed[TYPED_MAX];
	sway_session_wait(world->desktop->event, is_typed, &typing);
	read_typed(terminal, typed);
	assert_string_equal(typed, text);
}

static void tap(struct injector *injector, uint16_t code)
{
	injector_key(injector, code, true);
	injector_key(injector, code, false);
}

static void type(struct injector *injector, const char *text)
{
	assert_int_equal(injector_text(injector, text, (uint32_t)strlen(text)), 0);
}

/*
 * After sway took a seat's devices away a program needs a moment to get its keyboard anew; what is typed meanwhile
 * is lost. Types until something arrives.
 */
static void type_until_it_arrives(
	struct world *world, size_t person, const struct terminal *terminal, uint16_t code)
{
	struct typing typing = { terminal, 1 };
	for (int i = 0; i < 1000 && !is_typed(&typing); i++) {
		tap(world->people[person].injector, code);
		sd_event_run(world->desktop->event, 20000);
	}
	assert_true(is_typed(&typing));
}

static void assert_only(const struct terminal *terminal, char letter)
{
	char typed[TYPED_MAX];
	const size_t size = read_typed(terminal, typed);
	assert_true(size > 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(typed[i], letter);
}

/* --- setups --- */

static void connect_input(struct world *world)
{
	static const struct input_desktop_events events = { .failed = on_failed };
	world->input = input_desktop_create(
		world->desktop->event, desktop_socket(world->desktop), &events, world);
	assert_non_null(world->input);
}

static int open_world(void **state, int (*open)(void **state))
{
	void *desktop = NULL;
	struct world *world = calloc(1, sizeof *world);
	*state = world;
	strcpy(world->folder, "/tmp/lodge-test.XXXXXX");
	if (!mkdtemp(world->folder) || open(&desktop) < 0)
		return -1;
	world->desktop = desktop;
	return 0;
}

static int open_private(void **state)
{
	if (open_world(state, desktop_open) < 0)
		return -1;
	connect_input(*state);
	return 0;
}

/* The screen HEADLESS-1 is somebody's who sits there. */
static int open_attached(void **state)
{
	if (open_world(state, desktop_open_folder) < 0)
		return -1;
	struct world *world = *state;
	desktop_start_session(world->desktop);
	desktop_attach(world->desktop);
	connect_input(world);
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;
	const bool failed = world->failed;
	for (size_t i = 0; i < PEOPLE; i++)
		leave(world, i);
	input_desktop_destroy(world->input);
	for (size_t i = 0; i < world->terminal_count; i++) {
		if (world->terminals[i].pid > 0) {
			kill(world->terminals[i].pid, SIGKILL);
			waitpid(world->terminals[i].pid, NULL, 0);
		}
		unlink(world->terminals[i].path);
	}
	void *desktop = world->desktop;
	const int error = desktop_close_folder(&desktop);
	rmdir(world->folder);
	free(world);
	return failed ? -1 : error;
}

/* Alice and Bob, each with a display, a seat and a terminal. */
static void two_people_come(struct world *world)
{
	prepare(world, "lodge-1", 0);
	prepare(world, "lodge-2", 0);
	come(world, 0, "lodge-1");
	come(world, 1, "lodge-2");
	open_terminal(world, 0, "lodge-1", "alice");
	open_terminal(world, 1, "lodge-2", "bob");
	assert_focus(world, "lodge-1", "alice");
}

/* --- tests --- */

static void two_people_type_into_two_windows_and_nothing_crosses(void **state)
{
	struct world *world = *state;
	char of_alice[257] = "", of_bob[257] = "";
	two_people_come(world);
	for (size_t i = 0; i < 256; i++) {
		of_alice[i] = i & 1 ? 'a' : 'b';
		of_bob[i] = i & 1 ? 'X' : 'y';
		tap(world->people[0].injector, i & 1 ? KEY_A : KEY_B);
		if (i & 1)
			injector_key(world->people[1].injector, KEY_LEFTSHIFT, true);
		tap(world->people[1].injector, i & 1 ? KEY_X : KEY_Y);
		if (i & 1)
			injector_key(world->people[1].injector, KEY_LEFTSHIFT, false);
		/* A compositor that lags behind is given nothing more, by design. */
		struct typing typing = { &world->terminals[1], i + 1 };
		if (i % 16 == 15)
			assert_true(sway_session_wait(world->desktop->event, is_typed, &typing));
	}
	expect_typed(world, &world->terminals[0], of_alice);
	expect_typed(world, &world->terminals[1], of_bob);
}

static void texts_beyond_the_layout_do_not_cross(void **state)
{
	struct world *world = *state;
	two_people_come(world);
	type(world->people[0].injector, "äöü漢");
	type(world->people[1].injector, "ñ€😀z");
	type(world->people[0].injector, "end");
	expect_typed(world, &world->terminals[0], "äöü漢end");
	expect_typed(world, &world->terminals[1], "ñ€😀z");
}

static void held_key_of_one_is_not_held_for_the_other(void **state)
{
	struct world *world = *state;
	two_people_come(world);
	injector_key(world->people[0].injector, KEY_LEFTSHIFT, true);
	tap(world->people[0].injector, KEY_A);
	expect_typed(world, &world->terminals[0], "A");
	tap(world->people[1].injector, KEY_A);
	expect_typed(world, &world->terminals[1], "a");
	tap(world->people[0].injector, KEY_B);
	expect_typed(world, &world->terminals[0], "AB");
}

static void each_has_a_position_of_its_own(void **state)
{
	struct world *world = *state;
	uint32_t x = 0, y = 0;
	come(world, 0, "lodge-1");
	come(world, 1, "lodge-2");
	struct injector *alice = world->people[0].injector;
	struct injector *bob = world->people[1].injector;
	injector_pointer_absolute(alice, 5, 5); /* kept out: there is no such seat */
	assert_false(injector_position(alice, &x, &y));
	prepare(world, "lodge-1", 0);
	prepare(world, "lodge-2", 0);
	for (int i = 0; i < 1000 && !injector_position(alice, &x, &y); i++) {
		injector_pointer_absolute(alice, 100, 200);
		sd_event_run(world->desktop->event, 20000);
	}
	assert_false(injector_position(bob, &x, &y));
	for (int i = 0; i < 1000 && !injector_position(bob, &x, &y); i++) {
		injector_pointer_absolute(bob, 5000, 300);
		sd_event_run(world->desktop->event, 20000);
	}
	assert_int_equal(x, 799);
	assert_int_equal(y, 300);
	injector_pointer_relative(alice, 256 * 3, -256);
	assert_true(injector_position(alice, &x, &y));
	assert_int_equal(x, 103);
	assert_int_equal(y, 199);
}

static void seat_that_is_announced_later_is_bound_then(void **state)
{
	struct world *world = *state;
	come(world, 0, "lodge-1");
	settle(world);
	tap(world->people[0].injector, KEY_A); /* kept out */
	prepare(world, "lodge-1", 0);
	struct terminal *terminal = open_terminal(world, 0, "lodge-1", "alice");
	tap(world->people[0].injector, KEY_B);
	expect_typed(world, terminal, "b");
}

/* She starts a program from her terminal while he types without a pause, and the first seat is on his display. */
static void new_window_of_one_takes_the_focus_of_no_other(void **state)
{
	struct world *world = *state;
	char script[4 * PATH_MAX], of_bob[TYPED_MAX] = "";
	size_t typed = 0;
	prepare(world, "lodge-1", 0);
	come(world, 0, "lodge-1");
	come(world, 1, "lodge-2");
	prepare(world, "lodge-2", 0);
	struct terminal *alice = add_terminal(world, "alice");
	struct terminal *child = add_terminal(world, "child");
	snprintf(script, sizeof script,
		"stty raw -echo; : >%s; head -c1 >/dev/null; "
		"foot --config=/dev/null --log-level=none -a child "
		"sh -c 'stty raw -echo; exec cat >%s' & exec cat >%s",
		alice->path, child->path, alice->path);
	desktop_command(world->desktop, "focus output %s", world->people[0].output_name);
	alice->pid = launch(world, "alice", script);
	await_terminal(world, alice);
	await_focus(world, "lodge-1", "alice");
	struct terminal *bob = open_terminal(world, 1, "lodge-2", "bob");

	struct expectation wanted = { world, "lodge-1", "child" };
	tap(world->people[0].injector, KEY_ENTER);
	for (int i = 0; i < 3000 && !has_focus(&wanted); i++) {
		assert_true(typed < sizeof of_bob - 1);
		of_bob[typed++] = 'b';
		tap(world->people[1].injector, KEY_B);
		sd_event_run(world->desktop->event, 5000);
	}
	assert_true(has_focus(&wanted));
	assert_focus(world, "lodge-2", "bob");
	await_terminal(world, child);
	type(world->people[0].injector, "mine");
	tap(world->people[1].injector, KEY_C);
	strcat(of_bob, "c");
	expect_typed(world, child, "mine");
	expect_typed(world, bob, of_bob);
	expect_typed(world, alice, "");
	char output[64];
	sway_session_find_window(world->desktop->ipc, "child", output);
	assert_string_equal(output, world->people[0].output_name);
}

/* Every window of the desktop is closed but the other's: nobody's typing goes astray. */
static void closing_a_window_moves_only_its_owners_focus(void **state)
{
	struct world *world = *state;
	two_people_come(world);
	kill(world->terminals[0].pid, SIGKILL);
	waitpid(world->terminals[0].pid, NULL, 0);
	world->terminals[0].pid = 0;
	struct expectation gone = { world, "lodge-1", "alice" };
	for (int i = 0; i < 500 && has_focus(&gone); i++)
		sd_event_run(world->desktop->event, 10000);
	tap(world->people[0].injector, KEY_A);
	tap(world->people[1].injector, KEY_B);
	expect_typed(world, &world->terminals[1], "b");
	assert_focus(world, "lodge-2", "bob");
}

static void seat_is_used_again_and_nothing_is_held(void **state)
{
	struct world *world = *state;
	two_people_come(world);
	injector_pointer_absolute(world->people[0].injector, 400, 300);
	injector_key(world->people[0].injector, KEY_LEFTSHIFT, true);
	injector_key(world->people[0].injector, KEY_LEFTCTRL, true);
	injector_pointer_button(world->people[0].injector, BTN_LEFT, true);
	leave(world, 0);
	tap(world->people[1].injector, KEY_A);
	expect_typed(world, &world->terminals[1], "a");
	come(world, 0, "lodge-1");
	await_focus(world, "lodge-1", "alice");
	settle(world);
	tap(world->people[0].injector, KEY_C);
	expect_typed(world, &world->terminals[0], "c");
}

/* lodge-16 is of another block: sway gives everybody's devices to the first seat when it is made. */
static void people_keep_their_seats_when_further_ones_are_made(void **state)
{
	struct world *world = *state;
	two_people_come(world);
	prepare(world, "lodge-16", 0);
	come(world, 2, "lodge-16");
	struct terminal *carol = open_terminal(world, 2, "lodge-16", "carol");
	type_until_it_arrives(world, 0, &world->terminals[0], KEY_A);
	type_until_it_arrives(world, 1, &world->terminals[1], KEY_B);
	type_until_it_arrives(world, 2, carol, KEY_C);
	assert_only(&world->terminals[0], 'a');
	assert_only(&world->terminals[1], 'b');
	assert_only(carol, 'c');
}

static void names_are_checked_and_a_seat_is_made_once(void **state)
{
	struct world *world = *state;
	static const char *const bad[] = { "", "Lodge-1", "lodge 1", "lodge-1; exit", "seat0", "-1",
		"*", "\"", "abcdefghijklmnopqrstuvwxyz-0123456789" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		prepare(world, bad[i], -EINVAL);
	assert_int_equal(count_seats(world), 1);
	prepare(world, "guest", 0);
	assert_int_equal(count_seats(world), 2);
	prepare(world, "lodge-3", 0);
	assert_int_equal(count_seats(world), 18);
	prepare(world, "lodge-3", 0);
	prepare(world, "lodge-15", 0);
	assert_int_equal(count_seats(world), 18);
	const struct display_capabilities *capabilities =
		world->desktop->backend->impl->capabilities(world->desktop->backend);
	assert_true(capabilities->options[DISPLAY_OPTION_SEATS].supported);
}

/* The configuration knows neither the seats nor the rules. */
static void seats_outlive_a_reload(void **state)
{
	struct world *world = *state;
	two_people_come(world);
	desktop_command(world->desktop, "reload");
	prepare(world, "lodge-1", 0);
	open_terminal(world, 0, "lodge-1", "second");
	assert_focus(world, "lodge-2", "bob");
	type_until_it_arrives(world, 0, &world->terminals[2], KEY_A);
	type_until_it_arrives(world, 1, &world->terminals[1], KEY_B);
	assert_only(&world->terminals[2], 'a');
	assert_only(&world->terminals[1], 'b');
	assert_int_equal(count_seats(world), 17);
}

static void seat_of_a_desktop_that_came_back_is_made_anew(void **state)
{
	struct world *world = *state;
	prepare(world, "lodge-1", 0);
	input_desktop_destroy(world->input);
	world->input = NULL;
	world->desktop->ready = 0;
	kill(sway_session_pid(world->desktop->ipc), SIGKILL);
	desktop_await_ready(world->desktop);
	connect_input(world);
	prepare(world, "lodge-1", 0);
	come(world, 0, "lodge-1");
	struct terminal *terminal = open_terminal(world, 0, "lodge-1", "alice");
	type(world->people[0].injector, "again");
	expect_typed(world, terminal, "again");
}

/* Whoever sits at the screen opens a first window on an empty workspace: no rule of sway's can hold it back. */
static void window_of_the_person_at_the_screen_leaves_the_others_theirs(void **state)
{
	struct world *world = *state;
	prepare(world, "lodge-1", 0);
	come(world, 0, "lodge-1");
	struct terminal *alice = open_terminal(world, 0, "lodge-1", "alice");
	settle(world); /* the focus is said to be hers, whoever has given it */
	struct person screen = { 0 };
	strcpy(screen.output_name, "HEADLESS-1");
	world->people[1] = screen;
	open_terminal(world, 1, "seat0", "first");
	await_focus(world, "lodge-1", "alice");
	type(world->people[0].injector, "one");
	expect_typed(world, alice, "one");
	open_terminal(world, 1, "seat0", "second");
	await_focus(world, "lodge-1", "alice"); /* given back as soon as the window is heard of */
	type(world->people[0].injector, "two");
	expect_typed(world, alice, "onetwo");
}

#define PRIVATE(test) cmocka_unit_test_setup_teardown(test, open_private, close_world)
#define ATTACHED(test) cmocka_unit_test_setup_teardown(test, open_attached, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PRIVATE(two_people_type_into_two_windows_and_nothing_crosses),
		PRIVATE(texts_beyond_the_layout_do_not_cross),
		PRIVATE(held_key_of_one_is_not_held_for_the_other),
		PRIVATE(each_has_a_position_of_its_own),
		PRIVATE(seat_that_is_announced_later_is_bound_then),
		PRIVATE(new_window_of_one_takes_the_focus_of_no_other),
		PRIVATE(closing_a_window_moves_only_its_owners_focus),
		PRIVATE(seat_is_used_again_and_nothing_is_held),
		PRIVATE(people_keep_their_seats_when_further_ones_are_made),
		PRIVATE(names_are_checked_and_a_seat_is_made_once),
		PRIVATE(seats_outlive_a_reload),
		PRIVATE(seat_of_a_desktop_that_came_back_is_made_anew),
		ATTACHED(window_of_the_person_at_the_screen_leaves_the_others_theirs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
