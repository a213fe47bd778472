/*
 * Which slot belongs to whom (semantics.md §5): a small number that stays a client's own over connects and
 * restarts, so that what a desktop remembers of a display (its scale, its place) comes back with its client.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread. The file: display/identity_store.h.
 */
#ifndef LODGE_CORE_IDENTITY_H
#define LODGE_CORE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mode.h"
#include "core/policy.h"

#define IDENTITY_FINGERPRINT_SIZE 32
#define IDENTITY_SLOTS_MAX 63 /* slots 1..63; slot 0 is nobody's: anonymous clients */
#define IDENTITY_KEY_MAX 96

/* "<64 hex>", "<64 hex>#2", "<64 hex>@1920x1080", "shared", "shared#2" ... NUL-terminated. */
struct identity_key {
	char text[IDENTITY_KEY_MAX];
};

/* `ordinal`: 1 (or 0) for a client's first display. Under `shared` the fingerprint does not count. */
struct identity_key identity_key_make(enum policy_identity policy,
	const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE], uint32_t ordinal,
	const struct display_mode *mode);
bool identity_key_equal(const struct identity_key *a, const struct identity_key *b);
/* Whether the text could have come from identity_key_make, with a mode that display_mode_check allows. */
bool identity_key_valid(const char *text);
/* Of a client's displays: 1 for the first. */
uint32_t identity_key_ordinal(const struct identity_key *key);

struct identity_entry {
	struct identity_key key;
	uint32_t slot; /* 1..IDENTITY_SLOTS_MAX */
	uint64_t used; /* greater is later */
	uint32_t scale_percent; /* what the operator or the desktop's user set; 0: nobody did */
};

struct identity_map {
	uint32_t count;
	uint64_t clock; /* of `used` */
	struct identity_entry entries[IDENTITY_SLOTS_MAX];
};

/*
 * The slot of the key, new or known, and marks it used. `cap`: the backend's highest slot. `held`: bit n set when
 * slot n has a display. A new key gets the smallest free slot; when none is free, the one that was used least
 * recently among those that hold no display changes hands. A known key whose slot is above the cap, or is held by
 * somebody else's display, gets another one. 0: every slot is held. `evicted` (may be NULL) becomes the key that
 * lost its slot, or "".
 */
uint32_t identity_assign(struct identity_map *map, const struct identity_key *key, uint32_t cap,
	uint64_t held, struct identity_key *evicted);
/* What identity_assign would say, without doing it. */
uint32_t identity_predict(const struct identity_map *map, const struct identity_key *key,
	uint32_t cap, uint64_t held);

const struct identity_entry *identity_find(
	const struct identity_map *map, const struct identity_key *key);
const struct identity_entry *identity_find_slot(const struct identity_map *map, uint32_t slot);
/* 0 forgets the scale. False when nobody has the slot, or no mode could have the scale. */
bool identity_set_scale(struct identity_map *map, uint32_t slot, uint32_t scale_percent);
/* Forgets everything of a client that is not paired any more. Returns how many entries went. */
uint32_t identity_forget(
	struct identity_map *map, const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE]);

#endif
