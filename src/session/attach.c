#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/person_name.h"
#include "session/session.h"

/* Clients that ask to be paired without a PIN. */
#define ASKING_SECONDS 120
#define ASKING_MAX 16
#define ASKING_PER_PEER_MAX 4

void session_send(struct session *session, const struct wire_message *message)
{
	uint8_t bytes[1024];
	const size_t size = wire_encode(message, bytes, sizeof bytes);
	if (size == 0) {
		fprintf(stderr, "lodged: session %u: %s does not fit its limits, not sent\n",
			session->id, wire_type_name(message->type));
		return;
	}
	session->impl->send(session->transport, bytes, size);
}

static struct wire_string text_of(const char *text)
{
	const size_t size = strlen(text);
	return (struct wire_string){ text, (uint16_t)(size > 512 ? 512 : size) };
}

static void say_last(struct session *session, enum wire_type type, uint16_t code, const char *text)
{
	if (session->phase == SESSION_CLOSING)
		return;
	session->attach_timer = sd_event_source_disable_unref(session->attach_timer);
	session_close_display(session, false);
	session_host_note_change(session->host);
	session_send(
		session, &(struct wire_message){ .type = type, .notice = { code, text_of(text) } });
	session->phase = SESSION_CLOSING;
	session->impl->close(session->transport);
}

void session_refuse(struct session *session, enum wire_refusal code, const char *text)
{
	fprintf(stderr, "lodged: session %u from %s refused: %s\n", session->id, session->peer,
		text);
	say_last(session, WIRE_REFUSED, (uint16_t)code, text);
}

void session_end(struct session *session, enum wire_end code, const char *text)
{
	fprintf(stderr, "lodged: session %u (%s) ended: %s\n", session->id, session->label, text);
	say_last(session, WIRE_ENDED, (uint16_t)code, text);
}

static void begin_rights(struct session *session)
{
	const struct client *client = session->anonymous
		? NULL
		: client_store_find(session->host->clients, session->fingerprint);
	if (client)
		rights_begin(session, client->planes, client->temporary_planes, client->until_s);
	else
		rights_begin(session, GRANTS_ALL, 0, 0);
}

static void welcome(struct session *session, const char *label, bool anonymous)
{
	session->phase = SESSION_WELCOMED;
	session->anonymous = anonymous;
	session->attach_timer = sd_event_source_disable_unref(session->attach_timer);
	snprintf(session->label, sizeof session->label, "%s", label);
	begin_rights(session);
	fprintf(stderr, "lodged: session %u: %s%s is here from %s over %s\n", session->id,
		session->label,
		session->guest      ? " (guest)"
			: anonymous ? " (not paired)"
				    : "",
		session->peer, session->impl->name);
	session_host_note_change(session->host);
	session_send(session,
		&(struct wire_message){
			.type = WIRE_WELCOME,
			.welcome = {
				.session = session->id,
				.fingerprint = session->fingerprint,
				.label = text_of(session->label),
				.grants = rights_wire(session),
			},
		});
	apps_tell(session);
}

static int store_and_welcome(struct session *session, const uint8_t *key, const char *label)
{
	const int error = client_store_add(session->host->clients, key, label);
	if (error < 0) {
		fprintf(stderr, "lodged: clients.json: %s; %s is not paired\n", strerror(-error),
			label);
		session_end(session, WIRE_ENDED_INTERNAL, "the host could not store the pairing");
		return error;
	}
	welcome(session, label, false);
	return 0;
}

/* An eight-digit PIN is one of an invitation. False: it is none of any. */
static bool enter_as_guest(
	struct session *session, const struct wire_message *message, const char *label)
{
	const struct wire_string pin = message->attach.pin;
	switch (invitations_redeem(session, pin.bytes, pin.size, &label)) {
	case INVITATION_GOOD:
		/* A guest has no display of its own to come back to beyond its visit, but one seat at it. */
		welcome(session, label, false);
		return true;
	case INVITATION_EXPIRED:
		session_refuse(session, WIRE_REFUSED_NO_PIN, "the invitation holds no longer");
		return true;
	case INVITATION_USED_UP:
		session_refuse(session, WIRE_REFUSED_NO_PIN, "the invitation is used up");
		return true;
	case INVITATION_REVOKED:
		break;
	}
	return false;
}

