#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/app_words.h"
#include "cli/changes.h"

static void assert_command(const char *json, const char *wanted)
{
	json_t *arguments = json_loads(json, 0, NULL);
	char *text = app_words_command(arguments);
	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
	json_decref(arguments);
}

static void arguments_are_shown_as_one_would_type_them(void **state)
{
	assert_command("[\"foot\",\"-e\",\"sh\"]", "foot -e sh");
	assert_command("[\"a\",\"b c\",\"\",\"it's\",\"$HOME\",\"#x\"]",
		"a 'b c' '' 'it'\\''s' '$HOME' '#x'");
	assert_command("[]", "");
	assert_command("[7]", "'?'");
}

/* What becomes of {"id": "x"}, or the sentence. */
static void assert_applied(const char *words, const char *wanted)
{
	char fault[300], copy[300], *rest = copy, *word;
	json_t *app = json_pack("{s:s}", "id", "x");
	bool good = true;
	snprintf(copy, sizeof copy, "%s", words);
	while (good && (word = strsep(&rest, "|")))
		good = app_words_apply(app, word, fault, sizeof fault);
	char *text = good ? json_dumps(app, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9))
			  : strdup(fault);
	if (!strstr(text, wanted))
		fail_msg("%s: %s is not in %s", words, wanted, text);
	free(text);
	json_decref(app);
}

static void fields_are_set_and_removed(void **state)
{
	assert_applied("name=A b|command=foot -e 'x'|desktop=isolated",
		"{\"command\":\"foot -e 'x'\",\"desktop\":\"isolated\",\"id\":\"x\",\"name\":\"A "
		"b\"}");
	assert_applied("name=A|name=", "{\"id\":\"x\"}");
	assert_applied("environment.A=b=c|environment.B=2",
		"{\"environment\":{\"A\":\"b=c\",\"B\":\"2\"},\"id\":\"x\"}");
	assert_applied("environment.A=1|environment.A=", "{\"id\":\"x\"}");
	assert_applied("mode=640x480", "{\"id\":\"x\",\"mode\":{\"height\":480,\"width\":640}}");
	assert_applied("mode=640x480@59.94", "\"refresh_hz\":59.94");
}

static void what_is_no_field_has_a_sentence(void **state)
{
	assert_applied("foot", "'foot': FIELD=VALUE expected");
	assert_applied("shell=1", "the field is none of");
	assert_applied("id=y", "the field is none of");
	assert_applied("environment.=1", "the field is none of");
	assert_applied("mode=640", "mode '640': WIDTHxHEIGHT");
	assert_applied("name=\xff", "name: the value is no UTF-8");
	assert_applied("environment.A=\xff", "A: the value is no UTF-8");
}

static void take_line(void *data, const char *line)
{
	strcat(strcat(data, line), "\n");
}

static void a_change_of_the_list_is_told_app_by_app(void **state)
{
	char told[1000] = "";
	struct changes changes;
	json_t *before = json_loads("{\"apps\":[{\"id\":\"a\",\"name\":\"A\",\"command\":[\"a\"],"
				    "\"desktop\":\"shared\"},{\"id\":\"b\",\"name\":\"B\"}]}",
		0, NULL);
	json_t *after = json_loads("{\"apps\":[{\"id\":\"a\",\"name\":\"A\",\"command\":[\"a\","
				   "\"b c\"],\"desktop\":\"shared\"},{\"id\":\"c\",\"name\":\"C\","
				   "\"command\":[\"c\"],\"desktop\":\"isolated\"}]}",
		0, NULL);
	assert_true(changes_start(&changes));
	changes_take(&changes, "apps", before, take_line, told);
	changes_take(&changes, "apps", after, take_line, told);
	assert_string_equal(told,
		"apps: 2\n"
		"app a: A, desktop shared, a 'b c'\n"
		"app c: new, C, desktop isolated, c\n"
		"app b: gone (B)\n");
	changes_finish(&changes);
	json_decref(before);
	json_decref(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_shown_as_one_would_type_them),
		cmocka_unit_test(fields_are_set_and_removed),
		cmocka_unit_test(what_is_no_field_has_a_sentence),
		cmocka_unit_test(a_change_of_the_list_is_told_app_by_app),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
