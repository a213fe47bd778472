#include "support/api_world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apps/apps.h"
#include "session/clients.h"

static void apps_changed(void *data)
{
	struct api_world *world = data;
	if (world->api)
		api_changed(world->api, API_TOPIC_APPS);
}

bool api_world_prepare(struct api_world *world)
{
	*world = (struct api_world){ .now_ns = 1000 * WORLD_SECOND };
	const char *parent = getenv("TMPDIR");
	snprintf(world->folder, sizeof world->folder, "%.40s/lodge-api-XXXXXX",
		parent ? parent : "/tmp");
	if (!mkdtemp(world->folder) || sd_event_new(&world->event) < 0)
		return false;
	settings_stub_init(&world->settings, NULL);
	registry_stub_init(&world->registry);
	world->clients = client_store_open(world->folder);
	/* Not watched: to end a watch takes the kernel milliseconds, and the fuzzer makes many worlds. */
	world->apps = app_list_open(&(const struct app_list_params){
		.config_folder = world->folder,
		.worker = &world->worker,
		.changed = apps_changed,
		.changed_data = world,
	});
	return world->clients && world->apps;
}

static bool read_token(struct api_world *world)
{
	char path[96];
	snprintf(path, sizeof path, "%s/admin-token", world->folder);
	FILE *file = fopen(path, "r");
	const bool read = file && fgets(world->token, sizeof world->token, file);
	if (file)
		fclose(file);
	world->token[strcspn(world->token, "\n")] = '\0';
	return read;
}

bool api_world_start(struct api_world *world)
{
	world->api = api_create(&(const struct api_params){
		.event = world->event,
		.state_folder = world->folder,
		.name = "test host",
		.worker = &world->worker,
		.settings = &world->settings,
		.apps = world->apps,
		.registry = &world->registry,
		.identities = &world->identities,
		.sessions = &world->sessions,
		.clients = world->clients,
	});
	return world->api && read_token(world);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	return remove(path);
}

void api_world_stop(struct api_world *world)
{
	api_destroy(world->api);
	app_list_close(world->apps);
	client_store_close(world->clients);
	host_stub_finish(&world->sessions);
	settings_stub_clear(&world->settings);
	sd_event_unref(world->event);
	nftw(world->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void api_world_settle(struct api_world *world)
{
	while (sd_event_run(world->event, 0) > 0)
		;
}

bool api_world_pair(
	struct api_world *world, const char *label, uint8_t fingerprint[32], char text[65])
{
	uint8_t key[CLIENT_KEY_SIZE] = { 4 };
	snprintf((char *)key + 1, sizeof key - 1, "%s", label);
	if (client_store_add(world->clients, key, label) < 0)
		return false;
	client_fingerprint(key, fingerprint);
	for (size_t i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", fingerprint[i]);
	return true;
}

/* The question's headers, one buffer a value: two may be looked at together. */
struct headers {
	const char *lines;
	char values[8][1024];
	size_t used;
};

static const char *find_header(void *data, const char *name)
{
	struct headers *headers = data;
	const size_t size = strlen(name);
	for (const char *line = headers->lines, *next; *line; line = next) {
		const size_t length = strcspn(line, "\n");
		next = line + length + (line[length] == '\n');
		if (strncasecmp(line, name, size) != 0 || strncmp(line + size, ": ", 2) != 0)
			continue;
		char *value = headers->values[headers->used++ % 8];
		snprintf(value, sizeof headers->values[0], "%.*s", (int)(length - size - 2),
			line + size + 2);
		return value;
	}
	return strcasecmp(name, "Host") == 0 ? WORLD_HOST : NULL;
}

static void keep(struct api_exchange *exchange, const void *bytes, size_t size)
{
	char *text = realloc(exchange->text, exchange->size + size + 1);
	if (!text)
		abort();
	if (size)
		memcpy(text + exchange->size, bytes, size);
	exchange->text = text;
	exchange->size += size;
	text[exchange->size] = '\0';
}

static void keep_head(struct api_exchange *exchange, const struct api_answer *answer)
{
	exchange->answers++;
	exchange->status = answer->status;
	snprintf(exchange->type, sizeof exchange->type, "%s", answer->type ? answer->type : "");
	snprintf(exchange->fields, sizeof exchange->fields, "%s", answer->fields);
	keep(exchange, answer->body, answer->body_size);
}

static void on_answer(void *data, const struct api_answer *answer)
{
	struct api_exchange *exchange = data;
	exchange->call = NULL;
	keep_head(exchange, answer);
	if (strstr(exchange->type, "json"))
		exchange->json =
			json_loadb(exchange->text, exchange->size, JSON_REJECT_DUPLICATES, NULL);
}

static void on_begin_stream(void *data, const struct api_answer *head)
{
	struct api_exchange *exchange = data;
	exchange->streams = true;
	keep_head(exchange, head);
}

static bool on_stream(void *data, const void *bytes, size_t size)
{
	struct api_exchange *exchange = data;
	if (!exchange->slow)
		keep(exchange, bytes, size);
	return !exchange->slow;
}

static void on_end_stream(void *data)
{
	struct api_exchange *exchange = data;
	exchange->call = NULL;
	exchange->ended = true;
}

void api_world_ask(struct api_world *world, struct api_exchange *exchange, const char *method,
	const char *target)
{
	static const struct api_responder responder = {
		.answer = on_answer,
		.begin_stream = on_begin_stream,
		.stream = on_stream,
		.end_stream = on_end_stream,
	};
	char admin[256];
	snprintf(admin, sizeof admin, "Authorization: Bearer %s\nContent-Type: application/json\n",
		world->token);
	struct headers headers = { .lines = exchange->headers ? exchange->headers : admin };
	const char *body = exchange->body;
	exchange->call = api_handle(world->api,
		&(const struct api_request){
			.method = method,
			.target = target,
			.peer = exchange->peer ? exchange->peer : "192.0.2.1",
			.header = find_header,
			.header_data = &headers,
			.body = body,
			.body_size =
				body && !exchange->body_size ? strlen(body) : exchange->body_size,
			.now_ns = world->now_ns,
		},
		&responder, exchange);
}

void api_world_send(struct api_world *world, struct api_exchange *exchange, const char *method,
	const char *target, const char *body)
{
	exchange->body = body;
	api_world_ask(world, exchange, method, target);
}

void api_exchange_finish(struct api_exchange *exchange)
{
	if (exchange->call)
		api_cancel(exchange->call);
	json_decref(exchange->json);
	free(exchange->text);
	*exchange = (struct api_exchange){ 0 };
}
