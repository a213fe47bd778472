/*
 * What the parts of the server share. Room: web, private.
 */
#ifndef LODGE_WEB_SERVER_INTERNAL_H
#define LODGE_WEB_SERVER_INTERNAL_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "web/connection.h"
#include "web/server.h"

#define WEB_RECORD_MAX 16384
#define WEB_CONNECTIONS_MAX 256
#define WEB_UNPROVEN_PER_PEER_MAX 32 /* connections of one address that carry no session */
#define WEB_PEER_MAX 64

struct secure_socket;
struct web_listener;

struct web_server {
	sd_event *event;
	struct web_site site;
	struct page_store *pages;
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priorities;
	struct web_listener *listeners;
	struct secure_socket *sockets;
	unsigned socket_count;
	bool paused; /* no descriptor was left for a new connection */
	sd_event_source
		*resume_timer; /* made at start: later there might be none left for it either */
	uint64_t quiet_until_us; /* the log has heard that newcomers are turned away */
	uint8_t record
		[WEB_RECORD_MAX]; /* where records are gathered; in use within one call only */
};

/* listener.c */
int web_listeners_prepare(struct web_server *server);
int web_listener_open(struct web_server *server, const char *address);
void web_listeners_close(struct web_server *server);

/* A connection is gone: there may be room for another. */
void web_listeners_resume(struct web_server *server);

#endif
