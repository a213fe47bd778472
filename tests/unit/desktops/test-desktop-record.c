#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desktops/desktop_record.h"

static struct display_adoption display_of(
	const struct desktop_record *record, uint32_t ordinal, const char *output)
{
	struct display_adoption display = { .mode = { 1280, 720, 59940, 125 } };
	memcpy(display.identity, record->client, sizeof display.identity);
	snprintf(display.label, sizeof display.label, "Ada's \"tablet\" \\ ä");
	snprintf(display.output, sizeof display.output, "%s", output);
	display.key = identity_key_make(
		POLICY_IDENTITY_PER_CLIENT, record->client, ordinal, &display.mode);
	return display;
}

static struct desktop_record *make_record(void)
{
	struct desktop_record *record = calloc(1, sizeof *record);
	assert_non_null(record);
	for (size_t i = 0; i < sizeof record->client; i++)
		record->client[i] = (uint8_t)(i * 7 + 3);
	snprintf(record->app, sizeof record->app, "steam");
	record->count = 2;
	record->displays[0] = display_of(record, 1, "HEADLESS-2");
	record->displays[1] = display_of(record, 2, "HEADLESS-3");
	record->displays[1].has_hint = true;
	record->displays[1].hint_x = -1280;
	record->displays[1].hint_y = 40;
	return record;
}

static bool reads(const char *text)
{
	static struct desktop_record record;
	return desktop_record_parse(text, strlen(text), &record);
}

static void a_record_comes_back_as_it_went(void **state)
{
	struct desktop_record *record = make_record(), *again = calloc(1, sizeof *again);
	char *text = desktop_record_format(record);
	assert_non_null(text);
	assert_true(strlen(text) < DESKTOP_RECORD_MAX);
	assert_true(desktop_record_parse(text, strlen(text), again));
	assert_memory_equal(again, record, sizeof *record);
	assert_true(desktop_record_same(again, record));
	free(text);
	free(again);
	free(record);
}

static void every_cut_and_every_other_byte_is_survived(void **state)
{
	static struct desktop_record out;
	struct desktop_record *record = make_record();
	char *text = desktop_record_format(record);
	const size_t size = strlen(text);
	for (size_t cut = 0; cut < size; cut++)
		assert_false(desktop_record_parse(text, cut, &out));
	for (size_t at = 0; at < size; at++) {
		const char before = text[at];
		for (int other = 0; other < 256; other += 5) {
			text[at] = (char)other;
			/* What is still a record has everything in its range. */
			if (!desktop_record_parse(text, size, &out))
				continue;
			assert_in_range(out.count, 1, DESKTOP_DISPLAYS_MAX);
			for (size_t i = 0; i < out.count; i++) {
				assert_true(identity_key_valid(out.displays[i].key.text));
				assert_null(display_mode_check(&out.displays[i].mode));
			}
		}
		text[at] = before;
	}
	free(text);
	free(record);
}

/* The text of a good record, with one piece of it replaced. */
static bool reads_with(const char *piece, const char *other)
{
	struct desktop_record *record = make_record();
	char *text = desktop_record_format(record);
	char *at = strstr(text, piece);
	char changed[16384];
	assert_non_null(at);
	snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, other,
		at + strlen(piece));
	free(text);
	free(record);
	return reads(changed);
}

static struct desktop_record *make_gamescope_record(void)
{
	struct desktop_record *record = make_record();
	record->count = 1;
	record->displays[1] = (struct display_adoption){ 0 };
	snprintf(record->displays[0].output, sizeof record->displays[0].output, "gamescope");
	record->compositor = COMPOSITOR_GAMESCOPE;
	snprintf(record->gamescope.said.x_display, sizeof record->gamescope.said.x_display, ":12");
	snprintf(record->gamescope.said.wayland_name, sizeof record->gamescope.said.wayland_name,
		"gamescope-3");
	snprintf(record->gamescope.node_name, sizeof record->gamescope.node_name, "lodge-display");
	return record;
}

