#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/changes.h"

struct told {
	char text[4096];
};

static void tell(void *data, const char *line)
{
	struct told *told = data;
	const size_t size = strlen(told->text);
	snprintf(told->text + size, sizeof told->text - size, "%s\n", line);
}

static void take(
	struct changes *changes, const char *topic, const char *document, const char *wanted)
{
	struct told told = { 0 };
	json_t *json = json_loads(document, 0, NULL);
	assert_non_null(json);
	changes_take(changes, topic, json, tell, &told);
	json_decref(json);
	assert_string_equal(told.text, wanted);
}

static void a_topic_comes_first_as_a_number(void **state)
{
	struct changes changes;
	assert_true(changes_start(&changes));
	take(&changes, "clients", "{\"clients\":[{},{}]}", "paired clients: 2\n");
	take(&changes, "other", "{}", "");
	changes_finish(&changes);
}

static void only_what_is_shown_and_differs_is_told(void **state)
{
	struct changes changes;
	assert_true(changes_start(&changes));
	take(&changes, "sessions", "{\"sessions\":[{\"session\":1,\"label\":\"a\",\"since\":1}]}",
		"sessions: 1\n");
	take(&changes, "sessions", "{\"sessions\":[{\"session\":1,\"label\":\"a\",\"since\":9}]}",
		"");
	take(&changes, "sessions", "{\"sessions\":[{\"session\":1,\"label\":\"b\",\"since\":9}]}",
		"session 1: b from  by , slot -, -\n");
	take(&changes, "sessions", "{\"sessions\":[]}", "session 1: gone (b)\n");
	changes_finish(&changes);
}

static void people_and_control_are_told(void **state)
{
	struct changes changes;
	assert_true(changes_start(&changes));
	take(&changes, "presence", "{\"people\":[]}", "people: 0\n");
	take(&changes, "presence",
		"{\"people\":[{\"person\":1,\"name\":\"Ada\",\"state\":\"idle\",\"sessions\":[3]}]"
		"}",
		"person 1: new, Ada, idle, sessions 3\n");
	take(&changes, "presence", "{\"people\":[]}", "person 1: gone (Ada)\n");
	take(&changes, "control", "{\"mode\":\"free\",\"holder\":null,\"line\":[]}", "");
	take(&changes, "control",
		"{\"mode\":\"one-at-a-time\",\"holder\":3,\"line\":[{\"session\":4,\"asks_for\":9."
		"5},"
		"{\"session\":5,\"asks_for\":null}]}",
		"control: session 3 has it\n"
		"control: session 4 asks for it: lodge control grant 4\n");
	take(&changes, "control",
		"{\"mode\":\"one-at-a-time\",\"holder\":null,\"line\":[{\"session\":4,\"asks_for\":"
		"2}]}",
		"control: nobody has it\n");
	take(&changes, "control", "{\"mode\":\"free\",\"holder\":null,\"line\":[]}",
		"control: everybody may give input\n");
	changes_finish(&changes);
}

static void a_document_that_is_none_tells_nothing(void **state)
{
	struct changes changes;
	assert_true(changes_start(&changes));
	take(&changes, "displays", "[]", "displays: 0\nother outputs: 0\n");
	take(&changes, "displays", "{\"displays\":3,\"desktop\":[],\"outputs\":{}}", "");
	take(&changes, "displays", "{\"displays\":[null,5,{}]}",
		"display -: new, , , - at - on -, sessions -\n"
		"display -: new, , , - at - on -, sessions -\n"
		"display -: new, , , - at - on -, sessions -\n");
	changes_finish(&changes);
}

static void the_desktop_and_its_topology_are_told(void **state)
{
	struct changes changes;
	assert_true(changes_start(&changes));
	take(&changes, "displays",
		"{\"desktop\":{\"backend\":\"sway\",\"ready\":true,\"topology\":{\"applied\":"
		"\"extend\"}}}",
		"displays: 0\nother outputs: 0\n");
	take(&changes, "displays",
		"{\"desktop\":{\"backend\":\"sway\",\"ready\":false,\"topology\":{\"applied\":"
		"\"exclusive\"}}}",
		"desktop: sway is gone\ndesktop: topology exclusive\n");
	changes_finish(&changes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_topic_comes_first_as_a_number),
		cmocka_unit_test(only_what_is_shown_and_differs_is_told),
		cmocka_unit_test(people_and_control_are_told),
		cmocka_unit_test(a_document_that_is_none_tells_nothing),
		cmocka_unit_test(the_desktop_and_its_topology_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
