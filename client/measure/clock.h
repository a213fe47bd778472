/* Room: client/measure. Shared by the probe and the benchmarks. */
#ifndef LODGE_MEASURE_CLOCK_H
#define LODGE_MEASURE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t measure_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
