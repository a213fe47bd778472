#include "web/upgrade.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "core/origin.h"
#include "web/connection.h"
#include "web/session_socket.h"

#define ACCEPT_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 §1.3 */
#define KEY_SIZE 24 /* base64 of 16 bytes */
#define ACCEPT_SIZE 28 /* base64 of a SHA-1 */

bool web_upgrade_is_same_origin(const struct http_request *request)
{
	const char *origin = http_request_header(request, "Origin");
	const char *host = http_request_header(request, "Host");
	if (!origin)
		return true;
	return host && http_request_header_lines(request, "Origin") == 1 &&
		origin_is_host(origin, host);
}

static bool is_key(const char *key)
{
	const gnutls_datum_t text = { (unsigned char *)key, (unsigned)strlen(key) };
	gnutls_datum_t bytes = { NULL, 0 };
	if (text.size != KEY_SIZE || gnutls_base64_decode2(&text, &bytes) < 0)
		return false;
	const bool good = bytes.size == 16;
	gnutls_free(bytes.data);
	return good;
}

static bool make_accept(const char *key, char accept[ACCEPT_SIZE + 1])
{
	char text[KEY_SIZE + sizeof ACCEPT_GUID];
	uint8_t hash[20];
	const int size = snprintf(text, sizeof text, "%s" ACCEPT_GUID, key);
	if (gnutls_hash_fast(GNUTLS_DIG_SHA1, text, (size_t)size, hash) < 0)
		return false;
	const gnutls_datum_t bytes = { hash, sizeof hash };
	gnutls_datum_t encoded = { NULL, 0 };
	if (gnutls_base64_encode2(&bytes, &encoded) < 0)
		return false;
	snprintf(accept, ACCEPT_SIZE + 1, "%.*s", (int)encoded.size, (const char *)encoded.data);
	gnutls_free(encoded.data);
	return true;
}

void web_upgrade(struct web_connection *connection, const struct http_request *request)
{
	const char *version = http_request_header(request, "Sec-WebSocket-Version");
	const char *key = http_request_header(request, "Sec-WebSocket-Key");
	char accept[ACCEPT_SIZE + 1], fields[256];

	connection->last_request = true; /* whoever is refused has nothing else to ask here */
	if (!http_request_has_token(request, "Connection", "Upgrade") ||
		!http_request_has_token(request, "Upgrade", "websocket")) {
		web_connection_problem(connection, request, 426,
			"Upgrade: websocket\r\nConnection: Upgrade\r\n",
			"a session needs a WebSocket: the request does not ask to upgrade to one");
	} else if (!version || strcmp(version, "13") != 0) {
		web_connection_problem(connection, request, 426,
			"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
			"13\r\n",
			"this host speaks version 13 of the WebSocket protocol "
			"(Sec-WebSocket-Version)");
	} else if (!key || !is_key(key) ||
		http_request_header_lines(request, "Sec-WebSocket-Key") != 1) {
		web_connection_problem(connection, request, 400, NULL,
			"Sec-WebSocket-Key must be 16 bytes in base64");
	} else if (!http_request_has_token(request, "Sec-WebSocket-Protocol", WEB_SUBPROTOCOL)) {
		web_connection_problem(connection, request, 400, NULL,
			"a session speaks lodge.v1: Sec-WebSocket-Protocol does not offer it");
	} else if (!make_accept(key, accept)) {
		web_connection_problem(
			connection, request, 500, NULL, "the host could not compute SHA-1");
	} else {
		snprintf(fields, sizeof fields,
			"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
			"Sec-WebSocket-Protocol: " WEB_SUBPROTOCOL "\r\n",
			accept);
		session_socket_begin(connection, request,
			&(struct http_response){ .status = 101, .fields = fields });
	}
}
