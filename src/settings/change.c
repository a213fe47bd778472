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

static int begin_write(struct settings *settings);

/* Tells one after the other; a listener may queue another change, or close the settings. */
static void fail_all(struct settings *settings, int error)
{
	struct change_list failed = settings->changes;
	struct settings_change *change;
	if (STAILQ_EMPTY(&failed))
		return;
	/* A list's tail points into its head: take it over properly. */
	STAILQ_INIT(&failed);
	STAILQ_CONCAT(&failed, &settings->changes);
	settings->latest = settings->current;
	while ((change = STAILQ_FIRST(&failed))) {
		const settings_done done = change->done;
		void *data = change->data;
		STAILQ_REMOVE_HEAD(&failed, link);
		free_change(change);
		if (done)
			done(data, error);
	}
}

static void on_written(void *data, int error)
{
	struct settings_change *change = data;
	struct settings *settings = change->settings;
	const char *name = change->presets ? SETTINGS_PRESETS_FILE : SETTINGS_FILE;
	if (error < 0) {
		fprintf(stderr, "lodged: %s/%s cannot be written: %s; nothing has changed\n",
			settings->path, name, strerror(-error));
		fail_all(settings, error);
		return;
	}
	const settings_done done = change->done;
	void *done_data = change->data;
	const struct settings_params params = settings->params;
	STAILQ_REMOVE_HEAD(&settings->changes, link);
	free(settings->current);
	settings->current = change->state;
	change->state = NULL;
	if (STAILQ_EMPTY(&settings->changes))
		settings->latest = settings->current;
	settings->revision++;
	free_change(change);
	error = begin_write(settings);
	if (error < 0)
		fail_all(settings, error);
	if (params.changed)
		params.changed(params.changed_data);
	if (done)
		done(done_data, 0);
}

/* The first of the line goes to the worker. */
static int begin_write(struct settings *settings)
{
	struct settings_change *change = STAILQ_FIRST(&settings->changes);
	if (!change)
		return 0;
	json_t *json = change->presets ? document_write_presets(change->state)
				       : document_write(change->state);
	char *text = json_dumps(json, JSON_INDENT(2));
	json_decref(json);
	if (!text)
		return -ENOMEM;
	return store_worker_write(settings->params.worker, settings->folder,
		change->presets ? SETTINGS_PRESETS_FILE : SETTINGS_FILE, text, strlen(text),
		on_written, change);
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
	const struct settings_state *before = settings->latest;
	STAILQ_INSERT_TAIL(&settings->changes, change, link);
	settings->latest = state;
	if (!first || begin_write(settings) == 0)
		return true;
	STAILQ_INIT(&settings->changes);
	settings->latest = before;
	free_change(change);
	return false;
}

void settings_forget(struct settings *settings, const void *data)
{
	struct settings_change *change;
	STAILQ_FOREACH(change, &settings->changes, link)
	{
		if (change->data == data)
			change->done = NULL;
	}
}

void settings_drop_changes(struct settings *settings)
{
	struct settings_change *change;
	while ((change = STAILQ_FIRST(&settings->changes))) {
		store_worker_forget(settings->params.worker, change);
		STAILQ_REMOVE_HEAD(&settings->changes, link);
		free_change(change);
	}
}
