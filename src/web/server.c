#include "web/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "web/certificate.h"
#include "web/pages.h"
#include "web/secure_socket.h"
#include "web/server_internal.h"

static int set_up_tls(struct web_server *server, const char *state_folder)
{
	const int result = certificate_load(state_folder, &server->credentials);
	if (result < 0)
		return result;
	const int error = gnutls_priority_init(
		&server->priorities, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", NULL);
	if (error < 0) {
		fprintf(stderr, "lodged: GnuTLS refuses TLS 1.2 and 1.3: %s\n",
			gnutls_strerror(error));
		return -ENOTSUP;
	}
	return 0;
}

struct web_server *web_server_create(const struct web_server_params *params)
{
	struct web_server *server = calloc(1, sizeof *server);
	if (!server)
		return NULL;
	server->event = sd_event_ref(params->event);
	int error = web_listeners_prepare(server);
	if (error < 0)
		goto failed;
	error = set_up_tls(server, params->state_folder);
	if (error < 0)
		goto failed;
	server->pages = page_store_load(params->page_folder);
	if (!server->pages) {
		error = -errno;
		goto failed;
	}
	if (params->console_folder) {
		error = page_store_add(server->pages, params->console_folder, "/console");
		if (error < 0)
			goto failed;
	}
	server->site = (struct web_site){
		.pages = server->pages,
		.sessions = params->sessions,
		.api = params->api,
	};
	return server;

failed:
	web_server_destroy(server);
	errno = -error;
	return NULL;
}

int web_server_listen(struct web_server *server, const char *address)
{
	return web_listener_open(server, address);
}

void web_server_stop(struct web_server *server)
{
	web_listeners_close(server);
	for (struct secure_socket *socket = server->sockets, *next; socket; socket = next) {
		next = secure_socket_next(socket);
		secure_socket_stop(socket);
	}
}

void web_server_destroy(struct web_server *server)
{
	if (!server)
		return;
	web_listeners_close(server);
	while (server->sockets)
		secure_socket_destroy(server->sockets);
	sd_event_source_disable_unref(server->resume_timer);
	page_store_destroy(server->pages);
	if (server->priorities)
		gnutls_priority_deinit(server->priorities);
	if (server->credentials)
		gnutls_certificate_free_credentials(server->credentials);
	sd_event_unref(server->event);
	free(server);
}
