#include "display/sway/sway_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "display/sway/sway_child.h"
#include "display/sway/sway_environment.h"
#include "display/sway/sway_folder.h"
#include "display/sway/sway_isolated.h"
#include "display/sway/sway_leftovers.h"
#include "display/sway/sway_sockets.h"

#define START_DEADLINE_US 15000000u
#define STOP_DEADLINE_MS 1000
/* The first sway that runs as root. */
#define ROOT_MAJOR 1
#define ROOT_MINOR 8

struct sway_process {
	sd_event *event;
	struct display_journal *journal; /* not owned; may be NULL */
	char folder[PATH_MAX];
	char *binary;
	char **environment;
	const char *home; /* points into environment */
	pid_t pid; /* 0: none */
	int version_pipe; /* -1, or what `sway --version` prints */
	sd_event_source *child;
	struct sway_sockets *sockets;
	struct sway_isolated *isolated; /* then nothing above is there */
	const struct sway_process_events *events;
	void *data;
};

static const char *find_variable(char *const *environment, const char *name)
{
	const size_t size = strlen(name);
	for (; *environment; environment++) {
		if (strncmp(*environment, name, size) == 0 && (*environment)[size] == '=')
			return *environment + size + 1;
	}
	return "/";
}

/* Ends the process group, then collects its leader: in this order, so that the id cannot be someone else's. */
static void end_process(struct sway_process *process)
{
	if (process->pid <= 0)
		return;
	const int pidfd = sd_event_source_get_child_pidfd(process->child);
	struct pollfd wait = { .fd = pidfd, .events = POLLIN };
	kill(process->pid, SIGTERM);
	if (pidfd < 0 || poll(&wait, 1, STOP_DEADLINE_MS) != 1)
		fprintf(stderr, "lodged: sway: process %d did not end in %d ms; it is killed\n",
			(int)process->pid, STOP_DEADLINE_MS);
	kill(process->pid, SIGKILL);
	kill(-process->pid, SIGKILL);
	while (waitid(P_PID, (id_t)process->pid, &(siginfo_t){ 0 }, WEXITED) < 0 && errno == EINTR)
		;
	process->pid = 0;
}

static void stop_watching(struct sway_process *process)
{
	sway_sockets_destroy(process->sockets);
	process->sockets = NULL;
}

void sway_process_destroy(struct sway_process *process)
{
	if (!process)
		return;
	stop_watching(process);
	sway_isolated_destroy(process->isolated);
	end_process(process);
	sd_event_source_disable_unref(process->child);
	if (process->version_pipe >= 0)
		close(process->version_pipe);
	if (process->folder[0]) {
		sway_leftovers_end(process->folder);
		const int error = sway_leftovers_remove(process->folder);
		if (error < 0)
			fprintf(stderr, "lodged: sway: the folder %s is left behind: %s\n",
				process->folder, strerror(-error));
		else
			sway_folder_forget(process->journal, process->folder);
	}
	sway_environment_free(process->environment);
	free(process->binary);
	sd_event_unref(process->event);
	free(process);
}

static void describe_end(const siginfo_t *end, char *text, size_t size)
{
	if (end->si_code == CLD_EXITED && end->si_status == 127)
		snprintf(text, size, "sway could not be started (status 127)");
	else if (end->si_code == CLD_EXITED)
		snprintf(text, size, "sway ended with status %d", end->si_status);
	else
		snprintf(text, size, "sway was ended by signal %d (%s)", end->si_status,
			strsignal(end->si_status));
}

static int on_sway_exit(sd_event_source *source, const siginfo_t *end, void *data)
{
	struct sway_process *process = data;
	char text[128];
	describe_end(end, text, sizeof text);
	stop_watching(process);
	kill(-process->pid, SIGKILL); /* not collected yet: the id is still its own */
	process->pid = 0;
	process->events->exited(process->data, text);
	return 0;
}

static void on_late(void *data)
{
	struct sway_process *process = data;
	stop_watching(process);
	process->events->exited(process->data, "sway did not open its sockets in time");
}

static void on_sockets(void *data, const char *ipc_socket, const char *wayland_socket)
{
	struct sway_process *process = data;
	stop_watching(process);
	process->events->ready(process->data, ipc_socket, wayland_socket);
}

