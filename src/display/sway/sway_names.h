/*
 * A short list of output names. Room: display. Any thread, one at a time.
 */
#ifndef LODGE_DISPLAY_SWAY_NAMES_H
#define LODGE_DISPLAY_SWAY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/source.h"

struct sway_names { /* all zero: empty */
	char (*names)[SOURCE_NAME_MAX];
	size_t count, capacity;
};

bool sway_names_have(const struct sway_names *names, const char *name);
/* False when memory is short. A name is held once. */
bool sway_names_add(struct sway_names *names, const char *name);
void sway_names_remove(struct sway_names *names, const char *name);
void sway_names_clear(struct sway_names *names);

#endif
