#include "input/typing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "input/input_impl.h"

/*
 * 2000 characters a second are about 120 kB of events: a client may be busy for more than a second without
 * being dropped. The first ones go out at once.
 */
#define WINDOW_US 32000
#define WINDOW_ITEMS 64
/* Between two looks at the socket: so many fit into libwayland's buffer whatever the socket does. */
#define STROKES_A_FLUSH 16

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

/* An item is a keysym (29 bits) or a key; 0 is nothing. */
#define ITEM_ELSEWHERE (1u << 30)
#define ITEM_IS_KEY (1u << 31)
#define ITEM_PRESSED (1u << 16)
#define ITEM_KEYSYM 0x1fffffffu

static uint32_t item_at(const struct typing *typing, size_t index)
{
	return typing->items[(typing->start + index) % TYPING_QUEUE_ITEMS];
}

static bool append(struct typing *typing, uint32_t item)
{
	if (typing->count == TYPING_QUEUE_ITEMS)
		return false;
	typing->items[(typing->start + typing->count++) % TYPING_QUEUE_ITEMS] = item;
	return true;
}

static uint32_t take(struct typing *typing)
{
	const uint32_t item = item_at(typing, 0);
	typing->start = (typing->start + 1) % TYPING_QUEUE_ITEMS;
	typing->count--;
	return item;
}

size_t typing_coming(const struct typing *typing, xkb_keysym_t *keysyms, size_t capacity)
{
	size_t count = 0;
	for (size_t i = 0; i < typing->count && count < capacity; i++) {
		const uint32_t item = item_at(typing, i);
		if (item && !(item & ITEM_IS_KEY))
			keysyms[count++] = item & ITEM_KEYSYM;
	}
	return count;
}

static void type_item(struct typing *typing, uint32_t item)
{
	if (item & ITEM_IS_KEY)
		typing->hand->key(typing->data, (uint16_t)item, item & ITEM_PRESSED);
	else if (item)
		typing->hand->character(typing->data, item & ITEM_KEYSYM, item & ITEM_ELSEWHERE);
}

void typing_drop(struct typing *typing)
{
	typing->count = 0;
	sd_event_source_set_enabled(typing->timer, SD_EVENT_OFF);
}

/* As much as the window allows; the timer goes on with the rest. */
static void type_some(struct typing *typing)
{
	if (typing->hand->state(typing->data) == TYPING_NEVER) {
		typing_drop(typing);
		return;
	}
	const uint64_t now_us = input_time_us();
	if (now_us >= typing->window_end_us) {
		typing->window_end_us = now_us + WINDOW_US;
		typing->budget = WINDOW_ITEMS;
	}
	while (typing->count > 0 && typing->budget > 0 &&
		typing->hand->state(typing->data) == TYPING_GO) {
		type_item(typing, take(typing));
		if (--typing->budget % STROKES_A_FLUSH == 0)
			typing->hand->flush(typing->data);
	}
	typing->hand->rest(typing->data);
	if (typing->count > 0) {
		sd_event_source_set_time(typing->timer, typing->window_end_us);
		sd_event_source_set_enabled(typing->timer, SD_EVENT_ONESHOT);
	}
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	type_some(data);
	return 0;
}

int typing_init(struct typing *typing, sd_event *event, const struct typing_hand *hand, void *data)
{
	typing->hand = hand;
	typing->data = data;
	typing->items = calloc(TYPING_QUEUE_ITEMS, sizeof *typing->items);
	if (!typing->items)
		return -ENOMEM;
	const int error =
		sd_event_add_time(event, &typing->timer, CLOCK_MONOTONIC, 0, 1, on_timer, typing);
	return error < 0 ? error : sd_event_source_set_enabled(typing->timer, SD_EVENT_OFF);
}

void typing_finish(struct typing *typing)
{
	sd_event_source_disable_unref(typing->timer);
	free(typing->items);
	*typing = (struct typing){ 0 };
}

bool typing_queue_key(struct typing *typing, uint16_t code, bool pressed)
{
	if (typing->count == 0)
		return false;
	/* No room: a lost release is made up for, as after a stall. */
	if (!append(typing, ITEM_IS_KEY | (pressed ? ITEM_PRESSED : 0) | code))
		typing->hand->overflow(typing->data);
	return true;
}

void typing_forget_keys(struct typing *typing)
{
	for (size_t i = 0; i < typing->count; i++) {
		uint32_t *item = &typing->items[(typing->start + i) % TYPING_QUEUE_ITEMS];
		if (*item & ITEM_IS_KEY)
			*item = 0;
	}
}

static bool layout_has_all(const struct keymap *keymap, struct reader reader)
{
	while (reader.position < reader.size) {
		const xkb_keysym_t keysym = next_keysym(&reader);
		if (keysym != NOT_TYPABLE && !keymap_find(keymap, keysym))
			return false;
	}
	return true;
}

uint32_t typing_start(struct typing *typing, const struct typing_text *text)
{
	struct reader reader = { (const uint8_t *)text->utf8, text->bytes, 0 };
	const bool may_type = typing->hand->state(typing->data) == TYPING_GO;
	const bool elsewhere = !layout_has_all(text->keymap, reader);
	uint32_t lost = 0;
	while (reader.position < reader.size) {
		const xkb_keysym_t keysym = next_keysym(&reader);
		const bool typable = keysym != NOT_TYPABLE &&
			(text->elsewhere || keymap_find(text->keymap, keysym));
		if (!typable || !may_type ||
			!append(typing,
				keysym | (elsewhere && text->elsewhere ? ITEM_ELSEWHERE : 0)))
			lost++;
	}
	if (may_type)
		type_some(typing);
	return lost;
}
