/*
 * How many of what there are now.
 *
 * Room: api, private.
 */
#ifndef LODGE_API_COUNTS_H
#define LODGE_API_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/lifecycle.h"

struct api;

struct api_counts {
	uint32_t sessions, pairing_requests;
	uint32_t displays[LIFECYCLE_CLOSING + 1]; /* by state */
};

/* False when memory is short. */
bool api_count(const struct api *api, struct api_counts *counts);

#endif
