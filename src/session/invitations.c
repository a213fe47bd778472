#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

#define INVITATIONS_MAX 64
#define GUESTS_MAX 256
#define RETURN_NS (60 * MOMENT_SECOND) /* a page loaded anew, a phone that changes its network */

/* Somebody who came by an invitation. Its place is its own until its last session is gone (they point at it), and for
 * RETURN_NS beyond where the connection was simply lost. */
struct guest {
	bool used;
	bool dismissed; /* the operator sent it away */
	uint64_t away_until_ns; /* with no session: may come back before */
	uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE];
	char label[CLIENT_LABEL_MAX + 1];
	char invitation[17];
	struct grants
		visit; /* what it came with, or the operator said since; its end ends the visit */
	struct grants grants; /* now: those, or others for a time */
	uint32_t sessions;
};

struct invitations {
	size_t count;
	struct invitation_state list[INVITATIONS_MAX];
	struct guest guests[GUESTS_MAX];
};

struct invitations *invitations_create(void)
{
	return calloc(1, sizeof(struct invitations));
}

void invitations_destroy(struct invitations *invitations)
{
	if (!invitations)
		return;
	gnutls_memset(invitations, 0, sizeof *invitations);
	free(invitations);
}

static bool make_secrets(struct invitation_state *state)
{
	uint64_t id;
	uint32_t number;
	const uint32_t pins = 100000000, usable = UINT32_MAX / pins * pins;
	if (gnutls_rnd(GNUTLS_RND_NONCE, &id, sizeof id) < 0)
		return false;
	do {
		if (gnutls_rnd(GNUTLS_RND_KEY, &number, sizeof number) < 0)
			return false;
	} while (number >= usable);
	snprintf(state->id, sizeof state->id, "%016llx", (unsigned long long)id);
	snprintf(state->pin, sizeof state->pin, "%08u", number % pins);
	return true;
}

static void take_out(struct invitations *invitations, size_t index)
{
	memmove(&invitations->list[index], &invitations->list[index + 1],
		(invitations->count - index - 1) * sizeof *invitations->list);
	invitations->count--;
}

/* Its place is free: nobody is in, or on the way back. */
static bool is_free(const struct guest *guest, uint64_t now)
{
	return !guest->used || (guest->sessions == 0 && now >= guest->away_until_ns);
}

static bool has_guests(const struct invitations *invitations, const char *id, uint64_t now)
{
	for (size_t i = 0; i < GUESTS_MAX; i++) {
		const struct guest *guest = &invitations->guests[i];
		if (!is_free(guest, now) && strcmp(guest->invitation, id) == 0)
			return true;
	}
	return false;
}

/* What is over and has nobody in, or on the way back, is forgotten. */
static void sweep(struct invitations *invitations, uint64_t now)
{
	for (size_t i = invitations->count; i-- > 0;) {
		const struct invitation_state *one = &invitations->list[i];
		if (invitation_check(&one->invitation, now) != INVITATION_GOOD &&
			!has_guests(invitations, one->id, now))
			take_out(invitations, i);
	}
}

const struct invitation_state *session_host_invite(
	struct session_host *host, const struct invitation *invitation, const char *label)
{
	struct invitations *invitations = host->invitations;
	const uint64_t now = session_now_ns();
	const int error = invitation_check_new(invitation, GRANTS_ALL, now);
	if (error < 0) {
		errno = -error;
		return NULL;
	}
	sweep(invitations, now);
	if (invitations->count == INVITATIONS_MAX) {
		errno = ENOSPC;
		return NULL;
	}
	struct invitation_state *state = &invitations->list[invitations->count];
	*state = (struct invitation_state){ .invitation = *invitation };
	snprintf(state->label, sizeof state->label, "%s", label);
	if (!make_secrets(state)) {
		errno = EAGAIN;
		return NULL;
	}
	invitations->count++;
	session_host_note_change(host);
	return state;
}

size_t session_host_invitations(
	const struct session_host *host, struct invitation_state *states, size_t capacity)
{
	size_t count = 0;
	for (size_t i = 0; i < host->invitations->count && count < capacity; i++) {
		states[count] = host->invitations->list[i];
		gnutls_memset(states[count].pin, 0, sizeof states[count].pin);
		count++;
	}
	return count;
}

static struct invitation_state *find(struct invitations *invitations, const char *id)
{
	for (size_t i = 0; i < invitations->count; i++) {
		if (strcmp(invitations->list[i].id, id) == 0)
			return &invitations->list[i];
	}
	return NULL;
}

bool session_host_revoke(struct session_host *host, const char *id, bool end_guests)
{
	struct invitation_state *state = find(host->invitations, id);
	if (!state)
		return false;
	state->invitation.revoked = true;
	for (size_t i = 0; i < GUESTS_MAX; i++) {
		struct guest *guest = &host->invitations->guests[i];
		if (!guest->used || strcmp(guest->invitation, id) != 0)
			continue;
		if (guest->sessions == 0)
			guest->used = false; /* coming back is coming in */
		else if (end_guests)
			session_host_end_client(
				host, guest->fingerprint, "the invitation was withdrawn");
	}
	sweep(host->invitations, session_now_ns());
	session_host_note_change(host);
	return true;
}

