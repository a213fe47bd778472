/*
 * What the programs on a client's own desktop see of the machine, as the policy says (docs/isolation.md, Confinement).
 *
 * Room: desktops, private. Thread: control.
 */
#ifndef LODGE_DESKTOPS_CONFINEMENT_H
#define LODGE_DESKTOPS_CONFINEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "core/policy.h"
#include "desktops/desktops.h"

/*
 * Has the trees of this name confined, or not, from the next one on; the client's home is made when it has none yet.
 * 0, or a negative errno with a sentence in `fault`.
 */
int confinement_apply(struct isolation *isolation, const char *tree,
	const struct desktops_params *params, const uint8_t client[DISPLAY_IDENTITY_SIZE],
	const struct display_policy *policy, char *fault, size_t capacity);

#endif
