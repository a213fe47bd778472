/*
 * What a transport is to a session: something that takes whole messages. The session does not know
 * whether it is a WebSocket, QUIC or a test.
 *
 * Room: session. Thread: control. Neither side calls the other from inside the other's call, except that a
 * session may send from session_receive.
 */
#ifndef LODGE_SESSION_TRANSPORT_H
#define LODGE_SESSION_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/packet.h"

struct session;
struct session_host;

struct session_transport_impl {
	const char *name; /* "web" */
	/* Copies the message and queues it. A transport whose queue is over its bound closes itself. */
	void (*send)(void *transport, const uint8_t *message, size_t size);
	/* Takes a reference and queues the packet as it is, without a copy. */
	void (*send_packet)(void *transport, struct media_packet *packet);
	/* Bytes accepted above and not yet taken by the kernel. */
	size_t (*queued_bytes)(void *transport);
	/* Sends what is queued, then closes. session_detach follows later from the event loop. */
	void (*close)(void *transport);
};

struct session_attach_params {
	const struct session_transport_impl *impl;
	void *transport;
	const char *peer; /* address for the log and the rate limit, without port; copied */
	const char *authority; /* what the client says it connected to (HTTP Host); copied */
};

/* A connection is there: sends CHALLENGE. NULL: refused (too many sessions); the transport closes itself. */
struct session *session_attach(
	struct session_host *host, const struct session_attach_params *params);
/* One whole message. */
void session_receive(struct session *session, const uint8_t *message, size_t size);
/* The transport's queue ran empty. */
void session_drained(struct session *session);
/* The transport is gone; frees the session. Everything it held is released. */
void session_detach(struct session *session);

#endif
