/*
 * A change of the stored settings: what to send so that what was asked for counts. Room: cli. No I/O.
 */
#ifndef LODGE_CLI_SETTINGS_CHANGE_H
#define LODGE_CLI_SETTINGS_CHANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * `settings`: GET /display/settings. A new reference to the document for PUT, or NULL with a sentence. When a preset
 * rules a field that is changed, its values are written out under "custom" first, and `left` (borrowed from
 * `settings`) names it; else `left` is NULL.
 */
json_t *settings_change(const json_t *settings, size_t count, char *const assignments[],
	const char **left, char *fault, size_t capacity);

#endif
