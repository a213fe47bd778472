/*
 * Random walks through presence: see presence_driver.h for what is checked. LODGE_TEST_SEED replays a walk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "presence_driver.h"
#include "random.h"

#define WALKS 300
#define BYTES_MAX 4000

static void every_walk_keeps_the_promises(void **state)
{
	uint64_t seed = random_seed();
	struct presence_driver_seen seen = { 0 };
	printf("# LODGE_TEST_SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	for (int walk = 0; walk < WALKS; walk++) {
		uint8_t bytes[BYTES_MAX];
		const uint32_t size = 1 + random_below(&seed, BYTES_MAX - 1);
		for (uint32_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)random_below(&seed, 256);
		presence_driver_run(bytes, size, &seen);
	}
	/* The walks have been everywhere. */
	for (size_t i = 0; i < sizeof seen.changes / sizeof *seen.changes; i++)
		assert_true(seen.changes[i] > 0);
	for (size_t i = 0; i < sizeof seen.states / sizeof *seen.states; i++)
		assert_true(seen.states[i] > 0);
	assert_true(seen.several_sessions > 0 && seen.split_steps > 0 && seen.quiet_steps > 0);
	/* One name on two displays needs no number. */
	assert_true(seen.same_names > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_walk_keeps_the_promises),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
