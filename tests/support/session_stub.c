#include "support/session_stub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct session *session_attach(
	struct session_host *host, const struct session_attach_params *params)
{
	if (host->full)
		return NULL;
	struct session *session = calloc(1, sizeof *session);
	if (!session)
		return NULL;
	session->host = host;
	session->impl = params->impl;
	session->transport = params->transport;
	snprintf(session->peer, sizeof session->peer, "%s", params->peer);
	snprintf(session->authority, sizeof session->authority, "%s", params->authority);
	host->attached++;
	host->newest = session;
	session->impl->send(
		session->transport, (const uint8_t *)STUB_GREETING, sizeof STUB_GREETING - 1);
	return session;
}

void session_receive(struct session *session, const uint8_t *message, size_t size)
{
	session->messages++;
	session->last_size = size;
	if (size > 0 && message[0] == 'C')
		session->impl->close(session->transport);
	else if (!session->host->quiet)
		session->impl->send(session->transport, message, size);
}

void session_drained(struct session *session)
{
	session->drained++;
}

void session_detach(struct session *session)
{
	session->host->detached++;
	if (session->host->newest == session)
		session->host->newest = NULL;
	free(session);
}
