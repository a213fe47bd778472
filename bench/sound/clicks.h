/*
 * Clicks that are played into a sink, and how long each takes until the sink's monitor gives it back: what is left of the way
 * when nothing is encoded. On a thread of PipeWire's.
 */
#ifndef LODGE_BENCH_SOUND_CLICKS_H
#define LODGE_BENCH_SOUND_CLICKS_H

#include <stdbool.h>
#include <stdint.h>

struct clicks;

/* NULL: PipeWire cannot be reached. */
struct clicks *clicks_start(const char *socket, const char *sink, uint32_t quantum);
void clicks_stop(struct clicks *clicks);

/* When the newest click was written, 0: none yet; and its number. */
uint64_t clicks_played_ns(const struct clicks *clicks, uint32_t *number);
/* How long the newest one that came back took; its number in *number, 0: none yet. */
uint64_t clicks_returned_ns(const struct clicks *clicks, uint32_t *number);
/* How many came back. */
uint32_t clicks_returns(const struct clicks *clicks);
/* The samples of the last cycle. */
uint32_t clicks_quantum(const struct clicks *clicks);

#endif
