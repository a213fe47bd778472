#include "api/counts.h"

#include <stdlib.h>

#include "api/internal.h"
#include "api/views.h"
#include "display/registry.h"
#include "session/host.h"

static void count_displays(const struct display_registry *registry, struct display_state *displays,
	struct api_counts *counts)
{
	const size_t count = display_registry_list(registry, displays, ADMISSION_DISPLAYS_MAX);
	for (size_t i = 0; i < count; i++)
		counts->displays[displays[i].state]++;
}

bool api_count(const struct api *api, struct api_counts *counts)
{
	size_t session_count = 0;
	struct session_state *sessions = api_sessions(api, &session_count);
	struct display_state *displays = calloc(ADMISSION_DISPLAYS_MAX, sizeof *displays);
	struct api_own_desktop own[API_OWN_DESKTOPS_MAX];
	*counts = (struct api_counts){ 0 };
	for (size_t i = 0; sessions && i < session_count; i++) {
		counts->sessions += !sessions[i].waiting;
		counts->pairing_requests += sessions[i].waiting;
	}
	if (displays)
		count_displays(api->registry, displays, counts);
	const size_t desktops = displays ? api_own_desktops(api, own) : 0;
	for (size_t i = 0; i < desktops; i++)
		count_displays(own[i].registry, displays, counts);
	const bool done = sessions && displays;
	free(displays);
	free(sessions);
	return done;
}
