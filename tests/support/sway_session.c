#include "sway_session.h"

#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct sway_spawn_params sway_session_params(
	const char *runtime_parent, const char *const *launch, size_t launch_count)
{
	static const char *environment[1];
	static char cache[PATH_MAX];
	struct sway_spawn_params params = {
		.binary = getenv("LODGE_TEST_SWAY"),
		.runtime_parent = runtime_parent,
		.launch = launch,
		.launch_count = launch_count,
	};
	if (getenv("LODGE_CACHE")) { /* for tools/in-testing-chroot */
		snprintf(cache, sizeof cache, "LODGE_CACHE=%s", getenv("LODGE_CACHE"));
		environment[0] = cache;
		params.environment = environment;
		params.environment_count = 1;
	}
	return params;
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool sway_session_wait(sd_event *event, bool (*condition)(void *data), void *data)
{
	const int64_t due = now_ms() + SWAY_SESSION_DEADLINE_MS;
	while (!condition(data)) {
		if (now_ms() >= due || sd_event_run(event, 20000) < 0)
			return false;
	}
	return true;
}

static void on_ready(void *data, const char *ipc_socket, const char *wayland_socket)
{
	struct sway_session *session = data;
	snprintf(session->ipc_socket, sizeof session->ipc_socket, "%s", ipc_socket);
	snprintf(session->wayland_socket, sizeof session->wayland_socket, "%s", wayland_socket);
}

static void on_exited(void *data, const char *text)
{
	struct sway_session *session = data;
	session->exited = true;
	fprintf(stderr, "sway_session: %s\n", text);
}

/* The socket's name is there a moment before anybody listens. */
static bool is_decided(void *data)
{
	const struct sway_session *session = data;
	json_t *version = session->ipc_socket[0] && !session->exited
		? sway_session_ask(session->ipc_socket, SWAY_GET_VERSION, NULL)
		: NULL;
	const bool decided = session->exited || version;
	json_decref(version);
	return decided;
}

bool sway_session_start(
	struct sway_session *session, sd_event *event, const struct sway_spawn_params *params)
{
	static const struct sway_process_events events = { on_ready, on_exited };
	sigset_t children;
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	*session = (struct sway_session){ 0 };
	session->process = sway_process_start(event, params, &events, session);
	return session->process && sway_session_wait(event, is_decided, session) &&
		!session->exited;
}

void sway_session_stop(struct sway_session *session)
{
	sway_process_destroy(session->process);
	session->process = NULL;
}

bool sway_session_find_ipc(const char *wayland_socket, char path[PATH_MAX])
{
	char pattern[PATH_MAX];
	glob_t found;
	const int folder = (int)(strrchr(wayland_socket, '/') - wayland_socket);
	snprintf(pattern, sizeof pattern, "%.*s/sway-ipc.*.sock", folder, wayland_socket);
	if (glob(pattern, 0, NULL, &found) != 0)
		return false;
	snprintf(path, PATH_MAX, "%s", found.gl_pathv[0]);
	globfree(&found);
	return true;
}

static int open_connection(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = SWAY_SESSION_DEADLINE_MS / 1000 };
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
		close(fd);
		return -1;
	}
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

static json_t *read_answer(int fd)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	struct sway_message message;
	json_t *answer = NULL;
	for (;;) {
		bytes = realloc(bytes, size + 65536);
		if (!bytes)
			break;
		const ssize_t got = recv(fd, bytes + size, 65536, 0);
		if (got <= 0)
			break;
		size += (size_t)got;
		const ssize_t whole = sway_message_decode(bytes, size, &message);
		if (whole == 0)
			continue;
		if (whole > 0)
			answer = json_loadb(message.payload, message.size, 0, NULL);
		break;
	}
	free(bytes);
	return answer;
}

json_t *sway_session_ask(const char *ipc_socket, enum sway_message_type type, const char *payload)
{
	uint8_t header[SWAY_MESSAGE_HEADER_SIZE];
	const size_t size = payload ? strlen(payload) : 0;
	json_t *answer = NULL;
	const int fd = open_connection(ipc_socket);
	if (fd < 0)
		return NULL;
	sway_message_encode_header(header, type, (uint32_t)size);
	if (send(fd, header, sizeof header, MSG_NOSIGNAL) == sizeof header &&
		(size == 0 || send(fd, payload, size, MSG_NOSIGNAL) == (ssize_t)size))
		answer = read_answer(fd);
	close(fd);
	return answer;
}

bool sway_session_command(const char *ipc_socket, const char *command)
{
	size_t index;
	json_t *result;
	json_t *answer = sway_session_ask(ipc_socket, SWAY_RUN_COMMAND, command);
	bool succeeded = answer;
	json_array_foreach(answer, index, result)
	{
		succeeded = succeeded && json_is_true(json_object_get(result, "success"));
	}
	json_decref(answer);
	return succeeded;
}

pid_t sway_session_pid(const char *ipc_socket)
{
	struct ucred peer = { 0 };
	socklen_t size = sizeof peer;
	const int fd = open_connection(ipc_socket);
	if (fd < 0)
		return -1;
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	close(fd);
	return peer.pid;
}

static bool holds(const json_t *node, const char *app_id)
{
	static const char *const lists[] = { "nodes", "floating_nodes" };
	const char *name = json_string_value(json_object_get(node, "app_id"));
	if (name && strcmp(name, app_id) == 0)
		return true;
	for (size_t i = 0; i < 2; i++) {
		size_t index;
		json_t *child;
		json_array_foreach(json_object_get(node, lists[i]), index, child)
		{
			if (holds(child, app_id))
				return true;
		}
	}
	return false;
}

void sway_session_find_window(const char *ipc_socket, const char *app_id, char output[64])
{
	size_t index;
	json_t *node;
	json_t *tree = sway_session_ask(ipc_socket, SWAY_GET_TREE, NULL);
	output[0] = '\0';
	json_array_foreach(json_object_get(tree, "nodes"), index, node)
	{
		if (holds(node, app_id))
			snprintf(
				output, 64, "%s", json_string_value(json_object_get(node, "name")));
	}
	json_decref(tree);
}
