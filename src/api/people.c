/* /presence and /control, and their topics. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"
#include "api/views.h"
#include "session/host.h"

#define PEOPLE_MAX 256

static json_t *transports(uint32_t bits)
{
	json_t *list = json_array();
	for (enum presence_transport one = PRESENCE_BROWSER; one <= PRESENCE_GAMESTREAM; one++) {
		if (bits >> one & 1)
			json_array_append_new(list, json_string(presence_transport_name(one)));
	}
	return list;
}

static json_t *person(const struct person_state *state, uint64_t now_ns)
{
	const struct presence_info *info = &state->person;
	json_t *sessions = json_array();
	for (size_t i = 0; i < state->session_count; i++)
		json_array_append_new(sessions, json_integer(state->sessions[i]));
	return json_pack("{s:I,s:o,s:s,s:o,s:b,s:o,s:o}", "person", (json_int_t)info->id, "name",
		api_text(info->name.text), "state", presence_state_name(info->state), "transports",
		transports(info->transports), "view_only", info->view_only, "sessions", sessions,
		"since", api_seconds(info->joined_ns, now_ns));
}

json_t *api_view_presence(struct api *api, uint64_t now_ns)
{
	struct display_policy policy;
	struct person_state *states = calloc(PEOPLE_MAX, sizeof *states);
	json_t *people = states ? json_array() : NULL;
	const size_t count = states ? session_host_people(api->sessions, states, PEOPLE_MAX) : 0;
	settings_policy(api->settings, NULL, &policy);
	for (size_t i = 0; people && i < count; i++)
		json_array_append_new(people, person(&states[i], now_ns));
	free(states);
	return people ? json_pack("{s:b,s:o}", "enabled", policy.presence.enabled, "people", people)
		      : NULL;
}

json_t *api_view_control(struct api *api, uint64_t now_ns)
{
	struct control_view view;
	session_host_control(api->sessions, &view);
	json_t *line = json_array();
	for (size_t i = 0; i < view.line_count; i++)
		json_array_append_new(line,
			json_pack("{s:I,s:o}", "session", (json_int_t)view.line[i].session,
				"asks_for",
				view.line[i].answer_by_ns
					? api_seconds(now_ns, view.line[i].answer_by_ns)
					: json_null()));
	return json_pack("{s:s,s:o,s:o,s:o}", "mode", control_mode_name(view.mode), "holder",
		view.holder ? json_integer(view.holder) : json_null(), "away_for",
		view.away_until_ns ? api_seconds(now_ns, view.away_until_ns) : json_null(), "line",
		line);
}

void api_get_presence(struct api_call *call)
{
	api_answer_json(call, api_view_presence(call->api, call->now_ns));
}

void api_get_control(struct api_call *call)
{
	api_answer_json(call, api_view_control(call->api, call->now_ns));
}

static bool read_action(const char *word, enum control_event_type *type)
{
	static const struct {
		const char *word;
		enum control_event_type type;
	} actions[] = {
		{ "grant", CONTROL_GRANT },
		{ "deny", CONTROL_DENY },
		{ "give", CONTROL_GIVE },
		{ "release", CONTROL_RELEASE },
	};
	for (size_t i = 0; word && i < sizeof actions / sizeof *actions; i++) {
		if (strcmp(actions[i].word, word) == 0) {
			*type = actions[i].type;
			return true;
		}
	}
	return false;
}

void api_steer(struct api_call *call)
{
	static const char *const names[] = { "action", "session", NULL };
	struct settings_faults faults = { 0 };
	enum control_event_type type = CONTROL_RELEASE;
	json_t *body = api_read_body(call);
	if (!body)
		return;
	api_body_known(body, "", names, &faults);
	if (!read_action(json_string_value(json_object_get(body, "action")), &type))
		api_fault(&faults, "/action", "grant, deny, give or release is wanted");
	const int64_t session = api_body_integer(body, "", "session", 1, UINT32_MAX, 0, &faults);
	if (type != CONTROL_RELEASE && session == 0 && faults.total == 0)
		api_fault(&faults, "/session", "the session that it concerns is wanted");
	json_decref(body);
	if (faults.total) {
		api_problem_faults(call, &faults);
		return;
	}
	snprintf(call->target, sizeof call->target, "session %u", (unsigned)session);
	const enum control_refusal refusal =
		session_host_steer(call->api->sessions, type, (uint32_t)session);
	if (refusal == CONTROL_NOT_REFUSED)
		api_get_control(call);
	else
		api_problem_with(call, 409, "",
			json_pack("{s:s}", "refusal", control_refusal_name(refusal)),
			"control does not allow it now");
}
