#include "settings/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "settings/settings_private.h"

struct settings *settings_open(const struct settings_params *params)
{
	int error = -ENOMEM;
	struct settings *settings = calloc(1, sizeof *settings);
	if (!settings)
		goto error;
	settings->params = *params;
	settings->folder = STATE_FOLDER_NONE;
	settings->revision = 1;
	STAILQ_INIT(&settings->changes);
	STAILQ_INIT(&settings->answers);
	if (params->environment)
		settings->environment = *params->environment;
	if (params->command_line)
		settings->command_line = *params->command_line;
	settings->current = calloc(1, sizeof *settings->current);
	settings->latest = settings->current;
	if (!settings->current)
		goto error;
	if (mkdir(params->config_folder, 0700) < 0 && errno != EEXIST) {
		error = -errno;
		fprintf(stderr, "lodged: settings folder %s cannot be made: %s\n",
			params->config_folder, strerror(errno));
		goto error;
	}
	error = state_folder_open(&settings->folder, params->config_folder);
	if (error == 0)
		error = settings_load(settings);
	if (error == 0)
		return settings;
error:
	settings_close(settings);
	errno = -error;
	return NULL;
}

void settings_close(struct settings *settings)
{
	if (!settings)
		return;
	settings_drop_changes(settings);
	state_folder_close(&settings->folder);
	free(settings->current);
	settings->closed = true;
	if (!settings->telling)
		free(settings);
}

static const struct policy_layer *client_layer(
	const struct settings_state *state, const uint8_t *fingerprint)
{
	if (!fingerprint)
		return NULL;
	const struct settings_overrides *found =
		document_find_client((struct settings_state *)state, fingerprint);
	return found ? &found->layer : NULL;
}

static void merge(const struct settings *settings, const struct settings_state *state,
	const uint8_t *fingerprint, struct display_policy *policy, char *preset,
	enum policy_source *from)
{
	policy_merge(
		&(struct policy_sources){
			.environment = &settings->environment,
			.command_line = &settings->command_line,
			.file = &state->file,
			.client = client_layer(state, fingerprint),
			.user_presets = state->presets,
			.user_preset_count = state->preset_count,
		},
		policy, preset, from);
}

void settings_policy(
	const struct settings *settings, const uint8_t *fingerprint, struct display_policy *policy)
{
	merge(settings, settings->current, fingerprint, policy, NULL, NULL);
}

uint64_t settings_revision(const struct settings *settings)
{
	return settings->revision;
}

json_t *settings_document(const struct settings *settings)
{
	return document_write(settings->current);
}

json_t *settings_effective(const struct settings *settings, const uint8_t *fingerprint)
{
	struct display_policy policy;
	char preset[POLICY_PRESET_NAME_MAX + 1];
	merge(settings, settings->current, fingerprint, &policy, preset, NULL);
	return document_write_policy(&policy, preset);
}

json_t *settings_describe(const struct display_policy *policy, const char *preset)
{
	return document_write_policy(policy, preset);
}

json_t *settings_sources(const struct settings *settings, const uint8_t *fingerprint)
{
	struct display_policy policy;
	enum policy_source from[POLICY_FIELDS];
	merge(settings, settings->current, fingerprint, &policy, NULL, from);
	json_t *json = json_object();
	for (enum policy_field field = 0; json && field < POLICY_FIELDS; field++) {
		const char *source = policy_source_name(from[field]);
		if (json_object_set_new(json, policy_field_name(field), json_string(source)) == 0)
			continue;
		json_decref(json);
		json = NULL;
	}
	return json;
}

static json_t *append_presets(json_t *list, const struct policy_preset *presets, size_t count)
{
	for (size_t i = 0; list && i < count; i++) {
		if (json_array_append_new(list, document_write_preset(&presets[i])) == 0)
			continue;
		json_decref(list);
		list = NULL;
	}
	return list;
}

json_t *settings_presets(const struct settings *settings)
{
	const struct settings_state *state = settings->current;
	json_t *list = append_presets(json_array(), policy_presets, policy_preset_count);
	return append_presets(list, state->presets, state->preset_count);
}

json_t *settings_client(const struct settings *settings, const uint8_t *fingerprint)
{
	const struct policy_layer *layer = client_layer(settings->current, fingerprint);
	return layer ? document_write_layer(layer) : json_object();
}

/* The candidate becomes the next state, unless it has faults. */
static bool conclude(struct settings *settings, struct settings_state *candidate, bool presets,
	settings_done done, void *data, struct settings_faults *faults)
{
	if (faults->total > 0) {
		free(candidate);
		return false;
	}
	return settings_queue(settings, candidate, presets, done, data);
}

static struct settings_reading strict(
	const struct settings_state *state, struct settings_faults *faults)
{
	*faults = (struct settings_faults){ 0 };
	return (struct settings_reading){
		.faults = faults,
		.presets = state->presets,
		.preset_count = state->preset_count,
	};
}

bool settings_put(struct settings *settings, const json_t *document, settings_done done, void *data,
	struct settings_faults *faults)
{
	struct settings_reading reading = strict(settings->latest, faults);
	struct settings_state *candidate = settings_copy(settings->latest);
	if (!candidate)
		return false;
	document_read(&reading, document, candidate);
	return conclude(settings, candidate, false, done, data, faults);
}

/*
 * What the file has to say besides, so that the layout's mode counts: a named preset's own would overrule another one, so
 * then the values in force are written out. One that stays is named: a layout and no preset would be read as custom.
 */
