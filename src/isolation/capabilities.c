#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "isolation/control_group.h"
#include "isolation/isolation_private.h"
#include "isolation/launch.h"
#include "isolation/search_path.h"

/* The first that is missing, or NULL. */
static const char *find_missing(const char *const *programs, size_t count)
{
	char path[PATH_MAX];
	for (size_t i = 0; i < count; i++) {
		if (!search_path_find(SEARCH_PATH_DEFAULT, programs[i], path))
			return programs[i];
	}
	return NULL;
}

static void detect_trees(struct isolation *isolation)
{
	const int error = launch_probe(&isolation->user_namespace);
	if (error < 0)
		snprintf(isolation->trees_text, sizeof isolation->trees_text,
			"This machine gives no PID namespaces%s (%s); isolated desktops need them.",
			geteuid() == 0 ? "" : " to ordinary users", strerror(-error));
	else if (!isolation->keeper)
		snprintf(isolation->trees_text, sizeof isolation->trees_text,
			"The program lodge-keeper is missing; isolated desktops need it.");
	isolation->capabilities.trees = !isolation->trees_text[0];
	isolation->capabilities.trees_text = isolation->trees_text;
}

static void detect_sound(struct isolation *isolation)
{
	static const char *const programs[] = { "dbus-daemon", "pipewire", "wireplumber",
		"pipewire-pulse" };
	const char *missing = find_missing(programs, sizeof programs / sizeof *programs);
	if (missing)
		snprintf(isolation->sound_text, sizeof isolation->sound_text,
			"The program %s is missing; isolated desktops have no sound without it.",
			missing);
	isolation->capabilities.sound = !missing;
	isolation->capabilities.sound_text = isolation->sound_text;
}

void isolation_detect(struct isolation *isolation)
{
	static const char *const profile[] = { "bwrap" };
	detect_trees(isolation);
	detect_sound(isolation);
	control_group_find(isolation->control_group);
	isolation->capabilities.control_groups = isolation->control_group[0];
	scope_find_manager(isolation->manager);
	isolation->capabilities.service_manager = isolation->manager[0];
	isolation->capabilities.profiles = !find_missing(profile, 1);
	if (isolation->capabilities.trees && !launch_scopes_sockets())
		fprintf(stderr,
			"lodged: isolation: without Landlock of Linux 6.12 isolated desktops reach "
			"the sockets with abstract names that other programs of this user have, "
			"such "
			"as X servers\n");
}
