/* How a program ended, in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "desktops/program_end.h"
#include "desktops/shell_words.h"

static void assert_words(int status, const char *text, const char *expected)
{
	char words[64];
	program_end_words(status, text, words, sizeof words);
	assert_string_equal(words, expected);
}

static void status_signal_and_failure_to_start_are_told_apart(void **state)
{
	assert_words(0, "", "the app ended with status 0");
	assert_words(3 << 8, "whatever", "the app ended with status 3");
	assert_words(127 << 8, "No such file", "the app could not be started: No such file");
	assert_words(127 << 8, "", "the app ended with status 127");
	assert_words(127 << 8, NULL, "the app ended with status 127");
	assert_words(9, "its tree ended", "the app was ended by signal 9 (Killed)");
	assert_words(PROGRAM_END_UNKNOWN, NULL, "the app has ended");
}

static void words_that_are_too_long_are_cut(void **state)
{
	char words[12];
	program_end_words(127 << 8, "No such file", words, sizeof words);
	assert_string_equal(words, "the app cou");
}

static void a_quoted_word_is_one_word(void **state)
{
	char *quoted = shell_quote("/a b'$(c)");
	assert_string_equal(quoted, "'/a b'\\''$(c)'");
	free(quoted);
	assert_null(shell_quote("a\nb"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_signal_and_failure_to_start_are_told_apart),
		cmocka_unit_test(words_that_are_too_long_are_cut),
		cmocka_unit_test(a_quoted_word_is_one_word),
	};
	return cmocka_run_group_tests_name("program-end", tests, NULL, NULL);
}
