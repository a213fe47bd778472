#ifndef LODGE_MEDIA_CLOCK_H
#define LODGE_MEDIA_CLOCK_H

#include "process/clock.h"

static inline uint64_t clock_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

#endif
