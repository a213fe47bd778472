#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/registry_internal.h"

static int on_linger_end(sd_event_source *source, uint64_t time_us, void *data)
{
	managed_display_step(data, (struct lifecycle_event){ .type = LIFECYCLE_TIMER });
	return 0;
}

static void insert(struct managed_display *display)
{
	struct display_registry *registry = display->registry;
	struct managed_display *following;
	TAILQ_FOREACH (following, &registry->displays, link) {
		if (following->slot > display->slot)
			break;
	}
	if (following)
		TAILQ_INSERT_BEFORE(following, display, link);
	else
		TAILQ_INSERT_TAIL(&registry->displays, display, link);
}

void managed_display_adopt(struct managed_display *display, const struct display_request *request)
{
	memcpy(display->identity, request->identity, sizeof display->identity);
	display->anonymous = request->anonymous;
	snprintf(display->label, sizeof display->label, "%.*s", (int)sizeof request->label - 1,
		request->label);
	display->has_hint = request->has_hint;
	display->hint_x = request->hint_x;
	display->hint_y = request->hint_y;
	display->wanted = request->mode;
	display->acquired = ++display->registry->last_order;
}

struct managed_display *managed_display_create(struct display_registry *registry, uint32_t slot,
	const struct display_request *request, const struct identity_key *key)
{
	struct managed_display *display = calloc(1, sizeof *display);
	if (!display)
		return NULL;
	display->registry = registry;
	display->slot = slot;
	display->key = *key;
	TAILQ_INIT(&display->leases);
	if (managed_display_add_pause_timer(display) < 0 ||
		registry_add_timer(registry, &display->linger_timer, on_linger_end, display) < 0) {
		sd_event_source_disable_unref(display->pause_timer);
		free(display);
		return NULL;
	}
	managed_display_adopt(display, request);
	display->order = display->acquired;
	insert(display);
	return display;
}

bool managed_display_close_orphan(struct display_registry *registry, struct display_output *output,
	const struct display_output_info *info)
{
	const struct identity_key nobodys = { "" };
	struct managed_display *display = managed_display_create(registry, 0,
		&(struct display_request){
			.anonymous = true, .label = "nobody", .mode = info->mode },
		&nobodys);
	if (!display)
		return false;
	display->output = output;
	display->info = *info;
	display->asked = info->mode;
	display->lifecycle = (struct lifecycle){
		.state = LIFECYCLE_CLOSING,
		.generation = ++registry->last_generation,
	};
	topology_note_output(registry);
	topology_wish(registry);
	managed_display_drive(display);
	return true;
}

void managed_display_transfer(struct managed_display *display, uint32_t slot,
	const struct display_request *request, const struct identity_key *key)
{
	if (slot != display->slot)
		slots_release(display->registry, display->slot);
	TAILQ_REMOVE(&display->registry->displays, display, link);
	display->slot = slot;
	display->key = *key;
	insert(display);
	managed_display_adopt(display, request);
	topology_wish(display->registry); /* its pin may be another one */
}

void managed_display_free(struct managed_display *display)
{
	struct display_registry *registry = display->registry;
	struct display_lease *lease;
	struct backend_request *request;
	while ((lease = TAILQ_FIRST(&display->leases)))
		lease_free(lease);
	LIST_FOREACH (request, &registry->requests, link) {
		if (request->display == display)
			request->display = NULL;
	}
	sd_event_source_disable_unref(display->pause_timer);
	sd_event_source_disable_unref(display->linger_timer);
	TAILQ_REMOVE(&registry->displays, display, link);
	slots_release(registry, display->slot);
	free(display);
}

bool managed_display_stays(const struct managed_display *display)
{
	const enum lifecycle_state state = display->lifecycle.state;
	return state == LIFECYCLE_ACTIVE || state == LIFECYCLE_LINGERING ||
		state == LIFECYCLE_PINNED;
}

bool managed_display_exists(const struct managed_display *display)
{
	const struct backend_request *request = display->request;
	return display->output && !(request && request->kind == REQUEST_DESTROY);
}

/* Whether no other display of the group has an output that stays. */
static bool last_of_group(const struct managed_display *display)
{
	const struct managed_display *other;
	TAILQ_FOREACH (other, &display->registry->displays, link) {
		if (other != display && managed_display_stays(other))
			return false;
	}
	return true;
}

/* The policy as it is now (semantics.md §2), for the events that may leave the display unclaimed. */
static struct keep_alive read_keep_alive(const struct managed_display *display)
{
	struct display_policy policy;
	if (display->anonymous || !registry_can(display->registry, DISPLAY_OPTION_KEEP))
		return (struct keep_alive){ KEEP_ALIVE_OFF, 0 };
	registry_read_policy(display->registry, display->identity, &policy);
	return policy.keep_alive;
}

static bool may_leave_unclaimed(enum lifecycle_event_type type)
{
	return type == LIFECYCLE_RELEASE || type == LIFECYCLE_QUIT ||
		type == LIFECYCLE_WAITER_LEFT || type == LIFECYCLE_CREATED;
}

