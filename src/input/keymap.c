#include "input/keymap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int write_all(int fd, const char *text, size_t size)
{
	while (size > 0) {
		const ssize_t written = write(fd, text, size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		text += written;
		size -= (size_t)written;
	}
	return 0;
}

int keymap_seal(const char *text, size_t size)
{
	const int fd = memfd_create("lodge-keymap", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	int error = write_all(fd, text, size);
	if (error == 0 &&
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) <
			0)
		error = -errno;
	if (error < 0) {
		close(fd);
		return error;
	}
	return fd;
}

static int export_text(struct keymap *keymap)
{
	char *text = xkb_keymap_get_as_string(keymap->xkb, XKB_KEYMAP_FORMAT_TEXT_V1);
	if (!text)
		return -ENOMEM;
	const size_t size = strlen(text) + 1;
	keymap->fd = keymap_seal(text, size);
	keymap->size = (uint32_t)size;
	free(text);
	return keymap->fd < 0 ? keymap->fd : 0;
}

/* What a person may hold down to type: Shift and the level three and five shifts. */
static xkb_mod_mask_t typing_modifiers(struct xkb_keymap *xkb)
{
	static const char *const names[] = { XKB_MOD_NAME_SHIFT, "Mod3", "Mod5" };
	xkb_mod_mask_t mask = 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const xkb_mod_index_t index = xkb_keymap_mod_get_index(xkb, names[i]);
		if (index != XKB_MOD_INVALID)
			mask |= (xkb_mod_mask_t)1 << index;
	}
	return mask;
}

/* The fewest modifiers that lead to the level without any lock. */
static bool find_modifiers(struct xkb_keymap *xkb, xkb_keycode_t key, xkb_level_index_t level,
	xkb_mod_mask_t allowed, xkb_mod_mask_t *best)
{
	xkb_mod_mask_t masks[32];
	const size_t count = xkb_keymap_key_get_mods_for_level(
		xkb, key, 0, level, masks, sizeof masks / sizeof *masks);
	bool found = false;
	for (size_t i = 0; i < count; i++) {
		if (masks[i] & ~allowed)
			continue;
		if (!found || __builtin_popcount(masks[i]) < __builtin_popcount(*best))
			*best = masks[i];
		found = true;
	}
	return found;
}

struct collection {
	struct keymap *keymap;
	size_t capacity;
	xkb_mod_mask_t allowed;
	bool failed;
};

static void add_stroke(struct collection *collection, const struct keymap_stroke *stroke)
{
	struct keymap *keymap = collection->keymap;
	if (keymap->stroke_count == collection->capacity) {
		const size_t capacity = collection->capacity ? collection->capacity * 2 : 256;
		void *grown = realloc(keymap->strokes, capacity * sizeof *keymap->strokes);
		if (!grown) {
			collection->failed = true;
			return;
		}
		keymap->strokes = grown;
		collection->capacity = capacity;
	}
	keymap->strokes[keymap->stroke_count++] = *stroke;
}

static void collect_key(struct xkb_keymap *xkb, xkb_keycode_t key, void *data)
{
	struct collection *collection = data;
	if (key < KEYMAP_XKB_OFFSET || xkb_keymap_num_layouts_for_key(xkb, key) == 0)
		return;
	const xkb_level_index_t levels = xkb_keymap_num_levels_for_key(xkb, key, 0);
	for (xkb_level_index_t level = 0; level < levels; level++) {
		const xkb_keysym_t *keysyms;
		xkb_mod_mask_t modifiers = 0;
		if (xkb_keymap_key_get_syms_by_level(xkb, key, 0, level, &keysyms) != 1 ||
			!find_modifiers(xkb, key, level, collection->allowed, &modifiers))
			continue;
		add_stroke(collection,
			&(struct keymap_stroke){
				.keysym = keysyms[0],
				.code = (uint16_t)(key - KEYMAP_XKB_OFFSET),
				.modifiers = modifiers,
			});
	}
}

static int by_keysym(const void *left, const void *right)
{
	const struct keymap_stroke *a = left, *b = right;
	if (a->keysym != b->keysym)
		return a->keysym < b->keysym ? -1 : 1;
	const int bits = __builtin_popcount(a->modifiers) - __builtin_popcount(b->modifiers);
	return bits ? bits : (int)a->code - (int)b->code;
}

struct keymap *keymap_create(void)
{
	int error = -ENOMEM;
	struct keymap *keymap = calloc(1, sizeof *keymap);
	if (!keymap)
		goto error;
	keymap->fd = -1;
	keymap->context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	if (!keymap->context)
		goto error_keymap;
	const struct xkb_rule_names defaults = { 0 };
	keymap->xkb =
		xkb_keymap_new_from_names(keymap->context, &defaults, XKB_KEYMAP_COMPILE_NO_FLAGS);
	if (!keymap->xkb) {
		error = -ENOENT; /* xkb-data is not installed */
		goto error_keymap;
	}
	error = export_text(keymap);
	if (error < 0)
		goto error_keymap;
	struct collection collection = { .keymap = keymap,
		.allowed = typing_modifiers(keymap->xkb) };
	xkb_keymap_key_for_each(keymap->xkb, collect_key, &collection);
	if (collection.failed) {
		error = -ENOMEM;
		goto error_keymap;
	}
	qsort(keymap->strokes, keymap->stroke_count, sizeof *keymap->strokes, by_keysym);
	return keymap;
error_keymap:
	keymap_destroy(keymap);
error:
	errno = -error;
	return NULL;
}

void keymap_destroy(struct keymap *keymap)
{
	if (!keymap)
		return;
	if (keymap->fd >= 0)
		close(keymap->fd);
	xkb_keymap_unref(keymap->xkb);
	xkb_context_unref(keymap->context);
	free(keymap->strokes);
	free(keymap);
}

const struct keymap_stroke *keymap_find(const struct keymap *keymap, xkb_keysym_t keysym)
{
	size_t low = 0, high = keymap->stroke_count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (keymap->strokes[middle].keysym < keysym)
			low = middle + 1;
		else
			high = middle;
	}
	const bool found = low < keymap->stroke_count && keymap->strokes[low].keysym == keysym;
	return found ? &keymap->strokes[low] : NULL;
}
