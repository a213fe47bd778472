#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/until.h"

/* 2026-11-21 12:34:56 UTC */
#define NOW 1795264496

static int in_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
	return 0;
}

static int in_utc(void **state)
{
	return in_zone("UTC0");
}

static void a_time_of_the_day_is_the_next_one(void **state)
{
	time_t when;
	assert_true(until_parse("12:35", NOW, &when));
	assert_int_equal(when, NOW + 4);
	assert_true(until_parse("12:34", NOW, &when));
	assert_int_equal(when, NOW - 56 + 86400);
	assert_true(until_parse("00:00", NOW, &when));
	assert_int_equal(when, NOW - 45296 + 86400);
}

static void the_next_day_is_the_next_months_when_this_one_ends(void **state)
{
	time_t when;
	const time_t last_evening = NOW + 9 * 86400; /* the 30th of November */
	assert_true(until_parse("08:00", last_evening, &when));
	assert_int_equal(when, last_evening - 45296 + 86400 + 8 * 3600);
}

static void a_day_begins_at_midnight_and_may_have_a_time(void **state)
{
	time_t when;
	assert_true(until_parse("2027-01-15", NOW, &when));
	assert_int_equal(when, 1799971200);
	assert_true(until_parse("2027-01-15T18:30", NOW, &when));
	assert_int_equal(when, 1799971200 + 18 * 3600 + 1800);
	assert_true(until_parse("2027-01-15 18:30", NOW, &when));
	assert_int_equal(when, 1799971200 + 18 * 3600 + 1800);
}

static void times_are_those_of_the_place_summer_and_winter(void **state)
{
	time_t when;
	in_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	assert_true(until_parse("2027-01-15", NOW, &when));
	assert_int_equal(when, 1799971200 - 3600);
	assert_true(until_parse("2027-07-15", NOW, &when));
	assert_int_equal(when, 1815609600 - 7200);
	in_utc(NULL);
}

static void what_is_no_time_is_none(void **state)
{
	static const char *const wrong[] = { "", "soon", "25:00", "12:60", "12", "12:34:56",
		"12:34 ", " 12:34", "-1:00", "2027-02-29", "2027-02-31T10:00", "2027-13-01",
		"2027-01-15T", "2027-01-15T18", "2027-01-15x", "15.01.2027" };
	time_t when;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		if (until_parse(wrong[i], NOW, &when))
			fail_msg("'%s' was taken for a time", wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_of_the_day_is_the_next_one),
		cmocka_unit_test(the_next_day_is_the_next_months_when_this_one_ends),
		cmocka_unit_test(a_day_begins_at_midnight_and_may_have_a_time),
		cmocka_unit_test(times_are_those_of_the_place_summer_and_winter),
		cmocka_unit_test(what_is_no_time_is_none),
	};
	return cmocka_run_group_tests(tests, in_utc, NULL);
}
