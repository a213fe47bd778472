/*
 * A headless sway in an isolated tree of its own, new or an earlier host's: what sway_spawn.h promises, for params with `isolation`. The tree lives
 * as long as the process here.
 *
 * Room: display/sway. Thread: control.
 */
#ifndef LODGE_DISPLAY_SWAY_ISOLATED_H
#define LODGE_DISPLAY_SWAY_ISOLATED_H

#include "display/sway/sway_spawn.h"

struct sway_isolated;

struct sway_isolated *sway_isolated_start(sd_event *event, const struct sway_spawn_params *params,
	const struct sway_process_events *events, void *data);
/* Ends the tree with everything in it. */
void sway_isolated_destroy(struct sway_isolated *isolated);

#endif
