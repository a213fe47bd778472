/* HTTP over a real socket and TLS: pages, answers, and requests that are refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

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

/* One question on a connection of its own. */
static int status_of(struct web_fixture *fixture, const char *request)
{
	static struct web_answer answer;
	struct web_client client;
	char value[512];
	web_client_open(&client, fixture);
	web_client_ask(&client, request, &answer);
	if (answer.status >= 400) {
		assert_string_equal(web_answer_header(&answer, "Content-Type", value),
			"application/problem+json");
		assert_non_null(strstr(answer.body, "\"detail\":\""));
	}
	web_client_close(&client);
	return answer.status;
}

static void page_comes_with_its_headers(void **state)
{
	static struct web_answer answer;
	struct web_client client;
	char value[512];
	web_client_open(&client, *state);
	web_client_ask(&client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.body_size, sizeof TEST_PAGE - 1);
	assert_memory_equal(answer.body, TEST_PAGE, sizeof TEST_PAGE - 1);
	assert_string_equal(
		web_answer_header(&answer, "Content-Type", value), "text/html; charset=utf-8");
	assert_string_equal(web_answer_header(&answer, "X-Content-Type-Options", value), "nosniff");
	assert_string_equal(web_answer_header(&answer, "Referrer-Policy", value), "no-referrer");
	assert_string_equal(
		web_answer_header(&answer, "Cross-Origin-Opener-Policy", value), "same-origin");
	assert_string_equal(web_answer_header(&answer, "Cache-Control", value), "no-cache");
	assert_string_equal(web_answer_header(&answer, "Strict-Transport-Security", value), "");
	web_answer_header(&answer, "Content-Security-Policy", value);
	assert_non_null(strstr(value, "default-src 'self'; connect-src 'self';"));
	assert_non_null(strstr(value, "frame-ancestors 'none'"));
	web_client_close(&client);
}

static void known_page_is_not_sent_again(void **state)
{
	static struct web_answer answer;
	struct web_client client;
	char etag[512], request[1024];
	web_client_open(&client, *state);
	web_client_ask(&client, "GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n", &answer);
	web_answer_header(&answer, "ETag", etag);
	assert_int_equal(strlen(etag), 66);
	snprintf(request, sizeof request,
		"GET / HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"x\", W/%s\r\n\r\n", etag);
	web_client_ask(&client, request, &answer);
	assert_int_equal(answer.status, 304);
	assert_int_equal(answer.body_size, 0);
	/* The connection is in step: the next answer is whole. */
	web_client_ask(&client, "GET / HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"x\"\r\n\r\n",
		&answer);
	assert_int_equal(answer.status, 200);
	web_client_close(&client);
}

