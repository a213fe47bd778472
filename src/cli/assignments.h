/*
 * FIELD=VALUE, as people type it, into the settings document of the API. Room: cli. No I/O.
 *
 * Only the form is judged here; which values there are is the host's to say.
 */
#ifndef LODGE_CLI_ASSIGNMENTS_H
#define LODGE_CLI_ASSIGNMENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum assignment_target {
	ASSIGNMENT_SETTINGS,
	ASSIGNMENT_CLIENT, /* overrides: without what is the host's alone */
};

/*
 * Applies one to the document; an empty VALUE removes the field. `layout_mode` is the one to write down when a place
 * needs a layout that the document does not have. False with a sentence: the document is as before.
 */
bool assignment_apply(json_t *document, enum assignment_target target, const char *text,
	const char *layout_mode, char *fault, size_t capacity);

/* Whether it sets a field that counts under "custom" only. Those that assignment_apply refuses: false. */
bool assignment_is_ruled(const char *text);
/* The field alone: "preset" of "preset=hotdesk". */
bool assignment_is_of(const char *text, const char *field);

#endif
