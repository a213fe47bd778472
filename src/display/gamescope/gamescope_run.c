#include "display/gamescope/gamescope_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "display/gamescope/gamescope_lock.h"
#include "display/gamescope/gamescope_peer.h"
#include "display/gamescope/gamescope_x.h"

#define START_US 15000000
#define ADOPT_US 5000000
#define STOP_US 2000000
#define ROLE "gamescope"

struct gamescope_run {
	sd_event *event;
	struct gamescope_run_events events;
	void *data;
	struct isolated_tree *tree;
	struct isolated_process *process; /* NULL: it has ended */
	char ready_path[SOURCE_PATH_MAX], runtime_folder[SOURCE_PATH_MAX];
	int ready_fd;
	sd_event_source *ready_io, *deadline, *failure;
	char line[GAMESCOPE_READY_LINE_MAX];
	size_t line_size;
	struct gamescope_question *question;
	struct gamescope_lock lock;
	struct gamescope_run_facts facts;
	bool adopted, up, stopping, finished;
	char text[256];
};

static void end(struct gamescope_run *run, const char *text)
{
	if (run->process)
		isolated_process_end(run->process);
	run->process = NULL;
	snprintf(run->text, sizeof run->text, "%s", text);
	sd_event_source_set_enabled(run->deadline, SD_EVENT_OFF);
	sd_event_source_set_enabled(run->failure, SD_EVENT_ONESHOT);
}

/* Told from the loop alone. Nothing is touched afterwards: the callback may destroy the run. */
static int on_failure(sd_event_source *source, void *data)
{
	struct gamescope_run *run = data;
	run->events.ended(run->data, run->text);
	return 0;
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	struct gamescope_run *run = data;
	end(run,
		run->stopping          ? "gamescope did not end in time and was killed"
			: run->adopted ? "the gamescope of an earlier host does not answer"
				       : "gamescope did not come up within 15 s");
	return 0;
}

static void close_ready(struct gamescope_run *run)
{
	run->ready_io = sd_event_source_disable_unref(run->ready_io);
	if (run->ready_fd >= 0)
		close(run->ready_fd);
	run->ready_fd = -1;
	if (run->ready_path[0])
		unlink(run->ready_path);
	run->ready_path[0] = '\0';
}

static void on_answer(void *data, int error, const struct gamescope_x_answer *answer)
{
	struct gamescope_run *run = data;
	run->question = NULL;
	if (run->stopping)
		return;
	if (error == 0 && !gamescope_peer_shares_tree(answer->pid, run->facts.pid))
		error = -EXDEV; /* somebody else has this display by now */
	if (error < 0) {
		char text[128];
		snprintf(text, sizeof text, "the X server %s of gamescope does not answer: %s",
			run->facts.said.x_display, strerror(-error));
		end(run, text);
		return;
	}
	run->facts.width_px = answer->width_px;
	run->facts.height_px = answer->height_px;
	run->facts.refresh_mhz = answer->refresh_mhz;
	run->up = true;
	sd_event_source_set_enabled(run->deadline, SD_EVENT_OFF);
	run->events.ready(run->data, &run->facts);
}

static bool is_socket(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}

static void look_at(struct gamescope_run *run)
{
	const char *display = run->facts.said.x_display;
	if (!gamescope_ready_eis_socket(
		    &run->facts.said, run->runtime_folder, run->facts.eis_socket) ||
		!is_socket(run->facts.eis_socket)) {
		end(run, "gamescope has no socket for input: it was built without libei");
		return;
	}
	gamescope_lock_note(&run->lock, display);
	const struct gamescope_x_params params = { .display = display, .pid = run->facts.pid };
	run->question = gamescope_x_ask(run->event, &params, on_answer, run);
	if (!run->question)
		on_answer(run, -errno, NULL);
}

static void use_line(struct gamescope_run *run)
{
	if (gamescope_ready_read(run->line, run->line_size, &run->facts.said))
		look_at(run);
	else
		end(run, "gamescope said something else than its display when it was up");
}

static int on_ready(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct gamescope_run *run = data;
	const ssize_t got = read(fd, run->line + run->line_size, sizeof run->line - run->line_size);
	if (got > 0)
		run->line_size += (size_t)got;
	const char *line_end = memchr(run->line, '\n', run->line_size);
	if (!line_end && run->line_size < sizeof run->line)
		return 0;
	run->line_size = line_end ? (size_t)(line_end - run->line) : run->line_size;
	close_ready(run);
	use_line(run);
	return 0;
}

static void on_started(void *data, pid_t pid)
{
	struct gamescope_run *run = data;
	run->facts.pid = pid;
}

static void on_exited(void *data, int status, const char *text)
{
	struct gamescope_run *run = data;
	char reason[256];
	run->process = NULL;
	run->finished = run->up && !run->stopping && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	isolated_process_describe_end(
		"gamescope", run->stopping ? 0 : status, text, reason, sizeof reason);
	end(run, reason);
}

