/*
 * WebSocket messages over TLS over TCP, never waiting. What liblodge's client stands on.
 *
 * Room: liblodge, private.
 */
#ifndef LODGE_SOCKET_H
#define LODGE_SOCKET_H

#include <gnutls/gnutls.h>
#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wslay/wslay.h>

#include "lodge_address.h"
#include "lodge_trust.h"
#include "lodge_upgrade.h"

#define LODGE_SOCKET_MESSAGE_MAX (64u * 1024 * 1024)

enum lodge_socket_state {
	LODGE_SOCKET_CONNECTING,
	LODGE_SOCKET_HANDSHAKING,
	LODGE_SOCKET_UPGRADING,
	LODGE_SOCKET_OPEN,
	LODGE_SOCKET_CLOSED,
};

struct lodge_socket {
	enum lodge_socket_state state;
	struct lodge_address address;
	struct lodge_trust trust;
	struct addrinfo *list, *next; /* next: to be tried */
	int fd;
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t tls;
	struct lodge_upgrade upgrade;
	wslay_event_context_ptr websocket;
	uint8_t early[LODGE_UPGRADE_RESPONSE_MAX]; /* WebSocket bytes that came with the upgrade */
	size_t early_at, early_size;
	uint8_t *message; /* under assembly */
	size_t message_size, message_capacity;
	bool in_control_frame;
	size_t read_budget;
	bool more,
		unsent; /* more: stopped reading by budget; unsent: TLS holds bytes for the kernel */
	uint64_t received_bytes;
	/* A whole binary message. False ends the reading. */
	bool (*receive)(void *data, const uint8_t *message, size_t size);
	void *data;
	char fault[320]; /* why it is CLOSED */
};

/* The socket is zeroed but for address, trust, receive and data. False with `fault`. */
bool lodge_socket_begin(struct lodge_socket *socket, int timeout_ms);
void lodge_socket_finish(struct lodge_socket *socket);
/* Goes as far as it can. */
void lodge_socket_process(struct lodge_socket *socket);
bool lodge_socket_send(struct lodge_socket *socket, const uint8_t *message, size_t size);
/* Close frame and TLS alert, as far as the kernel takes them at once. */
void lodge_socket_say_goodbye(struct lodge_socket *socket);
void lodge_socket_reset(struct lodge_socket *socket);
bool lodge_socket_wants_write(const struct lodge_socket *socket);

#endif
