#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/worker.h"
#include "store_folder.h"

#define DEADLINE_S 20
#define ANSWERS_MAX 16
#define UNANSWERED 4711

/*
 * The disk: every write of the store comes through here, in place of the C library's. It can be held, and it can be
 * full. A write of a file asks twice: for the file and for its folder.
 */
static struct {
	atomic_bool held;
	atomic_int full; /* so many of the next asks fail */
	atomic_int asks;
	sem_t begun, go;
} disk;

static bool wait_for(sem_t *semaphore)
{
	struct timespec deadline;
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += DEADLINE_S;
	int result;
	do
		result = sem_timedwait(semaphore, &deadline);
	while (result < 0 && errno == EINTR);
	return result == 0;
}

int fsync(int file)
{
	atomic_fetch_add(&disk.asks, 1);
	if (atomic_exchange(&disk.held, false)) {
		sem_post(&disk.begun);
		wait_for(&disk.go);
	}
	if (atomic_load(&disk.full) > 0) {
		atomic_fetch_sub(&disk.full, 1);
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_fsync, file);
}

struct fixture;

struct answer {
	struct fixture *fixture;
	int error; /* UNANSWERED until it comes */
	int order; /* 1 for the first that came */
	int times;
};

struct fixture {
	struct store_folder folder;
	sd_event *event;
	struct store_worker *worker;
	struct answer answers[ANSWERS_MAX];
	int came;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	store_folder_make(&fixture->folder);
	assert_true(sd_event_new(&fixture->event) >= 0);
	fixture->worker = store_worker_create(fixture->event);
	assert_non_null(fixture->worker);
	for (size_t i = 0; i < ANSWERS_MAX; i++)
		fixture->answers[i] = (struct answer){ .fixture = fixture, .error = UNANSWERED };
	assert_int_equal(sem_init(&disk.begun, 0, 0), 0);
	assert_int_equal(sem_init(&disk.go, 0, 0), 0);
	atomic_store(&disk.asks, 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	store_worker_destroy(fixture->worker);
	sd_event_unref(fixture->event);
	store_folder_remove(&fixture->folder);
	sem_destroy(&disk.begun);
	sem_destroy(&disk.go);
	atomic_store(&disk.held, false);
	atomic_store(&disk.full, 0);
	free(fixture);
	return 0;
}

static void on_done(void *data, int error)
{
	struct answer *answer = data;
	answer->error = error;
	answer->order = ++answer->fixture->came;
	answer->times++;
}

static int write_to(
	struct fixture *fixture, int folder, const char *name, const char *text, int answer)
{
	return store_worker_write(fixture->worker, folder, name, strdup(text), strlen(text),
		answer < 0 ? NULL : on_done, answer < 0 ? NULL : &fixture->answers[answer]);
}

/* Silent when `answer` is negative. */
static void write_text(struct fixture *fixture, const char *name, const char *text, int answer)
{
	const int came = fixture->came;
	assert_int_equal(write_to(fixture, fixture->folder.descriptor, name, text, answer), 0);
	assert_int_equal(fixture->came, came); /* never from inside the call */
}

static void append_text(struct fixture *fixture, const char *text, size_t most, int answer)
{
	assert_int_equal(
		store_worker_append(fixture->worker, fixture->folder.descriptor, "log",
			strdup(text), strlen(text), most, on_done, &fixture->answers[answer]),
		0);
}

static void wait_for_answers(struct fixture *fixture, int count)
{
	while (fixture->came < count)
		assert_true(sd_event_run(fixture->event, DEADLINE_S * UINT64_C(1000000)) > 0);
	/* And no more of them. */
	while (sd_event_run(fixture->event, 0) > 0)
		;
	assert_int_equal(fixture->came, count);
}

/* From now on the next write stays where it is until the disk is let go. */
static void hold_disk(struct fixture *fixture)
{
	atomic_store(&disk.held, true);
	write_text(fixture, "first", "first", 0);
	assert_true(wait_for(&disk.begun));
}

static void let_disk_go(void)
{
	sem_post(&disk.go);
}

static void expect_answer(const struct fixture *fixture, int answer, int error, int order)
{
	assert_int_equal(fixture->answers[answer].error, error);
	assert_int_equal(fixture->answers[answer].order, order);
	assert_int_equal(fixture->answers[answer].times, error == UNANSWERED ? 0 : 1);
}

static void expect_text(const struct fixture *fixture, const char *name, const char *expected)
{
	char text[128];
	assert_true(store_folder_has(&fixture->folder, name));
	assert_string_equal(store_folder_text(&fixture->folder, name, text, sizeof text), expected);
}

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
		TEST(who_forgets_gets_no_answer_and_the_file_is_written),
		TEST(an_answer_may_make_the_next_one_forgotten),
		TEST(an_answer_may_ask_for_another_write),
		TEST(an_answer_may_end_the_worker),
		TEST(the_end_waits_for_what_is_queued_and_then_nothing_is_answered),
	};
	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
