#include "desktops/shell_words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool write_quoted(FILE *out, const char *word)
{
	if (strpbrk(word, "\n\r"))
		return false;
	fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	}
	fputc('\'', out);
	return true;
}

static bool write_word(FILE *out, const char *word)
{
	fputc(' ', out);
	return write_quoted(out, word);
}

/* What was written; NULL with errno. */
static char *finish(FILE *out, char *const *text, bool good)
{
	const bool failed = ferror(out);
	if (fclose(out) == 0 && !failed && good)
		return *text;
	free(*text);
	errno = good ? ENOMEM : EINVAL;
	return NULL;
}

char *shell_quote(const char *word)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	const bool good = write_quoted(out, word);
	return finish(out, &text, good);
}

char *shell_words(const char *const *environment, size_t environment_count,
	const char *const *arguments, size_t argument_count)
{
	char *text = NULL;
	size_t size = 0;
	bool good = argument_count > 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	fputs("exec env --", out);
	for (size_t i = 0; i < environment_count && good; i++)
		good = write_word(out, environment[i]);
	for (size_t i = 0; i < argument_count && good; i++)
		good = write_word(out, arguments[i]);
	return finish(out, &text, good);
}
