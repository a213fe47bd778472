/* The list of apps, as an operator sees and changes it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/apps.h"
#include "world.h"

#define APPS "/api/v1/apps"
#define ONE "{\"id\":\"one\",\"name\":\"One\",\"command\":\"foot -e 'a b'\"}"
#define ONE_SHOWN                                                                                  \
	"{\"version\":1,\"apps\":[{\"id\":\"one\",\"name\":\"One\",\"command\":[\"foot\",\"-e\","  \
	"\"a b\"],\"desktop\":\"shared\"}]}"

static void assert_shown(struct api_world *world, const char *document)
{
	struct api_exchange exchange = { 0 };
	api_world_ask(world, &exchange, "GET", APPS);
	assert_int_equal(exchange.status, 200);
	assert_string_equal(exchange.text, document);
	api_exchange_finish(&exchange);
}

static void list_that_is_put_is_shown_with_its_arguments(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	assert_shown(world, "{\"version\":1,\"apps\":[]}");
	api_world_send(world, &exchange, "PUT", APPS, "{\"apps\":[" ONE "]}");
	assert_int_equal(exchange.status, 200);
	assert_string_equal(exchange.text, ONE_SHOWN);
	assert_shown(world, ONE_SHOWN);
	assert_int_equal(world->worker.appended, 1); /* the audit log has it */
	api_exchange_finish(&exchange);
}

static void faults_are_named_and_nothing_is_stored(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	api_world_send(world, &exchange, "PUT", APPS,
		"{\"apps\":[" ONE "," ONE ",{\"id\":\"x\",\"name\":\"X\",\"command\":\"'\","
		"\"shell\":true}]}");
	assert_int_equal(exchange.status, 422);
	assert_non_null(strstr(exchange.text, "\"pointer\":\"/apps/1/id\""));
	assert_non_null(strstr(exchange.text, "\"pointer\":\"/apps/2/command\""));
	assert_non_null(strstr(exchange.text, "\"pointer\":\"/apps/2/shell\""));
	assert_shown(world, "{\"version\":1,\"apps\":[]}");
	api_exchange_finish(&exchange);
}

static void disk_that_fails_is_said(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	world->worker.error = -ENOSPC;
	api_world_send(world, &exchange, "PUT", APPS, "{\"apps\":[" ONE "]}");
	assert_int_equal(exchange.status, 500);
	assert_non_null(strstr(exchange.text, "No space left on device"));
	assert_shown(world, "{\"version\":1,\"apps\":[]}");
	api_exchange_finish(&exchange);
}

static void nobody_but_an_operator_sees_a_command(void **state)
{
	struct api_world *world = *state;
	static const char *const nobodies[] = { "Accept: */*\n", "Authorization: Bearer 0\n" };
	for (size_t i = 0; i < 4; i++) {
		struct api_exchange exchange = { 0 };
		exchange.headers = nobodies[i % 2];
		exchange.peer = i < 2 ? "127.0.0.1" : "192.0.2.1";
		api_world_ask(world, &exchange, i % 2 ? "PUT" : "GET", APPS);
		assert_int_equal(exchange.status, 401);
		api_exchange_finish(&exchange);
	}
}

static void change_of_the_list_is_told(void **state)
{
	struct api_world *world = *state;
	struct api_exchange listener = { 0 }, change = { 0 };
	api_world_ask(world, &listener, "GET", "/api/v1/events");
	api_world_settle(world);
	assert_non_null(strstr(listener.text, "event: apps\n")); /* also that there is none yet */
	api_world_send(world, &change, "PUT", APPS, "{\"apps\":[" ONE "]}");
	api_world_settle(world);
	const char *told = strstr(strstr(listener.text, "event: apps\n") + 1, "event: apps\n");
	assert_non_null(told);
	assert_non_null(strstr(told, "\ndata: " ONE_SHOWN "\n\n"));
	api_exchange_finish(&change);
	api_exchange_finish(&listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(list_that_is_put_is_shown_with_its_arguments),
		TEST(faults_are_named_and_nothing_is_stored),
		TEST(disk_that_fails_is_said),
		TEST(nobody_but_an_operator_sees_a_command),
		TEST(change_of_the_list_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
