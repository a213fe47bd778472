#include "display/gamescope/gamescope_x.h"

#include "display/gamescope/gamescope_peer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <xcb/xcb.h>

#define DEADLINE_US 3000000
#define REFRESH_PROPERTY "GAMESCOPE_DISPLAY_REFRESH_RATE_FEEDBACK"
#define REFRESH_MAX_HZ 1000
#define X_SOCKET "/tmp/.X11-unix/X"

struct gamescope_question {
	gamescope_x_done done;
	void *data;
	sd_event_source *answered, *deadline;
	int answered_fd; /* an eventfd: the thread's last word */
	int socket_fd; /* of the connection; shut down to wake the thread */
	pthread_t thread;
	bool nudge, too_late;
	/* The thread's until answered_fd says so. */
	int connection_fd; /* libxcb closes it */
	int error;
	struct gamescope_x_answer answer;
};

static int connect_to(const struct sockaddr_un *address, socklen_t size)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, size) == 0)
		return fd;
	const int error = -errno;
	close(fd);
	return error;
}

/* X servers listen at an abstract name, which every mount namespace sees, and at a path, which is this one's. */
static int connect_x(const struct gamescope_x_params *params)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *number = params->display + 1;
	if (params->display[0] != ':')
		return -EINVAL;
	const int size =
		snprintf(address.sun_path + 1, sizeof address.sun_path - 1, X_SOCKET "%s", number);
	const int fd = connect_to(
		&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)size));
	if (fd >= 0)
		return fd;
	if (params->pid > 0)
		snprintf(address.sun_path, sizeof address.sun_path, "/proc/%d/root" X_SOCKET "%s",
			(int)params->pid, number);
	else
		snprintf(address.sun_path, sizeof address.sun_path, X_SOCKET "%s", number);
	return connect_to(&address, sizeof address);
}

static bool is_shown(xcb_connection_t *connection, xcb_window_t window)
{
	xcb_get_window_attributes_reply_t *attributes = xcb_get_window_attributes_reply(
		connection, xcb_get_window_attributes(connection, window), NULL);
	const bool shown = attributes && attributes->map_state == XCB_MAP_STATE_VIEWABLE &&
		attributes->_class == XCB_WINDOW_CLASS_INPUT_OUTPUT;
	free(attributes);
	return shown;
}

/* Returns how many windows there were. */
static uint32_t nudge(xcb_connection_t *connection, xcb_window_t root)
{
	uint32_t count = 0;
	xcb_query_tree_reply_t *tree =
		xcb_query_tree_reply(connection, xcb_query_tree(connection, root), NULL);
	if (!tree)
		return 0;
	const xcb_window_t *windows = xcb_query_tree_children(tree);
	const int window_count = xcb_query_tree_children_length(tree);
	for (int i = 0; i < window_count; i++) {
		if (!is_shown(connection, windows[i]))
			continue;
		xcb_clear_area(connection, 1, windows[i], 0, 0, 1, 1);
		count++;
	}
	free(tree);
	/* The answer says that the server has done the rest as well. */
	free(xcb_get_input_focus_reply(connection, xcb_get_input_focus(connection), NULL));
	return count;
}

/* A property of the root window, whole hertz. */
static uint32_t read_refresh(xcb_connection_t *connection, xcb_window_t root)
{
	xcb_intern_atom_reply_t *atom = xcb_intern_atom_reply(connection,
		xcb_intern_atom(connection, 1, sizeof REFRESH_PROPERTY - 1, REFRESH_PROPERTY),
		NULL);
	const xcb_atom_t name = atom ? atom->atom : XCB_ATOM_NONE;
	uint32_t hertz = 0;
	free(atom);
	if (name == XCB_ATOM_NONE)
		return 0;
	xcb_get_property_reply_t *property = xcb_get_property_reply(connection,
		xcb_get_property(connection, 0, root, name, XCB_ATOM_CARDINAL, 0, 1), NULL);
	if (property && property->format == 32 && xcb_get_property_value_length(property) == 4)
		memcpy(&hertz, xcb_get_property_value(property), sizeof hertz);
	free(property);
	return hertz <= REFRESH_MAX_HZ ? hertz * 1000 : 0;
}

