#include <stdio.h>
#include <string.h>

#include "session/session.h"

static struct wire_string words(const char *text)
{
	return (struct wire_string){ text, (uint16_t)strlen(text) };
}

static void send_declined(struct session *session, enum display_error error, const char *text,
	const struct display_holder *holder)
{
	struct wire_message message = {
		.type = WIRE_DISPLAY_DECLINED,
		.declined = { .code = (uint16_t)error, .text = words(text) },
	};
	if (holder) {
		message.declined.holder = words(holder->label);
		message.declined.mode = holder->mode;
	}
	session_send(session, &message);
}

static void on_stream_failed(void *data, const char *text)
{
	struct session *session = data;
	fprintf(stderr, "lodged: session %u (%s): the stream of display %u failed: %s\n",
		session->id, session->label, session->display.slot, text);
	session_end(session, WIRE_ENDED_DESKTOP_GONE, "the picture of the display was lost");
}

static void on_still(void *data)
{
	const struct session *session = data;
	if (session->lease)
		display_lease_nudge(session->lease);
}

/* It sees the desktop: the others may see it, and it may ask to drive. */
static void enter_desktop(struct session *session)
{
	sound_enter(session);
	if (session->desktop->own)
		return;
	if (session->host->people)
		people_join(session->host->people, session);
	steering_joined(session);
}

static void leave_desktop(struct session *session)
{
	if (session->host->people && session->seat)
		people_leave(session->host->people, session);
	steering_left(session, session->dropped);
}

static uint8_t opened_flags(const struct session *session)
{
	const struct display_info *info = &session->display;
	const bool is_apps = session->app_mode.width_px > 0 && !info->joined;
	return (uint8_t)((info->kept ? WIRE_OPENED_KEPT : 0) |
		(info->joined ? WIRE_OPENED_JOINED : 0) | (is_apps ? WIRE_OPENED_APP_MODE : 0));
}

static void on_granted(void *data, struct display_lease *lease, const struct display_info *info)
{
	struct session *session = data;
	/* Another output under the same lease has another stream. */
	const bool changed_output =
		session->granted && session->display.generation != info->generation;
	session->granted = true;
	session->display = *info;
	session_send(session,
		&(struct wire_message){
			.type = WIRE_DISPLAY_OPENED,
			.opened = {
				.slot = (uint8_t)info->slot,
				.generation = info->generation,
				.mode = info->output.mode,
				.flags = opened_flags(session),
				.holder = words(info->joined ? info->holder : ""),
			},
		});
	session_host_note_change(session->host);
	enter_desktop(session);
	session_aim(session);
	apps_launch(session);
	if (session->subscriber.stream && !changed_output) {
		fanout_set_frame_rate(&session->subscriber, info->output.mode.refresh_mhz);
		return;
	}
	fanout_unsubscribe(&session->subscriber);
	session->subscriber.impl = session->impl;
	session->subscriber.transport = session->transport;
	session->subscriber.failed = on_stream_failed;
	session->subscriber.still = on_still;
	session->subscriber.data = session;
	const int error = fanout_subscribe(session->desktop->fanout, &session->subscriber, info);
	if (error < 0)
		session_end(session, WIRE_ENDED_INTERNAL, strerror(-error));
}

/* The lease is dead: forget it, so that nothing is released twice. */
static void forget_display(struct session *session)
{
	leave_desktop(session);
	session->granted = false;
	sound_leave(session);
	pads_settle(session);
	fanout_unsubscribe(&session->subscriber);
	session_let_go(session);
	session->seat_number = SESSION_NO_SEAT;
	session->lease = NULL;
	session->granted = false;
}

static void on_declined(void *data, struct display_lease *lease, enum display_error error,
	const char *text, const struct display_holder *holder)
{
	struct session *session = data;
	forget_display(session);
	send_declined(session, error, text, holder);
}

static void on_mode_declined(
	void *data, struct display_lease *lease, enum display_error error, const char *text)
{
	send_declined(data, error, text, NULL);
}

