/*
 * Reading UTF-8 (RFC 3629), one code point at a time. Whole texts: wire_utf8_valid.
 *
 * Room: core (pure). Any thread.
 */
#ifndef LODGE_CORE_UTF8_H
#define LODGE_CORE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Its length in bytes, 1..4. 0: none begins here (overlong, a surrogate, cut short ...), or `size` is 0. */
size_t utf8_next(const char *bytes, size_t size, uint32_t *point);

#endif
