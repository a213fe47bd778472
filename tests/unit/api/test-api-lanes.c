/* Who may ask for what: the token, the console's cookie, programs on this machine, and pages of other sites. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/console.h"
#include "api/routes.h"
#include "world.h"

#define LOGIN "/api/v1/console/login"
#define STATE "/api/v1/display/state"
#define SUMMARY "/api/v1/summary"
#define RELEASE "/api/v1/display/release"
#define JSON_TYPE "Content-Type: application/json\n"
#define OWN_PAGE "Origin: https://" WORLD_HOST "\nSec-Fetch-Site: same-origin\n"

static int status_of(struct api_world *world, const char *method, const char *target,
	const char *headers, const char *peer, const char *body)
{
	struct api_exchange exchange = { .headers = headers, .peer = peer, .body = body };
	api_world_ask(world, &exchange, method, target);
	const int status = exchange.status;
	assert_int_equal(exchange.answers, 1);
	if (status >= 400) {
		assert_string_equal(exchange.type, "application/problem+json");
		assert_int_equal(
			json_integer_value(json_object_get(exchange.json, "status")), status);
	}
	if (status == 401)
		assert_true(exchange.call == NULL);
	api_exchange_finish(&exchange);
	return status;
}

static void log_in(struct api_world *world, char cookie[256])
{
	char body[256];
	struct api_exchange exchange = { .headers = JSON_TYPE OWN_PAGE, .body = body };
	snprintf(body, sizeof body, "{\"token\": \"%s\"}", world->token);
	api_world_ask(world, &exchange, "POST", LOGIN);
	assert_int_equal(exchange.status, 204);
	const char *set = strstr(exchange.fields, "Set-Cookie: ");
	assert_non_null(set);
	assert_non_null(strstr(set, "; Path=/; Secure; HttpOnly; SameSite=Strict\r\n"));
	assert_non_null(strstr(set, "; Max-Age=43200;"));
	snprintf(cookie, 256, "Cookie: other=1; %.*s\n", (int)strcspn(set + 12, ";"), set + 12);
	assert_non_null(strstr(cookie, CONSOLE_COOKIE "="));
	api_exchange_finish(&exchange);
}

static const char *with(const char *first, const char *second)
{
	static char headers[1024];
	snprintf(headers, sizeof headers, "%s%s", first, second);
	return headers;
}

static void admin_route_wants_the_token(void **state)
{
	struct api_world *world = *state;
	char headers[256];
	assert_int_equal(status_of(world, "GET", STATE, "", NULL, NULL), 401);
	assert_int_equal(status_of(world, "GET", STATE, "", "127.0.0.1", NULL), 401);
	assert_int_equal(
		status_of(world, "GET", STATE, "Authorization: Bearer \n", NULL, NULL), 401);
	assert_int_equal(
		status_of(world, "GET", STATE, "Authorization: Basic eDp5\n", NULL, NULL), 401);
	snprintf(headers, sizeof headers, "Authorization: Bearer %sx\n", world->token);
	assert_int_equal(status_of(world, "GET", STATE, headers, NULL, NULL), 401);
	snprintf(headers, sizeof headers, "Authorization: Bearer %.63s\n", world->token);
	assert_int_equal(status_of(world, "GET", STATE, headers, NULL, NULL), 401);
	assert_int_equal(status_of(world, "GET", STATE, NULL, NULL, NULL), 200);
}

static void every_admin_route_refuses_strangers(void **state)
{
	struct api_world *world = *state;
	for (size_t i = 0; i < api_route_count; i++) {
		char target[128];
		if (api_routes[i].lane == API_LANE_PUBLIC)
			continue;
		snprintf(target, sizeof target, "/api/v1%s", api_routes[i].path);
		assert_int_equal(
			status_of(world, api_routes[i].method, target, JSON_TYPE, NULL, "{}"), 401);
	}
	assert_int_equal(world->worker.appended, 0); /* strangers write no log */
}

static void refusal_says_how_to_ask(void **state)
{
	struct api_exchange exchange = { .headers = "" };
	api_world_ask(*state, &exchange, "GET", STATE);
	assert_non_null(strstr(exchange.fields, "WWW-Authenticate: Bearer realm=\"lodge\"\r\n"));
	assert_non_null(strstr(exchange.fields, "Cache-Control: no-store\r\n"));
	api_exchange_finish(&exchange);
}