static int start_child(struct sway_process *process, char *const *arguments, int output,
	bool as_ordinary_user, sd_event_child_handler_t on_exit)
{
	const pid_t pid = sway_child_start(&(struct sway_child_params){
		.binary = process->binary,
		.arguments = arguments,
		.environment = process->environment,
		.folder = process->home,
		.output = output,
		.as_ordinary_user = as_ordinary_user,
	});
	if (pid < 0)
		return pid;
	process->pid = pid;
	sd_event_source_disable_unref(process->child);
	process->child = NULL;
	return sd_event_add_child(process->event, &process->child, pid, WEXITED, on_exit, process);
}

static int start_sway(struct sway_process *process, bool as_ordinary_user)
{
	char config[PATH_MAX + 8];
	snprintf(config, sizeof config, "%s/config", process->folder);
	char *arguments[] = { "sway", "-c", config, NULL };
	return start_child(process, arguments, -1, as_ordinary_user, on_sway_exit);
}

static bool refuses_root(int version_pipe)
{
	char text[64];
	unsigned major = 0, minor = 0;
	const ssize_t size = read(version_pipe, text, sizeof text - 1);
	text[size > 0 ? size : 0] = '\0';
	if (sscanf(text, "sway version %u.%u", &major, &minor) != 2)
		return false;
	return major < ROOT_MAJOR || (major == ROOT_MAJOR && minor < ROOT_MINOR);
}

static int on_version_exit(sd_event_source *source, const siginfo_t *end, void *data)
{
	struct sway_process *process = data;
	process->pid = 0;
	const bool as_ordinary_user = refuses_root(process->version_pipe);
	close(process->version_pipe);
	process->version_pipe = -1;
	const int error = start_sway(process, as_ordinary_user);
	if (error < 0) {
		stop_watching(process);
		process->events->exited(process->data, strerror(-error));
	}
	return 0;
}

static int ask_version(struct sway_process *process)
{
	char *arguments[] = { "sway", "--version", NULL };
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	process->version_pipe = ends[0];
	const int error = start_child(process, arguments, ends[1], false, on_version_exit);
	close(ends[1]);
	return error;
}

static int prepare_folder(struct sway_process *process, const struct sway_spawn_params *params)
{
	char folder[PATH_MAX];
	const char *parent = params->runtime_parent ? params->runtime_parent : SWAY_RUNTIME_PARENT;
	if (snprintf(folder, sizeof folder, "%s/" SWAY_FOLDER_TEMPLATE, parent) >=
		(int)sizeof folder)
		return -ENAMETOOLONG;
	if (!mkdtemp(folder)) /* 0700 */
		return -errno;
	strcpy(process->folder, folder);
	sway_folder_note(process->journal, folder);
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int error = fd < 0 ? -errno : sway_environment_write_config(fd, params);
	if (fd >= 0)
		close(fd);
	return error;
}

static int start(struct sway_process *process, const struct sway_spawn_params *params)
{
	static const struct sway_sockets_events sockets = { .found = on_sockets, .late = on_late };
	if (params->isolation) {
		process->isolated =
			sway_isolated_start(process->event, params, process->events, process->data);
		return process->isolated ? 0 : -errno;
	}
	process->binary = sway_environment_find_binary(params);
	if (!process->binary)
		return -errno;
	int error = prepare_folder(process, params);
	if (error < 0)
		return error;
	process->environment = sway_environment_make(params, process->folder);
	if (!process->environment)
		return -ENOMEM;
	process->home = find_variable(process->environment, "HOME");
	process->sockets = sway_sockets_await(
		process->event, process->folder, START_DEADLINE_US, &sockets, process);
	error = process->sockets ? 0 : -errno;
	if (error >= 0)
		error = geteuid() == 0 ? ask_version(process) : start_sway(process, false);
	return error;
}

struct sway_process *sway_process_start(sd_event *event, const struct sway_spawn_params *params,
	const struct sway_process_events *events, void *data)
{
	struct sway_process *process = calloc(1, sizeof *process);
	if (!process)
		return NULL;
	process->event = sd_event_ref(event);
	process->version_pipe = -1;
	process->journal = params->journal;
	process->events = events;
	process->data = data;
	const int error = start(process, params);
	if (error < 0) {
		fprintf(stderr, "lodged: sway: %s cannot be started in %s: %s\n",
			params->binary ? params->binary : "sway",
			process->folder[0] ? process->folder : params->runtime_parent,
			strerror(-error));
		sway_process_destroy(process);
		errno = -error;
		return NULL;
	}
	return process;
}
