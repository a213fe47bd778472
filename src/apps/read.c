#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/document.h"

#define TOO_MANY "at most 64 apps are expected"

static void fault(
	struct settings_faults *faults, const char *pointer, const char *member, const char *text)
{
	struct settings_fault *added = fault_add(faults, pointer, member);
	if (added)
		snprintf(added->text, sizeof added->text, "%s", text);
}

static bool is_taken(const struct apps_state *state, const char *id)
{
	for (size_t i = 0; id[0] && i < state->count; i++) {
		if (strcmp(state->apps[i].id, id) == 0)
			return true;
	}
	return false;
}

/* The next of them, whose place in the document is `index`. */
static enum app_reading read_one(
	struct apps_state *state, const json_t *json, size_t index, struct settings_faults *faults)
{
	char pointer[32];
	snprintf(pointer, sizeof pointer, "/apps/%zu", index);
	struct app *app = &state->apps[state->count];
	const enum app_reading outcome = app_read(json, pointer, faults, app);
	if (!is_taken(state, app->id))
		return outcome;
	fault(faults, pointer, "id", "an app before it has the same id");
	return outcome == APP_MEMORY ? APP_MEMORY : APP_FAULTY;
}

/* What is around the apps. False: there is no list of them. */
static bool read_whole(const json_t *json, struct settings_faults *faults)
{
	const char *name;
	json_t *value;
	if (!json_is_object(json)) {
		fault(faults, "", NULL, "an object is expected");
		return false;
	}
	json_object_foreach((json_t *)json, name, value)
	{
		if (strcmp(name, "version") != 0 && strcmp(name, "apps") != 0)
			fault(faults, "", name, "there is no such field");
	}
	const json_t *version = json_object_get(json, "version");
	if (version && json_number_value(version) != APPS_VERSION)
		fault(faults, "", "version", "1 is expected");
	const json_t *apps = json_object_get(json, "apps");
	if (!json_is_array(apps)) {
		fault(faults, "", "apps", "a list is expected");
		return false;
	}
	if (json_array_size(apps) > APPS_MAX)
		fault(faults, "", "apps", TOO_MANY);
	return !version || json_number_value(version) == APPS_VERSION;
}

static struct apps_state *finish(struct apps_state *state)
{
	state->document = apps_write(state);
	if (state->document)
		return state;
	apps_free(state);
	return NULL;
}

struct apps_state *apps_read_nothing(void)
{
	struct apps_state *state = calloc(1, sizeof *state);
	return state ? finish(state) : NULL;
}

struct apps_state *apps_read_strict(const json_t *json, struct settings_faults *faults)
{
	size_t i;
	json_t *one;
	*faults = (struct settings_faults){ 0 };
	struct apps_state *state = calloc(1, sizeof *state);
	if (!state)
		return NULL;
	read_whole(json, faults);
	json_array_foreach(json_object_get(json, "apps"), i, one)
	{
		if (i == APPS_MAX)
			break;
		const bool memory = read_one(state, one, i, faults) == APP_MEMORY;
		state->count++; /* also one at fault: what it holds is freed, and its id counts as taken */
		if (!memory)
			continue;
		*faults = (struct settings_faults){ 0 };
		apps_free(state);
		return NULL;
	}
	if (faults->total == 0)
		return finish(state);
	apps_free(state);
	return NULL;
}

struct apps_state *apps_read_lenient(
	const json_t *json, struct settings_faults *faults, apps_warning warn, void *data)
{
	size_t i;
	json_t *one;
	*faults = (struct settings_faults){ 0 };
	struct apps_state *state = calloc(1, sizeof *state);
	if (!state || !read_whole(json, faults)) {
		apps_free(state);
		return NULL;
	}
	if (faults->total > 0)
		warn(data, APPS_WHOLE, faults);
	json_array_foreach(json_object_get(json, "apps"), i, one)
	{
		if (i == APPS_MAX)
			break;
		*faults = (struct settings_faults){ 0 };
		const enum app_reading outcome = read_one(state, one, i, faults);
		if (outcome == APP_READ) {
			state->count++;
			continue;
		}
		app_finish(&state->apps[state->count]);
		if (outcome == APP_FAULTY) {
			warn(data, i, faults);
			continue;
		}
		*faults = (struct settings_faults){ 0 };
		apps_free(state);
		return NULL;
	}
	*faults = (struct settings_faults){ 0 };
	return finish(state);
}

void apps_free(struct apps_state *state)
{
	if (!state)
		return;
	for (size_t i = 0; i < state->count; i++)
		app_finish(&state->apps[i]);
	json_decref(state->document);
	free(state);
}
