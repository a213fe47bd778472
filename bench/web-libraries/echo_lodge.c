/*
 * The web room as it is, with a session room that echoes.   echo_lodge PORT STATE-FOLDER PAGE-FOLDER
 * Messages of a client are short there, so that it has no 64 KiB echo. Room: bench.
 */
#include <stdio.h>
#include <stdlib.h>

#include "session/transport.h"
#include "web/server.h"

struct session {
	const struct session_transport_impl *impl;
	void *transport;
};

struct session *session_attach(
	struct session_host *host, const struct session_attach_params *params)
{
	struct session *session = malloc(sizeof *session);
	if (session)
		*session = (struct session){ params->impl, params->transport };
	return session;
}

void session_receive(struct session *session, const uint8_t *message, size_t size)
{
	session->impl->send(session->transport, message, size);
}

void session_drained(struct session *session)
{
}

void session_detach(struct session *session)
{
	free(session);
}

int main(int argc, char **argv)
{
	sd_event *event = NULL;
	char address[64];
	if (argc != 4 || sd_event_new(&event) < 0)
		return 2;
	snprintf(address, sizeof address, "127.0.0.1:%s", argv[1]);
	struct web_server *server = web_server_create(&(struct web_server_params){
		.event = event, .state_folder = argv[2], .page_folder = argv[3] });
	if (!server || web_server_listen(server, address) < 0)
		return 1;
	return sd_event_loop(event);
}
