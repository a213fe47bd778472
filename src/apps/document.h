/*
 * The document of apps.h as values, and back.
 *
 * Room: apps, private. Pure but for memory: no I/O, no clock.
 */
#ifndef LODGE_APPS_DOCUMENT_H
#define LODGE_APPS_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "apps/apps.h"

struct apps_state {
	size_t count;
	struct app apps[APPS_MAX]; /* each owns its arguments, its environment and its icon */
	json_t *document; /* what they say, as PUT takes it */
};

/* What was wrong with one app of a file, or (`index` APPS_WHOLE) with the document around them. Lenient reading alone. */
#define APPS_WHOLE SIZE_MAX
typedef void (*apps_warning)(void *data, size_t index, const struct settings_faults *faults);

/*
 * Strict: any fault refuses the whole. NULL with faults, or with none when memory is short.
 */
struct apps_state *apps_read_strict(const json_t *json, struct settings_faults *faults);
/*
 * Lenient: an app with a fault is left out, and so are fields around the apps that nobody knows; NULL with faults
 * when there is no list of apps in it at all, with none when memory is short. `faults` is scratch.
 */
struct apps_state *apps_read_lenient(
	const json_t *json, struct settings_faults *faults, apps_warning warn, void *data);
/* No apps. NULL when memory is short. */
struct apps_state *apps_read_nothing(void);
void apps_free(struct apps_state *state);

/* read_app.c: one of them. */
enum app_reading { APP_READ, APP_FAULTY, APP_MEMORY };
/* What was read of it is filled in in any case, and to be finished. */
enum app_reading app_read(
	const json_t *json, const char *pointer, struct settings_faults *faults, struct app *app);
void app_finish(struct app *app);

/* write.c: a new reference; NULL when memory is short. */
json_t *apps_write(const struct apps_state *state);

#endif
