#include "support/host_stub.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct session_state *host_stub_add(struct session_host *host, uint32_t id, uint8_t client)
{
	struct session_state *states =
		realloc(host->states, (host->state_count + 1) * sizeof *states);
	if (!states)
		abort();
	host->states = states;
	struct session_state *state = &states[host->state_count++];
	*state = (struct session_state){
		.id = id,
		.transport = "web",
		.peer = "192.0.2.7",
		.anonymous = client == 0,
	};
	snprintf(state->label, sizeof state->label, "client %u", client);
	memset(state->fingerprint, client, sizeof state->fingerprint);
	return state;
}

void host_stub_finish(struct session_host *host)
{
	free(host->states);
	host->states = NULL;
	host->state_count = 0;
}

size_t session_host_list(
	const struct session_host *host, struct session_state *states, size_t capacity)
{
	const size_t count = host->state_count < capacity ? host->state_count : capacity;
	if (count)
		memcpy(states, host->states, count * sizeof *states);
	return count;
}

static void take_out(struct session_host *host, size_t index)
{
	host->state_count--;
	memmove(&host->states[index], &host->states[index + 1],
		(host->state_count - index) * sizeof *host->states);
}

static size_t find(const struct session_host *host, uint32_t id, bool waiting)
{
	size_t i = 0;
	while (i < host->state_count &&
		(host->states[i].id != id || host->states[i].waiting != waiting))
		i++;
	return i;
}

bool session_host_end(struct session_host *host, uint32_t id, const char *text)
{
	const size_t index = find(host, id, false);
	if (index == host->state_count)
		return false;
	take_out(host, index);
	return true;
}

size_t session_host_end_client(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *text)
{
	size_t count = 0;
	for (size_t i = host->state_count; i-- > 0;) {
		if (memcmp(host->states[i].fingerprint, fingerprint, DISPLAY_IDENTITY_SIZE) != 0)
			continue;
		take_out(host, i);
		count++;
	}
	return count;
}

void session_host_relabel(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *label)
{
	for (size_t i = 0; i < host->state_count; i++) {
		struct session_state *state = &host->states[i];
		if (memcmp(state->fingerprint, fingerprint, DISPLAY_IDENTITY_SIZE) == 0)
			snprintf(state->label, sizeof state->label, "%s", label);
	}
}

int session_host_decide(struct session_host *host, uint32_t id, bool approve)
{
	const size_t index = find(host, id, true);
	if (index == host->state_count)
		return -ENOENT;
	host->approved += approve;
	take_out(host, index);
	return 0;
}

size_t session_host_streams(
	const struct session_host *host, struct stream_state *states, size_t capacity)
{
	if (!host->streaming || capacity == 0)
		return 0;
	states[0] = (struct stream_state){
		.slot = 1,
		.generation = 3,
		.subscribers = 2,
		.frames = 100,
		.keyframes = 4,
		.bytes = 5000000000,
	};
	return 1;
}

size_t session_host_people(
	const struct session_host *host, struct person_state *people, size_t capacity)
{
	if (!host->together || capacity == 0)
		return 0;
	people[0] = (struct person_state){
		.person = {
			.id = 4,
			.sessions = 1,
			.state = PRESENCE_CONTROLLING,
			.transports = 1 << PRESENCE_BROWSER,
			.name = person_name_clean("Ada", 3),
		},
		.sessions = { 7 },
		.session_count = 1,
	};
	return 1;
}

void session_host_control(const struct session_host *host, struct control_view *view)
{
	*view = (struct control_view){ 0 };
	if (!host->together)
		return;
	view->mode = CONTROL_ONE_AT_A_TIME;
	view->holder = host->holder;
	view->line_count = 1;
	view->line[0].session = 8;
	view->line[0].answer_by_ns = UINT64_MAX / 2;
}

enum control_refusal session_host_steer(
	struct session_host *host, enum control_event_type type, uint32_t session)
{
	if (!host->together)
		return CONTROL_REFUSED_MODE;
	if (type == CONTROL_GRANT && session != 8)
		return CONTROL_REFUSED_NOT_IN_LINE;
	host->holder = type == CONTROL_RELEASE ? 0 : session;
	return CONTROL_NOT_REFUSED;
}

int session_host_set_grants(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const struct grants_wish *wish)
{
	host->wish = *wish;
	return 0;
}

int session_host_set_user(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *user)
{
	snprintf(host->user, sizeof host->user, "%s", user);
	return 0;
}

const struct invitation_state *session_host_invite(
	struct session_host *host, const struct invitation *invitation, const char *label)
{
	if (host->invited) {
		errno = ENOSPC;
		return NULL;
	}
	host->invited = true;
	host->invitation = (struct invitation_state){
		.id = "00000000deadbeef",
		.pin = "12345678",
		.invitation = *invitation,
	};
	snprintf(host->invitation.label, sizeof host->invitation.label, "%s", label);
	return &host->invitation;
}

size_t session_host_invitations(
	const struct session_host *host, struct invitation_state *states, size_t capacity)
{
	if (!host->invited || capacity == 0)
		return 0;
	states[0] = host->invitation;
	memset(states[0].pin, 0, sizeof states[0].pin);
	return 1;
}

bool session_host_revoke(struct session_host *host, const char *id, bool end_guests)
{
	if (!host->invited || strcmp(id, host->invitation.id) != 0)
		return false;
	host->invited = false;
	host->guests_ended = end_guests;
	return true;
}
