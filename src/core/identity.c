#include "core/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/hex.h"

#define HEX_DIGITS ((size_t)2 * IDENTITY_FINGERPRINT_SIZE)
#define SHARED_NAME "shared"

struct identity_key identity_key_make(enum policy_identity policy,
	const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE], uint32_t ordinal,
	const struct display_mode *mode)
{
	struct identity_key key = { 0 };
	char owner[HEX_DIGITS + 1] = SHARED_NAME, which[16] = "", size[16] = "";
	if (policy != POLICY_IDENTITY_SHARED)
		hex_write(fingerprint, IDENTITY_FINGERPRINT_SIZE, owner);
	if (ordinal > 1)
		snprintf(which, sizeof which, "#%" PRIu32, ordinal);
	if (policy == POLICY_IDENTITY_PER_CLIENT_MODE)
		snprintf(size, sizeof size, "@%" PRIu32 "x%" PRIu32, mode->width_px,
			mode->height_px);
	snprintf(key.text, sizeof key.text, "%s%s%s", owner, which, size);
	return key;
}

bool identity_key_equal(const struct identity_key *a, const struct identity_key *b)
{
	return strcmp(a->text, b->text) == 0;
}

/* A number as printf writes it, within its bounds. */
static bool take_number(const char **text, uint64_t least, uint64_t most, uint32_t *value)
{
	uint64_t number = 0;
	const char *digit = *text;
	if (*digit == '0')
		return false;
	for (; *digit >= '0' && *digit <= '9'; digit++) {
		number = number * 10 + (uint64_t)(*digit - '0');
		if (number > most)
			return false;
	}
	if (number < least)
		return false;
	*text = digit;
	*value = (uint32_t)number;
	return true;
}

static bool take_size(const char **text)
{
	uint32_t width, height;
	++*text;
	if (!take_number(text, DISPLAY_SIZE_MIN_PX, DISPLAY_SIZE_MAX_PX, &width) || **text != 'x')
		return false;
	++*text;
	return take_number(text, DISPLAY_SIZE_MIN_PX, DISPLAY_SIZE_MAX_PX, &height);
}

/* False when the text is no key. */
static bool parse_key(const char *text, uint32_t *ordinal)
{
	const bool shared = strncmp(text, SHARED_NAME, strlen(SHARED_NAME)) == 0;
	if (!shared && strspn(text, "0123456789abcdef") != HEX_DIGITS)
		return false;
	text += shared ? strlen(SHARED_NAME) : HEX_DIGITS;
	*ordinal = 1;
	if (*text == '#') {
		text++;
		if (!take_number(&text, 2, UINT32_MAX, ordinal))
			return false;
	}
	if (*text == '@' && (shared || !take_size(&text)))
		return false;
	return *text == '\0';
}

bool identity_key_valid(const char *text)
{
	uint32_t ordinal;
	return parse_key(text, &ordinal);
}

uint32_t identity_key_ordinal(const struct identity_key *key)
{
	/* Without the whole check: admission asks this often. */
	const char *number = strchr(key->text, '#');
	uint32_t ordinal = 1;
	if (number && (++number, !take_number(&number, 2, UINT32_MAX, &ordinal)))
		return 1;
	return ordinal;
}

const struct identity_entry *identity_find(
	const struct identity_map *map, const struct identity_key *key)
{
	for (uint32_t i = 0; i < map->count; i++) {
		if (identity_key_equal(&map->entries[i].key, key))
			return &map->entries[i];
	}
	return NULL;
}

const struct identity_entry *identity_find_slot(const struct identity_map *map, uint32_t slot)
{
	for (uint32_t i = 0; i < map->count; i++) {
		if (map->entries[i].slot == slot)
			return &map->entries[i];
	}
	return NULL;
}

static bool is_held(uint64_t held, uint32_t slot)
{
	return held >> slot & 1;
}

static uint32_t smallest_free(const struct identity_map *map, uint32_t cap, uint64_t held)
{
	uint64_t taken = held;
	for (uint32_t i = 0; i < map->count; i++)
		taken |= UINT64_C(1) << map->entries[i].slot;
	for (uint32_t slot = 1; slot <= cap; slot++) {
		if (!is_held(taken, slot))
			return slot;
	}
	return 0;
}

/* 0: every slot has a display. */
static uint32_t least_recently_used(const struct identity_map *map, uint32_t cap, uint64_t held)
{
	const struct identity_entry *least = NULL;
	for (uint32_t i = 0; i < map->count; i++) {
		const struct identity_entry *entry = &map->entries[i];
		if (entry->slot <= cap && !is_held(held, entry->slot) &&
			(!least || entry->used < least->used))
			least = entry;
	}
	return least ? least->slot : 0;
}

uint32_t identity_predict(
	const struct identity_map *map, const struct identity_key *key, uint32_t cap, uint64_t held)
{
	const struct identity_entry *known = identity_find(map, key);
	if (cap > IDENTITY_SLOTS_MAX)
		cap = IDENTITY_SLOTS_MAX;
	if (known && known->slot <= cap && !is_held(held, known->slot))
		return known->slot;
	const uint32_t slot = smallest_free(map, cap, held);
	return slot ? slot : least_recently_used(map, cap, held);
}

static void remove_entry(struct identity_map *map, uint32_t index)
{
	map->count--;
	memmove(&map->entries[index], &map->entries[index + 1],
		(map->count - index) * sizeof map->entries[0]);
}

uint32_t identity_assign(struct identity_map *map, const struct identity_key *key, uint32_t cap,
	uint64_t held, struct identity_key *evicted)
{
	const uint32_t slot = identity_predict(map, key, cap, held);
	const struct identity_entry *before = identity_find_slot(map, slot);
	if (evicted)
		*evicted = (struct identity_key){ 0 };
	if (slot == 0)
		return 0;
	if (before && !identity_key_equal(&before->key, key)) {
		if (evicted)
			*evicted = before->key;
		remove_entry(map, (uint32_t)(before - map->entries));
	}
	/* A client that is known keeps its scale, whichever slot it gets. */
	struct identity_entry *entry = (struct identity_entry *)identity_find(map, key);
	if (!entry) {
		entry = &map->entries[map->count++];
		*entry = (struct identity_entry){ .key = *key };
	}
	entry->slot = slot;
	entry->used = ++map->clock;
	return slot;
}

bool identity_set_scale(struct identity_map *map, uint32_t slot, uint32_t scale_percent)
{
	struct identity_entry *entry = (struct identity_entry *)identity_find_slot(map, slot);
	if (!entry)
		return false;
	if (scale_percent != 0 &&
		(scale_percent < DISPLAY_SCALE_MIN_PERCENT ||
			scale_percent > DISPLAY_SCALE_MAX_PERCENT))
		return false;
	entry->scale_percent = scale_percent;
	return true;
}

uint32_t identity_forget(
	struct identity_map *map, const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE])
{
	char digits[HEX_DIGITS + 1];
	uint32_t gone = 0;
	hex_write(fingerprint, IDENTITY_FINGERPRINT_SIZE, digits);
	for (uint32_t i = map->count; i-- > 0;) {
		if (strncmp(map->entries[i].key.text, digits, HEX_DIGITS) == 0) {
			remove_entry(map, i);
			gone++;
		}
	}
	return gone;
}
