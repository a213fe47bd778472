#include "input/keyboard.h"

#include <errno.h>
#include <string.h>

#include "input/wayland_private.h"

int keyboard_init(struct keyboard *keyboard, const struct keymap *keymap)
{
	keyboard->keymap = keymap;
	keyboard->state = xkb_state_new(keymap->xkb);
	return keyboard->state ? 0 : -ENOMEM;
}

void keyboard_finish(struct keyboard *keyboard)
{
	keyboard_unbind(keyboard);
	xkb_state_unref(keyboard->state);
	keyboard->state = NULL;
}

static void forget(struct keyboard *keyboard)
{
	memset(keyboard->held, 0, sizeof keyboard->held);
	memset(&keyboard->sent, 0, sizeof keyboard->sent);
	keyboard->held_count = 0;
}

void keyboard_bind(struct keyboard *keyboard, struct zwp_virtual_keyboard_v1 *proxy)
{
	forget(keyboard);
	keyboard->proxy = proxy;
	zwp_virtual_keyboard_v1_keymap(proxy, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1,
		keyboard->keymap->fd, keyboard->keymap->size);
}

void keyboard_unbind(struct keyboard *keyboard)
{
	if (!keyboard->proxy)
		return;
	zwp_virtual_keyboard_v1_destroy(keyboard->proxy);
	keyboard->proxy = NULL;
	forget(keyboard);
}

static bool is_held(const struct keyboard *keyboard, uint16_t code)
{
	return keyboard->held[code / 64] >> (code % 64) & 1;
}

static void send_modifiers(struct keyboard *keyboard, uint32_t depressed, uint32_t latched,
	uint32_t locked, uint32_t group)
{
	if (depressed == keyboard->sent.depressed && latched == keyboard->sent.latched &&
		locked == keyboard->sent.locked && group == keyboard->sent.group)
		return;
	keyboard->sent.depressed = depressed;
	keyboard->sent.latched = latched;
	keyboard->sent.locked = locked;
	keyboard->sent.group = group;
	zwp_virtual_keyboard_v1_modifiers(keyboard->proxy, depressed, latched, locked, group);
}

static void send_state(struct keyboard *keyboard)
{
	struct xkb_state *state = keyboard->state;
	send_modifiers(keyboard, xkb_state_serialize_mods(state, XKB_STATE_MODS_DEPRESSED),
		xkb_state_serialize_mods(state, XKB_STATE_MODS_LATCHED),
		xkb_state_serialize_mods(state, XKB_STATE_MODS_LOCKED),
		xkb_state_serialize_layout(state, XKB_STATE_LAYOUT_EFFECTIVE));
}

void keyboard_key(struct keyboard *keyboard, uint16_t code, bool pressed)
{
	if (!keyboard->proxy || code >= KEYBOARD_KEYS || is_held(keyboard, code) == pressed)
		return;
	send_state(keyboard); /* after strokes */
	keyboard->held[code / 64] ^= (uint64_t)1 << (code % 64);
	keyboard->held_count += pressed ? 1u : -1u;
	zwp_virtual_keyboard_v1_key(keyboard->proxy, input_time_ms(), code,
		pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED);
	xkb_state_update_key(
		keyboard->state, code + KEYMAP_XKB_OFFSET, pressed ? XKB_KEY_DOWN : XKB_KEY_UP);
	send_state(keyboard);
}

void keyboard_release_all(struct keyboard *keyboard)
{
	if (!keyboard->proxy)
		return;
	for (size_t word = 0; word < sizeof keyboard->held / sizeof *keyboard->held; word++) {
		while (keyboard->held[word]) {
			const size_t bit = (size_t)__builtin_ctzll(keyboard->held[word]);
			keyboard_key(keyboard, (uint16_t)(word * 64 + bit), false);
		}
	}
	xkb_state_update_mask(keyboard->state, 0, 0, 0, 0, 0, 0);
	send_state(keyboard);
}

/* wlroots passes on only what changes, so there is a change first. Without a key it means nothing to a client. */
void keyboard_repeat_modifiers(struct keyboard *keyboard)
{
	if (!keyboard->proxy)
		return;
	const uint32_t depressed = keyboard->sent.depressed, latched = keyboard->sent.latched;
	const uint32_t locked = keyboard->sent.locked, group = keyboard->sent.group;
	send_modifiers(keyboard, depressed ^ 1, latched, locked, group);
	send_modifiers(keyboard, depressed, latched, locked, group);
}

bool keyboard_is_idle(const struct keyboard *keyboard)
{
	return keyboard->proxy && keyboard->held_count == 0 &&
		xkb_state_serialize_mods(keyboard->state, XKB_STATE_MODS_EFFECTIVE) == 0;
}

void keyboard_stroke(struct keyboard *keyboard, const struct keymap_stroke *stroke)
{
	send_modifiers(keyboard, stroke->modifiers, 0, 0, 0);
	const uint32_t time_ms = input_time_ms();
	zwp_virtual_keyboard_v1_key(
		keyboard->proxy, time_ms, stroke->code, WL_KEYBOARD_KEY_STATE_PRESSED);
	zwp_virtual_keyboard_v1_key(
		keyboard->proxy, time_ms, stroke->code, WL_KEYBOARD_KEY_STATE_RELEASED);
}

void keyboard_end_strokes(struct keyboard *keyboard)
{
	if (keyboard->proxy)
		send_state(keyboard);
}
