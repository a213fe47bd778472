/*
 * What a client or a guest may do: as people type it, and as they read it. Room: cli. No I/O.
 */
#ifndef LODGE_CLI_GRANTS_WORDS_H
#define LODGE_CLI_GRANTS_WORDS_H

#include <jansson.h>
#include <stddef.h>

#include "cli/view.h"

/*
 * {"preset": "view"} for the name of a preset, else {"planes": [...]} of words that commas may hold together: which
 * planes there are is the host's to say. NULL when a word is no UTF-8 or memory is short.
 */
json_t *grants_of_words(size_t count, char *const words[]);
/* "full", or "pointer, keyboard". */
char *view_grants(const json_t *grants, char buffer[VIEW_MAX]);
/* "2027-01-15 18:30", of seconds since 1970. */
char *view_moment(const json_t *seconds, char buffer[VIEW_MAX]);

#endif
