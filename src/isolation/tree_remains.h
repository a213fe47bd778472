/*
 * What there is of a tree outside of it, and must be gone after it: its processes, its control group, its folder. Whose
 * lock on the folder it is, is its host; the lock goes with the host, however that ends.
 *
 * Room: isolation. Thread: control. Nothing here waits, unless it says so.
 */
#ifndef LODGE_ISOLATION_TREE_REMAINS_H
#define LODGE_ISOLATION_TREE_REMAINS_H

#include <sys/queue.h>
#include <systemd/sd-event.h>

#include "core/source.h"
#include "isolation/tree_record.h"

struct tree_remains {
	char folder[SOURCE_PATH_MAX]; /* "": none */
	int descriptor; /* of the folder, locked; -1: none */
	int pidfd; /* of the keeper; -1: it does not run */
	struct tree_record record;
};

#define TREE_REMAINS_NONE ((struct tree_remains){ .descriptor = -1, .pidfd = -1 })

/* Makes a folder, with "run" in it, and locks it. Negative errno. */
int tree_remains_make(struct tree_remains *remains, const char *parent, const char *name);
/*
 * Takes over the folder of a host that is gone. Negative errno: -EWOULDBLOCK if its host lives, -ENOTDIR if it is not a
 * private folder of this user.
 */
int tree_remains_take(struct tree_remains *remains, const char *folder);
/* SIGKILL for everything in it. */
void tree_remains_kill(const struct tree_remains *remains);
/* Once the keeper is dead: collects it, removes what is left and says what cannot be removed. */
void tree_remains_remove(struct tree_remains *remains);
/* Lets go of the descriptors and touches nothing. */
void tree_remains_leave(struct tree_remains *remains);

/* Trees on their way out. */
struct tree_ending;
LIST_HEAD(tree_endings, tree_ending);

/* Kills it, and removes what is left as soon as the last process is gone. Takes over `remains`. */
void tree_ending_begin(struct tree_endings *endings, sd_event *event, struct tree_remains *remains);
/* Waits for all of them, some seconds at most. */
void tree_endings_finish(struct tree_endings *endings);

#endif
