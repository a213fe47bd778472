/*
 * A desktop of the host's own, started: an isolated tree with a compositor in it.
 *
 * Room: desktops; the host room starts the shared one by it. Thread: control.
 */
#ifndef LODGE_DESKTOPS_SPAWN_H
#define LODGE_DESKTOPS_SPAWN_H

#include "desktops/desktops.h"
#include "display/gamescope/gamescope_backend.h"

struct desktop_spawn {
	sd_event *event;
	struct isolation *isolation;
	const char *name; /* the tree's */
	void (*tree_changed)(void *data, const struct isolated_tree_info *info);
	void (*program_ended)(void *data, int status, const char *text);
	void *tree_data; /* of both */
	const struct desktop_program *program; /* NULL: none */
	/* Shell commands for a desktop without one. */
	const char *const *launch;
	size_t launch_count;
	bool ask_version; /* of gamescope; else it is known to be good */
	struct gamescope_takeover *takeover; /* NULL: nobody has to step aside. Taken over */
	/* What an earlier host noted of its gamescope; NULL: a new one. */
	const struct gamescope_handover *adopt;
	bool cannot_restart; /* an earlier host's app, which is not known any more */
};

/*
 * The program is gamescope's own: its end is the desktop's, no shell is asked. Without one the shell commands run side by side,
 * until the last has ended. NULL with errno.
 */
struct display_backend *desktop_spawn_gamescope(const struct desktop_spawn *spawn);

#endif
