/* Paired clients, pairing and sessions; the audit log of what was changed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/clients.h"
#include "support/api_world.h"

#define JSON_TYPE "Content-Type: application/json\n"

struct fixture {
	struct api_world world;
	uint8_t desk[32], laptop[32];
	char desk_path[128], laptop_path[128], desk_text[65], laptop_text[65];
};

static int start(void **state)
{
	static struct fixture fixture;
	assert_true(api_world_prepare(&fixture.world));
	assert_true(api_world_start(&fixture.world));
	assert_true(api_world_pair(&fixture.world, "laptop", fixture.laptop, fixture.laptop_text));
	assert_true(api_world_pair(&fixture.world, "desk", fixture.desk, fixture.desk_text));
	snprintf(fixture.desk_path, sizeof fixture.desk_path, "/api/v1/clients/%s",
		fixture.desk_text);
	snprintf(fixture.laptop_path, sizeof fixture.laptop_path, "/api/v1/clients/%s",
		fixture.laptop_text);
	*state = &fixture;
	return 0;
}

static int stop(void **state)
{
	api_world_stop(&((struct fixture *)*state)->world);
	return 0;
}

static const json_t *at(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);
	assert_non_null(value);
	return value;
}

static const char *text_at(const json_t *json, const char *name)
{
	return json_string_value(at(json, name));
}

static void expect(struct api_world *world, const char *method, const char *target,
	const char *body, int status, const char *part)
{
	struct api_exchange exchange = { 0 };
	api_world_send(world, &exchange, method, target, body);
	settings_stub_finish(&world->settings);
	if (exchange.status != status || (part && !strstr(exchange.text, part)))
		fail_msg("%s %s %s: %d %s", method, target, body ? body : "", exchange.status,
			exchange.text);
	api_exchange_finish(&exchange);
}

static void clients_come_by_label_with_what_is_theirs(void **state)
{
	struct fixture *fixture = *state;
	struct api_exchange exchange = { 0 };
	struct identity_map *map = &fixture->world.identities.map;
	map->count = 1;
	map->entries[0].slot = 3;
	snprintf(map->entries[0].key.text, sizeof map->entries[0].key.text, "%s#2",
		fixture->laptop_text);
	memcpy(host_stub_add(&fixture->world.sessions, 11, 1)->fingerprint, fixture->laptop, 32);
	api_world_ask(&fixture->world, &exchange, "GET", "/api/v1/clients");
	const json_t *clients = at(exchange.json, "clients");
	assert_int_equal(json_array_size(clients), 2);
	const json_t *first = json_array_get(clients, 0), *second = json_array_get(clients, 1);
	assert_string_equal(text_at(first, "label"), "desk");
	assert_int_equal(json_array_size(at(first, "sessions")), 0);
	assert_string_equal(text_at(second, "fingerprint"), fixture->laptop_text);
	assert_int_equal(json_integer_value(json_array_get(at(second, "sessions"), 0)), 11);
	assert_int_equal(json_integer_value(json_array_get(at(second, "slots"), 0)), 3);
	api_exchange_finish(&exchange);
}

static void label_changes_on_the_disk_and_in_sessions(void **state)
{
	struct fixture *fixture = *state;
	memcpy(host_stub_add(&fixture->world.sessions, 11, 1)->fingerprint, fixture->desk, 32);
	expect(&fixture->world, "PATCH", fixture->desk_path, "{\"label\": \"Büro\"}", 200,
		"\"label\":\"Büro\"");
	assert_string_equal(
		client_store_find(fixture->world.clients, fixture->desk)->label, "Büro");
	assert_string_equal(fixture->world.sessions.states[0].label, "Büro");
}

static void label_and_overrides_change_together(void **state)
{
	struct fixture *fixture = *state;
	expect(&fixture->world, "PATCH", fixture->desk_path,
		"{\"label\": \"new\", \"overrides\": {\"mode_conflict\": \"join\"}}", 200,
		"\"overrides\":{\"mode_conflict\":\"join\"}");
	assert_string_equal(client_store_find(fixture->world.clients, fixture->desk)->label, "new");
}

static void faulty_half_leaves_the_other_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	struct api_world *world = &fixture->world;
	char label[160];
	expect(world, "PATCH", fixture->desk_path,
		"{\"label\": \"new\", \"overrides\": {\"fault\": 1}}", 422, "\"/overrides/fault\"");
	assert_string_equal(client_store_find(world->clients, fixture->desk)->label, "desk");
	snprintf(label, sizeof label,
		"{\"label\": \"%065d\", \"overrides\": {\"topology\": \"extend\"}}", 0);
	expect(world, "PATCH", fixture->desk_path, label, 422, "\"/label\"");
	assert_int_equal(world->settings.revision, 1);
}

static void disk_that_refuses_overrides_keeps_the_label(void **state)
{
	struct fixture *fixture = *state;
	fixture->world.settings.error = -EIO;
	expect(&fixture->world, "PATCH", fixture->desk_path,
		"{\"label\": \"new\", \"overrides\": {\"topology\": \"extend\"}}", 500,
		"nothing has changed");
	assert_string_equal(
		client_store_find(fixture->world.clients, fixture->desk)->label, "desk");
}

/* clients.json cannot be written any more: a folder has its temporary file's name. */
static void break_client_file(struct fixture *fixture)
{
	char path[128];
	snprintf(path, sizeof path, "%s/clients.json.new", fixture->world.folder);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void disk_that_refuses_the_label_brings_the_overrides_back(void **state)
{
	struct fixture *fixture = *state;
	struct api_world *world = &fixture->world;
	expect(world, "PATCH", fixture->desk_path, "{\"overrides\": {\"topology\": \"primary\"}}",
		200, NULL);
	break_client_file(fixture);
	expect(world, "PATCH", fixture->desk_path,
		"{\"label\": \"new\", \"overrides\": {\"topology\": \"extend\"}}", 500,
		"nothing has changed");
	expect(world, "GET", "/api/v1/clients", NULL, 200, "\"label\":\"desk\"");
	expect(world, "GET", "/api/v1/clients", NULL, 200, "{\"topology\":\"primary\"}");
}

static void empty_or_unknown_patches_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct api_world *world = &fixture->world;
	expect(world, "PATCH", fixture->desk_path, "{}", 422, "\"pointer\":\"\"");
	expect(world, "PATCH", fixture->desk_path, "{\"label\": \"\"}", 422, "\"/label\"");
	expect(world, "PATCH", fixture->desk_path, "{\"label\": 1}", 422, "\"/label\"");
	expect(world, "PATCH", fixture->desk_path, "{\"label\": \"x\", \"grants\": 1}", 422,
		"\"/grants\"");
	expect(world, "PATCH", "/api/v1/clients/abc", "{\"label\": \"x\"}", 404, "paired");
	fixture->desk_path[20] ^= 1;
	expect(world, "PATCH", fixture->desk_path, "{\"label\": \"x\"}", 404, "paired");
}

