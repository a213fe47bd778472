/*
 * A service manager for tests, in a process of its own on a private D-Bus: as much of org.freedesktop.systemd1 as a
 * takeover talks to, with one unit, and with faults on demand.
 *
 * Thread: the test's. What both sides look at is shared memory.
 */
#ifndef LODGE_TESTS_FAKE_MANAGER_H
#define LODGE_TESTS_FAKE_MANAGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

enum manager_fault {
	MANAGER_WORKS,
	MANAGER_REFUSES, /* every job: access denied */
	MANAGER_NEVER_ENDS, /* a stop's job is accepted, and nothing comes of it */
	MANAGER_LIES, /* a stop's job is done, but the unit runs on */
	MANAGER_SILENT, /* nothing is answered at all */
};

struct manager_state {
	_Atomic(int) fault; /* enum manager_fault */
	atomic_bool active; /* the unit runs */
	atomic_uint starts, stops; /* jobs that were asked for */
};

struct fake_manager {
	char folder[64];
	char address[128];
	pid_t bus, manager;
	struct manager_state *state;
};

#define MANAGER_UNIT "gamescope-session@tv.service"

/* False with a message on standard error. */
bool fake_manager_start(struct fake_manager *manager);
void fake_manager_stop(struct fake_manager *manager);
/* A connection to its bus. */
sd_bus *fake_manager_connect(const struct fake_manager *manager);

#endif
