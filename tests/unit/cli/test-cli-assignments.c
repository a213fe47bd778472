#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/assignments.h"

static void assert_json(const json_t *json, const char *wanted)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
}

struct row {
	const char *before, *assignment, *after; /* after NULL: refused */
};

static void run_rows(const struct row *rows, size_t count, enum assignment_target target)
{
	for (size_t i = 0; i < count; i++) {
		char fault[300] = "";
		json_t *document = json_loads(rows[i].before, 0, NULL);
		assert_non_null(document);
		const bool good = assignment_apply(
			document, target, rows[i].assignment, "auto-row", fault, sizeof fault);
		if (good != (rows[i].after != NULL))
			fail_msg("%s: %s", rows[i].assignment, fault);
		assert_json(document, good ? rows[i].after : rows[i].before);
		if (!good)
			assert_non_null(strchr(fault, '\''));
		json_decref(document);
	}
}
#define RUN(rows, target) run_rows(rows, sizeof rows / sizeof *rows, target)

static void fields_become_members_of_the_document(void **state)
{
	static const struct row rows[] = {
		{ "{}", "preset=hotdesk", "{\"preset\":\"hotdesk\"}" },
		{ "{}", "keep_alive=off", "{\"keep_alive\":{\"mode\":\"off\"}}" },
		{ "{}", "keep_alive=forever", "{\"keep_alive\":{\"mode\":\"forever\"}}" },
		{ "{}", "keep_alive=300",
			"{\"keep_alive\":{\"mode\":\"duration\",\"seconds\":300}}" },
		{ "{\"topology\":\"auto\"}", "topology=extend", "{\"topology\":\"extend\"}" },
		{ "{}", "max_displays=7", "{\"max_displays\":7}" },
		{ "{}", "desktop=isolated", "{\"desktop\":\"isolated\"}" },
		{ "{}", "confinement=off", "{\"confinement\":{\"mode\":\"off\"}}" },
		{ "{}", "confinement=home,dri,kvm",
			"{\"confinement\":{\"devices\":[\"dri\",\"kvm\"],\"mode\":\"home\"}}" },
		{ "{}", "control=one-at-a-time", "{\"control\":\"one-at-a-time\"}" },
		{ "{}", "presence=on", "{\"presence\":{\"enabled\":true}}" },
		{ "{\"presence\":{\"enabled\":true,\"watching_seconds\":9}}", "presence=off",
			"{\"presence\":{\"enabled\":false,\"watching_seconds\":9}}" },
		{ "{}", "topology=a=b", "{\"topology\":\"a=b\"}" },
	};
	RUN(rows, ASSIGNMENT_SETTINGS);
}

static void an_empty_value_removes_the_field(void **state)
{
	static const struct row rows[] = {
		{ "{\"topology\":\"extend\"}", "topology=", "{}" },
		{ "{}", "topology=", "{}" },
		{ "{\"layout\":{\"mode\":\"manual\"}}", "layout=", "{}" },
		{ "{\"layout\":{\"mode\":\"manual\",\"positions\":{\"2\":{\"x\":1,\"y\":2}}}}",
			"position.2=", "{\"layout\":{\"mode\":\"manual\",\"positions\":{}}}" },
		{ "{}", "position.2=", "{}" },
	};
	RUN(rows, ASSIGNMENT_SETTINGS);
}

static void places_and_the_layout_keep_each_other(void **state)
{
	static const struct row rows[] = {
		{ "{}", "layout=manual", "{\"layout\":{\"mode\":\"manual\"}}" },
		{ "{}", "position.2=-1920,0",
			"{\"layout\":{\"mode\":\"auto-row\",\"positions\":{\"2\":{\"x\":-1920,"
			"\"y\":0}}}}" },
		{ "{\"layout\":{\"mode\":\"manual\",\"positions\":{\"2\":{\"x\":1,\"y\":2}}}}",
			"layout=auto-row",
			"{\"layout\":{\"mode\":\"auto-row\",\"positions\":{\"2\":{\"x\":1,\"y\":2}}"
			"}}" },
		{ "{\"layout\":{\"mode\":\"manual\",\"positions\":{\"2\":{\"x\":1,\"y\":2}}}}",
			"position.10=3,-4",
			"{\"layout\":{\"mode\":\"manual\",\"positions\":{\"10\":{\"x\":3,\"y\":-4},"
			"\"2\":{\"x\":1,\"y\":2}}}}" },
	};
	RUN(rows, ASSIGNMENT_SETTINGS);
}

static void what_has_no_form_is_refused_and_changes_nothing(void **state)
{
	static const struct row rows[] = {
		{ "{}", "topology", NULL },
		{ "{}", "", NULL },
		{ "{}", "=extend", NULL },
		{ "{}", "Topology=extend", NULL },
		{ "{}", "topolog=extend", NULL },
		{ "{}", "version=1", NULL },
		{ "{}", "clients=x", NULL },
		{ "{}", "keep_alive=soon", NULL },
		{ "{}", "keep_alive=30s", NULL },
		{ "{}", "keep_alive=99999999999999999999", NULL },
		{ "{}", "max_displays=many", NULL },
		{ "{}", "max_displays=+4", NULL },
		{ "{}", "max_displays= 4", NULL },
		{ "{}", "presence=yes", NULL },
		{ "{}", "position.0=1,2", NULL },
		{ "{}", "position.64=1,2", NULL },
		{ "{}", "position.02=1,2", NULL },
		{ "{}", "position.=1,2", NULL },
		{ "{}", "position.2=1", NULL },
		{ "{}", "position.2=1,", NULL },
		{ "{}", "position.2=,1", NULL },
		{ "{}", "position.2=1,2,3", NULL },
		{ "{}", "position.2", NULL },
	};
	RUN(rows, ASSIGNMENT_SETTINGS);
}

static void a_clients_overrides_have_nothing_that_is_the_hosts_alone(void **state)
{
	static const struct row rows[] = {
		{ "{}", "max_displays=3", NULL },
		{ "{}", "presence=on", NULL },
		{ "{}", "control=free", NULL },
		{ "{}", "input=shared", NULL },
		{ "{}", "preset=hotdesk", "{\"preset\":\"hotdesk\"}" },
	};
	RUN(rows, ASSIGNMENT_CLIENT);
}

static void presets_rule_five_fields(void **state)
{
	static const char *const yes[] = { "keep_alive=30", "topology=", "mode_conflict=x",
		"identity=x", "layout=manual" };
	static const char *const no[] = { "preset=x", "max_displays=3", "desktop=x",
		"position.1=0,0", "keep_alive", "keep_alives=3" };
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		assert_true(assignment_is_ruled(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		assert_false(assignment_is_ruled(no[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_become_members_of_the_document),
		cmocka_unit_test(an_empty_value_removes_the_field),
		cmocka_unit_test(places_and_the_layout_keep_each_other),
		cmocka_unit_test(what_has_no_form_is_refused_and_changes_nothing),
		cmocka_unit_test(a_clients_overrides_have_nothing_that_is_the_hosts_alone),
		cmocka_unit_test(presets_rule_five_fields),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
