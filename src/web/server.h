/*
 * The web transport: HTTPS for the pages, WSS for sessions (docs/protocol.md), on GnuTLS and the sd-event loop.
 *
 * Room: web. Thread: control. No request blocks the loop: pages are held in memory.
 */
#ifndef LODGE_WEB_SERVER_H
#define LODGE_WEB_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct web_server;
struct api;
struct session_host;

struct web_server_params {
	sd_event *event;
	struct session_host *sessions; /* not owned */
	const char *state_folder; /* certificate.pem and key.pem (0600), made on first run */
	const char *page_folder; /* the viewer's files, read at start */
	const char *console_folder; /* the console's, served below /console/; NULL: none */
	struct api *api; /* not owned, destroyed after the server; NULL: none */
};

/* NULL with errno and a log line that names the file. */
struct web_server *web_server_create(const struct web_server_params *params);
/* "127.0.0.1:7443", "[::1]:0" ...; returns the port bound (> 0) or a negative errno. May be called repeatedly. */
int web_server_listen(struct web_server *server, const char *address);
/* Stops accepting; closes connections as they drain, all of them when it is destroyed. */
void web_server_stop(struct web_server *server);
void web_server_destroy(struct web_server *server);

#endif