static void summary_answers_programs_on_this_machine(void **state)
{
	struct api_world *world = *state;
	assert_int_equal(status_of(world, "GET", SUMMARY, "", "127.0.0.1", NULL), 200);
	assert_int_equal(status_of(world, "GET", SUMMARY, "", "127.255.0.3", NULL), 200);
	assert_int_equal(status_of(world, "GET", SUMMARY, "", "::1", NULL), 200);
	assert_int_equal(status_of(world, "GET", SUMMARY, "", "192.0.2.1", NULL), 401);
	assert_int_equal(status_of(world, "GET", SUMMARY, "", "::2", NULL), 401);
	assert_int_equal(status_of(world, "GET", SUMMARY, "", "fe80::1%eth0", NULL), 401);
	assert_int_equal(status_of(world, "GET", SUMMARY, NULL, "192.0.2.1", NULL), 200);
}

static void proxy_on_this_machine_is_not_this_machine(void **state)
{
	static const char *const headers[] = { "X-Forwarded-For: 192.0.2.1\n",
		"Forwarded: for=192.0.2.1\n", "X-Real-IP: 192.0.2.1\n", "Via: 1.1 proxy\n" };
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		assert_int_equal(
			status_of(*state, "GET", SUMMARY, headers[i], "127.0.0.1", NULL), 401);
}

static void page_of_another_site_may_not_ask_as_this_machine(void **state)
{
	assert_int_equal(status_of(*state, "GET", SUMMARY, "Sec-Fetch-Site: cross-site\n",
				 "127.0.0.1", NULL),
		403);
	assert_int_equal(status_of(*state, "GET", SUMMARY, "Origin: https://evil.example\n",
				 "127.0.0.1", NULL),
		403);
}

static void login_exchanges_the_token_for_a_cookie(void **state)
{
	struct api_world *world = *state;
	char cookie[256];
	struct api_exchange exchange = { .headers = cookie };
	log_in(world, cookie);
	assert_int_equal(status_of(world, "GET", STATE, cookie, NULL, NULL), 200);
	api_world_ask(world, &exchange, "GET", LOGIN);
	assert_true(json_is_true(json_object_get(exchange.json, "logged_in")));
	assert_string_equal(json_string_value(json_object_get(exchange.json, "name")), "test host");
	api_exchange_finish(&exchange);
	cookie[strlen(cookie) - 2] ^= 1;
	assert_int_equal(status_of(world, "GET", STATE, cookie, NULL, NULL), 401);
}

static void cookie_ends_after_12_hours(void **state)
{
	struct api_world *world = *state;
	char cookie[256];
	log_in(world, cookie);
	world->now_ns += 12 * 3600 * WORLD_SECOND - 1;
	assert_int_equal(status_of(world, "GET", STATE, cookie, NULL, NULL), 200);
	world->now_ns += 1;
	assert_int_equal(status_of(world, "GET", STATE, cookie, NULL, NULL), 401);
}

static void logout_forgets_the_cookie(void **state)
{
	struct api_world *world = *state;
	char cookie[256], headers[512];
	log_in(world, cookie);
	snprintf(headers, sizeof headers, "%s" OWN_PAGE, cookie);
	struct api_exchange exchange = { .headers = headers };
	api_world_ask(world, &exchange, "DELETE", LOGIN);
	assert_int_equal(exchange.status, 204);
	assert_non_null(strstr(exchange.fields, "Set-Cookie: " CONSOLE_COOKIE "=; Max-Age=0;"));
	api_exchange_finish(&exchange);
	assert_int_equal(status_of(world, "GET", STATE, cookie, NULL, NULL), 401);
}

static void sixty_fifth_login_ends_the_oldest(void **state)
{
	struct api_world *world = *state;
	char first[256], second[256], cookie[256];
	log_in(world, first);
	world->now_ns += 60 * WORLD_SECOND;
	log_in(world, second);
	for (int i = 0; i < 63; i++) {
		world->now_ns += 60 * WORLD_SECOND;
		log_in(world, cookie);
	}
	assert_int_equal(status_of(world, "GET", STATE, first, NULL, NULL), 401);
	assert_int_equal(status_of(world, "GET", STATE, second, NULL, NULL), 200);
	assert_int_equal(status_of(world, "GET", STATE, cookie, NULL, NULL), 200);
}

static void wrong_token_beside_a_good_cookie_is_refused(void **state)
{
	char cookie[256];
	log_in(*state, cookie);
	assert_int_equal(status_of(*state, "GET", STATE, with(cookie, "Authorization: Bearer x\n"),
				 NULL, NULL),
		401);
}

