/*
 * Starts the first process of a tree: in a PID, mount and IPC namespace of its own (and a user namespace, where that
 * needs one), with its own /proc and its own /tmp/.X11-unix, and with nothing inherited but one socket.
 *
 * Room: isolation. Thread: control.
 */
#ifndef LODGE_ISOLATION_LAUNCH_H
#define LODGE_ISOLATION_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define KEEPER_SOCKET 3 /* the keeper's end */

struct launch_params {
	const char *
		keeper; /* absolute; NULL: only try; the status is 0 or an errno */
	const char *name; /* its one argument */
	int socket; /* the keeper's end; -1 with a NULL keeper */
	const char *control_group; /* "": none */
	bool user_namespace;
	/* The namespace's own kernel.pid_max keeps the tree from growing beyond this; 0: do not. */
	uint32_t processes_max;
};

/* Returns the process, with its pidfd, or a negative errno. What fails after that is said over the socket. */
pid_t launch(const struct launch_params *params, int *pidfd);

/* Whether kernel.pid_max is a namespace's own here (Linux 6.14); before, it was the machine's. */
bool launch_limits_processes(void);

/* Whether sockets with abstract names are kept to their tree here. */
bool launch_scopes_sockets(void);

/*
 * Whether it can be done here at all. Waits for the attempt, at most a second. 0, or a negative errno; *user_namespace:
 * what it takes.
 */
int launch_probe(bool *user_namespace);

#endif
