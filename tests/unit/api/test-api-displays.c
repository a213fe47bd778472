/* Displays, settings and the dry run, as an operator sees and changes them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static const json_t *at(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);
	assert_non_null(value);
	return value;
}

static void state_shows_displays_and_outputs(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	registry_stub_add(&world->registry, 1, LIFECYCLE_ACTIVE, 7, 5)->sessions[1] = 9;
	registry_stub_add(&world->registry, 2, LIFECYCLE_LINGERING, 8, 0)->until_ns =
		world->now_ns + 1500000000;
	registry_stub_add(&world->registry, 0, LIFECYCLE_CREATING, 0, 6);
	api_world_ask(world, &exchange, "GET", "/api/v1/display/state");
	assert_int_equal(exchange.status, 200);
	const json_t *displays = at(exchange.json, "displays");
	assert_int_equal(json_array_size(displays), 3);
	const json_t *first = json_array_get(displays, 0), *second = json_array_get(displays, 1);
	assert_string_equal(json_string_value(at(first, "state")), "active");
	assert_int_equal(json_array_size(at(first, "sessions")), 2);
	assert_true(json_is_null(at(first, "expires_in")));
	assert_true(json_real_value(at(second, "expires_in")) == 1.5);
	assert_true(json_is_null(at(json_array_get(displays, 2), "client")));
	assert_int_equal(json_array_size(at(exchange.json, "outputs")), 2);
	assert_int_equal(json_integer_value(at(at(exchange.json, "next"), "x")), 2560);
	assert_false(world->registry.question.anonymous);
	api_exchange_finish(&exchange);
}

static void no_next_place_when_a_newcomer_is_turned_away(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	world->registry.explanation.error = DISPLAY_ERROR_FULL;
	api_world_ask(world, &exchange, "GET", "/api/v1/display/state");
	assert_true(json_is_null(at(exchange.json, "next")));
	api_exchange_finish(&exchange);
}

static void settings_are_answered_when_they_are_on_the_disk(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	api_world_send(world, &exchange, "PUT", "/api/v1/display/settings",
		"{\"version\": 1, \"topology\": \"primary\"}");
	assert_int_equal(exchange.answers, 0);
	assert_non_null(exchange.call);
	settings_stub_finish(&world->settings);
	assert_int_equal(exchange.answers, 1);
	assert_int_equal(exchange.status, 200);
	assert_int_equal(json_integer_value(at(exchange.json, "revision")), 2);
	assert_string_equal(
		json_string_value(at(at(exchange.json, "document"), "topology")), "primary");
	api_exchange_finish(&exchange);
}

static void disk_that_fails_is_said(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	world->settings.error = -ENOSPC;
	api_world_send(world, &exchange, "PUT", "/api/v1/display/settings", "{}");
	settings_stub_finish(&world->settings);
	assert_int_equal(exchange.status, 500);
	assert_non_null(strstr(exchange.text, "No space left on device"));
	api_exchange_finish(&exchange);
}

static void client_that_leaves_gets_no_answer_and_its_change_is_made(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	api_world_send(
		world, &exchange, "PUT", "/api/v1/display/settings", "{\"max_displays\": 2}");
	api_cancel(exchange.call);
	exchange.call = NULL;
	settings_stub_finish(&world->settings);
	assert_int_equal(exchange.answers, 0);
	assert_int_equal(world->settings.revision, 2);
	assert_int_equal(world->worker.appended, 1); /* the audit log has its outcome */
	api_exchange_finish(&exchange);
}

static void change_that_waits_survives_no_end_of_the_api(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	api_world_send(world, &exchange, "PUT", "/api/v1/display/settings", "{}");
	api_cancel(exchange.call);
	exchange.call = NULL;
	api_destroy(world->api);
	world->api = NULL;
	settings_stub_finish(&world->settings);
	assert_int_equal(exchange.answers, 0);
}

static void expect_problem(struct api_world *world, const char *method, const char *target,
	const char *body, int status, const char *part)
{
	struct api_exchange exchange = { 0 };
	api_world_send(world, &exchange, method, target, body);
	if (exchange.status != status || !strstr(exchange.text, part))
		fail_msg("%s %s %s: %d %s", method, target, body, exchange.status, exchange.text);
	if (status == 422)
		assert_true(json_array_size(at(exchange.json, "errors")) > 0);
	api_exchange_finish(&exchange);
}

