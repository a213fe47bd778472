#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/registry_internal.h"

/* After a request that could not even be started, for want of memory. */
#define MEMORY_PAUSE_NS 100000000u

static int on_linger_end(sd_event_source *source, uint64_t time_us, void *data)
{
	managed_display_step(data, (struct lifecycle_event){ .type = LIFECYCLE_TIMER });
	return 0;
}

static void fail_create(
	struct managed_display *display, enum display_error failure, const char *text)
{
	display->failure = failure;
	snprintf(display->failure_text, sizeof display->failure_text, "%s", text);
	managed_display_step(display, (struct lifecycle_event){ .type = LIFECYCLE_CREATE_FAILED });
}

static int on_pause_end(sd_event_source *source, uint64_t time_us, void *data)
{
	struct managed_display *display = data;
	const bool no_desktop = display->pause == PAUSE_DESKTOP;
	display->pause = PAUSE_NONE;
	if (no_desktop)
		fail_create(display, DISPLAY_ERROR_NO_DESKTOP,
			"the desktop is gone and has not come back in time");
	else
		managed_display_drive(display);
	return 0;
}

struct managed_display *managed_display_create(
	struct display_registry *registry, uint32_t slot, const struct display_request *request)
{
	struct managed_display *display = calloc(1, sizeof *display);
	if (!display)
		return NULL;
	display->registry = registry;
	display->slot = slot;
	memcpy(display->identity, request->identity, sizeof display->identity);
	display->anonymous = request->anonymous;
	display->wanted = request->mode;
	display->lifecycle.generation = registry->last_generation;
	TAILQ_INIT(&display->leases);
	if (registry_add_timer(registry, &display->pause_timer, on_pause_end, display) < 0 ||
		registry_add_timer(registry, &display->linger_timer, on_linger_end, display) < 0) {
		sd_event_source_disable_unref(display->pause_timer);
		free(display);
		return NULL;
	}

	struct managed_display *following;
	TAILQ_FOREACH (following, &registry->displays, link) {
		if (following->slot > slot)
			break;
	}
	if (following)
		TAILQ_INSERT_BEFORE(following, display, link);
	else
		TAILQ_INSERT_TAIL(&registry->displays, display, link);
	return display;
}

void managed_display_free(struct managed_display *display)
{
	struct display_lease *lease;
	struct backend_request *request;
	while ((lease = TAILQ_FIRST(&display->leases)))
		lease_free(lease);
	LIST_FOREACH (request, &display->registry->requests, link) {
		if (request->display == display)
			request->display = NULL;
	}
	sd_event_source_disable_unref(display->pause_timer);
	sd_event_source_disable_unref(display->linger_timer);
	TAILQ_REMOVE(&display->registry->displays, display, link);
	free(display);
}

bool managed_display_needs_mode(
	const struct managed_display *display, const struct display_mode *mode)
{
	/* A set_mode under way: what the output will have is not known before its answer. */
	if (display->request && display->request->kind == REQUEST_SET_MODE)
		return true;
	/* A compositor that made something else of the same wish would do so again. */
	return !display_mode_equal(mode, &display->info.mode) &&
		!display_mode_equal(mode, &display->asked);
}

/* Whether no other display of the group has an output that stays. */
static bool last_of_group(const struct managed_display *display)
{
	const struct managed_display *other;
	TAILQ_FOREACH (other, &display->registry->displays, link) {
		const enum lifecycle_state state = other->lifecycle.state;
		if (other != display &&
			(state == LIFECYCLE_ACTIVE || state == LIFECYCLE_LINGERING ||
				state == LIFECYCLE_PINNED))
			return false;
	}
	return true;
}

/* The policy as it is now (semantics.md §2), for the events that may leave the display unclaimed. */
static struct keep_alive read_keep_alive(const struct managed_display *display)
{
	const struct display_registry_params *params = &display->registry->params;
	struct display_policy policy = { 0 };
	if (display->anonymous)
		return (struct keep_alive){ KEEP_ALIVE_OFF, 0 };
	params->read_policy(params->policy_data, display->identity, &policy);
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
			lease_decline(lease, display->failure, display->failure_text);
		else if (lease->state == state)
			lease_lose(lease, display->loss,
				display->loss == DISPLAY_LOSS_SHUTDOWN
					? "the host is going down"
					: "the output of the display is gone");
		lease = following;
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
		managed_display_drive(display);
		break;
	case LIFECYCLE_DESTROY_OUTPUT:
	case LIFECYCLE_RECONFIGURE_OUTPUT:
		managed_display_drive(display);
		break;
	case LIFECYCLE_GRANT_WAITERS:
		grant_waiters(display);
		break;
	case LIFECYCLE_ARM_TIMER:
		arm_linger_timer(display);
		break;
	case LIFECYCLE_REFUSE_IN_USE: /* only the caller of an operator's release cares */
	case LIFECYCLE_RESTORE_TOPOLOGY: /* `extend` touches no other output (semantics.md §6) */
	case LIFECYCLE_APPLY_TOPOLOGY:
	case LIFECYCLE_LAUNCH: /* the policy names no command */
		break;
	}
}

