#include "isolation/process_start.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define START_FIELD 22 /* proc(5), /proc/PID/stat */

static char *read_small(const char *path, char *text, size_t capacity)
{
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return NULL;
	const ssize_t size = read(file, text, capacity - 1);
	close(file);
	text[size > 0 ? size : 0] = '\0';
	return text;
}

uint64_t process_start(pid_t pid)
{
	char path[64], text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (pid <= 0 || !read_small(path, text, sizeof text))
		return 0;
	const char *rest = strrchr(text, ')'); /* the name before it may hold anything */
	if (!rest || strncmp(rest, ") Z", 3) == 0 || strncmp(rest, ") X", 3) == 0)
		return 0;
	for (int field = 2; rest && field < START_FIELD; field++)
		rest = strchr(rest + 1, ' ');
	return rest ? strtoull(rest, NULL, 10) : 0;
}

int process_open(pid_t pid, uint64_t start)
{
	if (start == 0 || pid <= 0)
		return -1;
	const int pidfd = pidfd_open(pid, 0); /* close-on-exec by itself */
	if (pidfd >= 0 && process_start(pid) != start) {
		close(pidfd);
		return -1;
	}
	return pidfd;
}

pid_t process_of_pidfd(int pidfd)
{
	char path[64], text[512];
	int pid = -1;
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
	const char *line = read_small(path, text, sizeof text) ? strstr(text, "\nPid:") : NULL;
	return line && sscanf(line, "\nPid: %d", &pid) == 1 && pid > 0 ? (pid_t)pid : -1;
}
