#include <string.h>

#include "apps/document.h"
#include "core/policy.h"

/* Takes the value over. False when memory is short. */
static bool set(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

static json_t *write_arguments(const struct app *app)
{
	json_t *list = json_array();
	for (size_t i = 0; list && i < app->argument_count; i++) {
		if (json_array_append_new(list, json_string(app->arguments[i])) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *write_environment(const struct app *app)
{
	json_t *object = json_object();
	for (size_t i = 0; object && i < app->environment_count; i++) {
		const char *variable = app->environment[i], *equals = strchr(variable, '=');
		if (json_object_setn_new(object, variable, (size_t)(equals - variable),
			    json_string(equals + 1)) == 0)
			continue;
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *write_mode(const struct display_mode *mode)
{
	json_t *json = json_pack(
		"{s:i,s:i}", "width", (int)mode->width_px, "height", (int)mode->height_px);
	if (json && mode->refresh_mhz &&
		!set(json, "refresh_hz", json_real(mode->refresh_mhz / 1000.0))) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static json_t *write_app(const struct app *app)
{
	const enum policy_desktop desktop =
		app->isolated ? POLICY_DESKTOP_ISOLATED : POLICY_DESKTOP_SHARED;
	json_t *json = json_pack(
		"{s:s,s:s,s:o}", "id", app->id, "name", app->name, "command", write_arguments(app));
	if (!json)
		return NULL;
	if ((app->environment_count == 0 || set(json, "environment", write_environment(app))) &&
		set(json, "desktop", json_string(policy_desktop_name(desktop))) &&
		(app->mode.width_px == 0 || set(json, "mode", write_mode(&app->mode))) &&
		(!app->icon || set(json, "icon", json_string(app->icon))))
		return json;
	json_decref(json);
	return NULL;
}

json_t *apps_write(const struct apps_state *state)
{
	json_t *list = json_array();
	for (size_t i = 0; list && i < state->count; i++) {
		if (json_array_append_new(list, write_app(&state->apps[i])) == 0)
			continue;
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:i,s:o}", "version", APPS_VERSION, "apps", list);
}
