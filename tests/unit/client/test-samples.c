#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "process.h"
#include "samples.h"

static void percentiles_are_nearest_ranks(void **state)
{
	struct samples samples = { 0 };
	for (int i = 100; i >= 1; i--)
		assert_true(samples_add(&samples, i));
	assert_float_equal(samples_percentile(&samples, 0.5), 50, 0);
	assert_float_equal(samples_percentile(&samples, 0.95), 95, 0);
	assert_float_equal(samples_percentile(&samples, 1), 100, 0);
	assert_float_equal(samples_percentile(&samples, 0), 1, 0);
	samples_finish(&samples);
}

static void one_sample_is_every_percentile(void **state)
{
	struct samples samples = { 0 };
	samples_add(&samples, 7);
	assert_float_equal(samples_percentile(&samples, 0.01), 7, 0);
	assert_float_equal(samples_percentile(&samples, 0.99), 7, 0);
	samples_finish(&samples);
}

static void no_sample_is_zero(void **state)
{
	struct samples samples = { 0 };
	assert_float_equal(samples_percentile(&samples, 0.5), 0, 0);
}

static void samples_added_after_a_question_count(void **state)
{
	struct samples samples = { 0 };
	samples_add(&samples, 5);
	samples_percentile(&samples, 0.5);
	samples_add(&samples, 1);
	assert_float_equal(samples_percentile(&samples, 0.5), 1, 0);
	samples_finish(&samples);
}

static void a_process_that_is_gone_is_reported_as_null(void **state)
{
	struct process_watch watch = { 0 };
	assert_true(process_watch_add(&watch, "nobody=2147483646"));
	process_watch_begin(&watch, 0);
	json_t *report = process_watch_report(&watch, 1000000000u);
	assert_true(json_is_null(json_object_get(report, "nobody")));
	assert_true(json_is_real(json_object_get(report, "self")));
	json_decref(report);
}

static void watch_words_that_make_no_sense_are_refused(void **state)
{
	struct process_watch watch = { 0 };
	assert_false(process_watch_add(&watch, "lodged"));
	assert_false(process_watch_add(&watch, "=1"));
	assert_false(process_watch_add(&watch, "a=0"));
	assert_false(process_watch_add(&watch, "a=1x"));
	assert_int_equal(watch.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_nearest_ranks),
		cmocka_unit_test(one_sample_is_every_percentile),
		cmocka_unit_test(no_sample_is_zero),
		cmocka_unit_test(samples_added_after_a_question_count),
		cmocka_unit_test(a_process_that_is_gone_is_reported_as_null),
		cmocka_unit_test(watch_words_that_make_no_sense_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
