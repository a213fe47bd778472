/*
 * Random operations against the registry on a backend that hangs, fails, is late and loses outputs: see
 * registry_driver.h for what is checked. LODGE_TEST_SEED replays a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "random.h"
#include "registry_driver.h"

#define WALKS 4000
#define BYTES_MAX 600

static void every_walk_keeps_the_promises(void **state)
{
	uint64_t seed = random_seed();
	for (int walk = 0; walk < WALKS; walk++) {
		uint8_t bytes[BYTES_MAX];
		printf("# walk %d: LODGE_TEST_SEED=%llu\n", walk, (unsigned long long)seed);
		const uint32_t size = 1 + random_below(&seed, BYTES_MAX - 1);
		for (uint32_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)random_below(&seed, 256);
		fflush(stdout);
		registry_driver_run(bytes, size);
	}
}

int main(void)
{
	/* The registry's log would bury everything else; sanitizers write to the descriptor. */
	if (!getenv("LODGE_TEST_SEED") && !(stderr = fopen("/dev/null", "w")))
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_walk_keeps_the_promises),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
