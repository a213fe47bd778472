#include "cli/key_pin.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/state_file.h"

#define FILE_MAX (256 * 1024)

static int read_certificate(const char *path, gnutls_x509_crt_t certificate)
{
	char *text;
	size_t size;
	/* The whole path: a file in a folder that need not be ours. */
	int error = state_file_read(AT_FDCWD, path, FILE_MAX, &text, &size);
	if (error)
		return error;
	const gnutls_datum_t pem = { (unsigned char *)text, (unsigned)size };
	if (gnutls_x509_crt_import(certificate, &pem, GNUTLS_X509_FMT_PEM) < 0)
		error = -EBADMSG;
	free(text);
	return error;
}

static int format_pin(gnutls_x509_crt_t certificate, char *pin, size_t capacity)
{
	uint8_t digest[32];
	gnutls_pubkey_t key;
	gnutls_datum_t der = { 0 }, base64 = { 0 };
	if (gnutls_pubkey_init(&key) < 0)
		return -ENOMEM;
	int result = gnutls_pubkey_import_x509(key, certificate, 0);
	if (result >= 0)
		result = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der);
	if (result >= 0)
		result = gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, digest);
	const gnutls_datum_t raw = { digest, sizeof digest };
	if (result >= 0)
		result = gnutls_base64_encode2(&raw, &base64);
	int error = result < 0 ? -EBADMSG : 0;
	if (!error &&
		snprintf(pin, capacity, "sha256//%.*s", (int)base64.size,
			(const char *)base64.data) >= (int)capacity)
		error = -ENOSPC;
	gnutls_free(base64.data);
	gnutls_free(der.data);
	gnutls_pubkey_deinit(key);
	return error;
}

int key_pin_read(const char *path, char *pin, size_t capacity, bool *own)
{
	gnutls_x509_crt_t certificate;
	if (gnutls_x509_crt_init(&certificate) < 0)
		return -ENOMEM;
	int error = read_certificate(path, certificate);
	if (!error)
		error = format_pin(certificate, pin, capacity);
	if (!error)
		*own = gnutls_x509_crt_check_issuer(certificate, certificate) != 0 &&
			gnutls_x509_crt_get_ca_status(certificate, NULL) <= 0;
	gnutls_x509_crt_deinit(certificate);
	return error;
}
