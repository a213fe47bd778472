/*
 * The host's own certificate: self-signed, P-256, made on first run. Room: web. Thread: control, at start only.
 */
#ifndef LODGE_WEB_CERTIFICATE_H
#define LODGE_WEB_CERTIFICATE_H

#include <gnutls/gnutls.h>

/*
 * Loads FOLDER/certificate.pem and FOLDER/key.pem (0600), or makes both when neither is there. NULL with errno
 * and a line that names the file: one of the two alone, a broken file and a key that others may read are refused,
 * never replaced.
 */
gnutls_certificate_credentials_t web_certificate_load(const char *folder);

#endif
