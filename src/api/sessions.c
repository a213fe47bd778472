/* /sessions, and its topic. */
#include <stdlib.h>

#include "api/answer.h"
#include "api/grants.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"
#include "api/views.h"
#include "session/host.h"

struct session_state *api_sessions(const struct api *api, size_t *count)
{
	struct session_state *states = calloc(API_SESSIONS_MAX, sizeof *states);
	*count = states ? session_host_list(api->sessions, states, API_SESSIONS_MAX) : 0;
	return states;
}

static json_t *session(const struct session_state *state, uint64_t now_ns)
{
	const struct display_info *display = &state->display;
	return json_pack("{s:I,s:o,s:o,s:s,s:o,s:o,s:o,s:b,s:o,s:I,s:o,s:b}", "session",
		(json_int_t)state->id, "label", api_text(state->label), "client",
		api_fingerprint(state->fingerprint, state->anonymous), "transport",
		state->transport, "peer", api_text(state->peer), "since",
		api_seconds(state->since_ns, now_ns), "slot",
		api_slot(state->has_display ? (int64_t)display->slot : -1), "joined",
		state->has_display && display->joined, "mode",
		state->has_display ? api_mode(&display->output.mode) : json_null(), "dropped",
		(json_int_t)(now_ns == API_STEADY ? 0 : state->dropped), "grants",
		api_grants(state->planes), "guest", state->guest);
}

json_t *api_view_sessions(struct api *api, uint64_t now_ns)
{
	size_t count = 0;
	struct session_state *states = api_sessions(api, &count);
	json_t *list = states ? json_array() : NULL;
	for (size_t i = 0; list && i < count; i++) {
		if (!states[i].waiting)
			json_array_append_new(list, session(&states[i], now_ns));
	}
	free(states);
	return list ? json_pack("{s:o}", "sessions", list) : NULL;
}

void api_list_sessions(struct api_call *call)
{
	api_answer_json(call, api_view_sessions(call->api, call->now_ns));
}

void api_end_session(struct api_call *call)
{
	uint32_t id;
	if (api_number_parse(call->parameter, UINT32_MAX, &id) &&
		session_host_end(call->api->sessions, id, "the operator ended this session"))
		api_answer_nothing(call, "");
	else
		api_problem(call, 404, "no such session is attached");
}
