/* The key of a certificate in the form that libcurl compares. Room: cli. */
#ifndef LODGE_CLI_KEY_PIN_H
#define LODGE_CLI_KEY_PIN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * "sha256//" and the base64 of the SHA-256 of the public key of the file's first certificate. `own`: it signs
 * itself and may sign nothing else.
 * 0 or a negative errno: -EBADMSG when there is no certificate in the file, -ENOSPC when `capacity` is too small.
 */
int key_pin_read(const char *path, char *pin, size_t capacity, bool *own);

#endif
