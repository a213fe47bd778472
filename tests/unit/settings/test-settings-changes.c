#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "settings_world.h"

static void queue(struct world *world, const char *document, settings_done done, void *data)
{
	struct settings_faults faults;
	json_t *json = parse(document);
	if (!settings_put(world->settings, json, done, data, &faults))
		fail_msg("%s: %s", faults.faults[0].pointer, faults.faults[0].text);
	json_decref(json);
}

static void queue_preset(struct world *world, const char *name, settings_done done, void *data)
{
	struct settings_faults faults;
	json_t *json = parse(GOOD_PRESET);
	assert_true(settings_put_preset(world->settings, name, json, done, data, &faults));
	json_decref(json);
}

/* No file takes a byte, as on a full disk. */
static struct rlimit fill_disk(void)
{
	struct rlimit limit;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	const struct rlimit full = { 0, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	return limit;
}

static void empty_disk(const struct rlimit *limit)
{
	assert_int_equal(setrlimit(RLIMIT_FSIZE, limit), 0);
}

static void a_change_counts_when_it_is_on_the_disk_and_not_before(void **state)
{
	struct world *world = *state;
	struct answer answer = { 0 };
	world_open(world);
	queue(world, "{'max_displays':2}", on_answer, &answer);
	assert_json(settings_document(world->settings), "{'version':1}");
	assert_int_equal(settings_revision(world->settings), 1);
	assert_int_equal(world->changed, 0);
	assert_int_equal(answer.count, 0);
	world_wait(world, &answer, 1);
	assert_json(settings_document(world->settings), "{'version':1,'max_displays':2}");
	assert_int_equal(settings_revision(world->settings), 2);
	assert_int_equal(world->changed, 1);
}

struct order {
	struct world *world;
	unsigned count;
	int numbers[8];
	unsigned changed[8];
};
struct numbered {
	struct order *order;
	int number;
};

static void on_numbered(void *data, int error)
{
	const struct numbered *one = data;
	struct order *order = one->order;
	assert_int_equal(error, 0);
	order->changed[order->count] = order->world->changed;
	order->numbers[order->count++] = one->number;
}

static void changes_are_answered_in_order_and_told_once_each(void **state)
{
	struct world *world = *state;
	struct order order = { .world = world };
	struct numbered one = { &order, 1 }, two = { &order, 2 }, three = { &order, 3 };
	struct answer last = { 0 };
	world_open(world);
	queue(world, "{'max_displays':2}", on_numbered, &one);
	queue_preset(world, "own", on_numbered, &two);
	queue(world, "{'preset':'own'}", on_numbered, &three);
	queue(world, "{'max_displays':5}", on_answer, &last);
	world_wait(world, &last, 1);
	assert_int_equal(order.count, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(order.numbers[i], i + 1);
		assert_int_equal(order.changed[i], i + 1);
	}
	assert_int_equal(world->changed, 4);
	assert_int_equal(settings_revision(world->settings), 5);
	assert_json(settings_document(world->settings), "{'version':1,'max_displays':5}");
}

static void a_change_is_judged_by_the_outcome_of_those_before_it(void **state)
{
	struct world *world = *state;
	struct settings_faults faults;
	struct answer answer = { 0 };
	json_t *naming = parse("{'preset':'own'}"), *overrides = parse("{'topology':'extend'}");
	json_t *layout = parse("{'mode':'manual'}");
	world_open(world);
	assert_false(settings_put(world->settings, naming, NULL, NULL, &faults));
	queue_preset(world, "own", on_answer, &answer);
	assert_true(settings_put(world->settings, naming, on_answer, &answer, &faults));
	assert_true(settings_put_client(
		world->settings, fingerprint_of(A), overrides, on_answer, &answer, &faults));
	assert_true(settings_put_layout(world->settings, layout, on_answer, &answer, &faults));
	assert_true(settings_put_client(
		world->settings, fingerprint_of(B), overrides, on_answer, &answer, &faults));
	world_wait(world, &answer, 5);
	assert_json(settings_document(world->settings),
		"{'version':1,'preset':'own','layout':{'mode':'manual'},"
		"'clients':{'" A "':{'topology':'extend'},'" B "':{'topology':'extend'}}}");
	json_decref(naming);
	json_decref(overrides);
	json_decref(layout);
}

/* Everything as it was: memory, file, revision; and what is put next is judged by that. */
static void assert_as_before(struct world *world, uint64_t revision, unsigned changed)
{
	assert_json(settings_document(world->settings), "{'version':1,'max_displays':2}");
	assert_int_equal(settings_revision(world->settings), revision);
	assert_int_equal(world->changed, changed);
	char *file = world_read_file(world, SETTINGS_FILE);
	assert_json(json_loads(file, 0, NULL), "{'version':1,'max_displays':2}");
	free(file);
	assert_false(world_has_file(world, SETTINGS_FILE ".new"));
	assert_false(world_has_file(world, SETTINGS_PRESETS_FILE));
	char *pointers = faults_of_put(world, "{'preset':'own'}");
	assert_string_equal(pointers, "/preset");
	free(pointers);
}

static void a_full_disk_leaves_everything_as_it_was_and_fails_the_whole_line(void **state)
{
	struct world *world = *state;
	struct answer answers[3] = { 0 };
	world_open(world);
	put(world, "{'max_displays':2}");
	const struct rlimit limit = fill_disk();
	queue_preset(world, "own", on_answer, &answers[0]);
	queue(world, "{'preset':'own'}", on_answer, &answers[1]);
	queue(world, "{'max_displays':9}", on_answer, &answers[2]);
	world_wait(world, &answers[2], 1);
	empty_disk(&limit);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(answers[i].count, 1);
		assert_int_equal(answers[i].error, -EFBIG);
	}
	assert_as_before(world, 2, 1);
	put(world, "{'max_displays':9}");
	assert_json(settings_document(world->settings), "{'version':1,'max_displays':9}");
	world_open(world);
	assert_json(settings_document(world->settings), "{'version':1,'max_displays':9}");
}

