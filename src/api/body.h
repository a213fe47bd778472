/*
 * Bodies of requests, read strictly: JSON without duplicate keys, not deep, no field that nobody knows.
 *
 * Room: api, private.
 */
#ifndef LODGE_API_BODY_H
#define LODGE_API_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "settings/settings.h"

struct api_call;

#define API_BODY_DEPTH_MAX 16

/* An object, a new reference. NULL: it is none, and the call was answered (400, 415 or 422). */
json_t *api_read_body(struct api_call *call);

/* NULL-terminated `names`: any other member of the object at `pointer` is a fault. */
void api_body_known(const json_t *object, const char *pointer, const char *const names[],
	struct settings_faults *faults);
/* An integer member within its range; `fallback` when it is not there. Else a fault. */
int64_t api_body_integer(const json_t *object, const char *pointer, const char *name, int64_t least,
	int64_t most, int64_t fallback, struct settings_faults *faults);
/* `pointer`/`name`, the name escaped (RFC 6901). */
void api_pointer(char *buffer, size_t capacity, const char *pointer, const char *name);

#endif
