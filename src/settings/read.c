#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings/document.h"

#define SECOND_NS 1000000000ull
#define PRESET_FIELDS                                                                              \
	(1u << POLICY_FIELD_KEEP_ALIVE | 1u << POLICY_FIELD_TOPOLOGY |                             \
		1u << POLICY_FIELD_MODE_CONFLICT | 1u << POLICY_FIELD_IDENTITY |                   \
		1u << POLICY_FIELD_LAYOUT)

/* A member's name in a JSON pointer (RFC 6901): ~ and / are escaped; a hostile one is cut. */
static void append_member(char *pointer, size_t capacity, const char *member)
{
	size_t size = strlen(pointer);
	if (size + 2 < capacity)
		pointer[size++] = '/';
	for (; *member && size + 3 < capacity; member++) {
		if (*member == '~' || *member == '/') {
			pointer[size++] = '~';
			pointer[size++] = *member == '~' ? '0' : '1';
		} else {
			pointer[size++] = *member;
		}
	}
	/* Not in the middle of a character. */
	while (*member && size > 0 && ((unsigned char)pointer[size - 1] & 0xc0) == 0x80)
		size--;
	if (*member && size > 0 && (unsigned char)pointer[size - 1] >= 0xc0)
		size--;
	pointer[size] = '\0';
}

void document_fault(
	struct settings_reading *reading, const char *pointer, const char *member, const char *text)
{
	struct settings_faults *faults = reading->faults;
	faults->total++;
	if (faults->count == SETTINGS_FAULTS_MAX)
		return;
	struct settings_fault *fault = &faults->faults[faults->count++];
	snprintf(fault->pointer, sizeof fault->pointer, "%s", pointer);
	if (member)
		append_member(fault->pointer, sizeof fault->pointer, member);
	snprintf(fault->text, sizeof fault->text, "%s", text);
}

static void join(char place[160], const char *pointer, const char *member)
{
	snprintf(place, 160, "%s", pointer);
	append_member(place, 160, member);
}

static bool is_object(struct settings_reading *reading, const char *pointer, const json_t *json)
{
	if (json_is_object(json))
		return true;
	document_fault(reading, pointer, NULL, "an object is expected");
	return false;
}

/* An integer within the bounds; out of them, the nearest bound when lenient. */
static bool read_integer(struct settings_reading *reading, const char *pointer, const char *member,
	const json_t *json, json_int_t least, json_int_t most, json_int_t *value)
{
	char text[96];
	snprintf(text, sizeof text, "a whole number from %lld to %lld is expected",
		(long long)least, (long long)most);
	if (!json_is_integer(json)) {
		document_fault(reading, pointer, member, text);
		return false;
	}
	*value = json_integer_value(json);
	if (*value >= least && *value <= most)
		return true;
	document_fault(reading, pointer, member, text);
	*value = *value < least ? least : most;
	return reading->lenient;
}

static void unknown_members(struct settings_reading *reading, const char *pointer,
	const json_t *json, const char *const *known, size_t count)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)json, name, value)
	{
		size_t i = 0;
		while (i < count && strcmp(known[i], name) != 0)
			i++;
		if (i == count)
			document_fault(reading, pointer, name, "there is no such field");
	}
}

static bool read_keep_alive(struct settings_reading *reading, const char *pointer,
	const json_t *json, struct keep_alive *keep_alive)
{
	static const char *const members[] = { "mode", "seconds" };
	char place[160];
	join(place, pointer, "keep_alive");
	if (!is_object(reading, place, json))
		return false;
	const size_t before = reading->faults->total;
	unknown_members(reading, place, json, members, 2);
	const char *mode = json_string_value(json_object_get(json, "mode"));
	const json_t *seconds = json_object_get(json, "seconds");
	json_int_t number = 0;
	if (!mode || !policy_keep_alive_parse(mode, &keep_alive->kind)) {
		document_fault(reading, place, "mode", "off, duration or forever is expected");
		return false;
	}
	keep_alive->duration_ns = 0;
	if (keep_alive->kind != KEEP_ALIVE_DURATION) {
		if (seconds)
			document_fault(
				reading, place, "seconds", "belongs to the mode duration alone");
	} else {
		if (!read_integer(reading, place, "seconds", seconds, POLICY_LINGER_MIN_S,
			    POLICY_LINGER_MAX_S, &number))
			return false;
		keep_alive->duration_ns = (uint64_t)number * SECOND_NS;
	}
	return reading->lenient || reading->faults->total == before;
}