static void on_lost(
	void *data, struct display_lease *lease, enum display_loss reason, const char *text)
{
	static const enum wire_end ends[] = {
		[DISPLAY_LOSS_SUPERSEDED] = WIRE_ENDED_SUPERSEDED,
		[DISPLAY_LOSS_VANISHED] = WIRE_ENDED_DESKTOP_GONE,
		[DISPLAY_LOSS_SHUTDOWN] = WIRE_ENDED_SHUTDOWN,
		[DISPLAY_LOSS_TAKEN_OVER] = WIRE_ENDED_TAKEN_OVER,
	};
	struct session *session = data;
	/* The same client attached anew: its place as holder waits for it. */
	session->dropped = reason == DISPLAY_LOSS_SUPERSEDED;
	forget_display(session);
	session_end(session, ends[reason], text);
}

static const struct display_lease_events lease_events = {
	.granted = on_granted,
	.declined = on_declined,
	.mode_declined = on_mode_declined,
	.lost = on_lost,
};

static bool mode_usable(struct session *session, const struct display_mode *mode)
{
	const char *fault = display_mode_check(mode);
	if (fault)
		send_declined(session, DISPLAY_ERROR_BAD_MODE, fault, NULL);
	return !fault;
}

/* The app that is asked for, NULL for none. False: it may not be started; that has been said. */
static bool app_of(struct session *session, const struct wire_message *message, const char **app)
{
	const struct wire_string *asked = &message->open_app.app;
	*app = NULL;
	session->app[0] = '\0';
	if (message->type != WIRE_OPEN_APP || asked->size == 0)
		return true;
	if (!rights_allow(session, GRANT_LAUNCH, session_now_ns())) {
		send_declined(session, DISPLAY_ERROR_CREATE_FAILED,
			"this client may not start programs", NULL);
		return false;
	}
	const size_t size = asked->size < SESSION_APP_MAX ? asked->size : SESSION_APP_MAX;
	memcpy(session->app, asked->bytes, size);
	session->app[size] = '\0';
	*app = session->app;
	return true;
}

void session_open_display(struct session *session, const struct wire_message *message)
{
	const struct display_mode *mode =
		message->type == WIRE_OPEN_APP ? &message->open_app.mode : &message->mode;
	char fault[192] = "";
	const char *app;
	if (!mode_usable(session, mode) || !app_of(session, message, &app))
		return;
	if (session->lease) {
		apps_take_mode(session);
		const struct display_mode other = apps_mode(session, mode);
		display_lease_set_mode(session->lease, &other);
		return;
	}
	if (!desktop_choose(session, app, fault, sizeof fault)) {
		send_declined(session, DISPLAY_ERROR_CREATE_FAILED, fault, NULL);
		return;
	}
	apps_take_mode(session);
	struct display_request request = {
		.anonymous = session->anonymous,
		.session = session->id,
		.mode = apps_mode(session, mode),
	};
	memcpy(request.identity, session->fingerprint, sizeof request.identity);
	snprintf(request.label, sizeof request.label, "%s", session->label);
	session->lease = display_registry_acquire(
		session->desktop->registry, &request, &lease_events, session);
	if (!session->lease)
		send_declined(
			session, DISPLAY_ERROR_CREATE_FAILED, "the host is out of memory", NULL);
}

void session_set_mode(struct session *session, const struct wire_message *message)
{
	if (!session->lease || message->display != 0) {
		send_declined(session, DISPLAY_ERROR_UNKNOWN_DISPLAY,
			"the session has no such display; OPEN_DISPLAY comes first", NULL);
		return;
	}
	if (!mode_usable(session, &message->mode))
		return;
	const struct display_mode mode = apps_mode(session, &message->mode);
	display_lease_set_mode(session->lease, &mode);
}

void session_close_display(struct session *session, bool quit)
{
	struct display_lease *lease = session->lease;
	forget_display(session);
	if (lease)
		session_host_note_change(session->host);
	if (lease)
		display_lease_release(lease, quit);
}
