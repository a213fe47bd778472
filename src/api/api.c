#include "api/api.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/answer.h"
#include "api/audit.h"
#include "api/internal.h"
#include "api/lanes.h"
#include "api/routes.h"
#include "api/token.h"
#include "apps/apps.h"

static uint64_t now_ns(const struct api *api)
{
	uint64_t now_us = 0;
	sd_event_now(api->event, CLOCK_MONOTONIC, &now_us);
	return now_us * 1000;
}

struct api *api_create(const struct api_params *params)
{
	int error = -ENOMEM;
	struct api *api = calloc(1, sizeof *api);
	if (!api)
		goto failed;
	api->folder = -1;
	api->event = sd_event_ref(params->event);
	api->settings = params->settings;
	api->apps = params->apps;
	api->registry = params->registry;
	api->own_desktops = params->own_desktops;
	api->own_data = params->own_data;
	api->own_missing = params->own_missing;
	api->confinement_missing = params->confinement_missing;
	api->own_about = params->own_about;
	api->identities = params->identities;
	api->sessions = params->sessions;
	api->clients = params->clients;
	api->began_ns = now_ns(api);
	api->name = strdup(params->name);
	if (!api->name)
		goto failed;
	api->folder = open(params->state_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (api->folder < 0) {
		error = -errno;
		fprintf(stderr, "lodged: state folder %s cannot be opened: %s\n",
			params->state_folder, strerror(errno));
		goto failed;
	}
	error = admin_token_load(api->folder, params->state_folder, api->token);
	if (error < 0)
		goto failed;
	error = -ENOMEM;
	api->audit = api_audit_create(api->folder, params->worker);
	if (!api->audit)
		goto failed;
	error = api_events_prepare(api);
	if (error < 0)
		goto failed;
	return api;

failed:
	api_destroy(api);
	errno = -error;
	return NULL;
}

static struct api_call *call_create(struct api *api, const struct api_request *request)
{
	struct api_call *call = calloc(1, sizeof *call);
	if (!call)
		return NULL;
	call->api = api;
	call->request = request;
	call->now_ns = request->now_ns;
	snprintf(call->peer, sizeof call->peer, "%s", request->peer);
	call->next = api->calls;
	call->previous = &api->calls;
	if (api->calls)
		api->calls->previous = &call->next;
	api->calls = call;
	return call;
}

static void call_free(struct api_call *call)
{
	*call->previous = call->next;
	if (call->next)
		call->next->previous = call->previous;
	api_listener_destroy(call->listener);
	if (call->free_state)
		call->free_state(call->state);
	free(call);
}

void api_destroy(struct api *api)
{
	if (!api)
		return;
	for (struct api_call *call = api->calls, *next; call; call = next) {
		next = call->next;
		settings_forget(api->settings, call);
		app_list_forget(api->apps, call);
		call_free(call);
	}
	api_events_finish(api);
	api_audit_destroy(api->audit);
	if (api->folder >= 0)
		close(api->folder);
	secret_wipe(&api->console, sizeof api->console);
	free(api->name);
	sd_event_unref(api->event);
	free(api);
}

bool api_owns(const char *target)
{
	static const char root[] = "/api";
	return strncmp(target, root, sizeof root - 1) == 0 &&
		strchr("/?", target[sizeof root - 1]); /* "" too */
}

void api_call_answer(struct api_call *call, const struct api_answer *answer)
{
	if (call->answered) /* each route answers once; a second time would reach a dead client */
		return;
	call->answered = true;
	call->then = NULL;
	if (call->audited)
		api_audit_write(call->api->audit, call, answer->status);
	if (call->responder)
		call->responder->answer(call->data, answer);
	call->responder = NULL;
	if (!call->handling)
		call_free(call);
}

void api_call_end_stream(struct api_call *call)
{
	if (call->responder)
		call->responder->end_stream(call->data);
	call_free(call);
}

void api_call_continue(void *data, int error)
{
	struct api_call *call = data;
	void (*then)(struct api_call * call, int error) = call->then;
	call->then = NULL;
	call->now_ns = now_ns(call->api);
	then(call, error);
}

static void refuse_unknown(struct api_call *call, const char *allowed)
{
	char fields[96];
	if (!*allowed) {
		api_problem(call, 404, "the API has nothing at this path");
		return;
	}
	snprintf(fields, sizeof fields, "Allow: %s\r\n", allowed);
	api_problem_with(call, 405, fields, NULL, "this path does not answer to that method");
}

static void dispatch(struct api_call *call)
{
	const struct api_request *request = call->request;
	const size_t size = strcspn(request->target, "?"), root = sizeof API_ROOT - 1;
	char allowed[64] = "";
	const struct api_route *route = NULL;
	if (size > root && memcmp(request->target, API_ROOT, root) == 0)
		route = api_route_find(request->method, request->target + root, size - root,
			call->parameter, allowed);
	if (!route) {
		refuse_unknown(call, allowed);
		return;
	}
	call->route = route;
	snprintf(call->target, sizeof call->target, "%s", call->parameter);
	if (!api_lane_admits(call))
		return;
	call->audited = route->audited;
	route->handle(call);
}

struct api_call *api_handle(struct api *api, const struct api_request *request,
	const struct api_responder *responder, void *data)
{
	struct api_call *call = call_create(api, request);
	if (!call) {
		responder->answer(data, &(const struct api_answer){ .status = 503, .fields = "" });
		return NULL;
	}
	call->responder = responder;
	call->data = data;
	call->handling = true;
	dispatch(call);
	call->handling = false;
	call->request = NULL;
	if (!call->answered)
		return call;
	call_free(call);
	return NULL;
}

void api_cancel(struct api_call *call)
{
	call->responder = NULL;
	if (!call->then) /* a listener; a change goes on */
		call_free(call);
}

void api_changed(struct api *api, enum api_topic topic)
{
	api_events_mark(api, topic);
}
