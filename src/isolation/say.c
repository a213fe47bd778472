#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

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

/* What colours a terminal: ESC [ parameters and a letter. 0: it is none. */
static size_t colour_size(const char *text)
{
	if (text[0] != '\033' || text[1] != '[')
		return 0;
	const size_t size = 2 + strspn(text + 2, "0123456789;");
	return text[size] == 'm' ? size + 1 : 0;
}

void isolation_copy_plain(const char *text, char *line, size_t capacity)
{
	size_t rest = strlen(text), used = 0;
	while (rest > 0 && used + 5 < capacity) {
		uint32_t point;
		const size_t colour = colour_size(text);
		const size_t size = colour ? colour : utf8_next(text, rest, &point);
		if (colour == 0 && (size == 0 || !is_plain(point)))
			line[used++] = '?';
		else if (colour == 0)
			used = (size_t)((char *)mempcpy(line + used, text, size) - line);
		text += size == 0 ? 1 : size;
		rest -= size == 0 ? 1 : size;
	}
	line[used] = '\0';
}

void isolation_say(const char *tree, const char *role, const char *text)
{
	char line[LINE_MAX_BYTES];
	isolation_copy_plain(text, line, sizeof line);
	if (role)
		fprintf(stderr, "lodged: tree %s: %s: %s\n", tree, role, line);
	else
		fprintf(stderr, "lodged: tree %s: %s\n", tree, line);
}

void isolated_process_describe_end(
	const char *name, int status, const char *text, char *sentence, size_t capacity)
{
	const char *colon = text[0] ? ": " : "";
	if (WIFSIGNALED(status))
		snprintf(sentence, capacity, "%s was ended by signal %d (%s)%s%s", name,
			WTERMSIG(status), strsignal(WTERMSIG(status)), colon, text);
	else if (WEXITSTATUS(status) == 127 && text[0])
		snprintf(sentence, capacity, "%s could not be run: %s", name, text);
	else if (WEXITSTATUS(status))
		snprintf(sentence, capacity, "%s ended with status %d%s%s", name,
			WEXITSTATUS(status), colon, text);
	else
		snprintf(sentence, capacity, "%s has ended", name);
}