static bool read_position(struct settings_reading *reading, const char *pointer,
	const char *slot_text, const json_t *json, struct policy_position *position)
{
	static const char *const members[] = { "x", "y" };
	char place[160], *end;
	json_int_t x = 0, y = 0;
	join(place, pointer, slot_text);
	const unsigned long slot = strtoul(slot_text, &end, 10);
	if (slot_text[0] < '1' || slot_text[0] > '9' || *end || slot > IDENTITY_SLOTS_MAX) {
		document_fault(reading, place, NULL, "a slot from 1 to 63 is expected");
		return false;
	}
	if (!is_object(reading, place, json))
		return false;
	unknown_members(reading, place, json, members, 2);
	const bool has_x = read_integer(reading, place, "x", json_object_get(json, "x"),
		POLICY_POSITION_MIN_PX, POLICY_POSITION_MAX_PX, &x);
	const bool has_y = read_integer(reading, place, "y", json_object_get(json, "y"),
		POLICY_POSITION_MIN_PX, POLICY_POSITION_MAX_PX, &y);
	*position = (struct policy_position){ (uint32_t)slot, (int32_t)x, (int32_t)y };
	return has_x && has_y;
}

static int compare_positions(const void *a, const void *b)
{
	const struct policy_position *one = a, *two = b;
	return (one->slot > two->slot) - (one->slot < two->slot);
}

static void read_positions(struct settings_reading *reading, const char *pointer,
	const json_t *json, struct display_policy *fields)
{
	const char *slot;
	json_t *value;
	fields->position_count = 0;
	if (!json || !is_object(reading, pointer, json))
		return;
	/* A slot has one spelling, and there are no more slots than places for positions. */
	json_object_foreach((json_t *)json, slot, value)
	{
		struct policy_position position;
		if (read_position(reading, pointer, slot, value, &position) &&
			fields->position_count < POLICY_POSITIONS_MAX)
			fields->positions[fields->position_count++] = position;
	}
	qsort(fields->positions, fields->position_count, sizeof *fields->positions,
		compare_positions);
}

static bool read_word(struct settings_reading *reading, const char *pointer, const char *member,
	const json_t *json, struct display_policy *fields);

void document_read_layout(struct settings_reading *reading, const char *pointer, const json_t *json,
	bool with_positions, struct display_policy *fields)
{
	static const char *const members[] = { "mode", "positions" };
	char place[160];
	if (!is_object(reading, pointer, json))
		return;
	unknown_members(reading, pointer, json, members, with_positions ? 2 : 1);
	const char *mode = json_string_value(json_object_get(json, "mode"));
	if (!mode || !policy_layout_parse(mode, &fields->layout))
		document_fault(reading, pointer, "mode", "auto-row or manual is expected");
	if (!with_positions)
		return;
	join(place, pointer, "positions");
	read_positions(reading, place, json_object_get(json, "positions"), fields);
}

static bool read_layout(struct settings_reading *reading, const char *pointer, const json_t *json,
	bool with_positions, struct display_policy *fields)
{
	char place[160];
	const size_t before = reading->faults->total;
	join(place, pointer, "layout");
	fields->position_count = 0;
	document_read_layout(reading, place, json, with_positions, fields);
	const char *mode = json_string_value(json_object_get(json, "mode"));
	enum policy_layout layout;
	return reading->faults->total == before ||
		(reading->lenient && mode && policy_layout_parse(mode, &layout));
}

