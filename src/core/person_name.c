#include "core/person_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

#define REPLACEMENT 0xfffdu
#define NON_JOINER 0x200cu
#define JOINER 0x200du
#define MARKS_MAX 4

struct range {
	uint32_t first, last;
};

static const struct range spaces[] = {
	{ 0x00, 0x20 }, /* C0 controls */
	{ 0x7f, 0xa0 }, /* DEL, C1 controls, no-break space */
	{ 0x1680, 0x1680 },
	{ 0x2000, 0x200a },
	{ 0x2028, 0x2029 }, /* line and paragraph separators */
	{ 0x202f, 0x202f },
	{ 0x205f, 0x205f },
	{ 0x2800, 0x2800 }, /* Braille without a dot */
	{ 0x3000, 0x3000 },
};

/* Direction of writing, and what has no shape of its own (Unicode: Default_Ignorable_Code_Point). */
static const struct range without_shape[] = {
	{ 0xad, 0xad },
	{ 0x34f, 0x34f },
	{ 0x61c, 0x61c },
	{ 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },
	{ 0x200b, 0x200b },
	{ 0x200e, 0x200f },
	{ 0x202a, 0x202e },
	{ 0x2060, 0x206f },
	{ 0x3164, 0x3164 },
	{ 0xfe00, 0xfe0d },
	{ 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb },
	{ 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

/* Blocks of marks that stack on the letter before them. */
static const struct range marks[] = {
	{ 0x300, 0x36f },
	{ 0x483, 0x489 },
	{ 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff },
	{ 0x20d0, 0x20ff },
	{ 0xfe20, 0xfe2f },
};

#define WITHIN(ranges, point) within(ranges, sizeof(ranges) / sizeof *(ranges), point)

static bool within(const struct range *ranges, size_t count, uint32_t point)
{
	for (size_t i = 0; i < count && point >= ranges[i].first; i++) {
		if (point <= ranges[i].last)
			return true;
	}
	return false;
}

/* Arabic to Sinhala: scripts in which a joiner changes the shape of letters. */
static bool is_joining_script(uint32_t point)
{
	return point >= 0x600 && point <= 0xdff;
}

static bool is_symbol(uint32_t point)
{
	return point >= 0x2010 && point != REPLACEMENT;
}

/* Whether a code point without a width means something behind `before` (0: at the beginning, or a space). */
static bool joins(uint32_t point, uint32_t before)
{
	switch (point) {
	case NON_JOINER:
		return is_joining_script(before);
	case JOINER:
		return is_joining_script(before) || is_symbol(before);
	default: /* U+FE0E and U+FE0F: as text, as an emoji */
		return is_symbol(before) && before != 0xfe0e && before != 0xfe0f;
	}
}

struct writer {
	struct person_name name;
	size_t size;
	uint32_t before; /* the last code point; 0 at the beginning */
	uint32_t marks; /* on the last letter */
	bool space; /* one is due before the next code point */
};

static bool is_wanted(struct writer *writer, uint32_t point)
{
	const uint32_t before = writer->space ? 0 : writer->before;
	if (WITHIN(without_shape, point))
		return false;
	if (point == NON_JOINER || point == JOINER || point == 0xfe0e || point == 0xfe0f)
		return joins(point, before);
	if (WITHIN(marks, point))
		return before != 0 && ++writer->marks <= MARKS_MAX;
	writer->marks = 0;
	return point != REPLACEMENT || before != REPLACEMENT;
}

/* False when there is no room for it. */
static bool write_point(struct writer *writer, uint32_t point, const char *bytes, size_t size)
{
	if (writer->size + writer->space + size > PERSON_NAME_MAX)
		return false;
	if (writer->space)
		writer->name.text[writer->size++] = ' ';
	memcpy(writer->name.text + writer->size, bytes, size);
	writer->size += size;
	writer->before = point;
	writer->space = false;
	return true;
}

static bool ends_with(const char *text, size_t size, const char *end)
{
	const size_t length = strlen(end);
	return size >= length && memcmp(text + size - length, end, length) == 0;
}

/* Cuts to `size` bytes, then back to a code point that may be the last one. */
static void cut(struct person_name *name, size_t size)
{
	char *text = name->text;
	while (size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80)
		size--;
	for (;;) {
		if (ends_with(text, size, " "))
			size--;
		else if (ends_with(text, size, "\u200c") || ends_with(text, size, "\u200d"))
			size -= 3;
		else
			break;
	}
	memset(text + size, 0, sizeof name->text - size);
}

struct person_name person_name_clean(const char *bytes, size_t size)
{
	struct writer writer = { 0 };
	const size_t end = size < PERSON_NAME_READ_MAX ? size : PERSON_NAME_READ_MAX;
	for (size_t i = 0; i < end;) {
		uint32_t point;
		const char *from = bytes + i;
		/* What lies beyond `end` is read too: a code point there is whole. */
		size_t length = utf8_next(from, size - i, &point);
		i += length > 0 ? length : 1;
		if (length == 0) {
			point = REPLACEMENT;
			from = "\ufffd";
			length = 3;
		}
		if (WITHIN(spaces, point))
			writer.space = writer.size > 0;
		else if (is_wanted(&writer, point) && !write_point(&writer, point, from, length))
			break;
	}
	cut(&writer.name, writer.size);
	return writer.name;
}

bool person_name_equal(const struct person_name *a, const struct person_name *b)
{
	return memcmp(a->text, b->text, sizeof a->text) == 0;
}

struct person_name person_name_numbered(const struct person_name *base, uint32_t number)
{
	struct person_name name = *base;
	char suffix[16];
	if (number < 2)
		return name;
	const size_t size = (size_t)snprintf(suffix, sizeof suffix, " (%u)", number);
	const size_t room = PERSON_NAME_MAX - size, length = strlen(base->text);
	cut(&name, length < room ? length : room);
	memcpy(name.text + strlen(name.text), suffix, size);
	return name;
}

uint32_t person_name_number(const struct person_name *name, const struct person_name *base)
{
	if (person_name_equal(name, base))
		return 1;
	const char *suffix = strrchr(name->text, '(');
	if (!suffix)
		return 0;
	char *end;
	const unsigned long number = strtoul(suffix + 1, &end, 10);
	if (number < 2 || number > UINT32_MAX)
		return 0;
	const struct person_name wanted = person_name_numbered(base, (uint32_t)number);
	return person_name_equal(name, &wanted) ? (uint32_t)number : 0;
}
