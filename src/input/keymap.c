#include "input/keymap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int seal_text(const char *text, uint32_t *size)
{
	*size = (uint32_t)strlen(text) + 1; /* the protocol's size counts the NUL */
	const int file = memfd_create("lodge-keymap", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (file < 0)
		return -1;
	if (write(file, text, *size) != (ssize_t)*size ||
		fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
		close(file);
		return -1;
	}
	return file;
}

bool keymap_init(struct keymap *keymap)
{
	*keymap = (struct keymap){ .file = -1 };
	keymap->context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	if (keymap->context)
		keymap->keymap = xkb_keymap_new_from_names(
			keymap->context, &(struct xkb_rule_names){ 0 }, XKB_KEYMAP_COMPILE_NO_FLAGS);
	if (keymap->keymap)
		keymap->state = xkb_state_new(keymap->keymap);
	char *text = keymap->state
		? xkb_keymap_get_as_string(keymap->keymap, XKB_KEYMAP_FORMAT_TEXT_V1)
		: NULL;
	if (text)
		keymap->file = seal_text(text, &keymap->size);
	free(text);
	if (keymap->file >= 0)
		return true;
	keymap_finish(keymap);
	return false;
}

void keymap_finish(struct keymap *keymap)
{
	xkb_state_unref(keymap->state);
	xkb_keymap_unref(keymap->keymap);
	xkb_context_unref(keymap->context);
	if (keymap->file >= 0)
		close(keymap->file);
	*keymap = (struct keymap){ .file = -1 };
}

struct keymap_modifiers keymap_modifiers(const struct keymap *keymap)
{
	return (struct keymap_modifiers){
		xkb_state_serialize_mods(keymap->state, XKB_STATE_MODS_DEPRESSED),
		xkb_state_serialize_mods(keymap->state, XKB_STATE_MODS_LATCHED),
		xkb_state_serialize_mods(keymap->state, XKB_STATE_MODS_LOCKED),
		xkb_state_serialize_layout(keymap->state, XKB_STATE_LAYOUT_EFFECTIVE),
	};
}

bool keymap_update(struct keymap *keymap, uint16_t evdev_code, bool pressed)
{
	const enum xkb_state_component changed = xkb_state_update_key(keymap->state,
		(xkb_keycode_t)evdev_code + EVDEV_TO_XKB, pressed ? XKB_KEY_DOWN : XKB_KEY_UP);
	return changed & (XKB_STATE_MODS_DEPRESSED | XKB_STATE_MODS_LATCHED | XKB_STATE_MODS_LOCKED |
				 XKB_STATE_LAYOUT_EFFECTIVE);
}

void keymap_reset(struct keymap *keymap)
{
	struct xkb_state *fresh = xkb_state_new(keymap->keymap);
	if (!fresh)
		return;
	xkb_state_unref(keymap->state);
	keymap->state = fresh;
}

static bool level_makes(const struct keymap *keymap, xkb_keycode_t key, xkb_level_index_t level,
	xkb_keysym_t wanted, xkb_mod_mask_t *modifiers)
{
	const xkb_keysym_t *symbols;
	if (xkb_keymap_key_get_syms_by_level(keymap->keymap, key, 0, level, &symbols) != 1 ||
		symbols[0] != wanted)
		return false;
	return xkb_keymap_key_get_mods_for_level(keymap->keymap, key, 0, level, modifiers, 1) >= 1;
}

bool keymap_find(const struct keymap *keymap, uint32_t character, struct keymap_stroke *stroke)
{
	const xkb_keysym_t wanted = character == '\n' ? XKB_KEY_Return
		: character == '\t'			 ? XKB_KEY_Tab
							 : xkb_utf32_to_keysym(character);
	const xkb_keycode_t first = xkb_keymap_min_keycode(keymap->keymap);
	const xkb_keycode_t last = xkb_keymap_max_keycode(keymap->keymap);
	for (xkb_keycode_t key = first < 9 ? 9 : first; wanted != XKB_KEY_NoSymbol && key <= last; key++) {
		const xkb_level_index_t levels = xkb_keymap_num_levels_for_key(keymap->keymap, key, 0);
		for (xkb_level_index_t level = 0; level < levels; level++) {
			xkb_mod_mask_t modifiers;
			if (level_makes(keymap, key, level, wanted, &modifiers)) {
				*stroke = (struct keymap_stroke){ (uint16_t)(key - EVDEV_TO_XKB), modifiers };
				return true;
			}
		}
	}
	return false;
}

int keymap_make_extra(const uint32_t *characters, uint32_t count, uint32_t *size)
{
	char *text = NULL;
	size_t text_size;
	FILE *out = open_memstream(&text, &text_size);
	if (!out)
		return -1;
	fputs("xkb_keymap {\nxkb_keycodes \"lodge\" {\nminimum = 8;\nmaximum = 255;\n", out);
	for (uint32_t i = 0; i < count; i++)
		fprintf(out, "<L%u> = %u;\n", i, i + 1 + EVDEV_TO_XKB);
	fputs("};\nxkb_types \"lodge\" { include \"complete\" };\n"
	      "xkb_compatibility \"lodge\" { include \"complete\" };\nxkb_symbols \"lodge\" {\n", out);
	for (uint32_t i = 0; i < count; i++)
		fprintf(out, "key <L%u> { [ U%04X ] };\n", i, characters[i]);
	fputs("};\n};\n", out);
	const bool good = fclose(out) == 0;
	const int file = good ? seal_text(text, size) : -1;
	free(text);
	return file;
}
