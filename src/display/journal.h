/*
 * What the host has changed on a desktop that is not its own, written down before it is changed, so that the next
 * start can put it back after a crash (semantics.md §11): STATE/display-journal.json.
 *
 * Room: display. Thread: control. A note is on the disk when the call returns: it blocks for one small fsync, which is
 * why only backends use it, and only where outputs appear or go dark. An empty journal has no file.
 */
#ifndef LODGE_DISPLAY_JOURNAL_H
#define LODGE_DISPLAY_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>

struct display_journal;

/* NULL with errno and a log line. A file that is no journal is set aside as .bad, with a loud log line. */
struct display_journal *display_journal_open(const char *state_folder);
void display_journal_close(struct display_journal *journal);

/*
 * The notes of one desktop, named by the backend (such as "sway:<socket>:<pid>:<start time>"): an object of the
 * backend's making. Borrowed; NULL when there are none. Unknown desktops' notes stay until display_journal_drop.
 */
const json_t *display_journal_notes(const struct display_journal *journal, const char *desktop);
/* Replaces them; NULL or an empty object removes them. Takes no reference. Negative errno: do not make the change. */
int display_journal_write(
	struct display_journal *journal, const char *desktop, const json_t *notes);
/* Calls `each` for every desktop; one that returns false is removed. */
int display_journal_sweep(struct display_journal *journal,
	bool (*each)(void *data, const char *desktop, const json_t *notes), void *data);

#endif
