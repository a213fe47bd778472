/*
 * A program for a door that takes shell commands only: every word in quotes, so that nothing in it is expanded.
 *
 * Room: desktops. Pure but for memory. Any thread.
 */
#ifndef LODGE_DESKTOPS_SHELL_WORDS_H
#define LODGE_DESKTOPS_SHELL_WORDS_H

#include <stddef.h>

/* One word in quotes, freed by the caller; errors as below. */
char *shell_quote(const char *word);
/*
 * "exec env -- 'NAME=VALUE' … 'argument' …", freed by the caller. NULL with errno: ENOMEM, or EINVAL for what cannot stand
 * on one line of a configuration (line ends).
 */
char *shell_words(const char *const *environment, size_t environment_count,
	const char *const *arguments, size_t argument_count);

#endif
