#include "display/sway/sway_sockets.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

struct sway_sockets {
	char folder[PATH_MAX];
	sd_event_source *watch, *deadline;
	const struct sway_sockets_events *events;
	void *data;
};

static void stop(struct sway_sockets *sockets)
{
	sockets->watch = sd_event_source_disable_unref(sockets->watch);
	sockets->deadline = sd_event_source_disable_unref(sockets->deadline);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	struct sway_sockets *sockets = data;
	stop(sockets);
	sockets->events->late(sockets->data);
	return 0;
}

/* Finds `pattern` in the folder; the names of lock files do not match it. */
static bool find_socket(const char *folder, const char *pattern, char path[PATH_MAX])
{
	bool found = false;
	DIR *entries = opendir(folder);
	for (const struct dirent *entry; entries && !found && (entry = readdir(entries));) {
		if (fnmatch(pattern, entry->d_name, 0) == 0)
			found = snprintf(path, PATH_MAX, "%s/%s", folder, entry->d_name) < PATH_MAX;
	}
	if (entries)
		closedir(entries);
	return found;
}

bool sway_sockets_find(const char *folder, char ipc_socket[PATH_MAX], char wayland_socket[PATH_MAX])
{
	return find_socket(folder, "sway-ipc.*.sock", ipc_socket) &&
		find_socket(folder, "wayland-[0-9]", wayland_socket);
}

static int on_folder_change(sd_event_source *source, const struct inotify_event *change, void *data)
{
	struct sway_sockets *sockets = data;
	char ipc[PATH_MAX], wayland[PATH_MAX];
	if (!sockets->watch || !sway_sockets_find(sockets->folder, ipc, wayland))
		return 0;
	stop(sockets);
	sockets->events->found(sockets->data, ipc, wayland);
	return 0;
}

struct sway_sockets *sway_sockets_await(sd_event *event, const char *folder, uint64_t deadline_us,
	const struct sway_sockets_events *events, void *data)
{
	struct sway_sockets *sockets = calloc(1, sizeof *sockets);
	if (!sockets)
		return NULL;
	sockets->events = events;
	sockets->data = data;
	int error = strlen(folder) < sizeof sockets->folder ? 0 : -ENAMETOOLONG;
	if (error == 0) {
		strcpy(sockets->folder, folder);
		error = sd_event_add_inotify(event, &sockets->watch, folder,
			IN_CREATE | IN_MOVED_TO, on_folder_change, sockets);
	}
	if (error >= 0)
		error = sd_event_add_time_relative(event, &sockets->deadline, CLOCK_MONOTONIC,
			deadline_us, 1000, on_deadline, sockets);
	if (error >= 0)
		return sockets;
	sway_sockets_destroy(sockets);
	errno = -error;
	return NULL;
}

void sway_sockets_destroy(struct sway_sockets *sockets)
{
	if (!sockets)
		return;
	stop(sockets);
	free(sockets);
}
