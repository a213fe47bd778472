#include "scarce_memory.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>

/* Allocations until one fails; at 0, where it stays, all do. Negative: as many as one likes. */
static _Thread_local long left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
char *__wrap_strdup(const char *text);

void scarce_memory_begin(long failing)
{
	left = failing;
}

void scarce_memory_end(void)
{
	left = -1;
}

static bool has_memory(void)
{
	if (left > 0)
		left--;
	if (left != 0)
		return true;
	errno = ENOMEM;
	return false;
}

void *__wrap_malloc(size_t size)
{
	return has_memory() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return has_memory() ? __real_calloc(count, size) : NULL;
}

char *__wrap_strdup(const char *text)
{
	return has_memory() ? __real_strdup(text) : NULL;
}

void scarce_memory_take_jansson(void)
{
	json_set_alloc_funcs(__wrap_malloc, free);
}
