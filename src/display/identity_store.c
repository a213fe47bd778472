#include "display/identity_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/identity_list.h"
#include "store/state_folder.h"

#define FILE_NAME "display-identity.json"

static const struct state_document document = { FILE_NAME, IDENTITY_LIST_TEXT_MAX,
	"clients get slots as if they were new" };

struct identity_store {
	struct state_folder folder;
	struct store_worker *worker;
	struct identity_map map;
};

static void on_saved(void *data, int error)
{
	const struct identity_store *store = data;
	if (error < 0)
		fprintf(stderr,
			"lodged: %s/" FILE_NAME
			" cannot be written: %s; the next change tries again, and slots "
			"that are not on the disk may change hands at a restart\n",
			store->folder.path, strerror(-error));
}

static void save(struct identity_store *store)
{
	char *text = identity_list_format(&store->map);
	int error = -ENOMEM;
	if (text)
		error = store_worker_write(store->worker, store->folder.descriptor, FILE_NAME, text,
			strlen(text), on_saved, store);
	if (error < 0)
		on_saved(store, error);
}

struct loading {
	const struct identity_store *store;
	size_t warnings;
};

static void warn(void *data, const char *sentence)
{
	struct loading *loading = data;
	loading->warnings++;
	fprintf(stderr, "lodged: %s/" FILE_NAME ": %s\n", loading->store->folder.path, sentence);
}

static int load(struct identity_store *store)
{
	char *text = NULL;
	size_t size = 0;
	const int error = state_folder_read(&store->folder, &document, &text, &size);
	if (error < 0 || !text)
		return error;
	struct loading loading = { .store = store };
	struct identity_list_reader reader = { .warn = warn, .data = &loading };
	const bool good = identity_list_parse(text, size, &store->map, &reader);
	free(text);
	if (!good)
		return state_folder_set_aside(&store->folder, &document, reader.fault);
	if (reader.migrated)
		fprintf(stderr,
			"lodged: %s/" FILE_NAME " is of an older version; it is written anew\n",
			store->folder.path);
	if (reader.migrated || loading.warnings > 0)
		save(store);
	return 0;
}

struct identity_store *identity_store_open(const char *state_folder, struct store_worker *worker)
{
	int error = -ENOMEM;
	struct identity_store *store = calloc(1, sizeof *store);
	if (!store)
		goto error;
	store->folder = STATE_FOLDER_NONE;
	store->worker = worker;
	error = state_folder_open(&store->folder, state_folder);
	if (error == 0)
		error = load(store);
	if (error == 0)
		return store;
error:
	identity_store_close(store);
	errno = -error;
	return NULL;
}

void identity_store_close(struct identity_store *store)
{
	if (!store)
		return;
	store_worker_forget(store->worker, store);
	state_folder_close(&store->folder);
	free(store);
}

const struct identity_map *identity_store_map(const struct identity_store *store)
{
	return &store->map;
}

/* Whether nothing that the file tells would be another: the slot, and that this key was the last to be used. */
static bool is_newest(const struct identity_map *map, const struct identity_key *key, uint32_t slot)
{
	const struct identity_entry *entry = identity_find(map, key);
	return entry && entry->slot == slot && entry->used == map->clock;
}

uint32_t identity_store_assign(
	struct identity_store *store, const struct identity_key *key, uint32_t cap, uint64_t held)
{
	struct identity_key evicted;
	const bool same =
		is_newest(&store->map, key, identity_predict(&store->map, key, cap, held));
	const uint32_t slot = identity_assign(&store->map, key, cap, held, &evicted);
	if (evicted.text[0])
		fprintf(stderr,
			"lodged: slot %u changes hands: %.16s was there the longest time ago\n",
			slot, evicted.text);
	if (slot > 0 && !same)
		save(store);
	return slot;
}

bool identity_store_set_scale(struct identity_store *store, uint32_t slot, uint32_t scale_percent)
{
	const struct identity_entry *entry = identity_find_slot(&store->map, slot);
	const bool same = entry && entry->scale_percent == scale_percent;
	if (!identity_set_scale(&store->map, slot, scale_percent))
		return false;
	if (!same)
		save(store);
	return true;
}

void identity_store_forget(
	struct identity_store *store, const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE])
{
	if (identity_forget(&store->map, fingerprint) > 0)
		save(store);
}
