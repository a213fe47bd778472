/*
 * A /dev of the keeper's mount namespace that is filled by hand: entries are bound from the one that was there before.
 *
 * Names are relative to /dev; the folder that they are in must be there. Negative errno.
 */
#ifndef LODGE_ISOLATION_KEEPER_DEVICE_FOLDER_H
#define LODGE_ISOLATION_KEEPER_DEVICE_FOLDER_H

#include <stdbool.h>
#include <sys/stat.h>

struct device_folder {
	int machine; /* the /dev that was there before, O_PATH */
	int shown; /* where the own one is mounted: it can be mounted on, not written to */
	int writable; /* the same file system, mounted nowhere */
};

#define DEVICE_FOLDER_NONE ((struct device_folder){ -1, -1, -1 })

/* Mounts it over /dev: with an empty `input`, and with terminals of its own in `pts`. */
int device_folder_make(struct device_folder *folder);
/* What was made stays mounted. */
void device_folder_close(struct device_folder *folder);

/* The machine's, O_PATH; no link is followed, none on the way either. */
int device_folder_open(const struct device_folder *folder, const char *name);
/* Makes an entry for `node`, a file or a folder with all that is mounted in it, and binds it there. */
int device_folder_bind(const struct device_folder *folder, int node, const char *name);
/* The same link as the machine's. */
int device_folder_link(const struct device_folder *folder, const char *name);
void device_folder_remove(const struct device_folder *folder, const char *name);
/* Who watches its folder is told that it may be opened by others than before. */
void device_folder_touch(const struct device_folder *folder, const char *name);

#endif
