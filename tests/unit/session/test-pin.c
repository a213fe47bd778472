#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/clients.h"

#define SECOND_NS 1000000000u
#define START_NS (1000ull * SECOND_NS)

struct fixture {
	char folder[64];
	struct client_store *store;
	unsigned shown; /* how often a PIN was shown */
	char pin[PAIRING_PIN_DIGITS + 1];
};

static void on_pin(void *data, const char *pin)
{
	struct fixture *fixture = data;
	fixture->shown++;
	snprintf(fixture->pin, sizeof fixture->pin, "%s", pin);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	strcpy(fixture->folder, "/tmp/lodge-pin-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->store = client_store_open(fixture->folder);
	assert_non_null(fixture->store);
	client_store_on_pin(fixture->store, on_pin, fixture);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	client_store_close(fixture->store);
	assert_int_equal(rmdir(fixture->folder), 0); /* the PIN went to no file */
	free(fixture);
	return 0;
}

static enum pairing_result try_text(struct fixture *fixture, const char *pin, uint64_t now_ns)
{
	return client_store_try_pin(fixture->store, pin, strlen(pin), now_ns);
}

/* Another PIN than the armed one. */
static enum pairing_result try_wrong(struct fixture *fixture, uint64_t now_ns)
{
	char wrong[PAIRING_PIN_DIGITS + 1];
	strcpy(wrong, fixture->pin);
	wrong[PAIRING_PIN_DIGITS - 1] = wrong[PAIRING_PIN_DIGITS - 1] == '0' ? '1' : '0';
	return try_text(fixture, wrong, now_ns);
}

static void no_pin_is_armed_at_first(void **state)
{
	struct fixture *fixture = *state;
	assert_false(client_store_pin_armed(fixture->store));
	assert_int_equal(try_text(fixture, "000000", START_NS), PAIRING_NOT_ARMED);
	assert_int_equal(try_text(fixture, "", START_NS), PAIRING_NOT_ARMED);
	assert_int_equal(fixture->shown, 0);
}

static void an_armed_pin_is_six_digits_and_shown(void **state)
{
	struct fixture *fixture = *state;
	const char *pin = client_store_arm_pin(fixture->store);
	assert_true(client_store_pin_armed(fixture->store));
	assert_int_equal(strlen(pin), PAIRING_PIN_DIGITS);
	assert_int_equal(strspn(pin, "0123456789"), PAIRING_PIN_DIGITS);
	assert_int_equal(fixture->shown, 1);
	assert_string_equal(fixture->pin, pin);
}

static void pins_differ(void **state)
{
	struct fixture *fixture = *state;
	char first[PAIRING_PIN_DIGITS + 1];
	strcpy(first, client_store_arm_pin(fixture->store));
	unsigned same = 0;
	for (int i = 0; i < 20; i++)
		same += strcmp(first, client_store_arm_pin(fixture->store)) == 0;
	assert_true(same < 3);
}

/* 3000 PINs: each digit is at each place 300 times, give or take; 150 is beyond any chance. */
static void every_digit_appears_at_every_place(void **state)
{
	struct fixture *fixture = *state;
	unsigned counts[PAIRING_PIN_DIGITS][10] = { 0 };
	for (int i = 0; i < 3000; i++) {
		const char *pin = client_store_arm_pin(fixture->store);
		for (size_t place = 0; place < PAIRING_PIN_DIGITS; place++)
			counts[place][pin[place] - '0']++;
	}
	for (size_t place = 0; place < PAIRING_PIN_DIGITS; place++) {
		for (size_t digit = 0; digit < 10; digit++)
			assert_true(counts[place][digit] > 150);
	}
}

static void the_right_pin_pairs_once(void **state)
{
	struct fixture *fixture = *state;
	client_store_arm_pin(fixture->store);
	char used[PAIRING_PIN_DIGITS + 1];
	do /* one PIN in a million is followed by itself */
		strcpy(used, fixture->pin);
	while (try_text(fixture, used, START_NS) == PAIRING_OK && strcmp(used, fixture->pin) == 0);
	assert_int_equal(fixture->shown, 2);
	assert_true(client_store_pin_armed(fixture->store));
	assert_int_equal(try_text(fixture, used, START_NS), PAIRING_WRONG_PIN);
}

static void parts_and_extensions_of_the_pin_are_wrong(void **state)
{
	struct fixture *fixture = *state;
	client_store_arm_pin(fixture->store);
	char pin[PAIRING_PIN_DIGITS + 2];
	snprintf(pin, sizeof pin, "%s0", fixture->pin);
	assert_int_equal(client_store_try_pin(fixture->store, pin, 5, START_NS), PAIRING_WRONG_PIN);
	assert_int_equal(client_store_try_pin(fixture->store, pin, 7, START_NS), PAIRING_WRONG_PIN);
	assert_int_equal(client_store_try_pin(fixture->store, pin, 6, START_NS), PAIRING_OK);
}

static void an_empty_pin_is_wrong(void **state)
{
	struct fixture *fixture = *state;
	client_store_arm_pin(fixture->store);
	assert_int_equal(client_store_try_pin(fixture->store, "", 0, START_NS), PAIRING_WRONG_PIN);
}

static void the_third_wrong_pin_voids_it_and_shows_a_new_one(void **state)
{
	struct fixture *fixture = *state;
	client_store_arm_pin(fixture->store);
	assert_int_equal(try_wrong(fixture, START_NS), PAIRING_WRONG_PIN);
	assert_int_equal(try_wrong(fixture, START_NS), PAIRING_WRONG_PIN);
	assert_int_equal(fixture->shown, 1);
	assert_int_equal(try_wrong(fixture, START_NS), PAIRING_EXHAUSTED);
	assert_int_equal(fixture->shown, 2);
	assert_int_equal(try_text(fixture, fixture->pin, START_NS), PAIRING_OK);
}

static void a_new_pin_has_all_its_tries(void **state)
{
	struct fixture *fixture = *state;
	client_store_arm_pin(fixture->store);
	assert_int_equal(try_wrong(fixture, START_NS), PAIRING_WRONG_PIN);
	assert_int_equal(try_wrong(fixture, START_NS), PAIRING_WRONG_PIN);
	client_store_arm_pin(fixture->store);
	assert_int_equal(try_wrong(fixture, START_NS), PAIRING_WRONG_PIN);
	assert_int_equal(try_wrong(fixture, START_NS), PAIRING_WRONG_PIN);
	assert_int_equal(try_wrong(fixture, START_NS), PAIRING_EXHAUSTED);
}

static void the_eleventh_try_of_a_minute_is_limited_even_if_right(void **state)
{
	struct fixture *fixture = *state;
	client_store_arm_pin(fixture->store);
	for (unsigned i = 0; i < 10; i++)
		assert_int_not_equal(try_wrong(fixture, START_NS + (uint64_t)i * SECOND_NS),
			PAIRING_RATE_LIMITED);
	assert_int_equal(try_text(fixture, fixture->pin, START_NS + 10ull * SECOND_NS),
		PAIRING_RATE_LIMITED);
	assert_int_equal(try_text(fixture, fixture->pin, START_NS + 60ull * SECOND_NS - 1),
		PAIRING_RATE_LIMITED);
	assert_int_equal(try_text(fixture, fixture->pin, START_NS + 60ull * SECOND_NS), PAIRING_OK);
}

static void a_limited_try_costs_the_pin_nothing(void **state)
{
	struct fixture *fixture = *state;
	client_store_arm_pin(fixture->store);
	for (unsigned i = 0; i < 9; i++)
		try_wrong(fixture, START_NS);
	assert_int_equal(try_wrong(fixture, START_NS), PAIRING_WRONG_PIN);
	const unsigned shown = fixture->shown;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(try_wrong(fixture, START_NS + SECOND_NS), PAIRING_RATE_LIMITED);
	assert_int_equal(fixture->shown, shown);
	assert_int_equal(try_wrong(fixture, START_NS + 61ull * SECOND_NS), PAIRING_WRONG_PIN);
	assert_int_equal(try_wrong(fixture, START_NS + 61ull * SECOND_NS), PAIRING_EXHAUSTED);
}

static void the_limit_slides_with_the_tries(void **state)
{
	struct fixture *fixture = *state;
	client_store_arm_pin(fixture->store);
	for (unsigned i = 0; i < 10; i++)
		try_wrong(fixture, START_NS + (i < 5 ? 0 : 30ull * SECOND_NS));
	const uint64_t later = START_NS + 60ull * SECOND_NS;
	for (unsigned i = 0; i < 5; i++)
		assert_int_not_equal(try_wrong(fixture, later), PAIRING_RATE_LIMITED);
	assert_int_equal(try_wrong(fixture, later), PAIRING_RATE_LIMITED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_pin_is_armed_at_first),
		TEST(an_armed_pin_is_six_digits_and_shown),
		TEST(pins_differ),
		TEST(every_digit_appears_at_every_place),
		TEST(the_right_pin_pairs_once),
		TEST(parts_and_extensions_of_the_pin_are_wrong),
		TEST(an_empty_pin_is_wrong),
		TEST(the_third_wrong_pin_voids_it_and_shows_a_new_one),
		TEST(a_new_pin_has_all_its_tries),
		TEST(the_eleventh_try_of_a_minute_is_limited_even_if_right),
		TEST(a_limited_try_costs_the_pin_nothing),
		TEST(the_limit_slides_with_the_tries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
