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

/* Listeners: who is attached, or who waits for approval, is not as it was. From the event loop, once for many changes. */
void session_host_on_change(struct session_host *host, void (*changed)(void *data), void *data);

/* For state listings, oldest session first, at most `capacity`. Returns how many were written. */
struct session_state {
	uint32_t id;
	char label[65], peer[64];
	const char *transport; /* "web" */
	uint8_t fingerprint[DISPLAY_IDENTITY_SIZE];
	bool anonymous;
	bool waiting; /* asks to be paired: session_host_decide */
	uint64_t since_ns; /* CLOCK_MONOTONIC */
	bool has_display;
	struct display_info display; /* has_display */
	uint64_t dropped; /* frames that it was too slow for */
};
size_t session_host_list(
	const struct session_host *host, struct session_state *states, size_t capacity);

/* The operator ends it (ENDED released_by_operator). False: nobody has the id, or it is not attached yet. */
bool session_host_end(struct session_host *host, uint32_t id, const char *text);
/* Ends every session of the client. Returns how many. */
size_t session_host_end_client(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *text);
/* The client has another label now: its sessions show it. */
void session_host_relabel(struct session_host *host,
	const uint8_t fingerprint[DISPLAY_IDENTITY_SIZE], const char *label);
/* Answers one that asks to be paired. -ENOENT: it does not wait any more; else 0 or what the store said. */
int session_host_decide(struct session_host *host, uint32_t id, bool approve);

/* Streams that are open, for metrics and budgets. */
struct stream_state {
	uint32_t slot, generation, subscribers;
	uint64_t frames, keyframes, bytes; /* made since the stream began */
};
size_t session_host_streams(
	const struct session_host *host, struct stream_state *states, size_t capacity);

/* The desktop went away or came back: tells every session. */
void session_host_desktop_changed(struct session_host *host, bool ready, const char *text);

#endif
