#include "api/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"
#include "api/views.h"
#include "session/clients.h"

#define US_PER_S 1000000u
#define ACCURACY_US 250000
#define BIT(topic) (1u << API_TOPIC_##topic)

static const struct {
	const char *name;
	json_t *(*view)(struct api *api, uint64_t now_ns);
	unsigned shown_in; /* topics that show something of this one, itself included */
} topics[API_TOPICS] = {
	[API_TOPIC_DISPLAYS] = { "displays", api_view_displays,
		BIT(DISPLAYS) | BIT(SESSIONS) | BIT(CLIENTS) | BIT(SETTINGS) },
	[API_TOPIC_SESSIONS] = { "sessions", api_view_sessions,
		BIT(SESSIONS) | BIT(DISPLAYS) | BIT(CLIENTS) | BIT(PAIRING) },
	[API_TOPIC_CLIENTS] = { "clients", api_view_clients,
		BIT(CLIENTS) | BIT(SESSIONS) | BIT(DISPLAYS) },
	[API_TOPIC_PAIRING] = { "pairing", api_view_pairing, BIT(PAIRING) },
	[API_TOPIC_PRESENCE] = { "presence", api_view_presence, BIT(PRESENCE) },
	[API_TOPIC_CONTROL] = { "control", api_view_control, BIT(CONTROL) },
	[API_TOPIC_APPS] = { "apps", api_view_apps, BIT(APPS) },
	[API_TOPIC_SETTINGS] = { "settings", api_view_settings,
		BIT(SETTINGS) | BIT(DISPLAYS) | BIT(CLIENTS) },
};

struct api_listener {
	struct api_call *call;
	struct api_listener *next, **previous;
	bool dead; /* too slow: api_cancel comes */
};

static void send_bytes(struct api_listener *listener, const char *bytes, size_t size)
{
	struct api_call *call = listener->call;
	if (!listener->dead)
		listener->dead = !call->responder->stream(call->data, bytes, size);
}

/* The event's text, to be freed; NULL when memory is short. */
static char *format_event(struct api *api, enum api_topic topic, uint64_t now_ns)
{
	json_t *json = topics[topic].view(api, now_ns);
	char *data = json ? json_dumps(json, API_DUMP_FLAGS) : NULL;
	char *text = NULL;
	json_decref(json);
	if (!data ||
		asprintf(&text, "event: %s\nid: %s-%llu\ndata: %s\n\n", topics[topic].name,
			api->events.boot, (unsigned long long)api->events.topics[topic].revision,
			data) < 0)
		text = NULL;
	free(data);
	return text;
}

/* True when the topic is not as it was told last; then it has a new revision. */
static bool take_change(struct api *api, enum api_topic topic)
{
	struct api_topic_state *state = &api->events.topics[topic];
	uint8_t digest[SECRET_DIGEST_SIZE];
	if (!state->dirty)
		return false;
	json_t *json = topics[topic].view(api, API_STEADY);
	char *text = json ? json_dumps(json, API_DUMP_FLAGS) : NULL;
	json_decref(json);
	if (!text)
		return false; /* still marked: the next change tries again */
	secret_digest(text, digest);
	free(text);
	state->dirty = false;
	if (secret_digest_equal(digest, state->digest))
		return false;
	memcpy(state->digest, digest, sizeof digest);
	state->revision = ++api->events.revision;
	return true;
}

