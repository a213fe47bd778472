/*
 * The management API (api/openapi.yaml): what an operator sees and steers. Requests in, answers out; no socket, no
 * HTTP framing. The web room feeds it; so do its tests and its fuzzer.
 *
 * Room: api. Thread: control. Uses settings, display and session by their doors.
 *
 * Lanes (each route is in exactly one; a test walks them all):
 *   public    anybody: the console's page asks for it before anyone has logged in
 *   loopback  a peer on this machine, or an admin
 *   admin     `Authorization: Bearer <admin token>`, or the console's cookie
 * A request with a cookie that changes something must come from a page of this host: its Origin is the Host it asks
 * (Sec-Fetch-Site same-origin where a browser says so), and its body is application/json.
 */
#ifndef LODGE_API_API_H
#define LODGE_API_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct api;
struct app_list;
struct client_store;
struct display_registry;
struct identity_store;
struct session_host;
struct settings;
struct store_worker;

/* A desktop of one client's own (desktops/desktops.h). What it points to lives until the loop runs. */
struct api_own_desktop {
	const char *name, *app; /* app: an id, or "" */
	const uint8_t *client; /* fingerprint */
	struct display_registry *registry;
};
#define API_OWN_DESKTOPS_MAX 64

struct api_params {
	sd_event *event;
	const char *state_folder; /* admin-token (0600, made on first run), audit.log */
	const char *name; /* of the host; copied */
	struct store_worker *worker; /* writes the audit log; none of these is owned */
	struct settings *settings;
	struct app_list *apps;
	struct display_registry *registry;
	/* At most `capacity`; returns how many. NULL: there are none. */
	size_t (*own_desktops)(void *data, struct api_own_desktop *list, size_t capacity);
	void *own_data;
	const char *own_missing; /* why no client can have one; NULL: they can. Outlives the api */
	const char *
		confinement_missing; /* why none of them can be confined; NULL: they can. Outlives the api */
	const char *(*own_about)(void *data); /* what they run on, a sentence; may be NULL */
	struct identity_store *identities;
	struct session_host *sessions;
	struct client_store *clients;
};

/* NULL with errno and a log line that names the file. */
struct api *api_create(const struct api_params *params);
/* Every call must have been answered or cancelled. */
void api_destroy(struct api *api);

/* Something changed; listeners of /events hear of it, once for many changes. From the owners' `changed` callbacks. */
enum api_topic {
	API_TOPIC_DISPLAYS,
	API_TOPIC_SESSIONS,
	API_TOPIC_CLIENTS,
	API_TOPIC_PAIRING,
	API_TOPIC_SETTINGS,
	API_TOPIC_PRESENCE,
	API_TOPIC_CONTROL,
	API_TOPIC_APPS,
	API_TOPICS,
};
void api_changed(struct api *api, enum api_topic topic);

/* All of it is borrowed for the call of api_handle only. */
struct api_request {
	const char *method; /* "GET" */
	const char *target; /* path and query, as sent: "/api/v1/display/state?x=1" */
	const char *peer; /* address without port */
	const char *(*header)(void *data, const char *name); /* NULL when it is not there */
	void *header_data;
	const void *body;
	size_t body_size;
	uint64_t now_ns; /* CLOCK_MONOTONIC */
};

struct api_answer {
	int status;
	const char *type; /* NULL when there is no body */
	const char *fields; /* further header lines, each ending in \r\n; or "" */
	const void *body;
	size_t body_size;
};

struct api_call; /* a request that waits for its answer, or a listener of events; owned by the api */

struct api_responder {
	/* Exactly once, maybe from inside api_handle. The call is dead afterwards, unless a stream was begun. */
	void (*answer)(void *data, const struct api_answer *answer);
	/* Begins a stream (text/event-stream) instead of an answer; bytes follow until api_cancel. */
	void (*begin_stream)(void *data, const struct api_answer *head);
	/*
	 * False: the listener is too slow (its queue is over its bound) and is dropped; api_cancel follows from the event
	 * loop, not from inside the call.
	 */
	bool (*stream)(void *data, const void *bytes, size_t size);
	/* The stream is over (its listener has logged out): what was sent still goes out. The call is dead afterwards. */
	void (*end_stream)(void *data);
};

/* Whether a path is the API's. */
bool api_owns(const char *target);
/* NULL when it was answered inside the call. `responder` outlives the call. */
struct api_call *api_handle(struct api *api, const struct api_request *request,
	const struct api_responder *responder, void *data);
/* The client is gone, or its stream is closed. Nothing is called any more; a change that was begun is still made. */
void api_cancel(struct api_call *call);

#endif