static void a_folder_that_is_gone_is_answered(void **state)
{
	struct world *world = *state;
	struct answer answer = { 0 };
	world_open(world);
	assert_int_equal(rmdir(world->folder), 0);
	queue(world, "{'max_displays':9}", on_answer, &answer);
	world_wait(world, &answer, 1);
	assert_int_equal(answer.error, -ENOENT);
	assert_json(settings_document(world->settings), "{'version':1}");
	assert_int_equal(world->changed, 0);
}

/* The second fails, the first does not: a folder in the place of its file. */
static void what_was_written_before_a_failure_stays(void **state)
{
	struct world *world = *state;
	struct answer answers[3] = { 0 };
	char path[128];
	world_open(world);
	snprintf(path, sizeof path, "%s/" SETTINGS_PRESETS_FILE "/in-the-way", world->folder);
	*strrchr(path, '/') = '\0';
	assert_int_equal(mkdir(path, 0700), 0);
	queue(world, "{'max_displays':2}", on_answer, &answers[0]);
	queue_preset(world, "own", on_answer, &answers[1]);
	queue(world, "{'preset':'own'}", on_answer, &answers[2]);
	world_wait(world, &answers[2], 1);
	assert_int_equal(answers[0].error, 0);
	assert_int_equal(answers[1].error, -EISDIR);
	assert_int_equal(answers[2].error, -EISDIR);
	assert_int_equal(rmdir(path), 0);
	assert_as_before(world, 2, 1);
}

static void who_forgets_gets_no_answer_and_the_change_counts(void **state)
{
	struct world *world = *state;
	struct answer forgotten = { 0 }, last = { 0 };
	world_open(world);
	queue(world, "{'max_displays':2}", on_answer, &forgotten);
	queue(world, "{'max_displays':3}", on_answer, &forgotten);
	queue(world, "{'max_displays':4}", on_answer, &last);
	settings_forget(world->settings, &forgotten);
	world_wait(world, &last, 1);
	assert_int_equal(forgotten.count, 0);
	assert_int_equal(world->changed, 3);
}

static void nobody_has_to_wait(void **state)
{
	struct world *world = *state;
	world_open(world);
	queue(world, "{'max_displays':2}", NULL, NULL);
	world_settle(world);
	assert_json(settings_document(world->settings), "{'version':1,'max_displays':2}");
}

static void closing_with_changes_under_way_answers_nobody(void **state)
{
	struct world *world = *state;
	struct answer answer = { 0 };
	world_open(world);
	queue(world, "{'max_displays':2}", on_answer, &answer);
	queue(world, "{'max_displays':3}", on_answer, &answer);
	queue_preset(world, "own", on_answer, &answer);
	settings_close(world->settings);
	world->settings = NULL;
	world_settle(world);
	assert_int_equal(answer.count, 0);
	assert_int_equal(world->changed, 0);
	world_open(world); /* whole, whichever it is */
	assert_false(world_has_file(world, SETTINGS_FILE ".bad"));
	settings_close(NULL);
}

/* A listener that does something to the settings. */
struct meddler {
	struct world *world;
	void *other; /* whose answers are forgotten */
	unsigned count;
	int error;
	bool closes, queues;
	struct answer queued;
};

static void on_meddle(void *data, int error)
{
	struct meddler *meddler = data;
	struct world *world = meddler->world;
	meddler->count++;
	meddler->error = error;
	if (meddler->other)
		settings_forget(world->settings, meddler->other);
	if (meddler->queues)
		queue(world, "{'max_displays':6}", on_answer, &meddler->queued);
	if (meddler->closes) {
		settings_close(world->settings);
		world->settings = NULL;
	}
}

