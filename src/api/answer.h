/*
 * What answers look like: JSON, text, nothing, and problems (RFC 9457).
 *
 * Room: api, private. Each of these ends the call (api_call_answer).
 */
#ifndef LODGE_API_ANSWER_H
#define LODGE_API_ANSWER_H

#include <jansson.h>

#include "settings/settings.h" /* struct settings_faults: the faults of all routes have its shape */

struct api_call;

/* Takes the reference; NULL (memory was short while it was made) answers 500. */
void api_answer_json(struct api_call *call, json_t *json);
void api_answer_text(struct api_call *call, const char *type, const char *text, size_t size);
/* What somebody else has made: nothing in it is run, and nothing fetched for it, when it is looked at by itself. */
void api_answer_picture(struct api_call *call, const char *type, const void *bytes, size_t size);
/* 204. `fields`: further header lines, or "". */
void api_answer_nothing(struct api_call *call, const char *fields);

__attribute__((format(printf, 3, 4))) void api_problem(
	struct api_call *call, int status, const char *format, ...);
/* With header lines and with members of its own (a new reference or NULL). */
void api_problem_with(
	struct api_call *call, int status, const char *fields, json_t *members, const char *detail);
/* 422, naming each of them. None at all: what refused was short of memory. */
void api_problem_faults(struct api_call *call, const struct settings_faults *faults);
void api_problem_memory(struct api_call *call);

__attribute__((format(printf, 3, 4))) void api_fault(
	struct settings_faults *faults, const char *pointer, const char *format, ...);
/* Puts `prefix` in front of the pointers, or cuts `cut` off them. */
void api_faults_prefix(struct settings_faults *faults, const char *prefix);
void api_faults_cut(struct settings_faults *faults, const char *cut);

#endif
