/*
 * CLOCK_MONOTONIC in ns. Room: session, private.
 */
#ifndef LODGE_SESSION_CLOCK_H
#define LODGE_SESSION_CLOCK_H

#include "process/clock.h"

static inline uint64_t session_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

#endif
