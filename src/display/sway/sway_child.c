#include "display/sway/sway_child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORDINARY_ID 1000

/* Everything the child needs, made before the fork: afterwards only async-signal-safe calls are allowed. */
struct preparation {
	const struct sway_child_params *params;
	pid_t parent;
	int null;
	char user_map[64], group_map[64];
};

static bool write_file(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);
	const ssize_t size = (ssize_t)strlen(text);
	const bool written = fd >= 0 && write(fd, text, (size_t)size) == size;
	if (fd >= 0)
		close(fd);
	return written;
}

static bool become_ordinary_user(const struct preparation *preparation)
{
	return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
		write_file("/proc/self/uid_map", preparation->user_map) &&
		write_file("/proc/self/gid_map", preparation->group_map);
}

static void restore_signals(void)
{
	sigset_t none;
	for (int signal = 1; signal < NSIG; signal++)
		sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool place_descriptors(const struct preparation *preparation)
{
	const int output = preparation->params->output;
	return dup2(preparation->null, STDIN_FILENO) >= 0 &&
		dup2(output >= 0 ? output : STDERR_FILENO, STDOUT_FILENO) >= 0 &&
		close_range(3, ~0u, 0) == 0;
}

static _Noreturn void run(const struct preparation *preparation)
{
	const struct sway_child_params *params = preparation->params;
	restore_signals();
	umask(022);
	/* The death signal last: changed credentials would take it away. */
	if (setsid() < 0 || (params->as_ordinary_user && !become_ordinary_user(preparation)) ||
		!place_descriptors(preparation) || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		_exit(127);
	if (getppid() != preparation->parent)
		_exit(127); /* died in between: no signal will come */
	if (chdir(params->folder) < 0 && chdir("/") < 0)
		_exit(127);
	execve(params->binary, params->arguments, params->environment);
	_exit(127);
}

pid_t sway_child_start(const struct sway_child_params *params)
{
	struct preparation preparation = { .params = params, .parent = getpid() };
	snprintf(preparation.user_map, sizeof preparation.user_map, "%d %u 1", ORDINARY_ID,
		geteuid());
	snprintf(preparation.group_map, sizeof preparation.group_map, "%d %u 1", ORDINARY_ID,
		getegid());
	preparation.null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (preparation.null < 0)
		return -errno;
	const pid_t pid = fork();
	if (pid == 0)
		run(&preparation);
	const int error = errno;
	close(preparation.null);
	return pid < 0 ? -error : pid;
}
