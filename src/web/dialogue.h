/*
 * The protocol side of one connection, without its socket: bytes in, bytes and calls to the session out. HTTP
 * until the upgrade, WebSocket after it. Room: web, private. Thread: control; fuzzed as it is.
 */
#ifndef LODGE_WEB_DIALOGUE_H
#define LODGE_WEB_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "web/output.h"
#include "web/pages.h"

struct dialogue;
struct session_host;
struct session_transport_impl;

struct dialogue_params {
	const struct web_pages *pages;
	struct session_host *sessions;
	const struct session_transport_impl *impl; /* what a session is given, with `transport` */
	void *transport;
	const char *peer;
};

struct dialogue *dialogue_create(const struct dialogue_params *params);
void dialogue_destroy(struct dialogue *dialogue); /* detaches the session */

/* Bytes of the peer. False: what is in the output is to be sent, then the connection closed. */
bool dialogue_feed(struct dialogue *dialogue, const uint8_t *bytes, size_t size, uint64_t now_ns);
struct output *dialogue_output(struct dialogue *dialogue);
bool dialogue_is_websocket(const struct dialogue *dialogue);
/* A control frame of our own. */
void dialogue_ping(struct dialogue *dialogue);
void dialogue_close(struct dialogue *dialogue, uint16_t status);
/* When the peer was last heard; the time of the last feed. */
uint64_t dialogue_heard_ns(const struct dialogue *dialogue);
/* Tells the session that everything is out. */
void dialogue_drained(struct dialogue *dialogue);

#endif
