/* Random histories of a host: the map does what a plain model of slots and their owners says. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/identity.h"
#include "random.h"

#define CLIENTS 90 /* more than there are slots */
#define ORDINALS 2
#define NAMES (CLIENTS * ORDINALS)
#define WALKS 100
#define STEPS 400

/* Names are numbers from 1; 0 is nobody. */
struct model {
	uint32_t owner[IDENTITY_SLOTS_MAX + 1];
	uint32_t used[IDENTITY_SLOTS_MAX + 1];
	uint32_t scale[IDENTITY_SLOTS_MAX + 1];
	uint32_t step;
};

static void fingerprint_of(uint32_t name, uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE])
{
	memset(fingerprint, 0, IDENTITY_FINGERPRINT_SIZE);
	fingerprint[IDENTITY_FINGERPRINT_SIZE - 1] = (uint8_t)((name - 1) / ORDINALS);
}

static struct identity_key key_of(uint32_t name)
{
	uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE];
	fingerprint_of(name, fingerprint);
	return identity_key_make(
		POLICY_IDENTITY_PER_CLIENT, fingerprint, 1 + (name - 1) % ORDINALS, NULL);
}

static uint32_t slot_of(const struct model *model, uint32_t name)
{
	for (uint32_t slot = 1; slot <= IDENTITY_SLOTS_MAX; slot++) {
		if (model->owner[slot] == name)
			return slot;
	}
	return 0;
}

/* semantics.md §5: its own, else the smallest that is free, else the one that was used the longest time ago. */
static uint32_t choose(const struct model *model, uint32_t name, uint32_t cap, uint64_t held)
{
	const uint32_t own = slot_of(model, name);
	uint32_t oldest = 0;
	if (own && own <= cap && !(held >> own & 1))
		return own;
	for (uint32_t slot = 1; slot <= IDENTITY_SLOTS_MAX && slot <= cap; slot++) {
		if (held >> slot & 1)
			continue;
		if (model->owner[slot] == 0)
			return slot;
		if (oldest == 0 || model->used[slot] < model->used[oldest])
			oldest = slot;
	}
	return oldest;
}

static void check_same(const struct model *model, const struct identity_map *map)
{
	uint32_t owners = 0;
	for (uint32_t slot = 1; slot <= IDENTITY_SLOTS_MAX; slot++) {
		const struct identity_entry *entry = identity_find_slot(map, slot);
		if (model->owner[slot] == 0) {
			assert_null(entry);
			continue;
		}
		owners++;
		const struct identity_key key = key_of(model->owner[slot]);
		assert_non_null(entry);
		assert_string_equal(entry->key.text, key.text);
		assert_int_equal(entry->scale_percent, model->scale[slot]);
		assert_ptr_equal(identity_find(map, &key), entry);
	}
	assert_int_equal(map->count, owners);
}

static void step_assign(struct model *model, struct identity_map *map, uint64_t *random)
{
	const uint32_t name = 1 + random_below(random, NAMES);
	const uint32_t caps[] = { 0, 1, 4, 15, 63, 64, UINT32_MAX };
	const uint32_t cap = caps[random_below(random, 7)];
	const uint64_t densities[] = { 0, random_next(random),
		~random_next(random) | random_next(random), UINT64_MAX };
	const uint64_t held = densities[random_below(random, 4)];
	const struct identity_key key = key_of(name);
	const struct model before = *model;
	struct identity_key evicted;

	const uint32_t expected = choose(model, name, cap, held), old = slot_of(model, name);
	assert_int_equal(identity_predict(map, &key, cap, held), expected);
	assert_int_equal(identity_assign(map, &key, cap, held, &evicted), expected);
	const uint32_t loser = expected ? before.owner[expected] : 0;
	if (loser && loser != name)
		assert_string_equal(evicted.text, key_of(loser).text);
	else
		assert_string_equal(evicted.text, "");
	if (expected == 0)
		return;
	assert_false(held >> expected & 1);
	const uint32_t scale = old ? model->scale[old] : 0;
	if (old)
		model->owner[old] = 0;
	model->owner[expected] = name;
	model->scale[expected] = scale;
	model->used[expected] = ++model->step;
	for (uint32_t slot = 1; slot <= IDENTITY_SLOTS_MAX; slot++) {
		if (held >> slot & 1)
			assert_true(model->owner[slot] == before.owner[slot] ||
				before.owner[slot] == name);
	}
}

