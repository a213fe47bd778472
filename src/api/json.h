/*
 * The small shapes of api/openapi.yaml, each in one place.
 *
 * Room: api, private. New references; NULL when memory is short.
 */
#ifndef LODGE_API_JSON_H
#define LODGE_API_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/identity.h"
#include "core/layout.h"
#include "core/mode.h"

/* A frequency of 59.94 Hz is written so. */
#define API_DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(9))

#define API_FINGERPRINT_TEXT_SIZE ((size_t)2 * IDENTITY_FINGERPRINT_SIZE)

/* Whatever the bytes are: what is no UTF-8 becomes '?'. */
json_t *api_text(const char *text);
json_t *api_mode(const struct display_mode *mode);
json_t *api_place(const struct layout_rect *place);
/* null for a client that is not paired. */
json_t *api_fingerprint(const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE], bool anonymous);
void api_fingerprint_text(const uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE],
	char text[API_FINGERPRINT_TEXT_SIZE + 1]);
/* 64 lower-case hexadecimal digits. */
bool api_fingerprint_parse(const char *text, uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE]);
/* A positive decimal number without leading zeros, as in paths and keys. */
bool api_number_parse(const char *text, uint32_t most, uint32_t *number);
/* Seconds, to the millisecond; 0 when `until_ns` is past. */
json_t *api_seconds(uint64_t from_ns, uint64_t until_ns);
/* null for `slot` < 0. */
json_t *api_slot(int64_t slot);

#endif
