/*
 * A process named so that a later one with the same id is another: "PID:START", START as in /proc/PID/stat.
 *
 * Room: display. Any thread.
 */
#ifndef LODGE_DISPLAY_SWAY_IDENTITY_H
#define LODGE_DISPLAY_SWAY_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#define SWAY_IDENTITY_MAX 48

/* False when there is no such process that can be seen. */
bool sway_identity_of(pid_t pid, char identity[SWAY_IDENTITY_MAX]);
/* `text` ends in ":PID:START"; whether that very process still runs (a zombie does not). */
bool sway_identity_lives(const char *text);

#endif
