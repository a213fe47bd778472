#include "display/sway/sway_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t find(const struct sway_names *names, const char *name)
{
	size_t index = 0;
	while (index < names->count && strcmp(names->names[index], name) != 0)
		index++;
	return index;
}

bool sway_names_have(const struct sway_names *names, const char *name)
{
	return find(names, name) < names->count;
}

bool sway_names_add(struct sway_names *names, const char *name)
{
	if (sway_names_have(names, name))
		return true;
	if (names->count == names->capacity) {
		const size_t capacity = names->capacity + 8;
		void *grown = realloc(names->names, capacity * sizeof *names->names);
		if (!grown)
			return false;
		names->names = grown;
		names->capacity = capacity;
	}
	snprintf(names->names[names->count++], SOURCE_NAME_MAX, "%s", name);
	return true;
}

void sway_names_remove(struct sway_names *names, const char *name)
{
	const size_t index = find(names, name);
	if (index == names->count)
		return;
	names->count--;
	memmove(names->names + index, names->names + index + 1,
		(names->count - index) * sizeof *names->names);
}

void sway_names_clear(struct sway_names *names)
{
	free(names->names);
	*names = (struct sway_names){ 0 };
}
