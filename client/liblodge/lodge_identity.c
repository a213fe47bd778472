#include "lodge_identity.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COORDINATE_SIZE 32
#define PEM_MAX 8192

struct lodge_identity {
	gnutls_privkey_t private_key;
	uint8_t key[WIRE_KEY_SIZE];
};

static ssize_t read_key_file(const char *path, char *pem, char *fault, size_t capacity)
{
	struct stat status;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		const int error = errno;
		snprintf(fault, capacity, "%s: %s", path, strerror(error));
		errno = error;
		return -1;
	}
	ssize_t size = -1;
	errno = EPERM;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_mode & 077)
		snprintf(fault, capacity, "%s: others may read this key; chmod 600 it", path);
	else if ((size = read(fd, pem, PEM_MAX)) <= 0)
		snprintf(fault, capacity, "%s: the key file is empty or unreadable", path);
	close(fd);
	return size;
}

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		const ssize_t written = write(fd, bytes, size);
		if (written < 0)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return fsync(fd) == 0;
}

static bool write_key_file(
	const char *path, const gnutls_datum_t *pem, char *fault, size_t capacity)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool done = fd >= 0 && write_all(fd, pem->data, pem->size);
	if (!done)
		snprintf(fault, capacity, "%s: the new key cannot be written: %s", path,
			strerror(errno));
	if (fd >= 0 && close(fd) < 0)
		done = false;
	if (!done && fd >= 0)
		unlink(path);
	return done;
}

static bool make_key(
	struct lodge_identity *identity, const char *path, char *fault, size_t capacity)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t pem = { 0 };
	if (gnutls_x509_privkey_init(&key) < 0)
		return false;
	int result = gnutls_x509_privkey_generate(
		key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (result >= 0)
		result = gnutls_x509_privkey_export2_pkcs8(
			key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem);
	bool done = false;
	if (result < 0)
		snprintf(fault, capacity, "%s: no key could be made: %s", path,
			gnutls_strerror(result));
	else
		done = write_key_file(path, &pem, fault, capacity) &&
			gnutls_privkey_import_x509(
				identity->private_key, key, GNUTLS_PRIVKEY_IMPORT_COPY) >= 0;
	gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	gnutls_x509_privkey_deinit(key);
	return done;
}

static bool load_key(
	struct lodge_identity *identity, const char *path, char *fault, size_t capacity)
{
	char pem[PEM_MAX];
	const ssize_t size = read_key_file(path, pem, fault, capacity);
	if (size < 0 && errno == ENOENT)
		return make_key(identity, path, fault, capacity);
	if (size <= 0)
		return false;
	const gnutls_datum_t datum = { (unsigned char *)pem, (unsigned int)size };
	const int result = gnutls_privkey_import_x509_raw(
		identity->private_key, &datum, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_memset(pem, 0, sizeof pem);
	if (result < 0)
		snprintf(fault, capacity, "%s: no private key: %s", path, gnutls_strerror(result));
	return result >= 0;
}

/* GnuTLS hands numbers out with leading zeros added or left out. */
static bool put_coordinate(uint8_t out[COORDINATE_SIZE], const gnutls_datum_t *number)
{
	const uint8_t *bytes = number->data;
	size_t size = number->size;
	while (size > COORDINATE_SIZE && *bytes == 0) {
		bytes++;
		size--;
	}
	if (size > COORDINATE_SIZE)
		return false;
	memset(out, 0, COORDINATE_SIZE - size);
	memcpy(out + COORDINATE_SIZE - size, bytes, size);
	return true;
}

static bool read_public_key(struct lodge_identity *identity)
{
	gnutls_ecc_curve_t curve;
	gnutls_datum_t x = { 0 }, y = { 0 };
	if (gnutls_privkey_export_ecc_raw(identity->private_key, &curve, &x, &y, NULL) < 0)
		return false;
	identity->key[0] = 4;
	const bool done = curve == GNUTLS_ECC_CURVE_SECP256R1 &&
		put_coordinate(identity->key + 1, &x) &&
		put_coordinate(identity->key + 1 + COORDINATE_SIZE, &y);
	gnutls_free(x.data);
	gnutls_free(y.data);
	return done;
}

struct lodge_identity *lodge_identity_open(const char *path, char *fault, size_t fault_capacity)
{
	snprintf(fault, fault_capacity, "%s: out of memory", path);
	struct lodge_identity *identity = calloc(1, sizeof *identity);
	if (!identity)
		return NULL;
	if (gnutls_privkey_init(&identity->private_key) < 0) {
		free(identity);
		return NULL;
	}
	if (!load_key(identity, path, fault, fault_capacity))
		goto error;
	if (!read_public_key(identity)) {
		snprintf(fault, fault_capacity, "%s: not a P-256 key", path);
		goto error;
	}
	return identity;

error:
	lodge_identity_destroy(identity);
	return NULL;
}

void lodge_identity_destroy(struct lodge_identity *identity)
{
	if (!identity)
		return;
	gnutls_privkey_deinit(identity->private_key);
	free(identity);
}

const uint8_t *lodge_identity_key(const struct lodge_identity *identity)
{
	return identity->key;
}

int lodge_identity_sign(const struct lodge_identity *identity, const uint8_t nonce[WIRE_NONCE_SIZE],
	const char *authority, uint8_t signature[WIRE_SIGNATURE_SIZE])
{
	uint8_t text[sizeof WIRE_CONTEXT + WIRE_NONCE_SIZE + 512];
	const size_t authority_size = strlen(authority);
	if (authority_size > 512)
		return -ENAMETOOLONG;
	memcpy(text, WIRE_CONTEXT, sizeof WIRE_CONTEXT); /* with its zero byte */
	memcpy(text + sizeof WIRE_CONTEXT, nonce, WIRE_NONCE_SIZE);
	memcpy(text + sizeof WIRE_CONTEXT + WIRE_NONCE_SIZE, authority, authority_size);
	const gnutls_datum_t data = { text,
		(unsigned int)(sizeof WIRE_CONTEXT + WIRE_NONCE_SIZE + authority_size) };
	gnutls_datum_t der = { 0 }, r = { 0 }, s = { 0 };
	int result = gnutls_privkey_sign_data2(
		identity->private_key, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &der);
	if (result >= 0)
		result = gnutls_decode_rs_value(&der, &r, &s);
	const bool done = result >= 0 && put_coordinate(signature, &r) &&
		put_coordinate(signature + COORDINATE_SIZE, &s);
	gnutls_free(der.data);
	gnutls_free(r.data);
	gnutls_free(s.data);
	return done ? 0 : -EIO;
}
