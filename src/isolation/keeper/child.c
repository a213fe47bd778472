#include "isolation/keeper/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "isolation/search_path.h"
#include "process/child_setup.h"

#define REPORT 3 /* where the child says why it could not run */

struct child {
	LIST_ENTRY(child) entry;
	struct keeper *keeper;
	pid_t pid;
	int pidfd;
	int report; /* -1 once it is known */
	sd_event_source *reporting;
	char why[128]; /* it could not be run */
	const struct child_events *events;
	void *data;
};

/* Why it did not run; written at once, so read whole. */
struct report {
	int error;
	char text[32];
};

struct preparation {
	const struct child_params *params;
	char path[PATH_MAX];
	const char **arguments;
	const char *home;
	int null, output, report;
	struct user_map user_map;
};

/* The three that are placed are all above REPORT. */
static bool place_descriptors(const struct preparation *preparation)
{
	return dup2(preparation->null, STDIN_FILENO) >= 0 &&
		dup2(preparation->output, STDOUT_FILENO) >= 0 &&
		dup2(preparation->output, STDERR_FILENO) >= 0 &&
		dup3(preparation->report, REPORT, O_CLOEXEC) >= 0 &&
		close_range(REPORT + 1, ~0u, 0) == 0;
}

static bool enter_folder(const struct preparation *preparation)
{
	if (preparation->params->folder)
		return chdir(preparation->params->folder) == 0;
	return (preparation->home && chdir(preparation->home) == 0) || chdir("/") == 0;
}

static _Noreturn void give_up(const char *text)
{
	struct report report = { .error = errno };
	snprintf(report.text, sizeof report.text, "%s", text);
	_exit(write(REPORT, &report, sizeof report) == sizeof report ? 127 : 126);
}

static _Noreturn void run(const struct preparation *preparation)
{
	const struct child_params *params = preparation->params;
	prctl(PR_SET_DUMPABLE, 1); /* or /proc/self is not its own */
	plain_signals();
	umask(022);
	setsid();
	if (!place_descriptors(preparation))
		_exit(126);
	if (params->as_ordinary_user && !become_ordinary_user(&preparation->user_map))
		give_up("no ordinary user");
	if (params->function) {
		close(REPORT);
		_exit(params->function(params->function_argument));
	}
	if (!enter_folder(preparation))
		give_up("its folder cannot be entered");
	execve(preparation->path, (char *const *)preparation->arguments, params->environment->list);
	give_up("it cannot be run");
}

static void child_free(struct child *child)
{
	if (child->entry.le_prev)
		LIST_REMOVE(child, entry);
	sd_event_source_disable_unref(child->reporting);
	if (child->report >= 0)
		close(child->report);
	if (child->pidfd >= 0)
		close(child->pidfd);
	free(child);
}

/* An end without a word: its program runs. */
static void read_report(struct child *child)
{
	struct report report;
	const ssize_t size = child->report < 0 ? -1 : read(child->report, &report, sizeof report);
	if (size < 0)
		return; /* it has not got that far, or said it before */
	child->reporting = sd_event_source_disable_unref(child->reporting);
	close(child->report);
	child->report = -1;
	if (size == sizeof report)
		snprintf(child->why, sizeof child->why, "%.31s: %s", report.text,
			strerror(report.error));
	else if (child->events->started)
		child->events->started(child->data, child);
}

static int on_report(sd_event_source *source, int fd, uint32_t events, void *data)
{
	read_report(data);
	return 0;
}

static int watch(struct child *child, const struct preparation *preparation, int output)
{
	int error = output_read(child->keeper, preparation->params->role, output);
	child->pidfd = pidfd_open(child->pid, 0);
	if (child->pidfd < 0)
		error = -errno;
	if (error >= 0 && !preparation->params->function)
		error = sd_event_add_io(child->keeper->event, &child->reporting, child->report,
			EPOLLIN, on_report, child);
	return error < 0 ? error : 0;
}

