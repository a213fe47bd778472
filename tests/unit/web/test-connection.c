/* A web_connection without socket, TLS and clock: what time does to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/api_stub.h"
#include "support/session_stub.h"
#include "support/web_client.h"
#include "web/connection.h"
#include "web/pages.h"

#define SECOND 1000000000ull
#define START (1000 * SECOND)
#define LATER "PUT /api/later HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
#define STREAM "GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define REQUEST "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

struct rig {
	struct web_fixture folders;
	struct page_store *pages;
	struct session_host sessions;
	struct api api;
	struct web_site site;
	struct web_connection *connection;
	uint64_t now_ns;
	unsigned changes;
	uint8_t sent[65536]; /* what send_all took last */
	size_t sent_size;
};

static void on_changed(void *data)
{
	((struct rig *)data)->changes++;
}

static int start(void **state)
{
	static struct rig rig;
	memset(&rig, 0, sizeof rig);
	web_fixture_make_folders(&rig.folders);
	rig.pages = page_store_load(rig.folders.pages);
	assert_non_null(rig.pages);
	rig.now_ns = START;
	rig.site = (struct web_site){
		.pages = rig.pages,
		.sessions = &rig.sessions,
		.api = &rig.api,
	};
	rig.connection = web_connection_create(&(struct web_connection_params){
		.site = &rig.site,
		.peer = "192.0.2.1",
		.now_ns = rig.now_ns,
		.changed = on_changed,
		.data = &rig,
	});
	assert_non_null(rig.connection);
	*state = &rig;
	return 0;
}

static int stop(void **state)
{
	struct rig *rig = *state;
	web_connection_destroy(rig->connection);
	assert_int_equal(rig->sessions.attached, rig->sessions.detached);
	assert_null(rig->api.newest);
	page_store_destroy(rig->pages);
	web_fixture_remove_folders(&rig->folders);
	return 0;
}

static void feed(struct rig *rig, const void *bytes, size_t size)
{
	assert_int_equal(web_connection_feed(rig->connection, bytes, size, rig->now_ns), size);
}

static void feed_text(struct rig *rig, const char *text)
{
	feed(rig, text, strlen(text));
}

/* As a kernel that takes everything. */
static void send_all(struct rig *rig)
{
	struct send_queue *queue = &rig->connection->queue;
	uint8_t record[4096];
	size_t size;
	const uint8_t *bytes;
	rig->sent_size = 0;
	while ((bytes = send_queue_peek(queue, record, sizeof record, &size))) {
		assert_true(size <= sizeof rig->sent - rig->sent_size);
		memcpy(rig->sent + rig->sent_size, bytes, size);
		rig->sent_size += size;
		send_queue_advance(queue, size);
	}
	web_connection_sent(rig->connection, rig->now_ns);
}

static void pass(struct rig *rig, uint64_t seconds)
{
	rig->now_ns += seconds * SECOND;
	web_connection_tick(rig->connection, rig->now_ns);
}

static void upgrade(struct rig *rig)
{
	feed_text(rig, TEST_UPGRADE TEST_UPGRADE_PROTOCOL "\r\n");
	assert_int_equal(rig->connection->phase, WEB_SOCKET);
	send_all(rig);
}

static void silent_newcomer_is_dropped_after_10_s(void **state)
{
	struct rig *rig = *state;
	pass(rig, 9);
	assert_int_equal(rig->connection->phase, WEB_REQUESTS);
	pass(rig, 1);
	assert_int_equal(rig->connection->phase, WEB_ABORTED);
}

static void dripping_request_is_answered_408_after_10_s(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
	struct rig *rig = *state;
	for (int i = 0; i < 9; i++) { /* a byte a second does not extend the time */
		feed(rig, &request[i], 1);
		pass(rig, 1);
		assert_int_equal(rig->connection->phase, WEB_REQUESTS);
	}
	pass(rig, 1);
	assert_int_equal(rig->connection->phase, WEB_FINISHING);
	send_all(rig);
	assert_memory_equal(rig->sent, "HTTP/1.1 408 ", 13);
}

static void later_request_has_10_s_of_its_own(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, REQUEST);
	send_all(rig);
	pass(rig, 25);
	feed_text(rig, "GET / HT");
	pass(rig, 9);
	assert_int_equal(rig->connection->phase, WEB_REQUESTS);
	pass(rig, 1);
	assert_int_equal(rig->connection->phase, WEB_FINISHING);
}

