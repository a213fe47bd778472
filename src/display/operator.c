/* What an operator sees of the registry, and does to it. */
#include <errno.h>
#include <string.h>

#include "display/registry_internal.h"

/* The owner's first; only granted leases count. */
static void list_sessions(const struct managed_display *display, struct display_state *state)
{
	const struct display_lease *lease;
	size_t count = 0;
	for (int joined = 0; joined <= 1; joined++) {
		TAILQ_FOREACH (lease, &display->leases, in_display) {
			if (lease->state == LEASE_GRANTED && lease->joined == joined &&
				count < DISPLAY_STATE_VIEWERS_MAX)
				state->sessions[count++] = lease->session;
		}
	}
}

size_t display_registry_list(
	const struct display_registry *registry, struct display_state *states, size_t capacity)
{
	const struct managed_display *display;
	size_t count = 0;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (count == capacity)
			break;
		struct display_state *state = &states[count++];
		*state = (struct display_state){
			.slot = display->slot,
			.generation = display->lifecycle.generation,
			.leases = display->lifecycle.leases,
			.state = display->lifecycle.state,
			.until_ns = display->lifecycle.until_ns,
			.anonymous = display->anonymous,
			.output = display->info,
		};
		if (display->output)
			state->place = arrangement_place(&display->info);
		memcpy(state->label, display->label, sizeof state->label);
		memcpy(state->identity, display->identity, sizeof state->identity);
		list_sessions(display, state);
	}
	return count;
}

void display_registry_desktop(
	const struct display_registry *registry, struct display_desktop_state *state)
{
	struct display_policy policy;
	registry_read_policy(registry, NULL, &policy);
	*state = (struct display_desktop_state){
		.backend = registry->backend->impl->name,
		.ready = registry->desktop_ready,
		.wanted = topology_wanted(registry, &policy),
		.applied = registry->topology.applied,
		.capabilities = registry->desktop_ready ? &registry->capabilities : NULL,
		.outside = registry->topology.outside.outputs,
		.outside_count = registry->topology.outside.count,
	};
}

const char *display_registry_wayland_socket(const struct display_registry *registry)
{
	return registry->backend->impl->wayland_socket(registry->backend);
}

const char *display_registry_eis_socket(const struct display_registry *registry)
{
	struct display_backend *backend = registry->backend;
	return backend->impl->eis_socket ? backend->impl->eis_socket(backend) : NULL;
}

static uint32_t claims(const struct managed_display *display)
{
	const struct display_lease *lease;
	uint32_t count = 0;
	TAILQ_FOREACH (lease, &display->leases, in_display)
		count++;
	return count;
}

/* Kept, or about to be: nobody is on it, and it does not close yet. */
static bool can_be_released(const struct managed_display *display)
{
	const struct lifecycle *lifecycle = &display->lifecycle;
	return lifecycle->state == LIFECYCLE_LINGERING || lifecycle->state == LIFECYCLE_PINNED ||
		(lifecycle->state == LIFECYCLE_CREATING && lifecycle->waiters == 0 &&
			!lifecycle->quit_pending);
}

size_t display_registry_release(
	struct display_registry *registry, uint32_t slot, int *error, uint32_t *sessions)
{
	struct managed_display *display = TAILQ_FIRST(&registry->displays);
	size_t released = 0;
	*sessions = 0;
	while (display) {
		struct managed_display *following = TAILQ_NEXT(display, link);
		if (slot == UINT32_MAX || display->slot == slot) {
			*sessions += claims(display);
			if (can_be_released(display)) {
				managed_display_step(display,
					(struct lifecycle_event){
						.type = LIFECYCLE_OPERATOR_RELEASE });
				released++;
			}
		}
		display = following;
	}
	*error = released > 0 ? 0 : *sessions > 0 ? -EBUSY : -ENOENT;
	return released;
}

void display_registry_policy_changed(struct display_registry *registry)
{
	struct managed_display *display;
	TAILQ_FOREACH (display, &registry->displays, link)
		managed_display_check_scale(display);
	topology_try_anew(registry);
	registry_note_change(registry);
}
