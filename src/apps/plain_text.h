/*
 * Whether a text may be shown on a line and handed to a program.
 *
 * Room: apps, private. Pure. Any thread.
 */
#ifndef LODGE_APPS_PLAIN_TEXT_H
#define LODGE_APPS_PLAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* UTF-8 without control characters (C0, DEL, C1) and without separators of lines (U+2028, U+2029). */
bool plain_text(const char *bytes, size_t size);

#endif