static void step_scale(struct model *model, struct identity_map *map, uint64_t *random)
{
	const uint32_t slot = random_below(random, 70), scale = 50 + random_below(random, 351);
	const bool owned = slot >= 1 && slot <= IDENTITY_SLOTS_MAX && model->owner[slot];
	assert_int_equal(identity_set_scale(map, slot, scale), owned);
	if (owned)
		model->scale[slot] = scale;
}

static void step_forget(struct model *model, struct identity_map *map, uint64_t *random)
{
	uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE];
	const uint32_t first = 1 + random_below(random, CLIENTS) * ORDINALS;
	uint32_t gone = 0;
	fingerprint_of(first, fingerprint);
	for (uint32_t name = first; name < first + ORDINALS; name++) {
		const uint32_t slot = slot_of(model, name);
		gone += slot > 0;
		if (slot)
			model->owner[slot] = 0;
	}
	assert_int_equal(identity_forget(map, fingerprint), gone);
}

static void slots_go_as_the_model_says(void **state)
{
	uint64_t random = random_seed();
	print_message("# LODGE_TEST_SEED=%" PRIu64 "\n", random);
	for (uint32_t walk = 0; walk < WALKS; walk++) {
		struct identity_map map = { 0 };
		struct model model = { 0 };
		for (uint32_t step = 0; step < STEPS; step++) {
			const uint32_t choice = random_below(&random, 20);
			if (choice == 0)
				step_forget(&model, &map, &random);
			else if (choice < 4)
				step_scale(&model, &map, &random);
			else
				step_assign(&model, &map, &random);
			check_same(&model, &map);
		}
	}
}

/* A key says what it was made of: what differs has another key, and a change of any character is no longer the key. */
static void keys_tell_what_they_were_made_of(void **state)
{
	uint64_t random = random_seed();
	print_message("# LODGE_TEST_SEED=%" PRIu64 "\n", random);
	for (uint32_t round = 0; round < 20000; round++) {
		uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE];
		for (size_t i = 0; i < sizeof fingerprint; i++)
			fingerprint[i] = (uint8_t)random_next(&random);
		const enum policy_identity policy = (enum policy_identity)random_below(&random, 3);
		const uint32_t ordinal =
			1 + random_below(&random, random_below(&random, 2) ? 3 : UINT32_MAX);
		struct display_mode mode = { 16 + random_below(&random, 16369),
			16 + random_below(&random, 16369), 60000, 100 };
		const struct identity_key key =
			identity_key_make(policy, fingerprint, ordinal, &mode);
		assert_true(identity_key_valid(key.text));
		assert_int_equal(identity_key_ordinal(&key), ordinal);
		assert_int_equal(
			strchr(key.text, '@') != NULL, policy == POLICY_IDENTITY_PER_CLIENT_MODE);

		struct identity_key other =
			identity_key_make(policy, fingerprint, ordinal + 1, &mode);
		assert_false(identity_key_equal(&key, &other));
		mode.height_px = mode.height_px == 16 ? 17 : mode.height_px - 1;
		other = identity_key_make(policy, fingerprint, ordinal, &mode);
		assert_int_equal(identity_key_equal(&key, &other),
			policy != POLICY_IDENTITY_PER_CLIENT_MODE);
		fingerprint[random_below(&random, sizeof fingerprint)] ^= 1;
		mode.height_px = 16;
		other = identity_key_make(policy, fingerprint, ordinal, &mode);
		assert_int_equal(
			identity_key_equal(&key, &other), policy == POLICY_IDENTITY_SHARED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_go_as_the_model_says),
		cmocka_unit_test(keys_tell_what_they_were_made_of),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
