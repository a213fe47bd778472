#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "isolation/keeper/child.h"
#include "isolation/launch.h"

#define SETUP_DEADLINE_US 10000000u

/* From outside, such as a service manager's; what is in the tree cannot end it by a signal. */
static int on_terminate(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	if (info->ssi_pid == 0)
		keeper_finish(data);
	return 0;
}

static int on_setup_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	keeper_finish(data);
}

/* The keeper's alone: what it starts as an ordinary user loses it at its execve. */
static bool keep_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
		syscall(SYS_capget, &header, sets) < 0)
		return false;
	sets[0].inheritable = sets[1].inheritable = 0;
	return syscall(SYS_capset, &header, sets) == 0;
}

static int prepare(struct keeper *keeper)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (!keep_capabilities())
		return -errno;
	prctl(PR_SET_DUMPABLE,
		0); /* what runs in the tree is of the same user: it may not trace us */
	int error = sd_event_new(&keeper->event);
	if (error >= 0)
		error = sd_event_add_signal(keeper->event, NULL, SIGCHLD, children_collect, keeper);
	if (error >= 0)
		error = sd_event_add_signal(keeper->event, NULL, SIGTERM, on_terminate, keeper);
	if (error >= 0)
		error = sd_event_add_time_relative(keeper->event, &keeper->setup_deadline,
			CLOCK_MONOTONIC, SETUP_DEADLINE_US, 1000, on_setup_deadline, keeper);
	if (error >= 0)
		error = keeper_attach(keeper, KEEPER_SOCKET);
	return error;
}

int main(int count, char **arguments)
{
	static const char usage[] =
		"lodge-keeper is started by lodged, as the first process of an isolated desktop "
		"(docs/isolation.md); it does nothing else.\n";
	if (count != 2 || getpid() != 1 || strcmp(arguments[1], "--help") == 0) {
		fputs(usage, stderr);
		return 2;
	}
	struct keeper *keeper = calloc(1, sizeof *keeper);
	if (!keeper || prepare(keeper) < 0)
		return 1;
	sd_event_loop(keeper->event);
	keeper_finish(keeper);
}
