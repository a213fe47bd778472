/*
 * An app of the host's list, as people type it. Room: cli. No I/O.
 *
 * Only the form is judged here; which values there are is the host's to say.
 */
#ifndef LODGE_CLI_APP_WORDS_H
#define LODGE_CLI_APP_WORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * FIELD=VALUE into the app: name, command, desktop, mode, icon, environment.NAME. An empty VALUE removes the field. False
 * with a sentence: the app is as before.
 */
bool app_words_apply(json_t *app, const char *text, char *fault, size_t capacity);

/* Arguments as one line that the host would split into them again. To be freed; NULL when memory is short. */
char *app_words_command(const json_t *arguments);
/* "1920x1080", "1920x1080@59.94"; "-" without one. */
char *app_words_mode(const json_t *mode, char *buffer, size_t capacity);

#endif
