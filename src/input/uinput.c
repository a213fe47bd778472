#include "input/uinput.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/uinput.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICES_FOLDER "/sys/devices/virtual/input"
#define NODES_FOLDER "/dev/input"
#define READ_AT_ONCE 16 /* events */

/* Kinds of effects that end in two motors; the waves are what old games ask a rumbling pad for. */
static const uint16_t effects[] = { FF_RUMBLE, FF_PERIODIC, FF_SQUARE, FF_TRIANGLE, FF_SINE,
	FF_GAIN };

const char *uinput_obstacle(const char *device)
{
	const int fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return "gamepads cannot be made: the kernel offers no /dev/uinput (module uinput)";
	case EACCES:
	case EPERM:
		return "gamepads cannot be made: the host's user may not open /dev/uinput "
		       "(docs/gamepads.md)";
	default:
		return "gamepads cannot be made: /dev/uinput cannot be opened";
	}
}

static int set_up_controls(int fd, const struct gamepad_layout *layout)
{
	const struct gamepad_values rest = gamepad_rest(layout);
	if (ioctl(fd, UI_SET_EVBIT, EV_KEY) < 0 || ioctl(fd, UI_SET_EVBIT, EV_ABS) < 0)
		return -errno;
	for (size_t i = 0; i < layout->control_count; i++) {
		const struct gamepad_control *control = &layout->controls[i];
		/* The kernel takes the first value for the place where the axis is: the middle, not an end. */
		struct uinput_abs_setup axis = {
			.code = control->code,
			.absinfo = { .value = rest.of[i],
				.minimum = control->minimum,
				.maximum = control->maximum,
				.flat = control->flat },
		};
		const int result = control->type == EV_KEY ? ioctl(fd, UI_SET_KEYBIT, control->code)
							   : ioctl(fd, UI_ABS_SETUP, &axis);
		if (result < 0)
			return -errno;
	}
	return 0;
}

static int set_up_effects(int fd)
{
	if (ioctl(fd, UI_SET_EVBIT, EV_FF) < 0)
		return -errno;
	for (size_t i = 0; i < sizeof effects / sizeof *effects; i++)
		if (ioctl(fd, UI_SET_FFBIT, effects[i]) < 0)
			return -errno;
	return 0;
}

/* Where it is plugged in: udev gives its nodes to the user that is named here (packaging/udev). */
static int set_up_place(int fd, uint8_t pad)
{
	char place[64];
	snprintf(place, sizeof place, "lodge/%u/pad%u", (unsigned)geteuid(), pad);
	return ioctl(fd, UI_SET_PHYS, place) < 0 ? -errno : 0;
}

static int set_up_name(int fd, const struct gamepad_layout *layout)
{
	struct uinput_setup setup = {
		.id = { BUS_USB, layout->vendor, layout->product, layout->version },
		.ff_effects_max = RUMBLE_EFFECTS,
	};
	snprintf(setup.name, sizeof setup.name, "%s", layout->name);
	return ioctl(fd, UI_DEV_SETUP, &setup) < 0 ? -errno : 0;
}

int uinput_open(const char *device, const struct gamepad_layout *layout, uint8_t pad)
{
	const int fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int error = set_up_controls(fd, layout);
	if (error == 0)
		error = set_up_effects(fd);
	if (error == 0)
		error = set_up_place(fd, pad);
	if (error == 0)
		error = set_up_name(fd, layout);
	if (error == 0 && ioctl(fd, UI_DEV_CREATE) < 0)
		error = -errno;
	if (error < 0) {
		close(fd);
		return error;
	}
	return fd;
}

void uinput_close(int fd)
{
	ioctl(fd, UI_DEV_DESTROY);
	close(fd);
}

int uinput_write(int fd, const struct gamepad_change *changes, size_t count)
{
	struct input_event events[GAMEPAD_CHANGES_MAX] = { 0 };
	for (size_t i = 0; i < count; i++) {
		events[i].type = changes[i].type;
		events[i].code = changes[i].code;
		events[i].value = changes[i].value;
	}
	const ssize_t size = (ssize_t)(count * sizeof *events);
	const ssize_t written = write(fd, events, (size_t)size);
	if (written < 0)
		return -errno;
	return written == size ? 0 : -EIO;
}

/* "event7": "/dev/input/event7" */
static void note_node(char node[GAMEPAD_NODE_MAX], const char *name)
{
	const int length = snprintf(node, GAMEPAD_NODE_MAX, NODES_FOLDER "/%s", name);
	if (length >= GAMEPAD_NODE_MAX)
		node[0] = '\0';
}

