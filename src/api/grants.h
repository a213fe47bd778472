/*
 * What a client may do, in the words of the API. Room: api, private.
 */
#ifndef LODGE_API_GRANTS_H
#define LODGE_API_GRANTS_H

#include <jansson.h>
#include <stdint.h>

#include "session/host.h"
#include "settings/settings.h"

/* {"preset", "planes"} */
json_t *api_grants(uint32_t planes);
/* {"preset"} or {"planes"} at `pointer` of the body. */
uint32_t api_read_planes(const json_t *object, const char *pointer, struct settings_faults *faults);
/* {"preset"|"planes", "temporary": {"seconds"} or {"until_leave": true}}; `now_s`: the real-time clock. */
void api_read_grants(const json_t *object, const char *pointer, int64_t now_s,
	struct grants_wish *wish, struct settings_faults *faults);

#endif
