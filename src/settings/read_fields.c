#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings/reading.h"

static bool read_keep_alive(struct settings_reading *reading, const char *pointer,
	const json_t *json, struct keep_alive *keep_alive)
{
	static const char *const members[] = { "mode", "seconds" };
	char place[FAULT_POINTER_SIZE];
	json_int_t number = 0;
	fault_place(place, pointer, "keep_alive");
	if (!reading_is_object(reading, place, json))
		return false;
	reading_unknown_members(reading, place, json, members, 2);
	const char *mode = json_string_value(json_object_get(json, "mode"));
	const json_t *seconds = json_object_get(json, "seconds");
	const bool has_mode = mode && policy_keep_alive_parse(mode, &keep_alive->kind);
	const bool needs_seconds = has_mode && keep_alive->kind == KEEP_ALIVE_DURATION;
	bool usable = has_mode;
	if (!has_mode)
		document_fault(reading, place, "mode", "off, duration or forever is expected");
	if (has_mode && !needs_seconds && seconds)
		document_fault(reading, place, "seconds", "belongs to the mode duration alone");
	if (needs_seconds || (!has_mode && seconds))
		usable &= reading_integer(reading, place, "seconds", seconds, POLICY_LINGER_MIN_S,
			POLICY_LINGER_MAX_S, &number);
	keep_alive->duration_ns = (uint64_t)number * DOCUMENT_SECOND_NS;
	return usable;
}

/* A slot has one spelling. */
static bool read_slot(const char *text, uint32_t *slot)
{
	char *end;
	const unsigned long number = strtoul(text, &end, 10);
	*slot = (uint32_t)number;
	return text[0] >= '1' && text[0] <= '9' && *end == '\0' && number <= IDENTITY_SLOTS_MAX;
}

static bool read_position(struct settings_reading *reading, const char *pointer,
	const char *slot_text, const json_t *json, struct policy_position *position)
{
	static const char *const members[] = { "x", "y" };
	char place[FAULT_POINTER_SIZE], text[64];
	json_int_t x = 0, y = 0;
	fault_place(place, pointer, slot_text);
	if (!read_slot(slot_text, &position->slot)) {
		snprintf(text, sizeof text, "a slot from 1 to %d is expected", IDENTITY_SLOTS_MAX);
		document_fault(reading, place, NULL, text);
		return false;
	}
	if (!reading_is_object(reading, place, json))
		return false;
	reading_unknown_members(reading, place, json, members, 2);
	const bool has_x = reading_integer(reading, place, "x", json_object_get(json, "x"),
		POLICY_POSITION_MIN_PX, POLICY_POSITION_MAX_PX, &x);
	const bool has_y = reading_integer(reading, place, "y", json_object_get(json, "y"),
		POLICY_POSITION_MIN_PX, POLICY_POSITION_MAX_PX, &y);
	position->x = (int32_t)x;
	position->y = (int32_t)y;
	return has_x && has_y;
}

static int compare_positions(const void *a, const void *b)
{
	const struct policy_position *one = a, *two = b;
	return (one->slot > two->slot) - (one->slot < two->slot);
}

_Static_assert(POLICY_POSITIONS_MAX >= IDENTITY_SLOTS_MAX, "every slot may have its position");

static void read_positions(struct settings_reading *reading, const char *pointer,
	const json_t *json, struct display_policy *fields)
{
	const char *slot;
	json_t *value;
	if (!json || !reading_is_object(reading, pointer, json))
		return;
	/* A slot has one spelling and a member comes once: there are no more of them than places. */
	json_object_foreach((json_t *)json, slot, value)
	{
		struct policy_position position;
		if (read_position(reading, pointer, slot, value, &position))
			fields->positions[fields->position_count++] = position;
	}
	qsort(fields->positions, fields->position_count, sizeof *fields->positions,
		compare_positions);
}

