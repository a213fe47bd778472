/*
 * The text of the identity map, STATE/display-identity.json (display/identity_store.h).
 *
 * Room: display, private. Pure: no I/O, no clock. Any thread.
 */
#ifndef LODGE_DISPLAY_IDENTITY_LIST_H
#define LODGE_DISPLAY_IDENTITY_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/identity.h"

#define IDENTITY_LIST_TEXT_MAX 65536 /* more than the longest text of a full map */
#define IDENTITY_LIST_FAULT_MAX 256

struct identity_list_reader {
	/* Called with a sentence for every entry that is dropped. NULL: nobody listens. */
	void (*warn)(void *data, const char *sentence);
	void *data;
	/* Why the whole text was refused. */
	char fault[IDENTITY_LIST_FAULT_MAX];
	bool migrated; /* the text was of an older version */
};

/*
 * False with `fault` set when the text is not one of an identity map at all, or of a version to come; the map is then
 * empty. A single entry with a fault, and the second of a slot or key, is dropped with a warning. `used` and `clock`
 * are renumbered from 1: the order counts, and no file can bring them to their end.
 */
bool identity_list_parse(const char *bytes, size_t size, struct identity_map *map,
	struct identity_list_reader *reader);

/* Version 2, by ascending slots, to be freed with free(); NULL when there is no memory. */
char *identity_list_format(const struct identity_map *map);

#endif
