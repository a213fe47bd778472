/*
 * How a program ended, in words for the person who used it.
 *
 * Room: desktops. Pure. Any thread.
 */
#ifndef LODGE_DESKTOPS_PROGRAM_END_H
#define LODGE_DESKTOPS_PROGRAM_END_H

#include <stddef.h>

#define PROGRAM_END_UNKNOWN (-1)

/*
 * `status` as of waitpid, or PROGRAM_END_UNKNOWN. `text`: why it could not be started, where its status is 127; else of no
 * account. Never empty.
 */
void program_end_words(int status, const char *text, char *words, size_t capacity);

#endif
