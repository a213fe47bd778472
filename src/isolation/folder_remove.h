/*
 * Removes a folder and all that is below it, and nothing else: no symbolic link is followed, no other file system entered.
 *
 * Room: isolation. Any thread. Blocks on the disk: the folders are small.
 */
#ifndef LODGE_ISOLATION_FOLDER_REMOVE_H
#define LODGE_ISOLATION_FOLDER_REMOVE_H

/* 0, or the negative errno of what stays. A folder that is not there is none to remove: 0. */
int folder_remove(const char *path);

#endif
