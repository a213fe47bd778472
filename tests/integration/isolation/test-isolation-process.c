#include "isolation_world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
	struct world *world;
	struct noted_tree tree;
};

static int setup(void **state)
{
	struct place *place = world_place_create(sizeof *place);
	world_spawn(place->world, &place->tree, "desktop-1", false);
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

static void its_status_is_told(void **state)
{
	struct place *place = *state;
	struct noted_process process;
	world_start(
		&place->tree, &process, "app", (const char *const[]){ "sh", "-c", "exit 7", NULL });
	world_await_exited(place->world, &process);
	assert_true(process.started);
	assert_true(WIFEXITED(process.status) && WEXITSTATUS(process.status) == 7);
	assert_string_equal(process.text, "");
}

static void expect_last_words(struct place *place, const char *script, const char *words)
{
	struct noted_process process;
	world_start(
		&place->tree, &process, "app", (const char *const[]){ "sh", "-c", script, NULL });
	world_await_exited(place->world, &process);
	assert_string_equal(process.text, words);
}

static void last_words_of_what_failed_are_told(void **state)
{
	struct place *place = *state;
	char sentence[128];
	expect_last_words(place, "echo first; echo 'no GPU' >&2; echo; exit 3", "no GPU");
	expect_last_words(
		place, "printf '\\033[1;31mno\\033[0m G\\007PU'; kill -SEGV $$", "no G?PU");
	expect_last_words(place, "echo all is well", ""); /* nobody asks how it went */
	isolated_process_describe_end("it", 3 << 8, "no GPU", sentence, sizeof sentence);
	assert_string_equal(sentence, "it ended with status 3: no GPU");
	isolated_process_describe_end("it", SIGKILL, "", sentence, sizeof sentence);
	assert_string_equal(sentence, "it was ended by signal 9 (Killed)");
	isolated_process_describe_end("it", 0, "", sentence, sizeof sentence);
	assert_string_equal(sentence, "it has ended");
}

static void expect_not_run(struct place *place, const char *program, const char *text)
{
	struct noted_process process;
	world_start(&place->tree, &process, "app", (const char *const[]){ program, NULL });
	world_await_exited(place->world, &process);
	assert_false(process.started);
	assert_int_equal(process.status, 127 << 8);
	if (!strstr(process.text, text))
		fprintf(stderr, "%s\n", process.text);
	assert_non_null(strstr(process.text, text));
}

static void a_program_that_cannot_be_run_is_said(void **state)
{
	struct place *place = *state;
	expect_not_run(place, "no-such-program", "no-such-program cannot be run: No such file");
	expect_not_run(place, "", "No such file");
	expect_not_run(place, "/proc/version", "Permission denied");
	expect_not_run(place, "/tmp", "Is a directory");
	/* Found, and yet no program. */
	char *text = world_shell(place->world, &place->tree,
		"printf '\\177ELF nonsense' > $XDG_RUNTIME_DIR/odd; chmod 700 "
		"$XDG_RUNTIME_DIR/odd");
	free(text);
	char path[SOURCE_PATH_MAX + 8];
	snprintf(path, sizeof path, "%s/odd", place->tree.info.runtime_folder);
	expect_not_run(place, path, "it cannot be run: Exec format error");
}

static void a_folder_that_cannot_be_entered_is_said(void **state)
{
	struct place *place = *state;
	struct noted_process process = { 0 };
	const struct isolated_process_params params = {
		.role = "app",
		.arguments = (const char *const[]){ "true" },
		.argument_count = 1,
		.folder = "/no/such/folder",
	};
	assert_non_null(
		isolated_process_start(place->tree.tree, &params, &noted_process_events, &process));
	world_await_exited(place->world, &process);
	assert_int_equal(process.status, 127 << 8);
	assert_non_null(strstr(process.text, "folder cannot be entered: No such file"));
}

static void odd_requests_are_refused(void **state)
{
	struct place *place = *state;
	struct noted_process process = { 0 };
	char *huge = malloc(100000);
	assert_non_null(huge);
	memset(huge, 'x', 99999);
	huge[99999] = '\0';
	struct isolated_process_params params = {
		.role = "no role",
		.arguments = (const char *const[]){ "true", huge },
		.argument_count = 1,
	};
	assert_null(
		isolated_process_start(place->tree.tree, &params, &noted_process_events, &process));
	assert_int_equal(errno, EINVAL);
	params.role = "app";
	params.argument_count = 2;
	assert_null(
		isolated_process_start(place->tree.tree, &params, &noted_process_events, &process));
	assert_int_equal(errno, E2BIG);
	params.argument_count = 0;
	assert_null(
		isolated_process_start(place->tree.tree, &params, &noted_process_events, &process));
	assert_int_equal(errno, EINVAL);
	free(huge);
}

static void its_environment_wins_over_the_trees(void **state)
{
	struct place *place = *state;
	struct noted_process process = { 0 };
	char path[SOURCE_PATH_MAX + 8];
	const struct isolated_process_params params = {
		.role = "app",
		.arguments = (const char *const[]){ "sh", "-c",
			"echo $LANG $EXTRA $(pwd) > $XDG_RUNTIME_DIR/said" },
		.argument_count = 3,
		.environment = (const char *const[]){ "LANG=de_DE.UTF-8", "EXTRA=more" },
		.environment_count = 2,
		.folder = "/usr",
	};
	assert_non_null(
		isolated_process_start(place->tree.tree, &params, &noted_process_events, &process));
	world_await_exited(place->world, &process);
	snprintf(path, sizeof path, "%s/said", place->tree.info.runtime_folder);
	char *text = world_read_file(path);
	assert_string_equal(text, "de_DE.UTF-8 more /usr\n");
	free(text);
}

static void an_ordinary_user_is_not_root(void **state)
{
	struct place *place = *state;
	struct noted_process process = { 0 };
	char path[SOURCE_PATH_MAX + 8];
	const struct isolated_process_params params = {
		.role = "compositor",
		.arguments = (const char *const[]){ "sh", "-c",
			"id -u > $XDG_RUNTIME_DIR/id; touch $XDG_RUNTIME_DIR/mine" },
		.argument_count = 3,
		.as_ordinary_user = true,
	};
	assert_non_null(
		isolated_process_start(place->tree.tree, &params, &noted_process_events, &process));
	world_await_exited(place->world, &process);
	assert_int_equal(process.status, 0);
	snprintf(path, sizeof path, "%s/id", place->tree.info.runtime_folder);
	char *text = world_read_file(path);
	assert_non_null(text);
	assert_true(atoi(text) > 0);
	free(text);
}

static void a_signal_reaches_it_even_before_it_runs(void **state)
{
	struct place *place = *state;
	struct noted_process process;
	world_start(&place->tree, &process, "app", (const char *const[]){ "sleep", "1000", NULL });
	isolated_process_signal(process.process, SIGTERM);
	world_await_exited(place->world, &process);
	assert_true(WIFSIGNALED(process.status) && WTERMSIG(process.status) == SIGTERM);
}

static bool is_alone(void *data)
{
	const struct place *place = data;
	return !world_find_process(place->tree.info.runtime_folder, "sleep");
}

static void its_end_takes_its_process_group_along(void **state)
{
	struct place *place = *state;
	struct noted_process process;
	world_start(&place->tree, &process, "app",
		(const char *const[]){ "sh", "-c", "sleep 1000 & sleep 1000", NULL });
	world_await_started(place->world, &process);
	isolated_process_end(process.process);
	assert_true(world_wait(place->world, is_alone, place));
	world_run(place->world, 50);
	assert_false(process.exited); /* nothing is told afterwards */
}

/* The test's standard error goes to a file meanwhile. */
static int redirect(const char *path)
{
	const int old = dup(STDERR_FILENO);
	fflush(stderr);
	assert_non_null(freopen(path, "w", stderr));
	return old;
}

static void restore(int old)
{
	fflush(stderr);
	assert_true(dup2(old, STDERR_FILENO) >= 0);
	close(old);
}

static bool has_last_line(void *path)
{
	fflush(stderr);
	char *text = world_read_file(path);
	const bool found = text && strstr(text, "app: last\n");
	free(text);
	return found;
}

static void its_output_comes_line_by_line_and_harmless(void **state)
{
	struct place *place = *state;
	struct noted_process process;
	char path[128];
	snprintf(path, sizeof path, "%s/log", place->world->root);
	const int old = redirect(path);
	world_start(&place->tree, &process, "app",
		(const char *const[]){ "sh", "-c",
			"echo one; echo two >&2; printf '\\033[2Jthree\\r\\377\\nlast'", NULL });
	world_await_exited(place->world, &process);
	assert_true(world_wait(place->world, has_last_line, path));
	restore(old);
	char *text = world_read_file(path);
	assert_non_null(strstr(text, "lodged: tree desktop-1: app: one\n"));
	assert_non_null(strstr(text, "lodged: tree desktop-1: app: two\n"));
	assert_non_null(strstr(text, "lodged: tree desktop-1: app: ?[2Jthree??\n"));
	assert_non_null(strstr(text, "lodged: tree desktop-1: app: last\n"));
	free(text);
}

static void a_flood_of_output_does_not_stop_the_rest(void **state)
{
	struct place *place = *state;
	struct noted_process flood, other;
	const int old = redirect("/dev/null");
	world_start(&place->tree, &flood, "flood", (const char *const[]){ "yes", NULL });
	world_await_started(place->world, &flood);
	world_run(place->world, 200);
	world_start(&place->tree, &other, "app", (const char *const[]){ "true", NULL });
	world_await_exited(place->world, &other);
	isolated_process_end(flood.process);
	restore(old);
	assert_int_equal(other.status, 0);
}

static void many_programs_are_started_at_once(void **state)
{
	enum { COUNT = 60 };
	struct place *place = *state;
	struct noted_process processes[COUNT];
	for (int i = 0; i < COUNT; i++)
		world_start(&place->tree, &processes[i], "app",
			(const char *const[]){ "sh", "-c", "exit 3", NULL });
	for (int i = 0; i < COUNT; i++) {
		world_await_exited(place->world, &processes[i]);
		assert_int_equal(processes[i].status, 3 << 8);
		assert_true(processes[i].started);
	}
}

int main(int count, char **arguments)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(its_status_is_told),
		TEST(last_words_of_what_failed_are_told),
		TEST(a_program_that_cannot_be_run_is_said),
		TEST(a_folder_that_cannot_be_entered_is_said),
		TEST(odd_requests_are_refused),
		TEST(its_environment_wins_over_the_trees),
		TEST(an_ordinary_user_is_not_root),
		TEST(a_signal_reaches_it_even_before_it_runs),
		TEST(its_end_takes_its_process_group_along),
		TEST(its_output_comes_line_by_line_and_harmless),
		TEST(a_flood_of_output_does_not_stop_the_rest),
		TEST(many_programs_are_started_at_once),
	};
	if (!world_read_arguments(count, arguments))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
