#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/utf8.h"
#include "core/wire.h"

struct row {
	const char *what, *bytes;
	size_t size;
};
#define ROW(what, bytes)                                                                           \
	{                                                                                          \
		what, bytes, sizeof(bytes) - 1                                                     \
	}

static void every_length_and_its_limits_are_accepted(void **state)
{
	static const struct row rows[] = {
		ROW("empty", ""),
		ROW("ASCII", "screen 1"),
		ROW("U+0001", "\x01"),
		ROW("U+007F", "\x7f"),
		ROW("U+0080", "\xc2\x80"),
		ROW("U+07FF", "\xdf\xbf"),
		ROW("U+0800", "\xe0\xa0\x80"),
		ROW("U+D7FF", "\xed\x9f\xbf"),
		ROW("U+E000", "\xee\x80\x80"),
		ROW("U+FFFF", "\xef\xbf\xbf"),
		ROW("U+10000", "\xf0\x90\x80\x80"),
		ROW("U+10FFFF", "\xf4\x8f\xbf\xbf"),
		ROW("a mixture", "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z"),
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!wire_utf8_valid(rows[i].bytes, rows[i].size))
			fail_msg("refused: %s", rows[i].what);
	}
}

static void everything_else_is_refused(void **state)
{
	static const struct row rows[] = {
		ROW("NUL", "\0"),
		ROW("NUL inside", "a\0b"),
		ROW("a lone continuation", "\x80"),
		ROW("the last lone continuation", "\xbf"),
		ROW("overlong NUL", "\xc0\x80"),
		ROW("overlong slash", "\xc0\xaf"),
		ROW("overlong U+007F", "\xc1\xbf"),
		ROW("overlong U+07FF", "\xe0\x9f\xbf"),
		ROW("overlong U+FFFF", "\xf0\x8f\xbf\xbf"),
		ROW("the first surrogate", "\xed\xa0\x80"),
		ROW("the last surrogate", "\xed\xbf\xbf"),
		ROW("U+110000", "\xf4\x90\x80\x80"),
		ROW("lead F5", "\xf5\x80\x80\x80"),
		ROW("lead F8", "\xf8\x88\x80\x80\x80"),
		ROW("lead FE", "\xfe"),
		ROW("lead FF", "\xff"),
		ROW("two bytes cut short", "\xc3"),
		ROW("three bytes cut after one", "\xe2"),
		ROW("three bytes cut after two", "\xe2\x82"),
		ROW("four bytes cut after three", "\xf0\x9f\x98"),
		ROW("two bytes without continuation", "\xc3z"),
		ROW("three bytes without the last continuation", "\xe2\x82z"),
		ROW("four bytes without the last continuation", "\xf0\x9f\x98z"),
		ROW("a lead in place of a continuation", "\xe2\xc2\x80"),
		ROW("good text, then bad", "name\xff"),
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (wire_utf8_valid(rows[i].bytes, rows[i].size))
			fail_msg("accepted: %s", rows[i].what);
	}
}

static size_t write_code_point(uint32_t point, char bytes[4])
{
	if (point < 0x80) {
		bytes[0] = (char)point;
		return 1;
	}
	const size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const uint8_t leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = size - 1; i > 0; i--) {
		bytes[i] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	bytes[0] = (char)(leads[size] | point);
	return size;
}

static void code_points_are_read_one_after_the_other(void **state)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xff";
	static const uint32_t points[] = { 'a', 0xe4, 0x20ac, 0x1f600 };
	size_t at = 0;
	for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
		uint32_t point = 0;
		/* No byte behind the end is looked at. */
		for (size_t size = 0; size <= i; size++)
			assert_int_equal(utf8_next(text + at, size, &point), 0);
		assert_int_equal(utf8_next(text + at, sizeof text - at, &point), i + 1);
		assert_int_equal(point, points[i]);
		at += i + 1;
	}
	uint32_t point;
	assert_int_equal(utf8_next(text + at, 1, &point), 0);
}

static void exactly_the_code_points_that_are_no_surrogates_are_accepted(void **state)
{
	for (uint32_t point = 1; point < 0x120000; point++) {
		char bytes[4];
		const size_t size = write_code_point(point, bytes);
		const bool wanted = (point < 0xd800 || point > 0xdfff) && point <= 0x10ffff;
		if (wire_utf8_valid(bytes, size) != wanted)
			fail_msg("U+%04X is %s", point, wanted ? "refused" : "accepted");
		uint32_t read = 0;
		assert_int_equal(utf8_next(bytes, size, &read), wanted ? size : 0);
		assert_true(!wanted || read == point);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_and_its_limits_are_accepted),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(code_points_are_read_one_after_the_other),
		cmocka_unit_test(exactly_the_code_points_that_are_no_surrogates_are_accepted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
