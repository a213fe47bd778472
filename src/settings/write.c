#include <stdio.h>
#include <string.h>

#include "core/hex.h"
#include "settings/document.h"

/* Takes both over: the object with one member more, or NULL when memory is short. */
static json_t *with(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* The same for every member of another object. */
static json_t *with_all(json_t *object, json_t *members)
{
	const bool done = members && json_object_update(object, members) == 0;
	json_decref(members);
	if (done)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *write_keep_alive(const struct keep_alive *keep_alive)
{
	const char *mode = policy_keep_alive_name(keep_alive->kind);
	if (keep_alive->kind != KEEP_ALIVE_DURATION)
		return json_pack("{s:s}", "mode", mode);
	return json_pack("{s:s, s:I}", "mode", mode, "seconds",
		(json_int_t)(keep_alive->duration_ns / DOCUMENT_SECOND_NS));
}

static json_t *write_layout(const struct display_policy *policy, bool with_positions)
{
	json_t *layout = json_pack("{s:s}", "mode", policy_layout_name(policy->layout));
	if (!with_positions || policy->position_count == 0)
		return layout;
	json_t *positions = json_object();
	for (uint32_t i = 0; i < policy->position_count; i++) {
		const struct policy_position *position = &policy->positions[i];
		char slot[16];
		snprintf(slot, sizeof slot, "%u", position->slot);
		positions = with(positions, slot,
			json_pack("{s:i, s:i}", "x", position->x, "y", position->y));
	}
	return with(layout, "positions", positions);
}

static json_t *write_presence(const struct policy_presence *presence)
{
	json_t *json = json_pack("{s:b}", "enabled", presence->enabled);
	if (presence->controlling_s)
		json = with(json, "controlling_seconds", json_integer(presence->controlling_s));
	if (presence->watching_s)
		json = with(json, "watching_seconds", json_integer(presence->watching_s));
	return json;
}

static json_t *write_confinement(const struct display_policy *policy)
{
	json_t *json = json_pack("{s:s}", "mode", policy_confinement_name(policy->confinement));
	if (policy->devices == 0)
		return json;
	json_t *devices = json_array();
	for (enum policy_device device = 0; device < POLICY_DEVICES; device++) {
		if (policy->devices & 1u << device &&
			json_array_append_new(devices, json_string(policy_device_name(device))) <
				0) {
			json_decref(devices);
			devices = NULL;
		}
	}
	return with(json, "devices", devices);
}

static json_t *write_field(
	const struct display_policy *policy, const char *preset, enum policy_field field)
{
	switch (field) {
	case POLICY_FIELD_PRESET:
		return json_string(preset);
	case POLICY_FIELD_KEEP_ALIVE:
		return write_keep_alive(&policy->keep_alive);
	case POLICY_FIELD_TOPOLOGY:
		return json_string(policy_topology_name(policy->topology));
	case POLICY_FIELD_MODE_CONFLICT:
		return json_string(policy_conflict_name(policy->mode_conflict));
	case POLICY_FIELD_IDENTITY:
		return json_string(policy_identity_name(policy->identity));
	case POLICY_FIELD_LAYOUT:
		return write_layout(policy, true);
	case POLICY_FIELD_MAX_DISPLAYS:
		return json_integer(policy->max_displays);
	case POLICY_FIELD_DESKTOP:
		return json_string(policy_desktop_name(policy->desktop));
	case POLICY_FIELD_CONFINEMENT:
		return write_confinement(policy);
	case POLICY_FIELD_PRESENCE:
		return write_presence(&policy->presence);
	case POLICY_FIELD_CONTROL:
		return json_string(policy_control_name(policy->control));
	case POLICY_FIELD_INPUT:
		return json_string(policy_input_name(policy->input));
	case POLICY_FIELDS:
		break;
	}
	return NULL;
}

/* The fields whose bits are set, in their order. */
static json_t *write_fields(
	const struct display_policy *policy, const char *preset, uint32_t fields)
{
	json_t *json = json_object();
	for (enum policy_field field = 0; field < POLICY_FIELDS; field++) {
		if (fields & 1u << field)
			json = with(
				json, policy_field_name(field), write_field(policy, preset, field));
	}
	return json;
}

json_t *document_write_layer(const struct policy_layer *layer)
{
	return write_fields(&layer->fields, layer->preset, layer->set);
}

json_t *document_write_policy(const struct display_policy *policy, const char *preset)
{
	return write_fields(policy, preset, UINT32_MAX);
}

static json_t *write_preset_fields(const struct policy_preset *preset)
{
	json_t *json = write_fields(
		&preset->fields, "", POLICY_PRESET_FIELDS & ~(1u << POLICY_FIELD_LAYOUT));
	return with(
		json, policy_field_name(POLICY_FIELD_LAYOUT), write_layout(&preset->fields, false));
}

json_t *document_write_preset(const struct policy_preset *preset)
{
	json_t *json = json_pack("{s:s, s:b}", "name", preset->name, "builtin", preset->builtin);
	return with_all(json, write_preset_fields(preset));
}

json_t *document_write_presets(const struct settings_state *state)
{
	json_t *presets = json_object();
	for (size_t i = 0; i < state->preset_count; i++)
		presets = with(
			presets, state->presets[i].name, write_preset_fields(&state->presets[i]));
	return with(json_pack("{s:i}", "version", POLICY_VERSION), "presets", presets);
}

json_t *document_write(const struct settings_state *state)
{
	json_t *json = json_pack("{s:i}", "version", POLICY_VERSION);
	json = with_all(json, document_write_layer(&state->file));
	if (state->client_count == 0)
		return json;
	json_t *clients = json_object();
	for (size_t i = 0; i < state->client_count; i++) {
		char text[2 * IDENTITY_FINGERPRINT_SIZE + 1];
		hex_write(state->clients[i].fingerprint, IDENTITY_FINGERPRINT_SIZE, text);
		clients = with(clients, text, document_write_layer(&state->clients[i].layer));
	}
	return with(json, "clients", clients);
}

/* The index at which the fingerprint is, or would have to be. */
static size_t find_place(
	const struct settings_state *state, const uint8_t *fingerprint, bool *there)
{
	size_t i = 0;
	int order = 1;
	while (i < state->client_count &&
		(order = memcmp(state->clients[i].fingerprint, fingerprint,
			 IDENTITY_FINGERPRINT_SIZE)) < 0)
		i++;
	*there = i < state->client_count && order == 0;
	return i;
}

struct settings_overrides *document_find_client(
	struct settings_state *state, const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE])
{
	bool there;
	const size_t place = find_place(state, fingerprint, &there);
	return there ? &state->clients[place] : NULL;
}

bool document_set_client(struct settings_state *state,
	const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE], const struct policy_layer *layer)
{
	bool there;
	const size_t place = find_place(state, fingerprint, &there);
	struct settings_overrides *at = &state->clients[place];
	const size_t behind = state->client_count - place;
	if (layer->set == 0) {
		if (there) {
			memmove(at, at + 1, (behind - 1) * sizeof *at);
			state->client_count--;
		}
		return true;
	}
	if (!there) {
		if (state->client_count == SETTINGS_CLIENTS_MAX)
			return false;
		memmove(at + 1, at, behind * sizeof *at);
		state->client_count++;
		memcpy(at->fingerprint, fingerprint, IDENTITY_FINGERPRINT_SIZE);
	}
	at->layer = *layer;
	return true;
}