static void idle_connection_is_dropped_after_30_s(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, REQUEST);
	send_all(rig);
	pass(rig, 29);
	assert_int_equal(rig->connection->phase, WEB_REQUESTS);
	pass(rig, 1);
	assert_int_equal(rig->connection->phase, WEB_ABORTED);
}

static void reader_that_takes_nothing_is_dropped_after_30_s(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, REQUEST);
	pass(rig, 29);
	assert_int_equal(rig->connection->phase, WEB_REQUESTS);
	pass(rig, 1);
	assert_int_equal(rig->connection->phase, WEB_ABORTED);
}

static void next_request_waits_for_the_answer_before_it(void **state)
{
	struct rig *rig = *state;
	static const char two[] = REQUEST REQUEST;
	const size_t one = sizeof REQUEST - 1;
	assert_int_equal(
		web_connection_feed(rig->connection, (const uint8_t *)two, 2 * one, rig->now_ns),
		one);
	assert_int_equal(
		web_connection_feed(rig->connection, (const uint8_t *)two, one, rig->now_ns), 0);
	rig->connection->unsent = 1; /* out of the queue, not yet with the kernel */
	send_all(rig);
	assert_int_equal(
		web_connection_feed(rig->connection, (const uint8_t *)two, one, rig->now_ns), 0);
	rig->connection->unsent = 0;
	assert_int_equal(
		web_connection_feed(rig->connection, (const uint8_t *)two, one, rig->now_ns), one);
}

static void websocket_is_pinged_every_20_s_and_closed_after_40_s_of_silence(void **state)
{
	static const uint8_t pong[] = { 0x8a, 0x80, 0, 0, 0, 0 };
	struct rig *rig = *state;
	upgrade(rig);
	pass(rig, 19);
	assert_int_equal(rig->connection->queue.bytes, 0);
	pass(rig, 1);
	send_all(rig);
	assert_int_equal(rig->sent_size, 2);
	assert_int_equal(rig->sent[0], 0x89);
	feed(rig, pong, sizeof pong);
	pass(rig, 20);
	send_all(rig);
	assert_int_equal(rig->sent[0], 0x89);
	pass(rig, 19);
	assert_int_equal(rig->connection->phase, WEB_SOCKET);
	pass(rig, 1);
	assert_int_equal(rig->connection->phase, WEB_CLOSING);
	send_all(rig);
	assert_memory_equal(rig->sent + 2, "\x03\xe9", 2); /* 1001 */
	pass(rig, 2);
	assert_int_equal(rig->connection->phase, WEB_ABORTED);
}

static void deadline_is_never_later_than_what_it_waits_for(void **state)
{
	struct rig *rig = *state;
	assert_int_equal(web_connection_deadline_ns(rig->connection), START + 10 * SECOND);
	upgrade(rig);
	assert_int_equal(web_connection_deadline_ns(rig->connection), START + 20 * SECOND);
	struct session *session = rig->sessions.newest;
	session->impl->close(session->transport);
	assert_int_equal(web_connection_deadline_ns(rig->connection), START + 10 * SECOND);
	send_all(rig);
	assert_int_equal(web_connection_deadline_ns(rig->connection), START + 2 * SECOND);
}

static void goodbye_to_a_dripping_reader_ends_within_a_minute(void **state)
{
	static const uint8_t filler[20000];
	struct rig *rig = *state;
	upgrade(rig);
	struct session *session = rig->sessions.newest;
	session->impl->send(session->transport, filler, sizeof filler);
	session->impl->close(session->transport);
	unsigned seconds = 0;
	while (rig->connection->phase == WEB_CLOSING && seconds < 100) {
		send_queue_advance(&rig->connection->queue, 1);
		web_connection_sent(rig->connection, rig->now_ns);
		pass(rig, 1);
		seconds++;
	}
	assert_int_equal(rig->connection->phase, WEB_ABORTED);
	assert_int_equal(seconds, 60);
}

static void feed_messages(struct rig *rig, unsigned count)
{
	static const uint8_t message[] = { 0x82, 0x81, 0, 0, 0, 0, 'x' };
	while (count-- > 0)
		feed(rig, message, sizeof message);
}

static void bursts_pass_and_sustained_floods_do_not(void **state)
{
	struct rig *rig = *state;
	upgrade(rig);
	rig->sessions.quiet = true;
	feed_messages(rig, 8000);
	for (int i = 0; i < 60; i++) { /* 4000 a second for a minute */
		rig->now_ns += SECOND;
		feed_messages(rig, 4000);
	}
	assert_int_equal(rig->connection->phase, WEB_SOCKET);
	assert_int_equal(rig->sessions.newest->messages, 8000 + 60 * 4000);
	feed_messages(rig, 1);
	assert_int_equal(rig->connection->phase, WEB_FINISHING);
	send_all(rig);
	assert_memory_equal(rig->sent + 2, "\x03\xf0", 2); /* 1008 */
}

