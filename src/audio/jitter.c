#include "audio/jitter.h"

#include <string.h>

#define RATE 48000
#define WINDOW_NS 2000000000u
#define FIRST_SPREAD_NS 10000000 /* what is expected of a network that is not known yet */
/* A wait of the greatest length, and a packet that has just come. */
#define WAITING_MAX (RATE / 10 + JITTER_SAMPLES_MAX)
/* Opus fades out what it extrapolates; beyond that there is nothing to hear. */
#define STALL_MAX (RATE * 6 / 100)
/* So far from what is expected, the sender has begun anew. */
#define STRANGE 1000

static int64_t samples_to_ns(int64_t samples)
{
	return samples * 62500 / 3;
}

static int32_t distance(uint32_t sequence, uint32_t from)
{
	return (int32_t)(sequence - from);
}

static struct jitter_slot *slot_of(struct jitter *jitter, uint32_t sequence)
{
	return &jitter->slots[sequence % JITTER_SLOTS];
}

/* NULL: it is not there. */
static struct jitter_slot *find(struct jitter *jitter, uint32_t sequence)
{
	struct jitter_slot *slot = slot_of(jitter, sequence);
	return slot->used && slot->sequence == sequence ? slot : NULL;
}

static void empty_slot(struct jitter *jitter, struct jitter_slot *slot)
{
	jitter->waiting_samples -= slot->samples;
	slot->used = false;
}

void jitter_init(struct jitter *jitter)
{
	memset(jitter, 0, sizeof *jitter);
	jitter->samples = JITTER_SAMPLES_MAX;
}

void jitter_set_margin(struct jitter *jitter, uint64_t margin_ns)
{
	jitter->margin_ns = margin_ns;
}

static int64_t fastest_ns(const struct jitter *jitter)
{
	return jitter->transit.min_ns < jitter->transit_before.min_ns
		? jitter->transit.min_ns
		: jitter->transit_before.min_ns;
}

static int64_t slowest_ns(const struct jitter *jitter)
{
	return jitter->transit.max_ns > jitter->transit_before.max_ns
		? jitter->transit.max_ns
		: jitter->transit_before.max_ns;
}

uint64_t jitter_delay_ns(const struct jitter *jitter)
{
	const uint64_t delay_ns =
		(uint64_t)(slowest_ns(jitter) - fastest_ns(jitter)) + jitter->margin_ns;
	if (delay_ns < JITTER_DELAY_MIN_NS)
		return JITTER_DELAY_MIN_NS;
	return delay_ns > JITTER_DELAY_MAX_NS ? JITTER_DELAY_MAX_NS : delay_ns;
}

static void watch_transit(struct jitter *jitter, int64_t transit_ns, uint64_t now_ns)
{
	if (now_ns - jitter->transit.begin_ns >= WINDOW_NS) {
		jitter->transit_before = jitter->transit;
		jitter->transit = (struct jitter_transit){ now_ns, transit_ns, transit_ns };
	}
	if (transit_ns < jitter->transit.min_ns)
		jitter->transit.min_ns = transit_ns;
	if (transit_ns > jitter->transit.max_ns)
		jitter->transit.max_ns = transit_ns;
}

/* With the first packet of all, the first after silence, or one of a sender that began anew. What was learnt stays. */
static void begin(struct jitter *jitter, uint32_t sequence, uint32_t samples, uint64_t now_ns)
{
	const int64_t spread_ns =
		jitter->began ? slowest_ns(jitter) - fastest_ns(jitter) : FIRST_SPREAD_NS;
	for (size_t i = 0; i < JITTER_SLOTS; i++) {
		jitter->counts.dropped += jitter->slots[i].used;
		jitter->slots[i].used = false;
	}
	jitter->waiting_samples = 0;
	jitter->began = true;
	jitter->playing = jitter->starved = false;
	jitter->next = jitter->newest = sequence;
	jitter->next_media = 0;
	jitter->newest_end = samples;
	jitter->stalled_samples = 0;
	jitter->transit =
		(struct jitter_transit){ now_ns, (int64_t)now_ns, (int64_t)now_ns + spread_ns };
	jitter->transit_before = jitter->transit;
}

/* The oldest that waits, or NULL. */
static struct jitter_slot *oldest(struct jitter *jitter)
{
	for (uint32_t i = 0; i < JITTER_SLOTS; i++) {
		struct jitter_slot *slot = find(jitter, jitter->next + i);
		if (slot)
			return slot;
	}
	return NULL;
}

/* It is its successor's turn. */
static void step_over(struct jitter *jitter, const struct jitter_slot *slot)
{
	jitter->next = slot->sequence + 1;
	jitter->next_media = slot->media + slot->samples;
}

static void drop(struct jitter *jitter, struct jitter_slot *slot)
{
	jitter->counts.lost += (uint32_t)distance(slot->sequence, jitter->next);
	jitter->counts.dropped++;
	step_over(jitter, slot);
	empty_slot(jitter, slot);
}

