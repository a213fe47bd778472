/* The app list, as clients are told of it, and what becomes of the one that a client opens. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

#define ENTRY_MAX (2 + SESSION_APP_MAX + 2 + WIRE_LABEL_MAX + 1) /* docs/protocol.md, APPS */

static struct wire_string words(const char *text)
{
	return (struct wire_string){ text, (uint16_t)strlen(text) };
}

static void read_flags(const struct session *session, uint8_t flags[WIRE_APPS_MAX])
{
	const struct session_host *host = session->host;
	memset(flags, 0, WIRE_APPS_MAX);
	if (host->app_flags)
		host->app_flags(host->choose_data, session->fingerprint, session->anonymous, flags,
			host->app_count);
}

static void tell_changes(struct session *session)
{
	const struct session_host *host = session->host;
	uint8_t flags[WIRE_APPS_MAX];
	read_flags(session, flags);
	for (size_t i = 0; i < host->app_count; i++) {
		if (session->told_apps[i].flags == flags[i])
			continue;
		session->told_apps[i].flags = flags[i];
		session_send(session,
			&(struct wire_message){
				.type = WIRE_APP, .app = { flags[i], words(host->apps[i].id) } });
	}
}

static int on_apps_change(sd_event_source *source, void *data)
{
	const struct session_host *host = data;
	for (struct session *one = host->sessions; one; one = one->next) {
		if (one->knows_apps && one->phase == SESSION_WELCOMED)
			tell_changes(one);
	}
	return 0;
}

int apps_prepare(struct session_host *host)
{
	const int error = sd_event_add_defer(host->event, &host->apps_change, on_apps_change, host);
	return error < 0 ? error : sd_event_source_set_enabled(host->apps_change, SD_EVENT_OFF);
}

void apps_finish(struct session_host *host)
{
	sd_event_source_disable_unref(host->apps_change);
	free(host->apps);
}

void session_host_apps_changed(struct session_host *host)
{
	sd_event_source_set_enabled(host->apps_change, SD_EVENT_ONESHOT);
}

int session_host_set_apps(struct session_host *host, const struct session_app *apps, size_t count)
{
	count = count < WIRE_APPS_MAX ? count : WIRE_APPS_MAX;
	struct listed_app *list = calloc(count + 1, sizeof *list);
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		snprintf(list[i].id, sizeof list[i].id, "%s", apps[i].id);
		snprintf(list[i].name, sizeof list[i].name, "%s", apps[i].name);
		list[i].mode = apps[i].mode;
	}
	free(host->apps);
	host->apps = list;
	host->app_count = count;
	for (struct session *one = host->sessions; one; one = one->next)
		apps_tell(one);
	return 0;
}

static void send_list(struct session *session)
{
	const struct session_host *host = session->host;
	const size_t capacity = host->app_count * ENTRY_MAX + 16;
	uint8_t *entries = malloc(capacity), *message = malloc(capacity);
	uint8_t flags[WIRE_APPS_MAX];
	size_t size = 0;
	uint16_t written = 0;
	read_flags(session, flags);
	for (size_t i = 0; i < host->app_count && entries; i++) {
		const struct listed_app *app = &host->apps[i];
		const size_t entry = wire_app_write(entries + size, capacity - size,
			&(struct wire_app){ words(app->id), words(app->name), flags[i] });
		size += entry;
		written = (uint16_t)(written + (entry > 0));
		session->told_apps[i] = (struct told_app){ .flags = flags[i] };
	}
	const struct wire_message list = { .type = WIRE_APPS, .apps = { entries, size, written } };
	size = entries && message ? wire_encode(&list, message, capacity) : 0;
	if (size > 0)
		session->impl->send(session->transport, message, size);
	else
		fprintf(stderr, "lodged: session %u: the list of apps is not sent: no memory\n",
			session->id);
	free(entries);
	free(message);
}

void apps_tell(struct session *session)
{
	const bool may = grants_allow(&session->grants, GRANT_LAUNCH, session_now_ns());
	if (session->phase != SESSION_WELCOMED ||
		(!session->knows_apps && (!may || session->host->app_count == 0)))
		return;
	session->knows_apps = may;
	if (may)
		send_list(session);
	else
		session_send(session, &(struct wire_message){ .type = WIRE_APPS });
}