/* The fields that are one word of a few. */
static bool read_word(struct settings_reading *reading, const char *pointer, const char *member,
	const json_t *json, struct display_policy *fields)
{
	const char *word = json_string_value(json);
	const char *expected = NULL;
	if (strcmp(member, "topology") == 0) {
		if (!word || !policy_topology_parse(word, &fields->topology))
			expected = "auto, extend, primary or exclusive is expected";
	} else if (strcmp(member, "mode_conflict") == 0) {
		if (!word || !policy_conflict_parse(word, &fields->mode_conflict))
			expected = "separate, steal, join or reject is expected";
	} else if (strcmp(member, "identity") == 0) {
		if (!word || !policy_identity_parse(word, &fields->identity))
			expected = "shared, per-client or per-client-mode is expected";
	} else if (strcmp(member, "control") == 0) {
		if (!word || !policy_control_parse(word, &fields->control))
			expected = "free or one-at-a-time is expected";
	} else if (strcmp(member, "input") == 0) {
		if (!word || !policy_input_parse(word, &fields->input))
			expected = "shared or seat-per-client is expected";
	} else if (!word || !policy_desktop_parse(word, &fields->desktop)) {
		expected = "shared or isolated is expected";
	}
	if (expected)
		document_fault(reading, pointer, member, expected);
	return !expected;
}

static bool read_preset_name(struct settings_reading *reading, const char *pointer,
	const json_t *json, char preset[POLICY_PRESET_NAME_MAX + 1])
{
	const char *name = json_string_value(json);
	if (!name || strlen(name) > POLICY_PRESET_NAME_MAX ||
		(strcmp(name, "custom") != 0 &&
			!policy_preset_find(name, reading->presets, reading->preset_count))) {
		document_fault(reading, pointer, "preset",
			name ? "there is no preset of that name"
			     : "the name of a preset, or custom, is expected");
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
		read_integer(reading, pointer, member, value, 1, POLICY_THRESHOLD_MAX_S, &number))
		*seconds = (uint32_t)number;
}

static bool read_presence(struct settings_reading *reading, const char *pointer, const json_t *json,
	struct policy_presence *presence)
{
	static const char *const members[] = { "enabled", "controlling_seconds",
		"watching_seconds" };
	char place[160];
	join(place, pointer, "presence");
	*presence = (struct policy_presence){ 0 };
	if (!is_object(reading, place, json))
		return false;
	const size_t before = reading->faults->total;
	const json_t *enabled = json_object_get(json, "enabled");
	unknown_members(reading, place, json, members, 3);
	if (!json_is_boolean(enabled))
		document_fault(reading, place, "enabled", "true or false is expected");
	presence->enabled = json_is_true(enabled);
	read_threshold(reading, place, "controlling_seconds", json, &presence->controlling_s);
	read_threshold(reading, place, "watching_seconds", json, &presence->watching_s);
	return reading->lenient || reading->faults->total == before;
}

static bool read_field(struct settings_reading *reading, const char *pointer,
	enum policy_field field, const json_t *json, struct policy_layer *layer)
{
	json_int_t number;
	switch (field) {
	case POLICY_FIELD_PRESET:
		return read_preset_name(reading, pointer, json, layer->preset);
	case POLICY_FIELD_KEEP_ALIVE:
		return read_keep_alive(reading, pointer, json, &layer->fields.keep_alive);
	case POLICY_FIELD_LAYOUT:
		return read_layout(reading, pointer, json, true, &layer->fields);
	case POLICY_FIELD_PRESENCE:
		return read_presence(reading, pointer, json, &layer->fields.presence);
	case POLICY_FIELD_MAX_DISPLAYS:
		if (!read_integer(reading, pointer, "max_displays", json, POLICY_DISPLAYS_MIN,
			    POLICY_DISPLAYS_MAX, &number))
			return false;
		layer->fields.max_displays = (uint32_t)number;
		return true;
	case POLICY_FIELD_TOPOLOGY:
	case POLICY_FIELD_MODE_CONFLICT:
	case POLICY_FIELD_IDENTITY:
	case POLICY_FIELD_DESKTOP:
	case POLICY_FIELD_CONTROL:
	case POLICY_FIELD_INPUT:
		return read_word(reading, pointer, policy_field_name(field), json, &layer->fields);
	case POLICY_FIELDS:
		break;
	}
	return false;
}

