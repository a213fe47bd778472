/*
 * Random walks through control: see control_driver.h for what is checked. LODGE_TEST_SEED replays a walk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "control_driver.h"
#include "core/control.h"
#include "random.h"

#define WALKS 400
#define BYTES_MAX 4000

static void every_walk_keeps_the_promises(void **state)
{
	uint64_t seed = random_seed();
	struct control_driver_seen seen = { 0 };
	printf("# LODGE_TEST_SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	for (int walk = 0; walk < WALKS; walk++) {
		uint8_t bytes[BYTES_MAX];
		const uint32_t size = 1 + random_below(&seed, BYTES_MAX - 1);
		for (uint32_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)random_below(&seed, 256);
		control_driver_run(bytes, size, &seen);
	}
	/* The walks have been everywhere. */
	for (int i = 0; i <= CONTROL_SET_MODE; i++)
		assert_true(seen.events[i] > 0);
	for (int i = 0; i <= CONTROL_MODE_CHANGED; i++)
		assert_true(seen.effects[i] > 0);
	for (int i = 0; i <= CONTROL_REFUSED_LINE_FULL; i++)
		assert_true(seen.refusals[i] > 0);
	assert_int_equal(seen.line_longest, CONTROL_LINE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_walk_keeps_the_promises),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
