/*
 * What a child does of itself between fork and exec.
 *
 * Room: process, below all that start programs. Async-signal-safe but for user_map_prepare.
 */
#ifndef LODGE_PROCESS_CHILD_SETUP_H
#define LODGE_PROCESS_CHILD_SETUP_H

#include <stdbool.h>
#include <sys/types.h>

/* Every signal does what it does by itself, and none is blocked: what a parent ignored would be ignored for ever. */
void plain_signals(void);

/* The whole text in one write, as the files of /proc want it; the file is there. */
bool write_kernel_file(const char *path, const char *text);

/* The one user and the one group of a user namespace. */
struct user_map {
	char user[64], group[64];
};

/* Before the fork: who this process is now will be `user` and `group` inside. */
void user_map_prepare(struct user_map *map, uid_t user, gid_t group);
/* In the new namespace, which has no map yet. */
bool user_map_write(const struct user_map *map);

/* Before the fork, and in the child: whoever it is, programs that refuse to run as root take it for an ordinary user. */
void ordinary_user_prepare(struct user_map *map);
bool become_ordinary_user(const struct user_map *map);

#endif
