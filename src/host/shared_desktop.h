/*
 * The desktop that clients share: spawned, or the one that runs. Room: host. Thread: control.
 */
#ifndef LODGE_HOST_SHARED_DESKTOP_H
#define LODGE_HOST_SHARED_DESKTOP_H

#include "display/backend.h"
#include "host/lodged.h"

/* As the options say. NULL with errno; ENOENT: there is none, and the log says so. */
struct display_backend *shared_desktop_open(struct lodged *lodged);

#endif
