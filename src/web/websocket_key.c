#include "web/websocket_key.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NONCE_SIZE 16
#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

bool websocket_key_valid(const char *key)
{
	const gnutls_datum_t text = { (unsigned char *)key, (unsigned)strlen(key) };
	gnutls_datum_t nonce;
	if (text.size == 0 || gnutls_base64_decode2(&text, &nonce) < 0)
		return false;
	const bool valid = nonce.size == NONCE_SIZE;
	gnutls_free(nonce.data);
	return valid;
}

void websocket_key_accept(const char *key, char accept[WEBSOCKET_ACCEPT_SIZE])
{
	char text[128];
	uint8_t digest[20];
	gnutls_datum_t encoded;
	const int size = snprintf(text, sizeof text, "%s" GUID, key);
	const gnutls_datum_t hash = { digest, sizeof digest };
	accept[0] = '\0';
	if (gnutls_hash_fast(GNUTLS_DIG_SHA1, text, (size_t)size, digest) < 0 ||
		gnutls_base64_encode2(&hash, &encoded) < 0)
		return;
	snprintf(accept, WEBSOCKET_ACCEPT_SIZE, "%.*s", (int)encoded.size, (const char *)encoded.data);
	gnutls_free(encoded.data);
}