void managed_display_step(struct managed_display *display, struct lifecycle_event event)
{
	struct display_registry *registry = display->registry;
	const enum lifecycle_state before = display->lifecycle.state;
	if (may_leave_unclaimed(event.type))
		event.keep_alive = read_keep_alive(display);
	event.last_of_group = last_of_group(display);

	const struct lifecycle_step step =
		lifecycle_step(&display->lifecycle, &event, registry_now_ns());
	display->lifecycle = step.next;
	if (step.next.generation > registry->last_generation)
		registry->last_generation = step.next.generation;
	if (step.next.state != before)
		registry_log("display %u: %s → %s (%s)", display->slot,
			lifecycle_state_name(before), lifecycle_state_name(step.next.state),
			display->label);
	for (uint32_t bit = 1; bit <= LIFECYCLE_ARM_TIMER; bit <<= 1) {
		if (step.effects & bit)
			perform(display, (enum lifecycle_effect)bit);
	}

	if (step.next.state == LIFECYCLE_GONE) {
		managed_display_free(display);
		registry_check_shutdown(registry);
	} else {
		managed_display_drive(display);
	}
}

static void pause_display(
	struct managed_display *display, enum display_pause pause, uint64_t duration_ns)
{
	display->pause = pause;
	const int error = registry_arm_timer(display->pause_timer, registry_now_ns() + duration_ns);
	if (error < 0)
		registry_log(
			"display %u: no timer to try again (%s)", display->slot, strerror(-error));
}

static void end_pause(struct managed_display *display)
{
	display->pause = PAUSE_NONE;
	sd_event_source_set_enabled(display->pause_timer, SD_EVENT_OFF);
}

static void start(struct managed_display *display, enum request_kind kind)
{
	const int error = backend_request_start(display, kind, &display->wanted);
	if (error < 0) {
		registry_log("display %u: a request could not be made (%s), trying again shortly",
			display->slot, strerror(-error));
		pause_display(display, PAUSE_RETRY, MEMORY_PAUSE_NS);
	}
}

static void drive_create(struct managed_display *display)
{
	const struct display_registry *registry = display->registry;
	if (display->lifecycle.waiters == 0) {
		/* Between two attempts, and nobody wants it any more. */
		end_pause(display);
		fail_create(display, DISPLAY_ERROR_CREATE_FAILED, "not wanted any more");
		return;
	}
	if (display->pause != PAUSE_NONE)
		return;
	if (registry->desktop_ready)
		start(display, REQUEST_CREATE);
	else
		pause_display(display, PAUSE_DESKTOP, registry->timing.desktop_wait_ns);
}

static bool mode_is_wished(const struct managed_display *display)
{
	const struct display_lease *lease;
	if (display->lifecycle.reconfiguring)
		return true;
	TAILQ_FOREACH (lease, &display->leases, in_display) {
		if (lease->wants_mode)
			return true;
	}
	return false;
}

void managed_display_drive(struct managed_display *display)
{
	if (display->request)
		return;
	switch (display->lifecycle.state) {
	case LIFECYCLE_CREATING:
		drive_create(display);
		break;
	case LIFECYCLE_ACTIVE:
		if (display->pause == PAUSE_NONE && mode_is_wished(display))
			start(display, REQUEST_SET_MODE);
		break;
	case LIFECYCLE_CLOSING:
		if (display->pause == PAUSE_NONE)
			start(display, REQUEST_DESTROY);
		break;
	case LIFECYCLE_GONE:
	case LIFECYCLE_LINGERING:
	case LIFECYCLE_PINNED:
		break;
	}
}

void managed_display_resume(struct managed_display *display)
{
	end_pause(display);
	managed_display_drive(display);
}

static bool is_permanent(int error)
{
	return error == -EINVAL || error == -ENOTSUP;
}

