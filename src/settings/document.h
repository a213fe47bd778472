/*
 * The two documents as values: what the settings and presets files say, and their JSON. See settings.h for the format.
 *
 * Room: settings, private. Pure but for memory: no I/O, no clock.
 */
#ifndef LODGE_SETTINGS_DOCUMENT_H
#define LODGE_SETTINGS_DOCUMENT_H

#include <jansson.h>

#include "core/identity.h"
#include "core/policy.h"
#include "settings/settings.h"

#define DOCUMENT_SECOND_NS 1000000000ull

#define DOCUMENT_TOO_MANY_CLIENTS "there are too many clients with overrides"
#define DOCUMENT_TOO_MANY_PRESETS "there are too many presets"
#define DOCUMENT_BAD_PRESET_NAME                                                                   \
	"an own preset is named by at most 32 of a-z, 0-9 and -, a letter first, and not as a "    \
	"built-in one"

struct settings_overrides {
	uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE];
	struct policy_layer layer;
};

struct settings_state {
	struct policy_layer file;
	size_t client_count;
	struct settings_overrides clients[SETTINGS_CLIENTS_MAX]; /* ascending fingerprints */
	size_t preset_count;
	struct policy_preset presets[SETTINGS_PRESETS_MAX]; /* ascending names */
};

/*
 * What a reading found. Strict: any fault refuses the whole. Lenient: a number out of its range is moved to the nearest
 * bound, anything else at fault is left out (but a preset of the file that nobody knows is taken for "default", and places
 * are kept whatever the layout's mode); the faults then say what was done.
 */
struct settings_reading {
	bool lenient;
	struct settings_faults *faults;
	/* Presets that may be named besides the built-in ones. */
	const struct policy_preset *presets;
	size_t preset_count;
};

/* `pointer` names the place that is read: "" or "/clients/<fingerprint>". */
void document_read_layer(struct settings_reading *reading, const char *pointer, const json_t *json,
	bool is_client, struct policy_layer *layer);
/* The whole settings document into file and clients. */
void document_read(
	struct settings_reading *reading, const json_t *json, struct settings_state *state);
/* False: the layout cannot be used. */
bool document_read_layout(struct settings_reading *reading, const char *pointer, const json_t *json,
	bool with_positions, struct display_policy *fields);
/* The fields of a preset; false unless all of them are there and usable. */
bool document_read_preset(struct settings_reading *reading, const char *pointer, const json_t *json,
	struct display_policy *fields);
/* The whole presets document: { "version": 1, "presets": { "<name>": {...} } }. */
void document_read_presets(
	struct settings_reading *reading, const json_t *json, struct settings_state *state);
/* Of an own preset: not that of a built-in one, nor "custom". */
bool document_preset_name_valid(const char *name);

void document_fault(struct settings_reading *reading, const char *pointer, const char *member,
	const char *text);

/* New references, NULL when memory is short. */
json_t *document_write(const struct settings_state *state);
json_t *document_write_layer(const struct policy_layer *layer);
json_t *document_write_policy(const struct display_policy *policy, const char *preset);
json_t *document_write_preset(const struct policy_preset *preset);
json_t *document_write_presets(const struct settings_state *state);

struct settings_overrides *document_find_client(
	struct settings_state *state, const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE]);
/* Keeps the order. False when there is no room. An empty layer takes the entry out. */
bool document_set_client(struct settings_state *state,
	const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE], const struct policy_layer *layer);

#endif
