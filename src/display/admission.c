#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/registry_internal.h"

static struct managed_display *find_own(
	struct display_registry *registry, const struct display_request *request)
{
	struct managed_display *display;
	if (request->anonymous)
		return NULL;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (!display->anonymous &&
			memcmp(display->identity, request->identity, sizeof display->identity) == 0)
			return display;
	}
	return NULL;
}

/* A display that only waits for its teardown is on its way out and takes no place. */
static bool takes_place(const struct managed_display *display)
{
	return display->lifecycle.state != LIFECYCLE_CLOSING || display->lifecycle.waiters > 0;
}

static struct managed_display *next_to_end(struct display_registry *registry)
{
	struct managed_display *display, *found = NULL;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (display->lifecycle.state == LIFECYCLE_LINGERING &&
			(!found || display->lifecycle.until_ns < found->lifecycle.until_ns))
			found = display;
	}
	return found;
}

/* Room for one display more, by eviction of lingering ones if need be (semantics.md §4.6). */
static bool make_room(struct display_registry *registry, uint32_t max_displays)
{
	struct managed_display *display;
	uint32_t places = 0, lingering = 0;
	TAILQ_FOREACH (display, &registry->displays, link) {
		places += takes_place(display);
		lingering += display->lifecycle.state == LIFECYCLE_LINGERING;
	}
	/* Nobody is evicted for a claim that is declined all the same. */
	if (places - lingering >= max_displays)
		return false;
	for (; places >= max_displays; places--) {
		display = next_to_end(registry);
		registry_log("display %u: evicted, its place is needed", display->slot);
		managed_display_step(
			display, (struct lifecycle_event){ .type = LIFECYCLE_OPERATOR_RELEASE });
	}
	return true;
}

static uint32_t smallest_free_slot(const struct display_registry *registry)
{
	const struct managed_display *display;
	uint32_t slot = 1;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (display->slot != slot)
			break;
		slot++;
	}
	return slot;
}

/*
 * One identity, one seat (semantics.md §4.1): whoever held or awaited the display loses it. The lifecycle
 * hears of it in end_superseded, after the new claim: the display must not become unclaimed in between.
 */
static uint32_t supersede(struct managed_display *display, const char *label, uint32_t *waiting)
{
	struct display_lease *lease;
	char text[DISPLAY_TEXT_MAX];
	uint32_t granted = 0;
	*waiting = 0;
	snprintf(text, sizeof text, "superseded: %s has attached anew", label);
	while ((lease = TAILQ_FIRST(&display->leases))) {
		granted += lease->state == LEASE_GRANTED;
		*waiting += lease->state == LEASE_WAITING;
		lease_lose(lease, DISPLAY_LOSS_SUPERSEDED, text);
	}
	return granted;
}

static void end_superseded(struct managed_display *display, uint32_t granted, uint32_t waiting)
{
	for (; granted > 0; granted--)
		managed_display_step(display,
			(struct lifecycle_event){
				.type = LIFECYCLE_RELEASE,
				.generation = display->lifecycle.generation,
			});
	for (; waiting > 0; waiting--)
		managed_display_step(
			display, (struct lifecycle_event){ .type = LIFECYCLE_WAITER_LEFT });
}

static void claim(struct display_lease *lease, struct managed_display *display,
	const struct display_request *request)
{
	uint32_t waiting;
	const uint32_t granted = supersede(display, request->label, &waiting);
	snprintf(display->label, sizeof display->label, "%.*s", (int)sizeof request->label - 1,
		request->label);
	display->wanted = request->mode;
	if (display->pause == PAUSE_DESKTOP)
		/* Each claim has the whole wait for the desktop. */
		registry_arm_timer(display->pause_timer,
			registry_now_ns() + display->registry->timing.desktop_wait_ns);
	lease_attach(lease, display);
	managed_display_step(display,
		(struct lifecycle_event){
			.type = LIFECYCLE_ACQUIRE,
			.needs_mode = managed_display_needs_mode(display, &request->mode),
		});
	end_superseded(display, granted, waiting);
}

/* NULL when there is none: then either the lease was declined, or memory is short (*no_memory). */
static struct managed_display *admit(
	struct display_lease *lease, const struct display_request *request, bool *no_memory)
{
	struct display_registry *registry = lease->registry;
	const struct display_registry_params *params = &registry->params;
	const char *fault = display_mode_check(&request->mode);
	if (fault) {
		lease_decline(lease, DISPLAY_ERROR_BAD_MODE, fault);
		return NULL;
	}
	if (registry->shutting_down) {
		lease_decline(lease, DISPLAY_ERROR_SHUTTING_DOWN, "the host is going down");
		return NULL;
	}
	struct managed_display *own = find_own(registry, request);
	if (own && takes_place(own))
		return own;

	struct display_policy policy = { 0 };
	params->read_policy(
		params->policy_data, request->anonymous ? NULL : request->identity, &policy);
	if (!make_room(registry, policy.max_displays)) {
		char text[DISPLAY_TEXT_MAX];
		snprintf(text, sizeof text, "all %u displays of this host are in use",
			policy.max_displays);
		lease_decline(lease, DISPLAY_ERROR_FULL, text);
		return NULL;
	}
	if (own)
		return own;
	own = managed_display_create(registry, smallest_free_slot(registry), request);
	*no_memory = !own;
	return own;
}

struct display_lease *display_registry_acquire(struct display_registry *registry,
	const struct display_request *request, const struct display_lease_events *events,
	void *data)
{
	bool no_memory = false;
	struct display_lease *lease = lease_create(registry, events, data);
	if (!lease)
		return NULL;
	struct managed_display *display = admit(lease, request, &no_memory);
	if (no_memory) {
		lease_free(lease);
		return NULL;
	}
	if (display)
		claim(lease, display, request);
	return lease;
}
