/*
 * A connection that has become a WebSocket and carries a session: its frames, its pings, its end.
 *
 * Room: web, private. Thread: control.
 */
#ifndef LODGE_WEB_SESSION_SOCKET_H
#define LODGE_WEB_SESSION_SOCKET_H

#include <stdint.h>

struct http_request;
struct http_response;
struct web_connection;

/* Sends the head and attaches a session to the WebSocket that begins behind it. */
void session_socket_begin(struct web_connection *connection, const struct http_request *request,
	const struct http_response *response);
/* WEB_SOCKET. */
uint64_t session_socket_deadline_ns(const struct web_connection *connection);
void session_socket_tick(struct web_connection *connection);

#endif
