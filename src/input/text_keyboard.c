#include "input/text_keyboard.h"

#include <errno.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/wayland_private.h"

/* The keys that print on every keyboard. */
static const uint8_t key_codes[TEXT_KEYBOARD_KEYS] = { KEY_Q, KEY_W, KEY_E, KEY_R, KEY_T, KEY_Y,
	KEY_U, KEY_I, KEY_O, KEY_P, /**/
	KEY_A, KEY_S, KEY_D, KEY_F, KEY_G, KEY_H, KEY_J, KEY_K, KEY_L, /**/
	KEY_Z, KEY_X, KEY_C, KEY_V, KEY_B, KEY_N, KEY_M, /**/
	KEY_1, KEY_2, KEY_3, KEY_4, KEY_5, KEY_6, KEY_7, KEY_8, KEY_9, KEY_0, /**/
	KEY_MINUS, KEY_EQUAL, KEY_LEFTBRACE, KEY_RIGHTBRACE, KEY_SEMICOLON, KEY_APOSTROPHE,
	KEY_GRAVE, KEY_BACKSLASH, KEY_COMMA, KEY_DOT, KEY_SLASH };

/* Return and Tab are always where they are on a real keyboard. */
static int fixed_key(xkb_keysym_t keysym)
{
	switch (keysym) {
	case XKB_KEY_Return:
		return KEY_ENTER;
	case XKB_KEY_Tab:
		return KEY_TAB;
	default:
		return -1;
	}
}

static void write_key(FILE *text, size_t key, xkb_keysym_t keysym)
{
	char name[64];
	xkb_keysym_get_name(keysym, name, sizeof name);
	fprintf(text, "key <K%02zu> { type = \"ONE_LEVEL\", [ %s ] };\n", key, name);
}

static char *write_keymap(const xkb_keysym_t *keysyms, size_t count, size_t *size)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, size);
	if (!file)
		return NULL;
	fputs("xkb_keymap {\nxkb_keycodes \"text\" {\nminimum = 8;\nmaximum = 255;\n", file);
	fprintf(file, "<RTRN> = %d;\n<TAB> = %d;\n", KEY_ENTER + KEYMAP_XKB_OFFSET,
		KEY_TAB + KEYMAP_XKB_OFFSET);
	for (size_t i = 0; i < count; i++)
		fprintf(file, "<K%02zu> = %d;\n", i, key_codes[i] + KEYMAP_XKB_OFFSET);
	fputs("};\nxkb_types \"text\" { include \"complete\" };\n"
	      "xkb_compatibility \"text\" { include \"complete\" };\n"
	      "xkb_symbols \"text\" {\n"
	      "key <RTRN> { [ Return ] };\nkey <TAB> { [ Tab ] };\n",
		file);
	for (size_t i = 0; i < count; i++)
		write_key(file, i, keysyms[i]);
	fputs("};\n};\n", file);
	const bool failed = ferror(file);
	if (fclose(file) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

static int upload(struct text_keyboard *keyboard, const xkb_keysym_t *keysyms, size_t count)
{
	size_t size = 0;
	char *text = write_keymap(keysyms, count, &size);
	if (!text)
		return -ENOMEM;
	const int fd = keymap_seal(text, size + 1);
	free(text);
	if (fd < 0)
		return fd;
	/* libwayland sends a duplicate. */
	zwp_virtual_keyboard_v1_keymap(
		keyboard->proxy, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, fd, (uint32_t)size + 1);
	close(fd);
	memmove(keyboard->keysyms, keysyms, count * sizeof *keysyms);
	keyboard->count = count;
	return 0;
}

int text_keyboard_init(struct text_keyboard *keyboard, struct zwp_virtual_keyboard_v1 *proxy)
{
	keyboard->proxy = proxy;
	return upload(keyboard, keyboard->keysyms, 0);
}

void text_keyboard_finish(struct text_keyboard *keyboard)
{
	if (keyboard->proxy)
		zwp_virtual_keyboard_v1_destroy(keyboard->proxy);
	keyboard->proxy = NULL;
	keyboard->count = 0;
}

static int find_key(const struct text_keyboard *keyboard, xkb_keysym_t keysym)
{
	for (size_t i = 0; i < keyboard->count; i++) {
		if (keyboard->keysyms[i] == keysym)
			return key_codes[i];
	}
	return fixed_key(keysym);
}

bool text_keyboard_has(const struct text_keyboard *keyboard, xkb_keysym_t keysym)
{
	return find_key(keyboard, keysym) >= 0;
}

static size_t append_missing(
	xkb_keysym_t *assigned, size_t count, const xkb_keysym_t *keysyms, size_t keysym_count)
{
	for (size_t i = 0; i < keysym_count && count < TEXT_KEYBOARD_KEYS; i++) {
		bool present = fixed_key(keysyms[i]) >= 0;
		for (size_t k = 0; k < count && !present; k++)
			present = assigned[k] == keysyms[i];
		if (!present)
			assigned[count++] = keysyms[i];
	}
	return count;
}

int text_keyboard_assign(struct text_keyboard *keyboard, const xkb_keysym_t *keysyms, size_t count)
{
	xkb_keysym_t assigned[TEXT_KEYBOARD_KEYS];
	memcpy(assigned, keyboard->keysyms, keyboard->count * sizeof *assigned);
	size_t assigned_count = append_missing(assigned, keyboard->count, keysyms, count);
	/* Full: keys are given anew to what comes next, not to what came once. */
	if (assigned_count == TEXT_KEYBOARD_KEYS)
		assigned_count = append_missing(assigned, 0, keysyms, count);
	return upload(keyboard, assigned, assigned_count);
}

void text_keyboard_stroke(struct text_keyboard *keyboard, xkb_keysym_t keysym)
{
	const uint32_t code = (uint32_t)find_key(keyboard, keysym);
	const uint32_t time_ms = input_time_ms();
	zwp_virtual_keyboard_v1_key(keyboard->proxy, time_ms, code, WL_KEYBOARD_KEY_STATE_PRESSED);
	zwp_virtual_keyboard_v1_key(keyboard->proxy, time_ms, code, WL_KEYBOARD_KEY_STATE_RELEASED);
}
