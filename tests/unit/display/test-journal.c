#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those four before it. */
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "display/journal.h"

struct fixture {
	char folder[64];
	struct display_journal *journal;
};

static const char *path_of(const struct fixture *fixture, const char *name)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
	return path;
}

static bool exists(const struct fixture *fixture, const char *name)
{
	return access(path_of(fixture, name), F_OK) == 0;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	strcpy(fixture->folder, "/tmp/lodge-journal-XXXXXX");
	*state = fixture;
	return mkdtemp(fixture->folder) &&
			(fixture->journal = display_journal_open(fixture->folder))
		? 0
		: -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "display-journal.json", "display-journal.json.bad",
		"display-journal.json.bad.1" };
	struct fixture *fixture = *state;
	display_journal_close(fixture->journal);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlink(path_of(fixture, names[i]));
	const int error = rmdir(fixture->folder); /* nothing else was made */
	free(fixture);
	return error;
}

static void reopen(struct fixture *fixture)
{
	display_journal_close(fixture->journal);
	fixture->journal = display_journal_open(fixture->folder);
	assert_non_null(fixture->journal);
}

static int note(struct fixture *fixture, const char *desktop, const char *text)
{
	json_t *notes = json_loads(text, 0, NULL);
	assert_non_null(notes);
	const int error = display_journal_write(fixture->journal, desktop, notes);
	json_decref(notes);
	return error;
}

static void expect(const struct fixture *fixture, const char *desktop, const char *text)
{
	json_t *wanted = text ? json_loads(text, 0, NULL) : NULL;
	const json_t *found = display_journal_notes(fixture->journal, desktop);
	if (text)
		assert_true(json_equal(wanted, found));
	else
		assert_null(found);
	json_decref(wanted);
}

