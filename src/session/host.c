#include "session/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

#define SESSIONS_DEFAULT 64

struct session_host *session_host_create(const struct session_host_params *params)
{
	struct session_host *host = calloc(1, sizeof *host);
	if (!host)
		return NULL;
	host->fanout = fanout_create(params->event);
	if (!host->fanout) {
		free(host);
		return NULL;
	}
	host->event = sd_event_ref(params->event);
	host->invitations = invitations_create();
	if (session_host_prepare_changes(host, params->event) < 0 || !host->invitations ||
		!steering_prepare(host)) {
		session_host_destroy(host);
		return NULL;
	}
	host->registry = params->registry;
	host->clients = params->clients;
	host->open = params->open;
	host->max_sessions = params->max_sessions ? params->max_sessions : SESSIONS_DEFAULT;
	snprintf(host->name, sizeof host->name, "%s", params->name);
	return host;
}

void session_host_shutdown(struct session_host *host)
{
	for (struct session *session = host->sessions; session; session = session->next)
		session_end(session, WIRE_ENDED_SHUTDOWN, "the host is shutting down");
}

void session_host_destroy(struct session_host *host)
{
	if (!host)
		return;
	while (host->sessions)
		session_detach(host->sessions);
	people_destroy(host->people);
	steering_finish(host);
	invitations_destroy(host->invitations);
	sd_event_source_disable_unref(host->input_failed);
	sd_event_source_disable_unref(host->change);
	input_desktop_destroy(host->input);
	fanout_destroy(host->fanout);
	sd_event_unref(host->event);
	free(host);
}

static void set_presence(struct session_host *host, const struct session_rules *rules)
{
	if (rules->presence == (host->people != NULL) &&
		memcmp(&rules->presence_params, &host->rules.presence_params,
			sizeof rules->presence_params) == 0)
		return;
	people_destroy(host->people);
	host->people = rules->presence ? people_create(host, &rules->presence_params) : NULL;
	if (rules->presence && !host->people)
		fprintf(stderr, "lodged: presence stays off: %s\n", strerror(errno));
	session_host_note_change(host);
}

void session_host_set_rules(struct session_host *host, const struct session_rules *rules)
{
	set_presence(host, rules);
	steering_set_mode(host, rules->control);
	const bool other_seats = rules->seat_per_client != host->rules.seat_per_client;
	host->rules = *rules;
	if (other_seats)
		session_host_prepare_seats(host);
	for (struct session *one = host->sessions; one && other_seats; one = one->next)
		session_aim(one);
}

size_t session_host_people(
	const struct session_host *host, struct person_state *states, size_t capacity)
{
	return host->people ? people_list(host->people, states, capacity) : 0;
}

static void close_input(struct session_host *host)
{
	for (struct session *session = host->sessions; session; session = session->next)
		session_let_go(session);
	input_desktop_destroy(host->input);
	host->input = NULL;
}

void session_host_desktop_changed(struct session_host *host, bool ready, const char *text)
{
	if (!ready) {
		close_input(host);
	}
	if (ready)
		session_host_prepare_seats(host);
	const struct wire_message notice = {
		.type = WIRE_NOTICE,
		.notice = {
			.code = ready ? WIRE_NOTICE_DESKTOP_BACK : WIRE_NOTICE_DESKTOP_RESTARTING,
			.text = { text, (uint16_t)strlen(text) },
		},
	};
	for (struct session *session = host->sessions; session; session = session->next) {
		if (session->phase == SESSION_WELCOMED)
			session_send(session, &notice);
	}
}

/* The connection is taken down outside of its own callback. */
static int drop_input(sd_event_source *source, void *data)
{
	struct session_host *host = data;
	host->input_failed = sd_event_source_disable_unref(host->input_failed);
	close_input(host);
	return 0;
}

static void input_failed(void *data, const char *text)
{
	struct session_host *host = data;
	fprintf(stderr, "lodged: input: %s; it is opened again with the next event\n", text);
	if (!host->input_failed)
		sd_event_add_defer(host->event, &host->input_failed, drop_input, host);
}

struct input_desktop *session_host_input(struct session_host *host)
{
	static const struct input_desktop_events events = { .failed = input_failed };
	const char *socket = display_registry_wayland_socket(host->registry);
	if (!host->input && socket)
		host->input = input_desktop_create(host->event, socket, &events, host);
	return host->input;
}
