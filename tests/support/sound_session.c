#include "sound_session.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define END_PATIENCE_MS 3000

static const char usual_clock[] =
	"context.properties = { default.clock.rate = 48000 default.clock.quantum = 1024\n"
	"  default.clock.min-quantum = 32 default.clock.max-quantum = 2048 }\n";
static const char steady_clock[] =
	"context.properties = { default.clock.rate = 48000 default.clock.quantum = 256\n"
	"  default.clock.min-quantum = 256 default.clock.max-quantum = 256 }\n";
static const char pipewire_settings[] =
	"context.objects = [\n"
	"  { factory = adapter args = { factory.name = support.null-audio-sink\n"
	"      node.name = session-sink media.class = Audio/Sink object.linger = true\n"
	"      audio.rate = 48000 audio.position = [ FL FR ] monitor.passthrough = true\n"
	"      priority.session = 2000 priority.driver = 2000 } }\n"
	"  { factory = adapter args = { factory.name = support.null-audio-sink\n"
	"      node.name = session-around media.class = Audio/Sink object.linger = true\n"
	"      audio.rate = 48000 audio.position = [ FL FR FC LFE RL RR ] monitor.passthrough = "
	"true\n"
	"      priority.session = 1000 priority.driver = 1000 } }\n"
	"  { factory = adapter args = { factory.name = support.null-audio-sink\n"
	"      node.name = session-mic media.class = Audio/Source/Virtual object.linger = true\n"
	"      audio.rate = 48000 audio.position = [ MONO ] priority.session = 2000 } }\n"
	"]\n";

/* WirePlumber 0.4 links nothing in a profile without device monitors: they are turned off one by one. 0.5 has a profile. */
static const char no_devices[] = "alsa_monitor.enabled = false v4l2_monitor.enabled = false "
				 "libcamera_monitor.enabled = false\n";
static const char no_bluetooth[] = "bluez_monitor.enabled = false\n";

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(unsigned milliseconds)
{
	poll(NULL, 0, (int)milliseconds);
}

static bool write_file(
	const char *folder, const char *sub_folder, const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s/", folder, sub_folder);
	for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return false;
		*slash = '/';
	}
	snprintf(path, sizeof path, "%s/%s/%s", folder, sub_folder, name);
	FILE *file = fopen(path, "we");
	if (!file)
		return false;
	const bool written = fputs(text, file) >= 0;
	return fclose(file) == 0 && written;
}

static bool write_settings(const char *folder, const char *clock)
{
	return write_file(folder, "config/pipewire/pipewire.conf.d", "clock.conf", clock) &&
		write_file(folder, "config/pipewire/pipewire.conf.d", "session.conf",
			pipewire_settings) &&
		write_file(folder, "config/wireplumber/main.lua.d", "51-session.lua", no_devices) &&
		write_file(folder, "config/wireplumber/bluetooth.lua.d", "51-session.lua",
			no_bluetooth) &&
		write_file(folder, "state", ".keep", "");
}

static bool make_environment(struct sound_session *session)
{
	static const char *const folders[] = { "XDG_RUNTIME_DIR=%s", "PIPEWIRE_RUNTIME_DIR=%s",
		"XDG_CONFIG_HOME=%s/config", "XDG_STATE_HOME=%s/state", "HOME=%s",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=%s/bus" };
	const size_t count = sizeof folders / sizeof *folders;
	session->environment = calloc(count + 2, sizeof *session->environment);
	for (size_t i = 0; session->environment && i < count; i++) {
		char text[160];
		snprintf(text, sizeof text, folders[i], session->folder);
		session->environment[i] = strdup(text);
	}
	if (session->environment) {
		const char *path = getenv("PATH");
		char text[1024];
		snprintf(text, sizeof text, "PATH=%s", path ? path : "/usr/bin:/bin");
		session->environment[count] = strdup(text);
	}
	return session->environment;
}

/* The child's standard output goes to `output`, or with its errors into the session's log. */
static pid_t spawn(struct sound_session *session, const char *const *arguments, int output)
{
	char path[128];
	const pid_t parent = getpid();
	snprintf(path, sizeof path, "%s/log", session->folder);
	const pid_t pid = fork();
	if (pid != 0)
		return pid;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	const int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	dup2(log, STDERR_FILENO);
	dup2(output >= 0 ? output : log, STDOUT_FILENO);
	if (getppid() == parent)
		execvpe(arguments[0], (char *const *)arguments, session->environment);
	dprintf(STDERR_FILENO, "%s: %s\n", arguments[0], strerror(errno));
	_exit(127);
}

/* True when it has ended within the time; the status may be NULL. */
static bool reap(pid_t pid, int patience_ms, int *status)
{
	const int64_t due = now_ms() + patience_ms;
	do {
		if (waitpid(pid, status, WNOHANG) != 0)
			return true;
		pause_ms(2);
	} while (now_ms() < due);
	return false;
}

static void end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	if (reap(pid, END_PATIENCE_MS, NULL))
		return;
	kill(pid, SIGKILL);
	reap(pid, END_PATIENCE_MS, NULL);
}

