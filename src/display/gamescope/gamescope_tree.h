/*
 * The isolated tree that a gamescope of ours runs in, where the backend makes it itself. One that ends, or never comes
 * up, is made again, after a pause that grows.
 *
 * Room: display. Thread: control.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_TREE_H
#define LODGE_DISPLAY_GAMESCOPE_TREE_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "isolation/isolation.h"

struct gamescope_tree;

struct gamescope_tree_events {
	/* Programs may be started. Each time anew. */
	void (*ready)(
		void *data, struct isolated_tree *tree, const struct isolated_tree_info *info);
	/*
	 * It is gone, or could not be had, and everything in it with it: handles of its processes are void after this call.
	 * gamescope_tree_destroy may not be called in here.
	 */
	void (*ended)(void *data, const char *text);
};

/* NULL with errno. `isolation` outlives it; `name` is copied. `adopt`: the first one is that which an earlier host kept. */
struct gamescope_tree *gamescope_tree_create(sd_event *event, struct isolation *isolation,
	const char *name, bool adopt, const struct gamescope_tree_events *events, void *data);
/* It has not come up three times in a row, or has taken long for that: nobody need wait for it. It is tried on, every 10 s. */
bool gamescope_tree_is_failing(const struct gamescope_tree *tree);
/* Ends it, with everything in it and without an event, and makes another one. */
void gamescope_tree_renew(struct gamescope_tree *tree);
/* Ends the tree with everything in it, without an event. NULL is harmless. */
void gamescope_tree_destroy(struct gamescope_tree *tree);

#endif