static void bytes_may_come_one_by_one(void **state)
{
	static const uint8_t frames[] = { 0x02, 0x82, 1, 2, 3, 4, 'a' ^ 1, 'b' ^ 2, 0x89, 0x81, 0,
		0, 0, 0, 'p', 0x80, 0x81, 0, 0, 0, 0, 'c', 0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8 };
	static const uint8_t expected[] = { 0x8a, 1, 'p', 0x82, 3, 'a', 'b', 'c', 0x88, 2, 0x03,
		0xe8 };
	static const char request[] = TEST_UPGRADE TEST_UPGRADE_PROTOCOL "\r\n";
	struct rig *rig = *state;
	for (size_t i = 0; i < sizeof request - 1; i++)
		feed(rig, &request[i], 1);
	assert_int_equal(rig->connection->phase, WEB_SOCKET);
	send_all(rig);
	for (size_t i = 0; i < sizeof frames; i++)
		feed(rig, &frames[i], 1);
	send_all(rig);
	assert_int_equal(rig->sent_size, sizeof expected);
	assert_memory_equal(rig->sent, expected, sizeof expected);
	assert_int_equal(rig->connection->phase, WEB_FINISHING);
}

static void queue_bound_counts_what_waits_behind_it(void **state)
{
	struct rig *rig = *state;
	upgrade(rig);
	struct session *session = rig->sessions.newest;
	rig->connection->unsent = 8 * 1024 * 1024 - 100;
	session->impl->send(session->transport, (const uint8_t *)"x", 1);
	assert_int_equal(rig->connection->phase, WEB_SOCKET);
	assert_int_equal(
		session->impl->queued_bytes(session->transport), 8 * 1024 * 1024 - 100 + 3);
	static const uint8_t more[100];
	const unsigned changes = rig->changes;
	session->impl->send(session->transport, more, sizeof more);
	assert_int_equal(rig->connection->phase, WEB_ABORTED);
	assert_int_equal(rig->changes, changes + 1);
	session->impl->send(session->transport, more, sizeof more); /* and nothing happens */
	session->impl->close(session->transport);
	assert_int_equal(rig->changes, changes + 1);
}

static void expect_answer(struct rig *rig, const char *status)
{
	char line[32];
	send_all(rig);
	snprintf(line, sizeof line, "HTTP/1.1 %s ", status);
	assert_true(rig->sent_size > strlen(line));
	assert_memory_equal(rig->sent, line, strlen(line));
}

static void later_answer_is_sent_when_it_comes(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, LATER);
	assert_int_equal(rig->connection->queue.bytes, 0);
	assert_true(web_connection_awaits_answer(rig->connection));
	pass(rig, 5);
	api_stub_answer(&rig->api, 200, "done");
	assert_int_equal(rig->changes, 1);
	expect_answer(rig, "200");
	feed_text(rig, REQUEST);
	expect_answer(rig, "200");
}

static void nothing_more_is_read_while_an_answer_is_awaited(void **state)
{
	struct rig *rig = *state;
	static const char two[] = LATER REQUEST;
	const size_t one = sizeof LATER - 1;
	assert_int_equal(web_connection_feed(rig->connection, (const uint8_t *)two, sizeof two - 1,
				 rig->now_ns),
		one);
	assert_int_equal(web_connection_feed(rig->connection, (const uint8_t *)two + one,
				 sizeof two - 1 - one, rig->now_ns),
		0);
	api_stub_answer(&rig->api, 204, NULL);
	expect_answer(rig, "204");
	feed(rig, two + one, sizeof two - 1 - one);
	expect_answer(rig, "200");
}

static void answer_that_does_not_come_in_30_s_is_503(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, LATER);
	pass(rig, 29);
	assert_true(web_connection_awaits_answer(rig->connection));
	pass(rig, 1);
	assert_int_equal(rig->api.cancelled, 1);
	assert_int_equal(rig->connection->phase, WEB_FINISHING);
	expect_answer(rig, "503");
}

static void client_that_is_gone_cancels_its_call(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, LATER);
	web_connection_destroy(rig->connection);
	rig->connection = NULL;
	assert_int_equal(rig->api.cancelled, 1);
}

