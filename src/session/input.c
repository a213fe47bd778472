#include <stdio.h>
#include <time.h>

#include "session/session.h"

static uint32_t grant_of(enum wire_type type)
{
	switch (type) {
	case WIRE_KEY:
		return WIRE_GRANT_KEYBOARD;
	case WIRE_TEXT:
		return WIRE_GRANT_TEXT;
	case WIRE_POINTER_ABSOLUTE:
	case WIRE_POINTER_RELATIVE:
	case WIRE_POINTER_BUTTON:
	case WIRE_POINTER_AXIS:
		return WIRE_GRANT_POINTER;
	default:
		return 0;
	}
}

/* The desktop restarted or its connection broke: take the next event as the sign to connect again. */
static struct injector *injector_of(struct session *session)
{
	if (!session->injector && session->granted) {
		struct input_desktop *desktop = session_host_input(session->host);
		const struct injector_params params = {
			.output_name = session->display.output.name,
			.width_px = session->display.output.mode.width_px,
			.height_px = session->display.output.mode.height_px,
		};
		if (desktop)
			session->injector = injector_create(desktop, &params);
	}
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

/* Whoever gave input last is whom a newcomer joins (semantics.md §4.3). The loop's own time: no call of the system. */
static void note_input(struct session *session)
{
	uint64_t now_us = 0;
	sd_event_now(session->host->event, CLOCK_MONOTONIC, &now_us);
	if (session->lease)
		display_lease_note_input(session->lease, now_us * 1000);
}

bool session_input(struct session *session, const struct wire_message *message)
{
	const uint32_t grant = grant_of(message->type);
	if (!grant && message->type != WIRE_RELEASE_ALL)
		return false;
	struct injector *injector = injector_of(session);
	if (!injector || (grant && !(session->grants & grant)) || message->display != 0)
		return true;

	if (grant)
		note_input(session);

	switch (message->type) {
	case WIRE_KEY:
		injector_key(injector, message->key.code, message->key.pressed);
		break;
	case WIRE_POINTER_ABSOLUTE:
		injector_pointer_absolute(injector, message->absolute.x, message->absolute.y);
		break;
	case WIRE_POINTER_RELATIVE:
		injector_pointer_relative(injector, message->relative.dx, message->relative.dy);
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
