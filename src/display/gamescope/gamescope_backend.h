/*
 * The backend for gamescope 3.16 and later: one output, whose picture is a video node of a PipeWire and whose input goes
 * by EIS.
 *
 * Room: display. Thread: control, whose event loop must have SIGCHLD blocked.
 *
 *   spawn    a headless gamescope of the host's own in an isolated tree, started at the size of the display that is made
 *            and ended with it. Another size is another gamescope, and the program in it is started anew.
 *   managed  the same, for which the session of a service manager steps aside (`takeover`): its unit is stopped before
 *            and started again when no display has been there for a while.
 *   attach   somebody else's running gamescope: looked at and steered at its own size, never changed or ended.
 *
 * desktop_ready comes when gamescope can be started (spawn) or has been found (attach), each time anew after it was
 * gone. If it can never be, for its version or its absence, desktop_gone says so and every create fails with that text.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_BACKEND_H
#define LODGE_DISPLAY_GAMESCOPE_BACKEND_H

#include <systemd/sd-event.h>

#include "display/backend.h"
#include "display/gamescope/gamescope_ready.h"
#include "isolation/isolation.h"

struct gamescope_takeover;

/* What the next host must know of a running gamescope in a tree that is kept. */
struct gamescope_handover {
	struct gamescope_ready said; /* when it was up */
	char node_name[SOURCE_NAME_MAX]; /* of its video node */
};

#define GAMESCOPE_STATUS_UNKNOWN (-1)

#define GAMESCOPE_NODE                                                                             \
	"lodge-display" /* the video node of a gamescope of ours, alone in its tree's PipeWire */

struct gamescope_spawn_params {
	/* Either one that is ready, with sound (its PipeWire); not owned, outlives the backend. */
	struct isolated_tree *tree;
	const struct isolated_tree_info *info; /* of `tree`; copied */
	/* Or where the backend makes one itself, and makes it again when it ends; not owned, outlives the backend. */
	struct isolation *isolation;
	const char *tree_name; /* unique among the living trees */
	/* Each time that this tree is there, and NULL when it is not any more. From the event loop. May be NULL. */
	void (*tree_changed)(void *data, const struct isolated_tree_info *info);
	/*
	 * gamescope has ended as it does when its program has, whose own status it does not tell: GAMESCOPE_STATUS_UNKNOWN.
	 * Before the output goes. May be NULL.
	 */
	void (*program_ended)(void *data, int status, const char *text);
	void *tree_data; /* of both */
	const char *binary; /* NULL: "gamescope" */
	bool is_usable; /* its version is known to be good (gamescope_installed.h): it is not asked again */
	/* The program in it, and its arguments. When it ends, gamescope does. None: gamescope alone. */
	const char *const *arguments;
	size_t argument_count;
	const char *const *environment; /* NAME=VALUE, for the program alone */
	size_t environment_count;
	/* NAME=VALUE for gamescope alone, not for the program. */
	const char *const *own_environment;
	size_t own_environment_count;
	/*
	 * With `isolation`: the tree of that name is an earlier host's, and this is noted of the gamescope in it. It is taken over, with
	 * the output "gamescope", when all of it is found; else it ends with its tree, desktop_gone is told and a new tree made. A
	 * size that differs needs the program to start anew; `cannot_restart`: nobody knows it any more, so that every other
	 * create fails. NULL: a new one.
	 */
	const struct gamescope_handover *adopt;
	bool cannot_restart;
	struct gamescope_takeover
		*takeover; /* NULL: nobody has to step aside. Taken over, freed with the backend */
};

/* NULL with errno, and a line on standard error. The params are copied. */
struct display_backend *gamescope_backend_spawn(
	sd_event *event, const struct gamescope_spawn_params *params);

/* Of a backend of gamescope_backend_spawn. False when no gamescope is up in it. */
bool gamescope_backend_handover(
	struct display_backend *backend, struct gamescope_handover *handover);

struct gamescope_attach_params {
	const char *runtime_folder; /* its XDG_RUNTIME_DIR */
	const char *wayland_name; /* "gamescope-0" */
	const char *x_display; /* ":0"; NULL: looked up in the environment of the programs in it */
	const char *pipewire_socket; /* absolute path */
	const char *node_name; /* NULL: "gamescope", as it calls itself */
};

/* NULL with errno and a line on standard error when no gamescope is there. One that ends is looked for until it is back. */
struct display_backend *gamescope_backend_attach(
	sd_event *event, const struct gamescope_attach_params *params);

#endif