static const struct listed_app *find(const struct session_host *host, const char *id, size_t size)
{
	for (size_t i = 0; i < host->app_count; i++) {
		if (strlen(host->apps[i].id) == size && memcmp(host->apps[i].id, id, size) == 0)
			return &host->apps[i];
	}
	return NULL;
}

/* The right is asked first, and a list's picture is read once for each who has it: the disk is not anybody's to keep busy. */
void apps_send_icon(struct session *session, const struct wire_message *message)
{
	const struct session_host *host = session->host;
	const struct wire_string id = message->get_icon;
	uint8_t *bytes = NULL;
	size_t size = 0;
	uint8_t format = WIRE_ICON_NONE;
	if (!rights_allow(session, GRANT_LAUNCH, session_now_ns()))
		return;
	const struct listed_app *app = find(host, id.bytes, id.size);
	struct told_app *told = app ? &session->told_apps[app - host->apps] : NULL;
	if (told && told->icon)
		return;
	if (told) {
		told->icon = true;
		if (host->read_icon)
			format = host->read_icon(host->choose_data, app->id, &bytes, &size);
	}
	const size_t capacity = size + SESSION_APP_MAX + 16;
	uint8_t *answer = malloc(capacity);
	const struct wire_message icon = {
		.type = WIRE_ICON,
		.icon = { format, id, { bytes, (uint32_t)size } },
	};
	const size_t written = answer ? wire_encode(&icon, answer, capacity) : 0;
	if (written > 0)
		session->impl->send(session->transport, answer, written);
	free(answer);
	free(bytes);
}

/* A desktop that was made for an app has that app's mode, also for a client that comes back without naming it. */
void apps_take_mode(struct session *session)
{
	const struct desktop *desktop = session->desktop;
	const char *id = desktop->own && desktop->app[0] ? desktop->app : session->app;
	const struct listed_app *app = find(session->host, id, strlen(id));
	session->app_mode = app ? app->mode : (struct display_mode){ 0 };
}

struct display_mode apps_mode(const struct session *session, const struct display_mode *asked)
{
	struct display_mode mode = *asked;
	if (session->app_mode.width_px == 0)
		return mode;
	mode.width_px = session->app_mode.width_px;
	mode.height_px = session->app_mode.height_px;
	mode.scale_percent = 100;
	if (session->app_mode.refresh_mhz > 0)
		mode.refresh_mhz = session->app_mode.refresh_mhz;
	return mode;
}

void apps_launch(struct session *session)
{
	struct session_host *host = session->host;
	const struct display_info *display = &session->display;
	if (!session->app[0] || session->desktop->own || display->joined || !host->launch)
		return;
	for (size_t i = 0; i < sizeof host->launched / sizeof *host->launched; i++) {
		const struct launched *one = &host->launched[i];
		if (one->slot == display->slot && one->generation == display->generation &&
			strcmp(one->app, session->app) == 0)
			return; /* it runs, or did */
	}
	struct launched *one = &host->launched[host->launched_next++ % 16];
	*one = (struct launched){ .slot = display->slot, .generation = display->generation };
	memcpy(one->app, session->app, sizeof one->app);
	host->launch(host->choose_data, session->app);
}

/*
 * A connection that comes back by itself starts nothing that its person has ended: only a goodbye counts. Where nobody
 * knows what runs, it runs.
 */
void apps_leave(const struct session *session)
{
	struct session_host *host = session->host;
	const struct display_info *display = &session->display;
	uint8_t flags[WIRE_APPS_MAX];
	if (!session->granted || session->desktop->own || display->joined || !host->app_flags)
		return;
	read_flags(session, flags);
	for (size_t i = 0; i < sizeof host->launched / sizeof *host->launched; i++) {
		struct launched *one = &host->launched[i];
		const struct listed_app *app = find(host, one->app, strlen(one->app));
		if (one->slot == display->slot && one->generation == display->generation && app &&
			!(flags[app - host->apps] & WIRE_APP_RUNS))
			one->app[0] = '\0';
	}
}
