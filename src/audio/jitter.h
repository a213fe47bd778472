/*
 * Evens out the way of packets over a network: they go in as they come and come out in order, when they are due. It waits as
 * long as the slowest of the last seconds took beyond the fastest, 10 to 100 ms. Neither a clock nor a codec: time is an
 * argument, and the caller decodes.
 *
 * Room: audio, private; pure. One thread.
 */
#ifndef LODGE_AUDIO_JITTER_H
#define LODGE_AUDIO_JITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JITTER_PACKET_MAX 1275 /* bytes; the longest Opus packet of one frame */
#define JITTER_SAMPLES_MAX 960 /* a packet's at 48 kHz, 20 ms */
#define JITTER_DELAY_MIN_NS 10000000u
#define JITTER_DELAY_MAX_NS 100000000u
#define JITTER_SLOTS 64 /* a power of two */

struct jitter_slot {
	bool used;
	uint32_t sequence;
	uint16_t size, samples;
	int64_t media; /* its first sample, counted in samples from where the sender began */
	uint8_t bytes[JITTER_PACKET_MAX];
};

/* How long packets were under way, but for an unknown constant. */
struct jitter_transit {
	uint64_t begin_ns;
	int64_t min_ns, max_ns;
};

struct jitter_counts {
	uint64_t received, played;
	uint64_t lost; /* never came, or not in time: skipped or concealed */
	uint64_t late; /* came after its turn */
	uint64_t repeated;
	uint64_t dropped; /* waited, and went because too much did */
	uint64_t stalls; /* concealed without a loss: nothing was there yet */
};

struct jitter {
	struct jitter_slot slots[JITTER_SLOTS]; /* by sequence */
	uint32_t waiting_samples; /* in all slots */
	bool playing, starved;
	bool began; /* a packet came since it starved, or ever */
	uint32_t next; /* sequence whose turn it is */
	int64_t next_media; /* where the next one begins, if none is lost */
	uint32_t newest;
	int64_t newest_end; /* the sample after the newest packet */
	uint16_t samples; /* of the packet that was played last */
	uint32_t stalled_samples; /* concealed since the last packet */
	uint64_t margin_ns;
	struct jitter_transit transit, transit_before; /* these two seconds, those before */
	struct jitter_counts counts;
};

enum jitter_turn {
	JITTER_SILENCE, /* nothing to play now */
	JITTER_PACKET, /* decode it; the bytes stay until the next push */
	JITTER_CONCEAL, /* extrapolate so many samples */
};

struct jitter_output {
	enum jitter_turn turn;
	const uint8_t *bytes;
	size_t size;
	uint32_t samples;
};

void jitter_init(struct jitter *jitter);
/* How far ahead of their turn packets are asked for: the player's quantum. */
void jitter_set_margin(struct jitter *jitter, uint64_t margin_ns);
/* A packet of 1 to JITTER_PACKET_MAX bytes and 1 to JITTER_SAMPLES_MAX samples that arrived then; else nothing happens. */
void jitter_push(struct jitter *jitter, uint32_t sequence, const uint8_t *bytes, size_t size,
	uint32_t samples, uint64_t now_ns);
/* What comes next; asked whenever the player has less than it needs. */
struct jitter_output jitter_pull(struct jitter *jitter, uint64_t now_ns);
/* How long it means to wait. */
uint64_t jitter_delay_ns(const struct jitter *jitter);
/*
 * By how many samples the player is behind where it should be (more waits than need be), or ahead (negative), when so many
 * samples are decoded and not played yet. 0 while nothing plays.
 */
int64_t jitter_excess(const struct jitter *jitter, uint64_t now_ns, uint32_t decoded);

#endif
