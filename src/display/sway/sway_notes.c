#include "display/sway/sway_notes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_identity.h"

bool sway_notes_open(struct sway_notes *notes, struct display_journal *journal, const char *desktop)
{
	const json_t *found = journal ? display_journal_notes(journal, desktop) : NULL;
	sway_notes_finish(notes);
	notes->journal = journal;
	notes->desktop = strdup(desktop);
	notes->all = found ? json_deep_copy(found) : json_object();
	return notes->desktop && notes->all;
}

void sway_notes_finish(struct sway_notes *notes)
{
	json_decref(notes->all);
	free(notes->desktop);
	*notes = (struct sway_notes){ 0 };
}

enum moment { BEFORE_CHANGE, AFTER_CHANGE };

/* Puts the changed copy in the place of what there is. NULL: memory was short. */
static int replace(struct sway_notes *notes, json_t *changed, enum moment moment)
{
	int error = changed ? 0 : -ENOMEM;
	if (error == 0 && notes->journal)
		error = display_journal_write(notes->journal, notes->desktop, changed);
	if (error < 0)
		fprintf(stderr, "lodged: sway: what is changed on %s cannot be noted: %s\n",
			notes->desktop ? notes->desktop : "the desktop", strerror(-error));
	/* What has happened is true even if the disk does not hear of it. */
	if (changed && (error == 0 || moment == AFTER_CHANGE)) {
		json_decref(notes->all);
		notes->all = changed;
	} else {
		json_decref(changed);
	}
	return error;
}

static json_t *copy(const struct sway_notes *notes)
{
	return notes->all ? json_deep_copy(notes->all) : json_object();
}

/* Takes `value` over. An empty list is not kept. */
static int replace_list(
	struct sway_notes *notes, const char *key, json_t *value, enum moment moment)
{
	json_t *changed = copy(notes);
	if (json_array_size(value) == 0) {
		json_object_del(changed, key);
		json_decref(value);
	} else if (json_object_set_new(changed, key, value) < 0) {
		json_decref(changed);
		changed = NULL;
	}
	return replace(notes, changed, moment);
}

static size_t find_name(const json_t *names, const char *name)
{
	size_t index = 0;
	while (index < json_array_size(names)) {
		const char *other = json_string_value(json_array_get(names, index));
		if (other && strcmp(other, name) == 0)
			break;
		index++;
	}
	return index;
}

static bool is_worth_keeping(void *data, const char *desktop, const json_t *notes)
{
	return strncmp(desktop, "sway:", 5) != 0 || sway_identity_lives(desktop);
}

void sway_notes_sweep(struct display_journal *journal)
{
	if (journal)
		display_journal_sweep(journal, is_worth_keeping, NULL);
}

/* --- made --- */

int sway_notes_begin_create(struct sway_notes *notes, const json_t *outputs)
{
	size_t index;
	json_t *entry, *names = json_array();
	if (!notes->journal) {
		json_decref(names);
		return 0;
	}
	json_array_foreach(outputs, index, entry)
	{
		json_array_append_new(names, json_string(sway_get_string(entry, "name")));
	}
	return replace_list(notes, "before", names, BEFORE_CHANGE);
}

int sway_notes_end_create(struct sway_notes *notes, const char *name)
{
	json_t *changed;
	if (!notes->journal)
		return 0;
	changed = copy(notes);
	json_object_del(changed, "before");
	if (name) {
		json_t *made = json_object_get(changed, "made");
		if (!json_is_array(made)) {
			made = json_array();
			json_object_set_new(changed, "made", made);
		}
		if (find_name(made, name) == json_array_size(made) &&
			json_array_append_new(made, json_string(name)) < 0) {
			json_decref(changed);
			changed = NULL;
		}
	}
	return replace(notes, changed, name ? BEFORE_CHANGE : AFTER_CHANGE);
}

/* sway numbers upwards: whoever made further ones since made them later. */
void sway_notes_settle_create(struct sway_notes *notes, const json_t *outputs)
{
	const json_t *before = json_object_get(notes->all, "before");
	size_t index;
	json_t *entry;
	unsigned lowest = 0, number;
	char name[SOURCE_NAME_MAX];
	if (!json_is_array(before))
		return;
	json_array_foreach(outputs, index, entry)
	{
		const char *other = sway_get_string(entry, "name");
		if (sscanf(other, "HEADLESS-%u", &number) == 1 &&
			find_name(before, other) == json_array_size(before) &&
			(lowest == 0 || number < lowest))
			lowest = number;
	}
	snprintf(name, sizeof name, "HEADLESS-%u", lowest);
	sway_notes_end_create(notes, lowest > 0 ? name : NULL);
}

const json_t *sway_notes_made(const struct sway_notes *notes)
{
	return json_object_get(notes->all, "made");
}

void sway_notes_forget_made(struct sway_notes *notes, const char *name)
{
	const json_t *made = sway_notes_made(notes);
	const size_t index = find_name(made, name);
	if (index == json_array_size(made))
		return;
	json_t *rest = json_deep_copy(made);
	json_array_remove(rest, index);
	replace_list(notes, "made", rest, AFTER_CHANGE);
}

/* --- dark --- */

static const json_t *dark_list(const struct sway_notes *notes)
{
	return json_object_get(notes->all, "dark");
}

static size_t find_entry(const json_t *entries, const char *name)
{
	size_t index = 0;
	while (index < json_array_size(entries) &&
		strcmp(sway_get_string(json_array_get(entries, index), "name"), name) != 0)
		index++;
	return index;
}

int sway_notes_add_dark(struct sway_notes *notes, const json_t *entries)
{
	size_t index;
	json_t *entry;
	json_t *list =
		json_is_array(dark_list(notes)) ? json_deep_copy(dark_list(notes)) : json_array();
	json_array_foreach(entries, index, entry)
	{
		const size_t old = find_entry(list, sway_get_string(entry, "name"));
		if (old < json_array_size(list))
			json_array_remove(list, old);
		if (json_array_append(list, entry) < 0) {
			json_decref(list);
			return -ENOMEM;
		}
	}
	return replace_list(notes, "dark", list, BEFORE_CHANGE);
}

size_t sway_notes_dark_count(const struct sway_notes *notes)
{
	struct sway_dark dark;
	size_t count = 0;
	while (sway_notes_dark(notes, count, &dark))
		count++;
	return count;
}

bool sway_notes_dark(const struct sway_notes *notes, size_t index, struct sway_dark *dark)
{
	size_t place;
	json_t *entry;
	json_array_foreach(dark_list(notes), place, entry)
	{
		if (sway_dark_read(entry, dark) && index-- == 0)
			return true;
	}
	return false;
}

bool sway_notes_find_dark(const struct sway_notes *notes, const char *name, struct sway_dark *dark)
{
	const json_t *list = dark_list(notes);
	const size_t index = find_entry(list, name);
	return index < json_array_size(list) && sway_dark_read(json_array_get(list, index), dark);
}

void sway_notes_forget_dark(struct sway_notes *notes, const char *name)
{
	size_t index;
	if (find_entry(dark_list(notes), name) == json_array_size(dark_list(notes)))
		return;
	json_t *rest = json_deep_copy(dark_list(notes));
	while ((index = find_entry(rest, name)) < json_array_size(rest))
		json_array_remove(rest, index);
	replace_list(notes, "dark", rest, AFTER_CHANGE);
}
