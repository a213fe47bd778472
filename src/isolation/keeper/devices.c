#include "isolation/keeper/devices.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "isolation/keeper/device_folder.h"
#include "isolation/keeper_message.h"

#define SHOWN_MAX 64
#define INPUT_FOLDER "input"
#define CHANGES (IN_CREATE | IN_DELETE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR)

/* Something of the machine's that is in the tree's /dev. */
struct device {
	LIST_ENTRY(device) entry;
	bool is_shown; /* by the host; else it is there for everybody */
	int node; /* O_PATH */
	char name[]; /* relative to /dev */
};

struct devices {
	struct keeper *keeper;
	struct device_folder folder;
	int watch, machine_watch, input_watch; /* inotify; -1: no input devices so far */
	size_t shown_count;
	LIST_HEAD(, device) list;
};

static struct device *find(const struct devices *devices, const char *name)
{
	struct device *device;
	LIST_FOREACH (device, &devices->list, entry) {
		if (strcmp(device->name, name) == 0)
			return device;
	}
	return NULL;
}

static void drop(struct devices *devices, struct device *device)
{
	device_folder_remove(&devices->folder, device->name);
	devices->shown_count -= device->is_shown;
	LIST_REMOVE(device, entry);
	close(device->node);
	free(device);
}

static bool is_same(int node, int other)
{
	struct stat first, second;
	return fstat(node, &first) == 0 && fstat(other, &second) == 0 &&
		first.st_dev == second.st_dev && first.st_ino == second.st_ino &&
		first.st_rdev == second.st_rdev && first.st_nlink > 0;
}

/* Takes over `node`. Negative errno. */
static int add(struct devices *devices, int node, const char *name, bool is_shown)
{
	const size_t size = strlen(name) + 1;
	struct stat status = { 0 };
	struct device *device = malloc(sizeof *device + size);
	int error = device ? 0 : -ENOMEM;
	if (error == 0 && fstat(node, &status) < 0)
		error = -errno;
	if (error == 0)
		error = S_ISLNK(status.st_mode) ? device_folder_link(&devices->folder, name)
						: device_folder_bind(&devices->folder, node, name);
	if (error < 0) {
		close(node);
		free(device);
		return error;
	}
	device->node = node;
	device->is_shown = is_shown;
	memcpy(device->name, name, size);
	devices->shown_count += is_shown;
	LIST_INSERT_HEAD(&devices->list, device, entry);
	return 0;
}

/* --- what everybody has --- */

