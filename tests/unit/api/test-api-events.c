/* Events: whole states, once a change, and after a break just what was missed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/internal.h"
#include "session/clients.h"
#include "world.h"

#define EVENTS "/api/v1/events"
#define JSON_TYPE "Content-Type: application/json\n"

static unsigned count(const char *text, const char *part)
{
	unsigned found = 0;
	while ((text = strstr(text, part))) {
		found++;
		text += strlen(part);
	}
	return found;
}

static void listen_from(struct api_world *world, struct api_exchange *exchange, const char *id)
{
	char headers[256];
	int size = snprintf(headers, sizeof headers, "Authorization: Bearer %s\n", world->token);
	if (id)
		snprintf(headers + size, sizeof headers - (size_t)size, "Last-Event-ID: %s\n", id);
	exchange->headers = headers;
	api_world_ask(world, exchange, "GET", EVENTS);
	exchange->headers = NULL;
}

/* What came since the last look. */
static void forget(struct api_exchange *exchange)
{
	exchange->size = 0;
	if (exchange->text)
		exchange->text[0] = '\0';
}

static void last_id(const struct api_exchange *exchange, char id[64])
{
	const char *found = NULL;
	for (const char *at = exchange->text; (at = strstr(at, "\nid: ")); at += 5)
		found = at + 5;
	assert_non_null(found);
	snprintf(id, 64, "%.*s", (int)strcspn(found, "\n"), found);
}

static void newcomer_gets_every_topic_once(void **state)
{
	static const char *const names[] = { "displays", "sessions", "clients", "pairing",
		"settings", "presence", "control", "apps" };
	struct api_exchange exchange = { 0 };
	listen_from(*state, &exchange, NULL);
	assert_true(exchange.streams);
	assert_int_equal(exchange.status, 200);
	assert_string_equal(exchange.type, "text/event-stream");
	assert_int_equal(count(exchange.text, "event: "), API_TOPICS);
	for (size_t i = 0; i < API_TOPICS; i++) {
		char line[64];
		snprintf(line, sizeof line, "event: %s\nid: ", names[i]);
		assert_int_equal(count(exchange.text, line), 1);
	}
	api_exchange_finish(&exchange);
}

static void event_carries_what_its_route_answers(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 }, route = { 0 };
	registry_stub_add(&world->registry, 1, LIFECYCLE_ACTIVE, 7, 5);
	listen_from(world, &exchange, NULL);
	api_world_ask(world, &route, "GET", "/api/v1/display/state");
	const char *data = strstr(exchange.text, "event: displays\n");
	data = strstr(data, "\ndata: ") + 7;
	assert_memory_equal(data, route.text, route.size);
	assert_memory_equal(data + route.size, "\n\n", 2);
	api_exchange_finish(&route);
	api_exchange_finish(&exchange);
}

static void many_marks_make_one_event(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	listen_from(world, &exchange, NULL);
	forget(&exchange);
	for (int i = 0; i < 3; i++) {
		registry_stub_add(&world->registry, (uint32_t)i + 1, LIFECYCLE_ACTIVE, 7, 5);
		api_changed(world->api, API_TOPIC_DISPLAYS);
	}
	assert_int_equal(exchange.size, 0); /* not from inside the change */
	api_world_settle(world);
	assert_int_equal(count(exchange.text, "event: displays\n"), 1);
	assert_int_equal(count(exchange.text, "event: "), 1);
	api_exchange_finish(&exchange);
}

static void mark_without_a_change_makes_no_event(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	registry_stub_add(&world->registry, 1, LIFECYCLE_LINGERING, 7, 0)->until_ns =
		world->now_ns + 60 * WORLD_SECOND;
	host_stub_add(&world->sessions, 1, 5)->dropped = 1;
	client_store_arm_pin_until(world->clients, UINT64_MAX / 2);
	listen_from(world, &exchange, NULL);
	forget(&exchange);
	/* Time goes on, and so do countdowns and counters. */
	world->now_ns += 5 * WORLD_SECOND;
	world->sessions.states[0].dropped = 900;
	for (int topic = 0; topic < API_TOPICS; topic++)
		api_changed(world->api, topic);
	api_world_settle(world);
	assert_int_equal(exchange.size, 0);
	/* Another deadline is a change. */
	world->registry.displays[0].until_ns += WORLD_SECOND;
	api_changed(world->api, API_TOPIC_DISPLAYS);
	api_world_settle(world);
	assert_int_equal(count(exchange.text, "event: displays\n"), 1);
	api_exchange_finish(&exchange);
}

