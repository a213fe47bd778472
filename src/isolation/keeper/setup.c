#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "isolation/keeper/devices.h"
#include "isolation/keeper/keeper.h"
#include "isolation/keeper/services.h"
#include "isolation/search_path.h"

#define DESCRIPTORS 1024 /* what programs expect to find; they may raise it */

static int make_environment(struct keeper *keeper, const struct keeper_message *setup)
{
	const struct passwd *user = getpwuid(geteuid());
	char bus[SOURCE_PATH_MAX + 16], pulse[SOURCE_PATH_MAX + 32];
	snprintf(bus, sizeof bus, "unix:path=%s/bus", keeper->runtime);
	snprintf(pulse, sizeof pulse, "unix:%s/pulse/native", keeper->runtime);
	const struct {
		const char *name, *value;
	} defaults[] = {
		{ "PATH", SEARCH_PATH_DEFAULT },
		{ "HOME", user ? user->pw_dir : "/" },
		{ "USER", user ? user->pw_name : "nobody" },
		{ "LOGNAME", user ? user->pw_name : "nobody" },
		{ "SHELL", user && user->pw_shell[0] ? user->pw_shell : "/bin/sh" },
		{ "LANG", "C.UTF-8" },
		{ "XDG_RUNTIME_DIR", keeper->runtime },
		{ "DBUS_SESSION_BUS_ADDRESS", bus },
		{ "PULSE_SERVER", pulse }, /* or libpulse would start a server of its own */
		/* What udev tells of pads is about the machine; SDL then watches /dev/input, which is the tree's. */
		{ "SDL_JOYSTICK_DISABLE_UDEV", "1" },
	};
	size_t position = 0;
	enum keeper_string kind;
	int error = 0;
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults && error == 0; i++)
		error = assignments_set(&keeper->environment, defaults[i].name, defaults[i].value);
	for (const char *text; (text = keeper_message_next(setup, &position, &kind));) {
		if (kind == KEEPER_STRING_ENVIRONMENT && error == 0)
			error = assignments_add(&keeper->environment, text);
	}
	return error;
}

/* In a user namespace of the tree's own this counts its processes; root is above it. */
static void limit_resources(uint32_t processes_max)
{
	struct rlimit limit;
	if (processes_max > 0)
		setrlimit(RLIMIT_NPROC, &(struct rlimit){ processes_max, processes_max });
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > DESCRIPTORS) {
		limit.rlim_cur = DESCRIPTORS;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

int keeper_set_up(struct keeper *keeper, const struct keeper_message *setup)
{
	const char *name = keeper_message_find(setup, KEEPER_STRING_NAME);
	const char *folder = keeper_message_find(setup, KEEPER_STRING_FOLDER);
	keeper->setup_deadline = sd_event_source_disable_unref(keeper->setup_deadline);
	if (!keeper_name_is_valid(name) || folder[0] != '/' ||
		snprintf(keeper->runtime, sizeof keeper->runtime, "%s/run", folder) >=
			(int)sizeof keeper->runtime)
		return -EINVAL;
	snprintf(keeper->name, sizeof keeper->name, "%s", name);
	snprintf(keeper->folder, sizeof keeper->folder, "%s", folder);
	limit_resources((uint32_t)setup->value);
	keeper->devices = devices_create(keeper);
	if (!keeper->devices)
		keeper_fail(keeper, errno, "a /dev of its own cannot be made");
	int error = keeper_listen(keeper);
	if (error == 0)
		error = make_environment(keeper, setup);
	if (error == 0 && (setup->flags & KEEPER_FLAG_PROFILE))
		error = confinement_make(keeper, setup);
	if (error < 0)
		return error;
	keeper->services = services_create(keeper, setup->flags & KEEPER_FLAG_SOUND);
	return keeper->services ? 0 : -errno;
}
