#include "display/sway/sway_leftovers.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 50
#define ROUND_NS 10000000
#define ROUNDS_BEFORE_KILL 20
#define ENVIRONMENT_MAX (256u << 10)

static bool contains_assignment(const char *environment, size_t size, const char *assignment)
{
	const size_t wanted = strlen(assignment) + 1; /* with its NUL */
	const char *found = environment;
	while ((found = memmem(found, size - (size_t)(found - environment), assignment, wanted))) {
		if (found == environment || found[-1] == '\0')
			return true;
		found++;
	}
	return false;
}

static bool runs_in(int process_folder, const char *assignment, char *buffer)
{
	const int fd = openat(process_folder, "environ", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false; /* another user's, or gone */
	size_t size = 0;
	ssize_t got;
	while (size < ENVIRONMENT_MAX &&
		(got = read(fd, buffer + size, ENVIRONMENT_MAX - size)) > 0)
		size += (size_t)got;
	close(fd);
	return contains_assignment(buffer, size, assignment);
}

unsigned sway_leftovers_signal(const char *folder, int signal)
{
	unsigned count = 0;
	char assignment[4096];
	snprintf(assignment, sizeof assignment, "XDG_RUNTIME_DIR=%s", folder);
	char *buffer = malloc(ENVIRONMENT_MAX);
	DIR *processes = opendir("/proc");
	if (!buffer || !processes)
		goto out;
	for (const struct dirent *entry; (entry = readdir(processes));) {
		const pid_t pid = (pid_t)atoi(entry->d_name);
		if (!isdigit((unsigned char)entry->d_name[0]) || pid == getpid())
			continue;
		/* An open folder of /proc stays that of the process it was opened for. */
		const int process_folder =
			openat(dirfd(processes), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (process_folder < 0)
			continue;
		if (runs_in(process_folder, assignment, buffer)) {
			kill(pid, signal);
			count++;
		}
		close(process_folder);
	}
out:
	if (processes)
		closedir(processes);
	free(buffer);
	return count;
}

void sway_leftovers_end(const char *folder)
{
	const struct timespec pause = { .tv_nsec = ROUND_NS };
	for (int round = 0; round < ROUNDS; round++) {
		const int signal = round == 0 ? SIGTERM : round < ROUNDS_BEFORE_KILL ? 0 : SIGKILL;
		if (sway_leftovers_signal(folder, signal) == 0)
			return;
		nanosleep(&pause, NULL);
	}
	fprintf(stderr, "lodged: sway: programs of the desktop in %s did not end\n", folder);
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *level)
{
	return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

int sway_leftovers_remove(const char *folder)
{
	/* A program that is just ending may put a file there while the folder is being emptied. */
	for (int attempt = 0; attempt < 3; attempt++) {
		if (nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0)
			return 0;
	}
	return -errno;
}
