/*
 * A gamescope of our own, as the two files about it know it: gamescope_spawn.c (what becomes of it) and
 * gamescope_spawn_params.c (what it is started with).
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_SPAWN_PRIVATE_H
#define LODGE_DISPLAY_GAMESCOPE_SPAWN_PRIVATE_H

#include "display/gamescope/gamescope_private.h"
#include "display/gamescope/gamescope_run.h"
#include "display/gamescope/gamescope_takeover.h"
#include "display/gamescope/gamescope_tree.h"

struct spawn {
	struct gamescope_backend backend;
	struct isolated_tree *tree; /* ready; NULL: own_tree is not */
	struct gamescope_tree *own_tree; /* NULL: the tree is somebody else's */
	void (*tree_changed)(void *data, const struct isolated_tree_info *info);
	void (*program_ended)(void *data, int status, const char *text);
	void *tree_data; /* of both */
	char runtime_folder[SOURCE_PATH_MAX];
	char *binary; /* NULL: the default */
	char **arguments, **environment, **own_environment; /* owned copies */
	size_t argument_count, environment_count, own_environment_count;
	struct gamescope_takeover *takeover;
	struct gamescope_probe *probe; /* while the version is asked for */
	bool is_usable; /* the version is known to be good */
	int unusable; /* why no gamescope can be started, with unusable_text; 0: it can */
	char unusable_text[256];
	struct gamescope_run *run; /* NULL: none is running */
	struct gamescope_run_facts facts; /* of the run, once it is up */
	struct gamescope_handover
		*handover; /* of an earlier host's; NULL once it is settled what became of that */
	bool is_found; /* the run is an earlier host's, and nobody has taken its output up yet */
	bool cannot_restart;
	struct display_mode mode; /* of the run */
	bool stopping; /* the run is wanted no more */
};

/* 0 or -ENOMEM; undone by gamescope_spawn_free_params in any case. */
int gamescope_spawn_copy_params(
	struct spawn *spawn, const struct gamescope_spawn_params *params);
void gamescope_spawn_free_params(struct spawn *spawn);
struct gamescope_run_params gamescope_spawn_run_params(const struct spawn *spawn);

#endif
