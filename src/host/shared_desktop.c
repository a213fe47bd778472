#include "host/shared_desktop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "display/sway/sway_backend.h"
#include "host/running_gamescope.h"
#include "host/spawned_gamescope.h"

static struct display_backend *spawn_sway(struct lodged *lodged)
{
	return sway_backend_spawn(lodged->event,
		&(struct sway_spawn_params){
			.runtime_parent = lodged->folders.runtime,
			.launch = lodged->options->launch,
			.launch_count = lodged->options->launch_count,
			.journal = lodged->journal,
			.isolation = own_sound_isolation(lodged),
			.tree_name = "shared",
			.tree_changed = own_shared_tree_changed,
			.tree_data = lodged,
		});
}

static struct display_backend *attach_sway(struct lodged *lodged)
{
	const char *ipc = getenv("SWAYSOCK"), *wayland = getenv("WAYLAND_DISPLAY");
	if (!ipc || !wayland) {
		fprintf(stderr,
			"lodged: no running sway session (SWAYSOCK and WAYLAND_DISPLAY are not "
			"set); "
			"start lodged inside it, or use --spawn sway\n");
		errno = ENOENT;
		return NULL;
	}
	char socket[SOURCE_PATH_MAX];
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const int size = wayland[0] == '/'
		? snprintf(socket, sizeof socket, "%s", wayland)
		: snprintf(socket, sizeof socket, "%s/%s", runtime ? runtime : "", wayland);
	if (size >= (int)sizeof socket) {
		fprintf(stderr, "lodged: the path of the Wayland socket %s is too long\n", wayland);
		errno = ENAMETOOLONG;
		return NULL;
	}
	return sway_backend_attach(lodged->event,
		&(struct sway_attach_params){
			.ipc_socket = ipc,
			.wayland_socket = socket,
			.journal = lodged->journal,
		});
}

struct display_backend *shared_desktop_open(struct lodged *lodged)
{
	switch (lodged->options->desktop) {
	case DESKTOP_SPAWN_SWAY:
		return spawn_sway(lodged);
	case DESKTOP_SPAWN_GAMESCOPE:
		return spawned_gamescope_open(lodged);
	case DESKTOP_GAMESCOPE:
		return running_gamescope_attach(lodged->event);
	case DESKTOP_AUTO:
	case DESKTOP_SWAY:
		break;
	}
	return attach_sway(lodged);
}
