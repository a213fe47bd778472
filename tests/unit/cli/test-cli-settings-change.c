#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/settings_change.h"

static void assert_json(const json_t *json, const char *wanted)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
}

/* What GET /display/settings says, as far as a change looks at it. */
static json_t *settings(const char *document, const char *preset, const char *source)
{
	json_t *json = json_pack("{s:o,s:{s:s},s:{s:s,s:{s:s,s:i},s:s,s:s,s:s,s:{s:s}}}",
		"document", json_loads(document, 0, NULL), "sources", "preset", source, "effective",
		"preset", preset, "keep_alive", "mode", "duration", "seconds", 300, "topology",
		"exclusive", "mode_conflict", "reject", "identity", "shared", "layout", "mode",
		"auto-row");
	assert_non_null(json);
	return json;
}

static void assert_change(json_t *from, const char *assignment, const char *wanted, bool leaves)
{
	char fault[300];
	const char *left = NULL;
	char *words[] = { (char *)assignment };
	json_t *document = settings_change(from, 1, words, &left, fault, sizeof fault);
	if (!document)
		fail_msg("%s", fault);
	assert_json(document, wanted);
	assert_int_equal(left != NULL, leaves);
	json_decref(document);
	json_decref(from);
}

static void without_a_preset_only_the_field_is_written(void **state)
{
	assert_change(settings("{\"version\":1}", "default", "default"), "topology=extend",
		"{\"topology\":\"extend\",\"version\":1}", false);
	assert_change(settings("{\"preset\":\"custom\"}", "custom", "file"), "topology=extend",
		"{\"preset\":\"custom\",\"topology\":\"extend\"}", false);
}

#define WRITTEN_OUT                                                                                \
	"\"identity\":\"shared\",\"keep_alive\":{\"mode\":\"duration\",\"seconds\":300},"          \
	"\"layout\":{\"mode\":\"auto-row\"},\"mode_conflict\":\"reject\",\"preset\":\"custom\","

static void a_preset_of_any_source_is_written_out(void **state)
{
	assert_change(settings("{\"preset\":\"hotdesk\"}", "hotdesk", "file"), "topology=extend",
		"{" WRITTEN_OUT "\"topology\":\"extend\"}", true);
	assert_change(settings("{}", "hotdesk", "environment"), "topology=extend",
		"{" WRITTEN_OUT "\"topology\":\"extend\"}", true);
	assert_change(settings("{}", "default", "command-line"), "topology=extend",
		"{" WRITTEN_OUT "\"topology\":\"extend\"}", true);
}

static void what_a_preset_does_not_rule_leaves_it_alone(void **state)
{
	assert_change(settings("{\"preset\":\"hotdesk\"}", "hotdesk", "file"), "max_displays=2",
		"{\"max_displays\":2,\"preset\":\"hotdesk\"}", false);
	assert_change(settings("{}", "hotdesk", "environment"), "position.1=0,0",
		"{\"layout\":{\"mode\":\"auto-row\",\"positions\":{\"1\":{\"x\":0,\"y\":0}}},"
		"\"preset\":\"hotdesk\"}",
		false);
	assert_change(settings("{}", "default", "default"), "desktop=shared",
		"{\"desktop\":\"shared\"}", false);
}

static void a_preset_is_not_chosen_together_with_what_it_rules(void **state)
{
	char fault[300] = "";
	const char *left = NULL;
	char *words[] = { "preset=hotdesk", "topology=extend" };
	char *custom[] = { "preset=custom", "topology=extend" };
	json_t *from = settings("{}", "default", "default");
	assert_null(settings_change(from, 2, words, &left, fault, sizeof fault));
	assert_non_null(strstr(fault, "topology=extend"));
	json_t *document = settings_change(from, 2, custom, &left, fault, sizeof fault);
	assert_json(document, "{\"preset\":\"custom\",\"topology\":\"extend\"}");
	json_decref(document);
	json_decref(from);
}

static void an_answer_without_a_document_is_refused(void **state)
{
	char fault[300] = "";
	const char *left = NULL;
	char *words[] = { "max_displays=2" };
	json_t *from = json_object();
	assert_null(settings_change(from, 1, words, &left, fault, sizeof fault));
	assert_true(fault[0] != '\0');
	json_decref(from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_preset_only_the_field_is_written),
		cmocka_unit_test(a_preset_of_any_source_is_written_out),
		cmocka_unit_test(what_a_preset_does_not_rule_leaves_it_alone),
		cmocka_unit_test(a_preset_is_not_chosen_together_with_what_it_rules),
		cmocka_unit_test(an_answer_without_a_document_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
