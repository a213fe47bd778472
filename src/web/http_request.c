#include "web/http_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifdef LODGE_HAVE_LLHTTP
#include <llhttp.h>
typedef llhttp_t library_parser;
typedef llhttp_settings_t library_settings;
#else
#include <http_parser.h>
typedef http_parser library_parser;
typedef http_parser_settings library_settings;
#endif

#define BODY_FIRST 512 /* most bodies are a small JSON object */

struct http_reader {
	library_parser parser;
	library_settings settings;
	struct http_request request;
	enum http_progress progress;
	int status;
	const char *fault;
	bool head_done, value_open;
	size_t head_bytes, body_bytes; /* as they came over the wire */
	size_t target_size;
	uint8_t *body; /* the request's, as far as it came */
	size_t body_capacity;
	size_t text_size;
	char text[HTTP_HEAD_MAX + 2]; /* names and values, each with its NUL */
};

static int refuse(struct http_reader *reader, int status, const char *fault)
{
	if (!reader->fault) {
		reader->status = status;
		reader->fault = fault;
	}
	return -1;
}

static int on_url(library_parser *parser, const char *bytes, size_t size)
{
	struct http_reader *reader = parser->data;
	struct http_request *request = &reader->request;
	if (size > HTTP_TARGET_MAX - reader->target_size)
		return refuse(reader, 414, "the request's target is longer than 2048 bytes");
	memcpy(request->target + reader->target_size, bytes, size);
	reader->target_size += size;
	request->target[reader->target_size] = '\0';
	return 0;
}

static bool text_add(struct http_reader *reader, const char *bytes, size_t size)
{
	if (size >= sizeof reader->text - reader->text_size)
		return false;
	memcpy(reader->text + reader->text_size, bytes, size);
	reader->text_size += size;
	reader->text[reader->text_size] = '\0';
	return true;
}

/* A piece of a name. The NUL that text_add left behind ends what came before it. */
static int on_header_field(library_parser *parser, const char *bytes, size_t size)
{
	struct http_reader *reader = parser->data;
	struct http_request *request = &reader->request;
	if (reader->head_done)
		return 0; /* a trailer: nobody asks for it */
	if (reader->value_open || request->header_count == 0) {
		if (request->header_count == HTTP_HEADERS_MAX)
			return refuse(reader, 431, "the request has more than 100 headers");
		reader->text_size += reader->value_open;
		request->headers[request->header_count++] =
			(struct http_header){ reader->text + reader->text_size, "" };
		reader->value_open = false;
	}
	return text_add(reader, bytes, size) ? 0 : refuse(reader, 431, "the headers are too long");
}

static int on_header_value(library_parser *parser, const char *bytes, size_t size)
{
	struct http_reader *reader = parser->data;
	struct http_request *request = &reader->request;
	if (reader->head_done)
		return 0;
	if (request->header_count == 0)
		return refuse(reader, 400, "the request starts with a header's continuation");
	if (!reader->value_open) {
		reader->text_size++;
		request->headers[request->header_count - 1].value =
			reader->text + reader->text_size;
		reader->value_open = true;
	}
	return text_add(reader, bytes, size) ? 0 : refuse(reader, 431, "the headers are too long");
}

static bool is_authority(const char *host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_~:[]%";
	const size_t size = strlen(host);
	return size > 0 && size < 256 && strspn(host, allowed) == size;
}

static void trim_values(struct http_request *request)
{
	for (size_t i = 0; i < request->header_count; i++) {
		char *value = (char *)request->headers[i].value;
		for (size_t size = strlen(value); size && strchr(" \t", value[size - 1]); size--)
			value[size - 1] = '\0';
	}
}