static void change_shows_in_every_topic_that_shows_it(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	uint8_t fingerprint[32];
	char text[65];
	assert_true(api_world_pair(world, "desk", fingerprint, text));
	listen_from(world, &exchange, NULL);
	forget(&exchange);
	memcpy(host_stub_add(&world->sessions, 4, 1)->fingerprint, fingerprint, 32);
	api_changed(world->api, API_TOPIC_SESSIONS);
	api_world_settle(world);
	assert_int_equal(count(exchange.text, "event: sessions\n"), 1);
	assert_int_equal(count(exchange.text, "event: clients\n"), 1);
	assert_int_equal(count(exchange.text, "event: "), 2);
	api_exchange_finish(&exchange);
}

static void listener_that_returns_hears_what_it_missed(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	char id[64];
	listen_from(world, &exchange, NULL);
	last_id(&exchange, id);
	api_exchange_finish(&exchange);

	listen_from(world, &exchange, id);
	assert_int_equal(count(exchange.text, "event: "), 0);
	api_exchange_finish(&exchange);

	registry_stub_add(&world->registry, 1, LIFECYCLE_ACTIVE, 7, 5);
	api_changed(world->api, API_TOPIC_DISPLAYS);
	api_world_settle(world);
	listen_from(world, &exchange, id);
	assert_int_equal(count(exchange.text, "event: "), 1);
	assert_int_equal(count(exchange.text, "event: displays\n"), 1);
	api_exchange_finish(&exchange);
}

static void listener_that_was_cut_off_amid_the_first_topics_hears_the_rest(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	char id[64];
	listen_from(world, &exchange, NULL);
	const char *third =
		strstr(strstr(strstr(exchange.text, "\nid: ") + 1, "\nid: ") + 1, "\nid: ");
	snprintf(id, sizeof id, "%.*s", (int)strcspn(third + 5, "\n"), third + 5);
	api_exchange_finish(&exchange);
	listen_from(world, &exchange, id);
	assert_int_equal(count(exchange.text, "event: "), API_TOPICS - 3);
	api_exchange_finish(&exchange);
}

static void id_of_another_run_means_nothing(void **state)
{
	static const char *const ids[] = { "", "x", "0123456789abcdef-1", "0123456789abcdef-",
		"-3" };
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	char id[64], future[96];
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		listen_from(world, &exchange, ids[i]);
		assert_int_equal(count(exchange.text, "event: "), API_TOPICS);
		last_id(&exchange, id);
		api_exchange_finish(&exchange);
	}
	snprintf(future, sizeof future, "%s0", id);
	listen_from(world, &exchange, future);
	assert_int_equal(count(exchange.text, "event: "), API_TOPICS);
	api_exchange_finish(&exchange);
	snprintf(future, sizeof future, "%s x", id);
	listen_from(world, &exchange, future);
	assert_int_equal(count(exchange.text, "event: "), API_TOPICS);
	api_exchange_finish(&exchange);
}

static void slow_listener_is_sent_nothing_more(void **state)
{
	struct api_world *world = *state;
	struct api_exchange slow = { 0 }, other = { 0 };
	listen_from(world, &slow, NULL);
	listen_from(world, &other, NULL);
	slow.slow = true;
	forget(&other);
	registry_stub_add(&world->registry, 1, LIFECYCLE_ACTIVE, 7, 5);
	api_changed(world->api, API_TOPIC_DISPLAYS);
	api_world_settle(world);
	assert_int_equal(count(other.text, "event: displays\n"), 1);
	slow.slow = false;
	forget(&slow);
	registry_stub_add(&world->registry, 2, LIFECYCLE_ACTIVE, 7, 5);
	api_changed(world->api, API_TOPIC_DISPLAYS);
	api_world_settle(world);
	assert_int_equal(slow.size, 0);
	api_exchange_finish(&slow);
	api_exchange_finish(&other);
}

static void thirty_third_listener_is_turned_away(void **state)
{
	struct api_world *world = *state;
	struct api_exchange listeners[33] = { 0 };
	for (int i = 0; i < 32; i++) {
		listen_from(world, &listeners[i], NULL);
		assert_true(listeners[i].streams);
	}
	listen_from(world, &listeners[32], NULL);
	assert_int_equal(listeners[32].status, 503);
	assert_non_null(strstr(listeners[32].fields, "Retry-After: "));
	api_exchange_finish(&listeners[32]);
	api_exchange_finish(&listeners[5]);
	listen_from(world, &listeners[32], NULL);
	assert_true(listeners[32].streams);
	for (int i = 0; i < 33; i++)
		api_exchange_finish(&listeners[i]);
}