static void change_by_cookie_must_come_from_a_page_of_this_host(void **state)
{
	static const struct {
		const char *headers;
		int status;
	} cases[] = {
		{ JSON_TYPE OWN_PAGE, 200 },
		{ JSON_TYPE "Origin: https://" WORLD_HOST "\n", 200 },
		{ JSON_TYPE "Origin: https://LODGE.test:7443\n", 200 },
		{ JSON_TYPE, 403 },
		{ JSON_TYPE "Sec-Fetch-Site: same-origin\n", 403 },
		{ JSON_TYPE "Origin: null\n", 403 },
		{ JSON_TYPE "Origin: http://" WORLD_HOST "\n", 403 },
		{ JSON_TYPE "Origin: https://lodge.test\n", 403 },
		{ JSON_TYPE "Origin: https://lodge.test:7444\n", 403 },
		{ JSON_TYPE "Origin: https://" WORLD_HOST ".evil.example\n", 403 },
		{ JSON_TYPE "Origin: https://" WORLD_HOST "\nSec-Fetch-Site: same-site\n", 403 },
		{ JSON_TYPE "Origin: https://" WORLD_HOST "\nSec-Fetch-Site: cross-site\n", 403 },
		{ JSON_TYPE "Origin: https://" WORLD_HOST "\nSec-Fetch-Site: none\n", 403 },
		{ OWN_PAGE, 415 },
		{ "Content-Type: text/plain\n" OWN_PAGE, 415 },
		{ "Content-Type: application/jsonp\n" OWN_PAGE, 415 },
		{ "Content-Type: application/json; charset=utf-8\n" OWN_PAGE, 200 },
	};
	char cookie[256];
	log_in(*state, cookie);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const int status = status_of(*state, "POST", RELEASE,
			with(cookie, cases[i].headers), NULL, "{\"all\": true}");
		if (status != cases[i].status)
			fail_msg("%s: %d", cases[i].headers, status);
	}
}

static void page_of_another_site_reads_nothing_by_cookie(void **state)
{
	char cookie[256];
	log_in(*state, cookie);
	assert_int_equal(status_of(*state, "GET", STATE,
				 with(cookie, "Sec-Fetch-Site: same-site\n"), NULL, NULL),
		403);
	assert_int_equal(
		status_of(*state, "GET", STATE, with(cookie, "Sec-Fetch-Site: none\n"), NULL, NULL),
		200);
}

static void page_of_another_site_cannot_log_its_visitor_in(void **state)
{
	struct api_world *world = *state;
	char body[256];
	snprintf(body, sizeof body, "{\"token\": \"%s\"}", world->token);
	assert_int_equal(status_of(world, "POST", LOGIN, JSON_TYPE "Origin: https://evil.example\n",
				 NULL, body),
		403);
	assert_int_equal(
		status_of(world, "POST", LOGIN, "Content-Type: text/plain\n", NULL, body), 415);
}

static int try_token(struct api_world *world, const char *peer, const char *token, char *fields)
{
	char body[256];
	struct api_exchange exchange = { .headers = JSON_TYPE, .peer = peer, .body = body };
	snprintf(body, sizeof body, "{\"token\": \"%s\"}", token);
	api_world_ask(world, &exchange, "POST", LOGIN);
	const int status = exchange.status;
	strcpy(fields, exchange.fields);
	api_exchange_finish(&exchange);
	return status;
}

static void sixth_try_of_an_address_waits_for_the_minute(void **state)
{
	struct api_world *world = *state;
	char fields[512];
	for (int i = 0; i < 5; i++) {
		assert_int_equal(try_token(world, "192.0.2.1", "wrong", fields), 401);
		world->now_ns += 10 * WORLD_SECOND;
	}
	/* Even the right one: nobody learns from the answer whether it was. */
	assert_int_equal(try_token(world, "192.0.2.1", world->token, fields), 429);
	assert_non_null(strstr(fields, "Retry-After: 10\r\n"));
	assert_int_equal(try_token(world, "192.0.2.2", world->token, fields), 204);
	world->now_ns += 10 * WORLD_SECOND;
	assert_int_equal(try_token(world, "192.0.2.1", world->token, fields), 204);
}

static void eleventh_try_of_all_waits_for_the_minute(void **state)
{
	struct api_world *world = *state;
	char fields[512], peer[32];
	for (int i = 0; i < 10; i++) {
		snprintf(peer, sizeof peer, "192.0.2.%d", i);
		assert_int_equal(try_token(world, peer, "wrong", fields), 401);
	}
	assert_int_equal(try_token(world, "192.0.2.99", world->token, fields), 429);
	assert_non_null(strstr(fields, "Retry-After: 60\r\n"));
	world->now_ns += 60 * WORLD_SECOND;
	assert_int_equal(try_token(world, "192.0.2.99", world->token, fields), 204);
}

static void make_code(struct api_world *world, char code[CONSOLE_CODE_DIGITS + 1])
{
	struct api_exchange exchange = { 0 };
	api_world_ask(world, &exchange, "POST", "/api/v1/console/code");
	assert_int_equal(exchange.status, 200);
	const char *text = json_string_value(json_object_get(exchange.json, "code"));
	assert_int_equal(strlen(text), CONSOLE_CODE_DIGITS);
	strcpy(code, text);
	api_exchange_finish(&exchange);
}

