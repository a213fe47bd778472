#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings/confinement_words.h"
#include "settings/document.h"

/* False for anything but digits, perhaps behind a minus. What does not fit becomes the nearest that does. */
static bool read_number(const char *text, long *number)
{
	const char *digits = text[0] == '-' ? text + 1 : text;
	if (!digits[0] || digits[strspn(digits, "0123456789")])
		return false;
	*number = strtol(text, NULL, 10);
	return true;
}

/* keep_alive=30 and keep_alive=forever; everything else is the word of the document. NULL: no text, or no memory. */
static json_t *value_of(enum policy_field field, const char *value)
{
	long number = 0;
	const bool is_number = read_number(value, &number);
	switch (field) {
	case POLICY_FIELD_KEEP_ALIVE:
		if (is_number)
			return json_pack(
				"{s:s, s:I}", "mode", "duration", "seconds", (json_int_t)number);
		return json_pack("{s:s}", "mode", value);
	case POLICY_FIELD_MAX_DISPLAYS:
		return is_number ? json_integer(number) : json_string(value);
	case POLICY_FIELD_LAYOUT:
		return json_pack("{s:s}", "mode", value);
	case POLICY_FIELD_CONFINEMENT:
		return confinement_from_words(value);
	case POLICY_FIELD_PRESENCE: /* presence=on */
		if (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)
			return json_pack("{s:b}", "enabled", value[1] == 'n');
		return json_pack("{s:s}", "enabled", value);
	default:
		return json_string(value);
	}
}

/* In the words of the assignment, where they are not those of the document. */
static const char *expected(enum policy_field field, const char *value, const char *text)
{
	long number;
	if (field == POLICY_FIELD_KEEP_ALIVE && !read_number(value, &number))
		return "off, forever or a number of seconds is expected";
	return field == POLICY_FIELD_PRESENCE ? "on or off is expected" : text;
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
			expected(field, equals + 1, faults.faults[0].text));
		return false;
	}
	if (field == POLICY_FIELD_PRESET)
		memcpy(layer->preset, one.preset, sizeof layer->preset);
	policy_copy_field(&layer->fields, &one.fields, field);
	layer->set |= 1u << field;
	return true;
}
