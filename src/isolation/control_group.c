#include "isolation/control_group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "lodge-tree-"

static int write_file(const char *folder, const char *name, const char *text)
{
	char path[CONTROL_GROUP_MAX + 32];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	const int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	const int error = write(file, text, strlen(text)) < 0 ? -errno : 0;
	close(file);
	return error;
}

/* The mount point of cgroup2: "... ROOT POINT OPTIONS [TAGS] - cgroup2 ...", ROOT being that of this namespace. */
static bool find_mount(char point[CONTROL_GROUP_MAX], char root[CONTROL_GROUP_MAX])
{
	bool found = false;
	char *line = NULL;
	size_t capacity = 0;
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	while (mounts && !found && getline(&line, &capacity, mounts) >= 0)
		found = strstr(line, " - cgroup2 ") &&
			sscanf(line, "%*s %*s %*s %511s %511s", root, point) == 2;
	free(line);
	if (mounts)
		fclose(mounts);
	return found;
}

/* "0::/path" */
static bool find_own(const char *process, char own[CONTROL_GROUP_MAX])
{
	bool found = false;
	char *line = NULL, file[64];
	size_t capacity = 0;
	snprintf(file, sizeof file, "/proc/%s/cgroup", process);
	FILE *groups = fopen(file, "re");
	while (groups && !found && getline(&line, &capacity, groups) >= 0)
		found = sscanf(line, "0::%511[^\n]", own) == 1;
	free(line);
	if (groups)
		fclose(groups);
	return found;
}

/* The folder of a process' group; "": it cannot be told. */
static void find_folder(const char *process, char path[CONTROL_GROUP_MAX])
{
	char point[CONTROL_GROUP_MAX], root[CONTROL_GROUP_MAX], own[CONTROL_GROUP_MAX];
	path[0] = '\0';
	if (!find_mount(point, root) || !find_own(process, own))
		return;
	const size_t above = strcmp(root, "/") == 0 ? 0 : strlen(root);
	const char *below = strncmp(own, root, above) == 0 ? own + above : own;
	if (strcmp(below, "/") == 0)
		below = "";
	if (snprintf(path, CONTROL_GROUP_MAX, "%s%s", point, below) >= CONTROL_GROUP_MAX)
		path[0] = '\0';
}

void control_group_find(char base[CONTROL_GROUP_MAX])
{
	char members[CONTROL_GROUP_MAX + 32];
	find_folder("self", base);
	snprintf(members, sizeof members, "%s/cgroup.procs", base);
	if (access(base, W_OK) < 0 || access(members, W_OK) < 0)
		base[0] = '\0';
}

int control_group_of(pid_t pid, const char *unit, char path[CONTROL_GROUP_MAX])
{
	char process[24];
	snprintf(process, sizeof process, "%d", (int)pid);
	find_folder(process, path);
	const char *name = strrchr(path, '/');
	if (name && strcmp(name + 1, unit) == 0)
		return 0;
	path[0] = '\0';
	return -ENOENT;
}

int control_group_enter(const char *path, pid_t pid)
{
	char text[16];
	snprintf(text, sizeof text, "%d", (int)pid);
	return write_file(path, "cgroup.procs", text);
}

int control_group_make(const char *base, const char *name, char path[CONTROL_GROUP_MAX])
{
	for (unsigned attempt = 0; attempt < 100; attempt++) {
		const int size = snprintf(path, CONTROL_GROUP_MAX, "%s/" PREFIX "%s.%d.%u", base,
			name, (int)getpid(), attempt);
		if (size >= CONTROL_GROUP_MAX) {
			errno = ENAMETOOLONG;
			break;
		}
		if (mkdir(path, 0755) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	const int error = errno;
	path[0] = '\0';
	return -error;
}

bool control_group_limit(const char *path, uint32_t processes_max)
{
	char text[16];
	snprintf(text, sizeof text, "%" PRIu32, processes_max);
	return path[0] && write_file(path, "pids.max", text) == 0;
}

void control_group_kill(const char *path)
{
	if (path[0])
		write_file(path, "cgroup.kill", "1");
}

int control_group_remove(const char *path)
{
	return !path[0] || rmdir(path) == 0 || errno == ENOENT ? 0 : -errno;
}

/* "lodge-tree-NAME.PID.NUMBER" */
static bool has_maker(const char *name)
{
	const char *dot = strchr(name, '.');
	const int maker = dot ? atoi(dot + 1) : 0;
	return maker <= 0 || kill(maker, 0) == 0 || errno == EPERM;
}

void control_group_sweep(const char *base)
{
	char path[CONTROL_GROUP_MAX + NAME_MAX];
	DIR *groups = base[0] ? opendir(base) : NULL;
	for (const struct dirent *entry; groups && (entry = readdir(groups));) {
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 || has_maker(entry->d_name))
			continue;
		snprintf(path, sizeof path, "%s/%s", base, entry->d_name);
		rmdir(path); /* one that is in use stays */
	}
	if (groups)
		closedir(groups);
}

bool control_group_is_ours(const char *path)
{
	const char *name = strrchr(path, '/');
	return path[0] == '/' && !strstr(path, "/../") && name &&
		strncmp(name + 1, PREFIX, strlen(PREFIX)) == 0;
}