static void pair(struct session *session, const struct wire_message *message, const char *label)
{
	if (message->attach.pin.size == INVITATION_PIN_DIGITS) {
		if (!client_store_count_try(session->host->clients, session_now_ns())) {
			session_refuse(session, WIRE_REFUSED_RATE_LIMITED,
				"too many PINs were tried; wait a minute");
			return;
		}
		if (!enter_as_guest(session, message, label))
			session_refuse(session, WIRE_REFUSED_WRONG_PIN, "the PIN is wrong");
		return;
	}
	switch (client_store_try_pin(session->host->clients, message->attach.pin.bytes,
		message->attach.pin.size, session_now_ns())) {
	case PAIRING_OK:
		break;
	case PAIRING_WRONG_PIN:
		session_refuse(session, WIRE_REFUSED_WRONG_PIN, "the PIN is wrong");
		return;
	case PAIRING_EXHAUSTED:
		session_refuse(
			session, WIRE_REFUSED_NO_PIN, "the PIN was wrong three times and is void");
		return;
	case PAIRING_NOT_ARMED:
		session_refuse(session, WIRE_REFUSED_NO_PIN, "the host does not offer pairing now");
		return;
	case PAIRING_RATE_LIMITED:
		session_refuse(session, WIRE_REFUSED_RATE_LIMITED,
			"too many PINs were tried; wait a minute");
		return;
	}
	store_and_welcome(session, message->attach.key, label);
}

static size_t count_asking(const struct session_host *host, const char *peer)
{
	size_t count = 0;
	for (const struct session *one = host->sessions; one; one = one->next)
		count += one->phase == SESSION_ASKING && (!peer || strcmp(one->peer, peer) == 0);
	return count;
}

static int on_no_decision(sd_event_source *source, uint64_t usec, void *data)
{
	session_refuse(data, WIRE_REFUSED_TIMEOUT, "nobody at the host has answered");
	return 0;
}

/* PAIR without a PIN: the operator is asked. The label is shown there, so the line is short. */
static void ask_operator(
	struct session *session, const struct wire_message *message, const char *label)
{
	static const char words[] = "the operator of the host was asked to pair this client";
	struct session_host *host = session->host;
	if (count_asking(host, NULL) >= ASKING_MAX ||
		count_asking(host, session->peer) >= ASKING_PER_PEER_MAX) {
		session_refuse(session, WIRE_REFUSED_RATE_LIMITED,
			"too many clients ask to be paired; wait a little");
		return;
	}
	session->attach_timer = sd_event_source_disable_unref(session->attach_timer);
	if (sd_event_add_time_relative(host->event, &session->attach_timer, CLOCK_MONOTONIC,
		    ASKING_SECONDS * 1000000ull, 0, on_no_decision, session) < 0) {
		session_end(session, WIRE_ENDED_INTERNAL, "the host is out of memory");
		return;
	}
	session->phase = SESSION_ASKING;
	memcpy(session->key, message->attach.key, sizeof session->key);
	snprintf(session->label, sizeof session->label, "%s", label);
	fprintf(stderr, "lodged: session %u: %s asks from %s to be paired\n", session->id, label,
		session->peer);
	session_send(session,
		&(struct wire_message){
			.type = WIRE_NOTICE,
			.notice = { WIRE_NOTICE_WAITING_FOR_APPROVAL, { words, sizeof words - 1 } },
		});
	session_host_note_change(host);
}

int session_decide(struct session *session, bool approve)
{
	char label[sizeof session->label];
	if (!approve) {
		session_refuse(session, WIRE_REFUSED_DENIED, "the operator did not approve");
		return 0;
	}
	memcpy(label, session->label, sizeof label);
	return store_and_welcome(session, session->key, label);
}

/* Labels are text for people and logs: what steers a terminal, or the direction of writing, is no part of one. */
static struct person_name label_of(struct wire_string text)
{
	static const struct person_name unnamed = { "?" };
	const struct person_name label = person_name_clean(text.bytes, text.size);
	return label.text[0] ? label : unnamed;
}

void session_authenticate(struct session *session, const struct wire_message *message)
{
	if (message->attach.version != WIRE_VERSION) {
		session_refuse(session, WIRE_REFUSED_UNSUPPORTED_VERSION,
			"the host speaks version 1 of the protocol");
		return;
	}
	if (!client_verify(message->attach.key, message->attach.signature, session->nonce,
		    session->authority)) {
		session_refuse(session, WIRE_REFUSED_BAD_SIGNATURE,
			"the signature is not one of this key over this connection's nonce");
		return;
	}
	const struct person_name label = label_of(message->attach.label);
	client_fingerprint(message->attach.key, session->fingerprint);

	if (message->type == WIRE_PAIR) {
		if (message->attach.pin.size == 0)
			ask_operator(session, message, label.text);
		else
			pair(session, message, label.text);
		return;
	}
	const struct client *client =
		client_store_find(session->host->clients, session->fingerprint);
	const char *guest_label;
	if (client)
		welcome(session, client->label, false);
	else if (invitations_recognise(session, &guest_label))
		welcome(session, guest_label, false);
	else if (session->host->open)
		welcome(session, label.text, true);
	else
		session_refuse(session, WIRE_REFUSED_UNKNOWN_CLIENT,
			"this client is not paired with this host");
}
