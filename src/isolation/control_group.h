/*
 * A control group (cgroup2) for each tree, below the host's own: its end beside the namespace's, and a limit to the
 * number of tasks where the machine's manager hands out that controller.
 *
 * Room: isolation. Any thread.
 */
#ifndef LODGE_ISOLATION_CONTROL_GROUP_H
#define LODGE_ISOLATION_CONTROL_GROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "isolation/tree_record.h"

/* The folder of this process' own group, "" unless children may be made and filled there. */
void control_group_find(char base[CONTROL_GROUP_MAX]);

/* Makes one below `base`; `path` becomes "" on failure. Negative errno. */
int control_group_make(const char *base, const char *name, char path[CONTROL_GROUP_MAX]);
/* That of a process, with a name of a unit. Negative errno: -ENOENT if it is in another one. */
int control_group_of(pid_t pid, const char *unit, char path[CONTROL_GROUP_MAX]);
/* Negative errno. What the process has started before stays where it is. */
int control_group_enter(const char *path, pid_t pid);
/* False: this group does not limit. */
bool control_group_limit(const char *path, uint32_t processes_max);
/* SIGKILL for all in it. "" is fine, here and below. */
void control_group_kill(const char *path);
/* Negative errno: -EBUSY as long as something lives in it. */
int control_group_remove(const char *path);
/* Removes the empty ones below `base` whose maker is gone. */
void control_group_sweep(const char *base);
/* Whether it is named as one of ours: what a file says is killed only then. */
bool control_group_is_ours(const char *path);

#endif
