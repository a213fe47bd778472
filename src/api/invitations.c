/* /invitations */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/grants.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"
#include "core/invitation.h"
#include "session/host.h"

#define INVITATIONS_MAX 64
#define SECONDS_DEFAULT 3600
#define SECONDS_MAX (30 * 24 * 3600)

static json_t *invitation(const struct invitation_state *state, uint64_t now_ns)
{
	const struct invitation *one = &state->invitation;
	return json_pack("{s:s,s:o,s:o,s:I,s:o,s:o,s:s,s:I}", "id", state->id, "label",
		api_text(state->label), "grants", api_grants(one->planes), "uses_left",
		(json_int_t)one->uses_left, "expires_in", api_seconds(now_ns, one->expires_ns),
		"stay", one->stay_ns ? api_seconds(0, one->stay_ns) : json_null(), "state",
		invitation_verdict_name(invitation_check(one, now_ns)), "guests",
		(json_int_t)state->guests);
}

void api_list_invitations(struct api_call *call)
{
	struct invitation_state *states = calloc(INVITATIONS_MAX, sizeof *states);
	json_t *list = states ? json_array() : NULL;
	const size_t count =
		states ? session_host_invitations(call->api->sessions, states, INVITATIONS_MAX) : 0;
	for (size_t i = 0; list && i < count; i++)
		json_array_append_new(list, invitation(&states[i], call->now_ns));
	free(states);
	api_answer_json(call, list ? json_pack("{s:o}", "invitations", list) : NULL);
}

/* The PIN is in this one answer and nowhere else. */
static void answer_invitation(struct api_call *call, const struct invitation_state *state)
{
	char link[64];
	json_t *json = invitation(state, call->now_ns);
	snprintf(link, sizeof link, "/?invite=%s", state->id);
	json_object_set_new(json, "link", json_string(link));
	json_object_set_new(json, "pin", json_string(state->pin));
	api_answer_json(call, json);
}

void api_invite(struct api_call *call)
{
	static const char *const names[] = { "preset", "planes", "seconds", "uses", "stay_seconds",
		"label", NULL };
	struct settings_faults faults = { 0 };
	json_t *body = api_read_body(call);
	if (!body)
		return;
	api_body_known(body, "", names, &faults);
	const uint32_t planes = api_read_planes(body, "", &faults);
	const int64_t seconds =
		api_body_integer(body, "", "seconds", 60, SECONDS_MAX, SECONDS_DEFAULT, &faults);
	const int64_t uses = api_body_integer(body, "", "uses", 1, INVITATION_USES_MAX, 1, &faults);
	const int64_t stay =
		api_body_integer(body, "", "stay_seconds", 60, SECONDS_MAX, 0, &faults);
	const json_t *text = json_object_get(body, "label");
	char label[65] = "";
	if (text && (!json_is_string(text) || json_string_length(text) > 64))
		api_fault(&faults, "/label", "a text of at most 64 bytes is wanted");
	else if (text)
		snprintf(label, sizeof label, "%s", json_string_value(text));
	json_decref(body);
	if (faults.total) {
		api_problem_faults(call, &faults);
		return;
	}
	const struct invitation_state *state = session_host_invite(call->api->sessions,
		&(struct invitation){
			.planes = planes,
			.uses_left = (uint32_t)uses,
			.expires_ns = call->now_ns + (uint64_t)seconds * API_NS_PER_S,
			.stay_ns = (uint64_t)stay * API_NS_PER_S,
		},
		label);
	if (!state) {
		api_problem(call, errno == ENOSPC ? 409 : 500, "no invitation can be made: %s",
			errno == ENOSPC ? "there are as many as there may be" : strerror(errno));
		return;
	}
	snprintf(call->target, sizeof call->target, "%s", state->id);
	answer_invitation(call, state);
}

void api_revoke(struct api_call *call)
{
	const char *query = strchr(call->request->target, '?');
	const bool end_guests = query && strcmp(query, "?end_guests=true") == 0;
	if (session_host_revoke(call->api->sessions, call->parameter, end_guests))
		api_answer_nothing(call, "");
	else
		api_problem(call, 404, "there is no such invitation");
}
