/*
 * What the programs on a client's own desktop see of the machine, as the policy says (docs/isolation.md, Confinement).
 *
 * Room: desktops, private. Thread: control.
 */
#ifndef LODGE_DESKTOPS_CONFINEMENT_H
#define LODGE_DESKTOPS_CONFINEMENT_H

#include "desktops/desktops_private.h"

/*
 * Has its trees confined, or not, as the policy says now, from the next one on: one that is there stays as it was made. The
 * client's home is made when it has none yet. False with errno, and a line in the log.
 */
bool own_desktop_confine(struct own_desktop *desktop);
/* NULL: nothing stands against making one for the client. Else why not, one sentence. */
const char *confinement_obstacle(
	const struct desktops *desktops, const uint8_t client[DISPLAY_IDENTITY_SIZE]);

#endif
