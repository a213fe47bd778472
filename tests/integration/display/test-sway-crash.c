/*
 * What a host that was killed has left behind, and how the next one puts it in order: on a real headless sway, the
 * machine's or the one that LODGE_TEST_SWAY names.
 */
#include "sway_desktop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "display/sway/sway_leftovers.h"

#define SCREEN "HEADLESS-1"

static const struct display_mode plain = { 1280, 720, 60000, 100 };

static int open_session(void **state)
{
	if (desktop_open_folder(state) < 0)
		return -1;
	desktop_start_session(*state);
	return 0;
}

/* A host in a process of its own: does its work, reports a line, and then runs until it is killed. */
typedef void (*host_work)(struct desktop *desktop, char report[PATH_MAX]);

static _Noreturn void run_host(struct desktop *desktop, host_work work, int pipe_end)
{
	char report[PATH_MAX] = "";
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	desktop->event = NULL; /* not to be used after a fork */
	if (sd_event_new(&desktop->event) < 0)
		_exit(1);
	desktop->journal = display_journal_open(desktop->state);
	if (!desktop->journal)
		_exit(1);
	work(desktop, report);
	if (write(pipe_end, report, sizeof report) != sizeof report)
		_exit(1);
	sd_event_loop(desktop->event);
	_exit(1);
}

static pid_t start_host(struct desktop *desktop, host_work work, char report[PATH_MAX])
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	const pid_t host = fork();
	if (host == 0)
		run_host(desktop, work, ends[1]);
	assert_true(host > 0);
	close(ends[1]);
	size_t size = 0;
	for (ssize_t got;
		size < PATH_MAX && (got = read(ends[0], report + size, PATH_MAX - size)) > 0;)
		size += (size_t)got;
	close(ends[0]);
	assert_int_equal(size, report ? PATH_MAX : 0);
	return host;
}

static void kill_host(pid_t host)
{
	kill(host, SIGKILL);
	waitpid(host, NULL, 0);
}

/* The host does the work, is killed, and the next one is ready. */
static void crash_and_restart(struct desktop *desktop, host_work work, char report[PATH_MAX])
{
	kill_host(start_host(desktop, work, report));
	desktop->journal = display_journal_open(desktop->state);
	assert_non_null(desktop->journal);
	desktop_attach(desktop);
}

static void assert_screen_is_odd(const struct desktop *desktop)
{
	json_t *output = desktop_find_output(desktop, SCREEN);
	assert_true(json_is_true(json_object_get(output, "active")));
	assert_string_equal(json_string_value(json_object_get(output, "transform")), "180");
	assert_int_equal(json_number_value(json_object_get(output, "scale")) * 100, 150);
	json_decref(output);
	desktop_assert_output(desktop, SCREEN, 1500, 900, 59951);
	desktop_assert_place(desktop, SCREEN, 70, 30);
}

/* --- a session that is not ours --- */

static void be_exclusive_with_two(struct desktop *desktop, char report[PATH_MAX])
{
	desktop_command(desktop,
		"output " SCREEN " mode --custom 1500x900@59.951Hz scale 1.5 "
		"transform 180 position 70 30");
	desktop_command(desktop, "workspace work");
	desktop_command(desktop, "exec foot");
	desktop_assert_foot_on(desktop, SCREEN);
	desktop_attach(desktop);
	struct display_arrangement arrangement = { .topology = DISPLAY_EXCLUSIVE, .count = 2 };
	for (int i = 0; i < 2; i++) {
		arrangement.placements[i].output = desktop_create(desktop, plain);
		arrangement.placements[i].x = 1280 * i;
	}
	desktop_apply(desktop, &arrangement);
	snprintf(report, PATH_MAX, "%s", display_topology_name(desktop->answer.topology));
}

static void screen_is_lit_and_displays_are_gone_before_ready(void **state)
{
	struct desktop *desktop = *state;
	char report[PATH_MAX];
	unsigned large;
	crash_and_restart(desktop, be_exclusive_with_two, report);
	assert_string_equal(report, desktop_can_unplug(desktop) ? "exclusive" : "extend");
	assert_screen_is_odd(desktop);
	desktop_assert_foot_on(desktop, SCREEN);
	json_t *shown = desktop_visible_workspace(desktop, SCREEN);
	assert_string_equal(json_string_value(json_object_get(shown, "name")), "work");
	json_decref(shown);
	/* Parked, before 1.8, and not told as somebody else's. */
	assert_int_equal(
		desktop_count_outputs(desktop->ipc, &large), desktop_can_unplug(desktop) ? 1 : 3);
	assert_int_equal(large, 1);
	assert_int_equal(desktop->outside_count, 1);
	assert_true(desktop->outside[0].enabled);
	if (desktop_can_unplug(desktop))
		assert_int_equal(desktop_count_entries(desktop->state), 0);
}

