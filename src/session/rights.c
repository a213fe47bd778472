#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "session/session.h"

/* The moment of our clock; 0: it is over. */
static uint64_t ends_ns(int64_t until_s)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (until_s <= now.tv_sec)
		return 0;
	/* Beyond a century there is no more time to count, nor room for it in GRANTS. */
	const uint64_t left_s = moment_earlier((uint64_t)(until_s - now.tv_sec), UINT32_MAX - 1);
	return moment_after(session_now_ns(), left_s * MOMENT_SECOND - (uint64_t)now.tv_nsec);
}

uint32_t rights_wire(const struct session *session)
{
	static const uint32_t bits[GRANT_PLANES] = {
		[GRANT_POINTER] = WIRE_GRANT_POINTER,
		[GRANT_KEYBOARD] = WIRE_GRANT_KEYBOARD | WIRE_GRANT_TEXT,
		[GRANT_GAMEPAD] = WIRE_GRANT_GAMEPAD,
		[GRANT_CLIPBOARD] = WIRE_GRANT_CLIPBOARD,
		[GRANT_MICROPHONE] = WIRE_GRANT_MICROPHONE,
		[GRANT_LAUNCH] = WIRE_GRANT_LAUNCH,
	};
	const uint32_t planes = grants_planes(&session->grants, session_now_ns());
	uint32_t wire = 0;
	for (unsigned plane = 0; plane < GRANT_PLANES; plane++)
		wire |= planes >> plane & 1 ? bits[plane] : 0;
	return wire;
}

static int on_term_end(sd_event_source *source, uint64_t usec, void *data);

static void arm(struct session *session)
{
	const uint64_t due_ns = grants_next_deadline_ns(&session->grants);
	session->grants_timer = sd_event_source_disable_unref(session->grants_timer);
	if (due_ns != MOMENT_NEVER)
		sd_event_add_time(session->host->event, &session->grants_timer, CLOCK_MONOTONIC,
			(due_ns + 999) / 1000, 1000, on_term_end, session);
}

static uint32_t seconds_left(const struct session *session)
{
	const uint64_t now = session_now_ns();
	if (!grants_is_temporary(&session->grants, now) || session->grants.until_ns == MOMENT_NEVER)
		return 0;
	return (uint32_t)((session->grants.until_ns - now + MOMENT_SECOND - 1) / MOMENT_SECOND);
}

/* Everybody who cares hears that the session may do other things than before. */
static void tell(struct session *session)
{
	session->refused = 0;
	arm(session);
	if (session->phase != SESSION_WELCOMED)
		return;
	session_aim(session);
	pads_settle(session);
	if (!grants_allow(&session->grants, GRANT_MICROPHONE, session_now_ns()))
		sound_silence_microphone(session);
	steering_grants_changed(session);
	if (session->host->people)
		people_update(session->host->people, session);
	session_send(session,
		&(struct wire_message){
			.type = WIRE_GRANTS,
			.grants = { rights_wire(session), seconds_left(session) },
		});
	apps_tell(session);
	session_host_note_change(session->host);
}

static int on_term_end(sd_event_source *source, uint64_t usec, void *data)
{
	struct session *session = data;
	grants_settle(&session->grants, session_now_ns());
	if (session->guest && !invitations_settle(session, &session->grants))
		session_end(session, WIRE_ENDED_RELEASED_BY_OPERATOR, "the visit is over");
	else
		tell(session);
	return 0;
}

static bool is_of(const struct session *session, const uint8_t *fingerprint)
{
	return session->phase == SESSION_WELCOMED &&
		memcmp(session->fingerprint, fingerprint, sizeof session->fingerprint) == 0;
}

/*
 * What rules this client only as long as it is here is not in the store: another session of it has it. Else a client
 * would be rid of it by a second page.
 */
