#include "display/sway/sway_isolated.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "display/sway/sway_environment.h"
#include "display/sway/sway_sockets.h"
#include "isolation/isolation.h"

#define START_DEADLINE_US 15000000u
#define ROLE "compositor"
#define PROGRAM_ROLE "app"

struct sway_isolated {
	sd_event *event;
	struct sway_spawn_params *params;
	struct isolated_tree *tree;
	struct isolated_process *compositor;
	struct sway_sockets *sockets;
	const struct sway_process_events *events;
	void *data;
};

static void fail(struct sway_isolated *isolated, const char *text)
{
	sway_sockets_destroy(isolated->sockets);
	isolated->sockets = NULL;
	isolated->events->exited(isolated->data, text);
}

static void on_program_started(void *data, pid_t pid)
{
}

static void on_program_exited(void *data, int status, const char *text)
{
	const struct sway_isolated *isolated = data;
	char said[256];
	isolated_process_describe_end("its program", status, text, said, sizeof said);
	fprintf(stderr, "lodged: %s: %s\n", isolated->params->tree_name, said);
	isolated->events->program_exited(isolated->data, status, text);
}

static const struct isolated_process_events program_events = {
	.started = on_program_started,
	.exited = on_program_exited,
};

static void start_program(
	struct sway_isolated *isolated, const char *ipc_socket, const char *wayland_socket)
{
	const struct sway_spawn_params *params = isolated->params;
	char wayland[PATH_MAX + 32], ipc[PATH_MAX + 32];
	const size_t count = params->program_environment_count;
	const char **environment = calloc(count + 4, sizeof *environment);
	if (!environment || params->program_count == 0) {
		free(environment);
		return;
	}
	snprintf(wayland, sizeof wayland, "WAYLAND_DISPLAY=%s", wayland_socket);
	snprintf(ipc, sizeof ipc, "SWAYSOCK=%s", ipc_socket);
	environment[0] = wayland;
	environment[1] = ipc;
	environment[2] = "XDG_SESSION_TYPE=wayland";
	environment[3] = "XDG_CURRENT_DESKTOP=sway";
	for (size_t i = 0; i < count; i++)
		environment[4 + i] = params->program_environment[i];
	if (!isolated_process_start(isolated->tree,
		    &(struct isolated_process_params){
			    .role = PROGRAM_ROLE,
			    .arguments = params->program,
			    .argument_count = params->program_count,
			    .environment = environment,
			    .environment_count = count + 4,
		    },
		    &program_events, isolated))
		on_program_exited(isolated, 127 << 8, strerror(errno));
	free(environment);
}

static void on_sockets(void *data, const char *ipc_socket, const char *wayland_socket)
{
	struct sway_isolated *isolated = data;
	sway_sockets_destroy(isolated->sockets);
	isolated->sockets = NULL;
	start_program(isolated, ipc_socket, wayland_socket);
	isolated->events->ready(isolated->data, ipc_socket, wayland_socket);
}

static void on_late(void *data)
{
	fail(data, "sway did not open its sockets in time");
}

/* Its sockets tell more. */
static void on_started(void *data, pid_t pid)
{
}

static void on_exited(void *data, int status, const char *text)
{
	struct sway_isolated *isolated = data;
	char said[256];
	isolated->compositor = NULL;
	isolated_process_describe_end("sway", status, text, said, sizeof said);
	fail(isolated, said);
}

static const struct isolated_process_events process_events = {
	.started = on_started,
	.exited = on_exited,
};

static int write_config(const struct sway_isolated *isolated, const char *runtime_folder)
{
	const int folder = open(runtime_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int error =
		folder < 0 ? -errno : sway_environment_write_config(folder, isolated->params);
	if (folder >= 0)
		close(folder);
	return error;
}

/* What a tree gives by itself (PATH, HOME, the sockets of its bus and sound) is not ours to say. */
static size_t keep_ours(char **environment, const char **ours, size_t capacity)
{
	static const char *const names[] = { "WLR_", "XDG_SESSION_TYPE=", "XDG_CURRENT_DESKTOP=" };
	size_t count = 0;
	for (; *environment && count < capacity; environment++) {
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			if (strncmp(*environment, names[i], strlen(names[i])) == 0)
				ours[count++] = *environment;
		}
	}
	return count;
}

