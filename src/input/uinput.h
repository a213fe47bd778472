/*
 * One virtual pad of the kernel: made, moved, asked where it is, and what games say to it.
 *
 * Room: input (private). Thread: control. The calls do not wait for other processes; taking a pad away waits for the
 * kernel to have done so.
 */
#ifndef LODGE_INPUT_UINPUT_H
#define LODGE_INPUT_UINPUT_H

#include "core/rumble.h"
#include "input/gamepad.h"

#define UINPUT_DEVICE "/dev/uinput"

/* NULL: it can be opened; else one sentence (static) that says why pads cannot be made. */
const char *uinput_obstacle(const char *device);

/* A pad at rest, as the file descriptor that it lives in: uinput_close takes it away. Or negative errno. */
int uinput_open(const char *device, const struct gamepad_layout *layout, uint8_t pad);
void uinput_close(int fd);

/* 0 or negative errno. */
int uinput_write(int fd, const struct gamepad_change *changes, size_t count);
int uinput_nodes(int fd, struct gamepad_nodes *nodes);

/*
 * Reads what games said, and answers them: into `rumble`. Returns 0 when there is no more, or negative errno. A game that
 * uploads an effect waits in its call until this was called.
 */
int uinput_read(int fd, struct rumble *rumble, uint64_t now_ns);

/* For tests: a port whose pads are made with this device. */
struct gamepad_port *gamepad_port_create_with(
	sd_event *event, const char *device, const struct gamepad_port_events *events, void *data);

#endif