static const struct grants *grants_of_sibling(const struct session *session)
{
	const uint64_t now = session_now_ns();
	for (const struct session *one = session->host->sessions; one; one = one->next) {
		const bool until_leave = one->grants.term == GRANTS_UNTIL_LEAVE &&
			grants_is_temporary(&one->grants, now);
		if (one == session || !is_of(one, session->fingerprint) || one->guest ||
			one->anonymous != session->anonymous)
			continue;
		if (one->anonymous || until_leave)
			return &one->grants;
	}
	return NULL;
}

void rights_begin(struct session *session, uint32_t planes, uint32_t temporary, int64_t until_s)
{
	const struct grants *sibling = grants_of_sibling(session);
	const uint64_t until_ns = ends_ns(until_s);
	session->grants = (struct grants){ .lasting = planes };
	if (session->guest) {
		session->grants = *invitations_grants(session);
	} else if (sibling) {
		session->grants = *sibling;
	} else if (until_ns) {
		session->grants.term = GRANTS_UNTIL;
		session->grants.temporary = temporary;
		session->grants.until_ns = until_ns;
	}
	arm(session);
}

void rights_finish(struct session *session)
{
	session->grants_timer = sd_event_source_disable_unref(session->grants_timer);
}

/* A client that keeps sending what it may not must not fill the log. */
static void log_refusal(struct session *session, enum grant_plane plane)
{
	if (session->refused >> plane & 1)
		return;
	session->refused |= 1u << plane;
	fprintf(stderr, "lodged: session %u (%s) may not use the %s: dropped\n", session->id,
		session->label, grant_plane_name(plane));
}

bool rights_allow(struct session *session, enum grant_plane plane, uint64_t at_ns)
{
	if (grants_allow(&session->grants, plane, at_ns))
		return true;
	log_refusal(session, plane);
	return false;
}

static struct grants made_of(const struct grants_wish *wish, uint32_t lasting)
{
	if (!wish->temporary)
		return (struct grants){ .lasting = wish->planes };
	return (struct grants){
		.lasting = lasting,
		.temporary = wish->planes,
		.term = wish->until_leave ? GRANTS_UNTIL_LEAVE : GRANTS_UNTIL,
		.until_ns = wish->until_s ? ends_ns(wish->until_s) : MOMENT_NEVER,
	};
}

static void change(struct session *session, const struct grants_wish *wish)
{
	if (session->guest)
		session->grants = invitations_set_grants(session, wish->planes,
			wish->temporary && wish->until_s ? ends_ns(wish->until_s) : MOMENT_NEVER);
	else
		session->grants = made_of(wish, session->grants.lasting);
	tell(session);
}

static bool is_over(const struct grants_wish *wish)
{
	const bool has_end = wish->until_s != 0 || !wish->until_leave;
	return wish->temporary && has_end && ends_ns(wish->until_s) == 0;
}

int session_host_set_grants(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const struct grants_wish *wish)
{
	const struct client *client = client_store_find(host->clients, fingerprint);
	bool here = false;
	if (wish->planes & ~GRANTS_ALL || is_over(wish))
		return -EINVAL;
	for (struct session *one = host->sessions; one; one = one->next)
		here = here || is_of(one, fingerprint);
	if (!client && !here)
		return -ENOENT;
	/* Until it leaves: that is a matter of its sessions alone, not of the file. */
	if (client && !(wish->temporary && wish->until_leave)) {
		const uint32_t lasting = wish->temporary ? client->planes : wish->planes;
		const int error = client_store_set_grants(host->clients, fingerprint, lasting,
			wish->planes, wish->temporary ? wish->until_s : 0);
		if (error < 0)
			return error;
	}
	for (struct session *one = host->sessions; one; one = one->next) {
		if (is_of(one, fingerprint))
			change(one, wish);
	}
	return 0;
}

int session_host_set_user(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *user)
{
	const int error = client_store_set_user(host->clients, fingerprint, user);
	if (error == 0 && host->people)
		people_set_user(host->people, fingerprint, user);
	if (error == 0)
		steering_tell(host);
	return error;
}
