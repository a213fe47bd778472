#include "support/registry_stub.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void registry_stub_init(struct display_registry *registry)
{
	*registry = (struct display_registry){ 0 };
	for (int i = 0; i < DISPLAY_OPTIONS; i++)
		registry->capabilities.options[i].supported = true;
	registry->capabilities.options[DISPLAY_OPTION_IDENTITY] = (struct display_capability){
		.fallback = "host-kept",
		.reason = "no-output-names",
		.text = "The desktop does not know an output again.",
	};
	registry->capabilities.slots_max = 15;
	registry->outside[0] = (struct display_outside_output){
		.name = "DP-1",
		.mode = { 2560, 1440, 59951, 100 },
		.width = 2560,
		.height = 1440,
		.enabled = true,
	};
	registry->outside[1] = (struct display_outside_output){ .name = "HDMI-A-1" };
	registry->desktop = (struct display_desktop_state){
		.backend = "stub",
		.ready = true,
		.wanted = DISPLAY_EXTEND,
		.applied = DISPLAY_EXTEND,
		.capabilities = &registry->capabilities,
		.outside = registry->outside,
		.outside_count = 2,
	};
	registry->explanation = (struct display_explanation){
		.decision = { .kind = ADMISSION_CREATE,
			.display = SIZE_MAX,
			.reason_count = 2,
			.reasons = { { 2, ADMISSION_REASON_NOBODY_ELSE, SIZE_MAX },
				{ 6, ADMISSION_REASON_ROOM, SIZE_MAX } } },
		.slot = 1,
		.place = { 2560, 0, 1920, 1080 },
		.text = "there is room for another display",
	};
}

struct display_state *registry_stub_add(struct display_registry *registry, uint32_t slot,
	enum lifecycle_state state, uint8_t client, uint32_t session)
{
	struct display_state *display = &registry->displays[registry->display_count];
	*display = (struct display_state){
		.slot = slot,
		.generation = (uint32_t)registry->display_count + 1,
		.state = state,
		.leases = session ? 1 : 0,
		.anonymous = client == 0,
		.place = { 2560 + 1920 * (int32_t)registry->display_count, 0, 1920, 1080 },
		.sessions = { session },
		.output = { .mode = { 1920, 1080, 60000, 100 } },
	};
	registry->display_count++;
	snprintf(display->output.name, sizeof display->output.name, "HEADLESS-%u", slot);
	snprintf(display->label, sizeof display->label, "client %u", client);
	memset(display->identity, client, sizeof display->identity);
	return display;
}

size_t display_registry_list(
	const struct display_registry *registry, struct display_state *states, size_t capacity)
{
	const size_t count =
		registry->display_count < capacity ? registry->display_count : capacity;
	if (count)
		memcpy(states, registry->displays, count * sizeof *states);
	return count;
}

void display_registry_desktop(
	const struct display_registry *registry, struct display_desktop_state *state)
{
	*state = registry->desktop;
}

void display_registry_explain(struct display_registry *registry,
	const struct display_request *request, const struct display_policy *policy,
	struct display_explanation *explanation)
{
	registry->question = *request;
	registry->question_had_policy = policy;
	*explanation = registry->explanation;
	explanation->mode = request->mode;
	if (policy)
		explanation->policy = *policy;
}

static bool is_kept(const struct display_state *display)
{
	return display->state == LIFECYCLE_LINGERING || display->state == LIFECYCLE_PINNED;
}

size_t display_registry_release(
	struct display_registry *registry, uint32_t slot, int *error, uint32_t *sessions)
{
	size_t released = 0;
	*error = -ENOENT;
	for (size_t i = 0; i < registry->display_count; i++) {
		struct display_state *display = &registry->displays[i];
		if (slot != UINT32_MAX && display->slot != slot)
			continue;
		if (is_kept(display)) {
			display->state = LIFECYCLE_CLOSING;
			released++;
		} else {
			*error = -EBUSY;
			*sessions = display->leases;
		}
	}
	return released;
}

void display_registry_policy_changed(struct display_registry *registry)
{
	registry->policy_changes++;
}
