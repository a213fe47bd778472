/*
 * What the operator decides about displays (semantics.md §2): fields, presets, and how several sources
 * become the one policy that rules a client.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread. JSON and files: settings/.
 */
#ifndef LODGE_CORE_POLICY_H
#define LODGE_CORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/lifecycle.h" /* struct keep_alive */

#define POLICY_VERSION 1
#define POLICY_DISPLAYS_MIN 1
#define POLICY_DISPLAYS_MAX 16
#define POLICY_DISPLAYS_DEFAULT 4
#define POLICY_LINGER_MIN_S 1
#define POLICY_LINGER_MAX_S 604800 /* a week; longer is `forever` */
#define POLICY_POSITION_MIN_PX (-32768)
#define POLICY_POSITION_MAX_PX 32767
#define POLICY_POSITIONS_MAX 64
#define POLICY_PRESET_NAME_MAX 32 /* a-z, 0-9 and '-', beginning with a letter */

enum policy_topology {
	POLICY_TOPOLOGY_AUTO, /* exclusive on a desktop that was found, extend on one that was named */
	POLICY_TOPOLOGY_EXTEND,
	POLICY_TOPOLOGY_PRIMARY,
	POLICY_TOPOLOGY_EXCLUSIVE,
};
enum policy_conflict {
	POLICY_CONFLICT_SEPARATE,
	POLICY_CONFLICT_STEAL,
	POLICY_CONFLICT_JOIN,
	POLICY_CONFLICT_REJECT,
};
enum policy_identity {
	POLICY_IDENTITY_SHARED,
	POLICY_IDENTITY_PER_CLIENT,
	POLICY_IDENTITY_PER_CLIENT_MODE,
};
enum policy_layout { POLICY_LAYOUT_AUTO_ROW, POLICY_LAYOUT_MANUAL };
enum policy_desktop { POLICY_DESKTOP_SHARED, POLICY_DESKTOP_ISOLATED };
/* What programs on a desktop of a client's own see of the machine. */
enum policy_confinement {
	POLICY_CONFINEMENT_OFF, /* what the host's user sees */
	POLICY_CONFINEMENT_DEVICES, /* that, but of the devices only those that are named */
	POLICY_CONFINEMENT_HOME, /* and a home of the client's own in place of the user's */
};
enum policy_device {
	POLICY_DEVICE_DRI,
	POLICY_DEVICE_NVIDIA,
	POLICY_DEVICE_VIDEO,
	POLICY_DEVICE_KVM,
	POLICY_DEVICE_FUSE,
	POLICY_DEVICES,
};
/* How the people on a desktop are together (semantics.md §9, §10); of the host, not of a client. */
enum policy_control { POLICY_CONTROL_FREE, POLICY_CONTROL_ONE_AT_A_TIME };
enum policy_input { POLICY_INPUT_SHARED, POLICY_INPUT_SEAT_PER_CLIENT };
struct policy_presence {
	bool enabled;
	uint32_t controlling_s, watching_s; /* thresholds (core/presence.h); 0: the default */
};
#define POLICY_THRESHOLD_MAX_S 86400

/* Where the top left corner of a slot's display is pinned, logical pixels of the desktop. */
struct policy_position {
	uint32_t slot;
	int32_t x, y;
};

/* In the order of the documents. */
enum policy_field {
	POLICY_FIELD_PRESET,
	POLICY_FIELD_KEEP_ALIVE,
	POLICY_FIELD_TOPOLOGY,
	POLICY_FIELD_MODE_CONFLICT,
	POLICY_FIELD_IDENTITY,
	POLICY_FIELD_LAYOUT,
	POLICY_FIELD_MAX_DISPLAYS,
	POLICY_FIELD_DESKTOP,
	POLICY_FIELD_CONFINEMENT,
	POLICY_FIELD_PRESENCE, /* these three: not in a client's overrides, not in presets */
	POLICY_FIELD_CONTROL,
	POLICY_FIELD_INPUT,
	POLICY_FIELDS,
};

/* Bits of the fields that a preset rules. */
#define POLICY_PRESET_FIELDS                                                                       \
	(1u << POLICY_FIELD_KEEP_ALIVE | 1u << POLICY_FIELD_TOPOLOGY |                             \
		1u << POLICY_FIELD_MODE_CONFLICT | 1u << POLICY_FIELD_IDENTITY |                   \
		1u << POLICY_FIELD_LAYOUT)

/* Bits of the fields that a client's overrides cannot name. */
#define POLICY_HOST_FIELDS                                                                         \
	(1u << POLICY_FIELD_MAX_DISPLAYS | 1u << POLICY_FIELD_PRESENCE |                           \
		1u << POLICY_FIELD_CONTROL | 1u << POLICY_FIELD_INPUT)

