/*
 * The operator's display settings: CONFIG/display-settings.json and CONFIG/display-presets.json, their JSON, and who
 * overrules whom (semantics.md §2).
 *
 * Room: settings (core and store only). Thread: control. Loading is lenient, changing is strict: a change that has a
 * fault changes nothing and names every fault; one that is accepted counts when it is on the disk.
 *
 * The file, and what PUT takes:
 *   { "version": 1, "preset": "custom", "keep_alive": {"mode": "duration", "seconds": 300}, "topology": "extend",
 *     "mode_conflict": "separate", "identity": "per-client",
 *     "layout": {"mode": "manual", "positions": {"1": {"x": 0, "y": 0}}}, "max_displays": 4, "desktop": "shared",
 *     "confinement": {"mode": "home", "devices": ["dri"]},
 *     "presence": {"enabled": true, "controlling_seconds": 10, "watching_seconds": 300}, "control": "free",
 *     "input": "shared",
 *     "clients": { "<64 hex>": { "mode_conflict": "join" } } }
 * `keep_alive.mode` is off | duration | forever; `seconds` only and always with duration. `confinement.mode` is off |
 * devices | home; `devices` not with off. A whole number may be spelled
 * 3.0 or 1e3. Every field may be absent; `version` must be 1 when it is there. `preset`: absent means "custom" when any
 * field that a preset rules is there, else nothing is said about it (a weaker source or "default" decides).
 */
#ifndef LODGE_SETTINGS_SETTINGS_H
#define LODGE_SETTINGS_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/policy.h"
#include "settings/faults.h"
#include "store/worker.h"

#define SETTINGS_FILE "display-settings.json"
#define SETTINGS_PRESETS_FILE "display-presets.json"
#define SETTINGS_FILE_MAX (2 * 1024 * 1024) /* more than the longest text of full settings */
#define SETTINGS_CLIENTS_MAX 256
#define SETTINGS_PRESETS_MAX 32

struct settings;

struct settings_params {
	const char *config_folder; /* made if it is missing (0700) */
	struct store_worker *worker; /* not owned; outlives the settings */
	const struct policy_layer *environment, *command_line; /* copied; NULL: nothing */
	/* A change is on the disk and in force. From the event loop. May be NULL. */
	void (*changed)(void *data);
	void *changed_data;
};

/*
 * Repairs what the files have wrong, with a log line for each field; sets a file aside that is no JSON or is from the
 * future, and starts with defaults. NULL with errno and a log line when the folder cannot be used.
 */
struct settings *settings_open(const struct settings_params *params);
void settings_close(struct settings *settings);

/* The policy that rules the client; `fingerprint` NULL: nobody's overrides. No I/O. */
void settings_policy(
	const struct settings *settings, const uint8_t *fingerprint, struct display_policy *policy);
/* "1" ..: grows with each change, also of presets. */
uint64_t settings_revision(const struct settings *settings);

/*
 * New references. The document as PUT takes it (what the file says, or would say: {"version": 1} when there is none);
 * the values in force with "sources" ("preset": "file" ...); a preset: {"name", "builtin", "keep_alive", "topology",
 * "mode_conflict", "identity", "layout"}. NULL when memory is short.
 */
json_t *settings_document(const struct settings *settings);
json_t *settings_effective(const struct settings *settings, const uint8_t *fingerprint);
json_t *settings_sources(const struct settings *settings, const uint8_t *fingerprint);
json_t *settings_presets(const struct settings *settings);
json_t *settings_client(const struct settings *settings,
	const uint8_t *fingerprint); /* its overrides, {} if none */

/* The shape of settings_effective, for a policy that comes from elsewhere (settings_try). */
json_t *settings_describe(const struct display_policy *policy, const char *preset);

/* error 0, a negative errno of the disk; then nothing has changed. Exactly once, from the event loop. */
typedef void (*settings_done)(void *data, int error);

/*
 * False with faults: nothing has changed, no answer comes; so also false with none (`total` 0) and errno, when memory or
 * descriptors are short. True: the answer comes. Changes queue up: each is judged against the outcome of those before it.
 * A listener may do anything to the settings, also close them.
 */
bool settings_put(struct settings *settings, const json_t *document, settings_done done, void *data,
	struct settings_faults *faults);
/*
 * Replaces layout alone: {"mode", "positions"}. The preset in force is named in the file, or becomes "custom" with its
 * values written out when its layout has another mode.
 */
bool settings_put_layout(struct settings *settings, const json_t *layout, settings_done done,
	void *data, struct settings_faults *faults);
/* A client's overrides; {} removes them. `max_displays` and `clients` are faults. */
bool settings_put_client(struct settings *settings, const uint8_t *fingerprint,
	const json_t *overrides, settings_done done, void *data, struct settings_faults *faults);
/* Makes or replaces a user preset: {"keep_alive", "topology", "mode_conflict", "identity", "layout": {"mode"}}, all. */
bool settings_put_preset(struct settings *settings, const char *name, const json_t *preset,
	settings_done done, void *data, struct settings_faults *faults);
enum settings_removal {
	SETTINGS_REMOVED,
	SETTINGS_NO_SUCH,
	SETTINGS_BUILTIN,
	SETTINGS_IN_USE,
	SETTINGS_NO_MEMORY,
};
/* Answers through `done` only when it returns SETTINGS_REMOVED. In use: the file or a client names it. */
enum settings_removal settings_remove_preset(
	struct settings *settings, const char *name, settings_done done, void *data);
/* Nobody waits for answers with this data any more. */
void settings_forget(struct settings *settings, const void *data);

/*
 * A policy that is not stored: what `document` (as PUT takes it) would mean for the client now. For dry runs. False as of
 * settings_put.
 */
bool settings_try(const struct settings *settings, const json_t *document,
	const uint8_t *fingerprint, struct display_policy *policy, struct settings_faults *faults);

/*
 * "keep_alive=30", "keep_alive=forever", "topology=extend" ...: the form of the command line (--policy) and of the
 * environment (LODGE_KEEP_ALIVE=30 ...). False with a sentence that names field and value.
 */
bool settings_parse_assignment(
	struct policy_layer *layer, const char *text, char *fault, size_t capacity);

#endif
