#include "web/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "web/certificate_make.h"

#define FILE_MAX (256 * 1024)

struct certificate_files {
	char certificate[PATH_MAX], key[PATH_MAX];
	gnutls_datum_t certificate_pem,
		key_pem; /* gnutls_malloc'd; empty while the file is missing */
};

static int complain(const char *path, const char *attempt, int error)
{
	fprintf(stderr, "lodged: %s: %s: %s\n", path, attempt, strerror(error));
	return -error;
}

static int read_open(int fd, const char *path, gnutls_datum_t *pem)
{
	struct stat status;
	if (fstat(fd, &status) < 0)
		return complain(path, "cannot be read", errno);
	if (!S_ISREG(status.st_mode) || status.st_size > FILE_MAX)
		return complain(path, "is no PEM file", EINVAL);
	pem->data = gnutls_malloc((size_t)status.st_size + 1);
	if (!pem->data)
		return -ENOMEM;
	const ssize_t size = read(fd, pem->data, (size_t)status.st_size);
	if (size < 0)
		return complain(path, "cannot be read", errno);
	pem->size = (unsigned)size;
	pem->data[size] = '\0';
	return 0;
}

/* 0 too when there is no such file: pem stays empty. */
static int read_file(const char *path, mode_t forbidden, gnutls_datum_t *pem)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? 0 : complain(path, "cannot be opened", errno);
	struct stat status;
	int result = 0;
	if (fstat(fd, &status) == 0 && status.st_mode & forbidden) {
		fprintf(stderr,
			"lodged: %s: others than its owner may touch the key (mode %04o): "
			"it may be known to them. Replace it, or: chmod 600 %s\n",
			path, (unsigned)(status.st_mode & 07777), path);
		result = -EPERM;
	}
	if (result == 0)
		result = read_open(fd, path, pem);
	close(fd);
	return result;
}

static int write_all(int fd, const gnutls_datum_t *pem)
{
	for (size_t at = 0; at < pem->size;) {
		const ssize_t size = write(fd, pem->data + at, pem->size - at);
		if (size < 0 && errno != EINTR)
			return -errno;
		at += size > 0 ? (size_t)size : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* Temp file, fsync, rename: a crash leaves the whole file or none. An older file is never replaced. */
static int write_file(const char *path, mode_t mode, const gnutls_datum_t *pem)
{
	char temporary[PATH_MAX];
	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
		return complain(path, "cannot be written", ENAMETOOLONG);
	const int fd = mkostemp(temporary, O_CLOEXEC); /* O_EXCL, 0600 */
	if (fd < 0)
		return complain(temporary, "cannot be created", errno);
	int result = write_all(fd, pem);
	if (result == 0 && fchmod(fd, mode) < 0)
		result = -errno;
	close(fd);
	if (result == 0 && renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
		result = -errno;
	if (result == 0)
		return 0;
	unlink(temporary);
	return complain(path, "cannot be written", -result);
}

static void sync_folder(const char *folder)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* The key comes first, so that a crash in between leaves a key to which a certificate can still be made. */
static int make_missing(struct certificate_files *files, const char *folder)
{
	int result = 0;
	if (!files->key_pem.data) {
		result = certificate_make_key(&files->key_pem);
		if (result == 0)
			result = write_file(files->key, 0600, &files->key_pem);
	}
	if (result == 0) {
		result = certificate_make(&files->key_pem, &files->certificate_pem);
		if (result == -EINVAL)
			fprintf(stderr, "lodged: %s: holds no usable private key\n", files->key);
	}
	if (result == 0)
		result = write_file(files->certificate, 0644, &files->certificate_pem);
	if (result == 0) {
		sync_folder(folder);
		fprintf(stderr, "lodged: %s: made, self-signed, for 10 years\n",
			files->certificate);
	}
	return result;
}

static bool warn_about_times(const char *path, const gnutls_datum_t *pem)
{
	gnutls_x509_crt_t certificate;
	if (gnutls_x509_crt_init(&certificate) < 0)
		return false;
	const bool good = gnutls_x509_crt_import(certificate, pem, GNUTLS_X509_FMT_PEM) == 0;
	if (good && gnutls_x509_crt_get_expiration_time(certificate) < time(NULL))
		fprintf(stderr,
			"lodged: %s: has expired; browsers will refuse it. "
			"Remove it and key.pem to have new ones made\n",
			path);
	gnutls_x509_crt_deinit(certificate);
	return good;
}

static bool is_private_key(const gnutls_datum_t *pem)
{
	gnutls_x509_privkey_t key;
	if (gnutls_x509_privkey_init(&key) < 0)
		return false;
	const bool good = gnutls_x509_privkey_import2(key, pem, GNUTLS_X509_FMT_PEM, NULL, 0) == 0;
	gnutls_x509_privkey_deinit(key);
	return good;
}

static int use_files(
	const struct certificate_files *files, gnutls_certificate_credentials_t *credentials)
{
	if (!warn_about_times(files->certificate, &files->certificate_pem)) {
		fprintf(stderr, "lodged: %s: is no certificate in PEM; it is left as it is\n",
			files->certificate);
		return -EINVAL;
	}
	if (!is_private_key(&files->key_pem)) {
		fprintf(stderr, "lodged: %s: is no private key in PEM; it is left as it is\n",
			files->key);
		return -EINVAL;
	}
	if (gnutls_certificate_allocate_credentials(credentials) < 0)
		return -ENOMEM;
	const int result = gnutls_certificate_set_x509_key_mem(
		*credentials, &files->certificate_pem, &files->key_pem, GNUTLS_X509_FMT_PEM);
	if (result >= 0)
		return 0;
	fprintf(stderr, "lodged: %s and %s: cannot be used together: %s\n", files->certificate,
		files->key, gnutls_strerror(result));
	gnutls_certificate_free_credentials(*credentials);
	*credentials = NULL;
	return -EINVAL;
}

static void files_finish(struct certificate_files *files)
{
	if (files->key_pem.data)
		gnutls_memset(files->key_pem.data, 0, files->key_pem.size);
	gnutls_free(files->key_pem.data);
	gnutls_free(files->certificate_pem.data);
}

int certificate_load(const char *state_folder, gnutls_certificate_credentials_t *credentials)
{
	struct certificate_files files = { 0 };
	*credentials = NULL;
	if (snprintf(files.certificate, sizeof files.certificate, "%s/certificate.pem",
		    state_folder) >= (int)sizeof files.certificate ||
		snprintf(files.key, sizeof files.key, "%s/key.pem", state_folder) >=
			(int)sizeof files.key)
		return complain(state_folder, "cannot hold the certificate", ENAMETOOLONG);

	int result = read_file(files.certificate, 0, &files.certificate_pem);
	if (result == 0)
		result = read_file(files.key, 077, &files.key_pem);
	if (result == 0 && files.certificate_pem.data && !files.key_pem.data)
		result = complain(files.key, "is missing beside certificate.pem", ENOENT);
	if (result == 0 && !files.certificate_pem.data)
		result = make_missing(&files, state_folder);
	if (result == 0)
		result = use_files(&files, credentials);
	files_finish(&files);
	return result;
}
