/* A session's gamepads: the kernel's, as long as it may use them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "input/gamepad.h"
#include "session/session.h"

static void on_rumble(void *data, uint8_t pad, uint16_t strong, uint16_t weak, uint16_t lasts_ms)
{
	struct session *session = data;
	if (session->phase == SESSION_WELCOMED)
		session_send(session,
			&(struct wire_message){
				.type = WIRE_RUMBLE,
				.rumble = { pad, strong, weak, lasts_ms },
			});
}

static struct gamepad_nodes nodes_of(const struct session *session, uint8_t pad)
{
	struct gamepad_nodes nodes = { 0 };
	if (session->pads && gamepad_port_nodes(session->pads, pad, &nodes) < 0)
		nodes = (struct gamepad_nodes){ 0 };
	return nodes;
}

/* Programs on the session's desktop, and on no other, are to see these. */
static void show(const struct session *session, const struct gamepad_nodes *nodes, bool shown)
{
	const struct session_host *host = session->host;
	const char *const paths[] = { nodes->event, nodes->joystick };
	for (size_t i = 0; host->show_device && i < sizeof paths / sizeof *paths; i++) {
		if (paths[i][0])
			host->show_device(
				host->choose_data, session->desktop->registry, paths[i], shown);
	}
}

static void unplug(struct session *session, uint8_t pad)
{
	const struct gamepad_nodes nodes = nodes_of(session, pad);
	show(session, &nodes, false);
	gamepad_port_unplug(session->pads, pad);
}

/* One that was there may stay, or be another one in the same place. */
static void plug(struct session *session, const struct wire_message *message)
{
	const uint8_t pad = message->gamepad_plug.pad;
	const struct wire_string name = message->gamepad_plug.name;
	const struct gamepad_nodes before = nodes_of(session, pad);
	/* What is wrong is in the log, and SOUND has said that there are none. */
	gamepad_port_plug(session->pads, pad, message->gamepad_plug.kind, name.bytes, name.size);
	const struct gamepad_nodes after = nodes_of(session, pad);
	if (strcmp(before.event, after.event) != 0)
		show(session, &before, false);
	show(session, &after, true);
}

void pads_show(const struct session *session)
{
	for (uint8_t pad = 0; session->pads && pad < WIRE_GAMEPADS; pad++) {
		const struct gamepad_nodes nodes = nodes_of(session, pad);
		show(session, &nodes, true);
	}
}

void pads_plug(struct session *session, const struct wire_message *message, uint64_t at_ns)
{
	static const struct gamepad_port_events events = { .rumble = on_rumble };
	if (!message->gamepad_plug.plugged) {
		if (session->pads)
			unplug(session, message->gamepad_plug.pad);
		return;
	}
	if (!rights_allow(session, GRANT_GAMEPAD, at_ns) || !session->granted)
		return;
	if (!session->pads)
		session->pads = gamepad_port_create(session->host->event, &events, session);
	if (session->pads)
		plug(session, message);
}

void pads_move(struct session *session, const struct wire_message *message, uint64_t at_ns)
{
	if (!session->pads || !rights_allow(session, GRANT_GAMEPAD, at_ns) ||
		!steering_admits(session, at_ns))
		return;
	if (session->lease)
		display_lease_note_input(session->lease, at_ns);
	if (session->host->people)
		people_note_input(session->host->people, session, at_ns);
	const struct gamepad_state state = {
		.buttons = message->gamepad.buttons,
		.left_x = message->gamepad.left_x,
		.left_y = message->gamepad.left_y,
		.right_x = message->gamepad.right_x,
		.right_y = message->gamepad.right_y,
		.left_trigger = message->gamepad.left_trigger,
		.right_trigger = message->gamepad.right_trigger,
	};
	gamepad_port_set_state(session->pads, message->gamepad.pad, &state);
}

void pads_let_go(struct session *session)
{
	if (session->pads)
		gamepad_port_release_all(session->pads);
}

void pads_settle(struct session *session)
{
	if (session->granted && grants_allow(&session->grants, GRANT_GAMEPAD, session_now_ns()))
		return;
	for (uint8_t pad = 0; session->pads && pad < WIRE_GAMEPADS; pad++)
		unplug(session, pad);
	gamepad_port_destroy(session->pads);
	session->pads = NULL;
}
