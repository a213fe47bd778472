#include "input/gamepad.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/moment.h"
#include "input/uinput.h"

#define TIMER_ACCURACY_US 1000
/* A pad that comes and goes keeps the kernel, udev and the loop busy: a client may do so at once, but not on and on. */
#define PLUGS_AT_ONCE 16
#define PLUG_EVERY_NS MOMENT_SECOND

/* A plugged pad has a file descriptor, and all of the rest. */
struct port_pad {
	struct gamepad_port *port;
	uint8_t number;
	int fd; /* -1: not plugged */
	const struct gamepad_layout *layout;
	struct gamepad_values values; /* what games see */
	struct rumble rumble;
	sd_event_source *readable, *timer;
};

struct gamepad_port {
	sd_event *event;
	const char *device;
	const struct gamepad_port_events *events;
	void *data;
	uint32_t plugs_left;
	uint64_t plugs_counted_ns; /* when there were so many left */
	struct port_pad pads[WIRE_GAMEPADS];
};

bool gamepads_available(const char **text)
{
	const char *obstacle = uinput_obstacle(UINPUT_DEVICE);
	*text = obstacle ? obstacle : "";
	return !obstacle;
}

struct gamepad_port *gamepad_port_create_with(
	sd_event *event, const char *device, const struct gamepad_port_events *events, void *data)
{
	struct gamepad_port *port = calloc(1, sizeof *port);
	if (!port)
		return NULL;
	port->event = sd_event_ref(event);
	port->device = device;
	port->events = events;
	port->data = data;
	port->plugs_left = PLUGS_AT_ONCE;
	for (uint8_t i = 0; i < WIRE_GAMEPADS; i++) {
		port->pads[i].port = port;
		port->pads[i].number = i;
		port->pads[i].fd = -1;
	}
	return port;
}

struct gamepad_port *gamepad_port_create(
	sd_event *event, const struct gamepad_port_events *events, void *data)
{
	return gamepad_port_create_with(event, UINPUT_DEVICE, events, data);
}

void gamepad_port_destroy(struct gamepad_port *port)
{
	if (!port)
		return;
	for (uint8_t i = 0; i < WIRE_GAMEPADS; i++)
		gamepad_port_unplug(port, i);
	sd_event_unref(port->event);
	free(port);
}

static struct port_pad *plugged(struct gamepad_port *port, uint8_t pad)
{
	return pad < WIRE_GAMEPADS && port->pads[pad].fd >= 0 ? &port->pads[pad] : NULL;
}

static uint64_t now_ns(const struct gamepad_port *port)
{
	uint64_t now_us = 0;
	sd_event_now(port->event, CLOCK_MONOTONIC, &now_us);
	return now_us * 1000;
}

