/*
 * Makes a P-256 key and a self-signed certificate for this machine's names and addresses.
 *
 * Room: web, private. No files.
 */
#ifndef LODGE_WEB_CERTIFICATE_MAKE_H
#define LODGE_WEB_CERTIFICATE_MAKE_H

#include <gnutls/gnutls.h>

/* 0 and PEM for gnutls_free, or a negative errno: -EINVAL when `key` is no usable key, -EIO with a log line. */
int certificate_make_key(gnutls_datum_t *key);
int certificate_make(const gnutls_datum_t *key, gnutls_datum_t *certificate);

#endif
