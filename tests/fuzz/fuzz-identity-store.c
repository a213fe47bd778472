#include <string.h>

#include "display/identity_list.h"
#include "fuzz.h"

static void on_warning(void *data, const char *sentence)
{
	FUZZ_ASSERT(strncmp(sentence, "entry ", 6) == 0);
	++*(size_t *)data;
}

static void check_map(const struct identity_map *map)
{
	uint64_t slots = 0, used = 0;
	FUZZ_ASSERT(map->count <= IDENTITY_SLOTS_MAX && map->clock == map->count);
	for (uint32_t i = 0; i < map->count; i++) {
		const struct identity_entry *entry = &map->entries[i];
		FUZZ_ASSERT(memchr(entry->key.text, '\0', sizeof entry->key.text));
		FUZZ_ASSERT(identity_key_valid(entry->key.text));
		FUZZ_ASSERT(entry->slot >= 1 && entry->slot <= IDENTITY_SLOTS_MAX);
		FUZZ_ASSERT(entry->used >= 1 && entry->used <= map->clock);
		FUZZ_ASSERT(!(slots >> entry->slot & 1) && !(used >> entry->used & 1));
		FUZZ_ASSERT(identity_find(map, &entry->key) == entry);
		slots |= UINT64_C(1) << entry->slot;
		used |= UINT64_C(1) << entry->used;
	}
}

/* What was loaded is saved and loaded again as the same map, without a warning. */
static void check_round_trip(const struct identity_map *map)
{
	struct identity_map again;
	size_t warnings = 0;
	struct identity_list_reader reader = { .warn = on_warning, .data = &warnings };
	char *text = identity_list_format(map);
	FUZZ_ASSERT(text && strlen(text) <= IDENTITY_LIST_TEXT_MAX);
	FUZZ_ASSERT(identity_list_parse(text, strlen(text), &again, &reader));
	FUZZ_ASSERT(warnings == 0 && !reader.migrated);
	char *text_again = identity_list_format(&again);
	FUZZ_ASSERT(text_again && strcmp(text, text_again) == 0);
	free(text_again);
	free(text);
}

/* Whatever was loaded, the host can work with it. */
static void check_use(struct identity_map *map)
{
	const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE] = { 1 };
	const struct identity_key key =
		identity_key_make(POLICY_IDENTITY_PER_CLIENT, fingerprint, 1, NULL);
	for (uint32_t cap = 1; cap <= IDENTITY_SLOTS_MAX; cap += 31) {
		const uint32_t slot = identity_assign(map, &key, cap, 0, NULL);
		FUZZ_ASSERT(slot >= 1 && slot <= cap);
		FUZZ_ASSERT(identity_find_slot(map, slot) == identity_find(map, &key));
	}
	FUZZ_ASSERT(identity_forget(map, fingerprint) >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct identity_map map;
	size_t warnings = 0;
	struct identity_list_reader reader = { .warn = on_warning, .data = &warnings };
	if (identity_list_parse((const char *)bytes, size, &map, &reader)) {
		check_map(&map);
		check_round_trip(&map);
		check_use(&map);
	} else {
		FUZZ_ASSERT(reader.fault[0] != '\0' && map.count == 0 && warnings == 0);
	}
	return 0;
}
