#include "host/spawned_gamescope.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "desktops/spawn.h"
#include "display/gamescope/gamescope_takeover.h"
#include "host/lodged.h"

/* After the last display, which is kept as the policy says: a display that is made anew at once finds the place free. */
#define GIVE_BACK_AFTER_MS 3000

/* The user's own service manager. NULL with errno. */
static struct gamescope_takeover *take_over(struct lodged *lodged, const char *unit)
{
	sd_bus *bus = NULL;
	int error = sd_bus_open_user(&bus);
	if (error >= 0)
		error = sd_bus_attach_event(bus, lodged->event, SD_EVENT_PRIORITY_NORMAL);
	if (error < 0) {
		fprintf(stderr,
			"lodged: --instead-of %s: the user's service manager cannot be reached (is "
			"DBUS_SESSION_BUS_ADDRESS set?): %s\n",
			unit, strerror(-error));
		sd_bus_unref(bus);
		errno = ENOENT;
		return NULL;
	}
	struct gamescope_takeover *takeover = gamescope_takeover_create(lodged->event,
		&(struct gamescope_takeover_params){
			.bus = bus,
			.unit = unit,
			.give_back_after_ms = GIVE_BACK_AFTER_MS,
			.journal = lodged->journal,
		});
	sd_bus_unref(bus); /* the takeover has its own reference */
	return takeover;
}

struct display_backend *spawned_gamescope_open(struct lodged *lodged)
{
	const struct options *options = lodged->options;
	const struct isolation_capabilities *can = lodged->desktops
		? isolation_capabilities(desktops_isolation(lodged->desktops))
		: NULL;
	if (!can || !can->trees || !can->sound) {
		fprintf(stderr, "lodged: --spawn gamescope: %s\n",
			!can                 ? "no isolated tree can be made"
				: can->trees ? can->sound_text
					     : can->trees_text);
		errno = ENOENT;
		return NULL;
	}
	struct gamescope_takeover *takeover =
		options->instead_of ? take_over(lodged, options->instead_of) : NULL;
	if (options->instead_of && !takeover)
		return NULL;
	return desktop_spawn_gamescope(&(struct desktop_spawn){
		.event = lodged->event,
		.isolation = desktops_isolation(lodged->desktops),
		.name = "shared",
		.tree_changed = own_shared_tree_changed,
		.tree_data = lodged,
		.launch = options->launch,
		.launch_count = options->launch_count,
		.ask_version = true,
		.takeover = takeover,
	});
}
