#include "web/http_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifdef LODGE_HAVE_LLHTTP
#include <llhttp.h>
typedef llhttp_t parser_type;
typedef llhttp_settings_t settings_type;
#define PARSER_METHOD_NAME(parser) llhttp_method_name((llhttp_method_t)(parser)->method)
#define PARSER_KEEP_ALIVE llhttp_should_keep_alive
#define CALLBACK_STOP HPE_PAUSED
#else
#include <http_parser.h>
typedef http_parser parser_type;
typedef http_parser_settings settings_type;
#define PARSER_METHOD_NAME(parser) http_method_str((enum http_method)(parser)->method)
#define PARSER_KEEP_ALIVE http_should_keep_alive
#define CALLBACK_STOP 0
#endif

struct http_parser_state {
	parser_type parser;
	settings_type settings;
	struct http_request request;
	size_t head_size;
	char url[HTTP_URL_MAX + 1];
	size_t url_size;
	char field[64];
	size_t field_size;
	bool in_value, complete;
	char *value; /* where the present header's value goes; NULL: nowhere */
	size_t value_size;
};

static int stop(struct http_parser_state *state, int status, const char *fault)
{
	if (!state->request.fault) {
		state->request.status = status;
		state->request.fault = fault;
	}
	return -1;
}

static int on_url(parser_type *parser, const char *at, size_t size)
{
	struct http_parser_state *state = parser->data;
	if (state->url_size + size > HTTP_URL_MAX)
		return stop(state, 414, "The URL is longer than 2048 bytes.");
	memcpy(state->url + state->url_size, at, size);
	state->url_size += size;
	return 0;
}

static int on_field(parser_type *parser, const char *at, size_t size)
{
	struct http_parser_state *state = parser->data;
	if (state->in_value)
		state->field_size = 0;
	state->in_value = false;
	/* Names that are longer than any we know are cut and match nothing. */
	const size_t room = sizeof state->field - 1 - state->field_size;
	const size_t taken = size < room ? size : room;
	memcpy(state->field + state->field_size, at, taken);
	state->field_size += taken;
	return 0;
}

static char *value_of(struct http_parser_state *state)
{
	struct http_request *request = &state->request;
	const struct {
		const char *name;
		char *value;
	} wanted[] = {
		{ "host", request->host },
		{ "origin", request->origin },
		{ "if-none-match", request->if_none_match },
		{ "sec-websocket-key", request->websocket_key },
		{ "sec-websocket-version", request->websocket_version },
		{ "sec-websocket-protocol", request->websocket_protocol },
	};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		if (strcasecmp(state->field, wanted[i].name) == 0)
			return wanted[i].value;
	}
	return NULL;
}

static int on_value(parser_type *parser, const char *at, size_t size)
{
	struct http_parser_state *state = parser->data;
	if (!state->in_value) {
		state->in_value = true;
		state->field[state->field_size] = '\0';
		state->value = value_of(state);
		state->value_size = 0;
		if (state->value && state->value[0])
			return stop(state, 400, "A header that may come once came twice.");
		if (strcasecmp(state->field, "transfer-encoding") == 0)
			state->request.has_body = true;
	}
	if (!state->value)
		return 0;
	if (state->value_size + size >= HTTP_FIELD_MAX)
		return stop(state, 431, "A header is longer than 255 bytes.");
	memcpy(state->value + state->value_size, at, size);
	state->value_size += size;
	state->value[state->value_size] = '\0';
	return 0;
}

static int on_headers_complete(parser_type *parser)
{
	struct http_parser_state *state = parser->data;
	struct http_request *request = &state->request;
	snprintf(request->method, sizeof request->method, "%s", PARSER_METHOD_NAME(parser));
	state->url[state->url_size] = '\0';
	const size_t path_size = strcspn(state->url, "?#");
	memcpy(request->path, state->url, path_size);
	request->path[path_size] = '\0';
	if (parser->http_major != 1 || parser->http_minor != 1)
		return stop(state, 505, "Only HTTP/1.1 is spoken here.");
	if (parser->method == HTTP_CONNECT || request->path[0] != '/')
		return stop(state, 400, "The request's target is no path.");
	if (request->host[0] == '\0')
		return stop(state, 400, "The Host header is missing.");
	/* No route takes a body yet, so none is read. */
	if (request->has_body || (parser->content_length != 0 && parser->content_length != UINT64_MAX))
		return stop(state, 413, "No request body is taken here.");
	request->upgrade = parser->upgrade;
	request->keep_alive = PARSER_KEEP_ALIVE(parser);
	return 0;
}

static int on_complete(parser_type *parser)
{
	struct http_parser_state *state = parser->data;
	state->complete = true;
#ifndef LODGE_HAVE_LLHTTP
	http_parser_pause(parser, 1);
#endif
	return CALLBACK_STOP;
}

static void reset(struct http_parser_state *state)
{
	memset(&state->request, 0, sizeof state->request);
	state->head_size = state->url_size = state->field_size = 0;
	state->in_value = state->complete = false;
	state->value = NULL;
#ifdef LODGE_HAVE_LLHTTP
	llhttp_init(&state->parser, HTTP_REQUEST, &state->settings);
#else
	http_parser_init(&state->parser, HTTP_REQUEST);
#endif
	state->parser.data = state;
}

struct http_parser_state *http_parser_state_create(void)
{
	struct http_parser_state *state = calloc(1, sizeof *state);
	if (!state)
		return NULL;
#ifdef LODGE_HAVE_LLHTTP
	llhttp_settings_init(&state->settings);
#else
	http_parser_settings_init(&state->settings);
#endif
	state->settings.on_url = on_url;
	state->settings.on_header_field = on_field;
	state->settings.on_header_value = on_value;
	state->settings.on_headers_complete = on_headers_complete;
	state->settings.on_message_complete = on_complete;
	reset(state);
	return state;
}

void http_parser_state_destroy(struct http_parser_state *state)
{
	free(state);
}

static size_t execute(struct http_parser_state *state, const uint8_t *bytes, size_t size, bool *fault)
{
#ifdef LODGE_HAVE_LLHTTP
	const llhttp_errno_t error = llhttp_execute(&state->parser, (const char *)bytes, size);
	*fault = error != HPE_OK && error != HPE_PAUSED && error != HPE_PAUSED_UPGRADE;
	return error == HPE_OK ? size
			       : (size_t)(llhttp_get_error_pos(&state->parser) - (const char *)bytes);
#else
	const size_t used = http_parser_execute(&state->parser, &state->settings, (const char *)bytes, size);
	const enum http_errno error = HTTP_PARSER_ERRNO(&state->parser);
	*fault = error != HPE_OK && error != HPE_PAUSED;
	return used;
#endif
}

enum http_result http_parser_feed(struct http_parser_state *state, const uint8_t *bytes, size_t size,
	size_t *used, const struct http_request **request)
{
	bool fault;
	if (state->complete)
		reset(state);
	*request = &state->request;
	*used = execute(state, bytes, size, &fault);
	state->head_size += *used;
	if (fault)
		stop(state, 400, "The request is no HTTP/1.1.");
	else if (state->head_size > HTTP_HEAD_MAX)
		stop(state, 431, "The request's head is longer than 16384 bytes.");
	if (state->request.fault)
		return HTTP_FAULT;
	return state->complete ? HTTP_COMPLETE : HTTP_MORE;
}
