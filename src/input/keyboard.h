/*
 * One session's virtual keyboard. The compositor does not track the modifiers of a virtual keyboard, so the
 * state is kept here and sent after each change.
 *
 * Room: input (private). Thread: control. The caller flushes.
 */
#ifndef LODGE_INPUT_KEYBOARD_H
#define LODGE_INPUT_KEYBOARD_H

#include "input/keymap.h"

/* Evdev key codes end here (KEY_MAX). */
#define KEYBOARD_KEYS 0x2ff

struct zwp_virtual_keyboard_v1;

struct keyboard {
	struct zwp_virtual_keyboard_v1 *proxy; /* NULL: not bound */
	const struct keymap *keymap;
	struct xkb_state *state;
	uint64_t held[(KEYBOARD_KEYS + 63) / 64];
	uint32_t held_count;
	struct {
		uint32_t depressed, latched, locked, group;
	} sent; /* what the compositor knows */
};

/* 0 or negative errno. The state lives as long as the injector, the proxy while there is a seat. */
int keyboard_init(struct keyboard *keyboard, const struct keymap *keymap);
void keyboard_finish(struct keyboard *keyboard);
/* Takes the proxy over and uploads the keymap. */
void keyboard_bind(struct keyboard *keyboard, struct zwp_virtual_keyboard_v1 *proxy);
void keyboard_unbind(struct keyboard *keyboard);

/* A key that is out of range, or already where it shall go, is ignored. */
void keyboard_key(struct keyboard *keyboard, uint16_t code, bool pressed);
/* Every held key, then the modifiers: locks and latches too. */
void keyboard_release_all(struct keyboard *keyboard);
/* Says the modifiers again, for a seat that listened to another keyboard. */
void keyboard_repeat_modifiers(struct keyboard *keyboard);

/* Nothing held, latched or locked: text may be typed on it. */
bool keyboard_is_idle(const struct keyboard *keyboard);
/* One press and release with exactly these modifiers, on an idle keyboard; they stay until the strokes end. */
void keyboard_stroke(struct keyboard *keyboard, const struct keymap_stroke *stroke);
void keyboard_end_strokes(struct keyboard *keyboard);

#endif
