#include "web/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define YEARS_VALID 10
#define PEM_MAX 8192

static bool save(const char *folder, const char *path, const void *bytes, size_t size, mode_t mode)
{
	char temporary[PATH_MAX + 8];
	snprintf(temporary, sizeof temporary, "%s.new", path);
	unlink(temporary);
	const int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	const bool written = file >= 0 && fchmod(file, mode) == 0 &&
		write(file, bytes, size) == (ssize_t)size && fsync(file) == 0;
	int error = errno;
	if (file >= 0)
		close(file);
	if (!written || rename(temporary, path) < 0) {
		error = written ? errno : error;
		fprintf(stderr, "lodged: %s: %s\n", path, strerror(error));
		unlink(temporary);
		errno = error;
		return false;
	}
	const int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory >= 0) {
		fsync(directory);
		close(directory);
	}
	return true;
}

static int fill(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
	static const uint8_t loopback4[] = { 127, 0, 0, 1 };
	static const uint8_t loopback6[16] = { [15] = 1 };
	uint8_t serial[16];
	char name[65] = "lodge";
	const time_t now = time(NULL);
	gethostname(name, sizeof name - 1);
	int error = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
	serial[0] &= 0x7f; /* RFC 5280 §4.1.2.2: positive */
	const struct {
		gnutls_x509_subject_alt_name_t type;
		const void *bytes;
		unsigned size;
	} names[] = {
		{ GNUTLS_SAN_DNSNAME, "localhost", 9 },
		{ GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name) },
		{ GNUTLS_SAN_IPADDRESS, loopback4, sizeof loopback4 },
		{ GNUTLS_SAN_IPADDRESS, loopback6, sizeof loopback6 },
	};
	if (error >= 0)
		error = gnutls_x509_crt_set_version(certificate, 3);
	if (error >= 0)
		error = gnutls_x509_crt_set_serial(certificate, serial, sizeof serial);
	if (error >= 0)
		error = gnutls_x509_crt_set_activation_time(certificate, now - 86400);
	if (error >= 0)
		error = gnutls_x509_crt_set_expiration_time(
			certificate, now + (time_t)YEARS_VALID * 365 * 86400);
	if (error >= 0)
		error = gnutls_x509_crt_set_dn_by_oid(
			certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name));
	for (size_t i = 0; i < sizeof names / sizeof *names && error >= 0; i++)
		error = gnutls_x509_crt_set_subject_alt_name(certificate, names[i].type, names[i].bytes,
			names[i].size, i ? GNUTLS_FSAN_APPEND : GNUTLS_FSAN_SET);
	if (error >= 0)
		error = gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (error >= 0)
		error = gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0);
	if (error >= 0)
		error = gnutls_x509_crt_set_key(certificate, key);
	if (error >= 0)
		error = gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
	return error;
}

static bool make(const char *folder, const char *certificate_path, const char *key_path)
{
	gnutls_x509_crt_t certificate = NULL;
	gnutls_x509_privkey_t key = NULL;
	char pem[PEM_MAX], key_pem[PEM_MAX];
	size_t size = sizeof pem, key_size = sizeof key_pem;
	int error = gnutls_x509_privkey_init(&key);
	if (error >= 0)
		error = gnutls_x509_crt_init(&certificate);
	if (error >= 0)
		error = gnutls_x509_privkey_generate(
			key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (error >= 0)
		error = fill(certificate, key);
	if (error >= 0)
		error = gnutls_x509_crt_export(certificate, GNUTLS_X509_FMT_PEM, pem, &size);
	if (error >= 0)
		error = gnutls_x509_privkey_export_pkcs8(
			key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, key_pem, &key_size);
	if (certificate)
		gnutls_x509_crt_deinit(certificate);
	if (key)
		gnutls_x509_privkey_deinit(key);
	bool made = error >= 0;
	if (made)
		/* The key last: with it the pair is complete. A certificate alone is from a start that was cut off. */
		made = save(folder, certificate_path, pem, size, 0644) &&
			save(folder, key_path, key_pem, key_size, 0600);
	else
		fprintf(stderr, "lodged: the certificate cannot be made: %s\n", gnutls_strerror(error));
	gnutls_memset(key_pem, 0, sizeof key_pem);
	return made;
}

static bool key_is_private(const char *path)
{
	struct stat status;
	if (stat(path, &status) < 0) {
		fprintf(stderr, "lodged: %s: %s\n", path, strerror(errno));
		return false;
	}
	if (status.st_mode & 077) {
		fprintf(stderr, "lodged: %s: others may read the private key; chmod 600 it, or remove it "
				"and certificate.pem to get new ones\n", path);
		errno = EPERM;
		return false;
	}
	return true;
}

gnutls_certificate_credentials_t web_certificate_load(const char *folder)
{
	char certificate_path[PATH_MAX], key_path[PATH_MAX];
	if (snprintf(certificate_path, PATH_MAX, "%s/certificate.pem", folder) >= PATH_MAX ||
		snprintf(key_path, PATH_MAX, "%s/key.pem", folder) >= PATH_MAX) {
		fprintf(stderr, "lodged: %s: the name of the state folder is too long\n", folder);
		errno = ENAMETOOLONG;
		return NULL;
	}
	if (access(key_path, F_OK) < 0 && errno == ENOENT &&
		!make(folder, certificate_path, key_path)) {
		errno = errno ? errno : EIO;
		return NULL;
	}
	if (!key_is_private(key_path))
		return NULL;
	gnutls_certificate_credentials_t credentials;
	int error = gnutls_certificate_allocate_credentials(&credentials);
	if (error < 0) {
		errno = ENOMEM;
		return NULL;
	}
	error = gnutls_certificate_set_x509_key_file2(
		credentials, certificate_path, key_path, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (error >= 0)
		return credentials;
	fprintf(stderr, "lodged: %s and %s: %s; mend them, or remove both to get new ones\n",
		certificate_path, key_path, gnutls_strerror(error));
	gnutls_certificate_free_credentials(credentials);
	errno = EINVAL;
	return NULL;
}