static void head_has_no_body(void **state)
{
	static struct web_answer answer;
	struct web_client client;
	web_client_open(&client, *state);
	web_client_ask(&client, "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.body_size, sizeof TEST_PAGE - 1);
	web_client_ask(&client, "HEAD /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", &answer);
	assert_int_equal(answer.status, 404);
	web_client_ask(&client, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", &answer);
	assert_int_equal(answer.status, 200);
	assert_memory_equal(answer.body, "ok\n", 3);
	web_client_close(&client);
}

static void queries_do_not_change_the_page(void **state)
{
	assert_int_equal(status_of(*state, "GET /?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
	assert_int_equal(
		status_of(*state, "GET /healthz?x HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
}

static void what_is_not_there_is_not_found(void **state)
{
	static const char *const paths[] = { "/nothing", "/../../etc/passwd",
		"/%2e%2e/state/key.pem", "/index.html/", "//index.html", "/session/", "/%00",
		"/index.html%00.js" };
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		char request[256];
		snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n",
			paths[i]);
		assert_int_equal(status_of(*state, request), 404);
	}
}

static void other_methods_are_told_which_are_allowed(void **state)
{
	static const char *const methods[] = { "POST", "PUT", "DELETE", "OPTIONS", "TRACE",
		"PATCH" };
	static struct web_answer answer;
	struct web_client client;
	char request[256], value[512];
	web_client_open(&client, *state);
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		snprintf(request, sizeof request, "%s / HTTP/1.1\r\nHost: localhost\r\n\r\n",
			methods[i]);
		web_client_ask(&client, request, &answer);
		assert_int_equal(answer.status, 405);
		assert_string_equal(web_answer_header(&answer, "Allow", value), "GET, HEAD");
	}
	web_client_ask(&client, "POST /session HTTP/1.1\r\nHost: localhost\r\n\r\n", &answer);
	assert_int_equal(answer.status, 405);
	assert_string_equal(web_answer_header(&answer, "Allow", value), "GET");
	web_client_ask(&client, "POST /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", &answer);
	assert_int_equal(answer.status, 404);
	web_client_close(&client);
}

static void broken_requests_are_bad_requests(void **state)
{
	static const char *const requests[] = {
		"garbage\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost:\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
		"GET http://elsewhere/ HTTP/1.1\r\nHost: elsewhere\r\n\r\n",
		"CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
		 "chunked\r\n\r\n0\r\n\r\n"),
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
	};
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
		assert_int_equal(status_of(*state, requests[i]), 400);
	assert_int_equal(status_of(*state, "GET / HTTP/1.0\r\nHost: a\r\n\r\n"), 505);
	assert_int_equal(status_of(*state, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
}

static char *repeat(const char *before, const char *middle, size_t times, const char *after)
{
	char *text = malloc(strlen(before) + strlen(middle) * times + strlen(after) + 1);
	assert_non_null(text);
	char *at = stpcpy(text, before);
	for (size_t i = 0; i < times; i++)
		at = stpcpy(at, middle);
	strcpy(at, after);
	return text;
}

static void limits_are_kept(void **state)
{
	char *request = repeat("GET /", "a", 2047, " HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(status_of(*state, request), 404); /* 2048 bytes of target are fine */
	free(request);
	request = repeat("GET /", "a", 2048, " HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_int_equal(status_of(*state, request), 414);
	free(request);
	request = repeat("GET /", "a", 60000, "");
	assert_int_equal(status_of(*state, request), 414);
	free(request);
	request = repeat("GET / HTTP/1.1\r\nHost: a\r\nX: ", "y", 17000, "\r\n\r\n");
	assert_int_equal(status_of(*state, request), 431);
	free(request);
	request = repeat("GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", 101, "\r\n");
	assert_int_equal(status_of(*state, request), 431);
	free(request);
	request = repeat("GET / HTTP/1.1\r\nHost: a\r\n", "X: y\r\n", 99, "\r\n");
	assert_int_equal(status_of(*state, request), 200);
	free(request);
	request = repeat("GET / HTTP/1.1\r\n", "\r\n", 9000, "");
	assert_int_equal(status_of(*state, request), 400);
	free(request);
}

static void bodies_are_bounded(void **state)
{
	assert_int_equal(
		status_of(*state, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n"),
		413);
	assert_int_equal(
		status_of(*state,
			"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999\r\n\r\n"),
		413);
	char *request = repeat("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
		"8\r\nabcdefgh\r\n", 10000, "0\r\n\r\n");
	assert_int_equal(status_of(*state, request), 413);
	free(request);

	/* One within the bound is read to its end: the next request is understood. */
	static struct web_answer answer;
	struct web_client client;
	web_client_open(&client, *state);
	request = repeat(
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n", "x", 65536, "");
	web_client_ask(&client, request, &answer);
	assert_int_equal(answer.status, 405);
	web_client_ask(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
	assert_int_equal(answer.status, 200);
	web_client_close(&client);
	free(request);
}

static void refused_client_that_still_sends_is_not_reset(void **state)
{
	static struct web_answer answer;
	struct web_fixture *fixture = *state;
	struct web_client client;
	char byte;
	/* A server that closed with bytes unread would reset the connection, and some systems drop the answer then. */
	char *request = repeat(
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n", "x", 2000000, "");
	web_client_open(&client, fixture);
	web_client_ask(&client, request, &answer);
	assert_int_equal(answer.status, 413);
	web_client_expect_end(&client); /* of TLS */
	ssize_t end = -1;
	for (int i = 0; i < 2000 && end < 0; i++) {
		end = recv(client.fd, &byte, 1, 0);
		assert_true(end >= 0 || errno == EAGAIN);
		web_fixture_turn(fixture);
	}
	assert_int_equal(end, 0);
	web_client_close(&client);
	free(request);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	static struct web_answer answer;
	struct web_client client;
	char *requests = repeat("",
		"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 200,
		"");
	web_client_open(&client, *state);
	web_client_send_text(&client, requests);
	for (int i = 0; i < 200; i++) {
		web_client_read_answer(&client, &answer, false);
		assert_int_equal(answer.status, 200);
		web_client_read_answer(&client, &answer, false);
		assert_int_equal(answer.status, 404);
	}
	web_client_close(&client);
	free(requests);
}

static void connection_closes_when_asked(void **state)
{
	static struct web_answer answer;
	struct web_client client;
	char value[512];
	web_client_open(&client, *state);
	web_client_ask(&client, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", &answer);
	assert_int_equal(answer.status, 200);
	assert_string_equal(web_answer_header(&answer, "Connection", value), "close");
	web_client_expect_end(&client);
	web_client_close(&client);
}

static void half_closed_client_gets_its_answer(void **state)
{
	static struct web_answer answer;
	struct web_client client;
	web_client_open(&client, *state);
	web_client_send_text(&client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	gnutls_bye(client.tls, GNUTLS_SHUT_WR);
	shutdown(client.fd, SHUT_WR);
	web_client_read_answer(&client, &answer, false);
	assert_int_equal(answer.status, 200);
	web_client_expect_end(&client);
	web_client_close(&client);
}

static void plain_http_is_told_to_use_https(void **state)
{
	static struct web_answer answer;
	struct web_client client;
	web_client_open_plain(&client, *state);
	web_client_ask(&client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", &answer);
	assert_int_equal(answer.status, 400);
	assert_non_null(strstr(answer.body, "https://"));
	web_client_expect_end(&client);
	web_client_close(&client);
}

static void upgrades_are_checked(void **state)
{
	assert_int_equal(status_of(*state, TEST_UPGRADE "\r\n"), 400);
	assert_int_equal(
		status_of(*state, TEST_UPGRADE "Sec-WebSocket-Protocol: lodge.v2\r\n\r\n"), 400);
	assert_int_equal(
		status_of(*state, "GET /session HTTP/1.1\r\nHost: localhost\r\n\r\n"), 426);
	assert_int_equal(
		status_of(*state,
			"GET /session HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
			"Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 8\r\n"
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" TEST_UPGRADE_PROTOCOL
			"\r\n"),
		426);
	static const char *const keys[] = { "short", "dGhlIHNhbXBsZSBub25jZQ=!",
		"YWFhYWFhYWFhYWFhYWFhYWFh" };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		char request[512];
		snprintf(request, sizeof request,
			"GET /session HTTP/1.1\r\nHost: localhost\r\nUpgrade: "
			"websocket\r\nConnection: Upgrade\r\n"
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
			"%s\r\n" TEST_UPGRADE_PROTOCOL "\r\n",
			keys[i]);
		assert_int_equal(status_of(*state, request), 400);
	}
}

static void foreign_pages_get_no_session(void **state)
{
	static const char *const refused[] = { "https://elsewhere.test", "null", "http://localhost",
		"https://localhost:444", "https://localhost.elsewhere.test", "https://",
		"localhost", "https://localhost\r\nOrigin: https://elsewhere.test" };
	static const char *const admitted[] = { "https://localhost", "https://LOCALHOST:443" };
	char request[1024];
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		snprintf(request, sizeof request,
			TEST_UPGRADE TEST_UPGRADE_PROTOCOL "Origin: %s\r\n\r\n", refused[i]);
		assert_int_equal(status_of(*state, request), 403);
	}
	for (size_t i = 0; i < sizeof admitted / sizeof *admitted; i++) {
		snprintf(request, sizeof request,
			TEST_UPGRADE TEST_UPGRADE_PROTOCOL "Origin: %s\r\n\r\n", admitted[i]);
		assert_int_equal(status_of(*state, request), 101);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(page_comes_with_its_headers),
		TEST(known_page_is_not_sent_again),
		TEST(head_has_no_body),
		TEST(queries_do_not_change_the_page),
		TEST(what_is_not_there_is_not_found),
		TEST(other_methods_are_told_which_are_allowed),
		TEST(broken_requests_are_bad_requests),
		TEST(limits_are_kept),
		TEST(bodies_are_bounded),
		TEST(refused_client_that_still_sends_is_not_reset),
		TEST(pipelined_requests_are_answered_in_order),
		TEST(connection_closes_when_asked),
		TEST(half_closed_client_gets_its_answer),
		TEST(plain_http_is_told_to_use_https),
		TEST(upgrades_are_checked),
		TEST(foreign_pages_get_no_session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
