/*
 * Texts from outside, on their way to a terminal. Room: cli.
 */
#ifndef LODGE_CLI_TEXT_H
#define LODGE_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define TEXT_SECONDS_MAX 48

/*
 * Lets this thread take texts as UTF-8, whatever the environment says: the API speaks nothing else. False when the
 * system has no such locale; then every character is taken for one column wide, and none for printable but ASCII.
 */
bool text_use_utf8(void);

/*
 * A copy in which nothing steers a terminal: control characters, bytes that are no UTF-8, and characters that change
 * the direction or the line are replaced by U+FFFD. To be freed; NULL when memory is short.
 */
char *text_neutral(const char *text);

/* Columns of a terminal that a neutral text takes. */
size_t text_width(const char *text);

/* "3 s", "4 min 10 s", "2 h 5 min", "3 d 1 h". */
char *text_seconds(double seconds, char buffer[TEXT_SECONDS_MAX]);

#endif