static void faulty_settings_are_named(void **state)
{
	expect_problem(*state, "PUT", "/api/v1/display/settings", "{\"fault\": 1}", 422,
		"\"pointer\":\"/fault\"");
}

static void bodies_that_are_no_json_objects_are_refused(void **state)
{
	static const char *const settings = "/api/v1/display/settings";
	char deep[64] = "{\"a\":";
	memset(deep + 5, '[', 20);
	expect_problem(*state, "PUT", settings, "", 400, "no JSON");
	expect_problem(*state, "PUT", settings, "{", 400, "no JSON");
	expect_problem(*state, "PUT", settings, "{\"a\": 1} x", 400, "no JSON");
	expect_problem(*state, "PUT", settings, "{\"a\": 1, \"a\": 2}", 400, "duplicate");
	expect_problem(*state, "PUT", settings, "{\"a\": \"\\u0000\"}", 400, "no JSON");
	expect_problem(*state, "PUT", settings, "{\"a\": \"\xff\"}", 400, "no JSON");
	expect_problem(*state, "PUT", settings, deep, 400, "deeper");
	expect_problem(*state, "PUT", settings, "[]", 422, "\"pointer\":\"\"");
	expect_problem(*state, "PUT", settings, "null", 422, "\"pointer\":\"\"");
}

static void release_closes_kept_displays(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	registry_stub_add(&world->registry, 1, LIFECYCLE_ACTIVE, 7, 5)->leases = 2;
	registry_stub_add(&world->registry, 2, LIFECYCLE_LINGERING, 8, 0);
	registry_stub_add(&world->registry, 3, LIFECYCLE_PINNED, 9, 0);
	api_world_send(world, &exchange, "POST", "/api/v1/display/release", "{\"slot\": 2}");
	assert_int_equal(exchange.status, 200);
	assert_int_equal(json_integer_value(at(exchange.json, "released")), 1);
	api_exchange_finish(&exchange);
	api_world_send(world, &exchange, "POST", "/api/v1/display/release", "{\"slot\": 1}");
	assert_int_equal(exchange.status, 409);
	assert_int_equal(json_integer_value(at(exchange.json, "sessions")), 2);
	api_exchange_finish(&exchange);
	api_world_send(world, &exchange, "POST", "/api/v1/display/release", "{\"all\": true}");
	assert_int_equal(json_integer_value(at(exchange.json, "released")), 1);
	api_exchange_finish(&exchange);
	expect_problem(world, "POST", "/api/v1/display/release", "{\"slot\": 9}", 404, "slot 9");
}

static void release_wants_one_of_two_words(void **state)
{
	static const char *const release = "/api/v1/display/release";
	expect_problem(*state, "POST", release, "{}", 422, "either slot or all");
	expect_problem(*state, "POST", release, "{\"slot\": 1, \"all\": true}", 422, "either");
	expect_problem(*state, "POST", release, "{\"all\": false}", 422, "\"/all\"");
	expect_problem(*state, "POST", release, "{\"slot\": 64}", 422, "\"/slot\"");
	expect_problem(*state, "POST", release, "{\"slot\": \"1\"}", 422, "\"/slot\"");
	expect_problem(*state, "POST", release, "{\"slot\": 1, \"a/b\": 1}", 422, "\"/a~1b\"");
}

static void give_slot(struct api_world *world, uint32_t slot)
{
	struct identity_map *map = &world->identities.map;
	struct identity_entry *entry = &map->entries[map->count++];
	entry->slot = slot;
	snprintf(entry->key.text, sizeof entry->key.text, "%064u", slot);
}

static void layout_keeps_scales_of_known_slots(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	give_slot(world, 1);
	api_world_send(world, &exchange, "PUT", "/api/v1/display/layout",
		"{\"mode\": \"manual\", \"positions\": {\"1\": {\"x\": 5, \"y\": 6}}, \"scales\": "
		"{\"1\": 150}}");
	settings_stub_finish(&world->settings);
	assert_int_equal(exchange.status, 200);
	assert_int_equal(world->identities.map.entries[0].scale_percent, 150);
	assert_int_equal(world->registry.policy_changes, 1);
	const json_t *layout = json_object_get(world->settings.document, "layout");
	assert_null(json_object_get(layout, "scales"));
	assert_non_null(json_object_get(layout, "positions"));
	api_exchange_finish(&exchange);
	api_world_send(world, &exchange, "PUT", "/api/v1/display/layout",
		"{\"mode\": \"auto-row\", \"scales\": {\"1\": null}}");
	settings_stub_finish(&world->settings);
	assert_int_equal(world->identities.map.entries[0].scale_percent, 0);
	api_exchange_finish(&exchange);
}

