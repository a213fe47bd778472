#include <stdio.h>
#include <string.h>

#include "core/utf8.h"
#include "isolation/isolation_private.h"

#define LINE_MAX_BYTES 2048

static bool is_plain(uint32_t point)
{
	/* C0, DEL, C1, and what turns the direction of a line around. */
	return point == '\t' ||
		(point >= 0x20 && !(point >= 0x7f && point < 0xa0) &&
			!(point >= 0x202a && point <= 0x202e) &&
			!(point >= 0x2066 && point <= 0x2069));
}

static void copy_plain(const char *text, char line[LINE_MAX_BYTES])
{
	size_t rest = strlen(text), used = 0;
	while (rest > 0 && used + 5 < LINE_MAX_BYTES) {
		uint32_t point;
		const size_t size = utf8_next(text, rest, &point);
		if (size == 0 || !is_plain(point))
			line[used++] = '?';
		else
			memcpy(line + used, text, size);
		used += size == 0 || !is_plain(point) ? 0 : size;
		text += size == 0 ? 1 : size;
		rest -= size == 0 ? 1 : size;
	}
	line[used] = '\0';
}

void isolation_say(const char *tree, const char *role, const char *text)
{
	char line[LINE_MAX_BYTES];
	copy_plain(text, line);
	if (role)
		fprintf(stderr, "lodged: tree %s: %s: %s\n", tree, role, line);
	else
		fprintf(stderr, "lodged: tree %s: %s\n", tree, line);
}
