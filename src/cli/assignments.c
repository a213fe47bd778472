#include "cli/assignments.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/texts.h"
#include "settings/confinement_words.h"

#define FIELD_MAX 32
#define SLOT_MAX 63
#define POSITION "position."

enum form { FORM_TEXT, FORM_NUMBER, FORM_KEEP_ALIVE, FORM_LAYOUT, FORM_PRESENCE, FORM_CONFINEMENT };

static const struct field {
	const char *name;
	enum form form;
	bool ruled; /* by a preset */
	bool hosts; /* no client has it for itself */
} fields[] = {
	{ "preset", FORM_TEXT, false, false },
	{ "keep_alive", FORM_KEEP_ALIVE, true, false },
	{ "topology", FORM_TEXT, true, false },
	{ "mode_conflict", FORM_TEXT, true, false },
	{ "identity", FORM_TEXT, true, false },
	{ "layout", FORM_LAYOUT, true, false },
	{ "max_displays", FORM_NUMBER, false, true },
	{ "desktop", FORM_TEXT, false, false },
	{ "confinement", FORM_CONFINEMENT, false, false },
	{ "presence", FORM_PRESENCE, false, true },
	{ "control", FORM_TEXT, false, true },
	{ "input", FORM_TEXT, false, true },
};

bool assignment_is_of(const char *text, const char *field)
{
	const size_t size = strlen(field);
	return strncmp(text, field, size) == 0 && text[size] == '=';
}

static const struct field *find_field(const char *text, enum assignment_target target)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (assignment_is_of(text, fields[i].name))
			return target == ASSIGNMENT_CLIENT && fields[i].hosts ? NULL : &fields[i];
	}
	return NULL;
}

bool assignment_is_ruled(const char *text)
{
	const struct field *field = find_field(text, ASSIGNMENT_SETTINGS);
	return field && field->ruled;
}

/* The whole of `text`; true with the number. */
static bool take_number(const char *text, long least, long most, long *number)
{
	char *end;
	errno = 0;
	*number = strtol(text, &end, 10);
	const bool begins = (text[0] >= '0' && text[0] <= '9') || text[0] == '-';
	return begins && end != text && *end == '\0' && errno == 0 && *number >= least &&
		*number <= most;
}

/* NULL with a fault. */
static json_t *parse_value(
	const struct field *field, const char *value, char *fault, size_t capacity)
{
	long number;
	switch (field->form) {
	case FORM_NUMBER:
		if (take_number(value, INT32_MIN, INT32_MAX, &number))
			return json_integer(number);
		snprintf(fault, capacity, TEXT_ASSIGNMENT_NUMBER, field->name, value);
		return NULL;
	case FORM_KEEP_ALIVE:
		if (take_number(value, INT32_MIN, INT32_MAX, &number))
			return json_pack("{s:s,s:i}", "mode", "duration", "seconds", (int)number);
		if (strcmp(value, "off") == 0 || strcmp(value, "forever") == 0)
			return json_pack("{s:s}", "mode", value);
		snprintf(fault, capacity, TEXT_ASSIGNMENT_KEEP_ALIVE, value);
		return NULL;
	default:
		break;
	}
	json_t *text = field->form == FORM_CONFINEMENT ? confinement_from_words(value)
						       : json_string(value);
	if (!text)
		snprintf(fault, capacity, TEXT_ASSIGNMENT_TEXT, field->name);
	return text;
}

/* The layout of the document, made when it has none. Borrowed. */
static json_t *need_layout(json_t *document, const char *mode)
{
	json_t *layout = json_object_get(document, "layout");
	if (json_is_object(layout))
		return layout;
	layout = json_pack("{s:s}", "mode", mode);
	return json_object_set_new(document, "layout", layout) == 0 ? layout : NULL;
}

static bool set_position(
	json_t *document, const char *text, const char *layout_mode, char *fault, size_t capacity)
{
	long slot, x, y;
	char name[FIELD_MAX], first[FIELD_MAX];
	const char *value = strchr(text, '=') + 1, *comma = strchr(value, ',');
	snprintf(name, sizeof name, "%.*s", (int)strcspn(text + strlen(POSITION), "="),
		text + strlen(POSITION));
	snprintf(first, sizeof first, "%.*s", (int)strcspn(value, ","), value);
	/* Written as the document's key: without zeros in front. */
	if (!take_number(name, 1, SLOT_MAX, &slot) || name[0] == '0') {
		snprintf(fault, capacity, TEXT_ASSIGNMENT_SLOT, text);
		return false;
	}
	if (*value == '\0') {
		json_object_del(
			json_object_get(json_object_get(document, "layout"), "positions"), name);
		return true;
	}
	if (!comma || !take_number(first, INT32_MIN, INT32_MAX, &x) ||
		!take_number(comma + 1, INT32_MIN, INT32_MAX, &y)) {
		snprintf(fault, capacity, TEXT_ASSIGNMENT_PLACE, name, value);
		return false;
	}
	json_t *layout = need_layout(document, layout_mode);
	json_t *positions = json_object_get(layout, "positions");
	if (layout && !json_is_object(positions)) {
		positions = json_object();
		json_object_set_new(layout, "positions", positions);
	}
	return json_object_set_new(
		       positions, name, json_pack("{s:i,s:i}", "x", (int)x, "y", (int)y)) == 0;
}

/* Its times stay. */
static bool set_presence(json_t *document, const struct field *field, const char *value,
	char *fault, size_t capacity)
{
	const bool on = strcmp(value, "on") == 0;
	json_t *before = json_object_get(document, field->name);
	if (!on && strcmp(value, "off") != 0) {
		snprintf(fault, capacity, TEXT_ASSIGNMENT_SWITCH, field->name, value);
		return false;
	}
	json_t *presence = json_is_object(before) ? json_deep_copy(before) : json_object();
	json_object_set_new(presence, "enabled", json_boolean(on));
	return json_object_set_new(document, field->name, presence) == 0;
}

static bool set_field(json_t *document, const struct field *field, const char *value, char *fault,
	size_t capacity)
{
	if (*value == '\0') {
		json_object_del(document, field->name);
		return true;
	}
	if (field->form == FORM_PRESENCE)
		return set_presence(document, field, value, fault, capacity);
	json_t *json = parse_value(field, value, fault, capacity);
	if (!json)
		return false;
	if (field->form != FORM_LAYOUT)
		return json_object_set_new(document, field->name, json) == 0;
	/* The places stay. */
	return json_object_set_new(need_layout(document, value), "mode", json) == 0;
}

bool assignment_apply(json_t *document, enum assignment_target target, const char *text,
	const char *layout_mode, char *fault, size_t capacity)
{
	const char *equals = strchr(text, '=');
	snprintf(fault, capacity, "%s", TEXT_NO_MEMORY);
	if (!equals) {
		snprintf(fault, capacity, TEXT_ASSIGNMENT_FORM, text);
		return false;
	}
	if (strncmp(text, POSITION, strlen(POSITION)) == 0)
		return set_position(document, text, layout_mode, fault, capacity);
	const struct field *field = find_field(text, target);
	if (!field) {
		snprintf(fault, capacity, TEXT_ASSIGNMENT_FIELD, text,
			target == ASSIGNMENT_CLIENT ? "" : TEXT_ASSIGNMENT_HOSTS);
		return false;
	}
	return set_field(document, field, equals + 1, fault, capacity);
}
