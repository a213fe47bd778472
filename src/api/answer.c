#include "api/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/json.h"
#include "core/http_status.h"

/* What an admin sees is nobody else's, and never yesterday's. */
#define FIELDS "Cache-Control: no-store\r\n"

static void answer(struct api_call *call, int status, const char *type, const char *more_fields,
	const void *body, size_t size)
{
	char fields[512];
	snprintf(fields, sizeof fields, FIELDS "%s", more_fields);
	api_call_answer(call,
		&(const struct api_answer){
			.status = status,
			.type = type,
			.fields = fields,
			.body = body,
			.body_size = size,
		});
}

static void answer_dump(
	struct api_call *call, int status, const char *type, const char *fields, json_t *json)
{
	char *text = json ? json_dumps(json, API_DUMP_FLAGS) : NULL;
	json_decref(json);
	if (text)
		answer(call, status, type, fields, text, strlen(text));
	else
		api_problem_memory(call);
	free(text);
}

void api_answer_json(struct api_call *call, json_t *json)
{
	answer_dump(call, 200, "application/json", "", json);
}

void api_answer_text(struct api_call *call, const char *type, const char *text, size_t size)
{
	answer(call, 200, type, "", text, size);
}

void api_answer_picture(struct api_call *call, const char *type, const void *bytes, size_t size)
{
	answer(call, 200, type,
		"Content-Security-Policy: sandbox; default-src 'none'; style-src "
		"'unsafe-inline'\r\n",
		bytes, size);
}

void api_answer_nothing(struct api_call *call, const char *fields)
{
	answer(call, 204, NULL, fields, NULL, 0);
}

void api_problem_memory(struct api_call *call)
{
	static const char body[] = "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\","
				   "\"status\":500,\"detail\":\"the host is short of memory\"}";
	answer(call, 500, "application/problem+json", "", body, sizeof body - 1);
}

void api_problem_with(
	struct api_call *call, int status, const char *fields, json_t *members, const char *detail)
{
	json_t *problem = json_pack("{s:s,s:s,s:i,s:o}", "type", "about:blank", "title",
		http_status_title(status), "status", status, "detail", api_text(detail));
	if (problem && members && json_object_update(problem, members) < 0) {
		json_decref(problem);
		problem = NULL;
	}
	json_decref(members);
	answer_dump(call, status, "application/problem+json", fields, problem);
}

void api_problem(struct api_call *call, int status, const char *format, ...)
{
	char detail[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(detail, sizeof detail, format, arguments);
	va_end(arguments);
	api_problem_with(call, status, "", NULL, detail);
}

void api_problem_faults(struct api_call *call, const struct settings_faults *faults)
{
	char detail[160];
	if (faults->total == 0) {
		api_problem_memory(call);
		return;
	}
	json_t *errors = json_array();
	for (size_t i = 0; i < faults->count; i++)
		json_array_append_new(errors,
			json_pack("{s:o,s:o}", "pointer", api_text(faults->faults[i].pointer),
				"detail", api_text(faults->faults[i].text)));
	if (faults->total > faults->count)
		snprintf(detail, sizeof detail,
			"nothing was changed: %zu fields are at fault, the first %zu are named",
			faults->total, faults->count);
	else
		snprintf(detail, sizeof detail, "nothing was changed: %zu %s at fault",
			faults->total, faults->total == 1 ? "field is" : "fields are");
	api_problem_with(call, 422, "", json_pack("{s:o}", "errors", errors), detail);
}

void api_fault(struct settings_faults *faults, const char *pointer, const char *format, ...)
{
	faults->total++;
	if (faults->count == SETTINGS_FAULTS_MAX)
		return;
	struct settings_fault *fault = &faults->faults[faults->count++];
	snprintf(fault->pointer, sizeof fault->pointer, "%s", pointer);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(fault->text, sizeof fault->text, format, arguments);
	va_end(arguments);
}

void api_faults_prefix(struct settings_faults *faults, const char *prefix)
{
	for (size_t i = 0; i < faults->count; i++) {
		char *pointer = faults->faults[i].pointer, rest[sizeof faults->faults[i].pointer];
		snprintf(rest, sizeof rest, "%s", pointer);
		snprintf(pointer, sizeof faults->faults[i].pointer, "%.60s%.99s", prefix, rest);
	}
}

void api_faults_cut(struct settings_faults *faults, const char *cut)
{
	const size_t size = strlen(cut);
	for (size_t i = 0; i < faults->count; i++) {
		char *pointer = faults->faults[i].pointer;
		if (strncmp(pointer, cut, size) == 0)
			memmove(pointer, pointer + size, strlen(pointer + size) + 1);
	}
}