static void unpaired_client_leaves_nothing_behind(void **state)
{
	struct fixture *fixture = *state;
	struct api_world *world = &fixture->world;
	struct identity_map *map = &world->identities.map;
	map->count = 1;
	map->entries[0].slot = 3;
	snprintf(map->entries[0].key.text, sizeof map->entries[0].key.text, "%s",
		fixture->desk_text);
	memcpy(host_stub_add(&world->sessions, 11, 1)->fingerprint, fixture->desk, 32);
	expect(world, "PATCH", fixture->desk_path, "{\"overrides\": {\"topology\": \"primary\"}}",
		200, NULL);
	expect(world, "DELETE", fixture->desk_path, NULL, 204, NULL);
	assert_null(client_store_find(world->clients, fixture->desk));
	assert_int_equal(world->sessions.state_count, 0);
	assert_int_equal(map->count, 0);
	assert_int_equal(json_object_size(world->settings.clients), 0);
	expect(world, "DELETE", fixture->desk_path, NULL, 404, "paired");
}

static void client_that_cannot_be_removed_stays(void **state)
{
	struct fixture *fixture = *state;
	break_client_file(fixture);
	expect(&fixture->world, "DELETE", fixture->desk_path, NULL, 500, "still paired");
	assert_non_null(client_store_find(fixture->world.clients, fixture->desk));
}

static void pin_is_armed_shown_and_voided(void **state)
{
	struct api_world *world = &((struct fixture *)*state)->world;
	struct api_exchange exchange = { 0 };
	api_world_send(world, &exchange, "POST", "/api/v1/pairing", "{\"seconds\": 60}");
	assert_int_equal(exchange.status, 200);
	assert_true(json_is_true(at(exchange.json, "armed")));
	assert_int_equal(strlen(text_at(exchange.json, "pin")), PAIRING_PIN_DIGITS);
	assert_true(json_real_value(at(exchange.json, "expires_in")) == 60.0);
	api_exchange_finish(&exchange);
	world->now_ns += 59 * WORLD_SECOND;
	expect(world, "GET", "/api/v1/pairing", NULL, 200, "\"expires_in\":1.0");
	world->now_ns += WORLD_SECOND;
	expect(world, "GET", "/api/v1/pairing", NULL, 200, "\"armed\":false,\"pin\":null");
	expect(world, "POST", "/api/v1/pairing", "{}", 200, "\"expires_in\":600.0");
	expect(world, "DELETE", "/api/v1/pairing", NULL, 204, NULL);
	expect(world, "GET", "/api/v1/pairing", NULL, 200, "\"armed\":false");
	expect(world, "POST", "/api/v1/pairing", "{\"seconds\": 29}", 422, "\"/seconds\"");
	expect(world, "POST", "/api/v1/pairing", "{\"seconds\": 60.5}", 422, "\"/seconds\"");
}

