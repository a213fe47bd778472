#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/wire.h"
#include "session/clients.h"

#define COORDINATE_SIZE 32
#define AUTHORITY_MAX 512 /* a name has at most 253 bytes, a port 6 */

_Static_assert(CLIENT_KEY_SIZE == WIRE_KEY_SIZE && CLIENT_SIGNATURE_SIZE == WIRE_SIGNATURE_SIZE &&
		CLIENT_NONCE_SIZE == WIRE_NONCE_SIZE && CLIENT_LABEL_MAX == WIRE_LABEL_MAX &&
		CLIENT_FINGERPRINT_SIZE == WIRE_FINGERPRINT_SIZE,
	"the store and the protocol agree on sizes");

static gnutls_datum_t part(const uint8_t *bytes, size_t offset)
{
	return (gnutls_datum_t){ (unsigned char *)bytes + offset, COORDINATE_SIZE };
}

/* docs/protocol.md §1. Returns the size, 0 when the authority is none. */
static unsigned signed_text(uint8_t *text, const uint8_t *nonce, const char *authority)
{
	const size_t length = strnlen(authority, AUTHORITY_MAX + 1);
	if (length == 0 || length > AUTHORITY_MAX)
		return 0;
	memcpy(text, WIRE_CONTEXT, sizeof WIRE_CONTEXT); /* with its NUL */
	memcpy(text + sizeof WIRE_CONTEXT, nonce, CLIENT_NONCE_SIZE);
	memcpy(text + sizeof WIRE_CONTEXT + CLIENT_NONCE_SIZE, authority, length);
	return (unsigned)(sizeof WIRE_CONTEXT + CLIENT_NONCE_SIZE + length);
}

static int import_key(gnutls_pubkey_t public_key, const uint8_t key[CLIENT_KEY_SIZE])
{
	if (key[0] != 4)
		return GNUTLS_E_ILLEGAL_PARAMETER;
	const gnutls_datum_t x = part(key, 1), y = part(key, 1 + COORDINATE_SIZE);
	return gnutls_pubkey_import_ecc_raw(public_key, GNUTLS_ECC_CURVE_SECP256R1, &x, &y);
}

bool client_verify(const uint8_t key[CLIENT_KEY_SIZE],
	const uint8_t signature[CLIENT_SIGNATURE_SIZE], const uint8_t nonce[CLIENT_NONCE_SIZE],
	const char *authority)
{
	uint8_t text[sizeof WIRE_CONTEXT + CLIENT_NONCE_SIZE + AUTHORITY_MAX];
	const gnutls_datum_t data = { text, signed_text(text, nonce, authority) };
	const gnutls_datum_t r = part(signature, 0), s = part(signature, COORDINATE_SIZE);
	gnutls_datum_t der = { NULL, 0 };
	gnutls_pubkey_t public_key = NULL;
	bool good = false;
	if (data.size == 0 || gnutls_pubkey_init(&public_key) < 0)
		return false;
	if (import_key(public_key, key) < 0 || gnutls_encode_rs_value(&der, &r, &s) < 0)
		goto out;
	/* Rejects a point off the curve as well: the import does not look. */
	good = gnutls_pubkey_verify_data2(public_key, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &der) >=
		0;
out:
	gnutls_free(der.data);
	gnutls_pubkey_deinit(public_key);
	return good;
}

void client_fingerprint(
	const uint8_t key[CLIENT_KEY_SIZE], uint8_t fingerprint[CLIENT_FINGERPRINT_SIZE])
{
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, key, CLIENT_KEY_SIZE, fingerprint) == 0)
		return;
	/* Going on would give every client the same identity. */
	fprintf(stderr,
		"lodged: GnuTLS has no working SHA-256; the host cannot tell clients apart\n");
	abort();
}
