#include "process/child_setup.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL_SIGNALS 64
#define ORDINARY_ID 1000

void plain_signals(void)
{
	/* The kernel's own struct, all zeros: SIG_DFL. The C library keeps two signals to itself, and would refuse them. */
	unsigned long nothing[8];
	sigset_t none;
	memset(nothing, 0, sizeof nothing);
	for (int number = 1; number <= KERNEL_SIGNALS; number++)
		syscall(SYS_rt_sigaction, number, nothing, NULL, KERNEL_SIGNALS / 8);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

bool write_kernel_file(const char *path, const char *text)
{
	const int file = open(path, O_WRONLY | O_CLOEXEC);
	const ssize_t size = (ssize_t)strlen(text);
	const bool written = file >= 0 && write(file, text, (size_t)size) == size;
	if (file >= 0)
		close(file);
	return written;
}

void user_map_prepare(struct user_map *map, uid_t user, gid_t group)
{
	snprintf(map->user, sizeof map->user, "%u %u 1", user, geteuid());
	snprintf(map->group, sizeof map->group, "%u %u 1", group, getegid());
}

bool user_map_write(const struct user_map *map)
{
	return write_kernel_file("/proc/self/setgroups", "deny") &&
		write_kernel_file("/proc/self/uid_map", map->user) &&
		write_kernel_file("/proc/self/gid_map", map->group);
}

void ordinary_user_prepare(struct user_map *map)
{
	user_map_prepare(map, ORDINARY_ID, ORDINARY_ID);
}

bool become_ordinary_user(const struct user_map *map)
{
	return unshare(CLONE_NEWUSER) == 0 && user_map_write(map);
}
