#include "display/sway/sway_identity.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The start time in clock ticks after boot: the 22nd field of /proc/PID/stat; 0: no such process. */
static unsigned long long start_of(pid_t pid)
{
	char path[64], text[1024], state;
	unsigned long long start;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return 0;
	const ssize_t size = read(file, text, sizeof text - 1);
	close(file);
	text[size > 0 ? size : 0] = '\0';
	const char *rest = strrchr(text, ')'); /* the name before it may hold anything */
	if (!rest ||
		sscanf(rest,
			") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			"%*s %llu",
			&state, &start) != 2 ||
		state == 'Z')
		return 0;
	return start;
}

bool sway_identity_of(pid_t pid, char identity[SWAY_IDENTITY_MAX])
{
	const unsigned long long start = pid > 0 ? start_of(pid) : 0;
	if (start > 0)
		snprintf(identity, SWAY_IDENTITY_MAX, "%d:%llu", (int)pid, start);
	return start > 0;
}

bool sway_identity_lives(const char *text)
{
	char current[SWAY_IDENTITY_MAX];
	const char *last = strrchr(text, ':');
	const char *colon = last;
	while (colon && colon > text && colon[-1] != ':')
		colon--;
	return colon && colon > text && sway_identity_of((pid_t)atoi(colon), current) &&
		strcmp(colon, current) == 0;
}
