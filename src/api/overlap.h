/*
 * Pins that would lay one display over another are refused before they are stored (semantics.md §6). The settings room
 * does not know how large displays are; here they are known, as far as they live.
 *
 * Room: api, private.
 */
#ifndef LODGE_API_OVERLAP_H
#define LODGE_API_OVERLAP_H

#include <jansson.h>

#include "settings/settings.h"

struct api;

/* Faults of a settings document: what settings_try finds, and overlaps. */
void api_check_document(struct api *api, const json_t *document, struct settings_faults *faults);
/* The same for a layout alone. */
void api_check_layout(struct api *api, const json_t *layout, struct settings_faults *faults);

#endif
