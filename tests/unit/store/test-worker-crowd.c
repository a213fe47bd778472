/* Many jobs at once, of many waiters, in an order by chance: against what a queue without cleverness would leave. */
#include "worker_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

#define JOBS 400
#define FILES 5
#define LINE_SIZE 4
#define DEADLINE_US UINT64_C(20000000)

struct job {
	struct crowd *crowd;
	unsigned answers;
};

struct crowd {
	struct fixture *fixture;
	struct job jobs[JOBS];
	unsigned queued, forgotten, answered;
	char texts[FILES][16]; /* the last of each file, "" when there is none */
	char lines[JOBS * LINE_SIZE + 1];
};

static void on_job(void *data, int error)
{
	struct job *job = data;
	assert_int_equal(error, 0);
	job->answers++;
	job->crowd->answered++;
}

static void queue_write(struct crowd *crowd, unsigned file)
{
	char name[16];
	struct job *job = &crowd->jobs[crowd->queued++];
	snprintf(name, sizeof name, "file-%u", file);
	snprintf(crowd->texts[file], sizeof crowd->texts[file], "text %u", crowd->queued);
	assert_int_equal(
		store_worker_write(crowd->fixture->worker, crowd->fixture->folder.descriptor, name,
			strdup(crowd->texts[file]), strlen(crowd->texts[file]), on_job, job),
		0);
}

static void queue_line(struct crowd *crowd)
{
	char line[LINE_SIZE + 1];
	struct job *job = &crowd->jobs[crowd->queued++];
	snprintf(line, sizeof line, "%03u\n", crowd->queued);
	strcat(crowd->lines, line);
	assert_int_equal(
		store_worker_append(crowd->fixture->worker, crowd->fixture->folder.descriptor,
			"log", strdup(line), LINE_SIZE, sizeof crowd->lines, on_job, job),
		0);
}

/* One that has not been answered yet; it never will be. */
static void forget_one(struct crowd *crowd, unsigned number)
{
	struct job *job = &crowd->jobs[number];
	if (job->answers > 0)
		return;
	store_worker_forget(crowd->fixture->worker, job);
	job->answers = 1; /* a second one is an error all the same */
	crowd->forgotten++;
}

static void expect_files(const struct crowd *crowd)
{
	char name[16], lines[sizeof crowd->lines];
	for (unsigned file = 0; file < FILES; file++) {
		snprintf(name, sizeof name, "file-%u", file);
		if (crowd->texts[file][0])
			expect_text(crowd->fixture, name, crowd->texts[file]);
	}
	store_folder_text(&crowd->fixture->folder, "log", lines, sizeof lines);
	assert_string_equal(lines, crowd->lines);
}

static struct crowd *queue_crowd(struct fixture *fixture, bool forget)
{
	struct crowd *crowd = calloc(1, sizeof *crowd);
	uint64_t seed = random_seed();
	print_message("# LODGE_TEST_SEED=%llu\n", (unsigned long long)seed);
	crowd->fixture = fixture;
	for (unsigned i = 0; i < JOBS; i++)
		crowd->jobs[i].crowd = crowd;
	while (crowd->queued < JOBS) {
		const uint32_t what = random_below(&seed, 10);
		if (what < 6)
			queue_write(crowd, random_below(&seed, FILES));
		else if (what < 8)
			queue_line(crowd);
		else if (what == 8)
			assert_true(sd_event_run(fixture->event, 0) >= 0);
		else if (forget && crowd->queued > 0)
			forget_one(crowd, random_below(&seed, crowd->queued));
	}
	return crowd;
}

static void a_crowd_is_answered_each_once_and_the_last_text_of_each_file_stays(void **state)
{
	struct fixture *fixture = *state;
	struct crowd *crowd = queue_crowd(fixture, false);
	while (crowd->answered < JOBS)
		assert_true(sd_event_run(fixture->event, DEADLINE_US) > 0);
	wait_for_answers(fixture, 0);
	for (unsigned i = 0; i < JOBS; i++)
		assert_int_equal(crowd->jobs[i].answers, 1);
	expect_files(crowd);
	free(crowd);
}

static void of_a_crowd_those_that_forget_are_left_out(void **state)
{
	struct fixture *fixture = *state;
	struct crowd *crowd = queue_crowd(fixture, true);
	assert_true(crowd->forgotten > 0);
	while (crowd->answered + crowd->forgotten < JOBS)
		assert_true(sd_event_run(fixture->event, DEADLINE_US) > 0);
	wait_for_answers(fixture, 0);
	for (unsigned i = 0; i < JOBS; i++)
		assert_int_equal(crowd->jobs[i].answers, 1);
	expect_files(crowd);
	free(crowd);
}

static void the_end_writes_what_a_crowd_has_left_behind(void **state)
{
	struct fixture *fixture = *state;
	struct crowd *crowd = queue_crowd(fixture, true);
	const unsigned answered = crowd->answered;
	store_worker_destroy(fixture->worker);
	fixture->worker = NULL;
	wait_for_answers(fixture, 0);
	assert_int_equal(crowd->answered, answered);
	expect_files(crowd);
	free(crowd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_crowd_is_answered_each_once_and_the_last_text_of_each_file_stays),
		TEST(of_a_crowd_those_that_forget_are_left_out),
		TEST(the_end_writes_what_a_crowd_has_left_behind),
	};
	return cmocka_run_group_tests_name("a crowd before the worker", tests, NULL, NULL);
}
