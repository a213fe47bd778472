#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "session/session.h"

static int on_change(sd_event_source *source, void *data)
{
	struct session_host *host = data;
	if (host->changed)
		host->changed(host->changed_data);
	return 0;
}

int session_host_prepare_changes(struct session_host *host, sd_event *event)
{
	const int error = sd_event_add_defer(event, &host->change, on_change, host);
	return error < 0 ? error : sd_event_source_set_enabled(host->change, SD_EVENT_OFF);
}

void session_host_note_change(struct session_host *host)
{
	sd_event_source_set_enabled(host->change, SD_EVENT_ONESHOT);
}

void session_host_on_change(struct session_host *host, void (*changed)(void *data), void *data)
{
	host->changed = changed;
	host->changed_data = data;
}

static bool is_listed(const struct session *session)
{
	return session->phase == SESSION_WELCOMED || session->phase == SESSION_ASKING;
}

static void describe(const struct session *session, struct session_state *state)
{
	*state = (struct session_state){
		.id = session->id,
		.transport = session->impl->name,
		.anonymous = session->anonymous,
		.waiting = session->phase == SESSION_ASKING,
		.since_ns = session->since_ns,
		.has_display = session->granted,
		.dropped = session->subscriber.dropped,
	};
	memcpy(state->label, session->label, sizeof state->label);
	memcpy(state->peer, session->peer, sizeof state->peer);
	memcpy(state->fingerprint, session->fingerprint, sizeof state->fingerprint);
	if (session->granted)
		state->display = session->display;
	state->guest = session->guest != NULL;
	state->planes = grants_planes(&session->grants, session_now_ns());
	if (grants_is_temporary(&session->grants, session_now_ns()))
		state->planes_until_ns = session->grants.until_ns;
}

size_t session_host_list(
	const struct session_host *host, struct session_state *states, size_t capacity)
{
	/* The list has the newest first. */
	size_t count = 0, place = 0;
	for (const struct session *one = host->sessions; one; one = one->next)
		count += is_listed(one);
	place = count;
	for (const struct session *one = host->sessions; one; one = one->next) {
		if (is_listed(one) && --place < capacity)
			describe(one, &states[place]);
	}
	return count < capacity ? count : capacity;
}

static struct session *find(struct session_host *host, uint32_t id)
{
	struct session *session = host->sessions;
	while (session && session->id != id)
		session = session->next;
	return session;
}

static void send_away(struct session *session, const char *text)
{
	invitations_dismiss(session);
	session_end(session, WIRE_ENDED_RELEASED_BY_OPERATOR, text);
}

bool session_host_end(struct session_host *host, uint32_t id, const char *text)
{
	struct session *session = find(host, id);
	if (!session || session->phase != SESSION_WELCOMED)
		return false;
	send_away(session, text);
	return true;
}

static bool is_of(const struct session *session, const uint8_t *fingerprint)
{
	return is_listed(session) &&
		memcmp(session->fingerprint, fingerprint, sizeof session->fingerprint) == 0;
}

size_t session_host_end_client(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *text)
{
	size_t count = 0;
	for (struct session *session = host->sessions; session; session = session->next) {
		if (!is_of(session, fingerprint))
			continue;
		send_away(session, text);
		count++;
	}
	return count;
}

void session_host_relabel(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *label)
{
	for (struct session *session = host->sessions; session; session = session->next) {
		if (is_of(session, fingerprint))
			snprintf(session->label, sizeof session->label, "%s", label);
	}
	if (host->people)
		people_rename(host->people, fingerprint, label);
	steering_tell(host);
	session_host_note_change(host);
}

int session_host_decide(struct session_host *host, uint32_t id, bool approve)
{
	struct session *session = find(host, id);
	if (!session || session->phase != SESSION_ASKING)
		return -ENOENT;
	return session_decide(session, approve);
}

size_t session_host_streams(
	const struct session_host *host, struct stream_state *states, size_t capacity)
{
	size_t count = 0;
	for (const struct desktop *one = host->desktops; one; one = one->next)
		count += fanout_list(one->fanout, states + count, capacity - count);
	return count;
}