static void arm(struct port_pad *pad, uint64_t deadline_ns)
{
	if (deadline_ns == MOMENT_NEVER) {
		sd_event_source_set_enabled(pad->timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(pad->timer, (deadline_ns + 999) / 1000);
	sd_event_source_set_enabled(pad->timer, SD_EVENT_ONESHOT);
}

/* The callback comes last: it may unplug the pad, or destroy the port. */
static void tell_rumble(struct port_pad *pad)
{
	struct rumble_order order;
	const uint64_t now = now_ns(pad->port);
	const bool tell = rumble_step(&pad->rumble, now, &order);
	arm(pad, rumble_deadline(&pad->rumble, now));
	if (tell)
		pad->port->events->rumble(
			pad->port->data, pad->number, order.strong, order.weak, order.lasts_ms);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	tell_rumble(data);
	return 0;
}

static void take_away(struct port_pad *pad)
{
	pad->readable = sd_event_source_disable_unref(pad->readable);
	pad->timer = sd_event_source_disable_unref(pad->timer);
	uinput_close(pad->fd);
	pad->fd = -1;
}

static void lose(struct port_pad *pad, const char *attempt, int error)
{
	fprintf(stderr,
		"lodged: gamepad %u: %s failed: %s; it is taken away until it is plugged again\n",
		pad->number, attempt, strerror(-error));
	take_away(pad);
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct port_pad *pad = data;
	const int error = uinput_read(fd, &pad->rumble, now_ns(pad->port));
	if (error < 0)
		lose(pad, "answering a game", error);
	else
		tell_rumble(pad);
	return 0;
}

static int watch(struct port_pad *pad)
{
	int error = sd_event_add_io(
		pad->port->event, &pad->readable, pad->fd, EPOLLIN, on_readable, pad);
	if (error < 0)
		return error;
	error = sd_event_add_time(pad->port->event, &pad->timer, CLOCK_MONOTONIC, 0,
		TIMER_ACCURACY_US, on_timer, pad);
	return error < 0 ? error : sd_event_source_set_enabled(pad->timer, SD_EVENT_OFF);
}

static int bring(struct port_pad *pad, const struct gamepad_layout *layout)
{
	const int fd = uinput_open(pad->port->device, layout, pad->number);
	if (fd < 0)
		return fd;
	pad->fd = fd;
	pad->layout = layout;
	pad->values = gamepad_rest(layout);
	rumble_init(&pad->rumble);
	const int error = watch(pad);
	if (error < 0)
		take_away(pad);
	return error;
}

static bool may_plug(struct gamepad_port *port)
{
	const uint64_t now = now_ns(port);
	const uint64_t earned = moment_elapsed(port->plugs_counted_ns, now) / PLUG_EVERY_NS;
	if (port->plugs_left + earned >= PLUGS_AT_ONCE) {
		port->plugs_left = PLUGS_AT_ONCE;
		port->plugs_counted_ns = now;
	} else {
		port->plugs_left += (uint32_t)earned;
		port->plugs_counted_ns += earned * PLUG_EVERY_NS;
	}
	if (port->plugs_left == 0)
		return false;
	port->plugs_left--;
	return true;
}

/* What a client calls its pad, as far as a log may say it. */
static void printable(char *text, size_t capacity, const char *name, size_t name_size)
{
	size_t length = 0;
	for (; length < name_size && length + 1 < capacity; length++)
		text[length] = name[length] >= ' ' && name[length] <= '~' ? name[length] : '?';
	text[length] = '\0';
}

int gamepad_port_plug(
	struct gamepad_port *port, uint8_t pad, uint8_t kind, const char *name, size_t name_size)
{
	const struct gamepad_layout *layout = gamepad_layout_of(kind);
	char client_name[WIRE_LABEL_MAX + 1];
	if (pad >= WIRE_GAMEPADS)
		return -EINVAL;
	if (port->pads[pad].fd >= 0 && port->pads[pad].layout == layout)
		return 0;
	if (!may_plug(port))
		return -EBUSY;
	gamepad_port_unplug(port, pad);
	const int error = bring(&port->pads[pad], layout);
	printable(client_name, sizeof client_name, name, name_size);
	if (error < 0) {
		const char *obstacle = uinput_obstacle(port->device);
		fprintf(stderr, "lodged: gamepad %u (\"%s\"): could not be made: %s%s%s\n", pad,
			client_name, strerror(-error), obstacle ? ": " : "",
			obstacle ? obstacle : "");
		return error;
	}
	fprintf(stderr, "lodged: gamepad %u (\"%s\") is there as %s\n", pad, client_name,
		layout->name);
	return 0;
}

void gamepad_port_unplug(struct gamepad_port *port, uint8_t pad)
{
	struct port_pad *from = plugged(port, pad);
	if (from)
		take_away(from);
}

void gamepad_port_set_state(
	struct gamepad_port *port, uint8_t pad, const struct gamepad_state *state)
{
	struct gamepad_change changes[GAMEPAD_CHANGES_MAX];
	struct port_pad *to = plugged(port, pad);
	if (!to)
		return;
	const size_t count = gamepad_changes(to->layout, &to->values, state, changes);
	if (count == 0)
		return;
	const int error = uinput_write(to->fd, changes, count);
	if (error < 0)
		lose(to, "moving it", error);
}

void gamepad_port_release_all(struct gamepad_port *port)
{
	for (uint8_t i = 0; i < WIRE_GAMEPADS; i++)
		gamepad_port_set_state(port, i, &(struct gamepad_state){ 0 });
}

int gamepad_port_nodes(const struct gamepad_port *port, uint8_t pad, struct gamepad_nodes *nodes)
{
	if (pad >= WIRE_GAMEPADS || port->pads[pad].fd < 0)
		return -ENODEV;
	return uinput_nodes(port->pads[pad].fd, nodes);
}
