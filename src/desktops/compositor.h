/*
 * What a client's own desktop runs on: a sway, for whoever needs a shell, or a gamescope, for one program.
 *
 * Room: desktops. Pure. Any thread.
 */
#ifndef LODGE_DESKTOPS_COMPOSITOR_H
#define LODGE_DESKTOPS_COMPOSITOR_H

#include <stdbool.h>
#include <stddef.h>

/* The operator's wish (--own-desktops). */
enum own_desktops {
	OWN_DESKTOPS_AUTO, /* a gamescope for an app where one is good here, else a sway */
	OWN_DESKTOPS_SWAY,
	OWN_DESKTOPS_GAMESCOPE,
};

enum compositor { COMPOSITOR_SWAY, COMPOSITOR_GAMESCOPE };

/* What this machine has. The texts are sentences without an end; they outlive the call alone. */
struct compositor_facts {
	const char *sway_missing; /* NULL: it is there */
	const char *gamescope_missing; /* why none can be started; NULL: one can */
	bool has_gpu; /* without one gamescope shows but the first picture of most programs */
};

/* False with a sentence in `fault`: there is nothing that it could run on. */
bool compositor_choose(enum own_desktops wish, bool has_app, const struct compositor_facts *facts,
	enum compositor *compositor, char *fault, size_t capacity);

const char *compositor_name(enum compositor compositor); /* "sway", "gamescope" */

#endif
