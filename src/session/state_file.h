/*
 * Small files of the state folder: read whole, written so that a crash leaves the old one or the new one.
 *
 * Room: session, private. Blocks on the disk. Names are relative to the folder's descriptor.
 */
#ifndef LODGE_SESSION_STATE_FILE_H
#define LODGE_SESSION_STATE_FILE_H

#include <stddef.h>

/*
 * Negative errno; -EFBIG when the file is longer than `most`. The bytes are NUL-terminated behind `size` and to be
 * freed with free(); untouched on failure.
 */
int state_file_read(int folder, const char *name, size_t most, char **bytes, size_t *size);

/*
 * Temporary file (0600), fsync, rename, fsync of the folder. Negative errno: the old file is still there, unless only
 * the last step failed.
 */
int state_file_write(int folder, const char *name, const char *bytes, size_t size);

#endif
