/*
 * The session host's listings and the operator's hand in it, for the API's tests: linked in place of src/session/list.c.
 * `struct session_host` is that of session_stub.h, so that a web server can run beside it.
 */
#ifndef LODGE_TESTS_HOST_STUB_H
#define LODGE_TESTS_HOST_STUB_H

#include "session/host.h"
#include "support/session_stub.h"

struct session_state *host_stub_add(struct session_host *host, uint32_t id, uint8_t client);
void host_stub_finish(struct session_host *host);

#endif