/* The fields that rule; all of them are set. */
struct display_policy {
	struct keep_alive keep_alive; /* a duration in whole seconds */
	enum policy_topology topology;
	enum policy_conflict mode_conflict;
	enum policy_identity identity;
	enum policy_layout layout;
	uint32_t position_count; /* kept whatever `layout` says; they count under `manual` */
	struct policy_position positions[POLICY_POSITIONS_MAX]; /* ascending slots, none twice */
	uint32_t max_displays;
	enum policy_desktop desktop;
	enum policy_confinement confinement;
	uint32_t devices; /* bits 1 << enum policy_device; none when it is off */
	struct policy_presence presence;
	enum policy_control control;
	enum policy_input input;
};

/* Some of the fields: a file, the command line, a client's overrides. `preset` is "" when not set. */
struct policy_layer {
	uint32_t set; /* bits 1 << enum policy_field; `preset` has one too */
	char preset[POLICY_PRESET_NAME_MAX + 1]; /* a built-in or user preset, or "custom" */
	struct display_policy fields; /* only those in `set` count */
};

/* Ascending strength. */
enum policy_source {
	POLICY_SOURCE_DEFAULT,
	POLICY_SOURCE_ENVIRONMENT,
	POLICY_SOURCE_COMMAND_LINE,
	POLICY_SOURCE_FILE,
	POLICY_SOURCE_PRESET, /* the preset that the file (or a weaker source, if the file names none) names */
	POLICY_SOURCE_CLIENT, /* the client's overrides */
};

struct policy_preset {
	char name[POLICY_PRESET_NAME_MAX + 1];
	bool builtin;
	struct display_policy fields; /* no positions; max_displays is POLICY_DISPLAYS_DEFAULT */
};

/*
 * "default" (which the host follows when nothing is configured), "gaming-rig", "shared-desktop", "hotdesk",
 * "workstation". A preset rules every field but `max_displays`, `desktop`, `confinement` and the positions: those are
 * sizes and places of this one host, so the explicit ones stay in force.
 */
extern const struct policy_preset policy_presets[];
extern const size_t policy_preset_count;
/* Looks among the built-in ones, then among `user`. NULL for "custom" and for names that nobody knows. */
const struct policy_preset *policy_preset_find(
	const char *name, const struct policy_preset *user, size_t user_count);
bool policy_preset_name_valid(const char *name);

/* With a layout go its positions. Does nothing for POLICY_FIELD_PRESET, which is none of a policy's. */
void policy_copy_field(
	struct display_policy *to, const struct display_policy *from, enum policy_field field);

struct policy_sources {
	const struct policy_layer *environment, *command_line, *file, *client; /* NULL: nothing */
	const struct policy_preset *user_presets;
	size_t user_preset_count;
};

/*
 * Merges in ascending strength: defaults, environment, command line, file; then the fields of the preset that the
 * strongest source names, unless that is "custom"; then the client's layer (its own preset, then its explicit
 * fields), in which `max_displays` does not count. A preset that nobody knows is taken for "default",
 * and `preset` says so.
 * `from` (may be NULL) tells for each field where its value came from.
 */
void policy_merge(const struct policy_sources *sources, struct display_policy *policy,
	char preset[POLICY_PRESET_NAME_MAX + 1], enum policy_source from[POLICY_FIELDS]);

/* What `auto` means here. */
enum policy_topology policy_topology_resolve(enum policy_topology topology, bool desktop_was_named);

/* The words of documents and of the API: "keep_alive", "per-client-mode", "command-line" ... */
const char *policy_field_name(enum policy_field field);
const char *policy_source_name(enum policy_source source);
const char *policy_topology_name(enum policy_topology topology);
const char *policy_conflict_name(enum policy_conflict conflict);
const char *policy_identity_name(enum policy_identity identity);
const char *policy_layout_name(enum policy_layout layout);
const char *policy_desktop_name(enum policy_desktop desktop);
const char *policy_confinement_name(enum policy_confinement confinement);
const char *policy_device_name(enum policy_device device);
const char *policy_keep_alive_name(enum keep_alive_kind kind);
const char *policy_control_name(enum policy_control control); /* "free", "one-at-a-time" */
const char *policy_input_name(enum policy_input input); /* "shared", "seat-per-client" */
/* False when the word is none of the values. */
bool policy_topology_parse(const char *word, enum policy_topology *topology);
bool policy_conflict_parse(const char *word, enum policy_conflict *conflict);
bool policy_identity_parse(const char *word, enum policy_identity *identity);
bool policy_layout_parse(const char *word, enum policy_layout *layout);
bool policy_desktop_parse(const char *word, enum policy_desktop *desktop);
bool policy_confinement_parse(const char *word, enum policy_confinement *confinement);
bool policy_device_parse(const char *word, enum policy_device *device);
bool policy_control_parse(const char *word, enum policy_control *control);
bool policy_input_parse(const char *word, enum policy_input *input);
bool policy_keep_alive_parse(const char *word, enum keep_alive_kind *kind);

#endif