static int start_sway(struct sway_isolated *isolated, const char *runtime_folder)
{
	static const struct sway_sockets_events sockets = { .found = on_sockets, .late = on_late };
	const struct sway_spawn_params *params = isolated->params;
	char config[PATH_MAX];
	const char *arguments[] = { params->binary ? params->binary : "sway", "-c", config };
	snprintf(config, sizeof config, "%s/config", runtime_folder);
	char **environment = sway_environment_make(params, runtime_folder);
	const size_t capacity = params->environment_count + 16;
	const char **ours = calloc(capacity, sizeof *ours);
	int error = environment && ours ? 0 : -ENOMEM;
	size_t count = 0;
	if (error == 0) {
		count = keep_ours(environment, ours, 16);
		for (size_t i = 0; i < params->environment_count; i++)
			ours[count++] = params->environment[i];
		isolated->sockets = sway_sockets_await(
			isolated->event, runtime_folder, START_DEADLINE_US, &sockets, isolated);
		if (!isolated->sockets)
			error = -errno;
	}
	if (error == 0) {
		isolated->compositor = isolated_process_start(isolated->tree,
			&(struct isolated_process_params){
				.role = ROLE,
				.arguments = arguments,
				.argument_count = sizeof arguments / sizeof *arguments,
				.environment = ours,
				.environment_count = count,
				/* sway up to 1.7 refuses root; newer ones do not mind. */
				.as_ordinary_user = geteuid() == 0,
			},
			&process_events, isolated);
		if (!isolated->compositor)
			error = -errno;
	}
	free(ours);
	sway_environment_free(environment);
	return error;
}

/* The sway that runs there already. */
static void go_on(struct sway_isolated *isolated, const struct isolated_tree_info *info)
{
	const struct sway_spawn_params *params = isolated->params;
	char ipc[PATH_MAX], wayland[PATH_MAX];
	isolated->compositor =
		isolated_process_find(isolated->tree, ROLE, &process_events, isolated);
	if (!isolated->compositor) {
		fail(isolated, "there is no sway in the tree of an earlier host");
		return;
	}
	if (!sway_sockets_find(info->runtime_folder, ipc, wayland)) {
		fail(isolated, "the sway of an earlier host has no sockets");
		return;
	}
	if (params->tree_changed)
		params->tree_changed(params->tree_data, info);
	if (params->adopt_program &&
		!isolated_process_find(isolated->tree, PROGRAM_ROLE, &program_events, isolated))
		on_program_exited(isolated, SWAY_STATUS_UNKNOWN, "it had ended before");
	isolated->events->ready(isolated->data, ipc, wayland);
}

static void on_tree_ready(void *data, const struct isolated_tree_info *info)
{
	struct sway_isolated *isolated = data;
	const struct sway_spawn_params *params = isolated->params;
	if (params->adopt_count > 0) {
		go_on(isolated, info);
		return;
	}
	int error = write_config(isolated, info->runtime_folder);
	if (error == 0)
		error = start_sway(isolated, info->runtime_folder);
	if (error < 0) {
		char text[128];
		snprintf(text, sizeof text, "sway cannot be started in %s: %s", params->tree_name,
			strerror(-error));
		fail(isolated, text);
	} else if (params->tree_changed) {
		params->tree_changed(params->tree_data, info);
	}
}

static void on_tree_ended(void *data, const char *text)
{
	fail(data, text);
}

static void on_sound_changed(void *data, bool up, const char *text)
{
	const struct sway_isolated *isolated = data;
	/* Whoever listens notices by itself, and tries again. */
	fprintf(stderr, "lodged: %s: its sound is %s: %s\n", isolated->params->tree_name,
		up ? "back" : "gone", text);
}

struct sway_isolated *sway_isolated_start(sd_event *event, const struct sway_spawn_params *params,
	const struct sway_process_events *events, void *data)
{
	static const struct isolated_tree_events tree_events = {
		.ready = on_tree_ready,
		.ended = on_tree_ended,
		.sound_changed = on_sound_changed,
	};
	struct sway_isolated *isolated = calloc(1, sizeof *isolated);
	if (!isolated)
		return NULL;
	isolated->event = sd_event_ref(event);
	isolated->events = events;
	isolated->data = data;
	isolated->params = sway_spawn_params_copy(params);
	errno = ENOMEM;
	if (isolated->params && params->adopt_count > 0)
		isolated->tree = isolated_tree_adopt(
			params->isolation, params->tree_name, &tree_events, isolated);
	else if (isolated->params)
		isolated->tree = isolated_tree_spawn(params->isolation,
			&(struct isolated_tree_params){
				.name = params->tree_name,
				.sound = isolation_capabilities(params->isolation)->sound,
			},
			&tree_events, isolated);
	if (!isolated->tree) {
		const int error = errno;
		sway_isolated_destroy(isolated);
		errno = error;
		return NULL;
	}
	return isolated;
}

void sway_isolated_destroy(struct sway_isolated *isolated)
{
	if (!isolated)
		return;
	const struct sway_spawn_params *params = isolated->params;
	sway_sockets_destroy(isolated->sockets);
	if (isolated->compositor)
		isolated_process_end(isolated->compositor);
	if (isolated->tree) {
		isolated_tree_end(isolated->tree);
		if (params->tree_changed)
			params->tree_changed(params->tree_data, NULL);
	}
	sway_spawn_params_free(isolated->params);
	sd_event_unref(isolated->event);
	free(isolated);
}
