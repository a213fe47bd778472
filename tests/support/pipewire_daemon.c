#include "pipewire_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* WirePlumber 0.4 reads Lua, 0.5 its own notation; neither minds the other's file. */
static const struct {
	const char *folder, *file, *text;
} configuration[] = {
	{ "wireplumber/main.lua.d", "51-test.lua",
		"alsa_monitor.enabled = false\nv4l2_monitor.enabled = false\n"
		"libcamera_monitor.enabled = false\n" },
	{ "wireplumber/bluetooth.lua.d", "51-test.lua", "bluez_monitor.enabled = false\n" },
	{ "wireplumber/wireplumber.conf.d", "51-test.conf",
		"wireplumber.profiles = { main = { hardware.audio = disabled, "
		"hardware.bluetooth = disabled, hardware.video-capture = disabled } }\n" },
};

static bool make_folders(const char *root, const char *below)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", root, below);
	for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		const bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
		*slash = '/';
		if (!made)
			return false;
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool write_configuration(const char *folder)
{
	char root[96], path[320];
	snprintf(root, sizeof root, "%s/config", folder);
	if (mkdir(root, 0700) < 0)
		return false;
	for (size_t i = 0; i < sizeof configuration / sizeof *configuration; i++) {
		if (!make_folders(root, configuration[i].folder))
			return false;
		snprintf(path, sizeof path, "%s/%s/%s", root, configuration[i].folder,
			configuration[i].file);
		FILE *file = fopen(path, "w");
		if (!file)
			return false;
		fputs(configuration[i].text, file);
		fclose(file);
	}
	return true;
}

static void enter_environment(const char *folder)
{
	char value[128];
	unsetenv("DISPLAY");
	unsetenv("WAYLAND_DISPLAY");
	unsetenv("PIPEWIRE_REMOTE");
	setenv("XDG_RUNTIME_DIR", folder, 1);
	setenv("PIPEWIRE_RUNTIME_DIR", folder, 1);
	setenv("HOME", folder, 1);
	snprintf(value, sizeof value, "%s/config", folder);
	setenv("XDG_CONFIG_HOME", value, 1);
	snprintf(value, sizeof value, "%s/state", folder);
	setenv("XDG_STATE_HOME", value, 1);
	snprintf(value, sizeof value, "unix:path=%s/bus", folder);
	setenv("DBUS_SESSION_BUS_ADDRESS", value, 1);
}

static pid_t launch(const char *folder, const char *const *arguments)
{
	const pid_t parent = getpid();
	const pid_t child = fork();
	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	char path[96];
	snprintf(path, sizeof path, "%s/log", folder);
	const int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	enter_environment(folder);
	execvp(arguments[0], (char *const *)arguments);
	_exit(127);
}

static bool answers(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const bool connected =
		fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
	if (fd >= 0)
		close(fd);
	return connected;
}

static bool wait_for_socket(const char *path, pid_t owner)
{
	for (int waited_ms = 0; waited_ms < PIPEWIRE_DAEMON_DEADLINE_MS; waited_ms += 5) {
		if (answers(path))
			return true;
		if (waitpid(owner, NULL, WNOHANG) == owner)
			return false;
		nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
	}
	return false;
}

static void end(pid_t *process)
{
	if (*process > 0) {
		kill(*process, SIGKILL);
		waitpid(*process, NULL, 0);
	}
	*process = 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	return remove(path);
}

bool pipewire_daemon_start(struct pipewire_daemon *daemon)
{
	char bus_socket[96], bus_address[128];
	*daemon = (struct pipewire_daemon){ .folder = "/tmp/lodge-pipewire-XXXXXX" };
	if (!mkdtemp(daemon->folder))
		return false;
	snprintf(bus_socket, sizeof bus_socket, "%s/bus", daemon->folder);
	snprintf(bus_address, sizeof bus_address, "--address=unix:path=%s", bus_socket);
	snprintf(daemon->socket, sizeof daemon->socket, "%s/pipewire-0", daemon->folder);
	const char *const bus[] = { "dbus-daemon", "--session", bus_address, "--nofork",
		"--nopidfile", NULL };
	const char *const pipewire[] = { "pipewire", NULL };
	const char *const session_manager[] = { "wireplumber", NULL };
	const char *missing = "the folder";
	if (!write_configuration(daemon->folder))
		goto error;
	missing = "dbus-daemon";
	daemon->bus = launch(daemon->folder, bus);
	if (!wait_for_socket(bus_socket, daemon->bus))
		goto error;
	missing = "pipewire";
	daemon->pipewire = launch(daemon->folder, pipewire);
	if (!wait_for_socket(daemon->socket, daemon->pipewire))
		goto error;
	/* It ends at once if pipewire does not listen yet; what waits to be linked it finds when it is ready. */
	daemon->session_manager = launch(daemon->folder, session_manager);
	return true;

error:
	fprintf(stderr, "pipewire_daemon: %s cannot be started; see tools/setup\n", missing);
	pipewire_daemon_stop(daemon);
	return false;
}

void pipewire_daemon_kill(struct pipewire_daemon *daemon)
{
	end(&daemon->pipewire);
}

void pipewire_daemon_stop(struct pipewire_daemon *daemon)
{
	end(&daemon->session_manager);
	end(&daemon->pipewire);
	end(&daemon->bus);
	if (daemon->folder[0])
		nftw(daemon->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	daemon->folder[0] = '\0';
}
