/*
 * HTTPS to one host: requests with a deadline, and a stream of events. Room: cli.
 *
 * No redirects, no proxies, no other protocol, no cookies: the admin token goes to the host that was named or nowhere.
 */
#ifndef LODGE_CLI_CONNECTION_H
#define LODGE_CLI_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

#define CONNECTION_FAULT_MAX 5120
#define CONNECTION_NEVER UINT64_MAX

struct trust;
struct connection;

/* Wipes the token out of `trust`. NULL when memory is short. */
struct connection *connection_create(struct trust *trust, unsigned timeout_s);
void connection_destroy(struct connection *connection);
/* Why no token is sent; "" when one is. */
const char *connection_token_fault(const struct connection *connection);

/*
 * True with an answer of any status, its JSON parsed when it says that it is some. False: `fault` says what failed,
 * and `failed` whether the host was there but its answer makes no sense. `body` (may be NULL) is borrowed.
 */
bool connection_ask(struct connection *connection, const char *method, const char *path,
	const json_t *body, struct answer *answer, bool *failed, char fault[CONNECTION_FAULT_MAX]);

enum stream_end {
	STREAM_BROKEN, /* it ended, broke off, or was silent for too long: come again */
	STREAM_ABSENT, /* no connection */
	STREAM_REFUSED, /* `answer` says why */
	STREAM_ENOUGH, /* `bytes` returned false */
	STREAM_STOPPED, /* stop_fd became readable */
	STREAM_LATE, /* the deadline */
};

struct stream_params {
	const char *path, *last_event_id; /* "" when there is none */
	int stop_fd;
	const uint64_t *deadline_ns; /* CLOCK_MONOTONIC; read again while waiting */
	unsigned silence_s;
	bool (*bytes)(void *data, const char *bytes, size_t size);
	void *data;
};

enum stream_end connection_listen(struct connection *connection, const struct stream_params *params,
	struct answer *answer, char fault[CONNECTION_FAULT_MAX]);

uint64_t connection_now_ns(void);

#endif
