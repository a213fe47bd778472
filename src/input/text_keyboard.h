/*
 * A seat's keyboard for text that the layout lacks. Its keymap is made for the text: the printable keys of an
 * ordinary keyboard carry the characters that are needed, so clients that know only ordinary keys (and X11,
 * whose codes end at 255) follow as well. The sessions' own keyboards keep their keymap: the next key
 * on one of them brings it back.
 *
 * Room: input (private). Thread: control. The caller flushes.
 */
#ifndef LODGE_INPUT_TEXT_KEYBOARD_H
#define LODGE_INPUT_TEXT_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <xkbcommon/xkbcommon.h>

#define TEXT_KEYBOARD_KEYS 47

struct zwp_virtual_keyboard_v1;

struct text_keyboard {
	struct zwp_virtual_keyboard_v1 *proxy;
	xkb_keysym_t keysyms[TEXT_KEYBOARD_KEYS]; /* by key, the first `count` are assigned */
	size_t count;
};

/* Takes the proxy over and uploads a first keymap. 0 or negative errno. */
int text_keyboard_init(struct text_keyboard *keyboard, struct zwp_virtual_keyboard_v1 *proxy);
void text_keyboard_finish(struct text_keyboard *keyboard);

bool text_keyboard_has(const struct text_keyboard *keyboard, xkb_keysym_t keysym);
/*
 * Uploads a keymap with as many of these keysyms as fit, in their order; the old ones stay if all fit.
 * 0 or negative errno, then the keymap is as before.
 */
int text_keyboard_assign(struct text_keyboard *keyboard, const xkb_keysym_t *keysyms, size_t count);
/* Press and release; the keysym must be assigned, or be Return or Tab. */
void text_keyboard_stroke(struct text_keyboard *keyboard, xkb_keysym_t keysym);

#endif
