#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/policy.h"

#define PAGE_MAX 65536
#define SECOND_NS 1000000000ull

static char *read_page(const char *path)
{
	char *text = calloc(1, PAGE_MAX);
	FILE *file = fopen(path, "re");
	assert_non_null(text);
	assert_non_null(file);
	const size_t size = fread(text, 1, PAGE_MAX - 1, file);
	assert_true(size > 0 && size < PAGE_MAX - 1);
	fclose(file);
	return text;
}

static unsigned seconds_of(const struct keep_alive *keep_alive)
{
	return (unsigned)(keep_alive->duration_ns / SECOND_NS);
}

/* "5 min", "10 s", "forever" */
static void format_keep_alive(const struct keep_alive *keep_alive, char *text, size_t capacity)
{
	const unsigned seconds = seconds_of(keep_alive);
	if (keep_alive->kind != KEEP_ALIVE_DURATION)
		snprintf(text, capacity, "%s", policy_keep_alive_name(keep_alive->kind));
	else if (seconds % 60 == 0)
		snprintf(text, capacity, "%u min", seconds / 60);
	else
		snprintf(text, capacity, "%u s", seconds);
}

static void assert_says(const char *page, const char *wanted)
{
	if (!strstr(page, wanted))
		fail_msg("docs/presets.md does not say:\n%s", wanted);
}

static void the_table_has_every_preset_as_it_is(void **state)
{
	for (size_t i = 0; i < policy_preset_count; i++) {
		const struct policy_preset *preset = &policy_presets[i];
		const struct display_policy *fields = &preset->fields;
		char keep_alive[32], row[256];
		format_keep_alive(&fields->keep_alive, keep_alive, sizeof keep_alive);
		snprintf(row, sizeof row, "\n| [`%s`](#%s) | %s | %s | %s | %s | %s | ",
			preset->name, preset->name, keep_alive,
			policy_topology_name(fields->topology),
			policy_conflict_name(fields->mode_conflict),
			policy_identity_name(fields->identity), policy_layout_name(fields->layout));
		assert_says(*state, row);
	}
}

static void the_table_has_no_other_preset(void **state)
{
	size_t rows = 0;
	for (const char *at = *state; (at = strstr(at, "\n| [`")); at++)
		rows++;
	assert_int_equal(rows, policy_preset_count);
}

static void every_preset_is_expanded_as_it_is(void **state)
{
	for (size_t i = 0; i < policy_preset_count; i++) {
		const struct display_policy *fields = &policy_presets[i].fields;
		char seconds[48] = "", heading[64], block[512];
		if (fields->keep_alive.kind == KEEP_ALIVE_DURATION)
			snprintf(seconds, sizeof seconds, ", \"seconds\": %u",
				seconds_of(&fields->keep_alive));
		snprintf(block, sizeof block,
			"{\n  \"version\": 1,\n  \"preset\": \"custom\",\n"
			"  \"keep_alive\": {\"mode\": \"%s\"%s},\n  \"topology\": \"%s\",\n"
			"  \"mode_conflict\": \"%s\",\n  \"identity\": \"%s\",\n"
			"  \"layout\": {\"mode\": \"%s\"}\n}\n",
			policy_keep_alive_name(fields->keep_alive.kind), seconds,
			policy_topology_name(fields->topology),
			policy_conflict_name(fields->mode_conflict),
			policy_identity_name(fields->identity), policy_layout_name(fields->layout));
		snprintf(heading, sizeof heading, "\n## %s\n", policy_presets[i].name);
		assert_says(*state, heading);
		assert_says(strstr(*state, heading), block);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: test-presets-page PAGE\n");
		return 2;
	}
	char *page = read_page(argv[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(the_table_has_every_preset_as_it_is, page),
		cmocka_unit_test_prestate(the_table_has_no_other_preset, page),
		cmocka_unit_test_prestate(every_preset_is_expanded_as_it_is, page),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(page);
	return failed;
}
