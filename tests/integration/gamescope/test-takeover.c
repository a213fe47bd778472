/* A session that steps aside, as its service manager (fake_manager.c) hears it, faults included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those four before it. */
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "display/gamescope/gamescope_takeover.h"
#include "fake_manager.h"

#define DEADLINE_MS 25000

struct fixture {
	struct fake_manager manager;
	char state_folder[64];
	sd_event *event;
	sd_bus *bus;
	struct display_journal *journal;
	struct gamescope_takeover *takeover;
	unsigned answers;
	int error;
	char text[256];
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_for(struct fixture *fixture, bool (*condition)(const struct fixture *fixture))
{
	const int64_t due = now_ms() + DEADLINE_MS;
	while (!condition(fixture)) {
		if (now_ms() >= due || sd_event_run(fixture->event, 20000) < 0)
			return false;
	}
	return true;
}

static void run_loop(struct fixture *fixture, int64_t ms)
{
	for (const int64_t due = now_ms() + ms; now_ms() < due;)
		sd_event_run(fixture->event, 10000);
}

static void open_journal(struct fixture *fixture)
{
	fixture->journal = display_journal_open(fixture->state_folder);
	assert_non_null(fixture->journal);
}

static void open_takeover(struct fixture *fixture, uint64_t give_back_after_ms)
{
	fixture->takeover = gamescope_takeover_create(fixture->event,
		&(struct gamescope_takeover_params){
			.bus = fixture->bus,
			.unit = MANAGER_UNIT,
			.give_back_after_ms = give_back_after_ms,
			.journal = fixture->journal,
		});
	assert_non_null(fixture->takeover);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	*state = fixture;
	strcpy(fixture->state_folder, "/tmp/lodge-takeover-XXXXXX");
	if (!mkdtemp(fixture->state_folder) || !fake_manager_start(&fixture->manager) ||
		sd_event_new(&fixture->event) < 0)
		return -1;
	fixture->bus = fake_manager_connect(&fixture->manager);
	if (!fixture->bus || sd_bus_attach_event(fixture->bus, fixture->event, 0) < 0)
		return -1;
	open_journal(fixture);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	char path[128];
	gamescope_takeover_destroy(fixture->takeover);
	display_journal_close(fixture->journal);
	sd_bus_detach_event(fixture->bus);
	sd_bus_flush_close_unref(fixture->bus);
	sd_event_unref(fixture->event);
	fake_manager_stop(&fixture->manager);
	snprintf(path, sizeof path, "%s/display-journal.json", fixture->state_folder);
	unlink(path);
	const int left = rmdir(fixture->state_folder);
	free(fixture);
	return left;
}

static void on_done(void *data, int error, const char *text)
{
	struct fixture *fixture = data;
	fixture->answers++;
	fixture->error = error;
	snprintf(fixture->text, sizeof fixture->text, "%s", text);
}

static bool is_answered(const struct fixture *fixture)
{
	return fixture->answers > 0;
}

static void begin(struct fixture *fixture)
{
	fixture->answers = 0;
	gamescope_takeover_begin(fixture->takeover, on_done, fixture);
	assert_int_equal(0, fixture->answers); /* never from inside */
	assert_true(wait_for(fixture, is_answered));
}

static bool is_started(const struct fixture *fixture)
{
	/* The manager counts what it is asked for before it does it. */
	return atomic_load(&fixture->manager.state->starts) > 0 &&
		atomic_load(&fixture->manager.state->active);
}

static bool is_noted(struct fixture *fixture)
{
	char path[128];
	snprintf(path, sizeof path, "%s/display-journal.json", fixture->state_folder);
	return access(path, F_OK) == 0;
}

static bool is_not_noted(const struct fixture *fixture)
{
	return !is_noted((struct fixture *)fixture);
}

static void session_steps_aside_and_comes_back(void **state)
{
	struct fixture *fixture = *state;
	struct manager_state *manager = fixture->manager.state;
	open_takeover(fixture, 200);
	begin(fixture);
	assert_int_equal(0, fixture->error);
	assert_false(atomic_load(&manager->active));
	assert_true(is_noted(fixture));
	run_loop(fixture, 400);
	assert_int_equal(0, atomic_load(&manager->starts)); /* a display exists */
	gamescope_takeover_give_back(fixture->takeover);
	assert_true(wait_for(fixture, is_started));
	assert_true(wait_for(fixture, is_not_noted));
	assert_true(atomic_load(&manager->active));
	/* Nothing is owed any more. */
	gamescope_takeover_give_back(fixture->takeover);
	run_loop(fixture, 400);
	assert_int_equal(1, atomic_load(&manager->starts));
}

static void display_within_the_window_keeps_the_session_away(void **state)
{
	struct fixture *fixture = *state;
	struct manager_state *manager = fixture->manager.state;
	open_takeover(fixture, 500);
	begin(fixture);
	gamescope_takeover_give_back(fixture->takeover);
	run_loop(fixture, 100);
	begin(fixture);
	assert_int_equal(0, fixture->error);
	run_loop(fixture, 800);
	assert_int_equal(0, atomic_load(&manager->starts));
	assert_int_equal(1, atomic_load(&manager->stops));
}

static void session_that_did_not_run_is_neither_stopped_nor_started(void **state)
{
	struct fixture *fixture = *state;
	struct manager_state *manager = fixture->manager.state;
	atomic_store(&manager->active, false);
	open_takeover(fixture, 0);
	begin(fixture);
	assert_int_equal(0, fixture->error);
	gamescope_takeover_give_back(fixture->takeover);
	run_loop(fixture, 200);
	gamescope_takeover_destroy(fixture->takeover);
	fixture->takeover = NULL;
	assert_int_equal(0, atomic_load(&manager->starts));
	assert_int_equal(0, atomic_load(&manager->stops));
}

static void session_that_was_started_by_hand_meanwhile_steps_aside_again(void **state)
{
	struct fixture *fixture = *state;
	struct manager_state *manager = fixture->manager.state;
	open_takeover(fixture, 60000);
	begin(fixture);
	atomic_store(&manager->active, true);
	begin(fixture);
	assert_int_equal(0, fixture->error);
	assert_false(atomic_load(&manager->active));
	assert_int_equal(2, atomic_load(&manager->stops));
}

static void refusal_is_said_and_the_session_lives_on(void **state)
{
	struct fixture *fixture = *state;
	struct manager_state *manager = fixture->manager.state;
	atomic_store(&manager->fault, MANAGER_REFUSES);
	open_takeover(fixture, 0);
	begin(fixture);
	assert_int_equal(-EACCES, fixture->error);
	assert_non_null(strstr(fixture->text, MANAGER_UNIT));
	assert_true(atomic_load(&manager->active));
}

static void stop_that_did_not_stop_is_no_success(void **state)
{
	struct fixture *fixture = *state;
	atomic_store(&fixture->manager.state->fault, MANAGER_LIES);
	open_takeover(fixture, 60000);
	begin(fixture);
	assert_int_equal(-EBUSY, fixture->error);
}

static void stop_that_never_ends_has_a_deadline(void **state)
{
	struct fixture *fixture = *state;
	atomic_store(&fixture->manager.state->fault, MANAGER_NEVER_ENDS);
	open_takeover(fixture, 60000);
	begin(fixture);
	assert_int_equal(-ETIMEDOUT, fixture->error);
	assert_true(is_noted(fixture)); /* it may stop yet */
	atomic_store(&fixture->manager.state->fault, MANAGER_WORKS);
}

static void manager_that_dies_is_an_error_and_no_hang(void **state)
{
	struct fixture *fixture = *state;
	open_takeover(fixture, 60000);
	kill(fixture->manager.manager, SIGKILL);
	waitpid(fixture->manager.manager, NULL, 0);
	fixture->manager.manager = 0;
	begin(fixture);
	assert_true(fixture->error < 0);
	assert_int_equal(0, atomic_load(&fixture->manager.state->stops));
}

static void end_of_the_host_gives_the_session_back_at_once(void **state)
{
	struct fixture *fixture = *state;
	open_takeover(fixture, 60000);
	begin(fixture);
	gamescope_takeover_destroy(fixture->takeover);
	fixture->takeover = NULL;
	assert_true(atomic_load(&fixture->manager.state->active));
	assert_false(is_noted(fixture));
}

static void silent_manager_does_not_keep_the_host_from_ending(void **state)
{
	struct fixture *fixture = *state;
	open_takeover(fixture, 60000);
	begin(fixture);
	atomic_store(&fixture->manager.state->fault, MANAGER_SILENT);
	gamescope_takeover_destroy(fixture->takeover);
	fixture->takeover = NULL;
	assert_true(is_noted(fixture)); /* the next start of the host tries again */
}

/* A host in a process of its own takes the session and is killed. */
static void take_and_die(struct fixture *fixture)
{
	const pid_t host = fork();
	assert_true(host >= 0);
	if (host == 0) {
		struct fixture child = { .manager = fixture->manager };
		snprintf(
			child.state_folder, sizeof child.state_folder, "%s", fixture->state_folder);
		if (sd_event_new(&child.event) < 0)
			_exit(1);
		child.bus = fake_manager_connect(&child.manager);
		child.journal = display_journal_open(child.state_folder);
		if (!child.bus || sd_bus_attach_event(child.bus, child.event, 0) < 0)
			_exit(1);
		child.takeover = gamescope_takeover_create(child.event,
			&(struct gamescope_takeover_params){
				.bus = child.bus,
				.unit = MANAGER_UNIT,
				.give_back_after_ms = 60000,
				.journal = child.journal,
			});
		gamescope_takeover_begin(child.takeover, on_done, &child);
		wait_for(&child, is_answered);
		kill(getpid(), SIGKILL);
	}
	int status = 0;
	waitpid(host, &status, 0);
	assert_true(WIFSIGNALED(status));
}

static void session_of_a_killed_host_is_given_back_by_the_next(void **state)
{
	struct fixture *fixture = *state;
	struct manager_state *manager = fixture->manager.state;
	display_journal_close(fixture->journal);
	take_and_die(fixture);
	assert_false(atomic_load(&manager->active));
	assert_int_equal(0, atomic_load(&manager->starts));
	open_journal(fixture);
	open_takeover(fixture, 60000);
	assert_true(wait_for(fixture, is_started));
	assert_true(atomic_load(&manager->active));
	assert_false(is_noted(fixture));
}

static void unit_with_another_name_than_a_services_is_refused(void **state)
{
	struct fixture *fixture = *state;
	assert_null(gamescope_takeover_create(fixture->event,
		&(struct gamescope_takeover_params){ .bus = fixture->bus, .unit = "a b" }));
	assert_int_equal(EINVAL, errno);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(session_steps_aside_and_comes_back),
		TEST(display_within_the_window_keeps_the_session_away),
		TEST(session_that_did_not_run_is_neither_stopped_nor_started),
		TEST(session_that_was_started_by_hand_meanwhile_steps_aside_again),
		TEST(refusal_is_said_and_the_session_lives_on),
		TEST(stop_that_did_not_stop_is_no_success),
		TEST(stop_that_never_ends_has_a_deadline),
		TEST(manager_that_dies_is_an_error_and_no_hang),
		TEST(end_of_the_host_gives_the_session_back_at_once),
		TEST(silent_manager_does_not_keep_the_host_from_ending),
		TEST(session_of_a_killed_host_is_given_back_by_the_next),
		TEST(unit_with_another_name_than_a_services_is_refused),
	};
	return cmocka_run_group_tests_name("takeover", tests, NULL, NULL);
}
