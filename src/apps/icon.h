/*
 * Pictures of apps: what the file that apps.json names really is, and its bytes.
 *
 * Room: apps (core alone). Any thread.
 */
#ifndef LODGE_APPS_ICON_H
#define LODGE_APPS_ICON_H

#include <stddef.h>
#include <stdint.h>

#include "core/wire.h"

#define APP_ICON_SIDE_MAX 4096 /* pixels: a small file may unpack to a huge picture */

/* By what is in it, whatever the file is called. NONE: no PNG, SVG or WebP, or of more than APP_ICON_SIDE_MAX. Pure. */
enum wire_icon_format app_icon_format(const uint8_t *bytes, size_t size);

const char *app_icon_type(enum wire_icon_format format); /* "image/png" */

/*
 * Reads the file; `bytes` is for free(). NONE with errno, then `bytes` is NULL: EFBIG beyond WIRE_ICON_MAX, EINVAL where
 * the path goes up (..), is none or names no ordinary file, ENOTSUP for a file that is no picture, or what the disk said.
 */
enum wire_icon_format app_icon_read(const char *path, uint8_t **bytes, size_t *size);

#endif
