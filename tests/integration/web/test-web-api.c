/* The API's requests over a real socket and TLS: bodies, methods, later answers, streams; and the console's page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "support/web_client.h"

static int start(void **state)
{
	static struct web_fixture fixture;
	web_fixture_start(&fixture);
	*state = &fixture;
	return 0;
}

static int stop(void **state)
{
	web_fixture_stop(*state);
	return 0;
}

static bool is_waiting(void *data)
{
	return ((struct web_fixture *)data)->api.newest;
}

static bool is_cancelled(void *data)
{
	return ((struct web_fixture *)data)->api.cancelled;
}

static void every_method_reaches_the_api_with_its_body(void **state)
{
	static const char *const methods[] = { "PUT", "POST", "PATCH", "DELETE", "GET" };
	static struct web_answer answer;
	struct web_client client;
	char request[256], expected[256], value[512];
	web_client_open(&client, *state);
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		snprintf(request, sizeof request,
			"%s /api/echo?a=b HTTP/1.1\r\nHost: a\r\nContent-Length: "
			"7\r\n\r\n{\"a\":1}",
			methods[i]);
		snprintf(expected, sizeof expected, "%s /api/echo?a=b 127.0.0.1\n{\"a\":1}",
			methods[i]);
		web_client_ask(&client, request, &answer);
		assert_int_equal(answer.status, 200);
		assert_string_equal(answer.body, expected);
		assert_string_equal(web_answer_header(&answer, "X-Stub", value), "yes");
		assert_string_equal(
			web_answer_header(&answer, "X-Content-Type-Options", value), "nosniff");
	}
	web_client_close(&client);
}

static void chunked_body_is_put_together(void **state)
{
	static struct web_answer answer;
	struct web_client client;
	web_client_open(&client, *state);
	web_client_ask(&client,
		"PUT /api/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nX: trailer\r\n\r\n",
		&answer);
	assert_string_equal(answer.body, "PUT /api/echo 127.0.0.1\nabcd");
	/* The next one's body begins anew. */
	web_client_ask(&client, "GET /api/echo HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_string_equal(answer.body, "GET /api/echo 127.0.0.1\n");
	web_client_close(&client);
}

static char *big_request(const char *head, size_t size)
{
	char *text = malloc(strlen(head) + size + 1);
	assert_non_null(text);
	strcpy(text, head);
	memset(text + strlen(head), 'x', size);
	text[strlen(head) + size] = '\0';
	return text;
}

static void body_of_64_KiB_is_kept_and_a_longer_one_is_not(void **state)
{
	static struct web_answer answer;
	struct web_client client;
	char *request = big_request(
		"PUT /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65000\r\n\r\n", 65000);
	web_client_open(&client, *state);
	web_client_ask(&client, request, &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.body_size, 65000 + strlen("PUT /api/echo 127.0.0.1\n"));
	free(request);
	/* Chunks say their sizes late: this one is found too long when it is. */
	request = big_request("PUT /api/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
			      "chunked\r\n\r\n10001\r\n",
		0x10001);
	web_client_ask(&client, request, &answer);
	assert_int_equal(answer.status, 413);
	assert_int_equal(((struct web_fixture *)*state)->api.handled, 1);
	web_client_close(&client);
	free(request);
}

static void later_answer_goes_out_by_itself(void **state)
{
	static struct web_answer answer;
	struct web_fixture *fixture = *state;
	struct web_client client;
	web_client_open(&client, fixture);
	/* The next request is there already, and waits. */
	web_client_send_text(&client,
		"PUT /api/later HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /api/echo HTTP/1.1\r\nHost: a\r\n\r\n");
	web_fixture_wait(fixture, "the call", is_waiting, fixture);
	for (int i = 0; i < 20; i++)
		web_fixture_turn(fixture);
	assert_int_equal(fixture->api.handled, 1);
	api_stub_answer(&fixture->api, 200, "done");
	web_client_read_answer(&client, &answer, false);
	assert_string_equal(answer.body, "done");
	web_client_read_answer(&client, &answer, false);
	assert_string_equal(answer.body, "GET /api/echo 127.0.0.1\n");
	web_client_close(&client);
}

static void waiting_for_an_answer_costs_no_turns(void **state)
{
	struct web_fixture *fixture = *state;
	struct web_client client;
	web_client_open(&client, fixture);
	web_client_send_text(
		&client, "PUT /api/later HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n");
	web_fixture_wait(fixture, "the call", is_waiting, fixture);
	while (sd_event_run(fixture->event, 0) > 0)
		;
	assert_int_equal(sd_event_run(fixture->event, 0), 0); /* nothing is pending */
	api_stub_answer(&fixture->api, 200, "done");
	web_client_close(&client);
}

