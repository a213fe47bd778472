#include "lodge_upgrade.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ACCEPT_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 §1.3 */
#define SUBPROTOCOL "lodge.v1"

static bool base64(const uint8_t *bytes, size_t size, char *out, size_t capacity)
{
	const gnutls_datum_t data = { (unsigned char *)bytes, (unsigned int)size };
	gnutls_datum_t text = { 0 };
	if (gnutls_base64_encode2(&data, &text) < 0)
		return false;
	const bool fits = text.size < capacity;
	if (fits) {
		memcpy(out, text.data, text.size);
		out[text.size] = '\0';
	}
	gnutls_free(text.data);
	return fits;
}

static void append(char *buffer, size_t capacity, size_t *size, const char *bytes, size_t count)
{
	/* A name or value that is too long is cut, and then equals none that is looked for. */
	if (count > capacity - 1 - *size)
		count = capacity - 1 - *size;
	memcpy(buffer + *size, bytes, count);
	*size += count;
	buffer[*size] = '\0';
}

static void end_header(struct lodge_upgrade *upgrade)
{
	if (strcasecmp(upgrade->name, "Sec-WebSocket-Accept") == 0)
		upgrade->accepted = strcmp(upgrade->value, upgrade->accept) == 0;
	if (strcasecmp(upgrade->name, "Sec-WebSocket-Protocol") == 0)
		upgrade->subprotocol = strcmp(upgrade->value, SUBPROTOCOL) == 0;
	upgrade->name_size = upgrade->value_size = 0;
	upgrade->name[0] = upgrade->value[0] = '\0';
	upgrade->in_value = false;
}

static int on_header_field(http_parser_type *parser, const char *bytes, size_t size)
{
	struct lodge_upgrade *upgrade = parser->data;
	if (upgrade->in_value)
		end_header(upgrade);
	append(upgrade->name, sizeof upgrade->name, &upgrade->name_size, bytes, size);
	return 0;
}

static int on_header_value(http_parser_type *parser, const char *bytes, size_t size)
{
	struct lodge_upgrade *upgrade = parser->data;
	upgrade->in_value = true;
	append(upgrade->value, sizeof upgrade->value, &upgrade->value_size, bytes, size);
	return 0;
}

static int on_headers_complete(http_parser_type *parser)
{
	struct lodge_upgrade *upgrade = parser->data;
	end_header(upgrade);
	if (parser->status_code != 101)
		upgrade->complete = true; /* its body does not matter */
	return 0;
}

static int on_message_complete(http_parser_type *parser)
{
	struct lodge_upgrade *upgrade = parser->data;
	upgrade->complete = true;
	return 0;
}

size_t lodge_upgrade_begin(struct lodge_upgrade *upgrade, const char *authority,
	const uint8_t nonce[LODGE_UPGRADE_NONCE_SIZE], char request[LODGE_UPGRADE_REQUEST_MAX])
{
	char key[32], text[80];
	uint8_t digest[20];
	*upgrade = (struct lodge_upgrade){ 0 };
	if (!base64(nonce, LODGE_UPGRADE_NONCE_SIZE, key, sizeof key))
		return 0;
	const int text_size = snprintf(text, sizeof text, "%s%s", key, ACCEPT_SUFFIX);
	if (gnutls_hash_fast(GNUTLS_DIG_SHA1, text, (size_t)text_size, digest) < 0 ||
		!base64(digest, sizeof digest, upgrade->accept, sizeof upgrade->accept))
		return 0;
#ifdef LODGE_HAVE_LLHTTP
	llhttp_settings_init(&upgrade->callbacks);
	llhttp_init(&upgrade->parser, HTTP_RESPONSE, &upgrade->callbacks);
#else
	http_parser_settings_init(&upgrade->callbacks);
	http_parser_init(&upgrade->parser, HTTP_RESPONSE);
#endif
	upgrade->callbacks.on_header_field = on_header_field;
	upgrade->callbacks.on_header_value = on_header_value;
	upgrade->callbacks.on_headers_complete = on_headers_complete;
	upgrade->callbacks.on_message_complete = on_message_complete;
	upgrade->parser.data = upgrade;
	const int size = snprintf(request, LODGE_UPGRADE_REQUEST_MAX,
		"GET /session HTTP/1.1\r\n"
		"Host: %s\r\n"
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Origin: https://%s\r\n"
		"Sec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: %s\r\n"
		"Sec-WebSocket-Protocol: " SUBPROTOCOL "\r\n"
		"\r\n",
		authority, authority, key);
	return size < LODGE_UPGRADE_REQUEST_MAX ? (size_t)size : 0;
}

/* Parses; returns how many bytes were taken, and whether the parser is content. */
static size_t parse(struct lodge_upgrade *upgrade, const char *bytes, size_t size, bool *good)
{
#ifdef LODGE_HAVE_LLHTTP
	const llhttp_errno_t error = llhttp_execute(&upgrade->parser, bytes, size);
	*good = error == HPE_OK || error == HPE_PAUSED_UPGRADE;
	return error == HPE_OK ? size : (size_t)(llhttp_get_error_pos(&upgrade->parser) - bytes);
#else
	const size_t used = http_parser_execute(&upgrade->parser, &upgrade->callbacks, bytes, size);
	*good = HTTP_PARSER_ERRNO(&upgrade->parser) == HPE_OK;
	return used;
#endif
}

enum lodge_upgrade_state lodge_upgrade_receive(
	struct lodge_upgrade *upgrade, const uint8_t *bytes, size_t size, size_t *used)
{
	bool good;
	*used = parse(upgrade, (const char *)bytes, size, &good);
	upgrade->received += *used;
	if (!good) {
		snprintf(upgrade->fault, sizeof upgrade->fault, "the host's answer is no HTTP");
		return LODGE_UPGRADE_FAILED;
	}
	if (upgrade->received > LODGE_UPGRADE_RESPONSE_MAX) {
		snprintf(upgrade->fault, sizeof upgrade->fault, "the host's answer is too long");
		return LODGE_UPGRADE_FAILED;
	}
	if (!upgrade->complete)
		return LODGE_UPGRADE_MORE;
	if (upgrade->parser.status_code != 101 || !upgrade->parser.upgrade)
		snprintf(upgrade->fault, sizeof upgrade->fault,
			"the host answered the upgrade with HTTP %u",
			(unsigned int)upgrade->parser.status_code);
	else if (!upgrade->accepted)
		snprintf(upgrade->fault, sizeof upgrade->fault,
			"the host's Sec-WebSocket-Accept is wrong");
	else if (!upgrade->subprotocol)
		snprintf(upgrade->fault, sizeof upgrade->fault,
			"the host does not speak " SUBPROTOCOL);
	return upgrade->fault[0] ? LODGE_UPGRADE_FAILED : LODGE_UPGRADE_DONE;
}