static bool wait_for(
	struct sound_session *session, bool (*condition)(struct sound_session *session))
{
	const int64_t due = now_ms() + SOUND_SESSION_DEADLINE_MS;
	while (!condition(session)) {
		if (now_ms() >= due)
			return false;
		pause_ms(5);
	}
	return true;
}

static bool has_bus(struct sound_session *session)
{
	char path[96];
	snprintf(path, sizeof path, "%s/bus", session->folder);
	return access(path, F_OK) == 0;
}

static bool has_pipewire(struct sound_session *session)
{
	static const char *const question[] = { "pw-cli", "info", "0", NULL };
	char output[8192];
	return access(session->socket, F_OK) == 0 &&
		sound_session_ask(session, question, output, sizeof output);
}

static bool has_defaults(struct sound_session *session)
{
	static const char *const question[] = { "pw-metadata", "0", NULL };
	char output[8192];
	return sound_session_ask(session, question, output, sizeof output) &&
		strstr(output, "'default.audio.sink' value:'{\"name\":\"session-sink\"}'") &&
		strstr(output, "'default.audio.source' value:'{\"name\":\"session-mic\"}'") &&
		sound_session_has_port(session, "session-sink:monitor_FR") &&
		sound_session_has_port(session, "session-around:monitor_RR") &&
		sound_session_has_port(session, "session-mic:input_MONO");
}

static bool start_session_manager(struct sound_session *session)
{
	static const char *const question[] = { "wireplumber", "--help", NULL };
	static const char *const plain[] = { "wireplumber", NULL };
	static const char *const with_profile[] = { "wireplumber", "--profile=policy", NULL };
	char output[8192];
	const bool has_profiles = sound_session_ask(session, question, output, sizeof output) &&
		strstr(output, "--profile");
	session->wireplumber = spawn(session, has_profiles ? with_profile : plain, -1);
	return session->wireplumber > 0;
}

static bool start(struct sound_session *session, const char *clock)
{
	char address[96];
	*session = (struct sound_session){ .folder = "/tmp/lodge-sound-XXXXXX" };
	if (!mkdtemp(session->folder) || !write_settings(session->folder, clock) ||
		!make_environment(session)) {
		fprintf(stderr, "sound_session: %s: %s\n", session->folder, strerror(errno));
		return false;
	}
	snprintf(session->socket, sizeof session->socket, "%s/pipewire-0", session->folder);
	snprintf(address, sizeof address, "--address=unix:path=%s/bus", session->folder);
	const char *const bus[] = { "dbus-daemon", "--session", address, "--nofork", "--nopidfile",
		NULL };
	static const char *const pipewire[] = { "pipewire", NULL };
	session->bus = spawn(session, bus, -1);
	if (session->bus < 0 || !wait_for(session, has_bus)) {
		fprintf(stderr, "sound_session: no dbus-daemon, see %s/log\n", session->folder);
		return false;
	}
	session->pipewire = spawn(session, pipewire, -1);
	if (session->pipewire < 0 || !wait_for(session, has_pipewire)) {
		fprintf(stderr, "sound_session: no pipewire, see %s/log\n", session->folder);
		return false;
	}
	if (!start_session_manager(session) || !wait_for(session, has_defaults)) {
		fprintf(stderr, "sound_session: wireplumber does not settle, see %s/log\n",
			session->folder);
		return false;
	}
	return true;
}

