#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/sse.h"

struct heard {
	char text[4096]; /* "type|data;" each */
	size_t most; /* events to have enough at; 0: never */
	size_t count;
};

static bool on_event(void *data, const struct sse_event *event)
{
	struct heard *heard = data;
	assert_int_equal(strlen(event->data), event->size);
	const size_t size = strlen(heard->text);
	snprintf(heard->text + size, sizeof heard->text - size, "%s|%s;", event->type, event->data);
	return ++heard->count != heard->most;
}

/* In one piece and byte by byte. */
static void assert_hears(const char *bytes, const char *wanted, const char *last_event_id)
{
	for (size_t piece = 1; piece <= strlen(bytes); piece += strlen(bytes) - 1) {
		struct heard heard = { 0 };
		struct sse sse = { 0 };
		sse_restart(&sse);
		for (size_t at = 0; at < strlen(bytes); at += piece) {
			const size_t left = strlen(bytes) - at;
			assert_int_equal(sse_feed(&sse, bytes + at, left < piece ? left : piece,
						 on_event, &heard),
				SSE_MORE);
		}
		assert_string_equal(heard.text, wanted);
		assert_string_equal(sse.last_event_id, last_event_id);
		sse_finish(&sse);
	}
}

static void events_end_at_a_blank_line(void **state)
{
	assert_hears("data: one\n\ndata: two\n\n", "message|one;message|two;", "");
	assert_hears("data: one\n", "", "");
}

static void all_three_line_ends_count(void **state)
{
	assert_hears(
		"event: a\ndata: 1\r\n\r\ndata: 2\r\rdata: 3\n\n", "a|1;message|2;message|3;", "");
	assert_hears("data: 1\r\n\ndata: 2\n\r", "message|1;message|2;", "");
}

static void data_lines_are_joined(void **state)
{
	assert_hears("data: a\ndata:b\ndata\ndata:  c\n\n", "message|a\nb\n\n c;", "");
	assert_hears("data:\n\n", "message|;", "");
}

static void an_event_without_data_is_none_but_its_id_counts(void **state)
{
	assert_hears("event: a\nid: 7\n\ndata: 1\n\n", "message|1;", "7");
}

static void an_id_counts_when_its_event_is_whole(void **state)
{
	assert_hears("id: 1\ndata: a\n\nid: 2\ndata: b\n", "message|a;", "1");
	assert_hears("id: 1\ndata: a\n\nid\ndata: b\n\n", "message|a;message|b;", "");
}

static void comments_and_unknown_fields_are_nothing(void **state)
{
	assert_hears(":\n\n: hello\nother: x\ndata: 1\nDATA: 2\n\n", "message|1;", "");
}

static void a_byte_order_mark_counts_at_the_beginning_only(void **state)
{
	assert_hears("\xef\xbb\xbf"
		     "data: 1\n\n",
		"message|1;", "");
	assert_hears("data: 1\n\n\xef\xbb\xbf"
		     "data: 2\n\n",
		"message|1;", "");
}

static void feed(struct sse *sse, const char *text, struct heard *heard, enum sse_result wanted)
{
	assert_int_equal(sse_feed(sse, text, strlen(text), on_event, heard), wanted);
}

static void retry_is_a_number_or_nothing(void **state)
{
	struct heard heard = { 0 };
	struct sse sse = { 0 };
	feed(&sse, "retry: 250\n", &heard, SSE_MORE);
	assert_int_equal(sse.retry_ms, 250);
	feed(&sse, "retry: -1\nretry: 1e3\nretry:\nretry: 99999999999999999999\n", &heard,
		SSE_MORE);
	assert_int_equal(sse.retry_ms, 250);
	sse_finish(&sse);
}

static void a_new_connection_forgets_half_an_event_and_keeps_the_id(void **state)
{
	struct heard heard = { 0 };
	struct sse sse = { 0 };
	feed(&sse, "id: 4\ndata: a\n\nid: 5\nevent: x\ndata: lost\nda", &heard, SSE_MORE);
	sse_restart(&sse);
	feed(&sse, "data: b\n\n", &heard, SSE_MORE);
	assert_string_equal(heard.text, "message|a;message|b;");
	assert_string_equal(sse.last_event_id, "4");
	sse_finish(&sse);
}

static void an_id_that_is_too_long_is_not_taken(void **state)
{
	char line[SSE_ID_MAX + 16];
	struct heard heard = { 0 };
	struct sse sse = { 0 };
	memset(line, 'x', sizeof line);
	memcpy(line, "id: ", 4);
	line[4 + SSE_ID_MAX] = '\0';
	feed(&sse, "id: 1\n", &heard, SSE_MORE);
	feed(&sse, line, &heard, SSE_MORE);
	feed(&sse, "\n\n", &heard, SSE_MORE);
	assert_string_equal(sse.last_event_id, "1");
	sse_finish(&sse);
}

static void whoever_has_enough_hears_no_more(void **state)
{
	struct heard heard = { .most = 1 };
	struct sse sse = { 0 };
	feed(&sse, "data: 1\n\ndata: 2\n\n", &heard, SSE_ENOUGH);
	assert_string_equal(heard.text, "message|1;");
	sse_finish(&sse);
}

static void what_never_ends_is_refused(void **state)
{
	static char block[65536];
	struct heard heard = { 0 };
	struct sse line = { 0 }, event = { 0 };
	enum sse_result result = SSE_MORE;
	memset(block, 'x', sizeof block);
	for (size_t i = 0; i <= SSE_EVENT_MAX / sizeof block && result == SSE_MORE; i++)
		result = sse_feed(&line, block, sizeof block, on_event, &heard);
	assert_int_equal(result, SSE_TOO_LONG);
	memcpy(block, "data: ", 6);
	block[sizeof block - 1] = '\n';
	result = SSE_MORE;
	for (size_t i = 0; i <= SSE_EVENT_MAX / sizeof block + 1 && result == SSE_MORE; i++)
		result = sse_feed(&event, block, sizeof block, on_event, &heard);
	assert_int_equal(result, SSE_TOO_LONG);
	sse_finish(&line);
	sse_finish(&event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_end_at_a_blank_line),
		cmocka_unit_test(all_three_line_ends_count),
		cmocka_unit_test(data_lines_are_joined),
		cmocka_unit_test(an_event_without_data_is_none_but_its_id_counts),
		cmocka_unit_test(an_id_counts_when_its_event_is_whole),
		cmocka_unit_test(comments_and_unknown_fields_are_nothing),
		cmocka_unit_test(a_byte_order_mark_counts_at_the_beginning_only),
		cmocka_unit_test(retry_is_a_number_or_nothing),
		cmocka_unit_test(a_new_connection_forgets_half_an_event_and_keeps_the_id),
		cmocka_unit_test(an_id_that_is_too_long_is_not_taken),
		cmocka_unit_test(whoever_has_enough_hears_no_more),
		cmocka_unit_test(what_never_ends_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
