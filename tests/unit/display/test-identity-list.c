#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "display/identity_list.h"

#define A "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define B "b0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define ENTRY(slot, key, used, scale)                                                              \
	"{\"slot\":" #slot ",\"key\":\"" key "\",\"used\":" #used ",\"scale_percent\":" #scale "}"
#define LIST(entries) "{\"version\":2,\"slots\":[" entries "]}"

struct outcome {
	struct identity_map map;
	struct identity_list_reader reader;
	size_t warnings;
	bool good;
};

static void on_warning(void *data, const char *sentence)
{
	size_t *warnings = data;
	assert_memory_equal(sentence, "entry ", 6);
	++*warnings;
}

static struct outcome parse(const char *text)
{
	struct outcome outcome = { 0 };
	outcome.reader =
		(struct identity_list_reader){ .warn = on_warning, .data = &outcome.warnings };
	outcome.good = identity_list_parse(text, strlen(text), &outcome.map, &outcome.reader);
	return outcome;
}

static void entries_are_read(void **state)
{
	const struct outcome outcome =
		parse(LIST(ENTRY(3, A "#2@1920x1080", 9, 150) "," ENTRY(1, "shared", 4, 0)));
	assert_true(outcome.good);
	assert_int_equal(outcome.warnings, 0);
	assert_false(outcome.reader.migrated);
	assert_int_equal(outcome.map.count, 2);
	const struct identity_entry *entry = identity_find_slot(&outcome.map, 3);
	assert_non_null(entry);
	assert_string_equal(entry->key.text, A "#2@1920x1080");
	assert_int_equal(entry->scale_percent, 150);
}

static void the_order_of_use_is_kept_and_its_numbers_are_made_small(void **state)
{
	const struct outcome outcome =
		parse(LIST(ENTRY(1, A, 9223372036854775807, 0) "," ENTRY(2, B, 12, 0)));
	assert_int_equal(identity_find_slot(&outcome.map, 1)->used, 2);
	assert_int_equal(identity_find_slot(&outcome.map, 2)->used, 1);
	assert_int_equal(outcome.map.clock, 2);
}

static void a_scale_may_be_missing(void **state)
{
	const struct outcome outcome = parse(LIST("{\"slot\":1,\"key\":\"" A "\",\"used\":1}"));
	assert_int_equal(outcome.map.count, 1);
	assert_int_equal(outcome.map.entries[0].scale_percent, 0);
}

static void the_first_version_is_migrated(void **state)
{
	const struct outcome outcome = parse(
		"{\"version\":1,\"slots\":{\"" B "\":5,\"" A "\":2,\"x\":3,\"" A "#2\":\"4\"}}");
	assert_true(outcome.good);
	assert_true(outcome.reader.migrated);
	assert_int_equal(outcome.warnings, 2);
	assert_int_equal(outcome.map.count, 2);
	assert_string_equal(identity_find_slot(&outcome.map, 2)->key.text, A);
	assert_string_equal(identity_find_slot(&outcome.map, 5)->key.text, B);
	assert_int_equal(identity_find_slot(&outcome.map, 2)->used, 1);
}

static void an_entry_with_a_fault_is_dropped_alone(void **state)
{
	static const char *const faults[] = {
		"7",
		"null",
		"{}",
		ENTRY(0, A, 1, 0),
		ENTRY(64, A, 1, 0),
		ENTRY(-1, A, 1, 0),
		ENTRY(4294967297, A, 1, 0),
		ENTRY(9223372036854775807, A, 1, 0),
		ENTRY(1.5, A, 1, 0),
		ENTRY(1, A, -1, 0),
		ENTRY(1, A, "1", 0),
		ENTRY(1, A, 1, 49),
		ENTRY(1, A, 1, 401),
		ENTRY(1, A, 1, -150),
		ENTRY(1, A, 1, null),
		ENTRY(1, "", 1, 0),
		ENTRY(1, "stranger", 1, 0),
		ENTRY(1, A "#1", 1, 0),
		ENTRY(1, A "@15x15", 1, 0),
		"{\"slot\":1,\"key\":\"" A "\",\"used\":1,\"more\":1}",
		/* The second of a slot, of a key. */
		ENTRY(2, A, 1, 0),
		ENTRY(1, B, 1, 0),
	};
	char text[1024];
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		snprintf(text, sizeof text, LIST("%s,%s"), ENTRY(2, B, 1, 0), faults[i]);
		const struct outcome outcome = parse(text);
		assert_true(outcome.good);
		assert_int_equal(outcome.warnings, 1);
		assert_int_equal(outcome.map.count, 1);
		assert_string_equal(outcome.map.entries[0].key.text, B);
	}
}

