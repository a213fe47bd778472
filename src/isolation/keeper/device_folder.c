#include "isolation/keeper/device_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLACE "/dev"
/* Files that are mounted on can be opened by nobody. */
#define COVERED_MODE 0

/* A mount of this kind, attached nowhere. */
static int make_mount(const char *kind, const char *const options[][2], unsigned attributes)
{
	int error = 0, mounted = -1;
	const int context = fsopen(kind, FSOPEN_CLOEXEC);
	if (context < 0)
		return -errno;
	for (; error == 0 && (*options)[0]; options++) {
		if (fsconfig(context, FSCONFIG_SET_STRING, (*options)[0], (*options)[1], 0) < 0)
			error = -errno;
	}
	if (error == 0 && fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		error = -errno;
	if (error == 0) {
		mounted = fsmount(context, FSMOUNT_CLOEXEC, attributes);
		error = mounted < 0 ? -errno : 0;
	}
	close(context);
	return error < 0 ? error : mounted;
}

/* Whoever sees it sees later mounts in it as well; nobody writes to it by this mount. */
static int seal(const struct device_folder *folder)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY, .propagation = MS_SHARED };
	return mount_setattr(folder->shown, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0
		? -errno
		: 0;
}

/* Terminals of the tree's own: what is opened by the machine's /dev/ptmx is looked for beside it, not here. */
static int mount_terminals(const struct device_folder *folder)
{
	static const char *const options[][2] = { { "ptmxmode", "666" }, { "mode", "620" },
		{ NULL, NULL } };
	const int terminals = make_mount("devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	int error = terminals < 0 ? terminals : 0;
	if (error == 0 &&
		(mkdirat(folder->writable, "pts", 0755) < 0 ||
			symlinkat("pts/ptmx", folder->writable, "ptmx") < 0 ||
			move_mount(terminals, "", folder->shown, "pts", MOVE_MOUNT_F_EMPTY_PATH) <
				0))
		error = -errno;
	if (terminals >= 0)
		close(terminals);
	return error;
}

static int fill(const struct device_folder *folder)
{
	if (mkdirat(folder->writable, "input", 0755) < 0)
		return -errno;
	const int error = mount_terminals(folder);
	return error < 0 ? error : seal(folder);
}

int device_folder_make(struct device_folder *folder)
{
	static const char *const options[][2] = { { "mode", "0755" }, { "size", "1m" },
		{ NULL, NULL } };
	*folder = DEVICE_FOLDER_NONE;
	int error = 0;
	folder->machine = open(PLACE, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder->machine < 0)
		return -errno;
	folder->shown = make_mount(
		"tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (folder->shown < 0)
		error = folder->shown;
	else if (move_mount(folder->shown, "", AT_FDCWD, PLACE, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		error = -errno;
	if (error == 0) {
		folder->writable = open_tree(
			folder->shown, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
		error = folder->writable < 0 ? -errno : fill(folder);
	}
	if (error < 0)
		device_folder_close(folder);
	return error;
}

void device_folder_close(struct device_folder *folder)
{
	const int files[] = { folder->machine, folder->shown, folder->writable };
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (files[i] >= 0)
			close(files[i]);
	}
	*folder = DEVICE_FOLDER_NONE;
}

int device_folder_open(const struct device_folder *folder, const char *name)
{
	const struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	const long file = syscall(SYS_openat2, folder->machine, name, &how, sizeof how);
	return file < 0 ? -errno : (int)file;
}

static int make_place(const struct device_folder *folder, const char *name, bool is_folder)
{
	if (is_folder)
		return mkdirat(folder->writable, name, 0755) < 0 ? -errno : 0;
	const int file = openat(folder->writable, name,
		O_CREAT | O_EXCL | O_RDONLY | O_NOFOLLOW | O_CLOEXEC, COVERED_MODE);
	if (file < 0)
		return -errno;
	close(file);
	return 0;
}

static void remove_place(const struct device_folder *folder, const char *name)
{
	if (unlinkat(folder->writable, name, 0) < 0 && errno == EISDIR)
		unlinkat(folder->writable, name, AT_REMOVEDIR);
}

int device_folder_bind(const struct device_folder *folder, int node, const char *name)
{
	struct stat status;
	if (fstat(node, &status) < 0)
		return -errno;
	const bool is_folder = S_ISDIR(status.st_mode);
	const int copy = open_tree(node, "",
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
			(is_folder ? AT_RECURSIVE : 0u));
	if (copy < 0)
		return -errno;
	int error = make_place(folder, name, is_folder);
	if (error == 0 && move_mount(copy, "", folder->shown, name, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
		error = -errno;
		remove_place(folder, name);
	}
	close(copy);
	return error;
}

int device_folder_link(const struct device_folder *folder, const char *name)
{
	char target[PATH_MAX];
	const ssize_t size = readlinkat(folder->machine, name, target, sizeof target - 1);
	if (size < 0)
		return -errno;
	target[size] = '\0';
	return symlinkat(target, folder->writable, name) < 0 ? -errno : 0;
}

void device_folder_remove(const struct device_folder *folder, const char *name)
{
	char path[PATH_MAX];
	/* Not by a descriptor: the name is that of what is mounted there, and a link has nothing mounted on it. */
	snprintf(path, sizeof path, PLACE "/%s", name);
	umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	remove_place(folder, name);
}

void device_folder_touch(const struct device_folder *folder, const char *name)
{
	fchmodat(folder->writable, name, COVERED_MODE, 0);
}
