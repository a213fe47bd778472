/*
 * The runtime folders of private desktops, noted in the journal so that the next start can remove what a killed host
 * has left.
 *
 * Room: display/sway. Thread: control. Each is a note of its own: "sway-folder:FOLDER:PID:START" of the host that made
 * it, { "folder": FOLDER }.
 */
#ifndef LODGE_DISPLAY_SWAY_FOLDER_H
#define LODGE_DISPLAY_SWAY_FOLDER_H

#include "display/journal.h"

/* What mkdtemp makes a name of. */
#define SWAY_FOLDER_TEMPLATE "sway.XXXXXX"

/* The journal may be NULL everywhere: nothing happens. */
void sway_folder_note(struct display_journal *journal, const char *folder);
void sway_folder_forget(struct display_journal *journal, const char *folder);

/*
 * Ends the programs of every folder whose host is gone, and removes it (half a second a folder at most); nothing that
 * is not a folder of ours in `runtime_parent`: by its name, its owner and its mode.
 */
void sway_folder_sweep(struct display_journal *journal, const char *runtime_parent);

#endif
