/*
 * The whole state of each topic, as its route and its events show it.
 *
 * Room: api, private. New references; NULL when memory is short. Spans of time are seen from `now_ns`; with API_STEADY
 * they, and what counts up by itself, do not depend on when one looks: two looks differ only when something changed.
 */
#ifndef LODGE_API_VIEWS_H
#define LODGE_API_VIEWS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct api;
struct api_own_desktop;
struct session_state;

#define API_STEADY 0
#define API_SESSIONS_MAX 256

/* At most API_OWN_DESKTOPS_MAX. */
size_t api_own_desktops(const struct api *api, struct api_own_desktop *list);

json_t *api_view_displays(struct api *api, uint64_t now_ns);
json_t *api_view_sessions(struct api *api, uint64_t now_ns);
json_t *api_view_clients(struct api *api, uint64_t now_ns);
json_t *api_view_pairing(struct api *api, uint64_t now_ns);
json_t *api_view_presence(struct api *api, uint64_t now_ns);
json_t *api_view_control(struct api *api, uint64_t now_ns);
json_t *api_view_settings(struct api *api, uint64_t now_ns);
json_t *api_view_apps(struct api *api, uint64_t now_ns);

/* All of them, also those that ask to be paired; to be freed with free(). NULL when memory is short. */
struct session_state *api_sessions(const struct api *api, size_t *count);

#endif
