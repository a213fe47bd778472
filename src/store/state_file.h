/*
 * Small files of the state and settings folders: read whole, written so that a crash leaves the old one or the new one.
 *
 * Room: store. Blocks on the disk: on the control thread only at start; later through store/worker.h. Names are
 * relative to the folder's descriptor.
 */
#ifndef LODGE_STORE_STATE_FILE_H
#define LODGE_STORE_STATE_FILE_H

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

/*
 * Adds to the end of `name` (0600), and waits for the disk. A file that would become longer than `most` is renamed to
 * `name`.1 first, in place of an older one. Negative errno; a crash may leave a part of `bytes`.
 */
int state_file_append(int folder, const char *name, const char *bytes, size_t size, size_t most);

/* Renames `name` to `name`.bad, .bad.1, .bad.2 ...: never over an older one. `kept` becomes that name. Negative errno. */
int state_file_set_aside(int folder, const char *name, char *kept, size_t capacity);

#endif
