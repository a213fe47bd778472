#include "media/x_cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <xcb/xcb.h>
#include <xcb/xcbext.h>
#include <xcb/xfixes.h>
#include <xcb/xinput.h>

#include "media/clock.h"

enum question {
	QUESTION_NONE,
	QUESTION_IMAGE,
	QUESTION_PLACE,
};

struct x_cursor {
	struct cursor *cursor; /* borrowed */
	xcb_connection_t *connection;
	xcb_window_t root;
	uint8_t cursor_notify; /* event code of XFixes */
	uint8_t input_opcode; /* of the input extension's events */
	bool wants_image, wants_place; /* changed since they were asked for */
	enum question question; /* under way: one at a time, see x_cursor_dispatch */
	unsigned sequence; /* of the question */
};

/* Connects to the socket of ":N": the file, else the abstract name. -1: nobody listens. */
static int connect_socket(const char *display)
{
	char *end;
	const unsigned long number = display[0] == ':' ? strtoul(display + 1, &end, 10) : 0;
	if (display[0] != ':' || end == display + 1 || (*end && *end != '.'))
		return -1;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	for (int abstract = 0; fd >= 0 && abstract < 2; abstract++) {
		struct sockaddr_un address = { .sun_family = AF_UNIX };
		const int length = snprintf(address.sun_path + abstract,
			sizeof address.sun_path - 1, "/tmp/.X11-unix/X%lu", number);
		const size_t size =
			offsetof(struct sockaddr_un, sun_path) + (size_t)abstract + (size_t)length;
		if (connect(fd, (const struct sockaddr *)&address, (socklen_t)size) == 0)
			return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

struct handshake {
	int fd;
	int done; /* pipe that closes at the end */
	xcb_connection_t *connection;
};

static void *shake_hands(void *data)
{
	struct handshake *handshake = data;
	handshake->connection = xcb_connect_to_fd(handshake->fd, NULL);
	close(handshake->done);
	return NULL;
}

static int left_ms(uint64_t until_ns)
{
	const uint64_t now = clock_now_ns();
	return now < until_ns ? (int)((until_ns - now) / 1000000 + 1) : 0;
}

/*
 * libxcb waits for the server's greeting without end. Whatever the server does, the media thread must be free
 * again in time: another thread greets, and if it takes too long its socket is shut down under it.
 */
static xcb_connection_t *connect_in_time(int fd, uint64_t until_ns)
{
	int ends[2];
	pthread_t thread;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		close(fd);
		return NULL;
	}
	struct handshake handshake = { .fd = fd, .done = ends[1] };
	if (pthread_create(&thread, NULL, shake_hands, &handshake) != 0) {
		close(fd);
		close(ends[0]);
		close(ends[1]);
		return NULL;
	}
	struct pollfd poll_fd = { .fd = ends[0], .events = POLLIN };
	if (poll(&poll_fd, 1, left_ms(until_ns)) <= 0)
		shutdown(fd, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(ends[0]);
	return handshake.connection;
}

static bool take_event(struct x_cursor *x, xcb_generic_event_t *event)
{
	if (!event)
		return false;
	const uint8_t type = event->response_type & 0x7f;
	const xcb_ge_generic_event_t *generic = (const xcb_ge_generic_event_t *)event;
	if (type == x->cursor_notify)
		x->wants_image = true;
	else if (type == XCB_GE_GENERIC && generic->extension == x->input_opcode)
		x->wants_place = true;
	free(event);
	return true;
}

/* Waits for an answer, and with it for all before it. NULL: it did not come in time, or the server refused. */
static void *wait_for_reply(struct x_cursor *x, unsigned sequence, uint64_t until_ns)
{
	void *reply = NULL;
	xcb_generic_error_t *error = NULL;
	xcb_flush(x->connection);
	for (;;) {
		/* Older versions of libxcb do not read when they look for a reply. */
		while (take_event(x, xcb_poll_for_event(x->connection)))
			continue;
		struct pollfd poll_fd = { .fd = x_cursor_fd(x), .events = POLLIN };
		if (xcb_poll_for_reply(x->connection, sequence, &reply, &error) ||
			xcb_connection_has_error(x->connection) ||
			poll(&poll_fd, 1, left_ms(until_ns)) <= 0)
			break;
	}
	free(error);
	return reply;
}

static bool find_extensions(struct x_cursor *x, uint64_t until_ns)
{
	/* Asking twice for an extension's data waits without end, unless the answer is there already. */
	xcb_prefetch_extension_data(x->connection, &xcb_xfixes_id);
	xcb_prefetch_extension_data(x->connection, &xcb_input_id);
	void *reply = wait_for_reply(x, xcb_get_input_focus(x->connection).sequence, until_ns);
	free(reply);
	if (!reply)
		return false;
	const xcb_query_extension_reply_t *fixes =
		xcb_get_extension_data(x->connection, &xcb_xfixes_id);
	const xcb_query_extension_reply_t *input =
		xcb_get_extension_data(x->connection, &xcb_input_id);
	if (!fixes || !fixes->present || !input || !input->present)
		return false;
	x->cursor_notify = (uint8_t)(fixes->first_event + XCB_XFIXES_CURSOR_NOTIFY);
	x->input_opcode = input->major_opcode;
	reply = wait_for_reply(x, xcb_xfixes_query_version(x->connection, 4, 0).sequence, until_ns);
	free(reply);
	if (!reply)
		return false;
	reply = wait_for_reply(
		x, xcb_input_xi_query_version(x->connection, 2, 2).sequence, until_ns);
	free(reply);
	return reply;
}

static void start(struct x_cursor *x)
{
	const struct {
		xcb_input_event_mask_t head;
		uint32_t mask;
	} motion = {
		{ .deviceid = XCB_INPUT_DEVICE_ALL_MASTER, .mask_len = 1 },
		XCB_INPUT_XI_EVENT_MASK_RAW_MOTION | XCB_INPUT_XI_EVENT_MASK_RAW_BUTTON_PRESS |
			XCB_INPUT_XI_EVENT_MASK_RAW_TOUCH_UPDATE,
	};
	xcb_xfixes_select_cursor_input(
		x->connection, x->root, XCB_XFIXES_CURSOR_NOTIFY_MASK_DISPLAY_CURSOR);
	xcb_input_xi_select_events(x->connection, x->root, 1, &motion.head);
	x->wants_image = x->wants_place = true;
}

struct x_cursor *x_cursor_open(
	const char *display, struct cursor *cursor, uint64_t until_ns, const char **fault)
{
	struct x_cursor *x = calloc(1, sizeof *x);
	*fault = "out of memory";
	if (!x)
		return NULL;
	x->cursor = cursor;
	*fault = "nobody listens on the display's socket";
	const int fd = connect_socket(display);
	if (fd < 0)
		goto error;
	*fault = "the X server does not answer, or refuses the connection";
	x->connection = connect_in_time(fd, until_ns);
	if (!x->connection || xcb_connection_has_error(x->connection))
		goto error;
	*fault = "the X server has no XFixes 4 or no XInput 2";
	if (!find_extensions(x, until_ns))
		goto error;
	x->root = xcb_setup_roots_iterator(xcb_get_setup(x->connection)).data->root;
	start(x);
	*fault = NULL;
	return x;

error:
	x_cursor_close(x);
	return NULL;
}

void x_cursor_close(struct x_cursor *x)
{
	if (!x)
		return;
	/* Takes a connection that failed as well. */
	if (x->connection)
		xcb_disconnect(x->connection);
	free(x);
}

int x_cursor_fd(const struct x_cursor *x)
{
	return xcb_get_file_descriptor(x->connection);
}

static void take_image(struct x_cursor *x, xcb_xfixes_get_cursor_image_reply_t *reply)
{
	const uint32_t *pixels = xcb_xfixes_get_cursor_image_cursor_image(reply);
	const int count = xcb_xfixes_get_cursor_image_cursor_image_length(reply);
	bool visible = false;
	for (int i = 0; i < count; i++)
		visible |= pixels[i] != 0;
	cursor_set_image(x->cursor,
		&(struct cursor_image){
			.pixels = (const uint8_t *)pixels,
			.width_px = reply->width,
			.height_px = reply->height,
			.stride = reply->width * 4u,
			.hotspot_x = reply->xhot,
			.hotspot_y = reply->yhot,
		});
	/* Programs hide the pointer by giving it an image of nothing. */
	cursor_show(x->cursor, visible);
}

/* True: the answer was there. */
static bool take_answer(struct x_cursor *x)
{
	void *reply = NULL;
	xcb_generic_error_t *error = NULL;
	if (x->question == QUESTION_NONE ||
		!xcb_poll_for_reply(x->connection, x->sequence, &reply, &error))
		return false;
	if (reply && x->question == QUESTION_IMAGE) {
		take_image(x, reply);
	} else if (reply) {
		const xcb_query_pointer_reply_t *place = reply;
		cursor_move(x->cursor, place->root_x, place->root_y);
	}
	x->question = QUESTION_NONE;
	free(reply);
	free(error);
	return true;
}

/* True: a question was sent. */
static bool ask_next(struct x_cursor *x)
{
	if (x->question != QUESTION_NONE || !(x->wants_image || x->wants_place))
		return false;
	if (x->wants_image) {
		x->question = QUESTION_IMAGE;
		x->wants_image = false;
		x->sequence = xcb_xfixes_get_cursor_image(x->connection).sequence;
	} else {
		x->question = QUESTION_PLACE;
		x->wants_place = false;
		x->sequence = xcb_query_pointer(x->connection, x->root).sequence;
	}
	xcb_flush(x->connection);
	return true;
}

/*
 * Whatever libxcb reads from the socket, it may put aside for another caller: events while an answer is looked for,
 * answers while something is sent. The descriptor says nothing of that. So the last things done here are two that
 * leave nothing aside: looking for the one answer that can come, and then for events that were read.
 */
bool x_cursor_dispatch(struct x_cursor *x)
{
	while (xcb_connection_has_error(x->connection) == 0) {
		if (!take_event(x, xcb_poll_for_event(x->connection)) && !ask_next(x) &&
			!take_answer(x) && !take_event(x, xcb_poll_for_queued_event(x->connection)))
			return true;
	}
	return false;
}

bool x_cursor_ask(struct x_cursor *x)
{
	x->wants_place = true;
	return x_cursor_dispatch(x);
}
