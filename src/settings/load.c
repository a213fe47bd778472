#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings/settings_private.h"

#define WITHOUT "the defaults rule until settings are made anew"

static const struct state_document policy_file = { SETTINGS_FILE, SETTINGS_FILE_MAX,
	WITHOUT };
static const struct state_document presets_file = { SETTINGS_PRESETS_FILE, SETTINGS_FILE_MAX,
	WITHOUT };

static bool is_from_the_future(const json_t *json)
{
	return json_number_value(json_object_get(json, "version")) > POLICY_VERSION;
}

/* A number that does not fit is out of its range, and the reader mends that: the file is JSON all the same. */
static json_t *parse(const char *text, size_t size, json_error_t *fault)
{
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, fault);
	if (json || json_error_code(fault) != json_error_numeric_overflow)
		return json;
	return json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, fault);
}

/* *json stays NULL when the text cannot be used. */
static int read_json(const struct settings *settings, const struct state_document *document,
	const char *text, size_t size, json_t **json)
{
	char reason[JSON_ERROR_TEXT_LENGTH + 32];
	json_error_t fault;
	*json = parse(text, size, &fault);
	if (!*json && fault_memory_short(text, size))
		return -ENOMEM;
	if (!*json) {
		snprintf(reason, sizeof reason, "line %d: %s", fault.line, fault_plain(fault.text));
		return state_folder_set_aside(&settings->folder, document, reason);
	}
	const bool is_object = json_is_object(*json);
	if (is_object && !is_from_the_future(*json))
		return 0;
	json_decref(*json);
	*json = NULL;
	return state_folder_set_aside(&settings->folder, document,
		is_object ? "it is of a newer version of Lodge" : "it is no JSON object");
}

/* *json stays NULL when there is no file, or none that can be used. */
static int read_file(
	const struct settings *settings, const struct state_document *document, json_t **json)
{
	char *text = NULL;
	size_t size = 0;
	*json = NULL;
	int error = state_folder_read(&settings->folder, document, &text, &size);
	if (error == 0 && text)
		error = read_json(settings, document, text, size, json);
	free(text);
	return error;
}

static void warn(const struct settings *settings, const char *name, struct settings_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		fprintf(stderr, "lodged: %s/%s: %s: %s\n", settings->folder.path, name,
			fault_plain(faults->faults[i].pointer), faults->faults[i].text);
	if (faults->total > faults->count)
		fprintf(stderr, "lodged: %s/%s: and %zu faults more\n", settings->folder.path, name,
			faults->total - faults->count);
}

int settings_load(struct settings *settings)
{
	struct settings_state *state = settings->current;
	struct settings_faults faults = { 0 };
	struct settings_reading reading = { .lenient = true, .faults = &faults };
	json_t *json;
	int error = read_file(settings, &presets_file, &json);
	if (error < 0)
		return error;
	if (json) {
		document_read_presets(&reading, json, state);
		warn(settings, SETTINGS_PRESETS_FILE, &faults);
		json_decref(json);
	}
	error = read_file(settings, &policy_file, &json);
	if (error < 0 || !json)
		return error;
	faults = (struct settings_faults){ 0 };
	reading.presets = state->presets;
	reading.preset_count = state->preset_count;
	document_read(&reading, json, state);
	warn(settings, SETTINGS_FILE, &faults);
	json_decref(json);
	return 0;
}
