/*
 * Requests that the management API answers (src/api/api.h): at once, later, or as a stream.
 *
 * Room: web, private.
 */
#ifndef LODGE_WEB_API_CALL_H
#define LODGE_WEB_API_CALL_H

struct web_connection;
struct http_request;

/* Answers the request, or leaves its call in the connection. */
void web_ask_api(struct web_connection *connection, const struct http_request *request);

#endif
