/*
 * CLOCK_MONOTONIC in ns. Room: session, private.
 */
#ifndef LODGE_SESSION_CLOCK_H
#define LODGE_SESSION_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t session_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
