#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings/settings_private.h"

struct settings_state *settings_copy(const struct settings_state *state)
{
	struct settings_state *copy = malloc(sizeof *copy);
	if (copy)
		*copy = *state;
	return copy;
}

static void free_change(struct settings_change *change)
{
	free(change->state);
	free(change);
}

static const char *file_of(const struct settings_change *change)
{
	return change->presets ? SETTINGS_PRESETS_FILE : SETTINGS_FILE;
}

/* A listener may queue another change, forget an answer, or close the settings: then nothing is touched any more. */
static void tell(struct settings *settings, bool changed)
{
	const struct settings_params *params = &settings->params;
	struct settings_change *change;
	settings->telling = true;
	if (changed && params->changed)
		params->changed(params->changed_data);
	while (!settings->closed && (change = STAILQ_FIRST(&settings->answers))) {
		const settings_done done = change->done;
		void *data = change->data;
		const int error = change->error;
		STAILQ_REMOVE_HEAD(&settings->answers, link);
		free_change(change);
		if (done)
			done(data, error);
	}
	settings->telling = false;
	if (settings->closed)
		free(settings);
}

/* The whole line: those behind the first were judged by what does not come to be. */
static void fail(struct settings *settings, int error)
{
	struct settings_change *change;
	fprintf(stderr, "lodged: %s/%s cannot be written: %s; what was to change stays as it was\n",
		settings->folder.path, file_of(STAILQ_FIRST(&settings->changes)), strerror(-error));
	STAILQ_FOREACH(change, &settings->changes, link)
	change->error = error;
	STAILQ_CONCAT(&settings->answers, &settings->changes);
	settings->latest = settings->current;
}

/* The first of the line is on the disk. */
static void accept(struct settings *settings)
{
	struct settings_change *change = STAILQ_FIRST(&settings->changes);
	STAILQ_REMOVE_HEAD(&settings->changes, link);
	STAILQ_INSERT_TAIL(&settings->answers, change, link);
	free(settings->current);
	settings->current = change->state;
	change->state = NULL;
	settings->revision++;
}

static int begin_write(struct settings *settings);

static void on_written(void *data, int error)
{
	struct settings *settings = data;
	const bool changed = error == 0;
	if (changed) {
		accept(settings);
		error = begin_write(settings);
	}
	if (error < 0)
		fail(settings, error);
	tell(settings, changed);
}

/* The first of the line, if there is one, goes to the worker. */
static int begin_write(struct settings *settings)
{
	const struct settings_change *change = STAILQ_FIRST(&settings->changes);
	if (!change)
		return 0;
	json_t *json = change->presets ? document_write_presets(change->state)
				       : document_write(change->state);
	char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	json_decref(json);
	if (!text)
		return -ENOMEM;
	return store_worker_write(settings->params.worker, settings->folder.descriptor,
		file_of(change), text, strlen(text), on_written, settings);
}

bool settings_queue(struct settings *settings, struct settings_state *state, bool presets,
	settings_done done, void *data)
{
	struct settings_change *change = malloc(sizeof *change);
	if (!change) {
		free(state);
		return false;
	}
	*change = (struct settings_change){
		.settings = settings,
		.state = state,
		.presets = presets,
		.done = done,
		.data = data,
	};
	const bool first = STAILQ_EMPTY(&settings->changes);
	STAILQ_INSERT_TAIL(&settings->changes, change, link);
	const int error = first ? begin_write(settings) : 0;
	if (error == 0) {
		settings->latest = state;
		return true;
	}
	STAILQ_REMOVE(&settings->changes, change, settings_change, link);
	free_change(change);
	errno = -error;
	return false;
}

static void forget(struct change_list *list, const void *data)
{
	struct settings_change *change;
	STAILQ_FOREACH(change, list, link)
	{
		if (change->data == data)
			change->done = NULL;
	}
}

void settings_forget(struct settings *settings, const void *data)
{
	forget(&settings->changes, data);
	forget(&settings->answers, data);
}

void settings_drop_changes(struct settings *settings)
{
	struct settings_change *change;
	store_worker_forget(settings->params.worker, settings);
	STAILQ_CONCAT(&settings->changes, &settings->answers);
	while ((change = STAILQ_FIRST(&settings->changes))) {
		STAILQ_REMOVE_HEAD(&settings->changes, link);
		free_change(change);
	}
}