static bool is_withheld(const char *name)
{
	static const char *const names[] = { ".", "..", INPUT_FOLDER, "uinput", "uhid", "ptmx",
		"pts" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return strncmp(name, "hidraw", 6) == 0;
}

/* Folders and links are there for all; what nobody in the tree may open would be many mounts for nothing. */
static bool is_of_use(const struct devices *devices, int node, const char *name)
{
	struct stat status;
	if (fstat(node, &status) < 0)
		return false;
	return S_ISDIR(status.st_mode) || S_ISLNK(status.st_mode) ||
		faccessat(devices->folder.machine, name, R_OK, AT_EACCESS) == 0 ||
		faccessat(devices->folder.machine, name, W_OK, AT_EACCESS) == 0;
}

/* As it is on the machine now. One that cannot be bound stays away. */
static void mirror(struct devices *devices, const char *name)
{
	struct device *device = find(devices, name);
	if (is_withheld(name))
		return;
	const int node = device_folder_open(&devices->folder, name);
	const bool is_wanted = node >= 0 && is_of_use(devices, node, name);
	if (device && is_wanted && is_same(device->node, node)) {
		close(node);
		return;
	}
	if (device)
		drop(devices, device);
	if (is_wanted)
		add(devices, node, name, false);
	else if (node >= 0)
		close(node);
}

static int mirror_all(struct devices *devices)
{
	const int file = openat(devices->folder.machine, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = file < 0 ? NULL : fdopendir(file);
	if (!entries) {
		const int error = -errno;
		if (file >= 0)
			close(file);
		return error;
	}
	for (const struct dirent *entry; (entry = readdir(entries));)
		mirror(devices, entry->d_name);
	closedir(entries);
	return 0;
}

/* --- what the host shows --- */

/* It may have gone from the machine, or be another one by now, or be opened by others. */
static void look_at_shown(struct devices *devices, const char *name)
{
	struct device *device = find(devices, name);
	if (!device || !device->is_shown)
		return;
	const int node = device_folder_open(&devices->folder, name);
	if (node >= 0 && is_same(device->node, node))
		device_folder_touch(&devices->folder, name);
	else
		drop(devices, device);
	if (node >= 0)
		close(node);
}

static int watch_folder(const struct devices *devices, const char *below)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d%s", devices->folder.machine, below);
	const int watch = inotify_add_watch(devices->watch, path, CHANGES);
	return watch < 0 ? -errno : watch;
}

static int show(struct devices *devices, const char *name)
{
	struct stat status;
	struct device *device = find(devices, name);
	const int node = device_folder_open(&devices->folder, name);
	int error = 0;
	if (node < 0)
		return node;
	if (device && is_same(device->node, node)) {
		close(node);
		return 0;
	}
	if (device)
		drop(devices, device);
	if (fstat(node, &status) < 0)
		error = -errno;
	else if (!S_ISCHR(status.st_mode))
		error = -ENOTSUP;
	else if (devices->shown_count >= SHOWN_MAX)
		error = -ENOSPC;
	if (error < 0) {
		close(node);
		return error;
	}
	/* From now on changes are heard of; those before are seen by whoever hears of the mount below. */
	if (strncmp(name, INPUT_FOLDER "/", strlen(INPUT_FOLDER "/")) == 0)
		devices->input_watch = watch_folder(devices, "/" INPUT_FOLDER);
	error = add(devices, node, name, true);
	if (error == 0)
		device_folder_touch(&devices->folder, name);
	return error;
}

void devices_show(struct devices *devices, const char *path)
{
	int error = -EINVAL;
	if (keeper_device_is_valid(path))
		error = show(devices, path + strlen("/dev/"));
	if (error < 0)
		keeper_say(devices->keeper, "the device %.64s is not shown: %s", path,
			strerror(-error));
}

void devices_hide(struct devices *devices, const char *path)
{
	struct device *device = NULL;
	if (keeper_device_is_valid(path))
		device = find(devices, path + strlen("/dev/"));
	if (device && device->is_shown)
		drop(devices, device);
}

void devices_hide_all(struct devices *devices)
{
	struct device *next;
	for (struct device *device = LIST_FIRST(&devices->list); device; device = next) {
		next = LIST_NEXT(device, entry);
		if (device->is_shown)
			drop(devices, device);
	}
}

/* --- what becomes of them --- */

/* Something was missed: everything is looked at again. */
static void look_at_all(struct devices *devices)
{
	struct device *next;
	for (struct device *device = LIST_FIRST(&devices->list); device; device = next) {
		next = LIST_NEXT(device, entry);
		/* Either may drop it, and no other. */
		if (device->is_shown)
			look_at_shown(devices, device->name);
		else
			mirror(devices, device->name);
	}
	mirror_all(devices);
}

static void on_change(struct devices *devices, const struct inotify_event *event)
{
	char name[NAME_MAX + sizeof INPUT_FOLDER + 1];
	if (event->mask & IN_Q_OVERFLOW) {
		look_at_all(devices);
	} else if (event->len > 0 && event->wd == devices->machine_watch) {
		mirror(devices, event->name);
		look_at_shown(devices, event->name);
	} else if (event->len > 0 && event->wd == devices->input_watch) {
		snprintf(name, sizeof name, INPUT_FOLDER "/%s", event->name);
		look_at_shown(devices, name);
	}
}

static int on_changes(sd_event_source *source, int watch, uint32_t revents, void *data)
{
	struct devices *devices = data;
	_Alignas(struct inotify_event) char bytes[4096];
	const ssize_t size = read(watch, bytes, sizeof bytes);
	for (ssize_t position = 0; position < size;) {
		const struct inotify_event *event =
			(const struct inotify_event *)(const void *)(bytes + position);
		on_change(devices, event);
		position += (ssize_t)(sizeof *event + event->len);
	}
	return 0;
}

static int watch_machine(struct devices *devices)
{
	devices->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (devices->watch < 0)
		return -errno;
	devices->machine_watch = watch_folder(devices, "");
	if (devices->machine_watch < 0)
		return devices->machine_watch;
	return sd_event_add_io(
		devices->keeper->event, NULL, devices->watch, EPOLLIN, on_changes, devices);
}

struct devices *devices_create(struct keeper *keeper)
{
	struct devices *devices = calloc(1, sizeof *devices);
	if (!devices)
		return NULL;
	devices->keeper = keeper;
	devices->folder = DEVICE_FOLDER_NONE;
	devices->watch = devices->machine_watch = devices->input_watch = -1;
	LIST_INIT(&devices->list);
	int error = device_folder_make(&devices->folder);
	if (error == 0)
		error = watch_machine(devices);
	if (error >= 0)
		error = mirror_all(devices);
	if (error < 0) {
		/* The keeper ends of this, and with it what was made. */
		device_folder_close(&devices->folder);
		free(devices);
		errno = -error;
		return NULL;
	}
	return devices;
}
