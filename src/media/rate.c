#include "media/rate.h"

#include <math.h>

#include "media/video_encoder.h"

#define CAPACITY_NS 250000000.0
/* A frame may take this part of what is there, so that the next one has something too. */
#define SHARE 0.6
/* What unknown content costs: a page of text that nothing predicts, 100 bytes a block at quantizer 26. */
#define FIRST_FRESH 2000.0
#define FIRST_MOVING 200.0
#define LEARNING 0.5
#define BLOCKS_MIN 16 /* fewer are mostly header */

static double gain(int quantizer)
{
	return exp2(-quantizer / 6.0);
}

void rate_set_bitrate(struct rate *rate, uint32_t bitrate_kbps)
{
	rate->bytes_per_ns = bitrate_kbps * 125.0 / 1e9;
	rate->capacity = rate->bytes_per_ns * CAPACITY_NS;
	if (rate->tokens > rate->capacity)
		rate->tokens = rate->capacity;
}

void rate_init(struct rate *rate, uint32_t bitrate_kbps)
{
	*rate = (struct rate){ .fresh = { FIRST_FRESH }, .moving = { FIRST_MOVING } };
	rate_set_bitrate(rate, bitrate_kbps);
	rate->tokens = rate->capacity;
}

void rate_refill(struct rate *rate, uint64_t now_ns)
{
	if (now_ns <= rate->filled_ns)
		return;
	rate->tokens += (double)(now_ns - rate->filled_ns) * rate->bytes_per_ns;
	rate->filled_ns = now_ns;
	if (rate->tokens > rate->capacity)
		rate->tokens = rate->capacity;
}

void rate_spend(struct rate *rate, uint64_t bytes)
{
	/* A debt is bounded too: a burst that nobody could foresee must not freeze what follows. */
	rate->tokens -= (double)bytes;
	if (rate->tokens < -rate->capacity)
		rate->tokens = -rate->capacity;
}

bool rate_affords(const struct rate *rate, uint64_t bytes)
{
	return rate->tokens >= (double)bytes;
}

int rate_quantizer(const struct rate *rate, uint32_t blocks, bool motion)
{
	const struct rate_estimate *estimate = motion ? &rate->moving : &rate->fresh;
	/* Even in debt a frame gets what a 60th of a second brings. */
	const double least = rate->bytes_per_ns * 1e9 / 60;
	const double allowed = rate->tokens * SHARE > least ? rate->tokens * SHARE : least;
	int quantizer = VIDEO_QUANTIZER_BEST;
	while (quantizer < VIDEO_QUANTIZER_WORST &&
		estimate->bytes_per_block * blocks * gain(quantizer) > allowed)
		quantizer++;
	return quantizer;
}

void rate_learn(struct rate *rate, uint32_t blocks, bool motion, int quantizer, uint64_t bytes)
{
	struct rate_estimate *estimate = motion ? &rate->moving : &rate->fresh;
	if (blocks < BLOCKS_MIN)
		return;
	const double seen = (double)bytes / blocks / gain(quantizer);
	/* Quick to believe the worse, slow to believe the better. */
	if (seen > estimate->bytes_per_block)
		estimate->bytes_per_block = seen;
	else
		estimate->bytes_per_block += (seen - estimate->bytes_per_block) * LEARNING / 4;
}
