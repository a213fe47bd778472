/*
 * What a version of sway can do. Room: display. Pure. Any thread.
 */
#ifndef LODGE_DISPLAY_SWAY_CAPABILITIES_H
#define LODGE_DISPLAY_SWAY_CAPABILITIES_H

#include "display/backend.h"

/* `can_remove`: 1.8 and later, whose outputs can be unplugged and turned off. */
void sway_capabilities_fill(struct display_capabilities *capabilities, bool can_remove);

#endif
