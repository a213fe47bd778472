/*
 * Starts one child process with nothing inherited but standard error.
 *
 * Room: display. Thread: control (the parent-death signal follows the thread that forks).
 */
#ifndef LODGE_DISPLAY_SWAY_CHILD_H
#define LODGE_DISPLAY_SWAY_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct sway_child_params {
	const char *binary; /* absolute */
	char *const *arguments;
	char *const *environment;
	const char *folder; /* working folder, or "/" if that cannot be entered */
	int output; /* its standard output; -1: standard error */
	/*
	 * Run under an ordinary user id in a user namespace of its own, for programs that refuse root. Files
	 * stay those of the caller.
	 */
	bool as_ordinary_user;
};

/*
 * The child leads a session and process group of its own and gets SIGTERM when the caller's thread dies. Returns
 * its process id or a negative errno; a child that fails before its program runs exits with status 127.
 */
pid_t sway_child_start(const struct sway_child_params *params);

#endif
