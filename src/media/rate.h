/*
 * How many bytes may be spent now, and which quantizer keeps a video frame within them. Pure; the time is an
 * argument.
 *
 * Room: media, private. Thread: the media thread; tests.
 */
#ifndef LODGE_MEDIA_RATE_H
#define LODGE_MEDIA_RATE_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of one macroblock at quantizer 0, learnt from frames. New content and motion differ by far. */
struct rate_estimate {
	double bytes_per_block;
};

struct rate {
	double bytes_per_ns;
	double tokens, capacity; /* bytes; a quarter of a second's worth at most */
	uint64_t filled_ns;
	struct rate_estimate fresh, moving;
};

void rate_init(struct rate *rate, uint32_t bitrate_kbps);
void rate_set_bitrate(struct rate *rate, uint32_t bitrate_kbps);
void rate_refill(struct rate *rate, uint64_t now_ns);
void rate_spend(struct rate *rate, uint64_t bytes);
/* Whether something of about this size may go now. */
bool rate_affords(const struct rate *rate, uint64_t bytes);

/* `motion`: the blocks have moved before, so most of them are predicted. */
int rate_quantizer(const struct rate *rate, uint32_t blocks, bool motion);
void rate_learn(struct rate *rate, uint32_t blocks, bool motion, int quantizer, uint64_t bytes);

#endif