static int check_head(struct http_reader *reader)
{
	const library_parser *parser = &reader->parser;
	const struct http_request *request = &reader->request;
	if (parser->http_major != 1 || parser->http_minor != 1)
		return refuse(reader, 505, "this host speaks HTTP/1.1");
	if (request->target[0] != '/')
		return refuse(
			reader, 400, "the request's target must be a path, starting with '/'");
	if (http_request_header_lines(request, "Host") != 1)
		return refuse(reader, 400, "the request must have one Host header");
	if (!is_authority(http_request_header(request, "Host")))
		return refuse(reader, 400, "the Host header is no host and port");
	if (http_request_header(request, "Content-Length") &&
		parser->content_length > HTTP_BODY_MAX)
		return refuse(reader, 413, "the request's body is longer than 64 KiB");
	if (http_request_header(request, "Expect"))
		return refuse(reader, 417, "this host meets no expectation: send the body at once");
	return 0;
}

static int on_headers_complete(library_parser *parser)
{
	struct http_reader *reader = parser->data;
	reader->head_done = true;
	trim_values(&reader->request);
#ifdef LODGE_HAVE_LLHTTP
	const char *method = llhttp_method_name((llhttp_method_t)parser->method);
	reader->request.keep_alive = llhttp_should_keep_alive(parser);
#else
	const char *method = http_method_str((enum http_method)parser->method);
	reader->request.keep_alive = http_should_keep_alive(parser);
#endif
	snprintf(reader->request.method, sizeof reader->request.method, "%s", method);
	return check_head(reader);
}

/* Grows by doubling: a chunked body does not say how long it will be. */
static bool body_reserve(struct http_reader *reader, size_t size)
{
	size_t capacity = reader->body_capacity ? reader->body_capacity : BODY_FIRST;
	while (capacity < size)
		capacity *= 2;
	if (capacity == reader->body_capacity)
		return true;
	uint8_t *body = realloc(reader->body, capacity);
	if (!body)
		return false;
	reader->request.body = reader->body = body;
	reader->body_capacity = capacity;
	return true;
}

static int on_body(library_parser *parser, const char *bytes, size_t size)
{
	struct http_reader *reader = parser->data;
	struct http_request *request = &reader->request;
	if (size > HTTP_BODY_MAX - request->body_size)
		return refuse(reader, 413, "the request's body is longer than 64 KiB");
	if (!body_reserve(reader, request->body_size + size))
		return refuse(reader, 503, "the host has no memory for the request's body");
	memcpy(reader->body + request->body_size, bytes, size);
	request->body_size += size;
	return 0;
}

static void drop_body(struct http_reader *reader)
{
	free(reader->body);
	reader->body = NULL;
	reader->body_capacity = reader->request.body_size = 0;
	reader->request.body = NULL;
}

/* Stops the parser behind the request: what follows is for the next one, or for a WebSocket. */
static int on_message_complete(library_parser *parser)
{
	struct http_reader *reader = parser->data;
	reader->progress = HTTP_COMPLETE;
#ifdef LODGE_HAVE_LLHTTP
	return HPE_PAUSED;
#else
	http_parser_pause(parser, 1);
	return 0;
#endif
}

static size_t library_run(struct http_reader *reader, const uint8_t *bytes, size_t size)
{
#ifdef LODGE_HAVE_LLHTTP
	const llhttp_errno_t error = llhttp_execute(&reader->parser, (const char *)bytes, size);
	if (error == HPE_OK)
		return size;
	if (reader->progress != HTTP_COMPLETE)
		refuse(reader, 400, "the request is not HTTP");
	return (size_t)(llhttp_get_error_pos(&reader->parser) - (const char *)bytes);
#else
	const size_t used =
		http_parser_execute(&reader->parser, &reader->settings, (const char *)bytes, size);
	if (HTTP_PARSER_ERRNO(&reader->parser) != HPE_OK && reader->progress != HTTP_COMPLETE)
		refuse(reader, 400, "the request is not HTTP");
	return used;
#endif
}

/* How many more bytes may be looked at before a limit is known to be broken: never less than one. */
static size_t allowance(const struct http_reader *reader)
{
	if (!reader->head_done)
		return HTTP_HEAD_MAX + 1 - reader->head_bytes;
	return HTTP_BODY_MAX + HTTP_HEAD_MAX + 1 - reader->body_bytes;
}