static int try_code(struct api_world *world, const char *code)
{
	char body[64];
	world->now_ns += 13 * WORLD_SECOND; /* below the limit of tries */
	snprintf(body, sizeof body, "{\"code\": \"%s\"}", code);
	return status_of(world, "POST", LOGIN, JSON_TYPE, NULL, body);
}

static void code_logs_in_once(void **state)
{
	char code[CONSOLE_CODE_DIGITS + 1], spaced[16];
	make_code(*state, code);
	snprintf(spaced, sizeof spaced, "%.4s %s", code, code + 4);
	assert_int_equal(try_code(*state, spaced), 204);
	assert_int_equal(try_code(*state, code), 401);
}

static void code_is_void_after_three_tries(void **state)
{
	char code[CONSOLE_CODE_DIGITS + 1];
	make_code(*state, code);
	assert_int_equal(try_code(*state, "wrong"), 401);
	assert_int_equal(try_code(*state, ""), 401);
	assert_int_equal(try_code(*state, code), 204);
	make_code(*state, code);
	for (int i = 0; i < 3; i++)
		assert_int_equal(try_code(*state, "00000000x"), 401);
	assert_int_equal(try_code(*state, code), 401);
}

static void code_is_void_after_5_minutes_and_by_a_newer_one(void **state)
{
	struct api_world *world = *state;
	char code[CONSOLE_CODE_DIGITS + 1], newer[CONSOLE_CODE_DIGITS + 1];
	make_code(world, code);
	world->now_ns += 287 * WORLD_SECOND; /* and the try's 13 s */
	assert_int_equal(try_code(world, code), 401);
	make_code(world, code);
	do
		make_code(world, newer);
	while (strcmp(code, newer) == 0);
	assert_int_equal(try_code(world, code), 401);
	assert_int_equal(try_code(world, newer), 204);
}

static void no_code_is_no_key(void **state)
{
	assert_int_equal(try_code(*state, ""), 401);
	assert_int_equal(try_code(*state, "00000000"), 401);
}

static void token_file_is_made_for_its_owner_alone(void **state)
{
	struct api_world *world = *state;
	char path[96];
	struct stat status;
	snprintf(path, sizeof path, "%s/admin-token", world->folder);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(strlen(world->token), 64);
}

static void token_outlives_the_run(void **state)
{
	struct api_world *world = *state;
	char token[129];
	strcpy(token, world->token);
	api_destroy(world->api);
	assert_true(api_world_start(world));
	assert_string_equal(world->token, token);
}

static void token_file_that_others_may_read_is_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0666 };
	struct api_world *world = *state;
	char path[96];
	snprintf(path, sizeof path, "%s/admin-token", world->folder);
	api_destroy(world->api);
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_false(api_world_start(world));
		assert_int_equal(errno, EPERM);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_false(api_world_start(world));
	assert_int_equal(errno, EPERM);
}

static void token_file_without_a_token_is_refused(void **state)
{
	static const char *const texts[] = { "", "\n", "short\n",
		"a text with spaces that is long enough to be a token\n" };
	struct api_world *world = *state;
	char path[96];
	snprintf(path, sizeof path, "%s/admin-token", world->folder);
	api_destroy(world->api);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		assert_true(fputs(texts[i], file) >= 0);
		assert_int_equal(fclose(file), 0);
		assert_false(api_world_start(world));
		assert_int_equal(errno, EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(admin_route_wants_the_token),
		TEST(every_admin_route_refuses_strangers),
		TEST(refusal_says_how_to_ask),
		TEST(summary_answers_programs_on_this_machine),
		TEST(proxy_on_this_machine_is_not_this_machine),
		TEST(page_of_another_site_may_not_ask_as_this_machine),
		TEST(login_exchanges_the_token_for_a_cookie),
		TEST(cookie_ends_after_12_hours),
		TEST(logout_forgets_the_cookie),
		TEST(sixty_fifth_login_ends_the_oldest),
		TEST(wrong_token_beside_a_good_cookie_is_refused),
		TEST(change_by_cookie_must_come_from_a_page_of_this_host),
		TEST(page_of_another_site_reads_nothing_by_cookie),
		TEST(page_of_another_site_cannot_log_its_visitor_in),
		TEST(sixth_try_of_an_address_waits_for_the_minute),
		TEST(eleventh_try_of_all_waits_for_the_minute),
		TEST(code_logs_in_once),
		TEST(code_is_void_after_three_tries),
		TEST(code_is_void_after_5_minutes_and_by_a_newer_one),
		TEST(no_code_is_no_key),
		TEST(token_file_is_made_for_its_owner_alone),
		TEST(token_outlives_the_run),
		TEST(token_file_that_others_may_read_is_refused),
		TEST(token_file_without_a_token_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