static void watch_pin(struct api *api, uint64_t now_ns)
{
	uint64_t expires_ns = 0;
	const char *pin = client_store_pin(api->clients, now_ns, &expires_ns);
	const bool expires = pin && expires_ns > 0;
	if (expires)
		sd_event_source_set_time(api->events.pin_expiry, expires_ns / 1000 + 1);
	sd_event_source_set_enabled(
		api->events.pin_expiry, expires ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static void settle(struct api *api, uint64_t now_ns)
{
	for (int topic = 0; topic < API_TOPICS; topic++) {
		if (!take_change(api, topic))
			continue;
		char *text = api->events.listener_count ? format_event(api, topic, now_ns) : NULL;
		struct api_listener *one = text ? api->events.listeners : NULL;
		for (; one; one = one->next)
			send_bytes(one, text, strlen(text));
		free(text);
		if (topic == API_TOPIC_PAIRING)
			watch_pin(api, now_ns);
	}
}

static uint64_t loop_now_ns(sd_event_source *source)
{
	uint64_t now_us = 0;
	sd_event_now(sd_event_source_get_event(source), CLOCK_MONOTONIC, &now_us);
	return now_us * 1000;
}

static int on_settle(sd_event_source *source, void *data)
{
	settle(data, loop_now_ns(source));
	return 0;
}

static int on_pin_expiry(sd_event_source *source, uint64_t time_us, void *data)
{
	api_events_mark(data, API_TOPIC_PAIRING);
	return 0;
}

static void arm_heartbeat(struct api *api)
{
	sd_event_source *source = api->events.heartbeat;
	if (api->events.listener_count == 0) {
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time_relative(source, (uint64_t)API_HEARTBEAT_S * US_PER_S);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void api_events_beat(struct api *api, uint64_t now_ns)
{
	for (struct api_listener *one = api->events.listeners, *next; one; one = next) {
		next = one->next;
		if (one->call->authority == API_COOKIE &&
			!console_is_open(&api->console, one->call->console_session, now_ns))
			api_call_end_stream(one->call);
		else
			send_bytes(one, ":\n\n", 3);
	}
	arm_heartbeat(api);
}

static int on_heartbeat(sd_event_source *source, uint64_t time_us, void *data)
{
	api_events_beat(data, loop_now_ns(source));
	return 0;
}

int api_events_prepare(struct api *api)
{
	struct api_events *events = &api->events;
	char secret[SECRET_TEXT_SIZE + 1];
	if (!secret_make(secret))
		return -EIO;
	snprintf(events->boot, sizeof events->boot, "%.16s", secret);
	for (int topic = 0; topic < API_TOPICS; topic++)
		events->topics[topic].dirty = true;
	int error = sd_event_add_defer(api->event, &events->settle, on_settle, api);
	if (error >= 0)
		error = sd_event_source_set_enabled(events->settle, SD_EVENT_OFF);
	if (error >= 0)
		error = sd_event_add_time(api->event, &events->heartbeat, CLOCK_MONOTONIC,
			UINT64_MAX, ACCURACY_US, on_heartbeat, api);
	if (error >= 0)
		error = sd_event_add_time(api->event, &events->pin_expiry, CLOCK_MONOTONIC,
			UINT64_MAX, ACCURACY_US, on_pin_expiry, api);
	return error;
}

void api_events_finish(struct api *api)
{
	sd_event_source_disable_unref(api->events.settle);
	sd_event_source_disable_unref(api->events.heartbeat);
	sd_event_source_disable_unref(api->events.pin_expiry);
}

void api_events_mark(struct api *api, enum api_topic topic)
{
	for (int other = 0; other < API_TOPICS; other++) {
		if (topics[topic].shown_in & 1u << other)
			api->events.topics[other].dirty = true;
	}
	/* Without listeners it is looked at when one comes. */
	if (api->events.listener_count)
		sd_event_source_set_enabled(api->events.settle, SD_EVENT_ONESHOT);
}

void api_events_log_out(struct api *api, const uint8_t digest[SECRET_DIGEST_SIZE])
{
	for (struct api_listener *one = api->events.listeners, *next; one; one = next) {
		next = one->next;
		if (one->call->authority == API_COOKIE &&
			secret_digest_equal(one->call->console_session, digest))
			api_call_end_stream(one->call);
	}
}

void api_listener_destroy(struct api_listener *listener)
{
	if (!listener)
		return;
	struct api *api = listener->call->api;
	*listener->previous = listener->next;
	if (listener->next)
		listener->next->previous = listener->previous;
	if (--api->events.listener_count == 0)
		arm_heartbeat(api);
	free(listener);
}

static bool add_listener(struct api_call *call)
{
	struct api_events *events = &call->api->events;
	struct api_listener *listener = calloc(1, sizeof *listener);
	if (!listener)
		return false;
	listener->call = call;
	listener->next = events->listeners;
	listener->previous = &events->listeners;
	if (events->listeners)
		events->listeners->previous = &listener->next;
	events->listeners = listener;
	call->listener = listener;
	if (events->listener_count++ == 0)
		arm_heartbeat(call->api);
	return true;
}

/* The revision that the listener has seen; 0 when it comes for the first time or from another run. */
static uint64_t seen_revision(const struct api_call *call)
{
	const struct api_events *events = &call->api->events;
	const char *id = call->request->header(call->request->header_data, "Last-Event-ID");
	const size_t boot = strlen(events->boot);
	if (!id || strncmp(id, events->boot, boot) != 0 || id[boot] != '-' ||
		strspn(id + boot + 1, "0123456789") != strlen(id + boot + 1))
		return 0;
	const uint64_t revision = strtoull(id + boot + 1, NULL, 10);
	return revision <= events->revision ? revision : 0;
}

/* In the order of their revisions: whoever breaks off in between has seen all up to its last id. */
static void send_missed(struct api_call *call, uint64_t seen)
{
	struct api *api = call->api;
	for (;;) {
		int next = -1;
		for (int topic = 0; topic < API_TOPICS; topic++) {
			const uint64_t revision = api->events.topics[topic].revision;
			if (revision > seen &&
				(next < 0 || revision < api->events.topics[next].revision))
				next = topic;
		}
		if (next < 0)
			return;
		seen = api->events.topics[next].revision;
		char *text = format_event(api, next, call->now_ns);
		if (text)
			send_bytes(call->listener, text, strlen(text));
		free(text);
	}
}

void api_listen(struct api_call *call)
{
	static const char begin[] = "retry: 2000\n\n";
	struct api *api = call->api;
	if (api->events.listener_count >= API_LISTENERS_MAX) {
		api_problem_with(call, 503, "Retry-After: 10\r\n", NULL,
			"32 listeners are there, the most there may be");
		return;
	}
	settle(api, call->now_ns);
	if (!add_listener(call)) {
		api_problem_memory(call);
		return;
	}
	call->responder->begin_stream(call->data,
		&(const struct api_answer){
			.status = 200,
			.type = "text/event-stream",
			.fields = "Cache-Control: no-store\r\n",
		});
	send_bytes(call->listener, begin, sizeof begin - 1);
	send_missed(call, seen_revision(call));
	watch_pin(api, call->now_ns);
}
