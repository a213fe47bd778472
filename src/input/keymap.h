/*
 * The keymap of a virtual keyboard, with its state: the compositor does not track modifiers of virtual keyboards,
 * so the sender must. Room: input, private. Thread: control.
 */
#ifndef LODGE_INPUT_KEYMAP_H
#define LODGE_INPUT_KEYMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

#define EVDEV_TO_XKB 8
#define KEYMAP_EXTRA_MAX 64 /* characters that one extra keymap carries */

struct keymap {
	struct xkb_context *context;
	struct xkb_keymap *keymap;
	struct xkb_state *state;
	int file; /* sealed memfd of the text */
	uint32_t size;
};

struct keymap_modifiers {
	uint32_t depressed, latched, locked, group;
};

bool keymap_init(struct keymap *keymap);
void keymap_finish(struct keymap *keymap);

struct keymap_modifiers keymap_modifiers(const struct keymap *keymap);
/* True: the modifiers changed and are to be sent. */
bool keymap_update(struct keymap *keymap, uint16_t evdev_code, bool pressed);
void keymap_reset(struct keymap *keymap);

/* How to type a character: a key and the modifiers it needs. False: the keymap lacks it. */
struct keymap_stroke {
	uint16_t evdev_code;
	uint32_t modifiers;
};
bool keymap_find(const struct keymap *keymap, uint32_t character, struct keymap_stroke *stroke);

/*
 * A keymap of nothing but `characters` on the first keys (evdev 1..): for what the normal one lacks. Returns a
 * memfd and its size, or -1.
 */
int keymap_make_extra(const uint32_t *characters, uint32_t count, uint32_t *size);

#endif
