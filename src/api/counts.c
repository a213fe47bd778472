#include "api/counts.h"

#include <stdlib.h>

#include "api/internal.h"
#include "api/views.h"
#include "display/registry.h"
#include "session/host.h"

bool api_count(const struct api *api, struct api_counts *counts)
{
	size_t session_count = 0;
	struct session_state *sessions = api_sessions(api, &session_count);
	struct display_state *displays = calloc(ADMISSION_DISPLAYS_MAX, sizeof *displays);
	*counts = (struct api_counts){ 0 };
	for (size_t i = 0; sessions && i < session_count; i++) {
		counts->sessions += !sessions[i].waiting;
		counts->pairing_requests += sessions[i].waiting;
	}
	const size_t count = displays
		? display_registry_list(api->registry, displays, ADMISSION_DISPLAYS_MAX)
		: 0;
	for (size_t i = 0; i < count; i++)
		counts->displays[displays[i].state]++;
	const bool done = sessions && displays;
	free(displays);
	free(sessions);
	return done;
}
