/* /clients, and its topic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/client_changes.h"
#include "api/grants.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"
#include "api/views.h"
#include "display/identity_store.h"
#include "session/clients.h"
#include "session/host.h"
#include "settings/settings.h"

static json_t *client_sessions(
	const struct client *client, const struct session_state *states, size_t count)
{
	json_t *sessions = json_array();
	for (size_t i = 0; i < count; i++) {
		if (!states[i].waiting && !states[i].anonymous &&
			memcmp(states[i].fingerprint, client->fingerprint,
				CLIENT_FINGERPRINT_SIZE) == 0)
			json_array_append_new(sessions, json_integer(states[i].id));
	}
	return sessions;
}

/* A client may have several: one a display, or one a mode. */
static json_t *client_slots(const struct api *api, const struct client *client)
{
	char text[API_FINGERPRINT_TEXT_SIZE + 1];
	const struct identity_map *map = identity_store_map(api->identities);
	json_t *slots = json_array();
	api_fingerprint_text(client->fingerprint, text);
	for (uint32_t i = 0; i < map->count; i++) {
		if (strncmp(map->entries[i].key.text, text, API_FINGERPRINT_TEXT_SIZE) == 0)
			json_array_append_new(slots, json_integer(map->entries[i].slot));
	}
	return slots;
}

static json_t *client_json(const struct api *api, const struct client *client,
	const struct session_state *states, size_t count)
{
	return json_pack("{s:o,s:o,s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "fingerprint",
		api_fingerprint(client->fingerprint, false), "label", api_text(client->label),
		"paired_at", (json_int_t)client->paired_at_s, "overrides",
		settings_client(api->settings, client->fingerprint), "sessions",
		client_sessions(client, states, count), "slots", client_slots(api, client), "user",
		api_text(client->user), "grants", api_grants(client->planes), "temporary_grants",
		client->until_s
			? json_pack("{s:o,s:I}", "grants", api_grants(client->temporary_planes),
				  "until", (json_int_t)client->until_s)
			: json_null());
}

static int by_label(const void *a, const void *b)
{
	const struct client *const *one = a, *const *other = b;
	const int order = strcmp((*one)->label, (*other)->label);
	return order ? order
		     : memcmp((*one)->fingerprint, (*other)->fingerprint, CLIENT_FINGERPRINT_SIZE);
}

/* To be freed; in the order to show them. */
static const struct client **sorted_clients(const struct api *api, size_t *count)
{
	for (*count = 0; client_store_at(api->clients, *count);)
		++*count;
	const struct client **sorted = calloc(*count + 1, sizeof(void *));
	if (!sorted)
		return NULL;
	for (size_t i = 0; i < *count; i++)
		sorted[i] = client_store_at(api->clients, i);
	qsort(sorted, *count, sizeof(void *), by_label);
	return sorted;
}

json_t *api_view_clients(struct api *api, uint64_t now_ns)
{
	size_t count = 0, session_count = 0;
	const struct client **sorted = sorted_clients(api, &count);
	struct session_state *states = api_sessions(api, &session_count);
	json_t *list = sorted && states ? json_array() : NULL;
	for (size_t i = 0; list && i < count; i++)
		json_array_append_new(list, client_json(api, sorted[i], states, session_count));
	free(states);
	free(sorted);
	return list ? json_pack("{s:o}", "clients", list) : NULL;
}

void api_list_clients(struct api_call *call)
{
	api_answer_json(call, api_view_clients(call->api, call->now_ns));
}

void api_answer_client(struct api_call *call, const struct client *client)
{
	size_t count = 0;
	struct session_state *states = api_sessions(call->api, &count);
	api_answer_json(call, states ? client_json(call->api, client, states, count) : NULL);
	free(states);
}
