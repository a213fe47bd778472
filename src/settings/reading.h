/*
 * What the readers of documents share: places, faults, and the smallest values.
 *
 * Room: settings, private. Pure but for memory: no I/O, no clock.
 */
#ifndef LODGE_SETTINGS_READING_H
#define LODGE_SETTINGS_READING_H

#include "settings/document.h"

/* As document_fault; when lenient, the text says besides that `taken` is what counts now (NULL: it is left out). */
void reading_repair(struct settings_reading *reading, const char *pointer, const char *member,
	const char *text, const char *taken);

/* All false, after a fault. */
bool reading_is_object(struct settings_reading *reading, const char *pointer, const json_t *json);
/* A number out of its bounds is true when lenient, with the nearest bound. */
bool reading_integer(struct settings_reading *reading, const char *pointer, const char *member,
	const json_t *json, json_int_t least, json_int_t most, json_int_t *value);

/* A fault for each member whose name is none of `known`. */
void reading_unknown_members(struct settings_reading *reading, const char *pointer,
	const json_t *json, const char *const *known, size_t count);

/*
 * read_fields.c: one field of a policy. False: it cannot be used, and the faults say why. True: it can, perhaps without
 * what the faults name; whoever is strict refuses it for those.
 */
bool reading_field(struct settings_reading *reading, const char *pointer, enum policy_field field,
	const json_t *json, bool with_positions, struct policy_layer *layer);

#endif
