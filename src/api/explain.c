/* POST /display/explain: the admission's answer without performing it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/internal.h"
#include "api/json.h"
#include "display/registry.h"
#include "session/clients.h"
#include "settings/settings.h"

#define MHZ_PER_HZ 1000
#define HZ_MIN (DISPLAY_REFRESH_MIN_MHZ / MHZ_PER_HZ)
#define HZ_MAX (DISPLAY_REFRESH_MAX_MHZ / MHZ_PER_HZ)
#define BIT(index) (UINT64_C(1) << (index))

struct question {
	struct display_request request;
	bool has_policy;
	struct display_policy policy; /* of the document that was sent instead of the stored one */
	struct display_explanation explanation;
};

static void read_client(const struct api *api, const json_t *body, struct display_request *request,
	struct settings_faults *faults)
{
	const json_t *value = json_object_get(body, "client");
	const char *text = json_string_value(value);
	request->anonymous = !value || json_is_null(value);
	snprintf(request->label, sizeof request->label, "a client");
	if (request->anonymous)
		return;
	if (!text || !api_fingerprint_parse(text, request->identity)) {
		api_fault(faults, "/client",
			"a fingerprint (64 hexadecimal digits) or null is wanted");
		return;
	}
	const struct client *client = client_store_find(api->clients, request->identity);
	if (client)
		snprintf(request->label, sizeof request->label, "%s", client->label);
}

static void read_mode(const json_t *body, struct display_mode *mode, struct settings_faults *faults)
{
	static const char *const names[] = { "width", "height", "refresh_hz", "scale_percent",
		NULL };
	const json_t *object = json_object_get(body, "mode");
	if (!json_is_object(object)) {
		api_fault(faults, "/mode", "an object with width and height is wanted");
		return;
	}
	const json_t *refresh = json_object_get(object, "refresh_hz");
	const double hz = refresh ? json_number_value(refresh) : 60;
	api_body_known(object, "/mode", names, faults);
	for (int i = 0; i < 2; i++) {
		if (!json_object_get(object, names[i]))
			api_fault(faults, i ? "/mode/height" : "/mode/width", "it is missing");
	}
	mode->width_px = (uint32_t)api_body_integer(object, "/mode", "width", DISPLAY_SIZE_MIN_PX,
		DISPLAY_SIZE_MAX_PX, DISPLAY_SIZE_MIN_PX, faults);
	mode->height_px = (uint32_t)api_body_integer(object, "/mode", "height", DISPLAY_SIZE_MIN_PX,
		DISPLAY_SIZE_MAX_PX, DISPLAY_SIZE_MIN_PX, faults);
	mode->scale_percent = (uint32_t)api_body_integer(object, "/mode", "scale_percent",
		DISPLAY_SCALE_MIN_PERCENT, DISPLAY_SCALE_MAX_PERCENT, 100, faults);
	const int least = HZ_MIN, most = HZ_MAX;
	if ((refresh && !json_is_number(refresh)) || !(hz >= least) || hz > most)
		api_fault(faults, "/mode/refresh_hz", "a number from %d to %d is wanted", least,
			most);
	else
		mode->refresh_mhz = (uint32_t)lround(hz * MHZ_PER_HZ);
}

static void read_question(const struct api *api, const json_t *body, struct question *question,
	struct settings_faults *faults)
{
	static const char *const names[] = { "client", "mode", "settings", NULL };
	struct display_request *request = &question->request;
	const json_t *document = json_object_get(body, "settings");
	struct settings_faults found = { 0 };
	api_body_known(body, "", names, faults);
	request->ordinal = 1;
	read_client(api, body, request, faults);
	read_mode(body, &request->mode, faults);
	if (!document)
		return;
	question->has_policy = settings_try(api->settings, document,
		request->anonymous ? NULL : request->identity, &question->policy, &found);
	api_faults_prefix(&found, "/settings");
	for (size_t i = 0; i < found.count; i++)
		api_fault(faults, found.faults[i].pointer, "%s", found.faults[i].text);
}

/* A word of the contract, NULL when the display would be granted. */
static const char *rejection(const struct display_explanation *explanation)
{
	switch ((int)explanation->error) {
	case 0:
		return NULL;
	case DISPLAY_ERROR_BAD_MODE:
		return "bad-mode";
	case DISPLAY_ERROR_FULL:
		return "full";
	case DISPLAY_ERROR_BUSY:
		return "busy";
	case DISPLAY_ERROR_ENCODER_BUSY:
		return "encoder-busy";
	case DISPLAY_ERROR_SHUTTING_DOWN:
		return "shutting-down";
	default:
		return "no-desktop";
	}
}