static struct guest *free_place(struct invitations *invitations, uint64_t now)
{
	for (size_t i = 0; i < GUESTS_MAX; i++) {
		if (is_free(&invitations->guests[i], now))
			return &invitations->guests[i];
	}
	return NULL;
}

static bool is_guest(const struct guest *guest, const struct session *session)
{
	return guest->used &&
		memcmp(guest->fingerprint, session->fingerprint, sizeof guest->fingerprint) == 0;
}

/* Who comes by an invitation once more has what that one says. */
static void forget_away(struct invitations *invitations, const struct session *session)
{
	for (size_t i = 0; i < GUESTS_MAX; i++) {
		struct guest *guest = &invitations->guests[i];
		if (is_guest(guest, session) && guest->sessions == 0)
			guest->used = false;
	}
}

static void attach(struct session *session, struct guest *guest)
{
	struct invitation_state *state = find(session->host->invitations, guest->invitation);
	session->guest = guest;
	guest->sessions++;
	if (state)
		state->guests++;
}

enum invitation_verdict invitations_redeem(
	struct session *session, const char *pin, size_t size, const char **label)
{
	struct invitations *invitations = session->host->invitations;
	struct invitation_state *found = NULL;
	/* Every one is compared, whichever fits. */
	for (size_t i = 0; i < invitations->count; i++) {
		struct invitation_state *one = &invitations->list[i];
		if (size == sizeof one->pin - 1 && gnutls_memcmp(pin, one->pin, size) == 0)
			found = one;
	}
	if (!found)
		return INVITATION_REVOKED;
	const uint64_t now = session_now_ns();
	struct guest *guest = free_place(invitations, now);
	struct grants grants;
	if (!guest)
		return INVITATION_USED_UP;
	const enum invitation_verdict verdict = invitation_redeem(&found->invitation, now, &grants);
	if (verdict != INVITATION_GOOD)
		return verdict;
	forget_away(invitations, session);
	*guest = (struct guest){ .used = true, .visit = grants, .grants = grants };
	memcpy(guest->fingerprint, session->fingerprint, sizeof guest->fingerprint);
	memcpy(guest->invitation, found->id, sizeof guest->invitation);
	snprintf(guest->label, sizeof guest->label, "%s", found->label[0] ? found->label : *label);
	attach(session, guest);
	*label = guest->label;
	return INVITATION_GOOD;
}

bool invitations_recognise(struct session *session, const char **label)
{
	struct invitations *invitations = session->host->invitations;
	const uint64_t now = session_now_ns();
	for (size_t i = 0; i < GUESTS_MAX; i++) {
		struct guest *guest = &invitations->guests[i];
		if (!is_guest(guest, session) || guest->dismissed || is_free(guest, now) ||
			!grants_is_temporary(&guest->visit, now))
			continue;
		attach(session, guest);
		*label = guest->label;
		return true;
	}
	return false;
}

const struct grants *invitations_grants(const struct session *session)
{
	return &session->guest->grants;
}

void invitations_dismiss(struct session *session)
{
	if (session->guest)
		session->guest->dismissed = true;
}

void invitations_leave(struct session *session)
{
	struct guest *guest = session->guest;
	if (!guest)
		return;
	session->guest = NULL;
	struct invitations *invitations = session->host->invitations;
	struct invitation_state *state = find(invitations, guest->invitation);
	if (state && state->guests > 0)
		state->guests--;
	if (--guest->sessions == 0) {
		guest->used = state && !state->invitation.revoked && !guest->dismissed;
		guest->away_until_ns = session_now_ns() + RETURN_NS;
	}
	/* One that was revoked stayed for its guests alone. */
	if (state && state->invitation.revoked && state->guests == 0)
		take_out(invitations, (size_t)(state - invitations->list));
}

struct grants invitations_set_grants(struct session *session, uint32_t planes, uint64_t until_ns)
{
	struct guest *guest = session->guest;
	if (until_ns == MOMENT_NEVER)
		guest->visit.temporary = planes;
	guest->grants = guest->visit;
	guest->grants.temporary = planes;
	guest->grants.until_ns = moment_earlier(guest->visit.until_ns, until_ns);
	return guest->grants;
}

bool invitations_settle(struct session *session, struct grants *grants)
{
	struct guest *guest = session->guest;
	const uint64_t now = session_now_ns();
	if (!grants_is_temporary(&guest->visit, now))
		return false;
	if (!grants_is_temporary(&guest->grants, now))
		guest->grants = guest->visit;
	*grants = guest->grants;
	return true;
}
