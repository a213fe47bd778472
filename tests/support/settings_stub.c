#include "support/settings_stub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One that waits: `target`[`name`] becomes `value`; without a name, the document does. */
struct settings_change {
	struct settings_change *next;
	json_t *target, *value; /* value NULL: goes */
	char name[96];
	settings_done done;
	void *data;
};

void settings_stub_init(struct settings *settings, sd_event *event)
{
	*settings = (struct settings){
		.event = event,
		.document = json_pack("{s:i}", "version", 1),
		.clients = json_object(),
		.presets = json_object(),
		.revision = 1,
		.policy = { .max_displays = 4, .keep_alive = { KEEP_ALIVE_DURATION, 10000000000 } },
	};
}

void settings_stub_clear(struct settings *settings)
{
	while (settings->waiting) {
		struct settings_change *change = settings->waiting;
		settings->waiting = change->next;
		json_decref(change->value);
		free(change);
	}
	sd_event_source_disable_unref(settings->answer);
	json_decref(settings->document);
	json_decref(settings->clients);
	json_decref(settings->presets);
}

static void perform(struct settings *settings, struct settings_change *change)
{
	settings->revision++;
	if (!change->name[0]) {
		json_decref(settings->document);
		settings->document = json_incref(change->value);
	} else if (change->value) {
		json_object_set(change->target, change->name, change->value);
	} else {
		json_object_del(change->target, change->name);
	}
	if (settings->changed)
		settings->changed(settings->changed_data);
}

void settings_stub_finish(struct settings *settings)
{
	while (settings->waiting) {
		struct settings_change *change = settings->waiting;
		settings->waiting = change->next;
		if (settings->error == 0)
			perform(settings, change);
		if (change->done)
			change->done(change->data, settings->error);
		json_decref(change->value);
		free(change);
	}
}

static int on_answer(sd_event_source *source, void *data)
{
	struct settings *settings = data;
	if (!settings->hold)
		settings_stub_finish(settings);
	return 0;
}

static void enqueue(struct settings *settings, json_t *target, const char *name, json_t *value,
	settings_done done, void *data)
{
	struct settings_change *change = calloc(1, sizeof *change), **last = &settings->waiting;
	if (!change)
		abort();
	change->target = target;
	change->value = value;
	change->done = done;
	change->data = data;
	snprintf(change->name, sizeof change->name, "%s", name);
	while (*last)
		last = &(*last)->next;
	*last = change;
	if (settings->event && !settings->answer)
		sd_event_add_defer(settings->event, &settings->answer, on_answer, settings);
	if (settings->event)
		sd_event_source_set_enabled(settings->answer, SD_EVENT_ONESHOT);
}

static bool is_good(const json_t *json, struct settings_faults *faults)
{
	if (!json_object_get(json, "fault"))
		return true;
	faults->total++;
	faults->faults[faults->count++] =
		(struct settings_fault){ .pointer = "/fault", .text = "nobody knows this field" };
	return false;
}

void settings_policy(
	const struct settings *settings, const uint8_t *fingerprint, struct display_policy *policy)
{
	*policy = settings->policy;
}

uint64_t settings_revision(const struct settings *settings)
{
	return settings->revision;
}

json_t *settings_document(const struct settings *settings)
{
	return json_incref(settings->document);
}

json_t *settings_effective(const struct settings *settings, const uint8_t *fingerprint)
{
	return json_pack("{s:s,s:{s:s,s:i},s:s,s:s,s:s,s:{s:s,s:{}},s:i,s:s}", "preset", "default",
		"keep_alive", "mode", "duration", "seconds", 10, "topology", "auto",
		"mode_conflict", "separate", "identity", "per-client", "layout", "mode", "auto-row",
		"positions", "max_displays", 4, "desktop", "shared");
}

json_t *settings_describe(const struct display_policy *policy, const char *preset)
{
	return settings_effective(NULL, NULL);
}

json_t *settings_sources(const struct settings *settings, const uint8_t *fingerprint)
{
	return json_pack("{s:s,s:s}", "preset", "file", "topology", "preset");
}