static int ask(struct gamescope_question *question)
{
	xcb_connection_t *connection = xcb_connect_to_fd(question->connection_fd, NULL);
	int error = xcb_connection_has_error(connection) ? -ECONNREFUSED : 0;
	if (error == 0) {
		const xcb_screen_t *screen =
			xcb_setup_roots_iterator(xcb_get_setup(connection)).data;
		question->answer.width_px = screen->width_in_pixels;
		question->answer.height_px = screen->height_in_pixels;
		question->answer.refresh_mhz = read_refresh(connection, screen->root);
		if (question->nudge)
			question->answer.nudged = nudge(connection, screen->root);
		error = xcb_connection_has_error(connection) ? -ECONNRESET : 0;
	}
	xcb_disconnect(connection);
	return error;
}

static void *run(void *data)
{
	struct gamescope_question *question = data;
	question->error = ask(question);
	eventfd_write(question->answered_fd, 1);
	return NULL;
}

static void free_question(struct gamescope_question *question)
{
	sd_event_source_disable_unref(question->answered);
	sd_event_source_disable_unref(question->deadline);
	if (question->answered_fd >= 0)
		close(question->answered_fd);
	if (question->socket_fd >= 0)
		close(question->socket_fd);
	free(question);
}

static int on_answered(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct gamescope_question *question = data;
	pthread_join(question->thread, NULL);
	const gamescope_x_done done = question->done;
	const struct gamescope_x_answer answer = question->answer;
	const int error = question->too_late ? -ETIMEDOUT : question->error;
	void *done_data = question->data;
	free_question(question);
	done(done_data, error, &answer);
	return 0;
}

/* The thread's reads and writes fail from now on; it answers soon. */
static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	struct gamescope_question *question = data;
	question->too_late = true;
	shutdown(question->socket_fd, SHUT_RDWR);
	return 0;
}

static int prepare(struct gamescope_question *question, sd_event *event,
	const struct gamescope_x_params *params)
{
	question->answered_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (question->answered_fd < 0)
		return -errno;
	const int connected = connect_x(params);
	if (connected < 0)
		return connected;
	question->socket_fd = connected;
	question->answer.pid = gamescope_peer_of(connected);
	int error = sd_event_add_io(
		event, &question->answered, question->answered_fd, EPOLLIN, on_answered, question);
	if (error >= 0)
		error = sd_event_add_time_relative(event, &question->deadline, CLOCK_MONOTONIC,
			DEADLINE_US, 0, on_deadline, question);
	if (error < 0)
		return error;
	question->connection_fd = dup(question->socket_fd);
	return question->connection_fd < 0 ? -errno : 0;
}

/* The thread takes no signals: they are the control thread's. */
static int start_thread(struct gamescope_question *question)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int error = pthread_create(&question->thread, NULL, run, question);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		close(question->connection_fd);
	return -error;
}

struct gamescope_question *gamescope_x_ask(
	sd_event *event, const struct gamescope_x_params *params, gamescope_x_done done, void *data)
{
	struct gamescope_question *question = calloc(1, sizeof *question);
	if (!question)
		return NULL;
	question->done = done;
	question->data = data;
	question->nudge = params->nudge;
	question->answered_fd = question->socket_fd = -1;
	int error = prepare(question, event, params);
	if (error >= 0)
		error = start_thread(question);
	if (error >= 0)
		return question;
	free_question(question);
	errno = -error;
	return NULL;
}

void gamescope_x_cancel(struct gamescope_question *question)
{
	if (!question)
		return;
	shutdown(question->socket_fd, SHUT_RDWR);
	pthread_join(question->thread, NULL);
	free_question(question);
}
