#include "display/identity_list.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LIST_VERSION 2

/* `which`: an entry as people find it in the file. */
__attribute__((format(printf, 3, 4))) static void warn_entry(
	struct identity_list_reader *reader, const char *which, const char *format, ...)
{
	char reason[IDENTITY_LIST_FAULT_MAX], sentence[IDENTITY_LIST_FAULT_MAX + 128];
	if (!reader->warn)
		return;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reason, sizeof reason, format, arguments);
	va_end(arguments);
	snprintf(sentence, sizeof sentence, "%s is dropped: %s", which, reason);
	reader->warn(reader->data, sentence);
}

/* What every version must hold to. */
static void add_entry(struct identity_map *map, const char *key, json_int_t slot, json_int_t used,
	json_int_t scale_percent, const char *which, struct identity_list_reader *reader)
{
	struct identity_entry entry = { .used = (uint64_t)used };
	if (!identity_key_valid(key)) {
		warn_entry(reader, which, "its key is none");
		return;
	}
	/* A valid key fits. */
	snprintf(entry.key.text, sizeof entry.key.text, "%s", key);
	if (slot < 1 || slot > IDENTITY_SLOTS_MAX)
		warn_entry(reader, which, "its slot is not within 1 and %d", IDENTITY_SLOTS_MAX);
	else if (used < 0)
		warn_entry(reader, which, "used is negative");
	else if (scale_percent != 0 &&
		(scale_percent < DISPLAY_SCALE_MIN_PERCENT ||
			scale_percent > DISPLAY_SCALE_MAX_PERCENT))
		warn_entry(reader, which, "scale_percent is not 0 or within %d and %d",
			DISPLAY_SCALE_MIN_PERCENT, DISPLAY_SCALE_MAX_PERCENT);
	else if (identity_find_slot(map, (uint32_t)slot))
		warn_entry(reader, which, "slot %d is there twice", (int)slot);
	else if (identity_find(map, &entry.key))
		warn_entry(reader, which, "its key is there twice");
	else {
		entry.slot = (uint32_t)slot;
		entry.scale_percent = (uint32_t)scale_percent;
		map->entries[map->count++] = entry;
	}
}

static bool parse_entries(
	json_t *slots, struct identity_map *map, struct identity_list_reader *reader)
{
	size_t index;
	json_t *entry;
	if (!json_is_array(slots)) {
		snprintf(reader->fault, sizeof reader->fault, "slots is no array");
		return false;
	}
	json_array_foreach(slots, index, entry)
	{
		char which[32];
		const char *key = NULL;
		json_int_t slot = 0, used = 0, scale_percent = 0;
		json_error_t error;
		snprintf(which, sizeof which, "entry %zu", index + 1);
		if (json_unpack_ex(entry, &error, JSON_STRICT, "{s:I, s:s, s:I, s?I}", "slot",
			    &slot, "key", &key, "used", &used, "scale_percent", &scale_percent) < 0)
			warn_entry(reader, which, "%s", error.text);
		else
			add_entry(map, key, slot, used, scale_percent, which, reader);
	}
	return true;
}

/* Version 1: an object of slots by key. Nothing says who came last; smaller slots are taken to be older. */
static bool migrate_entries(
	json_t *slots, struct identity_map *map, struct identity_list_reader *reader)
{
	const char *key;
	json_t *slot;
	size_t index = 0;
	if (!json_is_object(slots)) {
		snprintf(reader->fault, sizeof reader->fault, "slots is no object");
		return false;
	}
	json_object_foreach(slots, key, slot)
	{
		char which[32];
		snprintf(which, sizeof which, "entry %zu", ++index);
		if (!json_is_integer(slot))
			warn_entry(reader, which, "its slot is no number");
		else
			add_entry(map, key, json_integer_value(slot), json_integer_value(slot), 0,
				which, reader);
	}
	reader->migrated = true;
	return true;
}

/* By insertion, in place. */
static void sort_entries(struct identity_map *map,
	bool (*before)(const struct identity_entry *a, const struct identity_entry *b))
{
	for (uint32_t i = 1; i < map->count; i++) {
		const struct identity_entry entry = map->entries[i];
		uint32_t at = i;
		for (; at > 0 && before(&entry, &map->entries[at - 1]); at--)
			map->entries[at] = map->entries[at - 1];
		map->entries[at] = entry;
	}
}

static bool used_before(const struct identity_entry *a, const struct identity_entry *b)
{
	return a->used != b->used ? a->used < b->used : a->slot < b->slot;
}

static bool slot_before(const struct identity_entry *a, const struct identity_entry *b)
{
	return a->slot < b->slot;
}

static void renumber(struct identity_map *map)
{
	sort_entries(map, used_before);
	for (uint32_t i = 0; i < map->count; i++)
		map->entries[i].used = i + 1;
	map->clock = map->count;
	sort_entries(map, slot_before);
}

static bool parse_version(
	json_t *root, struct identity_map *map, struct identity_list_reader *reader)
{
	json_int_t version = 0;
	json_t *slots = NULL;
	json_error_t error;
	if (json_unpack_ex(root, &error, 0, "{s:I, s:o}", "version", &version, "slots", &slots) <
		0) {
		snprintf(reader->fault, sizeof reader->fault, "%s", error.text);
		return false;
	}
	if (version == 1)
		return migrate_entries(slots, map, reader);
	if (version == LIST_VERSION)
		return parse_entries(slots, map, reader);
	snprintf(reader->fault, sizeof reader->fault,
		"version is %" JSON_INTEGER_FORMAT ", %d is the newest that is known", version,
		LIST_VERSION);
	return false;
}

bool identity_list_parse(const char *bytes, size_t size, struct identity_map *map,
	struct identity_list_reader *reader)
{
	*map = (struct identity_map){ 0 };
	reader->fault[0] = '\0';
	reader->migrated = false;
	if (size > IDENTITY_LIST_TEXT_MAX) {
		snprintf(reader->fault, sizeof reader->fault, "longer than %d bytes",
			IDENTITY_LIST_TEXT_MAX);
		return false;
	}
	json_error_t error;
	json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
	if (!root) {
		snprintf(
			reader->fault, sizeof reader->fault, "line %d: %s", error.line, error.text);
		return false;
	}
	const bool good = parse_version(root, map, reader);
	json_decref(root);
	renumber(map);
	return good;
}

char *identity_list_format(const struct identity_map *map)
{
	struct identity_map sorted = *map;
	char *text = NULL;
	json_t *slots = json_array();
	sort_entries(&sorted, slot_before);
	for (uint32_t i = 0; i < sorted.count; i++) {
		const struct identity_entry *entry = &sorted.entries[i];
		json_t *object = json_pack("{s:I, s:s, s:I, s:I}", "slot", (json_int_t)entry->slot,
			"key", entry->key.text, "used", (json_int_t)entry->used, "scale_percent",
			(json_int_t)entry->scale_percent);
		if (json_array_append_new(slots, object) < 0)
			goto out; /* no memory: appending nothing fails too */
	}
	json_t *root = json_pack("{s:i, s:O}", "version", LIST_VERSION, "slots", slots);
	if (root)
		text = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
out:
	json_decref(slots);
	return text;
}
