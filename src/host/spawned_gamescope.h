/*
 * A shared desktop of the host's own that is a gamescope, if wished in the place of a service manager's session. Room: host.
 * Thread: control.
 */
#ifndef LODGE_HOST_SPAWNED_GAMESCOPE_H
#define LODGE_HOST_SPAWNED_GAMESCOPE_H

struct display_backend;
struct lodged;

/* NULL with errno and a line on standard error; ENOENT: what is missing has been said. */
struct display_backend *spawned_gamescope_open(struct lodged *lodged);

#endif
