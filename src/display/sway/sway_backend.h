/*
 * The backend for sway 1.7 and later: virtual outputs of a running session, or of a private headless sway
 * that the host owns.
 *
 * Room: display. Thread: control, whose event loop must have SIGCHLD blocked for sway_backend_spawn.
 *
 * Outputs are HEADLESS-N, named by sway. Where sway cannot remove an output (1.7), it is parked at 16x16@25Hz
 * and used again for the next display. A private sway keeps one more such output, the anchor: it
 * holds the windows while no display exists, they move to the first display that comes, and back when the
 * last one goes. When a display goes while others are left, its windows move to one of those.
 *
 * While sway is gone, requests wait for it until their deadline (5 s) and then fail with -ENOTCONN.
 * desktop_ready comes each time that sway can be used, the first time included.
 */
#ifndef LODGE_DISPLAY_SWAY_BACKEND_H
#define LODGE_DISPLAY_SWAY_BACKEND_H

#include <systemd/sd-event.h>

#include "display/backend.h"
#include "display/sway/sway_spawn.h"

struct sway_attach_params {
	const char *ipc_socket; /* absolute paths */
	const char *wayland_socket;
	/* Not owned, outlives the backend. NULL: what was changed is not put back after a crash. */
	struct display_journal *journal;
};

/* NULL with errno set and a line on standard error when nobody listens there. Destroyed: sway stays. */
struct display_backend *sway_backend_attach(
	sd_event *event, const struct sway_attach_params *params);

/*
 * NULL with errno set and a line on standard error. A sway that ends is started again, with its launch
 * commands, after 50 ms at first. One that has not lasted 10 s four times in a row, or has not come up within 10 s, is told
 * (desktop_failed), and left alone for a minute between two further tries.
 */
struct display_backend *sway_backend_spawn(sd_event *event, const struct sway_spawn_params *params);

#endif
