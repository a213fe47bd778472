#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings/document.h"

/* keep_alive=30 and keep_alive=forever; everything else is the word of the document. */
static json_t *value_of(enum policy_field field, const char *value)
{
	char *end;
	const long number = strtol(value, &end, 10);
	const bool is_number = value[0] != '\0' && *end == '\0';
	switch (field) {
	case POLICY_FIELD_KEEP_ALIVE:
		if (is_number)
			return json_pack(
				"{s:s, s:I}", "mode", "duration", "seconds", (json_int_t)number);
		return json_pack("{s:s}", "mode", strcmp(value, "duration") == 0 ? "" : value);
	case POLICY_FIELD_MAX_DISPLAYS:
		return is_number ? json_integer(number) : json_string(value);
	case POLICY_FIELD_LAYOUT:
		return json_pack("{s:s}", "mode", value);
	case POLICY_FIELD_PRESENCE: /* presence=on */
		return json_pack("{s:o}", "enabled",
			strcmp(value, "on") == 0            ? json_true()
				: strcmp(value, "off") == 0 ? json_false()
							    : json_string(value));
	default:
		return json_string(value);
	}
}

static bool find_field(const char *name, size_t size, enum policy_field *found)
{
	for (enum policy_field field = 0; field < POLICY_FIELDS; field++) {
		if (strlen(policy_field_name(field)) == size &&
			strncmp(policy_field_name(field), name, size) == 0) {
			*found = field;
			return true;
		}
	}
	return false;
}

static void take_over(
	struct policy_layer *layer, const struct policy_layer *one, enum policy_field field)
{
	struct display_policy *fields = &layer->fields;
	const struct display_policy *from = &one->fields;
	switch (field) {
	case POLICY_FIELD_PRESET:
		memcpy(layer->preset, one->preset, sizeof layer->preset);
		break;
	case POLICY_FIELD_KEEP_ALIVE:
		fields->keep_alive = from->keep_alive;
		break;
	case POLICY_FIELD_TOPOLOGY:
		fields->topology = from->topology;
		break;
	case POLICY_FIELD_MODE_CONFLICT:
		fields->mode_conflict = from->mode_conflict;
		break;
	case POLICY_FIELD_IDENTITY:
		fields->identity = from->identity;
		break;
	case POLICY_FIELD_LAYOUT:
		fields->layout = from->layout;
		break;
	case POLICY_FIELD_MAX_DISPLAYS:
		fields->max_displays = from->max_displays;
		break;
	case POLICY_FIELD_DESKTOP:
		fields->desktop = from->desktop;
		break;
	case POLICY_FIELD_PRESENCE:
		fields->presence = from->presence;
		break;
	case POLICY_FIELD_CONTROL:
		fields->control = from->control;
		break;
	case POLICY_FIELD_INPUT:
		fields->input = from->input;
		break;
	case POLICY_FIELDS:
		break;
	}
	layer->set |= 1u << field;
}

bool settings_parse_assignment(
	struct policy_layer *layer, const char *text, char *fault, size_t capacity)
{
	enum policy_field field;
	const char *equals = strchr(text, '=');
	struct settings_faults faults = { 0 };
	struct settings_reading reading = { .faults = &faults };
	struct policy_layer one;
	if (!equals || !find_field(text, (size_t)(equals - text), &field)) {
		snprintf(fault, capacity,
			"%.80s: FIELD=VALUE with a field of the policy is expected", text);
		return false;
	}
	json_t *value = value_of(field, equals + 1);
	json_t *json = json_object();
	if (!value || json_object_set_new(json, policy_field_name(field), value) < 0) {
		json_decref(json);
		snprintf(fault, capacity, "%s: the value is no text", policy_field_name(field));
		return false;
	}
	document_read_layer(&reading, "", json, false, &one);
	json_decref(json);
	if (faults.total > 0) {
		snprintf(fault, capacity, "%s '%.80s': %s", policy_field_name(field), equals + 1,
			faults.faults[0].text);
		return false;
	}
	take_over(layer, &one, field);
	return true;
}