/* So that the slots reach up to this packet. */
static void move_up(struct jitter *jitter, uint32_t sequence, int64_t media)
{
	struct jitter_slot *slot;
	while (distance(sequence, jitter->next) >= JITTER_SLOTS && (slot = oldest(jitter)))
		drop(jitter, slot);
	if (distance(sequence, jitter->next) < JITTER_SLOTS)
		return;
	jitter->counts.lost += (uint32_t)distance(sequence, jitter->next);
	jitter->next = sequence;
	jitter->next_media = media;
}

/* Of those between it and the newest only the number is known: they are taken for as long as this one. */
static int64_t media_of(const struct jitter *jitter, uint32_t sequence, uint32_t samples)
{
	return jitter->newest_end + ((int64_t)distance(sequence, jitter->newest) - 1) * samples;
}

static void store(struct jitter *jitter, uint32_t sequence, const uint8_t *bytes, size_t size,
	uint32_t samples, int64_t media)
{
	struct jitter_slot *slot = slot_of(jitter, sequence);
	slot->used = true;
	slot->sequence = sequence;
	slot->size = (uint16_t)size;
	slot->samples = (uint16_t)samples;
	slot->media = media;
	memcpy(slot->bytes, bytes, size);
	jitter->waiting_samples += samples;
	if (distance(sequence, jitter->newest) > 0) {
		jitter->newest = sequence;
		jitter->newest_end = media + samples;
	}
}

void jitter_push(struct jitter *jitter, uint32_t sequence, const uint8_t *bytes, size_t size,
	uint32_t samples, uint64_t now_ns)
{
	if (size == 0 || size > JITTER_PACKET_MAX || samples == 0 || samples > JITTER_SAMPLES_MAX)
		return;
	const int32_t ahead = distance(sequence, jitter->next);
	const bool strange = ahead >= STRANGE || ahead <= -STRANGE;
	jitter->counts.received++;
	if (!jitter->began || strange || (jitter->starved && ahead >= 0))
		begin(jitter, sequence, samples, now_ns);
	const int64_t media = media_of(jitter, sequence, samples);
	watch_transit(jitter, (int64_t)now_ns - samples_to_ns(media), now_ns);
	if (distance(sequence, jitter->next) < 0) {
		jitter->counts.late++;
		return;
	}
	move_up(jitter, sequence, media);
	if (find(jitter, sequence)) {
		jitter->counts.repeated++;
		return;
	}
	store(jitter, sequence, bytes, size, samples, media);
	while (jitter->waiting_samples > WAITING_MAX)
		drop(jitter, oldest(jitter));
}

static struct jitter_output play(struct jitter *jitter, struct jitter_slot *slot)
{
	jitter->counts.played++;
	jitter->samples = slot->samples;
	jitter->stalled_samples = 0;
	step_over(jitter, slot);
	empty_slot(jitter, slot);
	return (struct jitter_output){ JITTER_PACKET, slot->bytes, slot->size, slot->samples };
}

/* Nothing waits: the next one is late, or nobody sends any more. */
static struct jitter_output stall(struct jitter *jitter)
{
	if (jitter->stalled_samples >= STALL_MAX) {
		jitter->playing = false;
		jitter->starved = true;
		return (struct jitter_output){ .turn = JITTER_SILENCE };
	}
	jitter->stalled_samples += jitter->samples;
	jitter->counts.stalls++;
	return (struct jitter_output){ JITTER_CONCEAL, NULL, 0, jitter->samples };
}

/* Those before the slot are lost. What was concealed while they were waited for counts for them. */
static struct jitter_output conceal_or_skip(struct jitter *jitter, struct jitter_slot *slot)
{
	const int64_t missing = slot->media - jitter->next_media;
	if (missing <= jitter->stalled_samples || missing > STALL_MAX) {
		jitter->counts.lost += (uint32_t)distance(slot->sequence, jitter->next);
		return play(jitter, slot);
	}
	jitter->counts.lost++;
	jitter->next++;
	jitter->next_media += jitter->samples;
	return (struct jitter_output){ JITTER_CONCEAL, NULL, 0, jitter->samples };
}

struct jitter_output jitter_pull(struct jitter *jitter, uint64_t now_ns)
{
	struct jitter_slot *slot = oldest(jitter);
	if (!jitter->began || (!jitter->playing && !slot))
		return (struct jitter_output){ .turn = JITTER_SILENCE };
	if (!jitter->playing) {
		const int64_t due_ns = fastest_ns(jitter) + samples_to_ns(slot->media) +
			(int64_t)jitter_delay_ns(jitter);
		if ((int64_t)now_ns < due_ns)
			return (struct jitter_output){ .turn = JITTER_SILENCE };
		jitter->counts.lost += (uint32_t)distance(slot->sequence, jitter->next);
		jitter->playing = true;
		return play(jitter, slot);
	}
	if (!slot)
		return stall(jitter);
	return slot->sequence == jitter->next ? play(jitter, slot) : conceal_or_skip(jitter, slot);
}

int64_t jitter_excess(const struct jitter *jitter, uint64_t now_ns, uint32_t decoded)
{
	if (!jitter->playing)
		return 0;
	const int64_t wanted_ns =
		(int64_t)now_ns - fastest_ns(jitter) - (int64_t)jitter_delay_ns(jitter);
	return wanted_ns * 3 / 62500 - (jitter->next_media - decoded);
}
