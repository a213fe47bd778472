/*
 * Reads HTTP/1.1 requests from bytes, within limits. It hides which parser does the work (llhttp or http-parser).
 *
 * Room: web, private. Pure: no I/O, no clock.
 */
#ifndef LODGE_WEB_HTTP_REQUEST_H
#define LODGE_WEB_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX (16 * 1024) /* request line and headers, bytes */
#define HTTP_TARGET_MAX 2048
#define HTTP_BODY_MAX (64 * 1024)
#define HTTP_HEADERS_MAX 100
#define HTTP_METHOD_MAX 24

struct http_header {
	const char *name, *value;
};

/* Strings are NUL-terminated; they and the body live until http_reader_next. */
struct http_request {
	char method[HTTP_METHOD_MAX];
	char target[HTTP_TARGET_MAX + 1]; /* as sent; the path alone once the query is cut off */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t header_count;
	bool keep_alive; /* what the client wants and its version allows */
	const uint8_t *body; /* at most HTTP_BODY_MAX; NULL when there is none */
	size_t body_size;
};

/* The value of the header's first line, or NULL. */
const char *http_request_header(const struct http_request *request, const char *name);
size_t http_request_header_lines(const struct http_request *request, const char *name);
/* Whether a comma-separated list (all lines of the header together) has the token, whatever its case. */
bool http_request_has_token(
	const struct http_request *request, const char *name, const char *token);

enum http_progress {
	HTTP_INCOMPLETE,
	HTTP_COMPLETE, /* head and body are read */
	HTTP_FAULTY, /* nothing after this can be trusted: answer and close */
};

struct http_reader;

struct http_reader *http_reader_create(void);
void http_reader_destroy(struct http_reader *reader);
/* Reads up to the end of one request; *used says how many bytes that took. */
enum http_progress http_reader_feed(
	struct http_reader *reader, const uint8_t *bytes, size_t size, size_t *used);
/* Whether a byte of the present request has been read. */
bool http_reader_has_begun(const struct http_reader *reader);
/* HTTP_COMPLETE: the request. */
const struct http_request *http_reader_request(const struct http_reader *reader);
/* HTTP_FAULTY: a sentence, and the status that answers it. */
const char *http_reader_fault(const struct http_reader *reader, int *status);
/* Forgets the request and waits for the next one. */
void http_reader_next(struct http_reader *reader);

#endif
