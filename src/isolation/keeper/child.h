/*
 * A process that the keeper started: with nothing inherited, its output read line by line.
 */
#ifndef LODGE_ISOLATION_KEEPER_CHILD_H
#define LODGE_ISOLATION_KEEPER_CHILD_H

#include "isolation/keeper/keeper.h"

struct child_params {
	const char *role;
	const char *const
		*arguments; /* NULL-terminated; the first is looked up in the environment's PATH */
	const struct assignments *environment;
	const char *folder; /* NULL: HOME, or "/" if that cannot be entered */
	bool as_ordinary_user;
	/* Instead of a program: its return value is the status. It runs in a copy of the keeper. */
	int (*function)(const char *argument);
	const char *function_argument;
};

struct child_events {
	void (*started)(void *data, struct child *child); /* may be NULL; not for functions */
	/* The child is no more. text: why a program could not be run, else "". */
	void (*exited)(void *data, int status, const char *text);
};

/* NULL with errno; ENOENT: there is no such program. Callbacks come from the event loop. */
struct child *child_start(struct keeper *keeper, const struct child_params *params,
	const struct child_events *events, void *data);
/* To it alone. */
void child_signal(const struct child *child, int signal_number);
/* SIGKILL to it and its process group; `exited` comes. NULL is fine. */
void child_kill(const struct child *child);
int child_pidfd(const struct child *child); /* stays the child's */

/* Collects everybody who ended: the handler of SIGCHLD. */
int children_collect(sd_event_source *source, const struct signalfd_siginfo *info, void *keeper);

/* output.c: takes over `pipe`; lives until its last writer is gone. Negative errno. */
int output_read(struct keeper *keeper, const char *role, int pipe);
/* What is there already comes before what is said next. */
void outputs_drain(struct keeper *keeper);

#endif
