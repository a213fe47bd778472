#include "isolation/scope.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define DEADLINE_US 5000000u
#define STOP_US 5000000u /* what is told to end by the manager, and does not */
#define DESTINATION "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define INTERFACE "org.freedesktop.systemd1.Manager"

struct scope_request {
	char name[SCOPE_NAME_MAX];
	sd_bus *bus;
	sd_event_source *deadline;
	void (*done)(void *data, int error, const char *text);
	void *data;
};

void scope_find_manager(char manager[SOURCE_PATH_MAX])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int size = snprintf(address.sun_path, sizeof address.sun_path, "%s/systemd/private",
		runtime ? runtime : "");
	manager[0] = '\0';
	if (!runtime || runtime[0] != '/' || size >= (int)sizeof address.sun_path ||
		size >= SOURCE_PATH_MAX)
		return;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		strcpy(manager, address.sun_path);
	if (fd >= 0)
		close(fd);
}

static void tell(struct scope_request *request, int error, const char *text)
{
	request->deadline = sd_event_source_disable_unref(request->deadline);
	void (*done)(void *data, int error, const char *text) = request->done;
	request->done = NULL;
	if (done)
		done(request->data, error, text);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	tell(data, -ETIMEDOUT, "the service manager does not answer");
	return 0;
}

/* That it was asked for, or why not. It is there when its job is done. */
static int on_answer(sd_bus_message *message, void *data, sd_bus_error *unused)
{
	const sd_bus_error *error = sd_bus_message_get_error(message);
	if (error)
		tell(data, -sd_bus_message_get_errno(message),
			error->message ? error->message : error->name);
	return 0;
}

static int on_job_removed(sd_bus_message *message, void *data, sd_bus_error *unused)
{
	struct scope_request *request = data;
	uint32_t id;
	const char *job, *unit, *result;
	if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0 ||
		strcmp(unit, request->name) != 0)
		return 0;
	const bool is_done = strcmp(result, "done") == 0;
	tell(request, is_done ? 0 : -ECANCELED, is_done ? "" : result);
	return 0;
}

static int connect_manager(struct scope_request *request, const struct scope_params *params)
{
	char address[SOURCE_PATH_MAX * 3 + 16] = "unix:path=";
	size_t size = strlen(address);
	for (const char *at = params->manager; *at; at++)
		size += (size_t)snprintf(
			address + size, sizeof address - size, "%%%02x", (unsigned char)*at);
	int error = sd_bus_new(&request->bus);
	if (error >= 0)
		error = sd_bus_set_address(request->bus, address);
	if (error >= 0)
		error = sd_bus_start(request->bus);
	if (error >= 0)
		error = sd_bus_attach_event(request->bus, params->event, SD_EVENT_PRIORITY_NORMAL);
	if (error >= 0)
		error = sd_bus_match_signal(request->bus, NULL, NULL, OBJECT, INTERFACE,
			"JobRemoved", on_job_removed, request);
	return error;
}

/* Its control group is this user's to kill. Of the unit nothing is left when it is empty, however it ended. */
static int write_properties(sd_bus_message *message, const struct scope_params *params)
{
	int error = sd_bus_message_open_container(message, 'a', "(sv)");
	if (error >= 0)
		error = sd_bus_message_append(message, "(sv)(sv)(sv)(sv)(sv)(sv)", "Description",
			"s", "A desktop of one client of Lodge's", "PIDs", "au", 1,
			(uint32_t)params->process, "TasksMax", "t", (uint64_t)params->tasks_max,
			"Delegate", "b", 1, "CollectMode", "s", "inactive-or-failed",
			"TimeoutStopUSec", "t", (uint64_t)STOP_US);
	return error < 0 ? error : sd_bus_message_close_container(message);
}

static int ask(struct scope_request *request, const struct scope_params *params)
{
	sd_bus_message *message = NULL;
	int error = sd_bus_message_new_method_call(
		request->bus, &message, DESTINATION, OBJECT, INTERFACE, "StartTransientUnit");
	if (error >= 0)
		error = sd_bus_message_append(message, "ss", params->name, "fail");
	if (error >= 0)
		error = write_properties(message, params);
	if (error >= 0)
		error = sd_bus_message_append(message, "a(sa(sv))", 0);
	if (error >= 0)
		error = sd_bus_call_async(
			request->bus, NULL, message, on_answer, request, 2 * DEADLINE_US);
	sd_bus_message_unref(message);
	return error;
}

struct scope_request *scope_request(const struct scope_params *params)
{
	struct scope_request *request = calloc(1, sizeof *request);
	if (!request)
		return NULL;
	request->done = params->done;
	request->data = params->data;
	int error = snprintf(request->name, sizeof request->name, "%s", params->name) <
			(int)sizeof request->name
		? connect_manager(request, params)
		: -ENAMETOOLONG;
	if (error >= 0)
		error = ask(request, params);
	if (error >= 0)
		error = sd_event_add_time_relative(params->event, &request->deadline,
			CLOCK_MONOTONIC, DEADLINE_US, 1000, on_deadline, request);
	if (error >= 0)
		return request;
	scope_request_destroy(request);
	errno = -error;
	return NULL;
}

void scope_request_destroy(struct scope_request *request)
{
	if (!request)
		return;
	sd_event_source_disable_unref(request->deadline);
	sd_bus_close(request->bus);
	sd_bus_unref(request->bus);
	free(request);
}
