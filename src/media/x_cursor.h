/*
 * The pointer of an X server: its place and its image, followed over a connection of one's own. For compositors that
 * leave it out of their pictures and run an X server for their windows.
 *
 * Room: media, private. Thread: the media thread. After opening, nothing here waits for the server.
 */
#ifndef LODGE_MEDIA_X_CURSOR_H
#define LODGE_MEDIA_X_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "media/cursor.h"

struct x_cursor;

/*
 * `display` is ":N" on this machine; until_ns is CLOCK_MONOTONIC. Every change from now on lands in `cursor`, which
 * is borrowed. NULL with a sentence in *fault.
 */
struct x_cursor *x_cursor_open(
	const char *display, struct cursor *cursor, uint64_t until_ns, const char **fault);
void x_cursor_close(struct x_cursor *x);

int x_cursor_fd(const struct x_cursor *x);
/* Reads what has arrived. False: the server is gone. */
bool x_cursor_dispatch(struct x_cursor *x);
/* As dispatch, and asks where the pointer is: of one that a program moves itself the server does not tell. */
bool x_cursor_ask(struct x_cursor *x);

#endif
