/* Typing text: through the keymap where it has the characters, through an extra keymap for the rest. */
#include <unistd.h>

#include "input/input_private.h"
#include "virtual-keyboard-unstable-v1-client-protocol.h"

/* The bytes are valid UTF-8 (the wire codec has checked). */
static uint32_t next_character(const char **at, const char *end)
{
	const uint8_t lead = (uint8_t)**at;
	const uint32_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
	uint32_t character = more == 0 ? lead : lead & (0x3fu >> more);
	(*at)++;
	for (uint32_t i = 0; i < more && *at < end; i++)
		character = character << 6 | ((uint8_t)*(*at)++ & 0x3f);
	return character;
}

static void tap(struct injector *injector, uint16_t code)
{
	zwp_virtual_keyboard_v1_key(
		injector->keyboard, input_time_ms(), code, WL_KEYBOARD_KEY_STATE_PRESSED);
	zwp_virtual_keyboard_v1_key(
		injector->keyboard, input_time_ms(), code, WL_KEYBOARD_KEY_STATE_RELEASED);
}

static void type_stroke(struct injector *injector, const struct keymap_stroke *stroke)
{
	if (stroke->modifiers)
		zwp_virtual_keyboard_v1_modifiers(injector->keyboard, stroke->modifiers, 0, 0, 0);
	tap(injector, stroke->evdev_code);
	if (stroke->modifiers)
		zwp_virtual_keyboard_v1_modifiers(injector->keyboard, 0, 0, 0, 0);
}

static void set_keymap(struct injector *injector, int file, uint32_t size)
{
	zwp_virtual_keyboard_v1_keymap(
		injector->keyboard, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, file, size);
}

static bool is_typable(uint32_t character)
{
	return character >= 0x20 && character != 0x7f && !(character >= 0x80 && character < 0xa0);
}

/* A run of characters that the normal keymap lacks, up to what one extra keymap holds. */
static bool type_extra(struct injector *injector, const uint32_t *characters, uint32_t count)
{
	uint32_t size;
	const int file = keymap_make_extra(characters, count, &size);
	if (file < 0)
		return false;
	set_keymap(injector, file, size);
	close(file);
	for (uint32_t i = 0; i < count; i++)
		tap(injector, (uint16_t)(i + 1));
	set_keymap(injector, injector->keymap.file, injector->keymap.size);
	return true;
}

uint32_t injector_text(struct injector *injector, const char *utf8, uint32_t bytes)
{
	const char *at = utf8, *const end = utf8 + bytes;
	uint32_t extra[KEYMAP_EXTRA_MAX], extra_count = 0, lost = 0;
	if (!injector->keyboard)
		return 0;
	injector_release_all(injector);
	while (at < end) {
		struct keymap_stroke stroke;
		const uint32_t character = next_character(&at, end);
		const bool known = keymap_find(&injector->keymap, character, &stroke);
		if (extra_count && (known || extra_count == KEYMAP_EXTRA_MAX)) {
			lost += type_extra(injector, extra, extra_count) ? 0 : extra_count;
			extra_count = 0;
		}
		if (known)
			type_stroke(injector, &stroke);
		else if (is_typable(character))
			extra[extra_count++] = character;
		else
			lost++;
	}
	if (extra_count)
		lost += type_extra(injector, extra, extra_count) ? 0 : extra_count;
	injector_send_modifiers(injector);
	input_desktop_flush(injector->desktop);
	return lost;
}
