/* Lines for people, made neutral: what comes from the host steers no terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/text.h"
#include "cli/texts.h"

enum cli_exit cli_complain(enum cli_exit code, const char *format, ...)
{
	char *text = NULL, *neutral = NULL;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	if (text)
		neutral = text_neutral(text);
	fprintf(stderr, "lodge: %s\n", neutral ? neutral : TEXT_NO_MEMORY);
	free(neutral);
	free(text);
	return code;
}

enum cli_exit cli_no_memory(void)
{
	fputs("lodge: " TEXT_NO_MEMORY "\n", stderr);
	return CLI_FAILED;
}

void cli_say(const char *format, ...)
{
	char *text = NULL, *neutral = NULL;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) >= 0)
		neutral = text_neutral(text);
	else
		text = NULL;
	va_end(arguments);
	puts(neutral ? neutral : TEXT_NO_MEMORY);
	free(neutral);
	free(text);
}