static void count(struct http_reader *reader, bool in_head, size_t size)
{
	if (in_head)
		reader->head_bytes += size;
	else
		reader->body_bytes += size;
	if (!reader->head_done && reader->head_bytes > HTTP_HEAD_MAX)
		refuse(reader, 431, "the request's head is longer than 16 KiB");
	/* A chunked body's framing counts too, with some leave. */
	if (reader->body_bytes > HTTP_BODY_MAX + HTTP_HEAD_MAX)
		refuse(reader, 413, "the request's body is longer than 64 KiB");
}

enum http_progress http_reader_feed(
	struct http_reader *reader, const uint8_t *bytes, size_t size, size_t *used)
{
	*used = 0;
	while (*used < size && reader->progress == HTTP_INCOMPLETE) {
		const bool in_head = !reader->head_done;
		const size_t allowed = allowance(reader);
		const size_t part = size - *used < allowed ? size - *used : allowed;
		const size_t taken = library_run(reader, bytes + *used, part);
		*used += taken;
		if (reader->progress == HTTP_INCOMPLETE)
			count(reader, in_head, taken);
		if (taken == 0 && reader->progress == HTTP_INCOMPLETE)
			refuse(reader, 400, "the request is not HTTP");
		if (reader->fault)
			reader->progress = HTTP_FAULTY;
	}
	return reader->progress;
}

void http_reader_next(struct http_reader *reader)
{
	reader->request.target[0] = '\0';
	reader->request.header_count = 0;
	drop_body(reader);
	reader->progress = HTTP_INCOMPLETE;
	reader->fault = NULL;
	reader->head_done = reader->value_open = false;
	reader->head_bytes = reader->body_bytes = reader->target_size = reader->text_size = 0;
#ifdef LODGE_HAVE_LLHTTP
	llhttp_init(&reader->parser, HTTP_REQUEST, &reader->settings);
#else
	http_parser_init(&reader->parser, HTTP_REQUEST);
#endif
	reader->parser.data = reader;
}

struct http_reader *http_reader_create(void)
{
	struct http_reader *reader = calloc(1, sizeof *reader);
	if (!reader)
		return NULL;
	reader->settings.on_url = on_url;
	reader->settings.on_header_field = on_header_field;
	reader->settings.on_header_value = on_header_value;
	reader->settings.on_headers_complete = on_headers_complete;
	reader->settings.on_body = on_body;
	reader->settings.on_message_complete = on_message_complete;
	http_reader_next(reader);
	return reader;
}

void http_reader_destroy(struct http_reader *reader)
{
	if (!reader)
		return;
	drop_body(reader);
	free(reader);
}

bool http_reader_has_begun(const struct http_reader *reader)
{
	return reader->head_bytes > 0;
}

const struct http_request *http_reader_request(const struct http_reader *reader)
{
	return &reader->request;
}

const char *http_reader_fault(const struct http_reader *reader, int *status)
{
	*status = reader->status;
	return reader->fault;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++) {
		if (strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	}
	return NULL;
}

size_t http_request_header_lines(const struct http_request *request, const char *name)
{
	size_t lines = 0;
	for (size_t i = 0; i < request->header_count; i++)
		lines += strcasecmp(request->headers[i].name, name) == 0;
	return lines;
}

static bool list_has(const char *list, const char *token)
{
	const size_t wanted = strlen(token);
	while (*list) {
		list += strspn(list, " \t,");
		size_t size = strcspn(list, ",");
		const char *next = list + size;
		while (size && strchr(" \t", list[size - 1]))
			size--;
		if (size == wanted && strncasecmp(list, token, size) == 0)
			return true;
		list = next;
	}
	return false;
}

bool http_request_has_token(const struct http_request *request, const char *name, const char *token)
{
	for (size_t i = 0; i < request->header_count; i++) {
		if (strcasecmp(request->headers[i].name, name) == 0 &&
			list_has(request->headers[i].value, token))
			return true;
	}
	return false;
}
