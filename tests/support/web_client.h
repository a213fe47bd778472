/*
 * A web server in a folder of its own and a small client for it, both on the test's thread: whenever the client waits,
 * the server's event loop runs. Every wait has a deadline; what does not come fails the test.
 */
#ifndef LODGE_TESTS_WEB_CLIENT_H
#define LODGE_TESTS_WEB_CLIENT_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "support/api_stub.h"
#include "support/session_stub.h"
#include "web/server.h"

#define TEST_PAGE "<!doctype html><title>test</title>\n"
#define TEST_CONSOLE "<!doctype html><title>console</title>\n"

struct web_fixture {
	sd_event *event;
	struct session_host sessions;
	struct api api;
	struct web_server *server;
	int port;
	char folder[64], state[80], pages[80], console[80];
};

void web_fixture_start(struct web_fixture *fixture);
void web_fixture_stop(struct web_fixture *fixture);
/* Also a certificate and pages without a server. */
void web_fixture_make_folders(struct web_fixture *fixture);
void web_fixture_remove_folders(struct web_fixture *fixture);
void test_write_file(const char *folder, const char *name, const void *bytes, size_t size);
/* One turn of the loop, at most 10 ms. */
void web_fixture_turn(struct web_fixture *fixture);
/* Until check(data) is true. */
void web_fixture_wait(
	struct web_fixture *fixture, const char *what, bool (*check)(void *data), void *data);

struct web_client {
	struct web_fixture *fixture;
	int fd;
	gnutls_session_t tls; /* NULL: plain TCP */
	gnutls_certificate_credentials_t credentials;
	bool ended; /* the server said goodbye, or the connection broke */
};

/* TCP, without a turn of the server's loop. */
void web_client_connect_plain(struct web_client *client, struct web_fixture *fixture);
void web_client_open_plain(struct web_client *client, struct web_fixture *fixture);
/* TLS. `priorities` NULL: GnuTLS's own; `protocol` NULL: http/1.1. Returns the handshake's result. */
int web_client_shake_hands(struct web_client *client, struct web_fixture *fixture,
	const char *priorities, const char *protocol);
/* Handshake must succeed. */
void web_client_open(struct web_client *client, struct web_fixture *fixture);
void web_client_close(struct web_client *client);

void web_client_send(struct web_client *client, const void *bytes, size_t size);
void web_client_send_text(struct web_client *client, const char *text);
/* False when the connection ended before. */
bool web_client_read(struct web_client *client, void *bytes, size_t size);
/* Reads and drops until the server ends the connection. */
void web_client_expect_end(struct web_client *client);

struct web_answer {
	int status;
	char head[4096];
	char body[65536];
	size_t body_size;
};

/* Reads one answer; `head` says that it answers HEAD. */
void web_client_read_answer(struct web_client *client, struct web_answer *answer, bool head);
/* Sends and reads. */
void web_client_ask(struct web_client *client, const char *request, struct web_answer *answer);
/* The value of a header, up to its line's end, in a buffer of the answer's life; "" when there is none. */
const char *web_answer_header(const struct web_answer *answer, const char *name, char value[512]);

/* /session up to the greeting. */
void web_client_upgrade(struct web_client *client);
#define TEST_UPGRADE                                                                               \
	"GET /session HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: "           \
	"Upgrade\r\n"                                                                              \
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define TEST_UPGRADE_PROTOCOL "Sec-WebSocket-Protocol: lodge.v1\r\n"

#define FRAME_FIN 0x80
#define FRAME_MASK 0x80
/* A masked frame; `first` is its first byte (FIN, reserved bits, opcode). */
void web_client_send_frame(
	struct web_client *client, uint8_t first, const void *payload, size_t size);
struct web_frame {
	uint8_t first;
	size_t size;
	uint8_t *payload; /* free */
};
/* False when the connection ended before. */
bool web_client_read_frame(struct web_client *client, struct web_frame *frame);
/* The next data frame is this. */
void web_client_expect_message(struct web_client *client, const void *payload, size_t size);
/* Skips data frames; the close frame has the code, and the connection ends behind it. */
void web_client_expect_close(struct web_client *client, unsigned code);

#endif
