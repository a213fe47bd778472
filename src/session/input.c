#include <stdio.h>
#include <time.h>

#include "session/session.h"

/* GRANT_PLANES: the message is no input that needs a grant. */
static enum grant_plane plane_of(enum wire_type type)
{
	switch (type) {
	case WIRE_KEY:
	case WIRE_TEXT:
		return GRANT_KEYBOARD;
	case WIRE_POINTER_ABSOLUTE:
	case WIRE_POINTER_RELATIVE:
	case WIRE_POINTER_BUTTON:
	case WIRE_POINTER_AXIS:
		return GRANT_POINTER;
	default:
		return GRANT_PLANES;
	}
}

/* The desktop restarted or its connection broke: take the next event as the sign to connect again. */
static struct injector *injector_of(struct session *session)
{
	if (!session->injector)
		session_aim(session);
	return session->injector;
}

static void type_text(struct session *session, struct injector *injector, struct wire_string text)
{
	static const char words[] = "some characters cannot be typed on this desktop";
	if (injector_text(injector, text.bytes, text.size) > 0)
		session_send(session,
			&(struct wire_message){
				.type = WIRE_NOTICE,
				.notice = { WIRE_NOTICE_TEXT_UNSUPPORTED,
					{ words, sizeof words - 1 } },
			});
}

/* The loop's own time: no call of the system for an event. */
static uint64_t event_time_ns(const struct session *session)
{
	uint64_t now_us = 0;
	sd_event_now(session->host->event, CLOCK_MONOTONIC, &now_us);
	return now_us * 1000;
}

/* Does it hold control? Then it counts: whom a newcomer joins (semantics.md §4.3), and for presence. */
static bool admit(struct session *session, uint64_t at_ns)
{
	if (!steering_admits(session, at_ns))
		return false;
	if (session->lease)
		display_lease_note_input(session->lease, at_ns);
	if (session->host->people)
		people_note_input(session->host->people, session, at_ns);
	return true;
}

/* The others may see where. */
static void pointed(struct session *session)
{
	uint32_t x, y;
	if (session->host->people && injector_position(session->injector, &x, &y))
		people_note_pointer(session->host->people, session, (uint16_t)x, (uint16_t)y);
}

bool session_input(struct session *session, const struct wire_message *message)
{
	const enum grant_plane plane = plane_of(message->type);
	struct injector *injector = session->injector;
	if (plane == GRANT_PLANES && message->type != WIRE_RELEASE_ALL)
		return false;
	if (message->display != 0)
		return true;
	if (plane != GRANT_PLANES) {
		const uint64_t at_ns = event_time_ns(session);
		if (!rights_allow(session, plane, at_ns))
			return true;
		injector = injector_of(session);
		if (!injector || !admit(session, at_ns))
			return true;
	}
	if (!injector)
		return true;

	switch (message->type) {
	case WIRE_KEY:
		injector_key(injector, message->key.code, message->key.pressed);
		break;
	case WIRE_POINTER_ABSOLUTE:
		injector_pointer_absolute(injector, message->absolute.x, message->absolute.y);
		pointed(session);
		break;
	case WIRE_POINTER_RELATIVE:
		injector_pointer_relative(injector, message->relative.dx, message->relative.dy);
		pointed(session);
		break;
	case WIRE_POINTER_BUTTON:
		injector_pointer_button(injector, message->button.code, message->button.pressed);
		break;
	case WIRE_POINTER_AXIS:
		injector_pointer_axis(
			injector, message->axis.axis, message->axis.distance, message->axis.v120);
		break;
	case WIRE_TEXT:
		type_text(session, injector, message->text);
		break;
	default:
		injector_release_all(injector);
	}
	return true;
}
