/*
 * A session's gamepads: virtual pads of the kernel (uinput) that games find as ordinary ones, and what games want the
 * client's pads to shake like (docs/gamepads.md). One port per session, WIRE_GAMEPADS pads each.
 *
 * Room: input. Thread: control. Nothing here waits for another process, and no state, and no rumble, allocates.
 * Callbacks come from the event loop, never from inside a call.
 */
#ifndef LODGE_INPUT_GAMEPAD_H
#define LODGE_INPUT_GAMEPAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/gamepad_map.h"

#define GAMEPAD_NODE_MAX 32 /* "/dev/input/event123" */

struct gamepad_port;

/*
 * Whether pads can be made by this user, now: false with one sentence why not (static), for the viewer and the log.
 * Asks the kernel each time (two calls of the system): the module may be loaded, the user be let in, at any time.
 */
bool gamepads_available(const char **text);

struct gamepad_port_events {
	/*
	 * Shake for `lasts_ms` at most; told again while it lasts, as RUMBLE is (docs/protocol.md §3), and once more with
	 * zeros when it ends. At most 100 times a second and pad. The port may be called, and destroyed, in here.
	 */
	void (*rumble)(void *data, uint8_t pad, uint16_t strong, uint16_t weak, uint16_t lasts_ms);
};

/* NULL with errno. Costs nothing until a pad is plugged; works where pads cannot be made (plugging then fails). */
struct gamepad_port *gamepad_port_create(
	sd_event *event, const struct gamepad_port_events *events, void *data);
/* Takes its pads away: games see them go. NULL is harmless. */
void gamepad_port_destroy(struct gamepad_port *port);

/*
 * A pad of this kind (enum wire_gamepad_kind) comes, at rest. Where one is plugged already it stays if it is of the same
 * kind, else it is replaced. `name` is what the client calls it, for the log alone: any bytes. 0 or negative errno:
 * EINVAL (no such pad), EBUSY (it came and went more than 16 times at once, and then once a second), and what
 * gamepads_available tells of, ENOENT and EACCES, with a line in the log.
 */
int gamepad_port_plug(
	struct gamepad_port *port, uint8_t pad, uint8_t kind, const char *name, size_t name_size);
/* Games see it go, and what it held with it. Nothing happens when none is plugged. */
void gamepad_port_unplug(struct gamepad_port *port, uint8_t pad);

/* The whole state. Sent at once, if a game would see a difference. Dropped where no pad is plugged. */
void gamepad_port_set_state(
	struct gamepad_port *port, uint8_t pad, const struct gamepad_state *state);
/* Every pad goes to rest (the client lost the focus, or its grant). */
void gamepad_port_release_all(struct gamepad_port *port);

/* Where games find it, so that it can be shown to a desktop of one's own alone. "" for what there is not. */
struct gamepad_nodes {
	char event[GAMEPAD_NODE_MAX]; /* /dev/input/eventN */
	char joystick
		[GAMEPAD_NODE_MAX]; /* /dev/input/jsN, the old interface; comes with the kernel module joydev */
};
/* 0, or -ENODEV when none is plugged. Reads a folder in /sys. */
int gamepad_port_nodes(const struct gamepad_port *port, uint8_t pad, struct gamepad_nodes *nodes);

#endif
