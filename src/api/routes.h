/*
 * The API's routes: the one table. A test compares it with api/openapi.yaml, both ways.
 *
 * Room: api, private. Pure.
 */
#ifndef LODGE_API_ROUTES_H
#define LODGE_API_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "api/internal.h"

enum api_lane {
	API_LANE_NONE, /* a route without a lane: nobody may have it, and a test fails */
	API_LANE_PUBLIC,
	API_LANE_LOOPBACK,
	API_LANE_ADMIN,
};

struct api_route {
	const char *method;
	const char *path; /* below API_ROOT; a segment {…} stands for any */
	enum api_lane lane;
	const char *operation; /* the contract's operationId */
	void (*handle)(struct api_call *call); /* answers, or sets `then` or a listener */
	bool audited; /* it changes something */
};

extern const struct api_route api_routes[];
extern const size_t api_route_count;

/* "public" ... */
const char *api_lane_name(enum api_lane lane);

/*
 * The route of method and path (without query); `parameter` becomes what stands for {…}. NULL: `allowed` becomes the
 * methods that the path has ("GET, PUT"), "" when there is no such path.
 */
const struct api_route *api_route_find(const char *method, const char *path, size_t path_size,
	char parameter[API_PARAMETER_MAX + 1], char allowed[64]);

#endif
