/*
 * Text is typed on the session's own keyboard if its layout has every character of it and nothing is held
 * there, else on the seat's text keyboard.
 */
#include "input/wayland_private.h"

/* How far to look ahead for what the text keyboard must carry. */
#define LOOKAHEAD 256

static enum typing_state hand_state(void *data)
{
	const struct wayland_injector *injector = data;
	if (injector->desktop->base.dead || !injector->seat)
		return TYPING_NEVER;
	return injector->desktop->stalled ? TYPING_WAIT : TYPING_GO;
}

/* Assigns the keysym and as many of those that wait as fit. */
static int prepare(struct text_keyboard *keyboard, const struct typing *typing, xkb_keysym_t first)
{
	xkb_keysym_t coming[LOOKAHEAD] = { first };
	const size_t count = 1 + typing_coming(typing, coming + 1, LOOKAHEAD - 1);
	return text_keyboard_assign(keyboard, coming, count);
}

static void hand_character(void *data, xkb_keysym_t keysym, bool elsewhere)
{
	struct wayland_injector *injector = data;
	struct text_keyboard *text = &injector->seat->text;
	if (!elsewhere && keyboard_is_idle(&injector->keyboard)) {
		injector->seat->keyboard_owner = injector;
		keyboard_stroke(
			&injector->keyboard, keymap_find(injector->desktop->keymap, keysym));
		return;
	}
	injector->seat->keyboard_owner = NULL;
	if (text_keyboard_has(text, keysym) || prepare(text, &injector->typing, keysym) == 0)
		text_keyboard_stroke(text, keysym);
}

static void hand_key(void *data, uint16_t code, bool pressed)
{
	struct wayland_injector *injector = data;
	injector->seat->keyboard_owner = injector;
	keyboard_key(&injector->keyboard, code, pressed);
}

static void hand_flush(void *data)
{
	const struct wayland_injector *injector = data;
	desktop_flush(injector->desktop);
}

static void hand_rest(void *data)
{
	struct wayland_injector *injector = data;
	keyboard_end_strokes(&injector->keyboard);
	desktop_flush(injector->desktop);
}

static void hand_overflow(void *data)
{
	wayland_injector_release_all(data);
}

const struct typing_hand wayland_typing_hand = {
	.state = hand_state,
	.character = hand_character,
	.key = hand_key,
	.flush = hand_flush,
	.rest = hand_rest,
	.overflow = hand_overflow,
};