bool sound_session_start(struct sound_session *session)
{
	return start(session, usual_clock);
}

bool sound_session_start_steady(struct sound_session *session)
{
	return start(session, steady_clock);
}

static pid_t *find_program(struct sound_session *session, pid_t pid)
{
	for (size_t i = 0; i < SOUND_SESSION_PROGRAMS_MAX; i++) {
		if (session->programs[i] == pid)
			return &session->programs[i];
	}
	return NULL;
}

pid_t sound_session_launch(struct sound_session *session, const char *const *arguments)
{
	pid_t *place = find_program(session, 0);
	const pid_t pid = place ? spawn(session, arguments, -1) : -1;
	if (pid > 0)
		*place = pid;
	return pid;
}

void sound_session_end(struct sound_session *session, pid_t pid)
{
	pid_t *place = find_program(session, pid);
	if (pid <= 0 || !place)
		return;
	end(pid);
	*place = 0;
}

void sound_session_end_programs(struct sound_session *session)
{
	for (size_t i = 0; i < SOUND_SESSION_PROGRAMS_MAX; i++) {
		end(session->programs[i]);
		session->programs[i] = 0;
	}
}

int sound_session_join(struct sound_session *session, pid_t pid)
{
	int status = -1;
	pid_t *place = find_program(session, pid);
	if (pid <= 0 || !place || !reap(pid, SOUND_SESSION_DEADLINE_MS, &status))
		return -1;
	*place = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	return remove(path);
}

void sound_session_stop(struct sound_session *session)
{
	sound_session_end_programs(session);
	end(session->wireplumber);
	end(session->pipewire);
	end(session->bus);
	for (char **one = session->environment; one && *one; one++)
		free(*one);
	free(session->environment);
	if (session->folder[0])
		nftw(session->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	*session = (struct sound_session){ 0 };
}

static void read_all(int fd, char *output, size_t size)
{
	const int64_t due = now_ms() + SOUND_SESSION_DEADLINE_MS;
	size_t filled = 0;
	for (;;) {
		struct pollfd readable = { .fd = fd, .events = POLLIN };
		const int64_t left = due - now_ms();
		if (left <= 0 || poll(&readable, 1, (int)left) <= 0)
			break;
		char rest[4096];
		const bool full = filled + 1 >= size;
		const ssize_t got = read(
			fd, full ? rest : output + filled, full ? sizeof rest : size - 1 - filled);
		if (got <= 0)
			break;
		filled += full ? 0 : (size_t)got;
	}
	output[filled] = '\0';
}

bool sound_session_ask(
	struct sound_session *session, const char *const *arguments, char *output, size_t size)
{
	int ends[2], status = -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	const pid_t pid = spawn(session, arguments, ends[1]);
	close(ends[1]);
	if (pid > 0)
		read_all(ends[0], output, size);
	close(ends[0]);
	if (pid > 0 && !reap(pid, END_PATIENCE_MS, &status)) {
		end(pid);
		return false;
	}
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool sound_session_has_port(struct sound_session *session, const char *port)
{
	static const char *const question[] = { "pw-link", "-io", NULL };
	char output[16384];
	const size_t size = strlen(port);
	if (!sound_session_ask(session, question, output, sizeof output))
		return false;
	for (const char *line = output; (line = strstr(line, port)); line += size) {
		if ((line == output || line[-1] == '\n') && line[size] == '\n')
			return true;
	}
	return false;
}

bool sound_session_wait_for_port(struct sound_session *session, const char *port)
{
	const int64_t due = now_ms() + SOUND_SESSION_DEADLINE_MS;
	while (!sound_session_has_port(session, port)) {
		if (now_ms() >= due)
			return false;
		pause_ms(10);
	}
	return true;
}
