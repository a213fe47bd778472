#include "core/policy.h"

#include <string.h>

#define SECOND_NS 1000000000ull
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* semantics.md §2; docs/presets.md says the same, and a test compares them. */
const struct policy_preset policy_presets[] = {
	{
		.name = "default",
		.builtin = true,
		.fields = {
			.keep_alive = { KEEP_ALIVE_DURATION, 10 * SECOND_NS },
			.topology = POLICY_TOPOLOGY_AUTO,
			.mode_conflict = POLICY_CONFLICT_SEPARATE,
			.identity = POLICY_IDENTITY_PER_CLIENT,
			.layout = POLICY_LAYOUT_AUTO_ROW,
			.max_displays = POLICY_DISPLAYS_DEFAULT,
		},
	},
	{
		.name = "gaming-rig",
		.builtin = true,
		.fields = {
			.keep_alive = { KEEP_ALIVE_FOREVER, 0 },
			.topology = POLICY_TOPOLOGY_EXCLUSIVE,
			.mode_conflict = POLICY_CONFLICT_STEAL,
			.identity = POLICY_IDENTITY_PER_CLIENT,
			.layout = POLICY_LAYOUT_AUTO_ROW,
			.max_displays = POLICY_DISPLAYS_DEFAULT,
		},
	},
	{
		.name = "shared-desktop",
		.builtin = true,
		.fields = {
			.keep_alive = { KEEP_ALIVE_OFF, 0 },
			.topology = POLICY_TOPOLOGY_EXTEND,
			.mode_conflict = POLICY_CONFLICT_SEPARATE,
			.identity = POLICY_IDENTITY_PER_CLIENT,
			.layout = POLICY_LAYOUT_AUTO_ROW,
			.max_displays = POLICY_DISPLAYS_DEFAULT,
		},
	},
	{
		.name = "hotdesk",
		.builtin = true,
		.fields = {
			.keep_alive = { KEEP_ALIVE_DURATION, 300 * SECOND_NS },
			.topology = POLICY_TOPOLOGY_EXCLUSIVE,
			.mode_conflict = POLICY_CONFLICT_REJECT,
			.identity = POLICY_IDENTITY_PER_CLIENT_MODE,
			.layout = POLICY_LAYOUT_AUTO_ROW,
			.max_displays = POLICY_DISPLAYS_DEFAULT,
		},
	},
	{
		.name = "workstation",
		.builtin = true,
		.fields = {
			.keep_alive = { KEEP_ALIVE_DURATION, 300 * SECOND_NS },
			.topology = POLICY_TOPOLOGY_EXCLUSIVE,
			.mode_conflict = POLICY_CONFLICT_SEPARATE,
			.identity = POLICY_IDENTITY_PER_CLIENT,
			.layout = POLICY_LAYOUT_MANUAL,
			.max_displays = POLICY_DISPLAYS_DEFAULT,
		},
	},
};
const size_t policy_preset_count = COUNT(policy_presets);

const struct policy_preset *policy_preset_find(
	const char *name, const struct policy_preset *user, size_t user_count)
{
	for (size_t i = 0; i < policy_preset_count; i++) {
		if (strcmp(policy_presets[i].name, name) == 0)
			return &policy_presets[i];
	}
	for (size_t i = 0; i < user_count; i++) {
		if (strcmp(user[i].name, name) == 0)
			return &user[i];
	}
	return NULL;
}

bool policy_preset_name_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	const size_t size = strlen(name);
	return size >= 1 && size <= POLICY_PRESET_NAME_MAX && strchr(letters, name[0]) &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

