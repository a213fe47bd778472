/* /pairing, and its topic. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"
#include "api/views.h"
#include "session/clients.h"
#include "session/host.h"

#define SECONDS_MIN 30
#define SECONDS_MAX 86400
#define SECONDS_DEFAULT 600

static json_t *requests(const struct api *api, uint64_t now_ns)
{
	size_t count = 0;
	struct session_state *states = api_sessions(api, &count);
	json_t *list = states ? json_array() : NULL;
	for (size_t i = 0; list && i < count; i++) {
		const struct session_state *state = &states[i];
		if (!state->waiting)
			continue;
		json_array_append_new(list,
			json_pack("{s:I,s:o,s:o,s:o,s:o}", "session", (json_int_t)state->id,
				"label", api_text(state->label), "fingerprint",
				api_fingerprint(state->fingerprint, false), "peer",
				api_text(state->peer), "since",
				api_seconds(state->since_ns, now_ns)));
	}
	free(states);
	return list;
}

json_t *api_view_pairing(struct api *api, uint64_t now_ns)
{
	uint64_t expires_ns = 0, real_now_us = 0;
	sd_event_now(api->event, CLOCK_MONOTONIC, &real_now_us);
	/* Whether it still holds does not depend on from when its time is counted. */
	const char *pin = client_store_pin(
		api->clients, now_ns == API_STEADY ? real_now_us * 1000 : now_ns, &expires_ns);
	return json_pack("{s:b,s:o,s:o,s:o}", "armed", pin != NULL, "pin",
		pin ? json_string(pin) : json_null(), "expires_in",
		pin && expires_ns ? api_seconds(now_ns, expires_ns) : json_null(), "requests",
		requests(api, now_ns));
}

void api_get_pairing(struct api_call *call)
{
	api_answer_json(call, api_view_pairing(call->api, call->now_ns));
}

void api_arm_pairing(struct api_call *call)
{
	static const char *const names[] = { "seconds", NULL };
	struct settings_faults faults = { 0 };
	json_t *body = api_read_body(call);
	if (!body)
		return;
	api_body_known(body, "", names, &faults);
	const int64_t seconds = api_body_integer(
		body, "", "seconds", SECONDS_MIN, SECONDS_MAX, SECONDS_DEFAULT, &faults);
	json_decref(body);
	if (faults.total) {
		api_problem_faults(call, &faults);
		return;
	}
	snprintf(call->target, sizeof call->target, "%d s", (int)seconds);
	if (client_store_arm_pin_until(
		    call->api->clients, call->now_ns + (uint64_t)seconds * API_NS_PER_S))
		api_get_pairing(call);
	else
		api_problem(call, 500, "the system has no random numbers for a PIN");
}

void api_cancel_pairing(struct api_call *call)
{
	client_store_disarm_pin(call->api->clients);
	api_answer_nothing(call, "");
}

void api_decide_pairing(struct api_call *call)
{
	static const char *const names[] = { "decision", NULL };
	struct settings_faults faults = { 0 };
	uint32_t session;
	json_t *body = api_read_body(call);
	if (!body)
		return;
	const char *decision = json_string_value(json_object_get(body, "decision"));
	const bool approve = decision && strcmp(decision, "approve") == 0;
	api_body_known(body, "", names, &faults);
	if (!approve && (!decision || strcmp(decision, "deny") != 0))
		api_fault(&faults, "/decision", "approve or deny is wanted");
	json_decref(body);
	if (faults.total) {
		api_problem_faults(call, &faults);
		return;
	}
	snprintf(call->target, sizeof call->target, "%s %s", approve ? "approve" : "deny",
		call->parameter);
	const int error = api_number_parse(call->parameter, UINT32_MAX, &session)
		? session_host_decide(call->api->sessions, session, approve)
		: -ENOENT;
	if (error == -ENOENT)
		api_problem(call, 404, "no such session asks to be paired");
	else if (error < 0)
		api_problem(call, 500, "the client cannot be paired: %s", strerror(-error));
	else
		api_get_pairing(call);
}
