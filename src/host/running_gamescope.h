/*
 * The gamescope that the host was started beside, named by the environment. Room: host. Thread: control.
 */
#ifndef LODGE_HOST_RUNNING_GAMESCOPE_H
#define LODGE_HOST_RUNNING_GAMESCOPE_H

#include <systemd/sd-event.h>

struct display_backend;

/*
 * By XDG_RUNTIME_DIR, GAMESCOPE_WAYLAND_DISPLAY, DISPLAY (if it is there) and PIPEWIRE_RUNTIME_DIR (if it is elsewhere). NULL with
 * errno and a line on standard error; ENOENT: what is missing has been said.
 */
struct display_backend *running_gamescope_attach(sd_event *event);

#endif