static void half_closed_client_waits_for_its_later_answer(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, LATER);
	web_connection_end(rig->connection, rig->now_ns);
	api_stub_answer(&rig->api, 200, "done");
	assert_int_equal(rig->connection->phase, WEB_FINISHING);
	expect_answer(rig, "200");
}

static void stopping_server_lets_a_later_answer_out(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, LATER);
	web_connection_stop(rig->connection, rig->now_ns);
	assert_int_equal(rig->connection->phase, WEB_REQUESTS);
	api_stub_answer(&rig->api, 200, "done");
	assert_int_equal(rig->connection->phase, WEB_FINISHING);
	expect_answer(rig, "200");
}

static void stream_has_no_deadline_while_it_is_read(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, STREAM);
	assert_int_equal(rig->connection->phase, WEB_STREAMING);
	expect_answer(rig, "200");
	assert_null(strstr((char *)rig->sent, "Content-Length"));
	for (int hour = 0; hour < 3; hour++) {
		pass(rig, 3600);
		assert_int_equal(rig->connection->phase, WEB_STREAMING);
		assert_true(api_stub_stream(&rig->api, "more", 4));
		web_connection_sent(rig->connection, rig->now_ns);
		send_all(rig);
		assert_int_equal(rig->sent_size, 4);
	}
	feed_text(rig, "whatever the client says\r\n\r\n");
	assert_int_equal(rig->connection->phase, WEB_STREAMING);
}

static void stream_of_which_nothing_is_taken_is_dropped_after_30_s(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, STREAM);
	pass(rig, 29);
	assert_int_equal(rig->connection->phase, WEB_STREAMING);
	pass(rig, 1);
	assert_int_equal(rig->connection->phase, WEB_ABORTED);
	web_connection_settle(rig->connection);
	assert_int_equal(rig->api.cancelled, 1);
}

static void stream_that_piles_up_is_dropped_at_1_MiB(void **state)
{
	static const uint8_t part[65536];
	struct rig *rig = *state;
	feed_text(rig, STREAM);
	unsigned parts = 0;
	while (parts < 32 && api_stub_stream(&rig->api, part, sizeof part))
		parts++;
	assert_int_equal(parts, 15); /* and the head */
	assert_int_equal(rig->connection->phase, WEB_ABORTED);
	assert_false(api_stub_stream(&rig->api, part, 1));
	assert_non_null(rig->api.newest); /* not from inside the call */
	web_connection_settle(rig->connection);
	assert_null(rig->api.newest);
}

static void ended_stream_is_finished(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, STREAM);
	api_stub_end_stream(&rig->api);
	assert_int_equal(rig->connection->phase, WEB_FINISHING);
	expect_answer(rig, "200");
	assert_int_equal(rig->api.cancelled, 0);
}

static void stopping_server_ends_streams(void **state)
{
	struct rig *rig = *state;
	feed_text(rig, STREAM);
	web_connection_stop(rig->connection, rig->now_ns);
	assert_int_equal(rig->connection->phase, WEB_FINISHING);
	web_connection_settle(rig->connection);
	assert_int_equal(rig->api.cancelled, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(silent_newcomer_is_dropped_after_10_s),
		TEST(dripping_request_is_answered_408_after_10_s),
		TEST(later_request_has_10_s_of_its_own),
		TEST(idle_connection_is_dropped_after_30_s),
		TEST(reader_that_takes_nothing_is_dropped_after_30_s),
		TEST(next_request_waits_for_the_answer_before_it),
		TEST(websocket_is_pinged_every_20_s_and_closed_after_40_s_of_silence),
		TEST(deadline_is_never_later_than_what_it_waits_for),
		TEST(goodbye_to_a_dripping_reader_ends_within_a_minute),
		TEST(bursts_pass_and_sustained_floods_do_not),
		TEST(bytes_may_come_one_by_one),
		TEST(queue_bound_counts_what_waits_behind_it),
		TEST(later_answer_is_sent_when_it_comes),
		TEST(nothing_more_is_read_while_an_answer_is_awaited),
		TEST(answer_that_does_not_come_in_30_s_is_503),
		TEST(client_that_is_gone_cancels_its_call),
		TEST(half_closed_client_waits_for_its_later_answer),
		TEST(stopping_server_lets_a_later_answer_out),
		TEST(stream_has_no_deadline_while_it_is_read),
		TEST(stream_of_which_nothing_is_taken_is_dropped_after_30_s),
		TEST(stream_that_piles_up_is_dropped_at_1_MiB),
		TEST(ended_stream_is_finished),
		TEST(stopping_server_ends_streams),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
