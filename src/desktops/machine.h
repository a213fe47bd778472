/*
 * What this machine has for clients' own desktops to run on.
 *
 * Room: desktops, private. Thread: control.
 */
#ifndef LODGE_DESKTOPS_MACHINE_H
#define LODGE_DESKTOPS_MACHINE_H

#include <systemd/sd-event.h>

#include "desktops/compositor.h"

struct isolation;
struct machine;

/* NULL with errno. gamescope's version is asked unless it is not wished for; the log says which it is. */
struct machine *machine_create(
	sd_event *event, const struct isolation *isolation, enum own_desktops wish);
void machine_destroy(struct machine *machine); /* NULL is harmless */

/* As compositor_choose. */
bool machine_choose(struct machine *machine, bool has_app, enum compositor *compositor, char *fault,
	size_t capacity);
/* NULL: something can be had, be it for apps alone. Else why not. May wait for gamescope's version, as machine_choose may. */
const char *machine_missing(struct machine *machine);
/* What they run on, a sentence; valid until the next call. */
const char *machine_about(struct machine *machine);

#endif
