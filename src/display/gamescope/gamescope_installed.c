#include "display/gamescope/gamescope_installed.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "display/gamescope/gamescope_ready.h"
#include "isolation/search_path.h"
#include "process/clock.h"

#define ANSWER_US 5000000u
#define WAIT_MS 1000
#define ANSWER_MAX 4096

struct gamescope_installed {
	struct gamescope_installed_params params;
	pid_t pid; /* 0: it has ended, and its status was taken */
	int fd; /* what it says; -1: all was read */
	sd_event_source *readable, *deadline;
	char said[ANSWER_MAX];
	size_t said_size;
	bool known, usable;
	char text[160];
};

static void end_child(struct gamescope_installed *installed)
{
	installed->readable = sd_event_source_disable_unref(installed->readable);
	installed->deadline = sd_event_source_disable_unref(installed->deadline);
	if (installed->fd >= 0)
		close(installed->fd);
	installed->fd = -1;
	if (installed->pid > 0) {
		kill(installed->pid, SIGKILL);
		while (waitpid(installed->pid, NULL, 0) < 0 && errno == EINTR) {
		}
	}
	installed->pid = 0;
}

static void settle(struct gamescope_installed *installed, bool usable)
{
	end_child(installed);
	installed->known = true;
	installed->usable = usable;
	if (installed->params.known)
		installed->params.known(installed->params.data, usable, installed->text);
}

/* True when there will be no more. */
static bool read_more(struct gamescope_installed *installed)
{
	const size_t room = sizeof installed->said - installed->said_size;
	const ssize_t got =
		room ? read(installed->fd, installed->said + installed->said_size, room) : 0;
	if (got > 0)
		installed->said_size += (size_t)got;
	return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

static void judge(struct gamescope_installed *installed)
{
	settle(installed,
		gamescope_version_judge(installed->said, installed->said_size, installed->text,
			sizeof installed->text) == 0);
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *data)
{
	if (read_more(data))
		judge(data);
	return 0;
}

static void give_up(struct gamescope_installed *installed)
{
	snprintf(installed->text, sizeof installed->text, "gamescope does not tell its version");
	settle(installed, false);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	give_up(data);
	return 0;
}

/* A clean child: nothing of the host's environment, signals or files. Its output comes on *fd. */
static int start_child(const char *path, const char *search_path, pid_t *pid, int *fd)
{
	char variable[PATH_MAX + 8];
	char *arguments[] = { (char *)path, "--version", NULL };
	char *environment[] = { variable, "LANG=C.UTF-8", NULL };
	int ends[2];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	snprintf(variable, sizeof variable, "PATH=%s", search_path);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	const int error = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (error) {
		close(ends[0]);
		return -error;
	}
	*fd = ends[0];
	return fcntl(*fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int watch_child(struct gamescope_installed *installed)
{
	sd_event *event = installed->params.event;
	int error = sd_event_add_io(
		event, &installed->readable, installed->fd, EPOLLIN, on_readable, installed);
	if (error >= 0)
		error = sd_event_add_time_relative(event, &installed->deadline, CLOCK_MONOTONIC,
			ANSWER_US, 0, on_deadline, installed);
	return error;
}

/* There is none, or it cannot be run: told by the loop as well. */
static int on_none(sd_event_source *source, uint64_t usec, void *data)
{
	settle(data, false);
	return 0;
}

static int start(struct gamescope_installed *installed, const char *search_path)
{
	char path[PATH_MAX];
	int error = 0;
	if (search_path_find(search_path, "gamescope", path)) {
		error = start_child(path, search_path, &installed->pid, &installed->fd);
		if (error == 0)
			return watch_child(installed);
		snprintf(installed->text, sizeof installed->text, "gamescope cannot be run: %s",
			strerror(-error));
	} else {
		snprintf(installed->text, sizeof installed->text, "%s", GAMESCOPE_MISSING_TEXT);
	}
	return sd_event_add_time_relative(installed->params.event, &installed->deadline,
		CLOCK_MONOTONIC, 0, 0, on_none, installed);
}

struct gamescope_installed *gamescope_installed_ask(const struct gamescope_installed_params *params)
{
	struct gamescope_installed *installed = calloc(1, sizeof *installed);
	if (!installed)
		return NULL;
	installed->params = *params;
	installed->fd = -1;
	const int error =
		start(installed, params->search_path ? params->search_path : SEARCH_PATH_DEFAULT);
	if (error >= 0)
		return installed;
	gamescope_installed_destroy(installed);
	errno = -error;
	return NULL;
}

static uint64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

static void wait_for_answer(struct gamescope_installed *installed)
{
	if (installed->fd < 0) { /* it has text already */
		settle(installed, false);
		return;
	}
	const uint64_t until_ms = now_ms() + WAIT_MS;
	for (uint64_t now = now_ms(); now < until_ms; now = now_ms()) {
		struct pollfd ready = { .fd = installed->fd, .events = POLLIN };
		if (poll(&ready, 1, (int)(until_ms - now)) > 0 && read_more(installed)) {
			judge(installed);
			return;
		}
	}
	give_up(installed);
}

bool gamescope_installed_is_usable(struct gamescope_installed *installed, const char **text)
{
	if (!installed->known)
		wait_for_answer(installed);
	*text = installed->text;
	return installed->usable;
}

void gamescope_installed_destroy(struct gamescope_installed *installed)
{
	if (!installed)
		return;
	end_child(installed);
	free(installed);
}

bool gamescope_has_gpu(void)
{
	glob_t found = { 0 };
	bool usable = false;
	if (glob("/dev/dri/renderD*", GLOB_NOSORT, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && !usable; i++)
			usable = access(found.gl_pathv[i], R_OK | W_OK) == 0;
	}
	globfree(&found);
	return usable;
}