static void settle_preset(const struct settings *settings, struct policy_layer *file,
	const struct settings_state *state, enum policy_layout layout)
{
	struct display_policy policy;
	char preset[POLICY_PRESET_NAME_MAX + 1];
	merge(settings, state, NULL, &policy, preset, NULL);
	file->set |= 1u << POLICY_FIELD_PRESET;
	memcpy(file->preset, preset, sizeof preset);
	if (policy.layout == layout || strcmp(preset, "custom") == 0)
		return;
	strcpy(file->preset, "custom");
	for (enum policy_field field = 0; field < POLICY_FIELDS; field++) {
		if (!(POLICY_PRESET_FIELDS & 1u << field))
			continue;
		policy_copy_field(&file->fields, &policy, field);
		file->set |= 1u << field;
	}
}

bool settings_put_layout(struct settings *settings, const json_t *layout, settings_done done,
	void *data, struct settings_faults *faults)
{
	struct settings_reading reading = strict(settings->latest, faults);
	struct display_policy fields = { 0 };
	struct settings_state *candidate = settings_copy(settings->latest);
	if (!candidate)
		return false;
	document_read_layout(&reading, "", layout, true, &fields);
	settle_preset(settings, &candidate->file, settings->latest, fields.layout);
	policy_copy_field(&candidate->file.fields, &fields, POLICY_FIELD_LAYOUT);
	candidate->file.set |= 1u << POLICY_FIELD_LAYOUT;
	return conclude(settings, candidate, false, done, data, faults);
}

bool settings_put_client(struct settings *settings, const uint8_t *fingerprint,
	const json_t *overrides, settings_done done, void *data, struct settings_faults *faults)
{
	struct settings_reading reading = strict(settings->latest, faults);
	struct settings_state *candidate = settings_copy(settings->latest);
	struct policy_layer layer;
	if (!candidate)
		return false;
	document_read_layer(&reading, "", overrides, true, &layer);
	if (!document_set_client(candidate, fingerprint, &layer))
		document_fault(&reading, "", NULL, DOCUMENT_TOO_MANY_CLIENTS);
	return conclude(settings, candidate, false, done, data, faults);
}

static struct policy_preset *find_own(struct settings_state *state, const char *name)
{
	for (size_t i = 0; i < state->preset_count; i++) {
		if (strcmp(state->presets[i].name, name) == 0)
			return &state->presets[i];
	}
	return NULL;
}

/* Where a new one belongs; the others make way. */
static struct policy_preset *insert_own(struct settings_state *state, const char *name)
{
	size_t place = state->preset_count;
	if (state->preset_count == SETTINGS_PRESETS_MAX)
		return NULL;
	for (; place > 0 && strcmp(state->presets[place - 1].name, name) > 0; place--)
		state->presets[place] = state->presets[place - 1];
	state->preset_count++;
	state->presets[place] = (struct policy_preset){ 0 };
	snprintf(state->presets[place].name, sizeof state->presets[place].name, "%s", name);
	return &state->presets[place];
}

bool settings_put_preset(struct settings *settings, const char *name, const json_t *preset,
	settings_done done, void *data, struct settings_faults *faults)
{
	struct settings_reading reading = strict(settings->latest, faults);
	struct settings_state *candidate = settings_copy(settings->latest);
	struct display_policy fields = { 0 };
	if (!candidate)
		return false;
	document_read_preset(&reading, "", preset, &fields);
	if (!document_preset_name_valid(name)) {
		document_fault(&reading, "", NULL, DOCUMENT_BAD_PRESET_NAME);
		return conclude(settings, candidate, true, done, data, faults);
	}
	struct policy_preset *place = find_own(candidate, name);
	if (!place)
		place = insert_own(candidate, name);
	if (place)
		place->fields = fields;
	else
		document_fault(&reading, "", NULL, DOCUMENT_TOO_MANY_PRESETS);
	return conclude(settings, candidate, true, done, data, faults);
}

static bool names_preset(const struct policy_layer *layer, const char *name)
{
	return layer->set & 1u << POLICY_FIELD_PRESET && strcmp(layer->preset, name) == 0;
}

static bool is_used(const struct settings_state *state, const char *name)
{
	for (size_t i = 0; i < state->client_count; i++) {
		if (names_preset(&state->clients[i].layer, name))
			return true;
	}
	return names_preset(&state->file, name);
}

enum settings_removal settings_remove_preset(
	struct settings *settings, const char *name, settings_done done, void *data)
{
	struct settings_state *candidate;
	if (policy_preset_find(name, NULL, 0))
		return SETTINGS_BUILTIN;
	if (!find_own((struct settings_state *)settings->latest, name))
		return SETTINGS_NO_SUCH;
	if (is_used(settings->latest, name))
		return SETTINGS_IN_USE;
	candidate = settings_copy(settings->latest);
	if (!candidate)
		return SETTINGS_NO_MEMORY;
	struct policy_preset *at = find_own(candidate, name);
	const size_t behind = (size_t)(candidate->presets + candidate->preset_count - (at + 1));
	memmove(at, at + 1, behind * sizeof *at);
	candidate->preset_count--;
	return settings_queue(settings, candidate, true, done, data) ? SETTINGS_REMOVED
								     : SETTINGS_NO_MEMORY;
}

bool settings_try(const struct settings *settings, const json_t *document,
	const uint8_t *fingerprint, struct display_policy *policy, struct settings_faults *faults)
{
	struct settings_reading reading = strict(settings->current, faults);
	struct settings_state *candidate = settings_copy(settings->current);
	if (!candidate)
		return false;
	document_read(&reading, document, candidate);
	merge(settings, candidate, fingerprint, policy, NULL, NULL);
	free(candidate);
	return faults->total == 0;
}
