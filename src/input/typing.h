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

#include "input/keymap.h"

/* Characters and keys that may wait: two of the longest texts. */
#define TYPING_QUEUE_ITEMS 8192

/* Whoever types. Every function gets the data of typing_init. */
enum typing_state { TYPING_GO, TYPING_WAIT, TYPING_NEVER };
struct typing_hand {
	/* TYPING_WAIT: not now, what waits is not lost. TYPING_NEVER: there is nobody any more, it is. */
	enum typing_state (*state)(void *data);
	/* `elsewhere`: it belongs to a text whose characters the layout does not all have. */
	void (*character)(void *data, xkb_keysym_t keysym, bool elsewhere);
	void (*key)(void *data, uint16_t code, bool pressed);
	void (*flush)(void *data); /* several characters are out, more follow at once */
	void (*rest)(void *data); /* the last character of a burst is out */
	void (*overflow)(void *data); /* a key found no room: everything goes up */
};

struct typing {
	const struct typing_hand *hand;
	void *data;
	sd_event_source *timer;
	uint32_t *items; /* a ring, see typing.c */
	size_t start, count;
	uint64_t window_end_us; /* CLOCK_MONOTONIC */
	uint32_t budget; /* what may still go out before that */
};

/* 0 or negative errno. */
int typing_init(struct typing *typing, sd_event *event, const struct typing_hand *hand, void *data);
void typing_finish(struct typing *typing);
struct typing_text {
	const char *utf8;
	uint32_t bytes;
	const struct keymap *keymap; /* of the keyboard that types */
	bool elsewhere; /* characters that the layout lacks can be typed all the same */
};
/* Returns how many characters cannot be typed. */
uint32_t typing_start(struct typing *typing, const struct typing_text *text);
/* true: text waits, and the key waits behind it. */
bool typing_queue_key(struct typing *typing, uint16_t code, bool pressed);
/* The keysyms that wait, in their order; how many there are, at most `capacity`. */
size_t typing_coming(const struct typing *typing, xkb_keysym_t *keysyms, size_t capacity);
/* Everything goes up: keys that wait are forgotten, text is not. */
void typing_forget_keys(struct typing *typing);
/* Nothing waits any more. */
void typing_drop(struct typing *typing);

#endif
