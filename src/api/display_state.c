/* GET /display/state, and its topic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"
#include "api/views.h"
#include "display/identity_store.h"
#include "display/registry.h"
#include "settings/settings.h"

static bool is_pinned(const struct display_policy *policy, uint32_t slot)
{
	for (uint32_t i = 0; policy->layout == POLICY_LAYOUT_MANUAL && i < policy->position_count;
		i++) {
		if (policy->positions[i].slot == slot)
			return true;
	}
	return false;
}

static json_t *kept_scale(const struct api *api, uint32_t slot)
{
	const struct identity_entry *entry =
		identity_find_slot(identity_store_map(api->identities), slot);
	return entry && entry->scale_percent ? json_integer(entry->scale_percent) : json_null();
}

static json_t *display_sessions(const struct display_state *state)
{
	json_t *sessions = json_array();
	for (size_t i = 0; i < DISPLAY_STATE_VIEWERS_MAX && state->sessions[i]; i++)
		json_array_append_new(sessions, json_integer(state->sessions[i]));
	return sessions;
}

static json_t *display(const struct api *api, const struct display_policy *policy,
	const struct display_state *state, uint64_t now_ns)
{
	json_t *expires_in = state->state == LIFECYCLE_LINGERING
		? api_seconds(now_ns, state->until_ns)
		: json_null();
	return json_pack("{s:I,s:I,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o,s:o}", "slot",
		(json_int_t)state->slot, "generation", (json_int_t)state->generation, "state",
		lifecycle_state_name(state->state), "label", api_text(state->label), "client",
		api_fingerprint(state->identity, state->anonymous), "output",
		api_text(state->output.name), "mode", api_mode(&state->output.mode), "place",
		api_place(&state->place), "kept_scale_percent", kept_scale(api, state->slot),
		"pinned", is_pinned(policy, state->slot), "sessions", display_sessions(state),
		"expires_in", expires_in);
}

size_t api_own_desktops(const struct api *api, struct api_own_desktop *list)
{
	return api->own_desktops ? api->own_desktops(api->own_data, list, API_OWN_DESKTOPS_MAX) : 0;
}

static json_t *displays(
	const struct api *api, const struct display_registry *registry, uint64_t now_ns)
{
	struct display_policy policy;
	struct display_state *states = calloc(ADMISSION_DISPLAYS_MAX, sizeof *states);
	json_t *list = states ? json_array() : NULL;
	if (!list) {
		free(states);
		return NULL;
	}
	settings_policy(api->settings, NULL, &policy);
	const size_t count = display_registry_list(registry, states, ADMISSION_DISPLAYS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (states[i].state != LIFECYCLE_GONE)
			json_array_append_new(list, display(api, &policy, &states[i], now_ns));
	}
	free(states);
	return list;
}

static json_t *outputs(const struct display_desktop_state *desktop)
{
	json_t *list = json_array();
	for (size_t i = 0; i < desktop->outside_count; i++) {
		const struct display_outside_output *output = &desktop->outside[i];
		const struct layout_rect place = { output->x, output->y, output->width,
			output->height };
		json_array_append_new(list,
			json_pack("{s:o,s:b,s:o,s:o}", "name", api_text(output->name), "enabled",
				output->enabled, "mode", api_mode(&output->mode), "place",
				api_place(&place)));
	}
	return list;
}

/* Where a client that nobody has seen yet would land. */
static json_t *next_place(const struct api *api)
{
	static const struct display_request request = {
		.ordinal = 1,
		.label = "a new client",
		.mode = { 1920, 1080, 60000, 100 },
	};
	struct display_explanation *explanation = calloc(1, sizeof *explanation);
	if (!explanation)
		return NULL;
	display_registry_explain(api->registry, &request, NULL, explanation);
	json_t *place = explanation->error ? json_null() : api_place(&explanation->place);
	free(explanation);
	return place;
}

static uint32_t most_displays(const struct api *api)
{
	struct display_policy policy;
	settings_policy(api->settings, NULL, &policy);
	return policy.max_displays;
}

static json_t *own_desktops(const struct api *api, uint64_t now_ns)
{
	struct api_own_desktop own[API_OWN_DESKTOPS_MAX];
	const size_t count = api_own_desktops(api, own);
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		struct display_desktop_state desktop;
		display_registry_desktop(own[i].registry, &desktop);
		json_array_append_new(list,
			json_pack("{s:s,s:o,s:o,s:s,s:b,s:o}", "name", own[i].name, "client",
				api_fingerprint(own[i].client, false), "app",
				own[i].app[0] ? api_text(own[i].app) : json_null(), "backend",
				desktop.backend, "ready", desktop.ready, "displays",
				displays(api, own[i].registry, now_ns)));
	}
	return list;
}

json_t *api_view_displays(struct api *api, uint64_t now_ns)
{
	struct display_desktop_state desktop;
	display_registry_desktop(api->registry, &desktop);
	return json_pack("{s:{s:s,s:b,s:{s:s,s:s}},s:o,s:o,s:I,s:o,s:o}", "desktop", "backend",
		desktop.backend, "ready", desktop.ready, "topology", "wanted",
		display_topology_name(desktop.wanted), "applied",
		display_topology_name(desktop.applied), "displays",
		displays(api, api->registry, now_ns), "outputs", outputs(&desktop), "max_displays",
		(json_int_t)most_displays(api), "next", next_place(api), "own_desktops",
		own_desktops(api, now_ns));
}

void api_get_state(struct api_call *call)
{
	api_answer_json(call, api_view_displays(call->api, call->now_ns));
}
