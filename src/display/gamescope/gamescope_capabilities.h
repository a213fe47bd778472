/*
 * What a desktop of gamescope's can do. Room: display. Pure. Any thread.
 */
#ifndef LODGE_DISPLAY_GAMESCOPE_CAPABILITIES_H
#define LODGE_DISPLAY_GAMESCOPE_CAPABILITIES_H

#include "display/backend.h"

/* `mirrored`: somebody else's gamescope, which is not started anew for anybody. */
void gamescope_capabilities_fill(struct display_capabilities *capabilities, bool mirrored);

#endif
