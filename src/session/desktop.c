#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

struct desktop *desktop_create(
	struct session_host *host, struct display_registry *registry, bool own)
{
	struct desktop *desktop = calloc(1, sizeof *desktop);
	if (!desktop)
		return NULL;
	desktop->fanout = fanout_create(host->event);
	if (!desktop->fanout) {
		free(desktop);
		return NULL;
	}
	desktop->host = host;
	desktop->registry = registry;
	desktop->own = own;
	desktop->previous = &host->desktops;
	while (*desktop->previous)
		desktop->previous = &(*desktop->previous)->next;
	*desktop->previous = desktop;
	return desktop;
}

void desktop_destroy(struct desktop *desktop)
{
	if (!desktop)
		return;
	*desktop->previous = desktop->next;
	if (desktop->next)
		desktop->next->previous = desktop->previous;
	sd_event_source_disable_unref(desktop->input_failed);
	sound_finish(desktop);
	input_desktop_destroy(desktop->input);
	fanout_destroy(desktop->fanout);
	free(desktop);
}

struct desktop *desktop_find(struct session_host *host, const struct display_registry *registry)
{
	struct desktop *desktop = host->desktops;
	while (desktop && desktop->registry != registry)
		desktop = desktop->next;
	return desktop;
}

static void close_input(struct desktop *desktop)
{
	for (struct session *one = desktop->host->sessions; one; one = one->next) {
		if (one->desktop == desktop)
			session_let_go(one);
	}
	input_desktop_destroy(desktop->input);
	desktop->input = NULL;
}

/* The connection is taken down outside of its own callback. */
static int drop_input(sd_event_source *source, void *data)
{
	struct desktop *desktop = data;
	desktop->input_failed = sd_event_source_disable_unref(desktop->input_failed);
	close_input(desktop);
	return 0;
}

static void input_failed(void *data, const char *text)
{
	struct desktop *desktop = data;
	fprintf(stderr, "lodged: input: %s; it is opened again with the next event\n", text);
	if (!desktop->input_failed)
		sd_event_add_defer(
			desktop->host->event, &desktop->input_failed, drop_input, desktop);
}

struct input_desktop *desktop_input(struct desktop *desktop)
{
	static const struct input_desktop_events events = { .failed = input_failed };
	if (desktop->input || desktop->input_missing)
		return desktop->input;
	sd_event *event = desktop->host->event;
	const char *eis = display_registry_eis_socket(desktop->registry);
	const char *wayland = display_registry_wayland_socket(desktop->registry);
	if (eis)
		desktop->input = input_desktop_create_eis(event, eis, &events, desktop);
	else if (wayland)
		desktop->input = input_desktop_create(event, wayland, &events, desktop);
	desktop->input_missing = eis && !desktop->input && errno == ENOTSUP;
	return desktop->input;
}

void session_host_desktop_changed(struct session_host *host,
	const struct display_registry *registry, bool ready, const char *text)
{
	struct desktop *desktop = desktop_find(host, registry);
	if (!desktop)
		return;
	desktop->input_missing = false;
	if (!ready)
		close_input(desktop);
	else if (!desktop->own)
		session_host_prepare_seats(host);
	const struct wire_message notice = {
		.type = WIRE_NOTICE,
		.notice = {
			.code = ready ? WIRE_NOTICE_DESKTOP_BACK : WIRE_NOTICE_DESKTOP_RESTARTING,
			.text = { text, (uint16_t)strlen(text) },
		},
	};
	for (struct session *one = host->sessions; one; one = one->next) {
		if (one->phase != SESSION_WELCOMED || one->desktop != desktop)
			continue;
		session_send(one, &notice);
		if (ready)
			pads_show(one);
	}
}

void session_host_sound_changed(struct session_host *host, const struct display_registry *registry,
	const struct desktop_sound *sound)
{
	struct desktop *desktop = desktop_find(host, registry);
	if (desktop)
		sound_set(desktop, sound);
}

void session_host_app_ended(
	struct session_host *host, const struct display_registry *registry, const char *text)
{
	const struct desktop *desktop = desktop_find(host, registry);
	for (struct session *one = host->sessions; desktop && one; one = one->next) {
		if (one->phase == SESSION_WELCOMED && one->desktop == desktop)
			session_end(one, WIRE_ENDED_APP_ENDED, text);
	}
}

void session_host_desktop_ends(struct session_host *host, const struct display_registry *registry)
{
	struct desktop *desktop = desktop_find(host, registry);
	if (!desktop)
		return;
	for (struct session *one = host->sessions; one; one = one->next) {
		if (one->desktop != desktop)
			continue;
		session_close_display(one, false);
		one->desktop = host->shared;
	}
	desktop_destroy(desktop);
}

bool desktop_choose(struct session *session, const char *app, char *fault, size_t capacity)
{
	struct session_host *host = session->host;
	struct chosen_desktop choice = { .registry = host->shared->registry };
	session->desktop = host->shared;
	if (host->choose)
		host->choose(host->choose_data, session->fingerprint, session->anonymous, app,
			&choice, fault, capacity);
	if (!choice.registry)
		return false;
	session->desktop = desktop_find(host, choice.registry);
	if (!session->desktop) {
		session->desktop = desktop_create(host, choice.registry, true);
		if (session->desktop)
			sound_set(session->desktop, &choice.sound);
	}
	if (session->desktop) {
		memcpy(session->desktop->app, choice.app, sizeof choice.app);
		return true;
	}
	session->desktop = host->shared;
	snprintf(fault, capacity, "the host is out of memory");
	return false;
}
