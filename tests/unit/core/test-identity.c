#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/identity.h"

#define A_DIGITS "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
#define ALL_SLOTS ((UINT64_MAX >> (63 - IDENTITY_SLOTS_MAX)) & ~UINT64_C(1))

static const struct display_mode full_hd = { 1920, 1080, 60000, 150 };

static void fingerprint_of(uint8_t number, uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE])
{
	for (uint8_t i = 0; i < IDENTITY_FINGERPRINT_SIZE; i++)
		fingerprint[i] = (uint8_t)(number + i);
}

static struct identity_key key_of(uint8_t number)
{
	uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE];
	fingerprint_of(number, fingerprint);
	return identity_key_make(POLICY_IDENTITY_PER_CLIENT, fingerprint, 1, &full_hd);
}

static uint32_t assign(struct identity_map *map, uint8_t number, uint32_t cap, uint64_t held)
{
	const struct identity_key key = key_of(number);
	const uint32_t predicted = identity_predict(map, &key, cap, held);
	const uint32_t slot = identity_assign(map, &key, cap, held, NULL);
	assert_int_equal(slot, predicted);
	return slot;
}

static void a_key_says_whose_display_it_is(void **state)
{
	static const struct {
		enum policy_identity policy;
		uint32_t ordinal;
		const char *text;
	} rows[] = {
		{ POLICY_IDENTITY_PER_CLIENT, 0, A_DIGITS },
		{ POLICY_IDENTITY_PER_CLIENT, 1, A_DIGITS },
		{ POLICY_IDENTITY_PER_CLIENT, 2, A_DIGITS "#2" },
		{ POLICY_IDENTITY_PER_CLIENT_MODE, 1, A_DIGITS "@1920x1080" },
		{ POLICY_IDENTITY_PER_CLIENT_MODE, UINT32_MAX, A_DIGITS "#4294967295@1920x1080" },
		{ POLICY_IDENTITY_SHARED, 1, "shared" },
		{ POLICY_IDENTITY_SHARED, 3, "shared#3" },
	};
	uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE];
	fingerprint_of(0xa0, fingerprint);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct identity_key key =
			identity_key_make(rows[i].policy, fingerprint, rows[i].ordinal, &full_hd);
		assert_string_equal(key.text, rows[i].text);
		assert_true(identity_key_valid(key.text));
		assert_int_equal(identity_key_ordinal(&key), rows[i].ordinal ? rows[i].ordinal : 1);
	}
}

static void what_is_no_key_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"share",
		"sharedx",
		"shared@1920x1080",
		"shared#1",
		"shared#02",
		"shared#",
		"shared#2 ",
		"shared#4294967296",
		"shared#99999999999999999999999",
		"0",
		A_DIGITS "0",
		A_DIGITS "#",
		A_DIGITS "#0",
		A_DIGITS "#1",
		A_DIGITS "#-2",
		A_DIGITS "@",
		A_DIGITS "@1920",
		A_DIGITS "@1920x",
		A_DIGITS "@x1080",
		A_DIGITS "@15x1080",
		A_DIGITS "@1920x16385",
		A_DIGITS "@01920x1080",
		A_DIGITS "@1920x1080#2",
		A_DIGITS "@1920x1080 ",
		"A0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(identity_key_valid(texts[i]));
}

static void new_clients_get_the_smallest_free_slot(void **state)
{
	struct identity_map map = { 0 };
	assert_int_equal(assign(&map, 1, 15, 0), 1);
	assert_int_equal(assign(&map, 2, 15, 1 << 1), 2);
	assert_int_equal(assign(&map, 3, 15, 1 << 3), 4);
	assert_int_equal(assign(&map, 4, 15, 0), 3);
}

static void a_client_comes_back_to_its_slot(void **state)
{
	struct identity_map map = { 0 };
	assign(&map, 1, 15, 0);
	assign(&map, 2, 15, 0);
	assert_int_equal(assign(&map, 1, 15, 0), 1);
	assert_int_equal(assign(&map, 2, 15, 1 << 1), 2);
	assert_int_equal(map.count, 2);
}

static void the_least_recently_used_slot_changes_hands(void **state)
{
	struct identity_map map = { 0 };
	const struct identity_key third = key_of(3), first = key_of(1), second = key_of(2);
	struct identity_key evicted;
	assign(&map, 1, 2, 0);
	assign(&map, 2, 2, 0);
	assign(&map, 1, 2, 0);
	assert_true(identity_set_scale(&map, 2, 200));
	assert_int_equal(identity_assign(&map, &third, 2, 0, &evicted), 2);
	assert_true(identity_key_equal(&evicted, &second));
	assert_null(identity_find(&map, &second));
	assert_non_null(identity_find(&map, &first));
	/* What the former owner had set is not the new one's. */
	assert_int_equal(identity_find_slot(&map, 2)->scale_percent, 0);
}

