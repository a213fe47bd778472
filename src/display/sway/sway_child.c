#include "display/sway/sway_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/child_setup.h"

/* Everything the child needs, made before the fork: afterwards only async-signal-safe calls are allowed. */
struct preparation {
	const struct sway_child_params *params;
	pid_t parent;
	int null;
	struct user_map user_map;
};

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
	plain_signals();
	umask(022);
	/* The death signal last: changed credentials would take it away. */
	if (setsid() < 0 ||
		(params->as_ordinary_user && !become_ordinary_user(&preparation->user_map)) ||
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
	ordinary_user_prepare(&preparation.user_map);
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