static void request_to_be_paired_is_decided(void **state)
{
	struct api_world *world = &((struct fixture *)*state)->world;
	struct session_state *asking = host_stub_add(&world->sessions, 21, 9);
	asking->waiting = true;
	asking->since_ns = world->now_ns - 2500000000;
	expect(world, "GET", "/api/v1/pairing", NULL, 200, "\"since\":2.5");
	expect(world, "GET", "/api/v1/sessions", NULL, 200, "\"sessions\":[]");
	expect(world, "POST", "/api/v1/pairing/requests/21", "{\"decision\": \"maybe\"}", 422,
		"\"/decision\"");
	expect(world, "POST", "/api/v1/pairing/requests/22", "{\"decision\": \"deny\"}", 404, NULL);
	expect(world, "POST", "/api/v1/pairing/requests/021", "{\"decision\": \"deny\"}", 404,
		NULL);
	expect(world, "POST", "/api/v1/pairing/requests/21", "{\"decision\": \"approve\"}", 200,
		"\"requests\":[]");
	assert_int_equal(world->sessions.approved, 1);
}

static void session_is_listed_and_ended(void **state)
{
	struct api_world *world = &((struct fixture *)*state)->world;
	struct session_state *session = host_stub_add(&world->sessions, 31, 9);
	session->has_display = true;
	session->display = (struct display_info){
		.slot = 2, .joined = true, .output.mode = { 1280, 720, 59940, 100 }
	};
	session->dropped = 4;
	expect(world, "GET", "/api/v1/sessions", NULL, 200, "\"slot\":2,\"joined\":true");
	expect(world, "GET", "/api/v1/sessions", NULL, 200, "\"refresh_hz\":59.94");
	expect(world, "DELETE", "/api/v1/sessions/31", NULL, 204, NULL);
	expect(world, "DELETE", "/api/v1/sessions/31", NULL, 404, NULL);
	expect(world, "DELETE", "/api/v1/sessions/99999999999", NULL, 404, NULL);
}

static void summary_counts_without_names(void **state)
{
	struct api_world *world = &((struct fixture *)*state)->world;
	struct api_exchange exchange = { .headers = "", .peer = "127.0.0.1" };
	host_stub_add(&world->sessions, 1, 5);
	host_stub_add(&world->sessions, 2, 6)->waiting = true;
	registry_stub_add(&world->registry, 1, LIFECYCLE_ACTIVE, 5, 1);
	registry_stub_add(&world->registry, 2, LIFECYCLE_LINGERING, 6, 0);
	registry_stub_add(&world->registry, 3, LIFECYCLE_PINNED, 7, 0);
	api_world_ask(world, &exchange, "GET", "/api/v1/summary");
	assert_int_equal(json_integer_value(at(exchange.json, "sessions")), 1);
	assert_int_equal(json_integer_value(at(exchange.json, "displays")), 3);
	assert_int_equal(json_integer_value(at(exchange.json, "kept")), 2);
	assert_int_equal(json_integer_value(at(exchange.json, "pairing_requests")), 1);
	assert_null(strstr(exchange.text, "client"));
	api_exchange_finish(&exchange);
}

static void metrics_escape_labels(void **state)
{
	struct api_world *world = &((struct fixture *)*state)->world;
	struct api_exchange exchange = { 0 };
	struct session_state *session = host_stub_add(&world->sessions, 1, 5);
	strcpy(session->label, "a\"b\\c\nd");
	session->dropped = 7;
	world->sessions.streaming = true;
	registry_stub_add(&world->registry, 2, LIFECYCLE_LINGERING, 6, 0);
	api_world_ask(world, &exchange, "GET", "/api/v1/metrics");
	assert_string_equal(exchange.type, "text/plain; version=0.0.4; charset=utf-8");
	assert_non_null(strstr(exchange.text, "\nlodge_sessions 1\n"));
	assert_non_null(strstr(exchange.text, "\nlodge_displays{state=\"lingering\"} 1\n"));
	assert_non_null(strstr(exchange.text, "\nlodge_displays{state=\"active\"} 0\n"));
	assert_non_null(strstr(exchange.text,
		"\nlodge_stream_bytes_total{slot=\"1\",generation=\"3\"} 5000000000\n"));
	assert_non_null(strstr(
		exchange.text, "{session=\"1\",label=\"a\\\"b\\\\c\\nd\",transport=\"web\"} 7\n"));
	api_exchange_finish(&exchange);
}

