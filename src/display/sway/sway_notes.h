/*
 * What the host has changed on one sway: outputs that it made, outputs of the user's that it turned off. Held in memory
 * and, on a desktop that is not our own, in the journal, always before the change.
 *
 * Room: display/sway. Thread: control. The journal's object:
 *   { "made": ["HEADLESS-2"], "before": ["HEADLESS-1", "HEADLESS-2"], "dark": [{see sway_dark.h}] }
 * "before": the outputs that were there when an output was about to be made whose name is not known yet.
 */
#ifndef LODGE_DISPLAY_SWAY_NOTES_H
#define LODGE_DISPLAY_SWAY_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "display/journal.h"
#include "display/sway/sway_dark.h"

struct sway_notes { /* all zero: none, in memory only */
	struct display_journal *journal; /* not owned */
	char *desktop;
	json_t *all;
};

/* Takes over what the journal says of this desktop. `journal` may be NULL. False when memory is short. */
bool sway_notes_open(
	struct sway_notes *notes, struct display_journal *journal, const char *desktop);
void sway_notes_finish(struct sway_notes *notes); /* what is in the journal stays there */

/* Drops the notes of every sway that has ended. NULL is fine. */
void sway_notes_sweep(struct display_journal *journal);

/* The outputs as sway tells them. Negative errno: do not make any. */
int sway_notes_begin_create(struct sway_notes *notes, const json_t *outputs);
/* NULL: it was not made. Negative errno: it is to be removed again. */
int sway_notes_end_create(struct sway_notes *notes, const char *name);
/* After a crash: the output that was being made when that happened becomes one that was. */
void sway_notes_settle_create(struct sway_notes *notes, const json_t *outputs);
const json_t *sway_notes_made(const struct sway_notes *notes); /* names; NULL: none */
void sway_notes_forget_made(struct sway_notes *notes, const char *name);

/* An array of entries, which replace older ones of the same names. Negative errno: turn nothing off. */
int sway_notes_add_dark(struct sway_notes *notes, const json_t *entries);
/* The readable ones. */
size_t sway_notes_dark_count(const struct sway_notes *notes);
bool sway_notes_dark(const struct sway_notes *notes, size_t index, struct sway_dark *dark);
bool sway_notes_find_dark(const struct sway_notes *notes, const char *name, struct sway_dark *dark);
void sway_notes_forget_dark(struct sway_notes *notes, const char *name);

#endif
