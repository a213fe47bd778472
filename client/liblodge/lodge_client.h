/*
 * A connection to a host, seen from the viewer: TLS, WebSocket, attach (docs/protocol.md).
 *
 * Room: liblodge. It has no loop and no clock of its own: the caller polls lodge_client_fd and calls
 * lodge_client_process with the time when the fd is ready or the deadline has come. Single-threaded per client; all
 * callbacks come from inside lodge_client_process, and the client may not be destroyed there.
 */
#ifndef LODGE_CLIENT_H
#define LODGE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/wire.h"
#include "lodge_identity.h"
#include "lodge_trust.h"

struct lodge_client;

enum lodge_client_end {
	LODGE_CLIENT_CONNECT_FAILED, /* name, TCP, TLS, certificate, upgrade, or no answer within the deadline */
	LODGE_CLIENT_REFUSED, /* REFUSED; code is a wire_refusal */
	LODGE_CLIENT_ENDED, /* ENDED; code is a wire_end */
	LODGE_CLIENT_LOST, /* the connection broke after WELCOME */
	LODGE_CLIENT_PROTOCOL, /* the host broke the protocol */
};

struct lodge_client_events {
	/* Every message of the host but FRAME, CHALLENGE first. Strings point into the message. */
	void (*message)(void *data, const struct wire_message *message);
	/* A checked FRAME; `bytes` is its size on the wire. Valid during the call. */
	void (*frame)(void *data, const struct wire_frame *frame, size_t bytes);
	/* Nothing comes after it. `text` is a sentence for a person. */
	void (*ended)(void *data, enum lodge_client_end end, uint16_t code, const char *text);
};

struct lodge_client_params {
	const char *url; /* https://HOST:PORT */
	const struct lodge_identity *identity; /* not owned, outlives the client */
	const char *label; /* 1..64 bytes */
	const char *pin; /* NULL: AUTHENTICATE; else PAIR with it */
	struct lodge_trust trust; /* hosts_folder is copied */
	uint64_t attach_timeout_ns; /* from create to WELCOME; 0 = 10 s */
};

/*
 * Resolves the name (blocks for at most the attach timeout; not at all for a numeric address) and starts to connect.
 * NULL with a sentence in `fault`. What goes wrong later comes as `ended`.
 */
struct lodge_client *lodge_client_create(const struct lodge_client_params *params,
	const struct lodge_client_events *events, void *data, uint64_t now_ns, char *fault,
	size_t fault_capacity);
/* Says good-bye if that can be sent at once, waits half a second at most for the host's end, and closes. NULL is fine. */
void lodge_client_destroy(struct lodge_client *client);
/* Breaks the connection off as a crash would: no close frame, no TLS alert, a TCP reset. */
void lodge_client_abort(struct lodge_client *client);

int lodge_client_fd(const struct lodge_client *client); /* changes until WELCOME; -1 when ended */
bool lodge_client_wants_write(const struct lodge_client *client);
/* When to call process though the fd is silent; 0: at once; UINT64_MAX: never. */
uint64_t lodge_client_deadline_ns(const struct lodge_client *client);
/* Reads, calls back, writes; never waits. False when the connection has ended. */
bool lodge_client_process(struct lodge_client *client, uint64_t now_ns);

bool lodge_client_is_welcome(const struct lodge_client *client);
/* Queues and sends as much as the socket takes at once. -ENOTCONN before WELCOME or after the end. */
int lodge_client_send(struct lodge_client *client, const struct wire_message *message);

struct lodge_client_stats {
	uint64_t received_bytes; /* of TLS payload: WebSocket frames with their headers */
	uint64_t messages;
};
void lodge_client_get_stats(const struct lodge_client *client, struct lodge_client_stats *stats);

/* "wrong_pin" and so on, as docs/protocol.md §3 names them; "unknown" for others. */
const char *lodge_refusal_name(uint16_t code);
const char *lodge_end_name(uint16_t code);
const char *lodge_decline_name(uint16_t code);

#endif
