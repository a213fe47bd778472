/*
 * The bytes behind a descriptor, however many reads they take and whatever signals come.
 *
 * Room: store. Any thread; blocks as the descriptor does.
 */
#ifndef LODGE_STORE_FILE_BYTES_H
#define LODGE_STORE_FILE_BYTES_H

#include <stddef.h>

/* Until `size` are there or the file ends: *got are. Negative errno. */
int file_bytes_read(int file, void *bytes, size_t size, size_t *got);

/* The same; -EIO when it ends before. */
int file_bytes_read_all(int file, void *bytes, size_t size);

#endif