static void what_is_no_map_is_refused_whole(void **state)
{
	static const struct {
		const char *text, *fault;
	} rows[] = {
		{ "", "line 1" },
		{ "{", "line 1" },
		{ "[]", "" },
		{ "{\"version\":2}", "slots" },
		{ "{\"slots\":[]}", "version" },
		{ "{\"version\":\"2\",\"slots\":[]}", "" },
		{ "{\"version\":2,\"slots\":{}}", "no array" },
		{ "{\"version\":1,\"slots\":[]}", "no object" },
		{ "{\"version\":0,\"slots\":[]}", "version is 0" },
		{ "{\"version\":3,\"slots\":[]}", "version is 3" },
		{ "{\"version\":4294967298,\"slots\":[]}", "version is 4294967298" },
		{ "{\"version\":1,\"slots\":{\"" A "\":1,\"" A "\":2}}", "duplicate" },
		{ LIST("{\"slot\":1,\"key\":\"" A "\\u0000\",\"used\":1}"), "line 1" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct outcome outcome = parse(rows[i].text);
		assert_false(outcome.good);
		assert_int_equal(outcome.map.count, 0);
		assert_int_not_equal(outcome.reader.fault[0], '\0');
		assert_non_null(strstr(outcome.reader.fault, rows[i].fault));
	}
}

static void a_text_that_is_too_long_is_not_even_looked_at(void **state)
{
	struct identity_map map;
	struct identity_list_reader reader = { 0 };
	char *text = malloc(IDENTITY_LIST_TEXT_MAX + 1);
	assert_non_null(text);
	memset(text, ' ', IDENTITY_LIST_TEXT_MAX + 1);
	const char list[] = LIST("");
	memcpy(text, list, sizeof list - 1);
	assert_true(identity_list_parse(text, IDENTITY_LIST_TEXT_MAX, &map, &reader));
	assert_false(identity_list_parse(text, IDENTITY_LIST_TEXT_MAX + 1, &map, &reader));
	free(text);
}

static void a_full_map_comes_back_as_it_was(void **state)
{
	struct identity_map map = { 0 };
	const struct display_mode mode = { DISPLAY_SIZE_MAX_PX, DISPLAY_SIZE_MAX_PX, 60000, 100 };
	for (uint32_t i = 0; i < IDENTITY_SLOTS_MAX; i++) {
		uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE] = { (uint8_t)i };
		const struct identity_key key = identity_key_make(
			POLICY_IDENTITY_PER_CLIENT_MODE, fingerprint, UINT32_MAX, &mode);
		assert_int_equal(identity_assign(&map, &key, UINT32_MAX, 0, NULL), i + 1);
		assert_true(identity_set_scale(&map, i + 1, 400));
	}
	char *text = identity_list_format(&map);
	assert_non_null(text);
	assert_true(strlen(text) <= IDENTITY_LIST_TEXT_MAX);
	const struct outcome outcome = parse(text);
	free(text);
	assert_int_equal(outcome.warnings, 0);
	assert_int_equal(outcome.map.count, map.count);
	assert_int_equal(outcome.map.clock, map.clock);
	for (uint32_t slot = 1; slot <= IDENTITY_SLOTS_MAX; slot++) {
		const struct identity_entry *before = identity_find_slot(&map, slot);
		const struct identity_entry *after = identity_find_slot(&outcome.map, slot);
		assert_string_equal(after->key.text, before->key.text);
		assert_int_equal(after->used, before->used);
		assert_int_equal(after->scale_percent, before->scale_percent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_read),
		cmocka_unit_test(the_order_of_use_is_kept_and_its_numbers_are_made_small),
		cmocka_unit_test(a_scale_may_be_missing),
		cmocka_unit_test(the_first_version_is_migrated),
		cmocka_unit_test(an_entry_with_a_fault_is_dropped_alone),
		cmocka_unit_test(what_is_no_map_is_refused_whole),
		cmocka_unit_test(a_text_that_is_too_long_is_not_even_looked_at),
		cmocka_unit_test(a_full_map_comes_back_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
