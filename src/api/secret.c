#include "api/secret.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "core/hex.h"

bool secret_make(char text[SECRET_TEXT_SIZE + 1])
{
	uint8_t bytes[SECRET_TEXT_SIZE / 2];
	if (gnutls_rnd(GNUTLS_RND_KEY, bytes, sizeof bytes) < 0)
		return false;
	hex_write(bytes, sizeof bytes, text);
	gnutls_memset(bytes, 0, sizeof bytes);
	return true;
}

bool secret_make_digits(char *text, unsigned digits)
{
	uint32_t range = 1, number;
	for (unsigned i = 0; i < digits; i++)
		range *= 10;
	/* Numbers from the incomplete last range are thrown away: they would make some likelier than others. */
	const uint32_t usable = UINT32_MAX / range * range;
	do {
		if (gnutls_rnd(GNUTLS_RND_KEY, &number, sizeof number) < 0)
			return false;
	} while (number >= usable);
	snprintf(text, digits + 1, "%0*u", (int)digits, number % range);
	return true;
}

void secret_digest(const char *text, uint8_t digest[SECRET_DIGEST_SIZE])
{
	memset(digest, 0, SECRET_DIGEST_SIZE);
	gnutls_hash_fast(GNUTLS_DIG_SHA256, text, strlen(text), digest);
}

bool secret_digest_equal(const uint8_t a[SECRET_DIGEST_SIZE], const uint8_t b[SECRET_DIGEST_SIZE])
{
	return gnutls_memcmp(a, b, SECRET_DIGEST_SIZE) == 0;
}

bool secret_matches(const uint8_t digest[SECRET_DIGEST_SIZE], const char *claim)
{
	static const uint8_t nothing[SECRET_DIGEST_SIZE]; /* SHA-256 failed, or nothing is known */
	uint8_t claimed[SECRET_DIGEST_SIZE];
	secret_digest(claim, claimed);
	return secret_digest_equal(digest, claimed) && !secret_digest_equal(claimed, nothing);
}

void secret_wipe(void *bytes, size_t size)
{
	gnutls_memset(bytes, 0, size);
}
