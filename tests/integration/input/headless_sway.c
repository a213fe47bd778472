#include "headless_sway.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_MS 10000
#define STEP_MS 20

static const char config[] = "xwayland disable\n"
			     "default_border none\n"
			     "focus_follows_mouse no\n"
			     "mouse_warping none\n"
			     "output HEADLESS-1 mode --custom 1280x720@60Hz position 0 0\n"
			     "output HEADLESS-2 mode --custom 800x600@60Hz position 1280 100\n";

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static bool write_config(const struct headless_sway *sway, char *path, size_t size)
{
	snprintf(path, size, "%s/config", sway->folder);
	FILE *file = fopen(path, "w");
	if (!file)
		return false;
	fputs(config, file);
	return fclose(file) == 0;
}

/* In the child, before exec. */
static void enter_folder(const struct headless_sway *sway)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	unsetenv("DISPLAY");
	unsetenv("SWAYSOCK");
	setenv("LANG", "C.UTF-8", 1);
	setenv("XDG_RUNTIME_DIR", sway->folder, 1);
	if (sway->wayland[0])
		setenv("WAYLAND_DISPLAY", sway->wayland, 1);
	else
		unsetenv("WAYLAND_DISPLAY");
}

static void send_to(int target, int from)
{
	if (from >= 0)
		dup2(from, target);
}

static pid_t run(const struct headless_sway *sway, char *const *words, int output, int errors)
{
	const pid_t pid = fork();
	if (pid != 0)
		return pid;
	enter_folder(sway);
	setenv("WLR_BACKENDS", "headless", 1);
	setenv("WLR_HEADLESS_OUTPUTS", "2", 1);
	setenv("WLR_RENDERER", "pixman", 1);
	setenv("WLR_LIBINPUT_NO_DEVICES", "1", 1);
	send_to(STDOUT_FILENO, output);
	send_to(STDERR_FILENO, errors);
	execvp(words[0], words);
	_exit(127);
}

static bool find_socket(
	const struct headless_sway *sway, const char *prefix, char *path, size_t size)
{
	DIR *folder = opendir(sway->folder);
	if (!folder)
		return false;
	bool found = false;
	for (const struct dirent *entry; (entry = readdir(folder));) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
			strstr(entry->d_name, ".lock"))
			continue;
		found = snprintf(path, size, "%s/%s", sway->folder, entry->d_name) < (int)size;
	}
	closedir(folder);
	return found;
}

static bool wait_until_ready(struct headless_sway *sway)
{
	for (int waited = 0; waited < DEADLINE_MS; waited += STEP_MS) {
		if (find_socket(sway, "wayland-", sway->wayland, sizeof sway->wayland) &&
			find_socket(sway, "sway-ipc.", sway->ipc, sizeof sway->ipc) &&
			headless_sway_command(sway, "nop"))
			return true;
		if (waitpid(sway->pid, NULL, WNOHANG) == sway->pid) {
			sway->pid = 0;
			return false;
		}
		pause_ms(STEP_MS);
	}
	return false;
}

bool headless_sway_start(struct headless_sway *sway)
{
	/* sway 1.7 refuses to run as root: it is given another number for the same user. */
	char path[128], log_path[128];
	char *const as_user[] = { "sway", "-c", path, NULL };
	char *const as_root[] = { "unshare", "--map-user=1000", "--map-group=1000", "sway", "-c",
		path, NULL };
	*sway = (struct headless_sway){ .folder = "/tmp/lodge-test-XXXXXX" };
	if (!mkdtemp(sway->folder) || !write_config(sway, path, sizeof path))
		return false;
	snprintf(log_path, sizeof log_path, "%s/log", sway->folder);
	const int log = open(log_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	sway->pid = run(sway, geteuid() == 0 ? as_root : as_user, log, log);
	close(log);
	return sway->pid > 0 && wait_until_ready(sway);
}

void headless_sway_end(pid_t pid, int signal)
{
	if (pid <= 0)
		return;
	kill(pid, signal);
	for (int waited = 0; waited < DEADLINE_MS / 2; waited += STEP_MS) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return;
		pause_ms(STEP_MS);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void remove_folder(const char *path)
{
	DIR *folder = opendir(path);
	if (!folder)
		return;
	for (const struct dirent *entry; (entry = readdir(folder));)
		unlinkat(dirfd(folder), entry->d_name, 0);
	closedir(folder);
	rmdir(path);
}

void headless_sway_stop(struct headless_sway *sway)
{
	headless_sway_end(sway->pid, SIGTERM);
	remove_folder(sway->folder);
	sway->pid = 0;
}

bool headless_sway_command(const struct headless_sway *sway, const char *command)
{
	char *const words[] = { "timeout", "5", "swaymsg", "-q", "-s", (char *)sway->ipc,
		(char *)command, NULL };
	const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const pid_t pid = run(sway, words, nowhere, nowhere);
	close(nowhere);
	int status = 1;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
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

static json_t *read_tree(const struct headless_sway *sway)
{
	char command[256];
	snprintf(command, sizeof command, "timeout 5 swaymsg -r -t get_tree -s '%s'", sway->ipc);
	FILE *pipe = popen(command, "re");
	if (!pipe)
		return NULL;
	json_t *tree = json_loadf(pipe, 0, NULL);
	pclose(pipe);
	return tree;
}

bool headless_sway_await_focus(const struct headless_sway *sway, const char *app_id)
{
	for (int waited = 0; waited < DEADLINE_MS / 2; waited += STEP_MS) {
		json_t *tree = read_tree(sway);
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
	return run(sway, words, output, -1);
}
