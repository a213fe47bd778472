#include "isolation/folder_remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Deeper than any desktop's; beyond it the descriptors would run out. */
#define DEPTH_MAX 64

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int remove_contents(int folder, dev_t device, unsigned depth);

/* A program may have taken the folder's rights away; its owner can take them back. */
static void permit(int parent, const char *name)
{
	char path[64];
	const int folder = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return;
	snprintf(path, sizeof path, "/proc/self/fd/%d", folder);
	chmod(path, 0700);
	close(folder);
}

static int remove_folder(int parent, const char *name, dev_t device, unsigned depth)
{
	struct stat status;
	permit(parent, name);
	const int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(folder, &status) < 0 || status.st_dev != device) {
		close(folder);
		return -EXDEV;
	}
	const int error = remove_contents(folder, device, depth);
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return error < 0 ? error : -errno;
}

static int remove_entry(int folder, const char *name, dev_t device, unsigned depth)
{
	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	return depth < DEPTH_MAX ? remove_folder(folder, name, device, depth + 1) : -ELOOP;
}

/* Takes over `folder`. Goes on after what cannot be removed. */
static int remove_contents(int folder, dev_t device, unsigned depth)
{
	int error = 0;
	DIR *entries = fdopendir(folder);
	if (!entries) {
		close(folder);
		return -ENOMEM;
	}
	for (const struct dirent *entry; (entry = readdir(entries));) {
		if (is_dots(entry->d_name))
			continue;
		const int failure = remove_entry(dirfd(entries), entry->d_name, device, depth);
		error = failure < 0 ? failure : error;
	}
	closedir(entries);
	return error;
}

int folder_remove(const char *path)
{
	struct stat status;
	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISDIR(status.st_mode))
		return -ENOTDIR;
	return remove_folder(AT_FDCWD, path, status.st_dev, 0);
}
