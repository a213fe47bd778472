/* The operator's apps, as sessions want them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/icon.h"
#include "desktops/shell_words.h"
#include "host/lodged.h"
#include "settings/settings.h"

static void on_launched(void *data, int error, const char *text)
{
	struct lodged *lodged = data;
	if (error < 0)
		fprintf(stderr, "lodged: an app: %s\n", text);
	if (error < 0 && lodged->shared_apps)
		shared_apps_forget(lodged->shared_apps);
}

void programs_launch(void *data, const char *id)
{
	struct lodged *lodged = data;
	const struct app *app = app_list_find(lodged->apps, id);
	char *command = app ? shell_words(app->environment, app->environment_count, app->arguments,
				      app->argument_count)
			    : NULL;
	char *known = command && lodged->shared_apps
		? shared_apps_begin(lodged->shared_apps, id, command)
		: NULL;
	if (command && !known)
		fprintf(stderr, "lodged: whether the app %s runs will not be known: %s\n", id,
			strerror(errno));
	if (!command ||
		display_registry_launch(
			lodged->registry, known ? known : command, on_launched, lodged) < 0)
		fprintf(stderr, "lodged: the app %s cannot be started on the shared desktop\n", id);
	free(known);
	free(command);
}

void programs_flags(void *data, const uint8_t *client, bool anonymous, uint8_t *flags, size_t count)
{
	const struct lodged *lodged = data;
	const char *own = lodged->desktops ? desktops_app(lodged->desktops, client) : NULL;
	struct display_policy policy;
	settings_policy(lodged->settings, anonymous ? NULL : client, &policy);
	for (size_t i = 0; i < count; i++) {
		const struct app *app = app_list_get(lodged->apps, i);
		if (!app)
			return;
		const bool isolated = app->isolated || policy.desktop == POLICY_DESKTOP_ISOLATED;
		const bool runs = isolated
			? own && strcmp(own, app->id) == 0
			: lodged->shared_apps && shared_apps_run(lodged->shared_apps, app->id);
		flags[i] = (uint8_t)((isolated ? WIRE_APP_ISOLATED : 0) |
			(lodged->app_icons[i] ? WIRE_APP_ICON : 0) | (runs ? WIRE_APP_RUNS : 0));
	}
}

uint8_t programs_read_icon(void *data, const char *id, uint8_t **bytes, size_t *size)
{
	const struct lodged *lodged = data;
	const struct app *app = app_list_find(lodged->apps, id);
	return app && app->icon ? (uint8_t)app_icon_read(app->icon, bytes, size) : WIRE_ICON_NONE;
}

static bool has_icon(const struct app *app)
{
	uint8_t *bytes;
	size_t size;
	if (!app->icon)
		return false;
	const bool has = app_icon_read(app->icon, &bytes, &size) != WIRE_ICON_NONE;
	if (!has)
		fprintf(stderr, "lodged: the app %s has no icon: %s: %s\n", app->id, app->icon,
			errno == ENOTSUP ? "no PNG, SVG or WebP" : strerror(errno));
	free(bytes);
	return has;
}

void programs_tell(struct lodged *lodged)
{
	struct session_app apps[APPS_MAX];
	const size_t count = app_list_count(lodged->apps);
	if (!lodged->sessions)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct app *app = app_list_get(lodged->apps, i);
		apps[i] = (struct session_app){ app->id, app->name, app->mode };
		lodged->app_icons[i] = has_icon(app);
	}
	if (session_host_set_apps(lodged->sessions, apps, count) < 0)
		fprintf(stderr, "lodged: clients do not hear of the apps: no memory\n");
}

void programs_changed(void *data)
{
	const struct lodged *lodged = data;
	if (lodged->sessions)
		session_host_apps_changed(lodged->sessions);
}
