/*
 * The operator's app list: CONFIG/apps.json, the programs that a client with the launch grant may start by their id.
 *
 * Room: apps (core, store and settings' faults only). Thread: control. Loading is lenient, changing is strict, as with
 * the settings: an app of the file that has a fault is left out and the log says why; a change that has a fault changes
 * nothing and names every fault. The file is watched: an edit counts at once.
 *
 * The file, and what PUT takes:
 *   { "version": 1, "apps": [
 *     { "id": "browser", "name": "Browser", "command": "firefox --kiosk 'https://example.org/'",
 *       "environment": {"MOZ_ENABLE_WAYLAND": "1"}, "desktop": "isolated",
 *       "mode": {"width": 1920, "height": 1080, "refresh_hz": 60}, "icon": "/usr/share/pixmaps/browser.png" } ] }
 * `command` is a list of arguments, or one text that is split into them by a shell's rules of quoting
 * (apps/command_line.h). No shell runs, nothing is expanded. `environment`, `desktop` ("shared" when absent), `mode`, its
 * `refresh_hz` and `icon` may be absent; `version` must be 1 when it is there.
 */
#ifndef LODGE_APPS_APPS_H
#define LODGE_APPS_APPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/mode.h"
#include "settings/faults.h"
#include "store/worker.h"

#define APPS_FILE "apps.json"
#define APPS_VERSION 1
#define APPS_FILE_MAX (256 * 1024) /* an event carries the whole list */
#define APPS_MAX 64
#define APP_ID_MAX 32 /* a-z, 0-9 and '-' */
#define APP_NAME_MAX 64 /* bytes of UTF-8, cleaned as a person's name (core/person_name.h) */
#define APP_ARGUMENTS_MAX 64
#define APP_ENVIRONMENT_MAX 64
#define APP_TEXT_MAX                                                                               \
	4096 /* bytes of one argument, of one NAME=VALUE, of the icon's path, of `command` as a text */

struct app {
	char id[APP_ID_MAX + 1];
	char name[APP_NAME_MAX + 1]; /* never empty */
	/* For execve; ends with NULL, which is not counted. arguments[0] is looked up in the PATH unless it has a '/'. */
	const char *const *arguments;
	size_t argument_count; /* at least 1 */
	/* NAME=VALUE, further to what is there; ends with NULL. */
	const char *const *environment;
	size_t environment_count;
	bool isolated; /* a desktop of its own; else it is started on the shared one */
	/* Of its displays, whatever a client asks for; width_px 0: the client's. refresh_mhz 0: the client's. */
	struct display_mode mode;
	const char *icon; /* absolute path of a picture; NULL: none */
};

struct app_list;

/* Another list than before is in force. From the event loop. */
typedef void (*app_list_changed)(void *data);

struct app_list_params {
	sd_event *event; /* NULL: the file is not watched */
	const char *config_folder; /* made if it is missing (0700) */
	struct store_worker *worker; /* not owned, outlives the list; NULL: to be read only */
	app_list_changed changed; /* may be NULL */
	void *changed_data;
};

/*
 * A missing file is an empty list; one that cannot be used (no JSON, too long, of a newer version) stays as it is, with
 * a log line, and so does the list in force. NULL with errno and a log line when the folder cannot be used; where
 * it cannot be watched, the log says that edits count at the next start.
 */
struct app_list *app_list_open(const struct app_list_params *params);
/* No callback comes any more. NULL is fine. */
void app_list_close(struct app_list *list);

/* In the order of the file. What these return lives until the list changes: keep the id, not the pointer. */
size_t app_list_count(const struct app_list *list);
const struct app *app_list_get(const struct app_list *list, size_t index);
/* The app whose id is exactly that; NULL: there is none. `id` may come from anybody. */
const struct app *app_list_find(const struct app_list *list, const char *id);
const struct app *app_list_find_sized(const struct app_list *list, const char *id, size_t size);
/* Grows with each change, from 1. */
uint64_t app_list_revision(const struct app_list *list);

/* The document as PUT takes it, commands as lists of arguments. A new reference; NULL when memory is short. */
json_t *app_list_document(const struct app_list *list);

/* error 0: it is on the disk and in force; else a negative errno of the disk, and nothing has changed. */
typedef void (*app_list_done)(void *data, int error);

/*
 * Replaces the whole list. False with faults: nothing has changed, no answer comes; so also false with none (`total` 0)
 * and errno, when memory or descriptors are short, or with EROFS without a worker. True: the answer comes, exactly once,
 * from the event loop.
 */
bool app_list_put(struct app_list *list, const json_t *document, app_list_done done, void *data,
	struct settings_faults *faults);
/* Nobody waits for answers with this data any more. */
void app_list_forget(struct app_list *list, const void *data);

#endif
