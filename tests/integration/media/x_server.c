#include "x_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xcb/xtest.h>

#define DEADLINE_MS 20000

/* Xvfb picks a free display itself and writes its number. */
static bool read_display(int fd, char display[16])
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	size_t length = 1;
	display[0] = ':';
	while (length < 15 && poll(&poll_fd, 1, DEADLINE_MS) > 0 &&
		read(fd, display + length, 1) == 1 && display[length] != '\n')
		length++;
	const bool whole = display[length] == '\n' && length > 1;
	display[length] = '\0';
	return whole;
}

bool x_server_start(struct x_server *server)
{
	int ends[2];
	char number[16];
	*server = (struct x_server){ 0 };
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	const pid_t parent = getpid();
	server->pid = fork();
	if (server->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		const int nowhere = open("/dev/null", O_WRONLY);
		const int kept = dup(ends[1]);
		dup2(nowhere, STDERR_FILENO);
		snprintf(number, sizeof number, "%d", kept);
		if (getppid() == parent)
			execlp("Xvfb", "Xvfb", "-displayfd", number, "-screen", "0", "640x480x24",
				"-nolisten", "tcp", "-noreset", NULL);
		_exit(127);
	}
	close(ends[1]);
	const bool up = read_display(ends[0], server->display);
	close(ends[0]);
	if (!up) {
		fprintf(stderr, "Xvfb does not start; see tools/setup\n");
		x_server_stop(server);
		return false;
	}
	server->program = xcb_connect(server->display, NULL);
	server->root = xcb_setup_roots_iterator(xcb_get_setup(server->program)).data->root;
	return true;
}

void x_server_stop(struct x_server *server)
{
	if (server->program)
		xcb_disconnect(server->program);
	if (server->pid > 0) {
		kill(server->pid, SIGKILL);
		waitpid(server->pid, NULL, 0);
	}
	*server = (struct x_server){ 0 };
}

void x_server_settle(struct x_server *server)
{
	free(xcb_get_input_focus_reply(
		server->program, xcb_get_input_focus(server->program), NULL));
}

void x_server_move(struct x_server *server, int16_t x, int16_t y)
{
	xcb_test_fake_input(
		server->program, XCB_MOTION_NOTIFY, 0, XCB_CURRENT_TIME, server->root, x, y, 0);
	xcb_flush(server->program);
}

void x_server_set_cursor(struct x_server *server, bool shown)
{
	const xcb_pixmap_t pixmap = xcb_generate_id(server->program);
	const xcb_gcontext_t context = xcb_generate_id(server->program);
	const xcb_cursor_t cursor = xcb_generate_id(server->program);
	xcb_create_pixmap(
		server->program, 1, pixmap, server->root, X_SERVER_CURSOR_PX, X_SERVER_CURSOR_PX);
	xcb_create_gc(server->program, context, pixmap, 0, NULL);
	/* One bit a pixel, lines of 32 bits. */
	uint32_t lines[X_SERVER_CURSOR_PX];
	memset(lines, shown ? 0xff : 0, sizeof lines);
	xcb_put_image(server->program, XCB_IMAGE_FORMAT_Z_PIXMAP, pixmap, context,
		X_SERVER_CURSOR_PX, X_SERVER_CURSOR_PX, 0, 0, 0, 1, sizeof lines,
		(const uint8_t *)lines);
	xcb_create_cursor(server->program, cursor, pixmap, pixmap, 0x2222, 0x4444, 0x6666, 0, 0, 0,
		X_SERVER_CURSOR_HOTSPOT, X_SERVER_CURSOR_HOTSPOT);
	xcb_change_window_attributes(server->program, server->root, XCB_CW_CURSOR, &cursor);
	xcb_flush(server->program);
}
