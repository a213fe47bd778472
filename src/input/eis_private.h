/*
 * Input by an EIS server, such as gamescope's: one connection per desktop (eis_desktop.c), whose devices all sessions
 * share (eis_devices.c, eis_keys.c); what each session holds down is kept apart (eis_injector.c).
 *
 * Room: input (private). Thread: control. The desktop owns connection and devices; injectors are the callers', listed
 * in the desktop. libei sends at once: whatever is sent is preceded by eis_may_send.
 */
#ifndef LODGE_INPUT_EIS_PRIVATE_H
#define LODGE_INPUT_EIS_PRIVATE_H

#include <wayland-util.h>

#include "input/eis_library.h"
#include "input/input_impl.h"
#include "input/keyboard.h"
#include "input/keymap.h"
#include "input/pointer.h"
#include "input/typing.h"

#define EIS_DEVICES_MAX 8
#define EIS_BUTTONS (POINTER_BUTTON_LAST - POINTER_BUTTON_FIRST + 1)

struct eis_device {
	struct ei_device *device; /* NULL: no device */
	unsigned capabilities; /* EIS_CAP_* */
	bool resumed; /* it takes events */
	uint32_t x, y, width, height; /* of its first region; 0x0: none */
};

struct eis_desktop {
	struct input_desktop base;
	struct eis_library library;
	struct ei *ei;
	int socket_fd; /* of the connection as well: whether there is room to send */
	sd_event_source *room; /* armed while there is none */
	sd_event_source *patience; /* until the first device may be used */
	struct eis_device devices[EIS_DEVICES_MAX];
	uint32_t sequence; /* of emulations, as the protocol counts them */
	struct wl_list injectors;
	const struct eis_injector *cursor_owner; /* who moved the cursor last */
	struct keymap *keymap; /* what the server's own is taken for: the default layout */
	struct xkb_state *state;
	uint16_t key_holders[KEYBOARD_KEYS]; /* how many sessions hold it down */
	uint16_t button_holders[EIS_BUTTONS];
	uint16_t lifted; /* modifier keys that are up while text is typed, by eis_keys.c's list */
	bool lifted_lock; /* so is Caps Lock */
	bool stalled; /* the server does not read: everything is dropped until it does */
};

struct eis_injector {
	struct injector base;
	struct wl_list link;
	struct eis_desktop *desktop;
	uint32_t width_px, height_px; /* of the output */
	bool placed; /* the position is known */
	int64_t x_256, y_256; /* 1/256 px */
	uint64_t held_keys[(KEYBOARD_KEYS + 63) / 64];
	uint16_t held_buttons; /* bit 0 is POINTER_BUTTON_FIRST */
	bool locked; /* it pressed Caps Lock an odd number of times */
	bool missed; /* a release was dropped: all goes up when events are taken again */
	struct typing typing;
};

/* eis_desktop.c */
/* Whether the desktop takes events now: false while the server does not read. */
bool eis_may_send(struct eis_desktop *desktop);
/* Whatever was missed goes up, now that events are taken again. */
void eis_make_up(struct eis_desktop *desktop);

/* eis_devices.c */
void eis_device_add(struct eis_desktop *desktop, struct ei_device *device);
void eis_device_remove(struct eis_desktop *desktop, struct ei_device *device);
void eis_device_set_resumed(struct eis_desktop *desktop, struct ei_device *device, bool resumed);
void eis_devices_finish(struct eis_desktop *desktop);
/* One that takes events of this capability now, or NULL. */
const struct eis_device *eis_device_find(const struct eis_desktop *desktop, unsigned capability);
/* Ends one event, or those that belong together. */
void eis_device_frame(const struct eis_desktop *desktop, const struct eis_device *device);

/* eis_keys.c: the one keyboard. Nothing is sent, and nothing changes, without a device for it. */
bool eis_keys_ready(const struct eis_desktop *desktop);
/* One more or one less session holds the key. */
void eis_keys_hold(struct eis_desktop *desktop, uint16_t code, bool pressed);
void eis_keys_unlock(struct eis_desktop *desktop); /* Caps Lock off */
/* Before the first stroke: no key is down and no lock is on; eis_keys_settle brings the modifiers and locks back. */
void eis_keys_lift(struct eis_desktop *desktop);
void eis_keys_stroke(struct eis_desktop *desktop, const struct keymap_stroke *stroke);
void eis_keys_settle(struct eis_desktop *desktop);

/* eis_injector.c */
extern const struct input_impl eis_input_impl;
void eis_injector_release_all(struct eis_injector *injector);
/* Its device is gone, and with it whatever was down. */
void eis_injector_forget(struct eis_injector *injector, unsigned capabilities);
void eis_desktop_destroy(struct input_desktop *desktop); /* eis_desktop.c */

#endif