static void grant_waiters(struct managed_display *display)
{
	struct display_lease *lease;
	TAILQ_FOREACH (lease, &display->leases, in_display) {
		if (lease->state == LEASE_WAITING)
			lease_grant(lease);
	}
}

static void end_leases(struct managed_display *display, enum lease_state state)
{
	struct display_lease *lease = TAILQ_FIRST(&display->leases);
	while (lease) {
		struct display_lease *following = TAILQ_NEXT(lease, in_display);
		if (lease->state == state && state == LEASE_WAITING)
			lease_decline(lease, display->failure, display->failure_text, NULL);
		else if (lease->state == state)
			lease_lose(lease, display->loss,
				display->loss == DISPLAY_LOSS_SHUTDOWN
					? "the host is going down"
					: "the output of the display is gone");
		lease = following;
	}
}

static void suspend_leases(struct managed_display *display)
{
	struct display_lease *lease;
	TAILQ_FOREACH (lease, &display->leases, in_display) {
		if (lease->state == LEASE_GRANTED)
			lease_suspend(lease);
	}
}

static void arm_linger_timer(struct managed_display *display)
{
	const int error = registry_arm_timer(display->linger_timer, display->lifecycle.until_ns);
	if (error < 0)
		registry_log(
			"display %u: no timer for its lingering (%s): it stays until it is used "
			"again or evicted",
			display->slot, strerror(-error));
}

static void perform(struct managed_display *display, enum lifecycle_effect effect)
{
	switch (effect) {
	case LIFECYCLE_DISARM_TIMER:
		sd_event_source_set_enabled(display->linger_timer, SD_EVENT_OFF);
		break;
	case LIFECYCLE_TELL_VANISHED:
		display->loss = DISPLAY_LOSS_VANISHED;
		break;
	case LIFECYCLE_FAIL_WAITERS:
		end_leases(display, LEASE_WAITING);
		break;
	case LIFECYCLE_DROP_LEASES:
		end_leases(display, LEASE_GRANTED);
		break;
	case LIFECYCLE_CREATE_OUTPUT:
		display->attempts = 0;
		break;
	case LIFECYCLE_GRANT_WAITERS:
		grant_waiters(display);
		break;
	case LIFECYCLE_ARM_TIMER:
		arm_linger_timer(display);
		break;
	case LIFECYCLE_SUSPEND_LEASES:
		suspend_leases(display);
		break;
	case LIFECYCLE_RESTORE_TOPOLOGY:
	case LIFECYCLE_APPLY_TOPOLOGY:
		topology_wish(display->registry);
		break;
	case LIFECYCLE_DESTROY_OUTPUT: /* what the state wants of the backend, is asked after the step */
	case LIFECYCLE_RECONFIGURE_OUTPUT:
	case LIFECYCLE_REFUSE_IN_USE: /* only the caller of an operator's release cares */
	case LIFECYCLE_LAUNCH: /* the policy names no command */
		break;
	}
}

/* Counted over the whole registry, so that no two displays ever have the same generation. */
static void prepare_generation(struct managed_display *display, const struct lifecycle_event *event)
{
	if (event->type == LIFECYCLE_CREATED || event->type == LIFECYCLE_TRANSFERRED)
		display->lifecycle.generation = display->registry->last_generation;
}

static void take_step(struct managed_display *display, const struct lifecycle_step *step)
{
	struct display_registry *registry = display->registry;
	const enum lifecycle_state before = display->lifecycle.state;
	display->lifecycle = step->next;
	if (step->next.generation > registry->last_generation)
		registry->last_generation = step->next.generation;
	if (step->next.state == before)
		return;
	registry_log("display %u: %s → %s (%s)", display->slot, lifecycle_state_name(before),
		lifecycle_state_name(step->next.state), display->label);
	registry_kick(registry); /* others may have waited for it */
}

void managed_display_step(struct managed_display *display, struct lifecycle_event event)
{
	struct display_registry *registry = display->registry;
	if (event.type == LIFECYCLE_CREATED && managed_display_is_adopted(display))
		event.keep_alive = managed_display_adopted_keep(display);
	else if (may_leave_unclaimed(event.type))
		event.keep_alive = read_keep_alive(display);
	event.last_of_group = last_of_group(display);
	prepare_generation(display, &event);
	const struct lifecycle_step step =
		lifecycle_step(&display->lifecycle, &event, registry_now_ns());
	take_step(display, &step);
	for (uint32_t bit = 1; bit <= LIFECYCLE_ARM_TIMER; bit <<= 1) {
		if (step.effects & bit)
			perform(display, (enum lifecycle_effect)bit);
	}
	registry_note_change(registry);
	if (step.next.state == LIFECYCLE_GONE) {
		managed_display_free(display);
		registry_check_shutdown(registry);
	} else {
		managed_display_drive(display);
	}
}
