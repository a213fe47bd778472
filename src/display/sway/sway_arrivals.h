/*
 * Where new windows belong while several people have a seat each.
 *
 * Room: display. Reads /proc, else pure but for memory. Any thread.
 */
#ifndef LODGE_DISPLAY_SWAY_ARRIVALS_H
#define LODGE_DISPLAY_SWAY_ARRIVALS_H

#include <jansson.h>
#include <stddef.h>

#include "display/sway/sway_windows.h"

#define SWAY_ARRIVALS_MAX 64

/* Windows that have come since somebody looked, by their ids in sway's tree. */
struct sway_arrivals {
	size_t count;
	json_int_t ids[SWAY_ARRIVALS_MAX];
};

/* When there are too many, the oldest is forgotten: it stays where it is. */
void sway_arrivals_add(struct sway_arrivals *arrivals, json_int_t id);

struct sway_arrival_rules {
	sway_output_test
		hidden; /* nobody looks at this output: its windows go elsewhere, new or not */
	const void *hidden_data;
	const char *
		fallback; /* where windows of a hidden output go that nobody is known to have opened */
	const char *focused; /* the output that the first seat is on */
};

/*
 * The commands that bring each arrival to the output of the window that it was opened from: one of the same process
 * or of its nearest ancestor, that which a seat has in focus if there are several. The first seat's focus goes
 * along if no other seat has that window in focus; theirs are not sway's IPC's to move (input/toplevels.c does it). Freed
 * by the caller; an empty text when there is nothing to do, NULL when memory is short.
 */
char *sway_arrival_commands(const json_t *tree, const json_t *seats,
	const struct sway_arrivals *arrivals, const struct sway_arrival_rules *rules);

#endif
