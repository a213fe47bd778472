/*
 * What the parts of the API share. Room: api, private. Thread: control.
 */
#ifndef LODGE_API_INTERNAL_H
#define LODGE_API_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "api/api.h"
#include "api/console.h"
#include "api/events.h"
#include "api/secret.h"

#define API_ROOT "/api/v1"
#define API_PARAMETER_MAX 64
#define API_NS_PER_S 1000000000u

struct api_audit;
struct api_route;

struct api {
	sd_event *event;
	int folder; /* STATE */
	char *name;
	struct settings *settings;
	struct app_list *apps;
	struct display_registry *registry;
	size_t (*own_desktops)(void *data, struct api_own_desktop *list, size_t capacity);
	void *own_data;
	const char *own_missing, *confinement_missing;
	const char *(*own_about)(void *data);
	struct identity_store *identities;
	struct session_host *sessions;
	struct client_store *clients;
	uint64_t began_ns;
	uint8_t token[SECRET_DIGEST_SIZE];
	struct console console;
	struct api_audit *audit;
	struct api_events events;
	struct api_call *calls; /* those that are open */
};

/* By what right a request asks. */
enum api_authority {
	API_NOBODY,
	API_LOCAL, /* a program on this machine */
	API_TOKEN,
	API_COOKIE,
};

struct api_call {
	struct api *api;
	struct api_call *next, **previous;
	const struct api_responder *responder; /* NULL: the client is gone, the change goes on */
	void *data;
	const struct api_request *request; /* inside of api_handle only */
	bool handling; /* inside of api_handle */
	bool answered;
	bool audited; /* its answer is written to the audit log */
	uint64_t now_ns; /* of the request, or of the answer that came later */

	const struct api_route *route;
	char parameter[API_PARAMETER_MAX + 1]; /* what the path has for {…} */
	enum api_authority authority;
	uint8_t console_session[SECRET_DIGEST_SIZE]; /* API_COOKIE */
	char peer[64];
	char target[128]; /* for the audit log: what was changed */

	/* A change that is being written: what to do when it is. */
	void (*then)(struct api_call *call, int error);
	void *state; /* the route's own; freed by `free_state` */
	void (*free_state)(void *state);
	struct api_listener *listener;
};

/* Ends the call: no reference to it may be used afterwards, unless api_handle is still on the stack. */
void api_call_answer(struct api_call *call, const struct api_answer *answer);
/* The listener has no right to its stream any more. Ends the call. */
void api_call_end_stream(struct api_call *call);
/* A settings_done for routes that wait for the disk: goes on with `then`. */
void api_call_continue(void *call, int error);

#endif
