/*
 * A scope of systemd's for a tree: a unit of its own beside the host's, so that a kept tree outlives the host's. Asked of the
 * user's service manager over its private socket, which is there without a bus, too.
 *
 * Room: isolation. Thread: control. Nothing here waits for the manager.
 */
#ifndef LODGE_ISOLATION_SCOPE_H
#define LODGE_ISOLATION_SCOPE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "core/source.h"
#include "isolation/tree_record.h"

struct scope_request;

#define SCOPE_NAME_MAX 96

struct scope_params {
	sd_event *event;
	const char *manager; /* its socket */
	const char *name; /* of the unit: lodge-tree-….scope */
	pid_t process; /* all that it begins with */
	uint32_t tasks_max;
	/* 0: the process is in it. Negative errno, with a sentence. Once, from the event loop, at the latest after 5 s. */
	void (*done)(void *data, int error, const char *text);
	void *data;
};

/* The socket of the manager that looks after this user's units; "": there is none that listens. */
void scope_find_manager(char manager[SOURCE_PATH_MAX]);

/* NULL with errno. Copies nothing but the names. */
struct scope_request *scope_request(const struct scope_params *params);
/* `done` does not come any more; what the manager has done stays. NULL is fine. */
void scope_request_destroy(struct scope_request *request);

#endif
