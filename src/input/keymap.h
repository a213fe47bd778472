/*
 * The keyboard layout of a desktop's injectors: the text that the compositor gets and the way back from a
 * character to the key that makes it. Immutable after creation; keyboards share it.
 *
 * Room: input (private). Thread: control.
 */
#ifndef LODGE_INPUT_KEYMAP_H
#define LODGE_INPUT_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

/* xkb counts keys from 8 where the kernel counts from 0. */
#define KEYMAP_XKB_OFFSET 8

/* One key press that makes a character. */
struct keymap_stroke {
	xkb_keysym_t keysym;
	uint16_t code; /* evdev */
	xkb_mod_mask_t modifiers; /* that must be down */
};

struct keymap {
	struct xkb_context *context;
	struct xkb_keymap *xkb;
	int fd; /* sealed memory holding the text, NUL included */
	uint32_t size;
	struct keymap_stroke *strokes; /* by keysym, the simplest stroke first */
	size_t stroke_count;
};

/* The default layout of the machine's xkb rules. NULL with errno. */
struct keymap *keymap_create(void);
void keymap_destroy(struct keymap *keymap);

/* NULL if no plain, Shift or AltGr level of the layout makes this keysym. */
const struct keymap_stroke *keymap_find(const struct keymap *keymap, xkb_keysym_t keysym);

/* Memory that nobody can change any more; the caller closes it. Negative errno. `size` counts the NUL. */
int keymap_seal(const char *text, size_t size);

#endif
