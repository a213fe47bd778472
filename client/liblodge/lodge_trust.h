/*
 * Whether a host's certificate is the one that is expected: by its SHA-256, not by an authority, since hosts sign for
 * themselves.
 *
 * Room: liblodge. Any thread.
 */
#ifndef LODGE_TRUST_H
#define LODGE_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LODGE_CERTIFICATE_FINGERPRINT_SIZE 32

enum lodge_trust_kind {
	LODGE_TRUST_FIRST_USE, /* the first certificate seen of a host is remembered in hosts_folder */
	LODGE_TRUST_PINNED, /* this fingerprint and no other */
	LODGE_TRUST_ANY, /* no check: for tests and for measuring on loopback */
};

struct lodge_trust {
	enum lodge_trust_kind kind;
	uint8_t fingerprint[LODGE_CERTIFICATE_FINGERPRINT_SIZE]; /* PINNED */
	const char *
		hosts_folder; /* FIRST_USE: one file per host, "HOST:PORT" with the fingerprint in it */
};

/* 64 hexadecimal digits, colons between bytes allowed. */
bool lodge_fingerprint_parse(
	const char *text, uint8_t fingerprint[LODGE_CERTIFICATE_FINGERPRINT_SIZE]);

/* False with a sentence in `fault` that says what to compare or remove. */
bool lodge_trust_check(const struct lodge_trust *trust, const char *authority,
	const uint8_t fingerprint[LODGE_CERTIFICATE_FINGERPRINT_SIZE], char *fault,
	size_t fault_capacity);

#endif