static void a_gamescope_is_noted_with_its_places(void **state)
{
	static const char *const bad[][2] = { { ":12 gamescope-3", "12 gamescope-3" },
		{ ":12 gamescope-3", ":12 ../gamescope-3" }, { ":12 gamescope-3", ":12 a\\n" },
		{ ":12 gamescope-3", "" }, { "lodge-display", "" },
		{ "lodge-display", "x\\\" } { y" }, { "\"node\"", "\"more\": 1, \"node\"" },
		{ "\"node\"", "\"mode\"" } };
	struct desktop_record *record = make_gamescope_record(), *again = calloc(1, sizeof *again);
	char *text = desktop_record_format(record), changed[16384];
	assert_true(desktop_record_parse(text, strlen(text), again));
	assert_memory_equal(again, record, sizeof *record);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *at = strstr(text, bad[i][0]);
		assert_non_null(at);
		snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, bad[i][1],
			at + strlen(bad[i][0]));
		assert_false(reads(changed));
	}
	/* Another gamescope of the same desktop is worth a new record. */
	snprintf(again->gamescope.said.x_display, sizeof again->gamescope.said.x_display, ":13");
	assert_false(desktop_record_same(record, again));
	*again = *record;
	again->compositor = COMPOSITOR_SWAY;
	assert_false(desktop_record_same(record, again));
	free(text);
	free(again);
	free(record);
}

static void what_was_not_written_by_a_host_is_not_read(void **state)
{
	assert_true(reads_with("steam", "steam"));
	assert_false(reads("") || reads("null") || reads("[]") || reads("{}"));
	assert_false(reads_with("\"version\": 2", "\"version\": 1"));
	assert_false(reads_with("\"version\": 2", "\"version\": 2, \"more\": 1"));
	assert_false(reads_with("\"version\": 2", "\"version\": 2, \"version\": 2"));
	assert_false(reads_with("\"label\"", "\"more\": 1, \"label\""));
	assert_false(reads_with("\"client\": \"03", "\"client\": \"0"));
	assert_false(reads_with("\"client\": \"03", "\"client\": \"0G"));
	assert_false(reads_with("\"client\": \"03", "\"client\": \"0A"));
	assert_false(reads_with("HEADLESS-2", ""));
	assert_false(reads_with("HEADLESS-2", "HEADLESS-2; exec true"));
	assert_false(reads_with("HEADLESS-2", "HEADLESS-3")); /* one output, two displays */
	assert_false(reads_with("#2", "")); /* one key, two displays */
	assert_false(reads_with("\"width\": 1280", "\"width\": 3"));
	assert_false(reads_with("\"width\": 1280", "\"width\": -1280"));
	assert_false(reads_with("\"width\": 1280", "\"width\": 4294968576"));
	assert_false(reads_with("\"width\": 1280", "\"width\": \"1280\""));
	assert_false(reads_with("Ada's", "Ada\\u001b[2J"));
	assert_false(reads_with("Ada's", "Ada\\n"));
	assert_false(reads_with("-1280", "-1e3"));
	assert_false(reads_with("-1280", "99999999999"));
	assert_false(reads_with("steam",
		"ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"));
}

static void a_record_without_displays_is_none(void **state)
{
	struct desktop_record *record = make_record();
	record->count = 0;
	char *text = desktop_record_format(record);
	assert_false(reads(text));
	free(text);
	free(record);
}

static void a_mode_alone_is_not_worth_a_new_record(void **state)
{
	struct desktop_record *record = make_record(), *other = make_record();
	other->displays[0].mode.width_px = 1920;
	assert_true(desktop_record_same(record, other));
	snprintf(other->displays[0].output, sizeof other->displays[0].output, "HEADLESS-9");
	assert_false(desktop_record_same(record, other));
	*other = *record;
	other->count--;
	assert_false(desktop_record_same(record, other));
	*other = *record;
	other->displays[1].label[0] = 'B';
	assert_false(desktop_record_same(record, other));
	*other = *record;
	other->client[31]++;
	assert_false(desktop_record_same(record, other));
	free(other);
	free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_comes_back_as_it_went),
		cmocka_unit_test(every_cut_and_every_other_byte_is_survived),
		cmocka_unit_test(a_gamescope_is_noted_with_its_places),
		cmocka_unit_test(what_was_not_written_by_a_host_is_not_read),
		cmocka_unit_test(a_record_without_displays_is_none),
		cmocka_unit_test(a_mode_alone_is_not_worth_a_new_record),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
