/*
 * Text on its way into a desktop. A short text goes out at once; a long one is paced, because a compositor
 * drops a client that does not read as fast as it is written to (about 200 kB of events). Keys that come after
 * a text wait behind it.
 *
 * Room: input (private). Thread: control.
 */
#ifndef LODGE_INPUT_TYPING_H
#define LODGE_INPUT_TYPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* Characters and keys that may wait: two of the longest texts. */
#define TYPING_QUEUE_ITEMS 8192

struct injector;

struct typing {
	sd_event_source *timer;
	uint32_t *items; /* a ring, see typing.c */
	size_t start, count;
	uint64_t window_end_us; /* CLOCK_MONOTONIC */
	uint32_t budget; /* what may still go out before that */
};

/* 0 or negative errno. */
int typing_init(struct injector *injector);
void typing_finish(struct typing *typing);
/* true: text waits, and the key waits behind it. */
bool typing_queue_key(struct injector *injector, uint16_t code, bool pressed);
/* Everything goes up: keys that wait are forgotten, text is not. */
void typing_forget_keys(struct typing *typing);
/* Nothing waits any more. */
void typing_drop(struct typing *typing);

#endif
