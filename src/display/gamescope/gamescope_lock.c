#include "display/gamescope/gamescope_lock.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void gamescope_lock_note(struct gamescope_lock *lock, const char *display)
{
	struct stat status;
	snprintf(lock->path, sizeof lock->path, "/tmp/.X%.8s-lock", display + 1);
	if (lstat(lock->path, &status) < 0 || !S_ISREG(status.st_mode) ||
		status.st_uid != geteuid()) {
		lock->path[0] = '\0';
		return;
	}
	lock->device = status.st_dev;
	lock->inode = status.st_ino;
}

void gamescope_lock_remove(struct gamescope_lock *lock)
{
	struct stat status;
	if (lock->path[0] && lstat(lock->path, &status) == 0 && status.st_dev == lock->device &&
		status.st_ino == lock->inode)
		unlink(lock->path);
	lock->path[0] = '\0';
}