void policy_copy_field(
	struct display_policy *to, const struct display_policy *from, enum policy_field field)
{
	switch (field) {
	case POLICY_FIELD_KEEP_ALIVE:
		to->keep_alive = from->keep_alive;
		break;
	case POLICY_FIELD_TOPOLOGY:
		to->topology = from->topology;
		break;
	case POLICY_FIELD_MODE_CONFLICT:
		to->mode_conflict = from->mode_conflict;
		break;
	case POLICY_FIELD_IDENTITY:
		to->identity = from->identity;
		break;
	case POLICY_FIELD_LAYOUT:
		to->layout = from->layout;
		to->position_count = from->position_count;
		memcpy(to->positions, from->positions, sizeof to->positions);
		break;
	case POLICY_FIELD_MAX_DISPLAYS:
		to->max_displays = from->max_displays;
		break;
	case POLICY_FIELD_DESKTOP:
		to->desktop = from->desktop;
		break;
	case POLICY_FIELD_CONFINEMENT:
		to->confinement = from->confinement;
		to->devices = from->devices;
		break;
	case POLICY_FIELD_PRESENCE:
		to->presence = from->presence;
		break;
	case POLICY_FIELD_CONTROL:
		to->control = from->control;
		break;
	case POLICY_FIELD_INPUT:
		to->input = from->input;
		break;
	case POLICY_FIELD_PRESET:
	case POLICY_FIELDS:
		break;
	}
}

struct merge {
	const struct policy_sources *sources;
	struct display_policy *policy;
	char *preset;
	enum policy_source *from;
};

static void take_layer(struct merge *merge, const struct policy_layer *layer, uint32_t fields,
	enum policy_source source)
{
	if (!layer)
		return;
	for (enum policy_field field = 0; field < POLICY_FIELDS; field++) {
		if (!(layer->set & fields & 1u << field))
			continue;
		policy_copy_field(merge->policy, &layer->fields, field);
		merge->from[field] = source;
	}
	if (layer->set & fields & 1u << POLICY_FIELD_PRESET)
		memcpy(merge->preset, layer->preset, sizeof layer->preset);
}

/* A preset says how places come about, not where they are. */
static void take_preset(struct merge *merge, enum policy_source source)
{
	const struct policy_sources *sources = merge->sources;
	if (strcmp(merge->preset, "custom") == 0)
		return;
	const struct policy_preset *preset = policy_preset_find(
		merge->preset, sources->user_presets, sources->user_preset_count);
	if (!preset) {
		preset = &policy_presets[0];
		memcpy(merge->preset, preset->name, sizeof preset->name);
	}
	for (enum policy_field field = 0; field < POLICY_FIELDS; field++) {
		if (!(POLICY_PRESET_FIELDS & 1u << field))
			continue;
		if (field == POLICY_FIELD_LAYOUT)
			merge->policy->layout = preset->fields.layout;
		else
			policy_copy_field(merge->policy, &preset->fields, field);
		merge->from[field] = source;
	}
}

void policy_merge(const struct policy_sources *sources, struct display_policy *policy,
	char preset[POLICY_PRESET_NAME_MAX + 1], enum policy_source from[POLICY_FIELDS])
{
	const uint32_t all = UINT32_MAX;
	char name[POLICY_PRESET_NAME_MAX + 1] = "";
	enum policy_source origin[POLICY_FIELDS] = { POLICY_SOURCE_DEFAULT };
	struct merge merge = { sources, policy, name, origin };

	*policy = policy_presets[0].fields;
	take_layer(&merge, sources->environment, all, POLICY_SOURCE_ENVIRONMENT);
	take_layer(&merge, sources->command_line, all, POLICY_SOURCE_COMMAND_LINE);
	take_layer(&merge, sources->file, all, POLICY_SOURCE_FILE);
	/* Nobody named one: explicit fields of whatever source count. */
	if (!name[0]) {
		uint32_t explicitly = 0;
		for (enum policy_field field = 0; field < POLICY_FIELDS; field++)
			explicitly |= origin[field] != POLICY_SOURCE_DEFAULT ? 1u << field : 0;
		strcpy(name, explicitly & POLICY_PRESET_FIELDS ? "custom" : "default");
	}
	if (origin[POLICY_FIELD_PRESET] != POLICY_SOURCE_DEFAULT)
		take_preset(&merge, POLICY_SOURCE_PRESET);

	const struct policy_layer *client = sources->client;
	if (client) {
		take_layer(&merge, client, 1u << POLICY_FIELD_PRESET, POLICY_SOURCE_CLIENT);
		if (client->set & 1u << POLICY_FIELD_PRESET)
			take_preset(&merge, POLICY_SOURCE_CLIENT);
		take_layer(&merge, client, all & ~(1u << POLICY_FIELD_PRESET | POLICY_HOST_FIELDS),
			POLICY_SOURCE_CLIENT);
	}
	if (preset)
		memcpy(preset, name, sizeof name);
	if (from)
		memcpy(from, origin, sizeof origin);
}

