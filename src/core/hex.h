/*
 * Bytes as hexadecimal digits, two each, 0-9 and a-f.
 *
 * Room: core (pure). Any thread.
 */
#ifndef LODGE_CORE_HEX_H
#define LODGE_CORE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `text` has room for 2 * size + 1. */
void hex_write(const uint8_t *bytes, size_t size, char *text);

/*
 * Lower case alone, so that a thing has one name. False unless `text` is 2 * size digits and nothing else: then `bytes`
 * may be written in part.
 */
bool hex_read(const char *text, uint8_t *bytes, size_t size);

#endif