/* The header lines of a browser that has logged in. */
static void log_in(struct api_world *world, char headers[512])
{
	char body[256];
	struct api_exchange login = { .headers = JSON_TYPE };
	snprintf(body, sizeof body, "{\"token\": \"%s\"}", world->token);
	api_world_send(world, &login, "POST", "/api/v1/console/login", body);
	assert_int_equal(login.status, 204);
	const char *set = strstr(login.fields, "Set-Cookie: ") + 12;
	snprintf(headers, 512, "Cookie: %.*s\nOrigin: https://" WORLD_HOST "\n",
		(int)strcspn(set, ";"), set);
	api_exchange_finish(&login);
}

static void logout_ends_the_streams_of_its_cookie(void **state)
{
	struct api_world *world = *state;
	char headers[512];
	log_in(world, headers);
	struct api_exchange stream = { .headers = headers }, logout = { .headers = headers };
	struct api_exchange other = { 0 };
	api_world_ask(world, &stream, "GET", EVENTS);
	assert_true(stream.streams);
	listen_from(world, &other, NULL);
	api_world_ask(world, &logout, "DELETE", "/api/v1/console/login");
	assert_int_equal(logout.status, 204);
	assert_true(stream.ended);
	assert_false(other.ended);
	api_exchange_finish(&logout);
	api_exchange_finish(&stream);
	api_exchange_finish(&other);
}

static void stream_beats_until_its_login_is_12_hours_old(void **state)
{
	struct api_world *world = *state;
	char headers[512];
	log_in(world, headers);
	struct api_exchange stream = { .headers = headers }, other = { 0 };
	api_world_ask(world, &stream, "GET", EVENTS);
	listen_from(world, &other, NULL);
	forget(&stream);
	api_events_beat(world->api, world->now_ns + 12 * 3600 * WORLD_SECOND - 1);
	assert_string_equal(stream.text, ":\n\n");
	assert_false(stream.ended);
	forget(&other);
	api_events_beat(world->api, world->now_ns + 12 * 3600 * WORLD_SECOND);
	assert_true(stream.ended);
	assert_string_equal(other.text, ":\n\n");
	api_exchange_finish(&stream);
	api_exchange_finish(&other);
}

static void heart_beats_every_15_s_while_somebody_listens(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	sd_event_source *heartbeat = world->api->events.heartbeat;
	uint64_t before_us, at_us;
	int enabled;
	assert_true(sd_event_now(world->event, CLOCK_MONOTONIC, &before_us) >= 0);
	listen_from(world, &exchange, NULL);
	for (int i = 0; i < 2; i++) {
		assert_true(sd_event_source_get_enabled(heartbeat, &enabled) >= 0);
		assert_int_equal(enabled, SD_EVENT_ONESHOT);
		assert_true(sd_event_source_get_time(heartbeat, &at_us) >= 0);
		assert_true(at_us >= before_us + 15000000);
		api_events_beat(world->api, world->now_ns);
	}
	api_exchange_finish(&exchange);
	assert_true(sd_event_source_get_enabled(heartbeat, &enabled) >= 0);
	assert_int_equal(enabled, SD_EVENT_OFF);
}

static void pin_that_expires_is_told(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	uint64_t now_us;
	assert_true(sd_event_now(world->event, CLOCK_MONOTONIC, &now_us) >= 0);
	client_store_arm_pin_until(world->clients, now_us * 1000 + 20000000);
	world->now_ns = now_us * 1000;
	listen_from(world, &exchange, NULL);
	assert_int_equal(count(exchange.text, "\"armed\":true"), 1);
	forget(&exchange);
	for (int turns = 0; !exchange.size; turns++) {
		assert_true(turns < 200);
		assert_true(sd_event_run(world->event, 100000) >= 0);
	}
	assert_int_equal(count(exchange.text, "event: pairing\n"), 1);
	assert_int_equal(count(exchange.text, "\"armed\":false"), 1);
	api_exchange_finish(&exchange);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(newcomer_gets_every_topic_once),
		TEST(event_carries_what_its_route_answers),
		TEST(many_marks_make_one_event),
		TEST(mark_without_a_change_makes_no_event),
		TEST(change_shows_in_every_topic_that_shows_it),
		TEST(listener_that_returns_hears_what_it_missed),
		TEST(listener_that_was_cut_off_amid_the_first_topics_hears_the_rest),
		TEST(id_of_another_run_means_nothing),
		TEST(slow_listener_is_sent_nothing_more),
		TEST(thirty_third_listener_is_turned_away),
		TEST(logout_ends_the_streams_of_its_cookie),
		TEST(stream_beats_until_its_login_is_12_hours_old),
		TEST(heart_beats_every_15_s_while_somebody_listens),
		TEST(pin_that_expires_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
