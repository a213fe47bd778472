/*
 * The journal's text: {"version": 1, "desktops": {"<name>": {notes}}}. Room: display only. Pure but for memory.
 */
#ifndef LODGE_DISPLAY_JOURNAL_TEXT_H
#define LODGE_DISPLAY_JOURNAL_TEXT_H

#include <jansson.h>
#include <stddef.h>

#define JOURNAL_TEXT_REASON_MAX 192

/* A new reference to the desktops (an object of objects that are not empty), or NULL with the reason. */
json_t *journal_text_read(const char *bytes, size_t size, char reason[JOURNAL_TEXT_REASON_MAX]);
/* To be freed with free(); NULL when memory is short. */
char *journal_text_make(const json_t *desktops);

#endif
