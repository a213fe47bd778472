#include "isolation/assignments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool assignment_is_valid(const char *assignment)
{
	const size_t name = strcspn(assignment, "=");
	return name > 0 && assignment[name] == '=';
}

static char **find(const struct assignments *assignments, const char *name, size_t size)
{
	for (size_t i = 0; i < assignments->count; i++) {
		if (strncmp(assignments->list[i], name, size) == 0 &&
			assignments->list[i][size] == '=')
			return &assignments->list[i];
	}
	return NULL;
}

/* Takes `assignment` over. */
static int take(struct assignments *assignments, char *assignment)
{
	if (!assignment)
		return -ENOMEM;
	char **old = find(assignments, assignment, strcspn(assignment, "="));
	if (old) {
		free(*old);
		*old = assignment;
		return 0;
	}
	char **list = reallocarray(assignments->list, assignments->count + 2, sizeof *list);
	if (!list) {
		free(assignment);
		return -ENOMEM;
	}
	list[assignments->count++] = assignment;
	list[assignments->count] = NULL;
	assignments->list = list;
	return 0;
}

int assignments_add(struct assignments *assignments, const char *assignment)
{
	return assignment_is_valid(assignment) ? take(assignments, strdup(assignment)) : -EINVAL;
}

int assignments_set(struct assignments *assignments, const char *name, const char *value)
{
	char *assignment = NULL;
	if (asprintf(&assignment, "%s=%s", name, value) < 0)
		return -ENOMEM;
	return take(assignments, assignment);
}

int assignments_copy(struct assignments *assignments, const struct assignments *from)
{
	int error = 0;
	for (size_t i = 0; i < from->count && error == 0; i++)
		error = assignments_add(assignments, from->list[i]);
	return error;
}

const char *assignments_get(const struct assignments *assignments, const char *name)
{
	const size_t size = strlen(name);
	char *const *found = find(assignments, name, size);
	return found ? *found + size + 1 : NULL;
}

void assignments_finish(struct assignments *assignments)
{
	for (size_t i = 0; i < assignments->count; i++)
		free(assignments->list[i]);
	free(assignments->list);
	*assignments = (struct assignments){ 0 };
}
