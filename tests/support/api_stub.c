#include "support/api_stub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct api_call {
	struct api *api;
	const struct api_responder *responder;
	void *data;
};

bool api_owns(const char *target)
{
	return strncmp(target, "/api/", 5) == 0;
}

static void answer(const struct api_responder *responder, void *data, int status, const char *text,
	size_t size)
{
	const struct api_answer what = {
		.status = status,
		.type = text ? "text/plain" : NULL,
		.fields = "X-Stub: yes\r\n",
		.body = text,
		.body_size = size,
	};
	responder->answer(data, &what);
}

static void echo(
	const struct api_request *request, const struct api_responder *responder, void *data)
{
	char *text = malloc(request->body_size + 4096);
	if (!text)
		abort();
	size_t size = (size_t)sprintf(
		text, "%s %s %s\n", request->method, request->target, request->peer);
	if (request->body_size)
		memcpy(text + size, request->body, request->body_size);
	size += request->body_size;
	answer(responder, data, 200, text, size);
	free(text);
}

struct api_call *api_handle(struct api *api, const struct api_request *request,
	const struct api_responder *responder, void *data)
{
	const bool streams = strcmp(request->target, "/api/stream") == 0;
	api->handled++;
	if (!streams && strcmp(request->target, "/api/later") != 0) {
		echo(request, responder, data);
		return NULL;
	}
	struct api_call *call = calloc(1, sizeof *call);
	if (!call)
		abort();
	*call = (struct api_call){ .api = api, .responder = responder, .data = data };
	api->newest = call;
	if (streams) {
		responder->begin_stream(data,
			&(const struct api_answer){
				.status = 200,
				.type = "text/event-stream",
				.fields = "",
			});
		responder->stream(data, "begin\n", 6);
	}
	return call;
}

static void forget(struct api_call *call)
{
	if (call->api->newest == call)
		call->api->newest = NULL;
	free(call);
}

void api_cancel(struct api_call *call)
{
	call->api->cancelled++;
	forget(call);
}

void api_stub_answer(struct api *api, int status, const char *text)
{
	struct api_call *call = api->newest;
	answer(call->responder, call->data, status, text, text ? strlen(text) : 0);
	forget(call);
}

bool api_stub_stream(struct api *api, const void *bytes, size_t size)
{
	return api->newest->responder->stream(api->newest->data, bytes, size);
}

void api_stub_end_stream(struct api *api)
{
	struct api_call *call = api->newest;
	api->ended++;
	call->responder->end_stream(call->data);
	forget(call);
}
