/* Which gamescope is installed: asked once, in the tree, before anything is started with options it may not know. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "display/gamescope/gamescope_run.h"

#define ANSWER_US 5000000
#define ANSWER_MAX 4096
#define NOT_FOUND 127 /* as shells say it */

struct gamescope_probe {
	struct isolated_process *process;
	sd_event_source *deadline, *failure;
	gamescope_probe_done done;
	void *data;
	char path[SOURCE_PATH_MAX]; /* what it says is written there */
	int error;
	char text[256];
};

static void free_probe(struct gamescope_probe *probe)
{
	if (probe->process)
		isolated_process_end(probe->process);
	sd_event_source_disable_unref(probe->deadline);
	sd_event_source_disable_unref(probe->failure);
	if (probe->path[0])
		unlink(probe->path);
	free(probe);
}

static int on_failure(sd_event_source *source, void *data)
{
	struct gamescope_probe *probe = data;
	const gamescope_probe_done done = probe->done;
	void *done_data = probe->data;
	const int error = probe->error;
	char text[sizeof probe->text];
	memcpy(text, probe->text, sizeof text);
	free_probe(probe);
	done(done_data, error, text);
	return 0;
}

/* From the loop, and after it the process is not looked at any more. */
static void answer(struct gamescope_probe *probe, int error)
{
	probe->error = error;
	sd_event_source_set_enabled(probe->deadline, SD_EVENT_OFF);
	sd_event_source_set_enabled(probe->failure, SD_EVENT_ONESHOT);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	struct gamescope_probe *probe = data;
	snprintf(probe->text, sizeof probe->text, "gamescope does not tell its version");
	answer(probe, -ETIMEDOUT);
	return 0;
}

static size_t read_answer(const char *path, char bytes[ANSWER_MAX])
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return 0;
	const ssize_t size = read(fd, bytes, ANSWER_MAX);
	close(fd);
	return size < 0 ? 0 : (size_t)size;
}

static int judge(struct gamescope_probe *probe, int status)
{
	char bytes[ANSWER_MAX];
	const size_t size = read_answer(probe->path, bytes);
	const int error = gamescope_version_judge(bytes, size, probe->text, sizeof probe->text);
	if (error == 0 || !WIFEXITED(status) || WEXITSTATUS(status) != NOT_FOUND)
		return error;
	snprintf(probe->text, sizeof probe->text, "%s", GAMESCOPE_MISSING_TEXT);
	return -ENOENT;
}

static void on_exited(void *data, int status, const char *text)
{
	struct gamescope_probe *probe = data;
	probe->process = NULL;
	answer(probe, judge(probe, status));
}

static void on_started(void *data, pid_t pid)
{
}

static int start(
	struct gamescope_probe *probe, sd_event *event, const struct gamescope_run_params *params)
{
	static const struct isolated_process_events events = {
		.started = on_started,
		.exited = on_exited,
	};
	const char *binary = params->command.binary ? params->command.binary : "gamescope";
	const char *const arguments[] = { "sh", "-c", "exec \"$0\" --version >\"$1\" 2>&1", binary,
		probe->path };
	const struct isolated_process_params process = {
		.role = "gamescope-version",
		.arguments = arguments,
		.argument_count = sizeof arguments / sizeof *arguments,
	};
	int error = sd_event_add_time_relative(
		event, &probe->deadline, CLOCK_MONOTONIC, ANSWER_US, 0, on_deadline, probe);
	if (error >= 0)
		error = sd_event_add_defer(event, &probe->failure, on_failure, probe);
	if (error >= 0)
		error = sd_event_source_set_enabled(probe->failure, SD_EVENT_OFF);
	if (error < 0)
		return error;
	probe->process = isolated_process_start(params->tree, &process, &events, probe);
	return probe->process ? 0 : -errno;
}

struct gamescope_probe *gamescope_probe_start(sd_event *event,
	const struct gamescope_run_params *params, gamescope_probe_done done, void *data)
{
	struct gamescope_probe *probe = calloc(1, sizeof *probe);
	if (!probe)
		return NULL;
	probe->done = done;
	probe->data = data;
	int error = snprintf(probe->path, sizeof probe->path, "%s/gamescope-version",
			    params->runtime_folder) >= (int)sizeof probe->path
		? -ENAMETOOLONG
		: start(probe, event, params);
	if (error >= 0)
		return probe;
	free_probe(probe);
	errno = -error;
	return NULL;
}

void gamescope_probe_cancel(struct gamescope_probe *probe)
{
	if (probe)
		free_probe(probe);
}
