/*
 * A session of a service manager (a unit such as "gamescope-session.service") that steps aside while a display of ours
 * exists: its unit is stopped before, and started again some time after the last display has gone.
 *
 * Room: display. Thread: control. Nothing is changed but the unit's state: no property is set, no unit is made. A unit
 * that did not run is neither stopped nor started. What was stopped is noted in the journal first, so that the next host
 * starts it again if this one is killed.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_TAKEOVER_H
#define LODGE_DISPLAY_GAMESCOPE_TAKEOVER_H

#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "display/journal.h"

struct gamescope_takeover;

struct gamescope_takeover_params {
	sd_bus *bus; /* where org.freedesktop.systemd1 is; attached to the event loop. A reference is kept */
	const char *unit; /* NAME.service */
	uint64_t give_back_after_ms; /* without a display */
	struct display_journal *journal; /* not owned, outlives it; NULL: nothing is noted */
};

/* error: 0, or a negative errno with a sentence. Never from inside a call. */
typedef void (*gamescope_takeover_done)(void *data, int error, const char *text);

/* NULL with errno (EINVAL: the unit's name) and a line on standard error. Units that a killed host had stopped are started. */
struct gamescope_takeover *gamescope_takeover_create(
	sd_event *event, const struct gamescope_takeover_params *params);

/* One at a time. `done` comes when the unit is known not to run, or within 15 s with -ETIMEDOUT. */
void gamescope_takeover_begin(
	struct gamescope_takeover *takeover, gamescope_takeover_done done, void *data);
/* No display is left: the time begins to run, unless it does. NULL is harmless, as is one that has taken nothing. */
void gamescope_takeover_give_back(struct gamescope_takeover *takeover);
/* Gives back at once; waits a second at most for the service manager to have heard it. NULL is harmless. */
void gamescope_takeover_destroy(struct gamescope_takeover *takeover);

#endif
