/*
 * The one keyboard of an EIS desktop. Keys are evdev codes; the server has a keymap of its own, which is taken for
 * the default layout: text is the keys that make it there.
 */
#include <linux/input-event-codes.h>

#include "input/eis_private.h"

/* Those that change what another key makes. */
static const uint16_t modifier_codes[] = { KEY_LEFTSHIFT, KEY_RIGHTSHIFT, KEY_LEFTCTRL,
	KEY_RIGHTCTRL, KEY_LEFTALT, KEY_RIGHTALT, KEY_LEFTMETA, KEY_RIGHTMETA };
#define MODIFIERS (sizeof modifier_codes / sizeof *modifier_codes)

static void send(struct eis_desktop *desktop, uint16_t code, bool pressed)
{
	const struct eis_device *device = eis_device_find(desktop, EIS_CAP_KEYBOARD);
	if (!device)
		return;
	desktop->library.device_keyboard_key(device->device, code, pressed);
	eis_device_frame(desktop, device);
	xkb_state_update_key(
		desktop->state, code + KEYMAP_XKB_OFFSET, pressed ? XKB_KEY_DOWN : XKB_KEY_UP);
}

static void tap(struct eis_desktop *desktop, uint16_t code)
{
	send(desktop, code, true);
	send(desktop, code, false);
}

bool eis_keys_ready(const struct eis_desktop *desktop)
{
	return eis_device_find(desktop, EIS_CAP_KEYBOARD);
}

void eis_keys_hold(struct eis_desktop *desktop, uint16_t code, bool pressed)
{
	uint16_t *holders = &desktop->key_holders[code];
	if (pressed && (*holders)++ == 0)
		send(desktop, code, true);
	else if (!pressed && *holders > 0 && --*holders == 0)
		send(desktop, code, false);
}

static bool is_locked(const struct eis_desktop *desktop)
{
	return xkb_state_mod_name_is_active(
		       desktop->state, XKB_MOD_NAME_CAPS, XKB_STATE_MODS_LOCKED) > 0;
}

void eis_keys_unlock(struct eis_desktop *desktop)
{
	if (is_locked(desktop))
		tap(desktop, KEY_CAPSLOCK);
}

static bool is_modifier(uint16_t code)
{
	for (size_t i = 0; i < MODIFIERS; i++) {
		if (modifier_codes[i] == code)
			return true;
	}
	return false;
}

/* A key that somebody holds would swallow the strokes of the same key: it goes up for good. */
static void drop_held(struct eis_desktop *desktop, uint16_t code)
{
	struct eis_injector *injector;
	desktop->key_holders[code] = 0;
	send(desktop, code, false);
	wl_list_for_each(injector, &desktop->injectors, link) injector->held_keys[code / 64] &=
		~((uint64_t)1 << (code % 64));
}

void eis_keys_lift(struct eis_desktop *desktop)
{
	for (size_t i = 0; i < MODIFIERS; i++) {
		if (!desktop->key_holders[modifier_codes[i]] || desktop->lifted & 1u << i)
			continue;
		send(desktop, modifier_codes[i], false);
		desktop->lifted |= (uint16_t)(1u << i);
	}
	for (uint16_t code = 0; code < KEYBOARD_KEYS; code++) {
		if (desktop->key_holders[code] && !is_modifier(code))
			drop_held(desktop, code);
	}
	if (is_locked(desktop)) {
		tap(desktop, KEY_CAPSLOCK);
		desktop->lifted_lock = true;
	}
}

void eis_keys_settle(struct eis_desktop *desktop)
{
	for (size_t i = 0; i < MODIFIERS; i++) {
		if (desktop->lifted & 1u << i && desktop->key_holders[modifier_codes[i]])
			send(desktop, modifier_codes[i], true);
	}
	desktop->lifted = 0;
	if (desktop->lifted_lock)
		tap(desktop, KEY_CAPSLOCK);
	desktop->lifted_lock = false;
}

void eis_keys_stroke(struct eis_desktop *desktop, const struct keymap_stroke *stroke)
{
	const struct keymap *keymap = desktop->keymap;
	const xkb_mod_mask_t shift = (xkb_mod_mask_t)1
		<< xkb_keymap_mod_get_index(keymap->xkb, XKB_MOD_NAME_SHIFT);
	const struct keymap_stroke *level_three =
		stroke->modifiers & ~shift ? keymap_find(keymap, XKB_KEY_ISO_Level3_Shift) : NULL;
	if (stroke->modifiers & shift)
		send(desktop, KEY_LEFTSHIFT, true);
	if (level_three)
		send(desktop, level_three->code, true);
	tap(desktop, stroke->code);
	if (level_three)
		send(desktop, level_three->code, false);
	if (stroke->modifiers & shift)
		send(desktop, KEY_LEFTSHIFT, false);
}