static void a_held_slot_never_changes_hands(void **state)
{
	struct identity_map map = { 0 };
	const struct identity_key third = key_of(3), first = key_of(1);
	struct identity_key evicted;
	assign(&map, 1, 2, 0);
	assign(&map, 2, 2, 0);
	assert_int_equal(identity_assign(&map, &third, 2, 1 << 1 | 1 << 2, &evicted), 0);
	assert_string_equal(evicted.text, "");
	assert_int_equal(map.count, 2);
	assert_int_equal(identity_assign(&map, &third, 2, 1 << 2, &evicted), 1);
	assert_true(identity_key_equal(&evicted, &first));
}

static void a_known_client_whose_slot_is_in_use_gets_another_one(void **state)
{
	struct identity_map map = { 0 };
	const struct identity_key key = key_of(1);
	assign(&map, 1, 15, 0);
	assert_true(identity_set_scale(&map, 1, 150));
	assert_int_equal(assign(&map, 1, 15, 1 << 1), 2);
	assert_int_equal(map.count, 1);
	assert_int_equal(identity_find(&map, &key)->scale_percent, 150);
}

static void a_known_client_above_the_cap_gets_a_slot_below_it(void **state)
{
	struct identity_map map = { 0 };
	for (uint8_t i = 1; i <= 4; i++)
		assign(&map, i, 15, 0);
	assert_int_equal(assign(&map, 4, 2, 0), 1);
	const struct identity_key first = key_of(1);
	assert_null(identity_find(&map, &first));
	assert_int_equal(assign(&map, 4, 0, 0), 0);
	assert_int_equal(map.count, 3);
}

static void every_slot_can_be_used(void **state)
{
	struct identity_map map = { 0 };
	for (uint8_t i = 1; i <= IDENTITY_SLOTS_MAX; i++)
		assert_int_equal(assign(&map, i, UINT32_MAX, 0), i);
	assert_int_equal(map.count, IDENTITY_SLOTS_MAX);
	assert_int_equal(assign(&map, 100, UINT32_MAX, ALL_SLOTS), 0);
	assert_int_equal(assign(&map, 100, UINT32_MAX, 0), 1);
	assert_int_equal(map.count, IDENTITY_SLOTS_MAX);
}

static void scales_that_no_mode_can_have_are_refused(void **state)
{
	struct identity_map map = { 0 };
	assign(&map, 1, 15, 0);
	assert_false(identity_set_scale(&map, 2, 100));
	assert_false(identity_set_scale(&map, 1, 49));
	assert_false(identity_set_scale(&map, 1, 401));
	assert_true(identity_set_scale(&map, 1, 400));
	assert_true(identity_set_scale(&map, 1, 0));
	assert_int_equal(identity_find_slot(&map, 1)->scale_percent, 0);
}

static void a_client_that_is_forgotten_leaves_nothing(void **state)
{
	struct identity_map map = { 0 };
	uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE];
	fingerprint_of(1, fingerprint);
	for (uint32_t ordinal = 1; ordinal <= 3; ordinal++) {
		const struct identity_key key = identity_key_make(
			POLICY_IDENTITY_PER_CLIENT_MODE, fingerprint, ordinal, &full_hd);
		identity_assign(&map, &key, 15, 0, NULL);
		assign(&map, (uint8_t)(10 + ordinal), 15, 0);
	}
	assert_int_equal(identity_forget(&map, fingerprint), 3);
	assert_int_equal(identity_forget(&map, fingerprint), 0);
	assert_int_equal(map.count, 3);
	for (uint8_t i = 1; i <= 3; i++) {
		const struct identity_key key = key_of((uint8_t)(10 + i));
		assert_int_equal(identity_find(&map, &key)->slot, 2 * i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_says_whose_display_it_is),
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(new_clients_get_the_smallest_free_slot),
		cmocka_unit_test(a_client_comes_back_to_its_slot),
		cmocka_unit_test(the_least_recently_used_slot_changes_hands),
		cmocka_unit_test(a_held_slot_never_changes_hands),
		cmocka_unit_test(a_known_client_whose_slot_is_in_use_gets_another_one),
		cmocka_unit_test(a_known_client_above_the_cap_gets_a_slot_below_it),
		cmocka_unit_test(every_slot_can_be_used),
		cmocka_unit_test(scales_that_no_mode_can_have_are_refused),
		cmocka_unit_test(a_client_that_is_forgotten_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
