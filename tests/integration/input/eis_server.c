/*
 * A small EIS server for tests, by libeis:   eis-server SOCKET [WIDTH HEIGHT]
 *
 * Offers one device for everything, or with a size one whose region begins at 100,50 and has that size. Says one line
 * for each thing that happens and obeys one-word lines: remove the device, add one, hold one (added, but paused), resume it, quit.
 * Built in the chroot that has libeis: cc -o eis-server eis_server.c $(pkg-config --cflags --libs libeis-1.0)
 */
#include <libeis.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct server {
	struct eis *eis;
	struct eis_seat *seat;
	struct eis_device *device;
	unsigned width, height;
};

static void add_device(struct server *server, int resumed)
{
	struct eis_device *device = eis_seat_new_device(server->seat);
	eis_device_configure_name(device, "test device");
	eis_device_configure_capability(device, EIS_DEVICE_CAP_POINTER);
	eis_device_configure_capability(device, EIS_DEVICE_CAP_POINTER_ABSOLUTE);
	eis_device_configure_capability(device, EIS_DEVICE_CAP_BUTTON);
	eis_device_configure_capability(device, EIS_DEVICE_CAP_SCROLL);
	eis_device_configure_capability(device, EIS_DEVICE_CAP_KEYBOARD);
	struct eis_region *region = eis_device_new_region(device);
	if (server->width)
		eis_region_set_offset(region, 100, 50);
	eis_region_set_size(region, server->width ? server->width : INT32_MAX,
		server->height ? server->height : INT32_MAX);
	eis_region_add(region);
	eis_device_add(device);
	if (resumed)
		eis_device_resume(device);
	server->device = device;
}

static void drop_device(struct server *server)
{
	if (server->device)
		eis_device_unref(server->device);
	server->device = NULL;
}

static void greet(struct server *server, struct eis_client *client)
{
	eis_client_connect(client);
	server->seat = eis_client_new_seat(client, "seat");
	eis_seat_configure_capability(server->seat, EIS_DEVICE_CAP_POINTER);
	eis_seat_configure_capability(server->seat, EIS_DEVICE_CAP_POINTER_ABSOLUTE);
	eis_seat_configure_capability(server->seat, EIS_DEVICE_CAP_BUTTON);
	eis_seat_configure_capability(server->seat, EIS_DEVICE_CAP_SCROLL);
	eis_seat_configure_capability(server->seat, EIS_DEVICE_CAP_KEYBOARD);
	eis_seat_add(server->seat);
	printf("connect %s\n", eis_client_get_name(client));
}

static void say_event(struct server *server, struct eis_event *event)
{
	switch (eis_event_get_type(event)) {
	case EIS_EVENT_CLIENT_CONNECT:
		greet(server, eis_event_get_client(event));
		break;
	case EIS_EVENT_CLIENT_DISCONNECT:
		drop_device(server);
		eis_seat_unref(server->seat);
		server->seat = NULL;
		printf("disconnect\n");
		break;
	case EIS_EVENT_SEAT_BIND:
		if (!server->device &&
			eis_event_seat_has_capability(event, EIS_DEVICE_CAP_KEYBOARD))
			add_device(server, 1);
		break;
	case EIS_EVENT_DEVICE_START_EMULATING:
		printf("start\n");
		break;
	case EIS_EVENT_DEVICE_STOP_EMULATING:
		printf("stop\n");
		break;
	case EIS_EVENT_POINTER_MOTION:
		printf("motion %.3f %.3f\n", eis_event_pointer_get_dx(event),
			eis_event_pointer_get_dy(event));
		break;
	case EIS_EVENT_POINTER_MOTION_ABSOLUTE:
		printf("position %.3f %.3f\n", eis_event_pointer_get_absolute_x(event),
			eis_event_pointer_get_absolute_y(event));
		break;
	case EIS_EVENT_BUTTON_BUTTON:
		printf("button %u %d\n", eis_event_button_get_button(event),
			eis_event_button_get_is_press(event));
		break;
	case EIS_EVENT_SCROLL_DELTA:
		printf("scroll %.3f %.3f\n", eis_event_scroll_get_dx(event),
			eis_event_scroll_get_dy(event));
		break;
	case EIS_EVENT_SCROLL_DISCRETE:
		printf("wheel %d %d\n", eis_event_scroll_get_discrete_dx(event),
			eis_event_scroll_get_discrete_dy(event));
		break;
	case EIS_EVENT_KEYBOARD_KEY:
		printf("key %u %d\n", eis_event_keyboard_get_key(event),
			eis_event_keyboard_get_key_is_press(event));
		break;
	default:
		break;
	}
}

/* false: the end. */
static int obey(struct server *server)
{
	char line[32];
	if (!fgets(line, sizeof line, stdin) || strcmp(line, "quit\n") == 0)
		return 0;
	if (strcmp(line, "resume\n") == 0 && server->device) {
		eis_device_resume(server->device);
	} else if (strcmp(line, "remove\n") == 0 && server->device) {
		eis_device_remove(server->device);
		drop_device(server);
	} else if (strcmp(line, "add\n") == 0 && server->seat && !server->device) {
		add_device(server, 1);
	} else if (strcmp(line, "hold\n") == 0 && server->seat && !server->device) {
		add_device(server, 0);
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct server server = { .eis = eis_new(NULL) };
	if (argc != 2 && argc != 4)
		return 2;
	if (argc == 4) {
		server.width = (unsigned)atoi(argv[2]);
		server.height = (unsigned)atoi(argv[3]);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stdin, NULL, _IONBF, 0);
	if (!server.eis || eis_setup_backend_socket(server.eis, argv[1]) != 0)
		return 1;
	printf("listening\n");
	struct pollfd fds[] = { { .fd = eis_get_fd(server.eis), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };
	for (;;) {
		if (poll(fds, 2, -1) < 0)
			break;
		eis_dispatch(server.eis);
		for (struct eis_event *event; (event = eis_get_event(server.eis));) {
			say_event(&server, event);
			eis_event_unref(event);
		}
		if (fds[1].revents && !obey(&server))
			break;
	}
	drop_device(&server);
	eis_unref(server.eis);
	return 0;
}