enum policy_topology policy_topology_resolve(enum policy_topology topology, bool desktop_was_named)
{
	if (topology != POLICY_TOPOLOGY_AUTO)
		return topology;
	return desktop_was_named ? POLICY_TOPOLOGY_EXTEND : POLICY_TOPOLOGY_EXCLUSIVE;
}

/* Words, in the order of their enumerations. */
static const char *const field_names[] = { "preset", "keep_alive", "topology", "mode_conflict",
	"identity", "layout", "max_displays", "desktop", "confinement", "presence", "control",
	"input" };
static const char *const source_names[] = { "default", "environment", "command-line", "file",
	"preset", "client" };
static const char *const topology_names[] = { "auto", "extend", "primary", "exclusive" };
static const char *const conflict_names[] = { "separate", "steal", "join", "reject" };
static const char *const identity_names[] = { "shared", "per-client", "per-client-mode" };
static const char *const layout_names[] = { "auto-row", "manual" };
static const char *const desktop_names[] = { "shared", "isolated" };
static const char *const confinement_names[] = { "off", "devices", "home" };
static const char *const device_names[] = { "dri", "nvidia", "video", "kvm", "fuse" };
static const char *const control_names[] = { "free", "one-at-a-time" };
static const char *const input_names[] = { "shared", "seat-per-client" };
static const char *const keep_alive_names[] = { "off", "duration", "forever" };

static const char *name_of(const char *const *names, size_t count, unsigned value)
{
	return value < count ? names[value] : "?";
}

static bool find_name(const char *const *names, size_t count, const char *word, unsigned *value)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(names[i], word) == 0) {
			*value = i;
			return true;
		}
	}
	return false;
}

#define NAME(kind, type)                                                                           \
	const char *policy_##kind##_name(type value)                                               \
	{                                                                                          \
		return name_of(kind##_names, COUNT(kind##_names), (unsigned)value);                \
	}
#define PARSE(kind, type)                                                                          \
	bool policy_##kind##_parse(const char *word, type *value)                                  \
	{                                                                                          \
		unsigned found;                                                                    \
		if (!find_name(kind##_names, COUNT(kind##_names), word, &found))                   \
			return false;                                                              \
		*value = (type)found;                                                              \
		return true;                                                                       \
	}

NAME(field, enum policy_field)
NAME(source, enum policy_source)
NAME(topology, enum policy_topology)
NAME(conflict, enum policy_conflict)
NAME(identity, enum policy_identity)
NAME(layout, enum policy_layout)
NAME(desktop, enum policy_desktop)
NAME(confinement, enum policy_confinement)
NAME(device, enum policy_device)
NAME(control, enum policy_control)
NAME(input, enum policy_input)
NAME(keep_alive, enum keep_alive_kind)
PARSE(topology, enum policy_topology)
PARSE(conflict, enum policy_conflict)
PARSE(identity, enum policy_identity)
PARSE(layout, enum policy_layout)
PARSE(desktop, enum policy_desktop)
PARSE(confinement, enum policy_confinement)
PARSE(device, enum policy_device)
PARSE(control, enum policy_control)
PARSE(input, enum policy_input)
PARSE(keep_alive, enum keep_alive_kind)
