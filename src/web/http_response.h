/*
 * Heads of HTTP responses, each with the security headers that every answer of this host carries.
 *
 * Room: web, private. Pure but for the Date header, which reads the clock.
 */
#ifndef LODGE_WEB_HTTP_RESPONSE_H
#define LODGE_WEB_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_RESPONSE_HEAD_MAX 2048

struct http_response {
	int status;
	const char *type; /* NULL: no body, no Content-Type, no Content-Length */
	const char *fields; /* more header lines, each ended by CRLF; NULL: none */
	size_t size; /* of the body */
	bool close; /* says so */
	bool endless; /* the body ends with the connection: no Content-Length; `close` goes with it */
};

/* Returns the size; the buffer holds every head this room makes. */
size_t http_response_head(
	char buffer[HTTP_RESPONSE_HEAD_MAX], const struct http_response *response);
/* An RFC 9457 body. `detail` is one of our sentences: it has nothing to escape. Returns the size. */
size_t http_problem(char *buffer, size_t capacity, int status, const char *detail);

#endif
