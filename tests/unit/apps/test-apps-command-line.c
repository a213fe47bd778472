#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/apps.h"
#include "apps/command_line.h"

/* The words with | between them, or the sentence that says what is wrong; to be freed. */
static char *split(const char *line)
{
	size_t count;
	enum command_line_fault fault;
	char *text = calloc(2, APP_TEXT_MAX + APP_ARGUMENTS_MAX);
	const char **words = command_line_split(line, strlen(line), &count, &fault);
	assert_non_null(text);
	if (!words) {
		assert_int_equal(count, 0);
		strcpy(text, command_line_fault_text(fault));
		return text;
	}
	assert_int_equal(fault, COMMAND_LINE_FINE);
	assert_null(words[count]);
	for (size_t i = 0; i < count; i++) {
		strcat(text, i > 0 ? "|" : "");
		strcat(text, words[i]);
	}
	free(words);
	return text;
}

static void assert_split(const char *line, const char *words)
{
	char *are = split(line);
	if (strcmp(are, words) != 0)
		fail_msg("%s becomes %s, not %s", line, are, words);
	free(are);
}

static void blanks_part_words(void **state)
{
	assert_split("foot", "foot");
	assert_split("foot -e sh", "foot|-e|sh");
	assert_split("  foot \t  -e\tsh  ", "foot|-e|sh");
	assert_split("f\xc3\xbc\xc3\x9f", "f\xc3\xbc\xc3\x9f");
}

static void quotes_keep_words_together(void **state)
{
	assert_split("a 'b c' d", "a|b c|d");
	assert_split("a \"b c\" d", "a|b c|d");
	assert_split("a'b'\"c\"d", "abcd");
	assert_split("a '' \"\"", "a||");
	assert_split("''", "");
	assert_split("a 'say \"hi\"' \"it's\"", "a|say \"hi\"|it's");
}

static void backslashes_mean_what_a_shell_means(void **state)
{
	assert_split("a\\ b", "a b");
	assert_split("\\a\\\\b\\'\\\"", "a\\b'\"");
	assert_split("'a\\b'", "a\\b");
	assert_split("'a\\'", "a\\");
	assert_split("\"\\$ \\` \\\" \\\\\"", "$ ` \" \\");
	assert_split("\"\\n \\'\"", "\\n \\'");
}

static void nothing_is_expanded(void **state)
{
	assert_split("$HOME ~ * `id` $(id)", "$HOME|~|*|`id`|$(id)");
	assert_split("a ; b > c & d < e", "a|;|b|>|c|&|d|<|e");
	assert_split("A=1 b", "A=1|b");
	assert_split("url?a=1&b=2#part", "url?a=1&b=2#part");
}

static void odd_lines_have_named_faults(void **state)
{
	const struct {
		const char *line;
		enum command_line_fault fault;
	} faults[] = {
		{ "", COMMAND_LINE_EMPTY },
		{ " \t ", COMMAND_LINE_EMPTY },
		{ "'", COMMAND_LINE_SINGLE_QUOTE },
		{ "a 'b", COMMAND_LINE_SINGLE_QUOTE },
		{ "it's", COMMAND_LINE_SINGLE_QUOTE },
		{ "\"", COMMAND_LINE_DOUBLE_QUOTE },
		{ "a \"b\\\"", COMMAND_LINE_DOUBLE_QUOTE },
		{ "\"a\\", COMMAND_LINE_DOUBLE_QUOTE },
		{ "a\\", COMMAND_LINE_BACKSLASH },
		{ "a # b", COMMAND_LINE_COMMENT },
		{ "#a", COMMAND_LINE_COMMENT },
		{ "a\nb", COMMAND_LINE_CONTROL },
		{ "a\x1b[2J", COMMAND_LINE_CONTROL },
		{ "a \x7f", COMMAND_LINE_CONTROL },
		{ "a \xc2\x9b", COMMAND_LINE_CONTROL },
		{ "a \xe2\x80\xa8", COMMAND_LINE_CONTROL },
		{ "a \xff", COMMAND_LINE_CONTROL },
		{ "a 'b\tc'", COMMAND_LINE_CONTROL },
		{ "a \"b\tc\"", COMMAND_LINE_CONTROL },
		{ "a b\\\tc", COMMAND_LINE_CONTROL },
	};
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		assert_split(faults[i].line, command_line_fault_text(faults[i].fault));
	assert_split("a '#' \\#b", "a|#|#b");
}

static void a_byte_that_ends_texts_is_a_control_character(void **state)
{
	size_t count;
	enum command_line_fault fault;
	assert_null(command_line_split("a\0b", 3, &count, &fault));
	assert_int_equal(fault, COMMAND_LINE_CONTROL);
}

static void as_many_words_as_there_may_be_are_taken(void **state)
{
	char line[2 * APP_ARGUMENTS_MAX + 3] = "";
	size_t count;
	enum command_line_fault fault;
	for (size_t i = 0; i < APP_ARGUMENTS_MAX; i++)
		strcat(line, "a ");
	const char **words = command_line_split(line, strlen(line), &count, &fault);
	assert_non_null(words);
	assert_int_equal(count, APP_ARGUMENTS_MAX);
	free(words);
	strcat(line, "a");
	assert_split(line, command_line_fault_text(COMMAND_LINE_TOO_MANY));
}

static void a_line_is_as_long_as_it_may_be(void **state)
{
	char line[APP_TEXT_MAX + 2];
	memset(line, 'a', sizeof line);
	line[APP_TEXT_MAX] = '\0';
	assert_split(line, line);
	line[APP_TEXT_MAX] = 'a';
	line[APP_TEXT_MAX + 1] = '\0';
	assert_split(line, command_line_fault_text(COMMAND_LINE_TOO_LONG));
}

static void every_fault_has_a_sentence_of_its_own(void **state)
{
	for (enum command_line_fault a = 0; a < COMMAND_LINE_FAULTS; a++) {
		assert_string_not_equal(command_line_fault_text(a), "?");
		for (enum command_line_fault b = 0; b < a; b++)
			assert_string_not_equal(
				command_line_fault_text(a), command_line_fault_text(b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_part_words),
		cmocka_unit_test(quotes_keep_words_together),
		cmocka_unit_test(backslashes_mean_what_a_shell_means),
		cmocka_unit_test(nothing_is_expanded),
		cmocka_unit_test(odd_lines_have_named_faults),
		cmocka_unit_test(a_byte_that_ends_texts_is_a_control_character),
		cmocka_unit_test(as_many_words_as_there_may_be_are_taken),
		cmocka_unit_test(a_line_is_as_long_as_it_may_be),
		cmocka_unit_test(every_fault_has_a_sentence_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
