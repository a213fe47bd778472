/*
 * One accepted connection: its socket, its TLS and its place in the event loop, around a web_connection.
 *
 * Records are encrypted into a buffer of our own and sent from there, several with one call; GnuTLS never sees a full
 * socket. What is queued is written at once; EPOLLOUT is asked for only when the kernel takes no more.
 *
 * Room: web, private. Thread: control.
 */
#ifndef LODGE_WEB_SECURE_SOCKET_H
#define LODGE_WEB_SECURE_SOCKET_H

#include <stdbool.h>

#include "web/server_internal.h"

struct secure_socket;

/* Takes the descriptor, also when it fails (NULL). It removes itself from the server when it is over. */
struct secure_socket *secure_socket_create(struct web_server *server, int fd, const char *peer);
/* From the event loop alone: it detaches the session. */
void secure_socket_destroy(struct secure_socket *socket);

struct secure_socket *secure_socket_next(const struct secure_socket *socket);
const char *secure_socket_peer(const struct secure_socket *socket);
bool secure_socket_is_upgraded(const struct secure_socket *socket);
/* The server stops: finishes what is under way. */
void secure_socket_stop(struct secure_socket *socket);

#endif
