#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "apps/app_list.h"
#include "store/state_file.h"

/* An editor may move the old file away before the new one comes: what is between them is nobody's wish. */
#define SETTLE_US 50000
#define ACCURACY_US 5000

static void say_faults(
	const struct app_list *list, const char *what, struct settings_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		fprintf(stderr, "lodged: %s/" APPS_FILE ": %s: %s: %s\n", list->path, what,
			fault_plain(faults->faults[i].pointer), faults->faults[i].text);
	if (faults->total > faults->count)
		fprintf(stderr, "lodged: %s/" APPS_FILE ": %s: and %zu faults more\n", list->path,
			what, faults->total - faults->count);
}

static void warn(void *data, size_t index, const struct settings_faults *found)
{
	struct settings_faults faults = *found;
	char what[64] = "what is at fault does not count";
	if (index != APPS_WHOLE)
		snprintf(what, sizeof what, "app %zu is left out", index);
	say_faults(data, what, &faults);
}

static void say_unusable(const struct app_list *list, const char *reason)
{
	fprintf(stderr,
		"lodged: %s/" APPS_FILE " cannot be used: %s; it is left as it is, and so are the "
		"apps that were known\n",
		list->path, reason);
}

/* NULL with a log line. */
static struct apps_state *read_text(struct app_list *list, const char *text, size_t size)
{
	struct settings_faults faults = { 0 };
	char reason[JSON_ERROR_TEXT_LENGTH + 32];
	json_error_t fault;
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &fault);
	if (!json) {
		const bool memory = fault_memory_short(text, size);
		snprintf(reason, sizeof reason, "line %d: %s", fault.line, fault_plain(fault.text));
		say_unusable(list, memory ? strerror(ENOMEM) : reason);
		return NULL;
	}
	struct apps_state *state = apps_read_lenient(json, &faults, warn, list);
	json_decref(json);
	if (state)
		return state;
	say_faults(list, "it is left as it is, and so are the apps that were known", &faults);
	if (faults.total == 0)
		say_unusable(list, strerror(ENOMEM));
	return NULL;
}

void app_list_load(struct app_list *list)
{
	char *text = NULL;
	size_t size = 0;
	struct apps_state *state = NULL;
	const int error = state_file_read(list->folder, APPS_FILE, APPS_FILE_MAX, &text, &size);
	if (error == 0)
		state = read_text(list, text, size);
	else if (error == -ENOENT)
		state = apps_read_nothing();
	else
		say_unusable(
			list, error == -EFBIG ? "it is longer than 256 KiB" : strerror(-error));
	free(text);
	if (state)
		app_list_take(list, state);
}

void app_list_load_soon(struct app_list *list)
{
	if (!list->reload)
		return;
	sd_event_source_set_time_relative(list->reload, SETTLE_US);
	sd_event_source_set_enabled(list->reload, SD_EVENT_ONESHOT);
}

static int on_reload(sd_event_source *source, uint64_t time_us, void *data)
{
	app_list_load(data);
	return 0;
}

static int on_event(sd_event_source *source, const struct inotify_event *event, void *data)
{
	struct app_list *list = data;
	if (event->mask & (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)) {
		fprintf(stderr,
			"lodged: %s is gone from its place; edits of " APPS_FILE
			" count when lodged is started anew\n",
			list->path);
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	} else if (event->mask & IN_Q_OVERFLOW ||
		(event->len > 0 && strcmp(event->name, APPS_FILE) == 0)) {
		app_list_load_soon(list);
	}
	return 0;
}

int app_list_watch(struct app_list *list)
{
	const uint32_t mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
		IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
	int error = sd_event_add_time(list->params.event, &list->reload, CLOCK_MONOTONIC,
		UINT64_MAX, ACCURACY_US, on_reload, list);
	if (error >= 0)
		error = sd_event_source_set_enabled(list->reload, SD_EVENT_OFF);
	if (error < 0)
		return error;
	return sd_event_add_inotify(
		list->params.event, &list->watch, list->path, mask, on_event, list);
}
