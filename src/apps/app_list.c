#include "apps/app_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_folder(struct app_list *list)
{
	if (mkdir(list->path, 0700) < 0 && errno != EEXIST) {
		const int error = -errno;
		fprintf(stderr, "lodged: settings folder %s cannot be made: %s\n", list->path,
			strerror(-error));
		return error;
	}
	list->folder = open(list->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (list->folder >= 0)
		return 0;
	const int error = -errno;
	fprintf(stderr, "lodged: settings folder %s cannot be opened: %s\n", list->path,
		strerror(-error));
	return error;
}

struct app_list *app_list_open(const struct app_list_params *params)
{
	int error = -ENOMEM;
	struct app_list *list = calloc(1, sizeof *list);
	if (!list)
		goto error;
	list->params = *params;
	list->folder = -1;
	list->revision = 1;
	LIST_INIT(&list->changes);
	list->current = apps_read_nothing();
	list->path = strdup(params->config_folder);
	if (!list->current || !list->path)
		goto error;
	error = open_folder(list);
	if (error < 0)
		goto error;
	/* First watched, then read: no edit falls in between. */
	error = params->event ? app_list_watch(list) : 0;
	if (error < 0)
		fprintf(stderr,
			"lodged: %s cannot be watched: %s; edits of " APPS_FILE
			" count when lodged is started anew\n",
			list->path, strerror(-error));
	list->params.changed = NULL;
	app_list_load(list);
	list->params.changed = params->changed;
	list->revision = 1;
	return list;
error:
	app_list_close(list);
	errno = -error;
	return NULL;
}

static void free_change(struct app_change *change)
{
	LIST_REMOVE(change, link);
	apps_free(change->state);
	free(change);
}

void app_list_close(struct app_list *list)
{
	struct app_change *change;
	if (!list)
		return;
	while ((change = LIST_FIRST(&list->changes))) {
		store_worker_forget(list->params.worker, change);
		free_change(change);
	}
	sd_event_source_disable_unref(list->watch);
	sd_event_source_disable_unref(list->reload);
	if (list->folder >= 0)
		close(list->folder);
	apps_free(list->current);
	free(list->path);
	free(list);
}

size_t app_list_count(const struct app_list *list)
{
	return list->current->count;
}

const struct app *app_list_get(const struct app_list *list, size_t index)
{
	return index < list->current->count ? &list->current->apps[index] : NULL;
}

const struct app *app_list_find_sized(const struct app_list *list, const char *id, size_t size)
{
	for (size_t i = 0; i < list->current->count; i++) {
		const struct app *app = &list->current->apps[i];
		if (strlen(app->id) == size && memcmp(app->id, id, size) == 0)
			return app;
	}
	return NULL;
}

const struct app *app_list_find(const struct app_list *list, const char *id)
{
	return app_list_find_sized(list, id, strlen(id));
}

uint64_t app_list_revision(const struct app_list *list)
{
	return list->revision;
}

json_t *app_list_document(const struct app_list *list)
{
	return json_deep_copy(list->current->document);
}

void app_list_take(struct app_list *list, struct apps_state *state)
{
	if (json_equal(list->current->document, state->document)) {
		apps_free(state);
		return;
	}
	apps_free(list->current);
	list->current = state;
	list->revision++;
	if (list->params.changed)
		list->params.changed(list->params.changed_data);
}

static void on_written(void *data, int error)
{
	struct app_change *change = data;
	struct app_list *list = change->list;
	if (error < 0) {
		fprintf(stderr,
			"lodged: %s/" APPS_FILE " cannot be written: %s; the apps stay as they "
			"were\n",
			list->path, strerror(-error));
	} else {
		struct apps_state *state = change->state;
		change->state = NULL;
		app_list_take(list, state);
		app_list_load_soon(list); /* somebody's edit may have come meanwhile */
	}
	const app_list_done done = change->done;
	void *whoever = change->data;
	free_change(change);
	if (done)
		done(whoever, error);
}

/* The file's text; NULL when memory is short, or with a fault when it is too long. */
static char *format(const struct apps_state *state, struct settings_faults *faults)
{
	char *text = json_dumps(state->document, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	if (!text || strlen(text) <= APPS_FILE_MAX)
		return text;
	free(text);
	struct settings_fault *fault = fault_add(faults, "", "apps");
	if (fault)
		snprintf(fault->text, sizeof fault->text, "the list is longer than 256 KiB");
	return NULL;
}

bool app_list_put(struct app_list *list, const json_t *document, app_list_done done, void *data,
	struct settings_faults *faults)
{
	struct app_change *change = NULL;
	struct apps_state *state = apps_read_strict(document, faults);
	char *text = state ? format(state, faults) : NULL;
	int error = -ENOMEM;
	if (!text)
		goto error;
	error = -EROFS;
	if (!list->params.worker)
		goto error;
	error = -ENOMEM;
	change = malloc(sizeof *change);
	if (!change)
		goto error;
	*change = (struct app_change){ .list = list, .state = state, .done = done, .data = data };
	LIST_INSERT_HEAD(&list->changes, change, link);
	const size_t size = strlen(text);
	error = store_worker_write(
		list->params.worker, list->folder, APPS_FILE, text, size, on_written, change);
	if (error == 0)
		return true; /* the change may be over already */
	free_change(change);
	errno = -error;
	return false;
error:
	free(text);
	apps_free(state);
	errno = -error;
	return false;
}

void app_list_forget(struct app_list *list, const void *data)
{
	struct app_change *change;
	LIST_FOREACH (change, &list->changes, link) {
		if (change->data == data)
			change->done = NULL;
	}
}
