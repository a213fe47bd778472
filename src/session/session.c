#include "session/session.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTACH_SECONDS 10
#define ATTACH_SECONDS_PIN 60

static int on_attach_timeout(sd_event_source *source, uint64_t usec, void *data)
{
	session_refuse(data, WIRE_REFUSED_TIMEOUT, "the client did not say who it is");
	return 0;
}

static void send_challenge(struct session *session)
{
	const struct session_host *host = session->host;
	const uint8_t flags = (uint8_t)((host->open ? WIRE_CHALLENGE_OPEN : 0) |
		(client_store_pin_armed(host->clients) ? WIRE_CHALLENGE_PIN_ARMED : 0));
	session_send(session,
		&(struct wire_message){
			.type = WIRE_CHALLENGE,
			.challenge = {
				.version = WIRE_VERSION,
				.nonce = session->nonce,
				.flags = flags,
				.name = { host->name, (uint16_t)strlen(host->name) },
			},
		});
}

static void list_add(struct session *session)
{
	struct session_host *host = session->host;
	session->next = host->sessions;
	session->previous = &host->sessions;
	if (host->sessions)
		host->sessions->previous = &session->next;
	host->sessions = session;
	host->count++;
}

static void list_remove(struct session *session)
{
	*session->previous = session->next;
	if (session->next)
		session->next->previous = session->previous;
	session->host->count--;
}

struct session *session_attach(
	struct session_host *host, const struct session_attach_params *params)
{
	if (host->count >= host->max_sessions) {
		fprintf(stderr,
			"lodged: %s turned away: %u sessions are attached, the most there may be\n",
			params->peer, host->count);
		return NULL;
	}
	struct session *session = calloc(1, sizeof *session);
	if (!session)
		return NULL;
	session->host = host;
	session->desktop = host->shared;
	session->id = ++host->last_id;
	session->seat_number = SESSION_NO_SEAT;
	session->impl = params->impl;
	session->transport = params->transport;
	snprintf(session->peer, sizeof session->peer, "%s", params->peer);
	snprintf(session->authority, sizeof session->authority, "%s", params->authority);
	const uint64_t seconds =
		client_store_pin_armed(host->clients) ? ATTACH_SECONDS_PIN : ATTACH_SECONDS;
	if (gnutls_rnd(GNUTLS_RND_NONCE, session->nonce, sizeof session->nonce) < 0 ||
		sd_event_add_time_relative(host->event, &session->attach_timer, CLOCK_MONOTONIC,
			seconds * 1000000, 0, on_attach_timeout, session) < 0) {
		free(session);
		return NULL;
	}
	session->since_ns = session_now_ns();
	list_add(session);
	send_challenge(session);
	return session;
}

void session_detach(struct session *session)
{
	if (session->phase == SESSION_WELCOMED)
		fprintf(stderr, "lodged: session %u: %s is gone\n", session->id, session->label);
	if (session->phase != SESSION_CHALLENGED)
		session_host_note_change(session->host);
	/* Still welcomed: nobody said goodbye, the connection is simply gone. */
	session->dropped = session->phase == SESSION_WELCOMED;
	session_close_display(session, false);
	rights_finish(session);
	invitations_leave(session);
	sd_event_source_disable_unref(session->attach_timer);
	list_remove(session);
	free(session);
}

void session_drained(struct session *session)
{
	fanout_drained(&session->subscriber);
}

static void decline(
	struct session *session, uint8_t display, enum display_error error, const char *text)
{
	session_send(session,
		&(struct wire_message){
			.type = WIRE_DISPLAY_DECLINED,
			.display = display,
			.declined = { .code = (uint16_t)error,
				.text = { text, (uint16_t)strlen(text) } },
		});
}

static void on_welcomed_message(struct session *session, const struct wire_message *message)
{
	switch (message->type) {
	case WIRE_OPEN_DISPLAY:
	case WIRE_OPEN_APP:
		if (message->display != 0)
			decline(session, message->display, DISPLAY_ERROR_UNKNOWN_DISPLAY,
				"this host gives a session one display, index 0");
		else
			session_open_display(session, message);
		break;
	case WIRE_SET_MODE:
		session_set_mode(session, message);
		break;
	case WIRE_CLOSE_DISPLAY:
		apps_leave(session);
		session_close_display(session, message->close_flags & WIRE_CLOSE_QUIT);
		break;
	case WIRE_REQUEST_KEYFRAME:
		fanout_request_keyframe(&session->subscriber);
		break;
	case WIRE_ACKNOWLEDGE:
		fanout_acknowledge(&session->subscriber, message->acknowledged, session_now_ns());
		break;
	case WIRE_PING:
		session_send(session,
			&(struct wire_message){ .type = WIRE_PONG,
				.pong = { message->client_time, session_now_ns() } });
		break;
	case WIRE_GET_ICON:
		apps_send_icon(session, message);
		break;
	case WIRE_CONTROL:
		steering_asked(session, message);
		break;
	case WIRE_SET_STREAM:
		fanout_limit(&session->subscriber, message->stream.max_kbps,
			message->stream.max_rate_mhz);
		break;
	case WIRE_LISTEN:
		sound_listen(session, message);
		break;
	case WIRE_MICROPHONE:
		sound_speak(session, message, session_now_ns());
		break;
	case WIRE_GAMEPAD_PLUG:
		pads_plug(session, message, session_now_ns());
		break;
	case WIRE_GAMEPAD:
		pads_move(session, message, session_now_ns());
		break;
	default:
		if (!session_input(session, message))
			session_refuse(session, WIRE_REFUSED_MALFORMED,
				"the client is attached already; AUTHENTICATE and PAIR come once");
	}
}

void session_receive(struct session *session, const uint8_t *bytes, size_t size)
{
	struct wire_message message;
	if (session->phase == SESSION_CLOSING)
		return;
	if (session->phase == SESSION_ASKING) {
		session_refuse(session, WIRE_REFUSED_MALFORMED,
			"the client must wait for the operator's answer");
		return;
	}
	const char *fault = wire_decode(bytes, size, &message);
	if (!fault && !wire_type_is_client(message.type))
		fault = "the message is one that only a host sends";
	if (fault)
		session_refuse(session, WIRE_REFUSED_MALFORMED, fault);
	else if (session->phase == SESSION_WELCOMED)
		on_welcomed_message(session, &message);
	else if (message.type == WIRE_AUTHENTICATE || message.type == WIRE_PAIR)
		session_authenticate(session, &message);
	else
		session_refuse(session, WIRE_REFUSED_MALFORMED,
			"the client must AUTHENTICATE or PAIR before anything else");
}
