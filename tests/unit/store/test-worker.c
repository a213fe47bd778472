#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker_world.h"

static void a_text_is_on_the_disk_when_its_answer_comes(void **state)
{
	struct fixture *fixture = *state;
	write_text(fixture, "a", "text", 0);
	wait_for_answers(fixture, 1);
	expect_answer(fixture, 0, 0, 1);
	expect_text(fixture, "a", "text");
	assert_int_equal(atomic_load(&disk.asks), 2);
}

static void the_caller_may_close_its_folder_and_forget_the_name(void **state)
{
	struct fixture *fixture = *state;
	char name[] = "b";
	hold_disk(fixture);
	const int folder = dup(fixture->folder.descriptor);
	assert_int_equal(write_to(fixture, folder, name, "text", 1), 0);
	close(folder);
	strcpy(name, "?");
	let_disk_go();
	wait_for_answers(fixture, 2);
	expect_answer(fixture, 1, 0, 2);
	expect_text(fixture, "b", "text");
}

static void files_are_written_and_answered_in_order(void **state)
{
	struct fixture *fixture = *state;
	hold_disk(fixture);
	write_text(fixture, "c", "three", 1);
	write_text(fixture, "b", "two", 2);
	write_text(fixture, "a", "silent", -1);
	write_text(fixture, "d", "four", 3);
	let_disk_go();
	wait_for_answers(fixture, 4);
	for (int i = 0; i < 4; i++)
		expect_answer(fixture, i, 0, i + 1);
	expect_text(fixture, "a", "silent");
}

static void a_newer_text_takes_the_place_of_one_that_waits_and_both_are_answered(void **state)
{
	struct fixture *fixture = *state;
	hold_disk(fixture);
	write_text(fixture, "a", "one", 1);
	write_text(fixture, "b", "other", 2);
	write_text(fixture, "a", "two", 3);
	write_text(fixture, "a", "three", -1);
	let_disk_go();
	wait_for_answers(fixture, 4);
	expect_answer(fixture, 1, 0, 2);
	expect_answer(fixture, 3, 0, 3);
	expect_answer(fixture, 2, 0, 4);
	expect_text(fixture, "a", "three");
	assert_int_equal(atomic_load(&disk.asks), 2 * 3); /* first, a, b */
}

static void a_text_that_is_being_written_is_not_replaced(void **state)
{
	struct fixture *fixture = *state;
	hold_disk(fixture);
	write_text(fixture, "first", "second", 1);
	let_disk_go();
	wait_for_answers(fixture, 2);
	expect_answer(fixture, 0, 0, 1);
	expect_answer(fixture, 1, 0, 2);
	expect_text(fixture, "first", "second");
	assert_int_equal(atomic_load(&disk.asks), 2 * 2);
}

static void the_same_name_in_another_folder_is_another_file(void **state)
{
	struct fixture *fixture = *state;
	struct store_folder other;
	char text[16];
	store_folder_make(&other);
	hold_disk(fixture);
	write_text(fixture, "a", "here", 1);
	const int error = write_to(fixture, other.descriptor, "a", "there", 2);
	let_disk_go();
	wait_for_answers(fixture, 3);
	store_folder_text(&other, "a", text, sizeof text);
	store_folder_remove(&other);
	assert_int_equal(error, 0);
	assert_string_equal(text, "there");
	expect_text(fixture, "a", "here");
}

static void the_outcome_of_the_newer_text_answers_both(void **state)
{
	struct fixture *fixture = *state;
	store_folder_put(&fixture->folder, "a", "old");
	hold_disk(fixture);
	write_text(fixture, "a", "one", 1);
	write_text(fixture, "a", "two", 2);
	write_text(fixture, "b", "three", 3);
	assert_int_equal(mkdirat(fixture->folder.descriptor, "a.new", 0700), 0); /* in the way */
	let_disk_go();
	wait_for_answers(fixture, 4);
	expect_answer(fixture, 0, 0, 1);
	expect_answer(fixture, 1, -EEXIST, 2);
	expect_answer(fixture, 2, -EEXIST, 3);
	expect_answer(fixture, 3, 0, 4);
	expect_text(fixture, "a", "old");
}

static void a_full_disk_is_answered_and_the_old_text_stays(void **state)
{
	struct fixture *fixture = *state;
	store_folder_put(&fixture->folder, "a", "old");
	atomic_store(&disk.full, 1);
	write_text(fixture, "a", "new", 0);
	wait_for_answers(fixture, 1);
	expect_answer(fixture, 0, -ENOSPC, 1);
	expect_text(fixture, "a", "old");
	assert_int_equal(store_folder_count(&fixture->folder), 1);
	write_text(fixture, "a", "newer", 1);
	wait_for_answers(fixture, 2);
	expect_answer(fixture, 1, 0, 2);
	expect_text(fixture, "a", "newer");
}

static void a_folder_that_is_gone_is_answered(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(rmdir(fixture->folder.path), 0);
	write_text(fixture, "a", "text", 0);
	append_text(fixture, "text", 100, 1);
	wait_for_answers(fixture, 2);
	expect_answer(fixture, 0, -ENOENT, 1);
	expect_answer(fixture, 1, -ENOENT, 2);
}

static void what_cannot_be_queued_is_said_at_once_and_not_answered(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(write_to(fixture, -1, "a", "text", 0), -EBADF);
	write_text(fixture, "b", "text", 1);
	wait_for_answers(fixture, 1);
	expect_answer(fixture, 0, UNANSWERED, 0);
}

static void lines_of_a_log_are_never_taken_for_each_other(void **state)
{
	struct fixture *fixture = *state;
	hold_disk(fixture);
	append_text(fixture, "one\n", 8, 1);
	append_text(fixture, "two\n", 8, 2);
	append_text(fixture, "three\n", 8, 3);
	let_disk_go();
	wait_for_answers(fixture, 4);
	for (int i = 0; i < 4; i++)
		expect_answer(fixture, i, 0, i + 1);
	expect_text(fixture, "log.1", "one\ntwo\n");
	expect_text(fixture, "log", "three\n");
}

static void a_text_does_not_take_the_place_of_a_line(void **state)
{
	struct fixture *fixture = *state;
	store_folder_put(&fixture->folder, "log", "old\n");
	hold_disk(fixture);
	append_text(fixture, "line\n", 100, 1);
	write_text(fixture, "log", "text\n", 2);
	append_text(fixture, "end\n", 100, 3);
	let_disk_go();
	wait_for_answers(fixture, 4);
	expect_text(fixture, "log", "text\nend\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_text_is_on_the_disk_when_its_answer_comes),
		TEST(the_caller_may_close_its_folder_and_forget_the_name),
		TEST(files_are_written_and_answered_in_order),
		TEST(a_newer_text_takes_the_place_of_one_that_waits_and_both_are_answered),
		TEST(a_text_that_is_being_written_is_not_replaced),
		TEST(the_same_name_in_another_folder_is_another_file),
		TEST(the_outcome_of_the_newer_text_answers_both),
		TEST(a_full_disk_is_answered_and_the_old_text_stays),
		TEST(a_folder_that_is_gone_is_answered),
		TEST(what_cannot_be_queued_is_said_at_once_and_not_answered),
		TEST(lines_of_a_log_are_never_taken_for_each_other),
		TEST(a_text_does_not_take_the_place_of_a_line),
	};
	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
