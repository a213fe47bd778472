#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/text.h"

static void assert_neutral(const char *text, const char *wanted)
{
	char *neutral = text_neutral(text);
	assert_non_null(neutral);
	assert_string_equal(neutral, wanted);
	free(neutral);
}

static void text_that_steers_nothing_stays(void **state)
{
	assert_neutral("", "");
	assert_neutral("laptop 1", "laptop 1");
	assert_neutral("Büro, 画面, 😀, e\u0301", "Büro, 画面, 😀, e\u0301");
}

static void control_characters_are_replaced(void **state)
{
	assert_neutral("\x1b[31mred", "\ufffd[31mred");
	assert_neutral("a\nb\tc\rd\x7f", "a\ufffdb\ufffdc\ufffdd\ufffd");
	assert_neutral("\xc2\x9b"
		       "1m",
		"\ufffd1m");
}

static void marks_that_turn_the_direction_are_replaced(void **state)
{
	assert_neutral(
		"a\u202eb\u2066c\u200fd\u2028e\ufefff", "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf");
}

static void bytes_that_are_no_utf8_are_replaced_one_by_one(void **state)
{
	assert_neutral("a\xff\xfe"
		       "b",
		"a\ufffd\ufffdb");
	assert_neutral("a\xe7\x94", "a\ufffd\ufffd");
	assert_neutral("\xc0\x9b", "\ufffd\ufffd");
}

static void width_counts_columns(void **state)
{
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("laptop"), 6);
	assert_int_equal(text_width("Büro"), 4);
	assert_int_equal(text_width("画面"), 4);
	assert_int_equal(text_width("e\u0301"), 1);
	assert_int_equal(text_width("\ufffd"), 1);
}

static void seconds_are_told_in_two_units(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} rows[] = { { 0, "0 s" }, { 59.9, "59 s" }, { 60, "1 min" }, { 250, "4 min 10 s" },
		{ 3600, "1 h" }, { 7500, "2 h 5 min" }, { 90000, "1 d 1 h" }, { 86460, "1 d" },
		{ -5, "0 s" }, { 1e300, "0 s" } };
	char buffer[TEXT_SECONDS_MAX];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(text_seconds(rows[i].seconds, buffer), rows[i].text);
}

static int use_utf8(void **state)
{
	return text_use_utf8() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_steers_nothing_stays),
		cmocka_unit_test(control_characters_are_replaced),
		cmocka_unit_test(marks_that_turn_the_direction_are_replaced),
		cmocka_unit_test(bytes_that_are_no_utf8_are_replaced_one_by_one),
		cmocka_unit_test(width_counts_columns),
		cmocka_unit_test(seconds_are_told_in_two_units),
	};
	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
