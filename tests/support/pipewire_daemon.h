/*
 * A PipeWire of a test's own: message bus, pipewire and wireplumber (the session manager that links) in a private folder, with
 * no device of the machine in it.
 *
 * Thread: the test's. Every wait ends after PIPEWIRE_DAEMON_DEADLINE_MS.
 */
#ifndef LODGE_TESTS_SUPPORT_PIPEWIRE_DAEMON_H
#define LODGE_TESTS_SUPPORT_PIPEWIRE_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

#define PIPEWIRE_DAEMON_DEADLINE_MS 20000

struct pipewire_daemon {
	char folder[64];
	char socket[108];
	pid_t bus, pipewire, session_manager;
};

/* False, with the reason on standard error; nothing is left behind then. */
bool pipewire_daemon_start(struct pipewire_daemon *daemon);
/* SIGKILL for pipewire alone, and waits for its end. */
void pipewire_daemon_kill(struct pipewire_daemon *daemon);
void pipewire_daemon_stop(struct pipewire_daemon *daemon);

#endif
