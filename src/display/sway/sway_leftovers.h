/*
 * What a private desktop leaves behind: programs that left its process group, and its folder.
 *
 * Room: display. Any thread.
 */
#ifndef LODGE_DISPLAY_SWAY_LEFTOVERS_H
#define LODGE_DISPLAY_SWAY_LEFTOVERS_H

/*
 * Signals every process of this user whose environment names the folder as its XDG_RUNTIME_DIR: the folder
 * is the desktop's alone, so that is a program of the desktop. Returns how many there were.
 */
unsigned sway_leftovers_signal(const char *folder, int signal);

/* Signals and waits until none is left: SIGTERM, then SIGKILL, for at most about half a second. */
void sway_leftovers_end(const char *folder);

/* Removes the folder and all in it. 0 or a negative errno. */
int sway_leftovers_remove(const char *folder);

#endif
