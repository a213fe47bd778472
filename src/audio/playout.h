/*
 * Decoded sound on its way into PipeWire, at a speed a little off 1 when the sender's clock and ours differ, or when more or
 * less than intended waits. At speed 1 the samples go through as they are.
 *
 * Room: audio, private; pure. One thread.
 */
#ifndef LODGE_AUDIO_PLAYOUT_H
#define LODGE_AUDIO_PLAYOUT_H

#include <stdint.h>

#define PLAYOUT_SIZE 4096
#define PLAYOUT_SPEED_MOST 0.005 /* off 1: 9 cents, which nobody hears in speech */

struct playout {
	float samples
		[PLAYOUT_SIZE]; /* the first is the one before the position: the curve needs a neighbour */
	uint32_t count;
	double position; /* between samples[1] and samples[2]: 0 to 1 */
};

void playout_init(struct playout *playout);
/* What does not fit is left out: there is room for PLAYOUT_SIZE - playout_waiting() - 4. */
void playout_push(struct playout *playout, const float *samples, uint32_t count);
/* Samples not played yet. */
uint32_t playout_waiting(const struct playout *playout);
/* Up to `count` samples at this speed (1: as they came); returns how many there were. */
uint32_t playout_pull(struct playout *playout, float *to, uint32_t count, double speed);
/* The speed that makes good an excess of so many samples (jitter.h), in seconds rather than at once. */
double playout_speed(int64_t excess);

#endif
