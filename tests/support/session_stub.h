/*
 * The session room's transport door, for tests of a transport: linked in place of src/session. It greets, echoes,
 * and lets the test reach the transport.
 */
#ifndef LODGE_TESTS_SESSION_STUB_H
#define LODGE_TESTS_SESSION_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/host.h"
#include "session/transport.h"

#define STUB_GREETING "hello" /* sent from inside session_attach, as CHALLENGE is */

struct session_host {
	bool full; /* session_attach refuses */
	bool quiet; /* messages are counted, not echoed */
	unsigned attached, detached;
	struct session *newest; /* NULL once it is gone */
	/* host_stub.h: who is listed. */
	struct session_state *states;
	size_t state_count;
	unsigned approved;
	bool streaming;
	bool together; /* control is one at a time, and Ada is here */
	uint32_t holder;
	struct grants_wish wish; /* as it was last set */
	char user[65];
	bool invited, guests_ended;
	struct invitation_state invitation;
};

struct session {
	struct session_host *host;
	const struct session_transport_impl *impl;
	void *transport;
	char peer[64], authority[256];
	unsigned messages, drained;
	size_t last_size;
};

/* A message that starts with 'C' closes the session. Every other one is echoed. */

#endif