static bool is_numbered(const char *name, const char *prefix)
{
	const size_t length = strlen(prefix);
	return strncmp(name, prefix, length) == 0 && name[length] >= '0' && name[length] <= '9';
}

int uinput_nodes(int fd, struct gamepad_nodes *nodes)
{
	char name[64] = "", folder[128];
	*nodes = (struct gamepad_nodes){ 0 };
	if (ioctl(fd, UI_GET_SYSNAME(sizeof name), name) < 0)
		return -errno;
	snprintf(folder, sizeof folder, DEVICES_FOLDER "/%s", name);
	DIR *entries = opendir(folder);
	if (!entries)
		return -errno;
	for (struct dirent *entry; (entry = readdir(entries));) {
		if (is_numbered(entry->d_name, "event"))
			note_node(nodes->event, entry->d_name);
		else if (is_numbered(entry->d_name, "js"))
			note_node(nodes->joystick, entry->d_name);
	}
	closedir(entries);
	return 0;
}

/* A wave shakes both motors as high as it goes; its envelope is not followed. */
static bool shape_of(const struct ff_effect *effect, struct rumble_shape *shape)
{
	*shape = (struct rumble_shape){
		.delay_ms = effect->replay.delay,
		.length_ms = effect->replay.length,
	};
	if (effect->type == FF_RUMBLE) {
		shape->strong = effect->u.rumble.strong_magnitude;
		shape->weak = effect->u.rumble.weak_magnitude;
		return true;
	}
	if (effect->type != FF_PERIODIC)
		return false;
	const int height = abs(effect->u.periodic.magnitude) * 2;
	shape->strong = height > UINT16_MAX ? UINT16_MAX : (uint16_t)height;
	shape->weak = shape->strong;
	return true;
}

static int answer_upload(int fd, uint32_t request, struct rumble *rumble, uint64_t now_ns)
{
	struct uinput_ff_upload upload = { .request_id = request };
	struct rumble_shape shape;
	/* The game gave up meanwhile (a signal): nothing is to be answered. */
	if (ioctl(fd, UI_BEGIN_FF_UPLOAD, &upload) < 0)
		return errno == EINVAL ? 0 : -errno;
	const bool done = upload.effect.id >= 0 && shape_of(&upload.effect, &shape) &&
		rumble_upload(rumble, (uint32_t)upload.effect.id, &shape, now_ns);
	upload.retval = done ? 0 : -EINVAL;
	return ioctl(fd, UI_END_FF_UPLOAD, &upload) < 0 && errno != EINVAL ? -errno : 0;
}

static int answer_erase(int fd, uint32_t request, struct rumble *rumble)
{
	struct uinput_ff_erase erase = { .request_id = request };
	if (ioctl(fd, UI_BEGIN_FF_ERASE, &erase) < 0)
		return errno == EINVAL ? 0 : -errno;
	erase.retval = rumble_erase(rumble, erase.effect_id) ? 0 : -EINVAL;
	return ioctl(fd, UI_END_FF_ERASE, &erase) < 0 && errno != EINVAL ? -errno : 0;
}

static int answer(int fd, const struct input_event *event, struct rumble *rumble, uint64_t now_ns)
{
	if (event->type == EV_UINPUT && event->code == UI_FF_UPLOAD)
		return answer_upload(fd, (uint32_t)event->value, rumble, now_ns);
	if (event->type == EV_UINPUT && event->code == UI_FF_ERASE)
		return answer_erase(fd, (uint32_t)event->value, rumble);
	if (event->type == EV_FF && event->code == FF_GAIN)
		rumble_set_gain(rumble, (uint16_t)event->value);
	else if (event->type == EV_FF && event->code < RUMBLE_EFFECTS)
		rumble_play(
			rumble, event->code, event->value > 0 ? (uint32_t)event->value : 0, now_ns);
	return 0;
}

int uinput_read(int fd, struct rumble *rumble, uint64_t now_ns)
{
	struct input_event events[READ_AT_ONCE];
	for (;;) {
		const ssize_t size = read(fd, events, sizeof events);
		if (size < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		const size_t count = (size_t)size / sizeof *events;
		for (size_t i = 0; i < count; i++) {
			const int error = answer(fd, &events[i], rumble, now_ns);
			if (error < 0)
				return error;
		}
		if (count < READ_AT_ONCE)
			return 0;
	}
}
