/*
 * An environment in the making: NAME=VALUE, of which a later one of a name takes the earlier one's place.
 *
 * Room: isolation. Any thread.
 */
#ifndef LODGE_ISOLATION_ASSIGNMENTS_H
#define LODGE_ISOLATION_ASSIGNMENTS_H

#include <stdbool.h>
#include <stddef.h>

struct assignments {
	char **list; /* NULL-terminated once something is in it */
	size_t count;
};

/* A name, '=' and anything. */
bool assignment_is_valid(const char *assignment);
/* 0, -EINVAL, -ENOMEM. */
int assignments_add(struct assignments *assignments, const char *assignment);
int assignments_set(struct assignments *assignments, const char *name, const char *value);
int assignments_copy(struct assignments *assignments, const struct assignments *from);
/* NULL: not set. */
const char *assignments_get(const struct assignments *assignments, const char *name);
void assignments_finish(struct assignments *assignments);

#endif