static void client_that_breaks_off_cancels_its_call(void **state)
{
	struct web_fixture *fixture = *state;
	struct web_client client;
	const struct linger reset = { .l_onoff = 1 };
	web_client_open(&client, fixture);
	web_client_send_text(&client, "PUT /api/later HTTP/1.1\r\nHost: a\r\n\r\n");
	web_fixture_wait(fixture, "the call", is_waiting, fixture);
	assert_int_equal(setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
	web_client_close(&client);
	web_fixture_wait(fixture, "the end of the call", is_cancelled, fixture);
}

static void stream_comes_in_pieces_until_the_client_goes(void **state)
{
	static struct web_answer answer;
	struct web_fixture *fixture = *state;
	struct web_client client;
	char value[512], bytes[16];
	web_client_open(&client, fixture);
	web_client_ask(&client, "GET /api/stream HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(web_answer_header(&answer, "Content-Type", value), "text/event-stream");
	assert_string_equal(web_answer_header(&answer, "Content-Length", value), "");
	assert_string_equal(web_answer_header(&answer, "Connection", value), "close");
	assert_true(web_client_read(&client, bytes, 6));
	assert_memory_equal(bytes, "begin\n", 6);
	assert_true(api_stub_stream(&fixture->api, "more\n", 5));
	assert_true(web_client_read(&client, bytes, 5));
	assert_memory_equal(bytes, "more\n", 5);
	web_client_close(&client);
	web_fixture_wait(fixture, "the end of the call", is_cancelled, fixture);
}

static void ended_stream_closes_the_connection(void **state)
{
	static struct web_answer answer;
	struct web_fixture *fixture = *state;
	struct web_client client;
	char bytes[11];
	web_client_open(&client, fixture);
	web_client_ask(&client, "GET /api/stream HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_true(api_stub_stream(&fixture->api, "last\n", 5));
	api_stub_end_stream(&fixture->api);
	assert_true(web_client_read(&client, bytes, sizeof bytes));
	assert_memory_equal(bytes, "begin\nlast\n", sizeof bytes);
	web_client_expect_end(&client);
	web_client_close(&client);
}

static void listener_that_does_not_read_is_dropped(void **state)
{
	static const char part[65536];
	struct web_fixture *fixture = *state;
	struct web_client client;
	static struct web_answer answer;
	web_client_open(&client, fixture);
	web_client_ask(&client, "GET /api/stream HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	for (int i = 0; i < 1000 && !fixture->api.cancelled; i++) {
		if (fixture->api.newest)
			api_stub_stream(&fixture->api, part, sizeof part);
		web_fixture_turn(fixture);
	}
	assert_int_equal(fixture->api.cancelled, 1);
	web_client_close(&client);
}

static void console_is_a_folder_of_its_own(void **state)
{
	static struct web_answer answer;
	struct web_client client;
	char value[512];
	web_client_open(&client, *state);
	web_client_ask(&client, "GET /console HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_int_equal(answer.status, 308);
	assert_string_equal(web_answer_header(&answer, "Location", value), "/console/");
	web_client_ask(&client, "GET /console/ HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, TEST_CONSOLE);
	web_answer_header(&answer, "Content-Security-Policy", value);
	assert_non_null(strstr(value, "default-src 'self'"));
	assert_string_equal(web_answer_header(&answer, "Cache-Control", value), "no-cache");
	web_client_ask(&client, "GET /console/index.html HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_string_equal(answer.body, TEST_CONSOLE);
	web_client_ask(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_string_equal(answer.body, TEST_PAGE);
	web_client_ask(&client, "GET /console/nothing HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_int_equal(answer.status, 404);
	web_client_close(&client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_method_reaches_the_api_with_its_body),
		TEST(chunked_body_is_put_together),
		TEST(body_of_64_KiB_is_kept_and_a_longer_one_is_not),
		TEST(later_answer_goes_out_by_itself),
		TEST(waiting_for_an_answer_costs_no_turns),
		TEST(client_that_breaks_off_cancels_its_call),
		TEST(stream_comes_in_pieces_until_the_client_goes),
		TEST(ended_stream_closes_the_connection),
		TEST(listener_that_does_not_read_is_dropped),
		TEST(console_is_a_folder_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
