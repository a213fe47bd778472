#include "cli/text.h"

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#define REPLACEMENT "\xef\xbf\xbd"

bool text_use_utf8(void)
{
	/* Kept as long as the thread lives: it is the one in use. */
	const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	return locale != (locale_t)0 && uselocale(locale) != (locale_t)0;
}

/* Line and paragraph separators, embeddings, overrides and isolates, marks of direction, the byte order mark. */
static bool steers(wchar_t character)
{
	return (character >= 0x200e && character <= 0x200f) ||
		(character >= 0x2028 && character <= 0x202e) ||
		(character >= 0x2066 && character <= 0x2069) || character == 0x061c ||
		character == 0xfeff;
}

/* Bytes of the character at `text`, 0 when it is none or is not to be shown. */
static size_t shown(const char *text, size_t left, wchar_t *character)
{
	mbstate_t state = { 0 };
	const size_t size = mbrtowc(character, text, left, &state);
	if (size == 0 || size > left) /* (size_t)-1, -2: no UTF-8 */
		return 0;
	return iswcntrl((wint_t)*character) || steers(*character) ? 0 : size;
}

/* How many bytes are left out together: a whole character where there is one. */
static size_t unshown(const char *text, size_t left)
{
	wchar_t character;
	mbstate_t state = { 0 };
	const size_t size = mbrtowc(&character, text, left, &state);
	return size == 0 || size > left ? 1 : size;
}

char *text_neutral(const char *text)
{
	const size_t size = strlen(text);
	char *copy = malloc(size * (sizeof REPLACEMENT - 1) + 1), *end = copy;
	for (size_t i = 0; copy && i < size;) {
		wchar_t character;
		const size_t length = shown(text + i, size - i, &character);
		if (length > 0) {
			end = mempcpy(end, text + i, length);
			i += length;
		} else {
			end = mempcpy(end, REPLACEMENT, sizeof REPLACEMENT - 1);
			i += unshown(text + i, size - i);
		}
	}
	if (copy)
		*end = '\0';
	return copy;
}

size_t text_width(const char *text)
{
	const size_t size = strlen(text);
	size_t width = 0;
	for (size_t i = 0; i < size;) {
		wchar_t character;
		const size_t length = shown(text + i, size - i, &character);
		const int columns = length ? wcwidth(character) : 1;
		width += columns < 0 ? 1 : (size_t)columns;
		i += length ? length : 1;
	}
	return width;
}

char *text_seconds(double seconds, char buffer[TEXT_SECONDS_MAX])
{
	static const struct {
		uint64_t large_s, small_s;
		const char *large, *small;
	} units[] = { { 86400, 3600, "d", "h" }, { 3600, 60, "h", "min" }, { 60, 1, "min", "s" } };
	const uint64_t whole = seconds > 0 && seconds < 1e15 ? (uint64_t)seconds : 0;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		const uint64_t rest = whole % units[i].large_s / units[i].small_s;
		if (whole < units[i].large_s)
			continue;
		const int size = snprintf(buffer, TEXT_SECONDS_MAX, "%llu %s",
			(unsigned long long)(whole / units[i].large_s), units[i].large);
		if (rest)
			snprintf(buffer + size, TEXT_SECONDS_MAX - (size_t)size, " %llu %s",
				(unsigned long long)rest, units[i].small);
		return buffer;
	}
	snprintf(buffer, TEXT_SECONDS_MAX, "%llu s", (unsigned long long)whole);
	return buffer;
}
