/*
 * HTTP/1.1 request heads, parsed by llhttp, or by its predecessor http-parser where Debian has no llhttp.
 * Sans I/O. Room: web, private. Thread: control; fuzzed.
 */
#ifndef LODGE_WEB_HTTP_REQUEST_H
#define LODGE_WEB_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX 16384
#define HTTP_URL_MAX 2048
#define HTTP_FIELD_MAX 256

enum http_result {
	HTTP_MORE,     /* the head is not complete */
	HTTP_COMPLETE, /* one request is; bytes behind it are left */
	HTTP_FAULT,    /* answer `status` and close */
};

struct http_request {
	char method[16];
	char path[HTTP_URL_MAX + 1]; /* without the query */
	char host[HTTP_FIELD_MAX], origin[HTTP_FIELD_MAX], if_none_match[HTTP_FIELD_MAX];
	char websocket_key[HTTP_FIELD_MAX], websocket_version[HTTP_FIELD_MAX];
	char websocket_protocol[HTTP_FIELD_MAX];
	bool upgrade, keep_alive, has_body;
	int status;        /* HTTP_FAULT */
	const char *fault; /* HTTP_FAULT: a sentence */
};

struct http_parser_state;

struct http_parser_state *http_parser_state_create(void);
void http_parser_state_destroy(struct http_parser_state *state);
/* Takes bytes; *used says how many. On HTTP_COMPLETE the request is valid until the next feed. */
enum http_result http_parser_feed(struct http_parser_state *state, const uint8_t *bytes, size_t size,
	size_t *used, const struct http_request **request);

#endif