/* One attempt of the bring-up failed: another one, or the end of it (semantics.md §11). */
static void attempt_failed(struct managed_display *display, const struct backend_request *request,
	int error, const char *text)
{
	const struct display_registry_timing *timing = &display->registry->timing;
	display->attempts++;
	registry_log("display %u: attempt %u of %u to create an output failed: %s", display->slot,
		display->attempts, DISPLAY_CREATE_ATTEMPTS, text);
	/* A backend that left us without any answer is not asked for more. */
	if (is_permanent(error) || request->overdue ||
		display->attempts >= DISPLAY_CREATE_ATTEMPTS) {
		fail_create(display,
			error == -ETIMEDOUT                        ? DISPLAY_ERROR_TIMEOUT
				: display->registry->desktop_ready ? DISPLAY_ERROR_CREATE_FAILED
								   : DISPLAY_ERROR_NO_DESKTOP,
			text);
		return;
	}
	/* Without a desktop it is drive_create that waits. */
	if (display->registry->desktop_ready) {
		const uint64_t pause_ns = timing->retry_first_ns << (display->attempts - 1);
		pause_display(display, PAUSE_RETRY,
			pause_ns < timing->retry_max_ns ? pause_ns : timing->retry_max_ns);
	}
	managed_display_drive(display);
}

void managed_display_created(struct managed_display *display, const struct backend_request *request,
	int error, const char *text, struct display_output *output,
	const struct display_output_info *info)
{
	struct display_lease *lease;
	if (error) {
		attempt_failed(display, request, error, text ? text : strerror(-error));
		return;
	}
	display->output = output;
	display->info = *info;
	display->asked = request->mode;
	TAILQ_FOREACH (lease, &display->leases, in_display)
		lease->kept = false;
	managed_display_step(display,
		(struct lifecycle_event){
			.type = LIFECYCLE_CREATED,
			.needs_mode = !display_mode_equal(&display->wanted, &display->asked),
		});
}

/* A set_mode of holders, no claim waits for it. */
static void live_mode_ended(
	struct managed_display *display, int error, const char *text, bool newer_wish)
{
	struct display_lease *lease;
	if (newer_wish && mode_is_wished(display)) {
		managed_display_drive(display);
		return;
	}
	if (error)
		display->wanted = display->asked;
	TAILQ_FOREACH (lease, &display->leases, in_display) {
		if (!error)
			lease_grant(lease);
		else if (lease->wants_mode)
			lease_decline_mode(lease,
				error == -ETIMEDOUT ? DISPLAY_ERROR_TIMEOUT
						    : DISPLAY_ERROR_BAD_MODE,
				text);
	}
}

void managed_display_note_late_mode(struct managed_display *display,
	const struct backend_request *request, const struct display_output_info *info)
{
	const bool changed = !display_mode_equal(&info->mode, &display->info.mode);
	if (display->request)
		return; /* its answer will be the newer one */
	display->info = *info;
	display->asked = request->mode;
	if (changed && display->lifecycle.state == LIFECYCLE_ACTIVE && !mode_is_wished(display))
		live_mode_ended(display, 0, NULL, false);
}

void managed_display_mode_ended(struct managed_display *display,
	const struct backend_request *request, int error, const char *text,
	const struct display_output_info *info)
{
	const bool newer_wish = !display_mode_equal(&display->wanted, &request->mode);
	if (error) {
		text = text ? text : strerror(-error);
		registry_log("display %u: its mode was not changed: %s", display->slot, text);
	} else {
		display->info = *info;
		display->asked = request->mode;
	}
	if (!display->lifecycle.reconfiguring) {
		if (display->lifecycle.state == LIFECYCLE_ACTIVE)
			live_mode_ended(display, error, text, newer_wish);
		else
			managed_display_drive(
				display); /* a destroy may have waited for this answer */
		return;
	}
	if (error && newer_wish) {
		managed_display_drive(display);
		return;
	}
	managed_display_step(display,
		(struct lifecycle_event){
			.type = error ? LIFECYCLE_RECONFIGURE_FAILED : LIFECYCLE_RECONFIGURED,
			.needs_mode = newer_wish,
		});
}

static void forget_output(struct managed_display *display)
{
	backend_request_forget_modes(display);
	display->output = NULL;
	memset(&display->info, 0, sizeof display->info);
	memset(&display->asked, 0, sizeof display->asked);
	end_pause(display);
}

void managed_display_destroyed(struct managed_display *display)
{
	forget_output(display);
	managed_display_step(display, (struct lifecycle_event){ .type = LIFECYCLE_DESTROYED });
}

void managed_display_vanished(struct managed_display *display)
{
	forget_output(display);
	if (display->lifecycle.state != LIFECYCLE_CLOSING)
		managed_display_step(
			display, (struct lifecycle_event){ .type = LIFECYCLE_VANISHED });
	else if (!display->request)
		/* The destroy had not been asked for yet, so no answer to it would come. */
		managed_display_step(
			display, (struct lifecycle_event){ .type = LIFECYCLE_DESTROYED });
}
