#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hex.h"
#include "settings/reading.h"

#define ALL_FIELDS ((1u << POLICY_FIELDS) - 1)

/* Those of `fields` that are there and usable, into the layer. */
static void read_fields(struct settings_reading *reading, const char *pointer, const json_t *json,
	uint32_t fields, struct policy_layer *layer)
{
	for (enum policy_field field = 0; field < POLICY_FIELDS; field++) {
		const json_t *value = json_object_get(json, policy_field_name(field));
		if (value && fields & 1u << field &&
			reading_field(reading, pointer, field, value, true, layer))
			layer->set |= 1u << field;
	}
}

/* Names of `fields`, then `more`. */
static size_t list_members(uint32_t fields, const char *const *more, size_t more_count,
	const char *names[POLICY_FIELDS + 2])
{
	size_t count = 0;
	for (enum policy_field field = 0; field < POLICY_FIELDS; field++) {
		if (fields & 1u << field)
			names[count++] = policy_field_name(field);
	}
	for (size_t i = 0; i < more_count; i++)
		names[count++] = more[i];
	return count;
}

/*
 * A file whose preset nobody knows any more: its explicit fields did not count, and do not begin to. Fields that a preset
 * would rule, and no preset: then they are meant.
 */
static void complete_preset(const json_t *json, struct policy_layer *layer)
{
	if (layer->set & 1u << POLICY_FIELD_PRESET)
		return;
	if (json_object_get(json, "preset"))
		strcpy(layer->preset, policy_presets[0].name);
	else if (layer->set & POLICY_PRESET_FIELDS)
		strcpy(layer->preset, "custom");
	else
		return;
	layer->set |= 1u << POLICY_FIELD_PRESET;
}

void document_read_layer(struct settings_reading *reading, const char *pointer, const json_t *json,
	bool is_client, struct policy_layer *layer)
{
	static const char *const host_members[] = { "version", "clients" };
	const uint32_t fields = is_client ? ALL_FIELDS & ~POLICY_HOST_FIELDS : ALL_FIELDS;
	const char *names[POLICY_FIELDS + 2];
	*layer = (struct policy_layer){ 0 };
	if (!reading_is_object(reading, pointer, json))
		return;
	read_fields(reading, pointer, json, fields, layer);
	const size_t count = list_members(fields, host_members, is_client ? 0 : 2, names);
	reading_unknown_members(reading, pointer, json, names, count);
	if (!is_client)
		complete_preset(json, layer);
}

static void read_clients(
	struct settings_reading *reading, const json_t *json, struct settings_state *state)
{
	const char *text;
	json_t *value;
	if (!reading_is_object(reading, "/clients", json))
		return;
	json_object_foreach((json_t *)json, text, value)
	{
		char place[FAULT_POINTER_SIZE];
		struct settings_overrides one;
		fault_place(place, "/clients", text);
		if (!hex_read(text, one.fingerprint, sizeof one.fingerprint)) {
			document_fault(reading, place, NULL,
				"a fingerprint of 64 hexadecimal digits (0-9, a-f) is expected");
			continue;
		}
		document_read_layer(reading, place, value, true, &one.layer);
		if (!document_set_client(state, one.fingerprint, &one.layer))
			document_fault(reading, place, NULL, DOCUMENT_TOO_MANY_CLIENTS);
	}
}

static void check_version(struct settings_reading *reading, const json_t *json)
{
	const json_t *version = json_object_get(json, "version");
	if (version && json_number_value(version) != POLICY_VERSION)
		document_fault(reading, "", "version", "1 is expected");
}

void document_read(
	struct settings_reading *reading, const json_t *json, struct settings_state *state)
{
	state->client_count = 0;
	document_read_layer(reading, "", json, false, &state->file);
	if (!json_is_object(json))
		return;
	check_version(reading, json);
	const json_t *clients = json_object_get(json, "clients");
	if (clients)
		read_clients(reading, clients, state);
}

bool document_read_preset(struct settings_reading *reading, const char *pointer, const json_t *json,
	struct display_policy *fields)
{
	const char *names[POLICY_FIELDS + 2];
	struct policy_layer layer = { .fields = policy_presets[0].fields };
	bool usable = true;
	if (!reading_is_object(reading, pointer, json))
		return false;
	const size_t count = list_members(POLICY_PRESET_FIELDS, NULL, 0, names);
	reading_unknown_members(reading, pointer, json, names, count);
	for (enum policy_field field = 0; field < POLICY_FIELDS; field++) {
		const json_t *value = json_object_get(json, policy_field_name(field));
		if (!(POLICY_PRESET_FIELDS & 1u << field))
			continue;
		if (!value)
			document_fault(reading, pointer, policy_field_name(field), "is missing");
		usable &= value && reading_field(reading, pointer, field, value, false, &layer);
	}
	*fields = layer.fields;
	return usable;
}

bool document_preset_name_valid(const char *name)
{
	return policy_preset_name_valid(name) && strcmp(name, "custom") != 0 &&
		!policy_preset_find(name, NULL, 0);
}

static int compare_presets(const void *a, const void *b)
{
	const struct policy_preset *one = a, *two = b;
	return strcmp(one->name, two->name);
}

static void read_preset(struct settings_reading *reading, const char *name, const json_t *json,
	struct settings_state *state)
{
	char place[FAULT_POINTER_SIZE];
	struct policy_preset preset = { 0 };
	fault_place(place, "/presets", name);
	if (!document_preset_name_valid(name)) {
		document_fault(reading, place, NULL, DOCUMENT_BAD_PRESET_NAME);
		return;
	}
	if (!document_read_preset(reading, place, json, &preset.fields)) {
		document_fault(reading, place, NULL, "half a preset is none");
		return;
	}
	if (state->preset_count == SETTINGS_PRESETS_MAX) {
		document_fault(reading, place, NULL, DOCUMENT_TOO_MANY_PRESETS);
		return;
	}
	snprintf(preset.name, sizeof preset.name, "%s", name);
	state->presets[state->preset_count++] = preset;
}

void document_read_presets(
	struct settings_reading *reading, const json_t *json, struct settings_state *state)
{
	static const char *const known[] = { "version", "presets" };
	const char *name;
	json_t *value;
	state->preset_count = 0;
	if (!reading_is_object(reading, "", json))
		return;
	reading_unknown_members(reading, "", json, known, 2);
	check_version(reading, json);
	json_t *presets = json_object_get(json, "presets");
	if (!presets || !reading_is_object(reading, "/presets", presets))
		return;
	json_object_foreach(presets, name, value) read_preset(reading, name, value, state);
	qsort(state->presets, state->preset_count, sizeof *state->presets, compare_presets);
}
