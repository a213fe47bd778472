#include "fake_manager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAME "org.freedesktop.systemd1"
#define PATH "/org/freedesktop/systemd1"
#define JOB PATH "/job/7"
#define DEADLINE_MS 20000

static int answer_job(sd_bus_message *call, struct manager_state *state, bool start)
{
	const char *unit, *mode;
	int error = sd_bus_message_read(call, "ss", &unit, &mode);
	if (error < 0)
		return error;
	atomic_fetch_add(start ? &state->starts : &state->stops, 1);
	const int fault = atomic_load(&state->fault);
	if (fault == MANAGER_SILENT)
		return 1;
	if (fault == MANAGER_REFUSES || strcmp(unit, MANAGER_UNIT) != 0)
		return sd_bus_reply_method_errorf(
			call, SD_BUS_ERROR_ACCESS_DENIED, "the fake manager refuses");
	error = sd_bus_reply_method_return(call, "o", JOB);
	if (error < 0 || (fault == MANAGER_NEVER_ENDS && !start))
		return error;
	if (fault != MANAGER_LIES || start)
		atomic_store(&state->active, start);
	return sd_bus_emit_signal(sd_bus_message_get_bus(call), PATH, NAME ".Manager", "JobRemoved",
		"uoss", 7, JOB, unit, "done");
}

static int on_start(sd_bus_message *call, void *data, sd_bus_error *error)
{
	return answer_job(call, data, true);
}

static int on_stop(sd_bus_message *call, void *data, sd_bus_error *error)
{
	return answer_job(call, data, false);
}

static int on_subscribe(sd_bus_message *call, void *data, sd_bus_error *error)
{
	return sd_bus_reply_method_return(call, NULL);
}

static int on_state(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error)
{
	const struct manager_state *state = data;
	return sd_bus_message_append(
		reply, "s", atomic_load(&state->active) ? "active" : "inactive");
}

static const sd_bus_vtable manager_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("StartUnit", "ss", "o", on_start, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("StopUnit", "ss", "o", on_stop, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Subscribe", "", "", on_subscribe, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_SIGNAL("JobRemoved", "uoss", 0),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable unit_table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("ActiveState", "s", on_state, 0, 0),
	SD_BUS_VTABLE_END,
};

static int serve(const struct fake_manager *manager)
{
	char *unit = NULL;
	sd_bus *bus = fake_manager_connect(manager);
	int error = bus ? sd_bus_path_encode(PATH "/unit", MANAGER_UNIT, &unit) : -ENOTCONN;
	if (error >= 0)
		error = sd_bus_add_object_vtable(
			bus, NULL, PATH, NAME ".Manager", manager_table, manager->state);
	if (error >= 0)
		error = sd_bus_add_object_vtable(
			bus, NULL, unit, NAME ".Unit", unit_table, manager->state);
	if (error >= 0)
		error = sd_bus_request_name(bus, NAME, 0);
	while (error >= 0) {
		error = sd_bus_process(bus, NULL);
		if (error == 0)
			error = sd_bus_wait(bus, UINT64_MAX);
	}
	free(unit);
	sd_bus_unref(bus);
	return 1;
}

sd_bus *fake_manager_connect(const struct fake_manager *manager)
{
	sd_bus *bus = NULL;
	int error = sd_bus_new(&bus);
	if (error >= 0)
		error = sd_bus_set_address(bus, manager->address);
	if (error >= 0)
		error = sd_bus_set_bus_client(bus, true);
	if (error >= 0)
		error = sd_bus_start(bus);
	return error >= 0 ? bus : sd_bus_unref(bus);
}

static void configuration_path(const struct fake_manager *manager, char *path, size_t size)
{
	snprintf(path, size, "%s/bus.conf", manager->folder);
}

static pid_t start_child(const struct fake_manager *manager, bool is_bus)
{
	char path[128];
	const pid_t pid = fork();
	if (pid != 0)
		return pid;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!is_bus)
		_exit(serve(manager));
	configuration_path(manager, path, sizeof path);
	execlp("dbus-daemon", "dbus-daemon", "--config-file", path, "--nofork", "--nopidfile",
		"--nosyslog", NULL);
	_exit(127);
}

/* Whether somebody owns the name. */
static bool is_served(const struct fake_manager *manager)
{
	sd_bus_creds *owner = NULL;
	sd_bus *bus = fake_manager_connect(manager);
	const bool served = bus && sd_bus_get_name_creds(bus, NAME, 0, &owner) >= 0;
	sd_bus_creds_unref(owner);
	sd_bus_flush_close_unref(bus);
	return served;
}

static bool await(
	const struct fake_manager *manager, bool (*condition)(const struct fake_manager *))
{
	for (int waited_ms = 0; waited_ms < DEADLINE_MS; waited_ms += 10) {
		if (condition(manager))
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	fprintf(stderr, "the fake service manager at %s did not come up\n", manager->address);
	return false;
}

/* Its socket is there before it listens: only an answer counts. */
static bool has_bus(const struct fake_manager *manager)
{
	const char *name = NULL;
	sd_bus *bus = fake_manager_connect(manager);
	const bool answers = bus && sd_bus_get_unique_name(bus, &name) >= 0;
	sd_bus_flush_close_unref(bus);
	return answers;
}

/* A bus that starts nothing by itself: who is asked for too early is not there yet. */
static bool write_configuration(const struct fake_manager *manager)
{
	char path[128];
	configuration_path(manager, path, sizeof path);
	FILE *file = fopen(path, "we");
	if (!file)
		return false;
	fprintf(file,
		"<busconfig><type>session</type><listen>%s</listen><policy context=\"default\">"
		"<allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>"
		"<allow own=\"*\"/></policy></busconfig>\n",
		manager->address);
	return fclose(file) == 0;
}

bool fake_manager_start(struct fake_manager *manager)
{
	*manager = (struct fake_manager){ .folder = "/tmp/lodge-manager-XXXXXX" };
	manager->state = mmap(NULL, sizeof *manager->state, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (manager->state == MAP_FAILED || !mkdtemp(manager->folder))
		return false;
	snprintf(manager->address, sizeof manager->address, "unix:path=%s/bus", manager->folder);
	atomic_store(&manager->state->active, true);
	if (write_configuration(manager))
		manager->bus = start_child(manager, true);
	if (manager->bus <= 0 || !await(manager, has_bus))
		return false;
	manager->manager = start_child(manager, false);
	return manager->manager > 0 && await(manager, is_served);
}

static void remove_configuration(const struct fake_manager *manager)
{
	char path[128];
	configuration_path(manager, path, sizeof path);
	unlink(path);
}

static void end_child(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void fake_manager_stop(struct fake_manager *manager)
{
	end_child(manager->manager);
	end_child(manager->bus);
	unlink(strchr(manager->address, '/'));
	remove_configuration(manager);
	rmdir(manager->folder);
	munmap(manager->state, sizeof *manager->state);
}