json_t *settings_presets(const struct settings *settings)
{
	const char *name;
	json_t *value, *list = json_array(), *fields;
	json_object_foreach(settings->presets, name, value)
	{
		fields = json_copy(value);
		json_object_set_new(fields, "name", json_string(name));
		json_object_set_new(fields, "builtin", json_false());
		json_array_append_new(list, fields);
	}
	return list;
}

static void client_name(const uint8_t *fingerprint, char name[65])
{
	for (size_t i = 0; i < 32; i++)
		snprintf(name + 2 * i, 3, "%02x", fingerprint[i]);
}

json_t *settings_client(const struct settings *settings, const uint8_t *fingerprint)
{
	char name[65];
	client_name(fingerprint, name);
	json_t *own = json_object_get(settings->clients, name);
	return own ? json_incref(own) : json_object();
}

bool settings_put(struct settings *settings, const json_t *document, settings_done done, void *data,
	struct settings_faults *faults)
{
	if (!is_good(document, faults))
		return false;
	enqueue(settings, NULL, "", json_deep_copy(document), done, data);
	return true;
}

bool settings_put_layout(struct settings *settings, const json_t *layout, settings_done done,
	void *data, struct settings_faults *faults)
{
	if (!is_good(layout, faults))
		return false;
	enqueue(settings, settings->document, "layout", json_deep_copy(layout), done, data);
	return true;
}

bool settings_put_client(struct settings *settings, const uint8_t *fingerprint,
	const json_t *overrides, settings_done done, void *data, struct settings_faults *faults)
{
	char name[65];
	client_name(fingerprint, name);
	if (!is_good(overrides, faults))
		return false;
	const bool goes = json_object_size(overrides) == 0;
	enqueue(settings, settings->clients, name, goes ? NULL : json_deep_copy(overrides), done,
		data);
	return true;
}

bool settings_put_preset(struct settings *settings, const char *name, const json_t *preset,
	settings_done done, void *data, struct settings_faults *faults)
{
	if (!is_good(preset, faults))
		return false;
	enqueue(settings, settings->presets, name, json_deep_copy(preset), done, data);
	return true;
}

enum settings_removal settings_remove_preset(
	struct settings *settings, const char *name, settings_done done, void *data)
{
	if (strcmp(name, "workstation") == 0)
		return SETTINGS_BUILTIN;
	if (!json_object_get(settings->presets, name))
		return SETTINGS_NO_SUCH;
	if (strcmp(name, "in-use") == 0)
		return SETTINGS_IN_USE;
	enqueue(settings, settings->presets, name, NULL, done, data);
	return SETTINGS_REMOVED;
}

void settings_forget(struct settings *settings, const void *data)
{
	for (struct settings_change *change = settings->waiting; change; change = change->next) {
		if (change->data == data)
			change->done = NULL;
	}
}

static void read_positions(const json_t *positions, struct display_policy *policy)
{
	const char *slot;
	json_t *place;
	json_object_foreach((json_t *)positions, slot, place)
	{
		if (policy->position_count == POLICY_POSITIONS_MAX)
			return;
		policy->positions[policy->position_count++] = (struct policy_position){
			.slot = (uint32_t)strtoul(slot, NULL, 10),
			.x = (int32_t)json_integer_value(json_object_get(place, "x")),
			.y = (int32_t)json_integer_value(json_object_get(place, "y")),
		};
	}
}

bool settings_try(const struct settings *settings, const json_t *document,
	const uint8_t *fingerprint, struct display_policy *policy, struct settings_faults *faults)
{
	const json_t *layout = json_object_get(document, "layout");
	const char *mode = json_string_value(json_object_get(layout, "mode"));
	*policy = settings->policy;
	if (mode && strcmp(mode, "manual") == 0)
		policy->layout = POLICY_LAYOUT_MANUAL;
	read_positions(json_object_get(layout, "positions"), policy);
	return is_good(document, faults);
}
