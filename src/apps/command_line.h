/*
 * A command line that somebody wrote into one field, as the list of arguments that a program is started with.
 *
 * Room: apps. Pure but for memory. Any thread. Fuzzed.
 *
 * The rules are those of a shell's words, and no others: blanks (space, tab) part the words; between '…' everything is
 * itself; between "…" a backslash before one of $ ` " \ takes its meaning away and else is itself; outside of
 * quotes a backslash makes the next character itself. Nothing is expanded: $HOME, *, ~, | and > are ordinary text. What
 * a shell would take for something that is not there, such as the rest of a line behind a #, is a fault.
 */
#ifndef LODGE_APPS_COMMAND_LINE_H
#define LODGE_APPS_COMMAND_LINE_H

#include <stddef.h>

enum command_line_fault {
	COMMAND_LINE_FINE,
	COMMAND_LINE_EMPTY,
	COMMAND_LINE_SINGLE_QUOTE, /* it is never closed */
	COMMAND_LINE_DOUBLE_QUOTE,
	COMMAND_LINE_BACKSLASH, /* at the end, with nothing behind it */
	COMMAND_LINE_COMMENT, /* a word begins with # */
	COMMAND_LINE_CONTROL, /* a control character other than a tab between words */
	COMMAND_LINE_TOO_MANY, /* words: APP_ARGUMENTS_MAX */
	COMMAND_LINE_TOO_LONG, /* bytes: APP_TEXT_MAX */
	COMMAND_LINE_MEMORY,
	COMMAND_LINE_FAULTS,
};

/*
 * A list that ends with NULL, `count` arguments before that, in one piece of memory: to be freed with free(). NULL with
 * the first fault.
 */
const char **command_line_split(
	const char *text, size_t size, size_t *count, enum command_line_fault *fault);

/* A sentence for whoever wrote the line: "a ' is opened and never closed". */
const char *command_line_fault_text(enum command_line_fault fault);

#endif