void document_read_layer(struct settings_reading *reading, const char *pointer, const json_t *json,
	bool is_client, struct policy_layer *layer)
{
	const char *known[POLICY_FIELDS + 2];
	size_t count = 0;
	*layer = (struct policy_layer){ 0 };
	if (!is_object(reading, pointer, json))
		return;
	for (enum policy_field field = 0; field < POLICY_FIELDS; field++) {
		if (is_client && POLICY_HOST_FIELDS & 1u << field)
			continue;
		known[count++] = policy_field_name(field);
		const json_t *value = json_object_get(json, policy_field_name(field));
		if (value && read_field(reading, pointer, field, value, layer))
			layer->set |= 1u << field;
	}
	if (!is_client) {
		known[count++] = "version";
		known[count++] = "clients";
	}
	unknown_members(reading, pointer, json, known, count);
	/* Fields that a preset would rule, and no preset: then they are meant. */
	if (!is_client && layer->set & PRESET_FIELDS && !(layer->set & 1u << POLICY_FIELD_PRESET)) {
		strcpy(layer->preset, "custom");
		layer->set |= 1u << POLICY_FIELD_PRESET;
	}
}

bool document_read_fingerprint(const char *text, uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	if (strlen(text) != 2 * IDENTITY_FINGERPRINT_SIZE)
		return false;
	for (size_t i = 0; i < IDENTITY_FINGERPRINT_SIZE; i++) {
		const char *high = strchr(digits, text[2 * i]);
		const char *low = strchr(digits, text[2 * i + 1]);
		if (!high || !low)
			return false;
		fingerprint[i] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return true;
}

static void read_clients(
	struct settings_reading *reading, const json_t *json, struct settings_state *state)
{
	const char *text;
	json_t *value;
	if (!is_object(reading, "/clients", json))
		return;
	json_object_foreach((json_t *)json, text, value)
	{
		char place[160] = "/clients";
		struct settings_overrides one;
		append_member(place, sizeof place, text);
		if (!document_read_fingerprint(text, one.fingerprint)) {
			document_fault(reading, place, NULL,
				"a fingerprint of 64 hexadecimal digits is expected");
			continue;
		}
		document_read_layer(reading, place, value, true, &one.layer);
		if (!document_set_client(state, one.fingerprint, &one.layer))
			document_fault(reading, place, NULL, "there are too many clients");
	}
}

static void check_version(struct settings_reading *reading, const json_t *json)
{
	const json_t *version = json_object_get(json, "version");
	if (version && (!json_is_integer(version) || json_integer_value(version) != POLICY_VERSION))
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

void document_read_preset(struct settings_reading *reading, const char *pointer, const json_t *json,
	struct display_policy *fields)
{
	static const char *const known[] = { "keep_alive", "topology", "mode_conflict", "identity",
		"layout" };
	*fields = policy_presets[0].fields;
	if (!is_object(reading, pointer, json))
		return;
	unknown_members(reading, pointer, json, known, 5);
	for (size_t i = 0; i < 5; i++) {
		const json_t *value = json_object_get(json, known[i]);
		if (!value)
			document_fault(reading, pointer, known[i], "is missing");
		else if (i == 0)
			read_keep_alive(reading, pointer, value, &fields->keep_alive);
		else if (i == 4)
			read_layout(reading, pointer, value, false, fields);
		else
			read_word(reading, pointer, known[i], value, fields);
	}
}

static int compare_presets(const void *a, const void *b)
{
	const struct policy_preset *one = a, *two = b;
	return strcmp(one->name, two->name);
}

void document_read_presets(
	struct settings_reading *reading, const json_t *json, struct settings_state *state)
{
	static const char *const known[] = { "version", "presets" };
	const char *name;
	json_t *value;
	state->preset_count = 0;
	if (!is_object(reading, "", json))
		return;
	unknown_members(reading, "", json, known, 2);
	check_version(reading, json);
	json_object_foreach(json_object_get(json, "presets"), name, value)
	{
		char place[160] = "/presets";
		struct policy_preset preset = { 0 };
		const size_t before = reading->faults->total;
		append_member(place, sizeof place, name);
		if (!policy_preset_name_valid(name) || strcmp(name, "custom") == 0 ||
			policy_preset_find(name, NULL, 0)) {
			document_fault(
				reading, place, NULL, "not a name for a preset of one's own");
			continue;
		}
		document_read_preset(reading, place, value, &preset.fields);
		snprintf(preset.name, sizeof preset.name, "%s", name);
		if (reading->faults->total != before)
			continue; /* half a preset is none */
		if (state->preset_count == SETTINGS_PRESETS_MAX)
			document_fault(reading, place, NULL, "there are too many presets");
		else
			state->presets[state->preset_count++] = preset;
	}
	qsort(state->presets, state->preset_count, sizeof *state->presets, compare_presets);
}