bool document_read_layout(struct settings_reading *reading, const char *pointer, const json_t *json,
	bool with_positions, struct display_policy *fields)
{
	static const char *const members[] = { "mode", "positions" };
	char place[FAULT_POINTER_SIZE];
	fields->layout = POLICY_LAYOUT_AUTO_ROW;
	fields->position_count = 0;
	if (!reading_is_object(reading, pointer, json))
		return false;
	reading_unknown_members(reading, pointer, json, members, with_positions ? 2 : 1);
	const char *mode = json_string_value(json_object_get(json, "mode"));
	const bool has_mode = mode && policy_layout_parse(mode, &fields->layout);
	if (!has_mode)
		reading_repair(reading, pointer, "mode", "auto-row or manual is expected",
			policy_layout_name(fields->layout));
	if (with_positions) {
		fault_place(place, pointer, "positions");
		read_positions(reading, place, json_object_get(json, "positions"), fields);
	}
	/* Places that somebody has arranged outlive a wrong word beside them. */
	return has_mode || fields->position_count > 0;
}

static bool read_layout(struct settings_reading *reading, const char *pointer, const json_t *json,
	bool with_positions, struct display_policy *fields)
{
	char place[FAULT_POINTER_SIZE];
	fault_place(place, pointer, "layout");
	return document_read_layout(reading, place, json, with_positions, fields);
}

/* The fields that are one word of a few. */
static bool read_word(struct settings_reading *reading, const char *pointer,
	enum policy_field field, const json_t *json, struct display_policy *fields)
{
	const char *word = json_string_value(json);
	const char *expected = NULL;
	if (field == POLICY_FIELD_TOPOLOGY) {
		if (!word || !policy_topology_parse(word, &fields->topology))
			expected = "auto, extend, primary or exclusive is expected";
	} else if (field == POLICY_FIELD_MODE_CONFLICT) {
		if (!word || !policy_conflict_parse(word, &fields->mode_conflict))
			expected = "separate, steal, join or reject is expected";
	} else if (field == POLICY_FIELD_IDENTITY) {
		if (!word || !policy_identity_parse(word, &fields->identity))
			expected = "shared, per-client or per-client-mode is expected";
	} else if (field == POLICY_FIELD_CONTROL) {
		if (!word || !policy_control_parse(word, &fields->control))
			expected = "free or one-at-a-time is expected";
	} else if (field == POLICY_FIELD_INPUT) {
		if (!word || !policy_input_parse(word, &fields->input))
			expected = "shared or seat-per-client is expected";
	} else if (!word || !policy_desktop_parse(word, &fields->desktop)) {
		expected = "shared or isolated is expected";
	}
	if (expected)
		document_fault(reading, pointer, policy_field_name(field), expected);
	return !expected;
}

static bool read_preset_name(struct settings_reading *reading, const char *pointer,
	const json_t *json, char preset[POLICY_PRESET_NAME_MAX + 1])
{
	const char *name = json_string_value(json);
	/* A client goes without; for the host complete_preset says why not. */
	const char *taken = pointer[0] ? NULL : policy_presets[0].name;
	if (!name) {
		reading_repair(reading, pointer, "preset",
			"the name of a preset, or custom, is expected", taken);
		return false;
	}
	if (strcmp(name, "custom") != 0 &&
		!policy_preset_find(name, reading->presets, reading->preset_count)) {
		reading_repair(
			reading, pointer, "preset", "there is no preset of that name", taken);
		return false;
	}
	snprintf(preset, POLICY_PRESET_NAME_MAX + 1, "%s", name);
	return true;
}

static void read_threshold(struct settings_reading *reading, const char *pointer,
	const char *member, const json_t *json, uint32_t *seconds)
{
	json_int_t number = 0;
	const json_t *value = json_object_get(json, member);
	if (value &&
		reading_integer(
			reading, pointer, member, value, 1, POLICY_THRESHOLD_MAX_S, &number))
		*seconds = (uint32_t)number;
}

static bool read_presence(struct settings_reading *reading, const char *pointer, const json_t *json,
	struct policy_presence *presence)
{
	static const char *const members[] = { "enabled", "controlling_seconds",
		"watching_seconds" };
	char place[FAULT_POINTER_SIZE];
	fault_place(place, pointer, "presence");
	*presence = (struct policy_presence){ 0 };
	if (!reading_is_object(reading, place, json))
		return false;
	const json_t *enabled = json_object_get(json, "enabled");
	reading_unknown_members(reading, place, json, members, 3);
	if (!json_is_boolean(enabled))
		reading_repair(reading, place, "enabled", "true or false is expected", "false");
	presence->enabled = json_is_true(enabled);
	read_threshold(reading, place, "controlling_seconds", json, &presence->controlling_s);
	read_threshold(reading, place, "watching_seconds", json, &presence->watching_s);
	return true;
}

