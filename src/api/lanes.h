/*
 * Who may ask for a route (the lanes of routes.h), and whether a browser asks for its own host's page.
 *
 * Room: api, private.
 */
#ifndef LODGE_API_LANES_H
#define LODGE_API_LANES_H

#include <stdbool.h>

struct api_call;

/* Sets the call's authority. False: the request was refused and is answered. */
bool api_lane_admits(struct api_call *call);

#endif
