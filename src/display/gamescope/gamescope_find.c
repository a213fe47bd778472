#include "display/gamescope/gamescope_find.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENVIRONMENT_MAX (256 * 1024)

/* The value of NAME, or NULL. One that has no end is none. */
static const char *find_value(const char *bytes, size_t size, const char *name)
{
	const size_t name_size = strlen(name);
	for (size_t place = 0; place < size;) {
		const char *end = memchr(bytes + place, '\0', size - place);
		if (!end)
			return NULL;
		const size_t length = (size_t)(end - bytes) - place;
		if (length > name_size && memcmp(bytes + place, name, name_size) == 0 &&
			bytes[place + name_size] == '=')
			return bytes + place + name_size + 1;
		place += length + 1;
	}
	return NULL;
}

bool gamescope_find_in_environment(const char *bytes, size_t size, const char *runtime_folder,
	const char *wayland_name, char display[16])
{
	const char *folder = find_value(bytes, size, "XDG_RUNTIME_DIR");
	const char *name = find_value(bytes, size, "GAMESCOPE_WAYLAND_DISPLAY");
	const char *found = find_value(bytes, size, "DISPLAY");
	if (!folder || !name || !found || strcmp(folder, runtime_folder) != 0 ||
		strcmp(name, wayland_name) != 0)
		return false;
	const size_t digits = strspn(found + (found[0] == ':'), "0123456789");
	if (found[0] != ':' || digits == 0 || digits > 5 || found[1 + digits] != '\0')
		return false;
	memcpy(display, found, 2 + digits);
	return true;
}

static size_t read_environment(const char *pid, char *bytes)
{
	char path[64];
	size_t size = 0;
	snprintf(path, sizeof path, "/proc/%.16s/environ", pid);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	for (ssize_t got; size < ENVIRONMENT_MAX &&
		(got = read(fd, bytes + size, ENVIRONMENT_MAX - size)) > 0;)
		size += (size_t)got;
	close(fd);
	return size;
}

bool gamescope_find_display(const char *runtime_folder, const char *wayland_name, char display[16])
{
	bool found = false;
	char *bytes = malloc(ENVIRONMENT_MAX);
	DIR *processes = bytes ? opendir("/proc") : NULL;
	for (const struct dirent *entry; !found && processes && (entry = readdir(processes));) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		found = gamescope_find_in_environment(bytes, read_environment(entry->d_name, bytes),
			runtime_folder, wayland_name, display);
	}
	if (processes)
		closedir(processes);
	free(bytes);
	return found;
}
