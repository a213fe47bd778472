#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/person_name.h"
#include "core/wire.h"
#include "random.h"

static struct person_name clean(const char *text)
{
	return person_name_clean(text, strlen(text));
}

struct row {
	const char *what, *given, *expected;
};

static void assert_cleaned(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct person_name name = clean(rows[i].given);
		if (strcmp(name.text, rows[i].expected) != 0)
			fail_msg("%s: \"%s\"", rows[i].what, name.text);
	}
}

static void names_of_people_stay_as_they_are(void **state)
{
	static const struct row rows[] = {
		{ "ASCII", "Ada Lovelace", "Ada Lovelace" },
		{ "markup is text", "<img src=x onerror=alert(1)>&amp;",
			"<img src=x onerror=alert(1)>&amp;" },
		{ "accents", "Zoë Å", "Zoë Å" },
		{ "Hebrew", "עדה", "עדה" },
		{ "Persian with a non-joiner", "می\u200cروم", "می\u200cروم" },
		{ "Hindi with a joiner", "क्\u200dष", "क्\u200dष" },
		{ "Vietnamese, decomposed", "Tie\u0302\u0301ng", "Tie\u0302\u0301ng" },
		{ "a family", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
			"\U0001f468\u200d\U0001f469\u200d\U0001f467" },
		{ "a heart as an emoji", "\u2764\ufe0f", "\u2764\ufe0f" },
		{ "Chinese", "爱达", "爱达" },
	};
	assert_cleaned(rows, sizeof rows / sizeof *rows);
}

static void what_steers_terminals_and_lines_becomes_a_space(void **state)
{
	static const struct row rows[] = {
		{ "line feed", "Ada\nis root", "Ada is root" },
		{ "escape", "Ada\x1b[31m", "Ada [31m" },
		{ "CSI as one character",
			"Ada\xc2\x9b"
			"31m",
			"Ada 31m" },
		{ "DEL",
			"A\x7f\x7f"
			"da",
			"A da" },
		{ "line separator", "A\u2028da", "A da" },
		{ "paragraph separator", "A\u2029da", "A da" },
		{ "spaces of all kinds", "  A\u00a0\u3000\u2003 \t da \u2800 ", "A da" },
		{ "nothing but spaces", " \r\n\t\u00a0 ", "" },
	};
	assert_cleaned(rows, sizeof rows / sizeof *rows);
}

static void what_turns_the_writing_or_has_no_shape_goes(void **state)
{
	static const struct row rows[] = {
		{ "override", "\u202egnp.adA", "gnp.adA" },
		{ "every override and embedding",
			"A\u202a\u202b\u202c\u202d\u202e"
			"da",
			"Ada" },
		{ "every isolate",
			"A\u2066\u2067\u2068\u2069"
			"da",
			"Ada" },
		{ "every mark",
			"A\u200e\u200f\u061c"
			"da",
			"Ada" },
		{ "zero width",
			"A\u200b\u2060\ufeff"
			"d\u00ad"
			"a",
			"Ada" },
		{ "joiners between Latin letters", "A\u200dd\u200ca", "Ada" },
		{ "joiners at the end", "עדה\u200c", "עדה" },
		{ "joiner at the beginning", "\u200d\U0001f468", "\U0001f468" },
		{ "two joiners", "\U0001f468\u200d\u200d\U0001f469", "\U0001f468\u200d\U0001f469" },
		{ "tags", "Ada\U000e0041\U000e0064", "Ada" },
		{ "variation selectors", "A\ufe0fd\ufe00a\U000e0100", "Ada" },
		{ "Hangul fillers", "\u3164\u115f\u1160\uffa0", "" },
		{ "overrides alone", "\u202e\u202e", "" },
	};
	assert_cleaned(rows, sizeof rows / sizeof *rows);
}

static void every_direction_control_is_removed(void **state)
{
	static const char *const controls[] = { "\u061c", "\u200e", "\u200f", "\u202a", "\u202b",
		"\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069" };
	for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
		char text[32];
		snprintf(text, sizeof text, "%sע%sa%s", controls[i], controls[i], controls[i]);
		assert_string_equal(clean(text).text, "עa");
	}
}

static void marks_stack_four_high_at_most(void **state)
{
	static const struct row rows[] = {
		{ "five on one letter", "Z\u0351\u0352\u0353\u0354\u0355a",
			"Z\u0351\u0352\u0353\u0354"
			"a" },
		{ "on two letters", "Z\u0351\u0351\u0351Z\u0351\u0351",
			"Z\u0351\u0351\u0351Z\u0351\u0351" },
		{ "on nothing",
			"\u0351\u0351"
			"Ada",
			"Ada" },
		{ "on a space",
			"A \u0351"
			"da",
			"A da" },
	};
	assert_cleaned(rows, sizeof rows / sizeof *rows);
}