/* Both ends are ours, so opening does not wait for gamescope and its death is no end of file. */
static int open_ready(struct gamescope_run *run)
{
	if (snprintf(run->ready_path, sizeof run->ready_path, "%s/gamescope-ready",
		    run->runtime_folder) >= (int)sizeof run->ready_path) {
		run->ready_path[0] = '\0';
		return -ENAMETOOLONG;
	}
	unlink(run->ready_path);
	if (mkfifo(run->ready_path, 0600) < 0)
		return -errno;
	run->ready_fd = open(run->ready_path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	return run->ready_fd < 0 ? -errno : 0;
}

static int watch_time(struct gamescope_run *run, uint64_t deadline_us)
{
	int error = sd_event_add_time_relative(
		run->event, &run->deadline, CLOCK_MONOTONIC, deadline_us, 0, on_deadline, run);
	if (error >= 0)
		error = sd_event_add_defer(run->event, &run->failure, on_failure, run);
	return error < 0 ? error : sd_event_source_set_enabled(run->failure, SD_EVENT_OFF);
}

static int watch(struct gamescope_run *run)
{
	int error =
		sd_event_add_io(run->event, &run->ready_io, run->ready_fd, EPOLLIN, on_ready, run);
	return error < 0 ? error : watch_time(run, START_US);
}

static int start(struct gamescope_run *run, const struct gamescope_run_params *params)
{
	static const struct isolated_process_events events = {
		.started = on_started,
		.exited = on_exited,
	};
	struct gamescope_command_params wanted = params->command;
	struct gamescope_command command;
	wanted.ready_path = run->ready_path;
	const int error = gamescope_command_make(&command, &wanted);
	if (error < 0)
		return error;
	const struct isolated_process_params process = {
		.role = ROLE,
		.arguments = (const char *const *)command.arguments,
		.argument_count = command.argument_count,
		.environment = (const char *const *)command.environment,
		.environment_count = command.environment_count,
	};
	run->process = isolated_process_start(params->tree, &process, &events, run);
	const int start_error = run->process ? 0 : -errno;
	gamescope_command_finish(&command);
	return start_error;
}

static struct gamescope_run *make(sd_event *event, struct isolated_tree *tree,
	const char *runtime_folder, const struct gamescope_run_events *events, void *data)
{
	struct gamescope_run *run = calloc(1, sizeof *run);
	if (!run)
		return NULL;
	run->event = sd_event_ref(event);
	run->tree = tree;
	run->events = *events;
	run->data = data;
	run->ready_fd = -1;
	snprintf(run->runtime_folder, sizeof run->runtime_folder, "%s", runtime_folder);
	return run;
}

struct gamescope_run *gamescope_run_start(sd_event *event,
	const struct gamescope_run_params *params, const struct gamescope_run_events *events,
	void *data)
{
	struct gamescope_run *run = make(event, params->tree, params->runtime_folder, events, data);
	if (!run)
		return NULL;
	int error = open_ready(run);
	if (error >= 0)
		error = watch(run);
	if (error >= 0)
		error = start(run, params);
	if (error >= 0)
		return run;
	fprintf(stderr, "lodged: gamescope: cannot be started in %s: %s\n", run->runtime_folder,
		strerror(-error));
	gamescope_run_destroy(run);
	errno = -error;
	return NULL;
}

/* Whoever listens at its Wayland socket is in the same tree. */
static bool answers(const struct gamescope_run *run)
{
	char path[SOURCE_PATH_MAX];
	snprintf(path, sizeof path, "%.70s/%s", run->runtime_folder, run->facts.said.wayland_name);
	const int fd = gamescope_peer_connect(path);
	const bool good =
		fd >= 0 && gamescope_peer_shares_tree(gamescope_peer_of(fd), run->facts.pid);
	if (fd >= 0)
		close(fd);
	return good;
}

static void on_adopted(void *data, pid_t pid)
{
	struct gamescope_run *run = data;
	run->facts.pid = pid;
	if (answers(run))
		look_at(run);
	else
		end(run, "the gamescope of an earlier host is not where it was noted");
}

struct gamescope_run *gamescope_run_adopt(sd_event *event, struct isolated_tree *tree,
	const char *runtime_folder, const struct gamescope_ready *said,
	const struct gamescope_run_events *events, void *data)
{
	static const struct isolated_process_events process_events = {
		.started = on_adopted,
		.exited = on_exited,
	};
	struct gamescope_run *run = make(event, tree, runtime_folder, events, data);
	if (!run)
		return NULL;
	run->adopted = true;
	run->facts.said = *said;
	int error = watch_time(run, ADOPT_US);
	if (error >= 0) {
		run->process = isolated_process_find(tree, ROLE, &process_events, run);
		error = run->process ? 0 : -errno;
	}
	if (error >= 0)
		return run;
	gamescope_run_destroy(run);
	errno = -error;
	return NULL;
}

bool gamescope_run_has_finished(const struct gamescope_run *run)
{
	return run->finished;
}

void gamescope_run_stop(struct gamescope_run *run)
{
	if (run->stopping || !run->process)
		return;
	run->stopping = true;
	isolated_process_signal(run->process, SIGTERM);
	sd_event_source_set_time_relative(run->deadline, STOP_US);
	sd_event_source_set_enabled(run->deadline, SD_EVENT_ONESHOT);
}

void gamescope_run_destroy(struct gamescope_run *run)
{
	if (!run)
		return;
	gamescope_x_cancel(run->question);
	if (run->process)
		isolated_process_end(run->process);
	close_ready(run);
	if (!isolated_tree_is_left(run->tree)) /* else it goes on, and its X server with it */
		gamescope_lock_remove(&run->lock);
	sd_event_source_disable_unref(run->deadline);
	sd_event_source_disable_unref(run->failure);
	sd_event_unref(run->event);
	free(run);
}
