#include "headless_sway.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_MS 20000
#define STEP_MS 20

/* Each of its own, as they may fail each for itself. */
static const char *const commands[] = {
	"default_border none",
	"focus_follows_mouse no",
	"mouse_warping none",
	"create_output",
	"output HEADLESS-1 mode --custom 1280x720@60Hz position 0 0",
	"output HEADLESS-2 mode --custom 800x600@60Hz position 1280 100",
};

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

bool headless_sway_start(struct headless_sway *sway)
{
	const struct sway_spawn_params params = sway_session_params(NULL, NULL, 0);
	*sway = (struct headless_sway){ 0 };
	if (sd_event_new(&sway->event) < 0 ||
		!sway_session_start(&sway->session, sway->event, &params))
		return false;
	const char *socket = sway->session.wayland_socket;
	snprintf(sway->folder, sizeof sway->folder, "%.*s", (int)(strrchr(socket, '/') - socket),
		socket);
	bool done = true;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		done = headless_sway_command(sway, commands[i]) && done;
	return done;
}

void headless_sway_stop(struct headless_sway *sway)
{
	sway_session_stop(&sway->session);
	sway->event = sd_event_unref(sway->event);
}

void headless_sway_signal(const struct headless_sway *sway, int signal)
{
	const pid_t pid = sway_session_pid(sway->session.ipc_socket);
	if (pid > 0)
		kill(pid, signal);
}

bool headless_sway_command(const struct headless_sway *sway, const char *command)
{
	return sway_session_command(sway->session.ipc_socket, command);
}

static bool focus_is_within(const json_t *node, const char *app_id)
{
	const char *name = json_string_value(json_object_get(node, "app_id"));
	if (json_is_true(json_object_get(node, "focused")) && name && strcmp(name, app_id) == 0)
		return true;
	static const char *const lists[] = { "nodes", "floating_nodes" };
	for (size_t i = 0; i < 2; i++) {
		const json_t *list = json_object_get(node, lists[i]);
		for (size_t k = 0; k < json_array_size(list); k++) {
			if (focus_is_within(json_array_get(list, k), app_id))
				return true;
		}
	}
	return false;
}

bool headless_sway_await_focus(const struct headless_sway *sway, const char *app_id)
{
	for (int waited = 0; waited < DEADLINE_MS; waited += STEP_MS) {
		json_t *tree = sway_session_ask(sway->session.ipc_socket, SWAY_GET_TREE, NULL);
		const bool focused = focus_is_within(tree, app_id);
		json_decref(tree);
		if (focused)
			return true;
		pause_ms(STEP_MS);
	}
	return false;
}

pid_t headless_sway_launch(const struct headless_sway *sway, char *const *words, int output)
{
	const pid_t pid = fork();
	if (pid != 0)
		return pid;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setenv("LANG", "C.UTF-8", 1);
	setenv("XDG_RUNTIME_DIR", sway->folder, 1);
	setenv("WAYLAND_DISPLAY", sway->session.wayland_socket, 1);
	if (output >= 0)
		dup2(output, STDOUT_FILENO);
	execvp(words[0], words);
	_exit(127);
}

void headless_sway_end(pid_t pid, int signal)
{
	if (pid <= 0)
		return;
	kill(pid, signal);
	for (int waited = 0; waited < DEADLINE_MS; waited += STEP_MS) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		pause_ms(STEP_MS);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
