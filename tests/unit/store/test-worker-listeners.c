#include <stdlib.h>
#include <string.h>

#include "worker_world.h"

static void who_forgets_gets_no_answer_and_the_file_is_written(void **state)
{
	struct fixture *fixture = *state;
	hold_disk(fixture);
	write_text(fixture, "a", "one", 1);
	write_text(fixture, "a", "two", 2);
	write_text(fixture, "b", "three", 3);
	store_worker_forget(fixture->worker, &fixture->answers[0]); /* being written */
	store_worker_forget(fixture->worker, &fixture->answers[1]); /* one of two who wait */
	store_worker_forget(fixture->worker, fixture); /* nobody */
	let_disk_go();
	wait_for_answers(fixture, 2);
	expect_answer(fixture, 2, 0, 1);
	expect_answer(fixture, 3, 0, 2);
	expect_text(fixture, "first", "first");
	expect_text(fixture, "a", "two");
}

static void forget_other(void *data, int error)
{
	struct answer *answer = data;
	on_done(data, error);
	store_worker_forget(answer->fixture->worker, &answer->fixture->answers[2]);
}

/* Both were written together: the answers come one by one, and the second may be forgotten by the first. */
static void an_answer_may_make_the_next_one_forgotten(void **state)
{
	struct fixture *fixture = *state;
	hold_disk(fixture);
	assert_int_equal(store_worker_write(fixture->worker, fixture->folder.descriptor, "a",
				 strdup("one"), 3, forget_other, &fixture->answers[1]),
		0);
	write_text(fixture, "a", "two", 2);
	let_disk_go();
	wait_for_answers(fixture, 2);
	expect_answer(fixture, 1, 0, 2);
	expect_answer(fixture, 2, UNANSWERED, 0);
	expect_text(fixture, "a", "two");
}

static void write_again(void *data, int error)
{
	struct answer *answer = data;
	on_done(data, error);
	write_text(answer->fixture, "a", "again", 1);
}

static void an_answer_may_ask_for_another_write(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(store_worker_write(fixture->worker, fixture->folder.descriptor, "a",
				 strdup("once"), 4, write_again, &fixture->answers[0]),
		0);
	wait_for_answers(fixture, 2);
	expect_answer(fixture, 1, 0, 2);
	expect_text(fixture, "a", "again");
}

static void end_worker(void *data, int error)
{
	struct answer *answer = data;
	on_done(data, error);
	store_worker_destroy(answer->fixture->worker);
	answer->fixture->worker = NULL;
}

static void an_answer_may_end_the_worker(void **state)
{
	struct fixture *fixture = *state;
	hold_disk(fixture);
	assert_int_equal(store_worker_write(fixture->worker, fixture->folder.descriptor, "a",
				 strdup("one"), 3, end_worker, &fixture->answers[1]),
		0);
	write_text(fixture, "a", "two", 2);
	write_text(fixture, "b", "three", 3);
	let_disk_go();
	wait_for_answers(fixture, 2);
	expect_answer(fixture, 2, UNANSWERED, 0);
	expect_answer(fixture, 3, UNANSWERED, 0);
	expect_text(fixture, "a", "two");
	expect_text(fixture, "b", "three");
}

static void the_end_waits_for_what_is_queued_and_then_nothing_is_answered(void **state)
{
	struct fixture *fixture = *state;
	hold_disk(fixture);
	write_text(fixture, "a", "one", 1);
	append_text(fixture, "line\n", 100, 2);
	write_text(fixture, "a", "two", 3);
	let_disk_go();
	store_worker_destroy(fixture->worker);
	fixture->worker = NULL;
	expect_text(fixture, "first", "first");
	expect_text(fixture, "a", "two");
	expect_text(fixture, "log", "line\n");
	wait_for_answers(fixture, 0);
	store_worker_destroy(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(who_forgets_gets_no_answer_and_the_file_is_written),
		TEST(an_answer_may_make_the_next_one_forgotten),
		TEST(an_answer_may_ask_for_another_write),
		TEST(an_answer_may_end_the_worker),
		TEST(the_end_waits_for_what_is_queued_and_then_nothing_is_answered),
	};
	return cmocka_run_group_tests_name("listeners of the worker", tests, NULL, NULL);
}
