/*
 * An X server without a screen (Xvfb), and a program that uses it. Ends with the test.
 */
#ifndef LODGE_TESTS_X_SERVER_H
#define LODGE_TESTS_X_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <xcb/xcb.h>

#define X_SERVER_CURSOR_PX 16
#define X_SERVER_CURSOR_HOTSPOT 3
#define X_SERVER_CURSOR_COLOUR 0xff224466u

struct x_server {
	pid_t pid;
	char display[16]; /* as in DISPLAY; the server picks a free one */
	xcb_connection_t *program;
	xcb_window_t root;
};

/* False, with the reason on standard error. */
bool x_server_start(struct x_server *server);
void x_server_stop(struct x_server *server);

/* The server has done all that was asked of it. */
void x_server_settle(struct x_server *server);
/* The input of a device, as an input socket makes it. */
void x_server_move(struct x_server *server, int16_t x, int16_t y);
/* A cursor of one colour for the whole screen; not shown: one that shows nothing. */
void x_server_set_cursor(struct x_server *server, bool shown);

#endif