static void what_is_no_utf8_becomes_one_replacement(void **state)
{
	static const struct row rows[] = {
		{ "a lone byte",
			"A\xff"
			"da",
			"A\ufffd"
			"da" },
		{ "a run",
			"A\xff\xfe\x80\x80"
			"da",
			"A\ufffd"
			"da" },
		{ "overlong slash", "\xc0\xaf", "\ufffd" },
		{ "a surrogate", "\xed\xa0\x80", "\ufffd" },
		{ "cut short", "Ada\xe2\x82", "Ada\ufffd" },
		{ "an override in bad bytes", "\xe2\u202e\x80", "\ufffd" },
	};
	assert_cleaned(rows, sizeof rows / sizeof *rows);
	const struct person_name nul = person_name_clean("A\0da", 4);
	assert_string_equal(nul.text, "A da");
}

static void long_names_are_cut_between_code_points(void **state)
{
	char text[9000];
	for (size_t size = 60; size < 70; size++) {
		memset(text, 'a', size);
		strcpy(text + size, "\u20ac\u20ac");
		const struct person_name name = clean(text);
		assert_true(wire_utf8_valid(name.text, strlen(name.text)));
		assert_true(strlen(name.text) <= PERSON_NAME_MAX);
		assert_true(strlen(name.text) > PERSON_NAME_MAX - 3);
	}
	/* A cut leaves no space at the end. */
	memset(text, 'a', 63);
	strcpy(text + 63, " b");
	assert_int_equal(strlen(clean(text).text), 63);
	/* However much is given, only the beginning is read. */
	memset(text, ' ', sizeof text);
	text[PERSON_NAME_READ_MAX] = 'a';
	assert_string_equal(person_name_clean(text, sizeof text).text, "");
	assert_string_equal(person_name_clean(NULL, 0).text, "");
}

static void cleaning_again_changes_nothing(void **state)
{
	static const char *const pieces[] = { "a", " ", "\u0351", "\u200d", "\u200c", "\ufe0f",
		"\u202e", "\xff", "\xe2\x82", "\U0001f468", "ی", "\u20ac", "\t", "\u00a0", "(2)",
		"\u2764", "\ufffd", "\u0600", "\xf0", "\u3000" };
	uint64_t seed = random_seed();
	printf("# LODGE_TEST_SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	for (int i = 0; i < 50000; i++) {
		char text[400] = "";
		const uint32_t count = random_below(&seed, 60);
		for (uint32_t k = 0; k < count; k++)
			strcat(text, pieces[random_below(&seed, sizeof pieces / sizeof *pieces)]);
		const struct person_name once = clean(text), twice = clean(once.text);
		assert_true(wire_utf8_valid(once.text, strlen(once.text)));
		assert_memory_equal(&once, &twice, sizeof once);
	}
}

static void numbers_are_added_and_recognised(void **state)
{
	const struct person_name ada = clean("Ada");
	const struct person_name second = person_name_numbered(&ada, 2);
	const struct person_name thousandth = person_name_numbered(&ada, 1000);
	assert_string_equal(person_name_numbered(&ada, 1).text, "Ada");
	assert_string_equal(second.text, "Ada (2)");
	assert_string_equal(thousandth.text, "Ada (1000)");
	assert_int_equal(person_name_number(&ada, &ada), 1);
	assert_int_equal(person_name_number(&second, &ada), 2);
	assert_int_equal(person_name_number(&thousandth, &ada), 1000);
	assert_int_equal(person_name_number(&ada, &second), 0);
	static const char *const others[] = { "Ada (1)", "Ada (02)", "Ada(2)", "Ada (2", "Ada (-2)",
		"Ada ( 2)", "Ada (+2)", "Grace (2)", "Ada (99999999999999999999)", "" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		const struct person_name other = clean(others[i]);
		if (person_name_number(&other, &ada) != 0)
			fail_msg("%s", others[i]);
	}
}

static void numbered_long_name_fits_and_is_recognised(void **state)
{
	char text[128] = "";
	for (int i = 0; i < 30; i++)
		strcat(text, "\u20ac");
	const struct person_name base = clean(text);
	assert_int_equal(strlen(base.text), 63);
	static const uint32_t numbers[] = { 2, 9, 10, 99, 100, 1024 };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		const struct person_name name = person_name_numbered(&base, numbers[i]);
		assert_true(strlen(name.text) <= PERSON_NAME_MAX);
		assert_true(wire_utf8_valid(name.text, strlen(name.text)));
		assert_int_equal(person_name_number(&name, &base), numbers[i]);
	}
}

static void number_follows_after_one_space(void **state)
{
	char text[128], expected[128];
	snprintf(text, sizeof text, "%.*s bcdef", 59,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	snprintf(expected, sizeof expected, "%.59s (2)", text);
	const struct person_name base = clean(text);
	assert_string_equal(person_name_numbered(&base, 2).text, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_people_stay_as_they_are),
		cmocka_unit_test(what_steers_terminals_and_lines_becomes_a_space),
		cmocka_unit_test(what_turns_the_writing_or_has_no_shape_goes),
		cmocka_unit_test(every_direction_control_is_removed),
		cmocka_unit_test(marks_stack_four_high_at_most),
		cmocka_unit_test(what_is_no_utf8_becomes_one_replacement),
		cmocka_unit_test(long_names_are_cut_between_code_points),
		cmocka_unit_test(cleaning_again_changes_nothing),
		cmocka_unit_test(numbers_are_added_and_recognised),
		cmocka_unit_test(number_follows_after_one_space),
		cmocka_unit_test(numbered_long_name_fits_and_is_recognised),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
