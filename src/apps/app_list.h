/*
 * What the files of the list share. Room: apps, private.
 */
#ifndef LODGE_APPS_APP_LIST_H
#define LODGE_APPS_APP_LIST_H

#include <sys/queue.h>

#include "apps/document.h"

struct app_change {
	LIST_ENTRY(app_change) link;
	struct app_list *list;
	struct apps_state *state;
	app_list_done done; /* NULL: nobody waits */
	void *data;
};

struct app_list {
	struct app_list_params params;
	char *path; /* of the folder, for messages */
	int folder;
	uint64_t revision;
	struct apps_state *current;
	LIST_HEAD(, app_change) changes; /* with the worker */
	sd_event_source *watch,
		*reload; /* `reload`: a moment after the last event, once for many */
};

/* Another list counts from now on, unless it says the same. Takes it over. */
void app_list_take(struct app_list *list, struct apps_state *state);

/* file.c: what the file says now. The list stays as it is when that is nothing usable. */
void app_list_load(struct app_list *list);
/* Begins to watch the folder. Negative errno. */
int app_list_watch(struct app_list *list);
/* The file is looked at once more, soon. */
void app_list_load_soon(struct app_list *list);

#endif