static void one_that_is_told_of_a_failure_may_forget_the_next_answer(void **state)
{
	struct world *world = *state;
	struct answer *gone = calloc(1, sizeof *gone), last = { 0 };
	struct meddler meddler = { .world = world, .other = gone };
	world_open(world);
	const struct rlimit limit = fill_disk();
	queue(world, "{'max_displays':2}", on_meddle, &meddler);
	queue(world, "{'max_displays':3}", on_answer, gone);
	queue(world, "{'max_displays':4}", on_answer, &last);
	world_wait(world, &last, 1);
	empty_disk(&limit);
	assert_int_equal(meddler.error, -EFBIG);
	assert_int_equal(gone->count, 0);
	assert_int_equal(last.error, -EFBIG);
	free(gone);
}

static void run_until_meddled(struct world *world, const struct meddler *meddler)
{
	for (int turn = 0; turn < 60 && meddler->count == 0; turn++)
		assert_true(sd_event_run(world->event, 1000000) >= 0);
	assert_int_equal(meddler->count, 1);
}

static void one_that_is_told_of_a_failure_may_close_the_settings(void **state)
{
	struct world *world = *state;
	struct answer never = { 0 };
	struct meddler meddler = { .world = world, .closes = true };
	world_open(world);
	const struct rlimit limit = fill_disk();
	queue(world, "{'max_displays':2}", on_meddle, &meddler);
	queue(world, "{'max_displays':3}", on_answer, &never);
	run_until_meddled(world, &meddler);
	empty_disk(&limit);
	world_settle(world);
	assert_int_equal(never.count, 0);
}

static void one_that_is_told_of_a_success_may_close_the_settings(void **state)
{
	struct world *world = *state;
	struct answer never = { 0 };
	struct meddler meddler = { .world = world, .closes = true };
	world_open(world);
	queue(world, "{'max_displays':2}", on_meddle, &meddler);
	queue(world, "{'max_displays':3}", on_answer, &never);
	run_until_meddled(world, &meddler);
	world_settle(world);
	assert_int_equal(meddler.error, 0);
	assert_int_equal(never.count, 0);
}

static void one_that_is_told_of_a_failure_may_change_something_else(void **state)
{
	struct world *world = *state;
	struct answer second = { 0 };
	struct meddler meddler = { .world = world, .queues = true };
	world_open(world);
	const struct rlimit limit = fill_disk();
	queue(world, "{'max_displays':2}", on_meddle, &meddler);
	queue(world, "{'max_displays':3}", on_answer, &second);
	world_wait(world, &meddler.queued, 1);
	empty_disk(&limit);
	assert_int_equal(meddler.error, -EFBIG);
	assert_int_equal(second.count, 1);
	assert_int_equal(second.error, -EFBIG);
	assert_int_equal(meddler.queued.error, -EFBIG);
	meddler.queued.count = 0;
	on_meddle(&meddler, 0);
	world_wait(world, &meddler.queued, 1);
	assert_json(settings_document(world->settings), "{'version':1,'max_displays':6}");
}

static void close_when_changed(void *data)
{
	struct world *world = data;
	world->changed++;
	settings_close(world->settings);
	world->settings = NULL;
}

static void one_that_is_told_of_the_change_itself_may_close_the_settings(void **state)
{
	struct world *world = *state;
	struct answer never = { 0 };
	world_open(world);
	settings_close(world->settings);
	world->settings = settings_open(&(struct settings_params){
		.config_folder = world->folder,
		.worker = world->worker,
		.changed = close_when_changed,
		.changed_data = world,
	});
	queue(world, "{'max_displays':2}", on_answer, &never);
	queue(world, "{'max_displays':3}", on_answer, &never);
	world_settle(world);
	world_settle(world);
	assert_int_equal(world->changed, 1);
	assert_null(world->settings);
	assert_int_equal(never.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_counts_when_it_is_on_the_disk_and_not_before),
		TEST(changes_are_answered_in_order_and_told_once_each),
		TEST(a_change_is_judged_by_the_outcome_of_those_before_it),
		TEST(a_full_disk_leaves_everything_as_it_was_and_fails_the_whole_line),
		TEST(a_folder_that_is_gone_is_answered),
		TEST(what_was_written_before_a_failure_stays),
		TEST(who_forgets_gets_no_answer_and_the_change_counts),
		TEST(nobody_has_to_wait),
		TEST(closing_with_changes_under_way_answers_nobody),
		TEST(one_that_is_told_of_a_failure_may_forget_the_next_answer),
		TEST(one_that_is_told_of_a_failure_may_close_the_settings),
		TEST(one_that_is_told_of_a_success_may_close_the_settings),
		TEST(one_that_is_told_of_a_failure_may_change_something_else),
		TEST(one_that_is_told_of_the_change_itself_may_close_the_settings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
