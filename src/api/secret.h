/*
 * Random secrets, and comparing what somebody claims with what is known. Only digests are kept: the comparison takes
 * the same time whatever is claimed, and a look into the memory yields no key.
 *
 * Room: api, private. Any thread.
 */
#ifndef LODGE_API_SECRET_H
#define LODGE_API_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRET_TEXT_SIZE 64 /* 256 random bits as hexadecimal digits */
#define SECRET_DIGEST_SIZE 32

/* False when the system has no random numbers. */
bool secret_make(char text[SECRET_TEXT_SIZE + 1]);
/* `digits` (at most 9) decimal ones, each number equally likely; with its NUL. */
bool secret_make_digits(char *text, unsigned digits);
void secret_digest(const char *text, uint8_t digest[SECRET_DIGEST_SIZE]);
/* Constant time for texts of one length. */
bool secret_matches(const uint8_t digest[SECRET_DIGEST_SIZE], const char *claim);
bool secret_digest_equal(const uint8_t a[SECRET_DIGEST_SIZE], const uint8_t b[SECRET_DIGEST_SIZE]);
void secret_wipe(void *bytes, size_t size);

#endif
