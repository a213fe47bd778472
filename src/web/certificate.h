/*
 * The host's certificate for HTTPS: STATE/certificate.pem and STATE/key.pem. Self-signed and made on the first run;
 * whatever is there later is used as it is and never overwritten.
 *
 * Room: web, private. Thread: control, at start.
 */
#ifndef LODGE_WEB_CERTIFICATE_H
#define LODGE_WEB_CERTIFICATE_H

#include <gnutls/gnutls.h>

/* 0 and credentials for gnutls_certificate_free_credentials, or a negative errno and a log line naming the file. */
int certificate_load(const char *state_folder, gnutls_certificate_credentials_t *credentials);

#endif