static void faulty_scales_change_nothing(void **state)
{
	static const char *const layout = "/api/v1/display/layout";
	struct api_world *world = *state;
	give_slot(world, 1);
	expect_problem(world, "PUT", layout, "{\"mode\": \"auto-row\", \"scales\": {\"2\": 100}}",
		422, "\"/scales/2\"");
	expect_problem(world, "PUT", layout,
		"{\"mode\": \"auto-row\", \"scales\": {\"1\": 401, \"01\": 100, \"x\": 1}}", 422,
		"\"/scales/01\"");
	expect_problem(world, "PUT", layout, "{\"mode\": \"auto-row\", \"scales\": 1}", 422,
		"\"/scales\"");
	assert_int_equal(world->settings.revision, 1);
	assert_null(world->settings.waiting);
}

static void pins_that_would_overlap_are_refused(void **state)
{
	static const char pins[] =
		"\"mode\": \"manual\", \"positions\": {\"1\": {\"x\": 0, \"y\": 0}, "
		"\"2\": {\"x\": 1919, \"y\": 1079}}";
	struct api_world *world = *state;
	char body[256];
	registry_stub_add(&world->registry, 1, LIFECYCLE_ACTIVE, 7, 5);
	registry_stub_add(&world->registry, 2, LIFECYCLE_ACTIVE, 8, 6);
	snprintf(body, sizeof body, "{%s}", pins);
	expect_problem(world, "PUT", "/api/v1/display/layout", body, 422, "\"/positions/2\"");
	snprintf(body, sizeof body, "{\"layout\": {%s}}", pins);
	expect_problem(
		world, "PUT", "/api/v1/display/settings", body, 422, "\"/layout/positions/2\"");
	assert_null(world->settings.waiting);
}

static void presets_are_made_shown_and_removed(void **state)
{
	static const char own[] = "/api/v1/display/presets/own";
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	api_world_send(world, &exchange, "PUT", own, "{\"topology\": \"extend\"}");
	settings_stub_finish(&world->settings);
	assert_int_equal(exchange.status, 200);
	assert_string_equal(json_string_value(at(exchange.json, "name")), "own");
	api_exchange_finish(&exchange);
	api_world_ask(world, &exchange, "DELETE", own);
	settings_stub_finish(&world->settings);
	assert_int_equal(exchange.status, 204);
	api_exchange_finish(&exchange);
	expect_problem(world, "GET", own, NULL, 404, "no preset");
	expect_problem(world, "DELETE", own, NULL, 404, "no preset");
}

static void preset_names_of_others_are_refused(void **state)
{
	expect_problem(*state, "PUT", "/api/v1/display/presets/workstation", "{}", 409, "built in");
	expect_problem(*state, "PUT", "/api/v1/display/presets/custom", "{}", 409, "built in");
	expect_problem(*state, "PUT", "/api/v1/display/presets/Upper", "{}", 422, "letters");
	expect_problem(*state, "DELETE", "/api/v1/display/presets/workstation", NULL, 409, "built");
}

static void explanation_names_the_chain(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	struct display_explanation *answer = &world->registry.explanation;
	answer->decision = (struct admission_decision){ .kind = ADMISSION_JOIN,
		.display = 1,
		.preempt = 1,
		.reason_count = 2,
		.reasons = { { 3, ADMISSION_REASON_OTHERS_LIVE, 1 },
			{ 3, ADMISSION_REASON_POLICY_JOIN, SIZE_MAX } } };
	answer->displays[0] = 4;
	answer->displays[1] = 6;
	strcpy(answer->labels[0], "mine");
	strcpy(answer->labels[1], "theirs");
	answer->slot = 6;
	api_world_send(world, &exchange, "POST", "/api/v1/display/explain",
		"{\"client\": null, \"mode\": {\"width\": 800, \"height\": 600, \"refresh_hz\": "
		"59.94}}");
	assert_int_equal(exchange.status, 200);
	assert_true(world->registry.question.anonymous);
	assert_int_equal(world->registry.question.mode.refresh_mhz, 59940);
	assert_int_equal(world->registry.question.mode.scale_percent, 100);
	assert_string_equal(json_string_value(at(exchange.json, "decision")), "join");
	assert_string_equal(json_string_value(at(exchange.json, "joins")), "theirs");
	assert_string_equal(
		json_string_value(json_array_get(at(exchange.json, "ends"), 0)), "mine");
	const json_t *reason = json_array_get(at(exchange.json, "reasons"), 0);
	assert_int_equal(json_integer_value(at(reason, "slot")), 6);
	assert_int_equal(world->worker.appended, 0); /* it changes nothing */
	api_exchange_finish(&exchange);
}

