/*
 * Arithmetic on moments and spans of time in nanoseconds that does not wrap around.
 *
 * Room: core (pure). Any thread.
 */
#ifndef LODGE_CORE_MOMENT_H
#define LODGE_CORE_MOMENT_H

#include <stdint.h>

#define MOMENT_NEVER UINT64_MAX
#define MOMENT_MS ((uint64_t)1000000)
#define MOMENT_SECOND ((uint64_t)1000000000)
#define MOMENT_HOUR (3600 * MOMENT_SECOND)

static inline uint64_t moment_after(uint64_t moment_ns, uint64_t span_ns)
{
	return span_ns > UINT64_MAX - moment_ns ? MOMENT_NEVER : moment_ns + span_ns;
}

/* 0 when `since_ns` lies ahead. */
static inline uint64_t moment_elapsed(uint64_t since_ns, uint64_t now_ns)
{
	return now_ns > since_ns ? now_ns - since_ns : 0;
}

static inline uint64_t moment_earlier(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns < b_ns ? a_ns : b_ns;
}

static inline uint64_t moment_later(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns > b_ns ? a_ns : b_ns;
}

#endif
