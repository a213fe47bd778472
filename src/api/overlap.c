#include "api/overlap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/internal.h"
#include "core/layout.h"
#include "display/registry.h"

/* False when memory is short. */
static bool find_overlap(
	const struct api *api, const struct display_policy *policy, bool *found, uint32_t slots[2])
{
	struct display_state *states = calloc(LAYOUT_DISPLAYS_MAX, sizeof *states);
	struct layout_display displays[LAYOUT_DISPLAYS_MAX] = { 0 };
	if (!states)
		return false;
	const size_t count = display_registry_list(api->registry, states, LAYOUT_DISPLAYS_MAX);
	for (size_t i = 0; i < count; i++) {
		displays[i].slot = states[i].slot;
		displays[i].width = states[i].place.width;
		displays[i].height = states[i].place.height;
	}
	free(states);
	*found = policy->layout == POLICY_LAYOUT_MANUAL &&
		layout_find_overlap(
			policy->positions, policy->position_count, displays, count, slots);
	return true;
}

void api_check_document(struct api *api, const json_t *document, struct settings_faults *faults)
{
	struct display_policy policy;
	uint32_t slots[2];
	bool found = false;
	char where[64];
	if (!settings_try(api->settings, document, NULL, &policy, faults))
		return;
	if (!find_overlap(api, &policy, &found, slots))
		api_fault(faults, "", "the host is short of memory");
	if (!found)
		return;
	snprintf(where, sizeof where, "/layout/positions/%u", slots[1]);
	api_fault(faults, where, "display %u would lie on display %u", slots[1], slots[0]);
}

void api_check_layout(struct api *api, const json_t *layout, struct settings_faults *faults)
{
	json_t *document = json_pack("{s:O}", "layout", (json_t *)layout);
	if (!document) {
		api_fault(faults, "", "the host is short of memory");
		return;
	}
	struct settings_faults found = { 0 };
	api_check_document(api, document, &found);
	api_faults_cut(&found, "/layout");
	for (size_t i = 0; i < found.count; i++)
		api_fault(faults, found.faults[i].pointer, "%s", found.faults[i].text);
	json_decref(document);
}