static void rejected_client_has_no_place(void **state)
{
	struct api_world *world = *state;
	struct api_exchange exchange = { 0 };
	world->registry.explanation.error = DISPLAY_ERROR_FULL;
	world->registry.explanation.decision.kind = ADMISSION_REJECT;
	api_world_send(world, &exchange, "POST", "/api/v1/display/explain",
		"{\"mode\": {\"width\": 800, \"height\": 600}, \"settings\": {\"max_displays\": "
		"1}}");
	assert_int_equal(exchange.status, 200);
	assert_true(world->registry.question_had_policy);
	assert_string_equal(json_string_value(at(exchange.json, "decision")), "reject");
	assert_string_equal(json_string_value(at(exchange.json, "rejection")), "full");
	assert_true(json_is_null(at(exchange.json, "place")));
	assert_true(json_is_null(at(exchange.json, "slot")));
	api_exchange_finish(&exchange);
}

static void faulty_questions_are_named(void **state)
{
	static const char *const explain = "/api/v1/display/explain";
	expect_problem(*state, "POST", explain, "{}", 422, "\"/mode\"");
	expect_problem(
		*state, "POST", explain, "{\"mode\": {\"width\": 800}}", 422, "\"/mode/height\"");
	expect_problem(*state, "POST", explain,
		"{\"mode\": {\"width\": 8, \"height\": 600, \"refresh_hz\": 0, \"depth\": 1}}", 422,
		"\"/mode/refresh_hz\"");
	expect_problem(*state, "POST", explain,
		"{\"client\": \"ABC\", \"mode\": {\"width\": 800, \"height\": 600}}", 422,
		"\"/client\"");
	expect_problem(*state, "POST", explain,
		"{\"mode\": {\"width\": 800, \"height\": 600}, \"settings\": {\"fault\": 1}}", 422,
		"\"/settings/fault\"");
}

static void unknown_paths_and_methods_are_told_apart(void **state)
{
	struct api_exchange exchange = { 0 };
	expect_problem(*state, "GET", "/api/v1/nothing", NULL, 404, "nothing at this path");
	expect_problem(*state, "GET", "/api/v2/summary", NULL, 404, "nothing");
	expect_problem(*state, "GET", "/api/v1", NULL, 404, "nothing");
	expect_problem(*state, "GET", "/api", NULL, 404, "nothing");
	api_world_ask(*state, &exchange, "PATCH", "/api/v1/display/settings?x=/y");
	assert_int_equal(exchange.status, 405);
	assert_non_null(strstr(exchange.fields, "Allow: GET, PUT\r\n"));
	api_exchange_finish(&exchange);
	assert_true(api_owns("/api/v1/summary"));
	assert_false(api_owns("/apis"));
	assert_false(api_owns("/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(state_shows_displays_and_outputs),
		TEST(no_next_place_when_a_newcomer_is_turned_away),
		TEST(settings_are_answered_when_they_are_on_the_disk),
		TEST(disk_that_fails_is_said),
		TEST(client_that_leaves_gets_no_answer_and_its_change_is_made),
		TEST(change_that_waits_survives_no_end_of_the_api),
		TEST(faulty_settings_are_named),
		TEST(bodies_that_are_no_json_objects_are_refused),
		TEST(release_closes_kept_displays),
		TEST(release_wants_one_of_two_words),
		TEST(layout_keeps_scales_of_known_slots),
		TEST(faulty_scales_change_nothing),
		TEST(pins_that_would_overlap_are_refused),
		TEST(presets_are_made_shown_and_removed),
		TEST(preset_names_of_others_are_refused),
		TEST(explanation_names_the_chain),
		TEST(rejected_client_has_no_place),
		TEST(faulty_questions_are_named),
		TEST(unknown_paths_and_methods_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
