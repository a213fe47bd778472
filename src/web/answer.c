#include "web/answer.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char common_headers[] =
	"Content-Security-Policy: default-src 'self'; img-src 'self' data: blob:; "
	"media-src 'self' blob: mediastream:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n"
	"X-Content-Type-Options: nosniff\r\n"
	"Referrer-Policy: no-referrer\r\n"
	"Cross-Origin-Opener-Policy: same-origin\r\n"
	"Cross-Origin-Resource-Policy: same-origin\r\n"
	"Cache-Control: no-cache\r\n";

static const char *reason_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 304:
		return "Not Modified";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 426:
		return "Upgrade Required";
	case 431:
		return "Request Header Fields Too Large";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Error";
	}
}

struct answer {
	int status;
	const char *type, *etag, *extra;
	const void *body;
	size_t size;
	bool head_only, close;
};

static bool put(struct output *output, const struct answer *answer)
{
	char head[1536];
	int size = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\n%s%s%sContent-Length: %zu\r\n",
		answer->status, reason_of(answer->status), common_headers,
		answer->extra ? answer->extra : "", answer->close ? "Connection: close\r\n" : "",
		answer->size);
	if (answer->type)
		size += snprintf(head + size, sizeof head - (size_t)size, "Content-Type: %s\r\n", answer->type);
	if (answer->etag)
		size += snprintf(head + size, sizeof head - (size_t)size, "ETag: %s\r\n", answer->etag);
	size += snprintf(head + size, sizeof head - (size_t)size, "\r\n");
	return output_put_raw(output, head, (size_t)size) &&
		(answer->head_only || output_put_raw(output, answer->body, answer->size));
}

static bool put_problem(struct output *output, const struct http_request *request, int status,
	const char *detail, const char *extra, bool close)
{
	json_t *problem = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title",
		reason_of(status), "status", status, "detail", detail);
	char *body = problem ? json_dumps(problem, JSON_COMPACT) : NULL;
	json_decref(problem);
	const bool done = body &&
		put(output,
			&(struct answer){ .status = status,
				.type = "application/problem+json",
				.extra = extra,
				.body = body,
				.size = strlen(body),
				.head_only = strcmp(request->method, "HEAD") == 0,
				.close = close });
	free(body);
	return done;
}

bool answer_problem(
	struct output *output, const struct http_request *request, int status, const char *detail)
{
	return put_problem(output, request, status, detail,
		status == 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : NULL, true);
}

static bool put_page(
	struct output *output, const struct web_page *page, const struct http_request *request)
{
	const bool known = strstr(request->if_none_match, page->etag);
	return put(output,
		&(struct answer){ .status = known ? 304 : 200,
			.type = known ? NULL : page->type,
			.etag = page->etag,
			.body = page->bytes,
			.size = known ? 0 : page->size,
			.head_only = known || strcmp(request->method, "HEAD") == 0,
			.close = !request->keep_alive });
}

bool answer_request(
	struct output *output, const struct web_pages *pages, const struct http_request *request)
{
	const struct web_page *page = web_pages_find(pages, request->path);
	const bool health = strcmp(request->path, "/healthz") == 0;
	if (!page && !health)
		return put_problem(output, request, 404, "There is nothing at this path.", NULL,
			!request->keep_alive);
	if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
		return put_problem(output, request, 405, "This path knows GET and HEAD.",
			"Allow: GET, HEAD\r\n", !request->keep_alive);
	if (page)
		return put_page(output, page, request);
	return put(output,
		&(struct answer){ .status = 200,
			.type = "text/plain; charset=utf-8",
			.body = "ok\n",
			.size = 3,
			.head_only = strcmp(request->method, "HEAD") == 0,
			.close = !request->keep_alive });
}