/* The displays whose sessions would end. */
static uint64_t ending(const struct admission_decision *decision)
{
	uint64_t bits = decision->victims | decision->preempt;
	if (decision->kind == ADMISSION_TRANSFER)
		bits |= BIT(decision->display);
	for (size_t i = 0; i < decision->reason_count; i++) {
		const struct admission_reason *reason = &decision->reasons[i];
		if (reason->code == ADMISSION_REASON_PREEMPTS_OWN_SESSION &&
			reason->display < ADMISSION_DISPLAYS_MAX)
			bits |= BIT(reason->display);
	}
	return decision->kind == ADMISSION_REJECT ? 0 : bits;
}

static json_t *list_of(const struct display_explanation *explanation, uint64_t bits, bool labels)
{
	json_t *list = json_array();
	for (size_t i = 0; i < ADMISSION_DISPLAYS_MAX; i++) {
		if (bits & BIT(i))
			json_array_append_new(list,
				labels ? api_text(explanation->labels[i])
				       : json_integer(explanation->displays[i]));
	}
	return list;
}

static json_t *reasons(const struct display_explanation *explanation)
{
	const struct admission_decision *decision = &explanation->decision;
	json_t *list = json_array();
	for (size_t i = 0; i < decision->reason_count; i++) {
		const struct admission_reason *reason = &decision->reasons[i];
		const int64_t slot = reason->display < ADMISSION_DISPLAYS_MAX
			? (int64_t)explanation->displays[reason->display]
			: -1;
		json_array_append_new(list,
			json_pack("{s:i,s:s,s:s,s:o}", "rule", reason->rule, "code",
				admission_reason_name(reason->code), "text",
				admission_reason_text(reason->code), "slot", api_slot(slot)));
	}
	return list;
}

/* The preset that rules: the document's when there is one, and when that says. */
static char *preset_name(struct api *api, const struct question *question, const json_t *body)
{
	const uint8_t *client = question->request.anonymous ? NULL : question->request.identity;
	const json_t *document = json_object_get(body, "settings");
	json_t *effective = settings_effective(api->settings, client);
	const char *name = json_string_value(json_object_get(effective, "preset"));
	if (document) {
		const char *own = json_string_value(json_object_get(document, "preset"));
		name = own ? own : "custom";
	}
	char *copy = strdup(name ? name : "custom");
	json_decref(effective);
	return copy;
}

static json_t *explanation_json(const struct display_explanation *explanation, const char *preset)
{
	const struct admission_decision *decision = &explanation->decision;
	const char *rejected = rejection(explanation);
	const bool joins = !rejected && decision->kind == ADMISSION_JOIN;
	return json_pack("{s:s,s:o,s:o,s:o,s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:o}", "decision",
		rejected ? "reject" : admission_kind_name(decision->kind), "rejection",
		rejected ? json_string(rejected) : json_null(), "slot",
		api_slot(rejected ? -1 : (int64_t)explanation->slot), "mode",
		rejected ? json_null() : api_mode(&explanation->mode), "place",
		rejected ? json_null() : api_place(&explanation->place), "topology",
		display_topology_name(explanation->topology), "policy",
		settings_describe(&explanation->policy, preset), "joins",
		joins ? api_text(explanation->labels[decision->display]) : json_null(), "ends",
		list_of(explanation, rejected ? 0 : ending(decision), true), "closes",
		list_of(explanation, rejected ? 0 : decision->evict, false), "reasons",
		reasons(explanation), "text", api_text(explanation->text));
}

static void answer_question(struct api_call *call, struct question *question, const json_t *body)
{
	char *preset = preset_name(call->api, question, body);
	display_registry_explain(call->api->registry, &question->request,
		question->has_policy ? &question->policy : NULL, &question->explanation);
	api_answer_json(call, preset ? explanation_json(&question->explanation, preset) : NULL);
	free(preset);
}

void api_explain(struct api_call *call)
{
	struct settings_faults faults = { 0 };
	json_t *body = api_read_body(call);
	if (!body)
		return;
	struct question *question = calloc(1, sizeof *question);
	if (question)
		read_question(call->api, body, question, &faults);
	if (!question)
		api_problem_memory(call);
	else if (faults.total)
		api_problem_faults(call, &faults);
	else
		answer_question(call, question, body);
	free(question);
	json_decref(body);
}
