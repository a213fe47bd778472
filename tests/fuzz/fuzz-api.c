/*
 * Whole requests to the API, from an admin, from a browser with a cookie and from nobody; the rooms behind it are stubs.
 *   a line of its own: method and target; then header lines; an empty line; then the body. Several requests are
 *   separated by a line with "---". A request without an Authorization line is the admin's; "%T" stands for the token.
 */
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "session/clients.h"
#include "support/api_world.h"

#define REQUESTS_MAX 16
#define SEPARATOR "\n---\n"

struct text {
	const char *bytes;
	size_t size;
};

/* What is in front of the mark; `rest` becomes what is behind it. */
static struct text cut(struct text *rest, const char *mark)
{
	const size_t size = strlen(mark);
	const char *found = rest->size >= size ? memmem(rest->bytes, rest->size, mark, size) : NULL;
	struct text front = { rest->bytes, found ? (size_t)(found - rest->bytes) : rest->size };
	const size_t used = found ? front.size + size : front.size;
	rest->bytes += used;
	rest->size -= used;
	return front;
}

/* No NUL comes through the parser of requests. */
static char *copy(struct text text)
{
	char *whole = malloc(text.size + 1);
	FUZZ_ASSERT(whole);
	for (size_t i = 0; i < text.size; i++)
		whole[i] = text.bytes[i] ? text.bytes[i] : ' ';
	whole[text.size] = '\0';
	return whole;
}

static char *with_token(const struct api_world *world, char *headers)
{
	char *mark = strstr(headers, "%T"), *whole;
	if (!mark)
		return headers;
	FUZZ_ASSERT(asprintf(&whole, "%.*s%s%s", (int)(mark - headers), headers, world->token,
			    mark + 2) >= 0);
	free(headers);
	return whole;
}

/* Every answer is one: a status, and a body that is JSON when it says so. */
static void check_exchange(const struct api_exchange *exchange)
{
	FUZZ_ASSERT(exchange->answers == 1);
	FUZZ_ASSERT(exchange->status >= 200 && exchange->status < 600);
	FUZZ_ASSERT(strstr(exchange->fields, "Cache-Control: no-store\r\n"));
	if (strstr(exchange->type, "json"))
		FUZZ_ASSERT(json_is_object(exchange->json));
	if (exchange->status >= 400) {
		FUZZ_ASSERT(strcmp(exchange->type, "application/problem+json") == 0);
		FUZZ_ASSERT(json_integer_value(json_object_get(exchange->json, "status")) ==
			exchange->status);
	}
	if (exchange->status == 422)
		FUZZ_ASSERT(json_array_size(json_object_get(exchange->json, "errors")) > 0);
	for (const char *line = exchange->fields; *line; line = strstr(line, "\r\n") + 2)
		FUZZ_ASSERT(strcspn(line, "\r\n") > 3 && strstr(line, "\r\n"));
}

static void ask(struct api_world *world, struct text request, struct api_exchange *exchange)
{
	struct text line = cut(&request, "\n"), headers = { request.bytes, 0 };
	const struct text method = cut(&line, " ");
	if (request.size && request.bytes[0] != '\n')
		headers = cut(&request, "\n\n");
	else
		cut(&request, "\n");
	char *method_text = copy(method), *target = copy(line);
	char *header_text = headers.size ? with_token(world, copy(headers)) : NULL;
	/* The web room hands on what the API owns, with a target that begins so. */
	if (target[0] == '/' && api_owns(target)) {
		exchange->headers = header_text;
		exchange->body = request.size ? request.bytes : NULL;
		exchange->body_size = request.size;
		api_world_ask(world, exchange, method_text, target);
		exchange->headers = NULL;
	}
	free(header_text);
	free(target);
	free(method_text);
}

static void furnish(struct api_world *world)
{
	uint8_t fingerprint[32];
	char text[65];
	FUZZ_ASSERT(api_world_pair(world, "desk", fingerprint, text));
	struct display_state *display =
		registry_stub_add(&world->registry, 1, LIFECYCLE_ACTIVE, 7, 5);
	memcpy(display->identity, fingerprint, sizeof fingerprint);
	registry_stub_add(&world->registry, 2, LIFECYCLE_LINGERING, 8, 0);
	host_stub_add(&world->sessions, 5, 7);
	host_stub_add(&world->sessions, 6, 9)->waiting = true;
	const struct identity_key key = identity_key_make(
		POLICY_IDENTITY_PER_CLIENT, fingerprint, 1, &display->output.mode);
	identity_store_assign(&world->identities, &key, 15, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct api_world world;
	struct api_exchange exchanges[REQUESTS_MAX] = { 0 };
	struct text rest = { (const char *)bytes, size };
	size_t count = 0;
	/* In memory: every run makes its files, and waits for them. */
	setenv("TMPDIR", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", true);
	FUZZ_ASSERT(api_world_prepare(&world));
	furnish(&world);
	FUZZ_ASSERT(api_world_start(&world));
	while (rest.size && count < REQUESTS_MAX) {
		ask(&world, cut(&rest, SEPARATOR), &exchanges[count++]);
		/* Some answers come late, some clients leave before. */
		if (count % 3 == 0)
			settings_stub_finish(&world.settings);
		api_changed(world.api, (enum api_topic)(count % API_TOPICS));
		api_world_settle(&world);
		world.now_ns += WORLD_SECOND;
	}
	for (size_t i = 0; i < count; i += 2) {
		if (exchanges[i].call)
			api_cancel(exchanges[i].call);
		exchanges[i].call = NULL;
	}
	settings_stub_finish(&world.settings);
	for (size_t i = 0; i < count; i++) {
		if (exchanges[i].answers)
			check_exchange(&exchanges[i]);
		api_exchange_finish(&exchanges[i]);
	}
	api_world_stop(&world);
	return 0;
}
