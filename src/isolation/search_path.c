#include "isolation/search_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_program(const char *path)
{
	struct stat status;
	if (access(path, X_OK) < 0 || stat(path, &status) < 0)
		return false;
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return false;
	}
	return true;
}

bool search_path_find(const char *search_path, const char *name, char path[PATH_MAX])
{
	int error = ENOENT;
	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && is_program(path);
	for (const char *rest = search_path; name[0] && *rest;) {
		const int size = (int)strcspn(rest, ":");
		if (size > 0 && snprintf(path, PATH_MAX, "%.*s/%s", size, rest, name) < PATH_MAX) {
			if (is_program(path))
				return true;
			error = errno == EACCES ? EACCES : error;
		}
		rest += size + (rest[size] == ':');
	}
	errno = error;
	return false;
}
