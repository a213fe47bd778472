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
	host->event = sd_event_ref(params->event);
	host->shared = desktop_create(host, params->registry, false);
	host->invitations = invitations_create();
	if (!host->shared || session_host_prepare_changes(host, params->event) < 0 ||
		apps_prepare(host) < 0 || !host->invitations || !steering_prepare(host)) {
		session_host_destroy(host);
		return NULL;
	}
	host->shared->sound = params->sound;
	host->choose = params->choose;
	host->choose_data = params->choose_data;
	host->show_device = params->show_device;
	host->launch = params->launch;
	host->app_flags = params->app_flags;
	host->read_icon = params->read_icon;
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
	sd_event_source_disable_unref(host->change);
	apps_finish(host);
	while (host->desktops)
		desktop_destroy(host->desktops);
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
	steering_tell(host); /* persons have other numbers and names, or none */
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