/* What is no device, or is there twice, is left out. */
static void read_devices(struct settings_reading *reading, const char *pointer, const json_t *json,
	struct display_policy *fields)
{
	char place[FAULT_POINTER_SIZE], number[24];
	size_t index;
	const json_t *value;
	fault_place(place, pointer, "devices");
	if (!json_is_array(json)) {
		document_fault(reading, place, NULL, "a list of devices is expected");
		return;
	}
	json_array_foreach(json, index, value)
	{
		const char *word = json_string_value(value);
		enum policy_device device;
		snprintf(number, sizeof number, "%zu", index);
		if (!word || !policy_device_parse(word, &device))
			document_fault(reading, place, number,
				"dri, nvidia, video, kvm or fuse is expected");
		else if (fields->devices & 1u << device)
			document_fault(reading, place, number, "is there already");
		else
			fields->devices |= 1u << device;
	}
}

/* Whatever is wrong, it is not taken for off: what was meant to be confined is not to run otherwise. */
static bool read_confinement(struct settings_reading *reading, const char *pointer,
	const json_t *json, struct display_policy *fields)
{
	static const char *const members[] = { "mode", "devices" };
	char place[FAULT_POINTER_SIZE];
	fault_place(place, pointer, "confinement");
	fields->devices = 0;
	fields->confinement = POLICY_CONFINEMENT_HOME;
	if (!json_is_object(json)) {
		reading_repair(reading, pointer, "confinement", "an object is expected",
			policy_confinement_name(fields->confinement));
		return reading->lenient;
	}
	reading_unknown_members(reading, place, json, members, 2);
	const char *mode = json_string_value(json_object_get(json, "mode"));
	const json_t *devices = json_object_get(json, "devices");
	const bool has_mode = mode && policy_confinement_parse(mode, &fields->confinement);
	if (!has_mode)
		reading_repair(reading, place, "mode", "off, devices or home is expected",
			policy_confinement_name(fields->confinement));
	if (has_mode && fields->confinement == POLICY_CONFINEMENT_OFF && devices)
		document_fault(reading, place, "devices", "belongs to devices and home alone");
	else if (devices)
		read_devices(reading, place, devices, fields);
	return true;
}

static bool read_max_displays(struct settings_reading *reading, const char *pointer,
	const json_t *json, uint32_t *max_displays)
{
	json_int_t number;
	if (!reading_integer(reading, pointer, "max_displays", json, POLICY_DISPLAYS_MIN,
		    POLICY_DISPLAYS_MAX, &number))
		return false;
	*max_displays = (uint32_t)number;
	return true;
}

bool reading_field(struct settings_reading *reading, const char *pointer, enum policy_field field,
	const json_t *json, bool with_positions, struct policy_layer *layer)
{
	switch (field) {
	case POLICY_FIELD_PRESET:
		return read_preset_name(reading, pointer, json, layer->preset);
	case POLICY_FIELD_KEEP_ALIVE:
		return read_keep_alive(reading, pointer, json, &layer->fields.keep_alive);
	case POLICY_FIELD_LAYOUT:
		return read_layout(reading, pointer, json, with_positions, &layer->fields);
	case POLICY_FIELD_CONFINEMENT:
		return read_confinement(reading, pointer, json, &layer->fields);
	case POLICY_FIELD_PRESENCE:
		return read_presence(reading, pointer, json, &layer->fields.presence);
	case POLICY_FIELD_MAX_DISPLAYS:
		return read_max_displays(reading, pointer, json, &layer->fields.max_displays);
	case POLICY_FIELD_TOPOLOGY:
	case POLICY_FIELD_MODE_CONFLICT:
	case POLICY_FIELD_IDENTITY:
	case POLICY_FIELD_DESKTOP:
	case POLICY_FIELD_CONTROL:
	case POLICY_FIELD_INPUT:
		return read_word(reading, pointer, field, json, &layer->fields);
	case POLICY_FIELDS:
		break;
	}
	return false;
}
