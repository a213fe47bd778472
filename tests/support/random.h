/*
 * Random numbers for property tests: the same on every machine for one seed (xorshift64*).
 *
 * The seed is LODGE_TEST_SEED, else of the clock; a test prints it so that a failure can be replayed.
 */
#ifndef LODGE_TESTS_RANDOM_H
#define LODGE_TESTS_RANDOM_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t random_seed(void)
{
	const char *given = getenv("LODGE_TEST_SEED");
	struct timespec now;
	if (given)
		return strtoull(given, NULL, 0);
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state ? *state : 0x9e3779b97f4a7c15u;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1du;
}

static inline uint32_t random_below(uint64_t *state, uint32_t bound)
{
	return (uint32_t)((random_next(state) >> 32) % bound);
}

#endif