static void outputs_do_not_pile_up_over_crashes(void **state)
{
	struct desktop *desktop = *state;
	char report[PATH_MAX];
	unsigned large;
	for (int round = 0; round < 3; round++) {
		crash_and_restart(desktop, be_exclusive_with_two, report);
		desktop_create(desktop, plain);
		desktop_create(desktop, plain);
		assert_int_equal(desktop_count_outputs(desktop->ipc, &large), 3);
		assert_int_equal(large, 3);
		desktop_detach(desktop);
		display_journal_close(desktop->journal);
		desktop->journal = NULL;
	}
}

/* Attaches and dies at any moment of making a display and turning the screen off. */
static void begin_to_be_exclusive(struct desktop *desktop, char report[PATH_MAX])
{
	desktop_attach(desktop);
	struct display_arrangement arrangement = { .topology = DISPLAY_EXCLUSIVE, .count = 1 };
	int turns = atoi(getenv("LODGE_TEST_TURNS"));
	desktop_request_create(desktop, &plain);
	while (turns > 0 && desktop->answer.calls == 0) {
		sd_event_run(desktop->event, 100000);
		turns--;
	}
	if (desktop->answer.calls == 0)
		return;
	arrangement.placements[0].output = desktop->answer.output;
	desktop_request_apply(desktop, &arrangement);
	while (turns-- > 0 && desktop->answer.calls == 0)
		sd_event_run(desktop->event, 100000);
	if (desktop->answer.calls > 0)
		strcpy(report, "done");
}

static _Noreturn void begin_and_die(struct desktop *desktop)
{
	char report[PATH_MAX] = "";
	desktop->event = NULL;
	if (sd_event_new(&desktop->event) < 0 ||
		!(desktop->journal = display_journal_open(desktop->state)))
		_exit(1);
	begin_to_be_exclusive(desktop, report);
	_exit(report[0] ? 2 : 3); /* as if killed: nothing is undone at exit */
}

static void a_crash_at_any_moment_is_put_in_order(void **state)
{
	struct desktop *desktop = *state;
	bool done = false;
	unsigned large;
	for (int turns = 1; !done; turns++) {
		char text[16];
		int status;
		assert_in_range(turns, 1, 200);
		snprintf(text, sizeof text, "%d", turns);
		setenv("LODGE_TEST_TURNS", text, 1);
		const pid_t host = fork();
		if (host == 0)
			begin_and_die(desktop);
		assert_int_equal(waitpid(host, &status, 0), host);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) >= 2);
		done = WEXITSTATUS(status) == 2;
		desktop->journal = display_journal_open(desktop->state);
		desktop_attach(desktop);
		desktop_assert_output(desktop, SCREEN, 1600, 900, 60000);
		desktop_assert_place(desktop, SCREEN, 0, 0);
		desktop_count_outputs(desktop->ipc, &large);
		assert_int_equal(large, 1);
		assert_int_equal(desktop->outside_count, 1);
		desktop_detach(desktop);
		display_journal_close(desktop->journal);
		desktop->journal = NULL;
	}
}

static void user_output_made_after_the_crash_stays(void **state)
{
	struct desktop *desktop = *state;
	char report[PATH_MAX];
	unsigned large;
	kill_host(start_host(desktop, be_exclusive_with_two, report));
	desktop_command(desktop, "create_output");
	desktop->journal = display_journal_open(desktop->state);
	desktop_attach(desktop);
	desktop_count_outputs(desktop->ipc, &large);
	assert_int_equal(large, 2);
	assert_int_equal(desktop->outside_count, 2);
}

/* The same socket, the same id, another start: a sway that was started again. */
static void notes_of_another_sway_are_dropped(void **state)
{
	struct desktop *desktop = *state;
	char name[PATH_MAX + 64];
	unsigned large;
	desktop_command(desktop, "create_output"); /* HEADLESS-2, the user's */
	desktop->journal = display_journal_open(desktop->state);
	snprintf(name, sizeof name, "sway:%s:%d:1", desktop->ipc,
		(int)sway_session_pid(desktop->ipc));
	json_t *notes = json_pack("{s[s]}", "made", "HEADLESS-2");
	assert_int_equal(display_journal_write(desktop->journal, name, notes), 0);
	json_decref(notes);
	desktop_attach(desktop);
	desktop_count_outputs(desktop->ipc, &large);
	assert_int_equal(large, 2);
	assert_null(display_journal_notes(desktop->journal, name));
	assert_int_equal(desktop_count_entries(desktop->state), 0);
}

