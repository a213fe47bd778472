/*
 * The lock file of an X server's display number, /tmp/.X0-lock: a gamescope that is killed leaves it behind, and with it
 * the number is lost to every later one, whose PID namespace says nothing about the process that it names.
 *
 * Room: display. Any thread.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_LOCK_H
#define LODGE_DISPLAY_GAMESCOPE_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

struct gamescope_lock {
	char path[32]; /* "": none is known */
	dev_t device;
	ino_t inode;
};

/* While the server of this display (":0") runs. */
void gamescope_lock_note(struct gamescope_lock *lock, const char *display);
/* Afterwards: removes it, if it is that very file still and this user's. */
void gamescope_lock_remove(struct gamescope_lock *lock);

#endif
