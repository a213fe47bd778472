/*
 * Which request is answered by what, and who may ask for it.
 *
 * Room: web, private.
 */
#ifndef LODGE_WEB_ROUTES_H
#define LODGE_WEB_ROUTES_H

struct web_connection;
struct http_request;

/* Answers the request: replies, or turns the connection into a WebSocket. */
void web_route(struct web_connection *connection, const struct http_request *request);

#endif
