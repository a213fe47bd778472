/* /display/settings, and its topic. */
#include <string.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/overlap.h"
#include "api/views.h"
#include "display/registry.h"
#include "settings/settings.h"

static json_t *capability(const char *option, const struct display_capability *capability)
{
	json_t *json = json_pack("{s:s,s:b}", "option", option, "supported", capability->supported);
	if (!json || capability->supported)
		return json;
	const struct {
		const char *name, *value;
	} more[] = { { "fallback", capability->fallback }, { "reason", capability->reason },
		{ "text", capability->text } };
	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		if (more[i].value)
			json_object_set_new(json, more[i].name, json_string(more[i].value));
	}
	return json;
}

/* Nobody who is to be confined runs otherwise. */
static json_t *confinement(const struct api *api, const struct display_capability *isolated)
{
	const struct display_capability confinement = {
		.supported = isolated->supported && !api->confinement_missing,
		.fallback = "none",
		.reason = isolated->supported ? "no-bubblewrap" : isolated->reason,
		.text = isolated->supported ? api->confinement_missing : isolated->text,
	};
	return capability("confinement", &confinement);
}

/* Empty while the desktop is gone: nobody knows. */
static json_t *capabilities(const struct api *api)
{
	/* Not shared instead: who is to be by itself is not put among others. */
	const struct display_capability isolated = {
		.supported = api->own_desktops && !api->own_missing,
		.fallback = "none",
		.reason = "one-desktop",
		.text = api->own_missing ? api->own_missing
					 : "This host has one desktop, which all clients share.",
	};
	static const struct display_capability supported = { .supported = true };
	struct display_desktop_state desktop;
	json_t *list = json_array();
	display_registry_desktop(api->registry, &desktop);
	if (!desktop.capabilities)
		return list;
	for (int i = 0; i < DISPLAY_OPTIONS; i++)
		json_array_append_new(list,
			capability(display_option_name(i), &desktop.capabilities->options[i]));
	json_t *own = capability("isolated", isolated.supported ? &supported : &isolated);
	if (isolated.supported && api->own_about)
		json_object_set_new(own, "text", json_string(api->own_about(api->own_data)));
	json_array_append_new(list, own);
	json_array_append_new(list, confinement(api, &isolated));
	return list;
}

json_t *api_view_settings(struct api *api, uint64_t now_ns)
{
	const struct settings *settings = api->settings;
	return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o}", "revision",
		(json_int_t)settings_revision(settings), "document", settings_document(settings),
		"effective", settings_effective(settings, NULL), "sources",
		settings_sources(settings, NULL), "presets", settings_presets(settings),
		"capabilities", capabilities(api));
}

void api_get_settings(struct api_call *call)
{
	api_answer_json(call, api_view_settings(call->api, call->now_ns));
}

static void after_put(struct api_call *call, int error)
{
	if (error < 0)
		api_problem(call, 500, "the settings cannot be written: %s; nothing has changed",
			strerror(-error));
	else
		api_get_settings(call);
}

void api_put_settings(struct api_call *call)
{
	struct settings_faults faults = { 0 };
	json_t *document = api_read_body(call);
	if (!document)
		return;
	api_check_document(call->api, document, &faults);
	call->then = after_put;
	if (faults.total ||
		!settings_put(call->api->settings, document, api_call_continue, call, &faults))
		api_problem_faults(call, &faults);
	json_decref(document);
}
