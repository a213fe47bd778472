#include "desktops/compositor.h"

#include <stdio.h>

const char *compositor_name(enum compositor compositor)
{
	return compositor == COMPOSITOR_GAMESCOPE ? "gamescope" : "sway";
}

/* Where gamescope's pictures may stand still, it is only better than nothing. */
static enum compositor prefer(bool has_app, const struct compositor_facts *facts)
{
	const bool for_gamescope = has_app && !facts->gamescope_missing;
	return for_gamescope && (facts->has_gpu || facts->sway_missing) ? COMPOSITOR_GAMESCOPE
									: COMPOSITOR_SWAY;
}

bool compositor_choose(enum own_desktops wish, bool has_app, const struct compositor_facts *facts,
	enum compositor *compositor, char *fault, size_t capacity)
{
	*compositor = wish == OWN_DESKTOPS_AUTO ? prefer(has_app, facts)
		: wish == OWN_DESKTOPS_SWAY     ? COMPOSITOR_SWAY
						: COMPOSITOR_GAMESCOPE;
	const char *missing =
		*compositor == COMPOSITOR_SWAY ? facts->sway_missing : facts->gamescope_missing;
	if (missing)
		snprintf(fault, capacity, "%s", missing);
	return !missing;
}
