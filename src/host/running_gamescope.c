#include "host/running_gamescope.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "display/gamescope/gamescope_backend.h"

struct display_backend *running_gamescope_attach(sd_event *event)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	const char *wayland = getenv("GAMESCOPE_WAYLAND_DISPLAY");
	const char *pipewire = getenv("PIPEWIRE_RUNTIME_DIR");
	char socket[SOURCE_PATH_MAX];
	if (!folder || !wayland) {
		fprintf(stderr,
			"lodged: no running gamescope (XDG_RUNTIME_DIR and "
			"GAMESCOPE_WAYLAND_DISPLAY are not set); start lodged inside it\n");
		errno = ENOENT;
		return NULL;
	}
	if (snprintf(socket, sizeof socket, "%s/pipewire-0", pipewire ? pipewire : folder) >=
		(int)sizeof socket) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return gamescope_backend_attach(event,
		&(struct gamescope_attach_params){
			.runtime_folder = folder,
			.wayland_name = wayland,
			.x_display = getenv("DISPLAY"),
			.pipewire_socket = socket,
		});
}
