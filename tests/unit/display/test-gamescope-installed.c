/* Which gamescope a machine has: programs of that name that say one thing or another. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "display/gamescope/gamescope_installed.h"

#define DEADLINE_US 20000000u

struct machine {
	sd_event *event;
	char folder[64], program[80];
	struct gamescope_installed *installed;
	unsigned answers;
	bool usable;
	char text[160];
};

static int set_up(void **state)
{
	struct machine *machine = calloc(1, sizeof *machine);
	strcpy(machine->folder, "/tmp/lodge-installed-XXXXXX");
	assert_non_null(mkdtemp(machine->folder));
	snprintf(machine->program, sizeof machine->program, "%s/gamescope", machine->folder);
	assert_int_equal(0, sd_event_new(&machine->event));
	*state = machine;
	return 0;
}

static int tear_down(void **state)
{
	struct machine *machine = *state;
	gamescope_installed_destroy(machine->installed);
	sd_event_unref(machine->event);
	unlink(machine->program);
	rmdir(machine->folder);
	free(machine);
	return 0;
}

static void on_known(void *data, bool usable, const char *text)
{
	struct machine *machine = data;
	machine->answers++;
	machine->usable = usable;
	snprintf(machine->text, sizeof machine->text, "%s", text);
}

static void ask(struct machine *machine, const char *script)
{
	if (script) {
		FILE *file = fopen(machine->program, "we");
		assert_non_null(file);
		fprintf(file, "#!/bin/sh\n%s\n", script);
		fclose(file);
		chmod(machine->program, 0700);
	}
	char path[128];
	snprintf(path, sizeof path, "%s:/usr/bin:/bin", machine->folder);
	machine->installed = gamescope_installed_ask(&(struct gamescope_installed_params){
		.event = machine->event,
		.search_path = script ? path : machine->folder,
		.known = on_known,
		.data = machine,
	});
	assert_non_null(machine->installed);
	assert_int_equal(0, machine->answers);
}

static void await_answer(struct machine *machine)
{
	for (unsigned turn = 0; machine->answers == 0 && turn < DEADLINE_US / 100000; turn++)
		assert_true(sd_event_run(machine->event, 100000) >= 0);
	assert_int_equal(1, machine->answers);
}

static void new_one_is_usable_and_named(void **state)
{
	struct machine *machine = *state;
	const char *text;
	ask(machine, "echo 'gamescope version 3.16.24+ (gcc 15.2.0)' >&2");
	await_answer(machine);
	assert_true(machine->usable);
	assert_string_equal("gamescope is 3.16.24", machine->text);
	assert_true(gamescope_installed_is_usable(machine->installed, &text));
	assert_string_equal("gamescope is 3.16.24", text);
	assert_int_equal(1, machine->answers);
}

static void expect_unusable(struct machine *machine, const char *script, const char *words)
{
	ask(machine, script);
	await_answer(machine);
	assert_false(machine->usable);
	assert_non_null(strstr(machine->text, words));
}

static void old_one_is_not(void **state)
{
	struct machine *machine = *state;
	expect_unusable(machine, "echo 'gamescope version 3.11.49'", "3.11.49");
	assert_non_null(strstr(machine->text, "3.16"));
}

static void one_that_is_not_there_is_said(void **state)
{
	expect_unusable(*state, NULL, "not installed");
}

static void one_that_says_something_else_is_not_trusted(void **state)
{
	expect_unusable(*state, "head -c 100000 /dev/zero; exit 1", "does not tell its version");
}

static void who_asks_first_waits_for_the_answer(void **state)
{
	struct machine *machine = *state;
	const char *text;
	ask(machine, "echo gamescope version 3.17.0");
	assert_true(gamescope_installed_is_usable(machine->installed, &text));
	assert_string_equal("gamescope is 3.17.0", text);
	assert_int_equal(1, machine->answers);
	sd_event_run(machine->event, 0);
	assert_int_equal(1, machine->answers);
}

static void one_that_hangs_is_none_and_ends(void **state)
{
	struct machine *machine = *state;
	const char *text;
	char path[96], line[32] = "";
	snprintf(path, sizeof path, "%s/pid", machine->folder);
	char script[160];
	snprintf(script, sizeof script, "echo $$ >%s; exec sleep 1000", path);
	ask(machine, script);
	assert_false(gamescope_installed_is_usable(machine->installed, &text));
	assert_non_null(strstr(text, "does not tell"));
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof line, file));
	fclose(file);
	unlink(path);
	assert_int_equal(-1, kill((pid_t)atoi(line), 0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(new_one_is_usable_and_named),
		TEST(old_one_is_not),
		TEST(one_that_is_not_there_is_said),
		TEST(one_that_says_something_else_is_not_trusted),
		TEST(who_asks_first_waits_for_the_answer),
		TEST(one_that_hangs_is_none_and_ends),
	};
	return cmocka_run_group_tests_name("gamescope installed", tests, NULL, NULL);
}
