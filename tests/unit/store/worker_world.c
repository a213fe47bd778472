#include "worker_world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_S 20

struct disk disk;

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

int set_up(void **state)
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

int tear_down(void **state)
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

void on_done(void *data, int error)
{
	struct answer *answer = data;
	answer->error = error;
	answer->order = ++answer->fixture->came;
	answer->times++;
}

int write_to(struct fixture *fixture, int folder, const char *name, const char *text, int answer)
{
	return store_worker_write(fixture->worker, folder, name, strdup(text), strlen(text),
		answer < 0 ? NULL : on_done, answer < 0 ? NULL : &fixture->answers[answer]);
}

void write_text(struct fixture *fixture, const char *name, const char *text, int answer)
{
	const int came = fixture->came;
	assert_int_equal(write_to(fixture, fixture->folder.descriptor, name, text, answer), 0);
	assert_int_equal(fixture->came, came); /* never from inside the call */
}

void append_text(struct fixture *fixture, const char *text, size_t most, int answer)
{
	assert_int_equal(
		store_worker_append(fixture->worker, fixture->folder.descriptor, "log",
			strdup(text), strlen(text), most, on_done, &fixture->answers[answer]),
		0);
}

void wait_for_answers(struct fixture *fixture, int count)
{
	while (fixture->came < count)
		assert_true(sd_event_run(fixture->event, DEADLINE_S * UINT64_C(1000000)) > 0);
	/* And no more of them. */
	while (sd_event_run(fixture->event, 0) > 0)
		;
	assert_int_equal(fixture->came, count);
}

void hold_disk(struct fixture *fixture)
{
	atomic_store(&disk.held, true);
	write_text(fixture, "first", "first", 0);
	assert_true(wait_for(&disk.begun));
}

void let_disk_go(void)
{
	sem_post(&disk.go);
}

void expect_answer(const struct fixture *fixture, int answer, int error, int order)
{
	assert_int_equal(fixture->answers[answer].error, error);
	assert_int_equal(fixture->answers[answer].order, order);
	assert_int_equal(fixture->answers[answer].times, error == UNANSWERED ? 0 : 1);
}

void expect_text(const struct fixture *fixture, const char *name, const char *expected)
{
	char text[128];
	assert_true(store_folder_has(&fixture->folder, name));
	assert_string_equal(store_folder_text(&fixture->folder, name, text, sizeof text), expected);
}