static int start_process(struct child *child, struct preparation *preparation)
{
	int output[2], report[2];
	if (pipe2(output, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	if (pipe2(report, O_CLOEXEC | O_NONBLOCK) < 0) {
		const int error = -errno;
		close(output[0]);
		close(output[1]);
		return error;
	}
	/* Programs expect that a write waits. */
	fcntl(output[1], F_SETFL, 0);
	preparation->output = output[1];
	preparation->report = report[1];
	child->pid = fork();
	if (child->pid == 0)
		run(preparation);
	const int error = child->pid < 0 ? -errno : 0;
	close(output[1]);
	close(report[1]);
	child->report = report[0];
	if (error < 0) {
		close(output[0]);
		return error;
	}
	return watch(child, preparation, output[0]);
}

/* The command as it is run: confined, if everything in the tree is. */
static int make_arguments(struct preparation *preparation, const struct keeper *keeper)
{
	const struct child_params *params = preparation->params;
	const char *search_path = assignments_get(params->environment, "PATH");
	size_t confinement = 0, count = 0;
	if (!search_path_find(search_path ? search_path : SEARCH_PATH_DEFAULT, params->arguments[0],
		    preparation->path))
		return -errno;
	while (keeper->confinement && keeper->confinement[confinement])
		confinement++;
	while (params->arguments[count])
		count++;
	preparation->arguments = calloc(confinement + count + 1, sizeof *preparation->arguments);
	if (!preparation->arguments)
		return -ENOMEM;
	for (size_t i = 0; i < confinement; i++)
		preparation->arguments[i] = keeper->confinement[i];
	memcpy(preparation->arguments + confinement, params->arguments,
		count * sizeof *params->arguments);
	if (confinement > 0)
		snprintf(preparation->path, sizeof preparation->path, "%s", keeper->confinement[0]);
	return 0;
}

static int prepare(struct preparation *preparation, const struct keeper *keeper)
{
	const struct child_params *params = preparation->params;
	if (!params->function) {
		const int error = make_arguments(preparation, keeper);
		if (error < 0)
			return error;
		preparation->home = assignments_get(params->environment, "HOME");
	}
	ordinary_user_prepare(&preparation->user_map);
	preparation->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return preparation->null < 0 ? -errno : 0;
}

struct child *child_start(struct keeper *keeper, const struct child_params *params,
	const struct child_events *events, void *data)
{
	struct preparation preparation = { .params = params, .null = -1 };
	struct child *child = calloc(1, sizeof *child);
	if (!child)
		return NULL;
	*child = (struct child){
		.keeper = keeper,
		.pidfd = -1,
		.report = -1,
		.events = events,
		.data = data,
	};
	int error = prepare(&preparation, keeper);
	if (error == 0)
		error = start_process(child, &preparation);
	free(preparation.arguments);
	if (preparation.null >= 0)
		close(preparation.null);
	if (error < 0) {
		if (child->pid > 0)
			child_kill(child); /* collected as one of those nobody knows */
		child_free(child);
		errno = -error;
		return NULL;
	}
	LIST_INSERT_HEAD(&keeper->children, child, entry);
	return child;
}

void child_signal(const struct child *child, int signal_number)
{
	kill(child->pid, signal_number);
}

/* Not collected yet, so the numbers are its own. It may not lead its group yet. */
void child_kill(const struct child *child)
{
	if (!child)
		return;
	kill(child->pid, SIGKILL);
	kill(-child->pid, SIGKILL);
}

int child_pidfd(const struct child *child)
{
	return child->pidfd;
}

static struct child *find_child(const struct keeper *keeper, pid_t pid)
{
	struct child *child;
	LIST_FOREACH (child, &keeper->children, entry) {
		if (child->pid == pid)
			return child;
	}
	return NULL;
}

static void on_child_end(struct child *child, int status)
{
	const struct child_events *events = child->events;
	void *data = child->data;
	char why[sizeof child->why];
	read_report(child);
	memcpy(why, child->why, sizeof why);
	outputs_drain(child->keeper);
	child_free(child);
	events->exited(data, status, why);
}

int children_collect(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	struct keeper *keeper = data;
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		struct child *child = find_child(keeper, pid);
		if (child)
			on_child_end(child, status);
	}
	return 0;
}
