/* /display/presets. */
#include <string.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "core/policy.h"
#include "settings/settings.h"

void api_list_presets(struct api_call *call)
{
	api_answer_json(call, json_pack("{s:o}", "presets", settings_presets(call->api->settings)));
}

/* A new reference, or NULL. */
static json_t *find_preset(const struct api *api, const char *name)
{
	json_t *presets = settings_presets(api->settings), *preset, *found = NULL;
	size_t i;
	json_array_foreach(presets, i, preset)
	{
		const char *own = json_string_value(json_object_get(preset, "name"));
		if (own && strcmp(own, name) == 0)
			found = json_incref(preset);
	}
	json_decref(presets);
	return found;
}

void api_get_preset(struct api_call *call)
{
	json_t *preset = find_preset(call->api, call->parameter);
	if (preset)
		api_answer_json(call, preset);
	else
		api_problem(call, 404, "no preset has this name");
}

static bool is_builtin(const char *name)
{
	const struct policy_preset *preset = policy_preset_find(name, NULL, 0);
	return preset && preset->builtin;
}

static void after_put(struct api_call *call, int error)
{
	if (error < 0)
		api_problem(call, 500, "the preset cannot be written: %s; nothing has changed",
			strerror(-error));
	else
		api_get_preset(call);
}

void api_put_preset(struct api_call *call)
{
	struct settings_faults faults = { 0 };
	json_t *preset = api_read_body(call);
	if (!preset)
		return;
	if (is_builtin(call->parameter) || strcmp(call->parameter, "custom") == 0) {
		api_problem(call, 409, "the preset %s is built in; give yours another name",
			call->parameter);
		json_decref(preset);
		return;
	}
	if (!policy_preset_name_valid(call->parameter))
		api_fault(&faults, "",
			"a preset's name is at most %d letters a-z, digits and '-', beginning "
			"with a letter",
			POLICY_PRESET_NAME_MAX);
	call->then = after_put;
	if (faults.total ||
		!settings_put_preset(call->api->settings, call->parameter, preset,
			api_call_continue, call, &faults))
		api_problem_faults(call, &faults);
	json_decref(preset);
}

static void after_delete(struct api_call *call, int error)
{
	if (error < 0)
		api_problem(call, 500, "the presets cannot be written: %s; nothing has changed",
			strerror(-error));
	else
		api_answer_nothing(call, "");
}

void api_delete_preset(struct api_call *call)
{
	call->then = after_delete;
	const enum settings_removal removal = settings_remove_preset(
		call->api->settings, call->parameter, api_call_continue, call);
	if (removal == SETTINGS_REMOVED)
		return;
	if (removal == SETTINGS_NO_SUCH)
		api_problem(call, 404, "no preset has this name");
	else if (removal == SETTINGS_NO_MEMORY)
		api_problem_memory(call);
	else if (removal == SETTINGS_BUILTIN)
		api_problem(call, 409, "the preset %s is built in", call->parameter);
	else
		api_problem(call, 409,
			"the preset %s is in use: the settings or a client's overrides name it",
			call->parameter);
}
