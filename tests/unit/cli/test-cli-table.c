#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/table.h"
#include "cli/text.h"

static void assert_prints(const struct table *table, bool colour, const char *wanted)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	assert_non_null(file);
	assert_true(table_print(table, file, colour));
	fclose(file);
	assert_string_equal(text, wanted);
	free(text);
}

static const char *const headings[] = { "A", "NAME", "END", NULL };

static void add_row(struct table *table, const char *a, const char *b, const char *c)
{
	table_add(table, TABLE_GOOD, "%s", a);
	table_add(table, TABLE_PLAIN, "%s", b);
	table_add(table, TABLE_FAINT, "%s", c);
}

static void columns_are_as_wide_as_what_is_shown_in_them(void **state)
{
	struct table *table = table_create(headings);
	add_row(table, "1", "画面", "x");
	add_row(table, "long", "Büro", "");
	add_row(table, "", "", "");
	assert_prints(table, false, "A     NAME  END\n1     画面  x\nlong  Büro\n\n");
	table_destroy(table);
}

static void cells_are_neutral(void **state)
{
	struct table *table = table_create(headings);
	add_row(table, "a\nb", "\x1b[2J", "z");
	assert_prints(table, false,
		"A    NAME  END\na\ufffd"
		"b  \ufffd[2J  z\n");
	table_destroy(table);
}

static void colour_does_not_count_as_width(void **state)
{
	struct table *table = table_create(headings);
	add_row(table, "ok", "n", "e");
	assert_prints(table, true,
		"\x1b[1mA\x1b[0m   \x1b[1mNAME\x1b[0m  \x1b[1mEND\x1b[0m\n"
		"\x1b[32mok\x1b[0m  n     \x1b[2me\x1b[0m\n");
	table_destroy(table);
}

static void a_table_without_rows_has_headings(void **state)
{
	struct table *table = table_create(headings);
	assert_prints(table, false, "A  NAME  END\n");
	table_destroy(table);
	table_destroy(NULL);
}

static void half_a_row_is_not_printed(void **state)
{
	struct table *table = table_create(headings);
	table_add(table, TABLE_PLAIN, "1");
	assert_false(table_print(table, stderr, false));
	table_destroy(table);
}

static void a_table_holds_many_rows(void **state)
{
	static const char *const one[] = { "N", NULL };
	struct table *table = table_create(one);
	char *text = NULL;
	size_t size = 0, lines = 0;
	for (int i = 0; i < 1000; i++)
		table_add(table, TABLE_PLAIN, "%d", i);
	FILE *file = open_memstream(&text, &size);
	assert_true(table_print(table, file, false));
	fclose(file);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 1001);
	free(text);
	table_destroy(table);
}

static int use_utf8(void **state)
{
	return text_use_utf8() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_what_is_shown_in_them),
		cmocka_unit_test(cells_are_neutral),
		cmocka_unit_test(colour_does_not_count_as_width),
		cmocka_unit_test(a_table_without_rows_has_headings),
		cmocka_unit_test(half_a_row_is_not_printed),
		cmocka_unit_test(a_table_holds_many_rows),
	};
	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
