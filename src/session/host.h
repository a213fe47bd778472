/*
 * The session room: who is attached, what each may do, which display each holds. It joins the registry
 * (displays), the streams (media) and the injectors (input) for every attached client.
 *
 * Room: session. Thread: control.
 */
#ifndef LODGE_SESSION_HOST_H
#define LODGE_SESSION_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "display/registry.h"

struct session_host;
struct client_store;

struct session_host_params {
	sd_event *event;
	struct display_registry *registry; /* not owned */
	struct client_store *clients; /* not owned */
	bool open; /* admit unpaired clients */
	const char *name; /* shown to clients; copied */
	uint32_t max_sessions; /* 0 = 64 */
};

struct session_host *session_host_create(const struct session_host_params *params);
/* Ends every session with ENDED shutdown; transports close themselves. */
void session_host_shutdown(struct session_host *host);
void session_host_destroy(struct session_host *host);

/* The desktop went away or came back: tells every session. */
void session_host_desktop_changed(struct session_host *host, bool ready, const char *text);

#endif
