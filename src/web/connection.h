/*
 * One TCP connection: TLS, timeouts, and the session transport on it. Room: web, private. Thread: control.
 */
#ifndef LODGE_WEB_CONNECTION_H
#define LODGE_WEB_CONNECTION_H

#include <gnutls/gnutls.h>
#include <systemd/sd-event.h>

#include "web/pages.h"

struct connection;
struct session_host;

struct connection_params {
	sd_event *event;
	int socket; /* owned from here on, also when create fails */
	const char *peer;
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priorities;
	const struct web_pages *pages;
	struct session_host *sessions;
	/* The connection is over; it has freed itself. */
	void (*gone)(void *data, struct connection *connection);
	void *data;
};

/* In the server's list; `next` and `previous` are the server's. */
struct connection_link {
	struct connection *next, **previous;
};

struct connection *connection_create(const struct connection_params *params);
/* At once, without a word and without `gone`. */
void connection_destroy(struct connection *connection);
struct connection_link *connection_link(struct connection *connection);
const char *connection_peer(const struct connection *connection);

#endif
