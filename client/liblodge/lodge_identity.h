/*
 * Who a client is: a P-256 key in a PEM file of its own (docs/protocol.md §1).
 *
 * Room: liblodge. Any thread, one at a time per object.
 */
#ifndef LODGE_IDENTITY_H
#define LODGE_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "core/wire.h"

struct lodge_identity;

/*
 * Reads the key; makes file (0600) and key when there is none. The folder must exist. NULL with a sentence
 * in `fault` (it names the file): unreadable, readable by others, not a P-256 key.
 */
struct lodge_identity *lodge_identity_open(const char *path, char *fault, size_t fault_capacity);
void lodge_identity_destroy(struct lodge_identity *identity);

/* The uncompressed point; valid as long as the identity. */
const uint8_t *lodge_identity_key(const struct lodge_identity *identity);

/* Signs the host's nonce for the authority connected to. Negative errno. */
int lodge_identity_sign(const struct lodge_identity *identity, const uint8_t nonce[WIRE_NONCE_SIZE],
	const char *authority, uint8_t signature[WIRE_SIGNATURE_SIZE]);

#endif