static void put_file(const struct fixture *fixture, const char *text)
{
	FILE *file = fopen(path_of(fixture, "display-journal.json"), "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void empty_journal_has_no_file(void **state)
{
	struct fixture *fixture = *state;
	assert_false(exists(fixture, "display-journal.json"));
	assert_int_equal(note(fixture, "sway:/a:1:2", "{\"made\": [\"HEADLESS-2\"]}"), 0);
	assert_true(exists(fixture, "display-journal.json"));
	assert_int_equal(note(fixture, "sway:/a:1:2", "{}"), 0);
	assert_false(exists(fixture, "display-journal.json"));
	assert_int_equal(display_journal_write(fixture->journal, "sway:/a:1:2", NULL), 0);
	expect(fixture, "sway:/a:1:2", NULL);
}

static void note_is_on_the_disk_when_the_call_returns(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;
	assert_int_equal(note(fixture, "a", "{\"dark\": [{\"scale\": 1.25}]}"), 0);
	assert_int_equal(stat(path_of(fixture, "display-journal.json"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	/* Another reader, as after a crash: the first one was not closed. */
	struct display_journal *other = display_journal_open(fixture->folder);
	assert_non_null(other);
	assert_true(json_equal(
		display_journal_notes(other, "a"), display_journal_notes(fixture->journal, "a")));
	display_journal_close(other);
}

static void desktops_do_not_touch_each_other(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(note(fixture, "a", "{\"one\": 1}"), 0);
	assert_int_equal(note(fixture, "b \"\\ü", "{\"two\": 2}"), 0);
	assert_int_equal(note(fixture, "a", "{\"one\": 3}"), 0);
	reopen(fixture);
	expect(fixture, "a", "{\"one\": 3}");
	expect(fixture, "b \"\\ü", "{\"two\": 2}");
	assert_int_equal(note(fixture, "a", "{}"), 0);
	reopen(fixture);
	expect(fixture, "a", NULL);
	expect(fixture, "b \"\\ü", "{\"two\": 2}");
}

static void caller_keeps_what_it_wrote(void **state)
{
	struct fixture *fixture = *state;
	json_t *notes = json_pack("{s[s]}", "made", "HEADLESS-2");
	assert_int_equal(display_journal_write(fixture->journal, "a", notes), 0);
	json_array_append_new(json_object_get(notes, "made"), json_string("HEADLESS-3"));
	expect(fixture, "a", "{\"made\": [\"HEADLESS-2\"]}");
	json_decref(notes);
}

static void failed_write_is_told_and_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(note(fixture, "a", "{\"one\": 1}"), 0);
	/* A folder of the temporary file's name, with something in it, cannot be replaced. */
	assert_int_equal(mkdir(path_of(fixture, "display-journal.json.new"), 0700), 0);
	assert_int_equal(mkdir(path_of(fixture, "display-journal.json.new/x"), 0700), 0);
	assert_true(note(fixture, "a", "{\"one\": 2}") < 0);
	assert_true(note(fixture, "b", "{\"one\": 2}") < 0);
	assert_int_equal(rmdir(path_of(fixture, "display-journal.json.new/x")), 0);
	assert_int_equal(rmdir(path_of(fixture, "display-journal.json.new")), 0);
	expect(fixture, "a", "{\"one\": 1}");
	expect(fixture, "b", NULL);
	reopen(fixture);
	expect(fixture, "a", "{\"one\": 1}");
	assert_int_equal(note(fixture, "a", "{\"one\": 2}"), 0);
}

static bool is_not_b(void *data, const char *desktop, const json_t *notes)
{
	unsigned *calls = data;
	++*calls;
	assert_true(json_object_size(notes) > 0);
	return strcmp(desktop, "b") != 0;
}

static bool is_nothing(void *data, const char *desktop, const json_t *notes)
{
	return false;
}

static void sweep_removes_what_is_refused(void **state)
{
	struct fixture *fixture = *state;
	unsigned calls = 0;
	note(fixture, "a", "{\"one\": 1}");
	note(fixture, "b", "{\"one\": 1}");
	note(fixture, "c", "{\"one\": 1}");
	assert_int_equal(display_journal_sweep(fixture->journal, is_not_b, &calls), 0);
	assert_int_equal(calls, 3);
	reopen(fixture);
	expect(fixture, "a", "{\"one\": 1}");
	expect(fixture, "b", NULL);
	expect(fixture, "c", "{\"one\": 1}");
	assert_int_equal(display_journal_sweep(fixture->journal, is_nothing, NULL), 0);
	assert_false(exists(fixture, "display-journal.json"));
}

static void what_is_no_journal_is_kept_beside(void **state)
{
	struct fixture *fixture = *state;
	static const char *const texts[] = { "{ \"version\": 1,",
		"{ \"version\": 2, \"desktops\": {} }" };
	for (int i = 0; i < 2; i++) {
		put_file(fixture, texts[i]);
		reopen(fixture);
		assert_false(exists(fixture, "display-journal.json"));
	}
	assert_true(exists(fixture, "display-journal.json.bad"));
	assert_true(exists(fixture, "display-journal.json.bad.1"));
	assert_int_equal(note(fixture, "a", "{\"one\": 1}"), 0);
	reopen(fixture);
	expect(fixture, "a", "{\"one\": 1}");
}

static void every_fault_of_a_file_is_seen(void **state)
{
	struct fixture *fixture = *state;
	static const char *const texts[] = {
		"",
		"[]",
		"{}",
		"{ \"version\": \"1\", \"desktops\": {} }",
		"{ \"version\": 1 }",
		"{ \"version\": 1, \"desktops\": [] }",
		"{ \"version\": 1, \"desktops\": { \"a\": [] } }",
		"{ \"version\": 1, \"desktops\": { \"a\": {} } }",
		"{ \"version\": 1, \"desktops\": { \"a\": {\"x\": 1}, \"a\": {\"x\": 1} } }",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		put_file(fixture, texts[i]);
		reopen(fixture);
		assert_true(exists(fixture, "display-journal.json.bad"));
		unlink(path_of(fixture, "display-journal.json.bad"));
	}
}

static void missing_folder_is_refused(void **state)
{
	assert_null(display_journal_open("/nonexistent/lodge"));
	assert_int_equal(errno, ENOENT);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(empty_journal_has_no_file),
		IN_FOLDER(note_is_on_the_disk_when_the_call_returns),
		IN_FOLDER(desktops_do_not_touch_each_other),
		IN_FOLDER(caller_keeps_what_it_wrote),
		IN_FOLDER(failed_write_is_told_and_changes_nothing),
		IN_FOLDER(sweep_removes_what_is_refused),
		IN_FOLDER(what_is_no_journal_is_kept_beside),
		IN_FOLDER(every_fault_of_a_file_is_seen),
		cmocka_unit_test(missing_folder_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
