/*
 * What a game wants a pad to shake like, from the effects that it uploads and plays, and when a client is told of it.
 * A client stops by itself after RUMBLE_LASTS_MS unless it is told again, so that nothing shakes for ever because a
 * message, or the host, was lost (docs/protocol.md, RUMBLE).
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread. Times are nanoseconds of one monotonic clock.
 */
#ifndef LODGE_CORE_RUMBLE_H
#define LODGE_CORE_RUMBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/moment.h"

#define RUMBLE_EFFECTS 16 /* that a game may keep in one pad */
#define RUMBLE_LASTS_MS 300
#define RUMBLE_REPEAT_MS 100 /* two of three may be lost on their way */
#define RUMBLE_PAUSE_MS 10 /* between two messages, whatever the game does */

struct rumble_shape {
	uint16_t strong, weak; /* the slow and the fast motor, of 65535 */
	uint16_t delay_ms, length_ms; /* length 0: until it is stopped */
};

struct rumble_effect {
	bool known, playing;
	struct rumble_shape shape;
	uint64_t started_ns;
	uint32_t times; /* that delay and length follow each other */
};

/* What a client is told. */
struct rumble_order {
	uint16_t strong, weak, lasts_ms;
};

struct rumble {
	struct rumble_effect effects[RUMBLE_EFFECTS];
	uint16_t gain; /* of 65535, for all effects */
	uint16_t told_strong, told_weak;
	uint64_t told_ns; /* MOMENT_NEVER: nothing was told yet */
};

void rumble_init(struct rumble *rumble);

/* An effect with this number comes, or becomes another; one that plays starts anew. False: there is no such number. */
bool rumble_upload(
	struct rumble *rumble, uint32_t effect, const struct rumble_shape *shape, uint64_t now_ns);
bool rumble_erase(struct rumble *rumble, uint32_t effect);
/* So many times, from now; 0 stops it. A number that was not uploaded is ignored. */
void rumble_play(struct rumble *rumble, uint32_t effect, uint32_t times, uint64_t now_ns);
void rumble_set_gain(struct rumble *rumble, uint16_t gain);

/* True: this is to be told now. */
bool rumble_step(struct rumble *rumble, uint64_t now_ns, struct rumble_order *order);
/* When rumble_step has something to say if nothing happens until then; asked after it. May be a time that has passed. */
uint64_t rumble_deadline(const struct rumble *rumble, uint64_t now_ns);

#endif
