#include "isolation/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "isolation/keeper_message.h"
#include "process/child_setup.h"

#define PROBE_DEADLINE_MS 10000 /* the kernel may still be taking other network namespaces down */
#define X11_FOLDER "/tmp/.X11-unix"
/* Once numbers have gone round, the kernel gives none below this away. */
#define RESERVED_PIDS 300

/* <linux/landlock.h> of Linux 6.12, struct landlock_ruleset_attr; Debian 12 has an older one. */
struct scope {
	uint64_t handled_access_fs, handled_access_net, scoped;
};
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET ((uint64_t)1 << 0)
#define LANDLOCK_VERSION ((uint32_t)1 << 0) /* asks for the version instead */
#define LANDLOCK_WITH_SCOPES 6

/* Everything the child needs, made before it: it may only call what is async-signal-safe. */
struct preparation {
	const struct launch_params *params;
	struct user_map user_map;
	char pid_max[32];
	int null;
	bool scopes_sockets;
	struct keeper_writer message;
};

static bool mount_x11_folder(void)
{
	if (mkdir(X11_FOLDER, 01777) == 0)
		chmod(X11_FOLDER, 01777); /* as an X server makes it, whatever the umask */
	return mount("tmpfs", X11_FOLDER, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") == 0;
}

static bool mount_proc(void)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
}

/*
 * Sockets with abstract names belong to the network, which trees share: X servers, and buses, listen there, too. With
 * Landlock (Linux 6.12) whatever is in the tree reaches only those of the tree. Without it, nothing is done.
 */
static bool scope_abstract_sockets(const struct preparation *preparation)
{
	const struct scope scope = { .scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET };
	if (!preparation->scopes_sockets)
		return true;
	const int rules = (int)syscall(SYS_landlock_create_ruleset, &scope, sizeof scope, 0);
	const bool scoped = rules >= 0 && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	if (rules >= 0)
		close(rules);
	return scoped;
}

/* lodge-keeper mounts devices while the tree runs; it sees to it that nothing else can. Root can without this. */
static bool keep_mounting(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { 0 };
	sets[0].permitted = sets[0].effective = sets[0].inheritable = 1u << CAP_SYS_ADMIN;
	return syscall(SYS_capset, &header, sets) == 0 &&
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0) == 0;
}

static bool limit_processes(const struct preparation *preparation)
{
	return preparation->params->processes_max == 0 ||
		write_kernel_file("/proc/sys/kernel/pid_max", preparation->pid_max);
}

static bool place_descriptors(const struct preparation *preparation)
{
	/* First out of the way of where they go. */
	const int socket = fcntl(preparation->params->socket, F_DUPFD, KEEPER_SOCKET + 1);
	const int null = fcntl(preparation->null, F_DUPFD, KEEPER_SOCKET + 1);
	return socket >= 0 && null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
		dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
		dup2(socket, KEEPER_SOCKET) >= 0 && close_range(KEEPER_SOCKET + 1, ~0u, 0) == 0;
}

static const char *find_fault(const struct preparation *preparation)
{
	if (preparation->params->user_namespace && !user_map_write(&preparation->user_map))
		return "the user cannot be mapped";
	if (!mount_proc())
		return "/proc cannot be mounted";
	if (!mount_x11_folder())
		return X11_FOLDER " cannot be mounted";
	if (!scope_abstract_sockets(preparation))
		return "Landlock cannot be used";
	if (!limit_processes(preparation))
		return "kernel.pid_max cannot be set";
	if (preparation->params->user_namespace && geteuid() != 0 && !keep_mounting())
		return "the right to mount cannot be kept";
	return NULL;
}

static _Noreturn void run(struct preparation *preparation)
{
	const struct launch_params *params = preparation->params;
	char *arguments[] = { "lodge-keeper", (char *)params->name, NULL };
	char *environment[] = { NULL };
	plain_signals();
	umask(022);
	setsid();
	const char *fault = find_fault(preparation);
	if (!params->keeper)
		_exit(fault ? errno : 0);
	if (!fault && (chdir("/") < 0 || !place_descriptors(preparation)))
		fault = "its descriptors cannot be placed";
	if (!fault) {
		execve(params->keeper, arguments, environment);
		fault = "lodge-keeper cannot be run";
	}
	const int error = errno;
	keeper_write(&preparation->message, KEEPER_FAILED, 0, 0, (uint64_t)error);
	keeper_write_string(&preparation->message, KEEPER_STRING_TEXT, fault);
	/* To the one that was handed in, or to where it was placed. */
	if (send(params->socket, preparation->message.bytes, preparation->message.size,
		    MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		send(KEEPER_SOCKET, preparation->message.bytes, preparation->message.size,
			MSG_NOSIGNAL | MSG_DONTWAIT);
	_exit(127);
}

static pid_t clone_into(struct preparation *preparation, int group, int *pidfd)
{
	struct clone_args arguments = {
		.flags = CLONE_PIDFD | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	if (preparation->params->user_namespace)
		arguments.flags |= CLONE_NEWUSER;
	if (group >= 0) {
		arguments.flags |= CLONE_INTO_CGROUP;
		arguments.cgroup = (uint64_t)group;
	}
	const long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
	if (pid == 0)
		run(preparation);
	return pid < 0 ? -errno : (pid_t)pid;
}

pid_t launch(const struct launch_params *params, int *pidfd)
{
	struct preparation preparation = { .params = params };
	int group = -1;
	user_map_prepare(&preparation.user_map, geteuid(), getegid());
	snprintf(preparation.pid_max, sizeof preparation.pid_max, "%llu",
		(unsigned long long)params->processes_max + RESERVED_PIDS);
	preparation.scopes_sockets = launch_scopes_sockets();
	preparation.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (preparation.null < 0)
		return -errno;
	if (params->control_group && params->control_group[0]) {
		group = open(params->control_group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (group < 0) {
			close(preparation.null);
			return -errno;
		}
	}
	const pid_t pid = clone_into(&preparation, group, pidfd);
	close(preparation.null);
	if (group >= 0)
		close(group);
	return pid;
}

bool launch_scopes_sockets(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION) >=
		LANDLOCK_WITH_SCOPES;
}

bool launch_limits_processes(void)
{
	struct utsname name;
	unsigned major = 0, minor = 0;
	return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
		(major > 6 || (major == 6 && minor >= 14));
}

static int try(bool user_namespace)
{
	int pidfd = -1;
	siginfo_t end = { 0 };
	const pid_t pid = launch(
		&(struct launch_params){ .socket = -1, .user_namespace = user_namespace }, &pidfd);
	if (pid < 0)
		return (int)pid;
	struct pollfd wait = { .fd = pidfd, .events = POLLIN };
	if (poll(&wait, 1, PROBE_DEADLINE_MS) != 1)
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
	while (waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED) < 0 && errno == EINTR)
		;
	close(pidfd);
	return end.si_code == CLD_EXITED ? -end.si_status : -ETIMEDOUT;
}

int launch_probe(bool *user_namespace)
{
	*user_namespace = false;
	if (geteuid() == 0 && try(false) == 0)
		return 0;
	*user_namespace = true;
	return try(true);
}
