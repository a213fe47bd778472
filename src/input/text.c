/* Typing text: on the session's own keyboard if its layout has every character, else on the seat's text keyboard. */
#include <errno.h>
#include <string.h>

#include "input/input_private.h"

/* Characters between two looks at the socket: they fit into libwayland's buffer whatever the socket does. */
#define STROKES_A_FLUSH 16
/* How far to look ahead for what the text keyboard must carry. */
#define LOOKAHEAD 256

/* What is no character of UTF-8 counts as one that cannot be typed. */
#define NOT_TYPABLE XKB_KEY_NoSymbol

struct reader {
	const uint8_t *bytes;
	size_t size, position;
};

/* RFC 3629; bytes that are no UTF-8 come out one by one, as U+FFFF, which has no keysym. */
static uint32_t next_character(struct reader *reader)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const uint8_t lead = reader->bytes[reader->position++];
	if (lead < 0x80)
		return lead;
	const size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
	if (lead < 0xc2 || lead > 0xf4 || reader->size - reader->position < more)
		return 0xffff;
	uint32_t character = lead & (0x3fu >> more);
	for (size_t i = 0; i < more; i++) {
		const uint8_t byte = reader->bytes[reader->position + i];
		if ((byte & 0xc0) != 0x80)
			return 0xffff;
		character = character << 6 | (byte & 0x3f);
	}
	if (character < least[more] || character > 0x10ffff || (character >> 11) == 0x1b)
		return 0xffff;
	reader->position += more;
	return character;
}

static xkb_keysym_t next_keysym(struct reader *reader)
{
	const uint32_t character = next_character(reader);
	switch (character) {
	case '\r':
		if (reader->position < reader->size && reader->bytes[reader->position] == '\n')
			reader->position++;
		return XKB_KEY_Return;
	case '\n':
		return XKB_KEY_Return;
	case '\t':
		return XKB_KEY_Tab;
	default:
		/* Controls are keys, not text. */
		if (character < 0x20 || (character >= 0x7f && character < 0xa0))
			return NOT_TYPABLE;
		return xkb_utf32_to_keysym(character);
	}
}

/* Both numbers come from one pass. */
struct survey {
	uint32_t characters, untypable;
	bool all_in_layout;
};

static struct survey survey_text(const struct keymap *keymap, struct reader reader)
{
	struct survey survey = { .all_in_layout = true };
	while (reader.position < reader.size) {
		const xkb_keysym_t keysym = next_keysym(&reader);
		survey.characters++;
		if (keysym == NOT_TYPABLE)
			survey.untypable++;
		else if (!keymap_find(keymap, keysym))
			survey.all_in_layout = false;
	}
	return survey;
}

static int prepare(struct text_keyboard *keyboard, struct reader reader, xkb_keysym_t first)
{
	xkb_keysym_t coming[LOOKAHEAD] = { first };
	size_t count = 1;
	while (count < LOOKAHEAD && reader.position < reader.size) {
		const xkb_keysym_t keysym = next_keysym(&reader);
		if (keysym != NOT_TYPABLE)
			coming[count++] = keysym;
	}
	return text_keyboard_assign(keyboard, coming, count);
}

static bool type_one(struct injector *injector, bool own_keyboard, xkb_keysym_t keysym,
	const struct reader *rest)
{
	struct text_keyboard *text = &injector->seat->text;
	if (own_keyboard) {
		keyboard_stroke(
			&injector->keyboard, keymap_find(injector->desktop->keymap, keysym));
		return true;
	}
	if (!text_keyboard_has(text, keysym) && prepare(text, *rest, keysym) < 0)
		return false;
	text_keyboard_stroke(text, keysym);
	return true;
}

uint32_t injector_text(struct injector *injector, const char *utf8, uint32_t bytes)
{
	struct input_desktop *desktop = injector->desktop;
	struct reader reader = { (const uint8_t *)utf8, bytes, 0 };
	const struct survey survey = survey_text(desktop->keymap, reader);
	if (!injector_may_send(injector))
		return survey.characters;

	const bool own_keyboard = survey.all_in_layout && keyboard_is_idle(&injector->keyboard);
	injector->seat->keyboard_owner = own_keyboard ? injector : NULL;
	uint32_t typed = 0;
	while (reader.position < reader.size && injector_may_send(injector)) {
		const xkb_keysym_t keysym = next_keysym(&reader);
		if (keysym == NOT_TYPABLE || !type_one(injector, own_keyboard, keysym, &reader))
			continue;
		if (++typed % STROKES_A_FLUSH == 0)
			desktop_flush(desktop);
	}
	desktop_flush(desktop);
	return survey.characters - typed;
}