/* --- a private desktop --- */

static void spawn_private(struct desktop *desktop, char report[PATH_MAX])
{
	static const char *const launch[] = { "foot", "setsid sleep 1000" };
	desktop_spawn(desktop, launch, 2);
	desktop_await_ready(desktop);
	desktop_create(desktop, plain);
	desktop_assert_foot_on(desktop, NULL);
	snprintf(report, PATH_MAX, "%s", desktop_socket(desktop));
	*strrchr(report, '/') = '\0';
}

static void folder_and_programs_of_a_killed_host_go_with_the_next_start(void **state)
{
	struct desktop *desktop = *state;
	char folder[PATH_MAX];
	kill_host(start_host(desktop, spawn_private, folder));
	assert_int_equal(access(folder, F_OK), 0);
	desktop->journal = display_journal_open(desktop->state);
	desktop_spawn(desktop, NULL, 0);
	assert_int_equal(access(folder, F_OK), -1);
	assert_int_equal(sway_leftovers_signal(folder, 0), 0);
	desktop_await_ready(desktop);
	desktop_detach(desktop);
	assert_int_equal(desktop_count_entries(desktop->state), 0);
}

static void folder_of_a_host_that_lives_stays(void **state)
{
	struct desktop *desktop = *state;
	char folder[PATH_MAX];
	const pid_t host = start_host(desktop, spawn_private, folder);
	desktop->journal = display_journal_open(desktop->state);
	desktop_spawn(desktop, NULL, 0);
	desktop_await_ready(desktop);
	assert_int_equal(access(folder, F_OK), 0);
	assert_true(sway_leftovers_signal(folder, 0) >= 3);
	kill_host(host);
	sway_leftovers_end(folder);
	assert_int_equal(sway_leftovers_remove(folder), 0);
}

static void note_folder(struct desktop *desktop, const char *folder)
{
	char name[PATH_MAX + 64];
	json_t *notes = json_pack("{ss}", "folder", folder);
	snprintf(name, sizeof name, "sway-folder:%s:1:1", folder); /* no such process */
	assert_int_equal(display_journal_write(desktop->journal, name, notes), 0);
	json_decref(notes);
}

/* A journal that somebody edited, or a name that became somebody else's. */
static void what_is_no_folder_of_ours_stays(void **state)
{
	struct desktop *desktop = *state;
	static const char *const names[] = { "sway.keep", "sway.ABCDEF", "sway.OPENED", "home",
		"sway.LINKED" };
	char paths[5][128];
	desktop->journal = display_journal_open(desktop->state);
	for (int i = 0; i < 5; i++) {
		snprintf(paths[i], sizeof paths[i], "%s/%s", desktop->parent, names[i]);
		if (i < 4)
			assert_int_equal(mkdir(paths[i], i == 2 ? 0755 : 0700), 0);
	}
	assert_int_equal(symlink(paths[3], paths[4]), 0);
	for (int i = 0; i < 5; i++)
		note_folder(desktop, paths[i]);
	char outside[PATH_MAX];
	snprintf(outside, sizeof outside, "%s/../%s", paths[1], names[3]);
	note_folder(desktop, outside);
	note_folder(desktop, desktop->state);
	desktop_spawn(desktop, NULL, 0);
	desktop_await_ready(desktop);
	desktop_detach(desktop);
	for (int i = 0; i < 5; i++) {
		struct stat status;
		/* The one that is as ours are, is ours. */
		assert_int_equal(lstat(paths[i], &status), i == 1 ? -1 : 0);
		if (i != 1)
			assert_int_equal(remove(paths[i]), 0);
	}
	assert_int_equal(access(desktop->state, F_OK), 0);
}

#define IN_SESSION(test) cmocka_unit_test_setup_teardown(test, open_session, desktop_close_folder)
#define IN_FOLDER(test)                                                                            \
	cmocka_unit_test_setup_teardown(test, desktop_open_folder, desktop_close_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SESSION(screen_is_lit_and_displays_are_gone_before_ready),
		IN_SESSION(outputs_do_not_pile_up_over_crashes),
		IN_SESSION(a_crash_at_any_moment_is_put_in_order),
		IN_SESSION(user_output_made_after_the_crash_stays),
		IN_SESSION(notes_of_another_sway_are_dropped),
		IN_FOLDER(folder_and_programs_of_a_killed_host_go_with_the_next_start),
		IN_FOLDER(folder_of_a_host_that_lives_stays),
		IN_FOLDER(what_is_no_folder_of_ours_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
