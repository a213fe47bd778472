/*
 * The identity map and its file, STATE/display-identity.json (core/identity.h, semantics.md §5).
 *
 *   { "version": 2, "slots": [ { "slot": 1, "key": "<64 hex>", "used": 7, "scale_percent": 150 } ] }
 *
 * Version 1 had an object of key → slot and no order: { "version": 1, "slots": { "<64 hex>": 1 } }. It is read and
 * written back as version 2. Lenient: an entry with a fault is dropped with a log line; a file that is no JSON, or
 * from the future, is set aside as .bad.
 *
 * Room: display. Thread: control. Changes are in memory at once and on the disk soon after (store/worker.h).
 */
#ifndef LODGE_DISPLAY_IDENTITY_STORE_H
#define LODGE_DISPLAY_IDENTITY_STORE_H

#include "core/identity.h"
#include "store/worker.h"

struct identity_store;

/* NULL with errno and a log line. `worker` outlives the store. */
struct identity_store *identity_store_open(const char *state_folder, struct store_worker *worker);
void identity_store_close(struct identity_store *store);

const struct identity_map *identity_store_map(const struct identity_store *store);
/* As in core/identity.h, and saved. */
uint32_t identity_store_assign(
	struct identity_store *store, const struct identity_key *key, uint32_t cap, uint64_t held);
bool identity_store_set_scale(struct identity_store *store, uint32_t slot, uint32_t scale_percent);
void identity_store_forget(
	struct identity_store *store, const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE]);

#endif
