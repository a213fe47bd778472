/*
 * Helpers for tests against a real sway: a private headless one of their own, and blocking questions to any.
 *
 * Thread: the test's. LODGE_TEST_SWAY names another sway than the one on the PATH (see
 * tools/in-testing-chroot). Every wait ends after SWAY_SESSION_DEADLINE_MS.
 */
#ifndef LODGE_TESTS_SUPPORT_SWAY_SESSION_H
#define LODGE_TESTS_SUPPORT_SWAY_SESSION_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "display/sway/sway_message.h"
#include "display/sway/sway_spawn.h"

#define SWAY_SESSION_DEADLINE_MS 20000

/* Spawn parameters with the sway under test; `launch` may be NULL. The strings live for ever. */
struct sway_spawn_params sway_session_params(
	const char *runtime_parent, const char *const *launch, size_t launch_count);

struct sway_session {
	struct sway_process *process;
	char ipc_socket[PATH_MAX], wayland_socket[PATH_MAX];
	bool exited;
};

/* Runs the loop until sway answers. False, with the reason on standard error. SIGCHLD is blocked. */
bool sway_session_start(
	struct sway_session *session, sd_event *event, const struct sway_spawn_params *params);
void sway_session_stop(struct sway_session *session);

/* Runs the loop until the condition holds; false when the deadline passes first. */
bool sway_session_wait(sd_event *event, bool (*condition)(void *data), void *data);

/* The IPC socket beside a Wayland socket. False when there is none. */
bool sway_session_find_ipc(const char *wayland_socket, char path[PATH_MAX]);

/* Blocking: one connection, one question. NULL when sway does not answer. */
json_t *sway_session_ask(const char *ipc_socket, enum sway_message_type type, const char *payload);
/* True when every command succeeded. */
bool sway_session_command(const char *ipc_socket, const char *command);
pid_t sway_session_pid(const char *ipc_socket);

/* The output that shows or holds the first window of this app id; "" when there is none. */
void sway_session_find_window(const char *ipc_socket, const char *app_id, char output[64]);

#endif