static char *read_log(const struct api_world *world, const char *name)
{
	static char text[65536];
	char path[128];
	snprintf(path, sizeof path, "%s/%s", world->folder, name);
	FILE *file = fopen(path, "r");
	const size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
	text[size] = '\0';
	if (file)
		fclose(file);
	return text;
}

static void changes_are_in_the_audit_log_without_secrets(void **state)
{
	struct fixture *fixture = *state;
	struct api_world *world = &fixture->world;
	struct api_exchange exchange = { .headers = JSON_TYPE };
	char body[256], pin[16], path[128];
	struct stat status;
	expect(world, "PATCH", fixture->desk_path, "{\"label\": \"secret name\"}", 200, NULL);
	expect(world, "DELETE", "/api/v1/sessions/5", NULL, 404, NULL);
	expect(world, "GET", "/api/v1/sessions", NULL, 200, NULL);
	snprintf(body, sizeof body, "{\"token\": \"%s\"}", world->token);
	api_world_send(world, &exchange, "POST", "/api/v1/console/login", body);
	api_exchange_finish(&exchange);
	api_world_send(world, &exchange, "POST", "/api/v1/pairing", "{}");
	snprintf(pin, sizeof pin, "%s", text_at(exchange.json, "pin"));
	api_exchange_finish(&exchange);

	char *log = read_log(world, "audit.log");
	snprintf(body, sizeof body,
		"\"auth\":\"token\",\"peer\":\"192.0.2.1\",\"operation\":\"patchClient\","
		"\"target\":\"%s\",\"outcome\":\"done\",\"status\":200}\n",
		fixture->desk_text);
	assert_non_null(strstr(log, body));
	assert_non_null(strstr(log,
		"\"operation\":\"endSession\",\"target\":\"5\",\"outcome\":\"refused\","
		"\"status\":404}\n"));
	assert_non_null(strstr(log,
		"\"lane\":\"public\",\"auth\":\"none\",\"peer\":\"192.0.2.1\","
		"\"operation\":\"login\",\"target\":\"token\""));
	assert_null(strstr(log, "listSessions"));
	assert_null(strstr(log, world->token));
	assert_null(strstr(log, pin));
	assert_null(strstr(log, "secret name"));
	for (char *line = log; *line;) {
		char *end = strchr(line, '\n');
		json_t *json = json_loadb(line, (size_t)(end - line), 0, NULL);
		assert_non_null(json);
		json_decref(json);
		line = end + 1;
	}
	snprintf(path, sizeof path, "%s/audit.log", world->folder);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void audit_log_is_bounded_with_one_older_one(void **state)
{
	struct fixture *fixture = *state;
	struct api_world *world = &fixture->world;
	char path[128], older[128];
	struct stat status;
	snprintf(path, sizeof path, "%s/audit.log", world->folder);
	snprintf(older, sizeof older, "%s/audit.log.1", world->folder);
	for (int i = 0; i < 2; i++) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(truncate(path, 1024 * 1024 - 10), 0);
		expect(world, "DELETE", "/api/v1/sessions/5", NULL, 404, NULL);
		assert_int_equal(stat(path, &status), 0);
		assert_true(status.st_size < 1024);
		assert_int_equal(stat(older, &status), 0);
		assert_int_equal(status.st_size, 1024 * 1024 - 10);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(clients_come_by_label_with_what_is_theirs),
		TEST(label_changes_on_the_disk_and_in_sessions),
		TEST(label_and_overrides_change_together),
		TEST(faulty_half_leaves_the_other_as_it_was),
		TEST(disk_that_refuses_overrides_keeps_the_label),
		TEST(disk_that_refuses_the_label_brings_the_overrides_back),
		TEST(empty_or_unknown_patches_are_refused),
		TEST(unpaired_client_leaves_nothing_behind),
		TEST(client_that_cannot_be_removed_stays),
		TEST(pin_is_armed_shown_and_voided),
		TEST(request_to_be_paired_is_decided),
		TEST(session_is_listed_and_ended),
		TEST(summary_counts_without_names),
		TEST(metrics_escape_labels),
		TEST(changes_are_in_the_audit_log_without_secrets),
		TEST(audit_log_is_bounded_with_one_older_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
