/* The mode of a live display: who wishes one, what the backend makes of it, whom that concerns. */
#include <errno.h>
#include <string.h>

#include "display/registry_internal.h"

bool managed_display_needs_mode(
	const struct managed_display *display, const struct display_mode *mode)
{
	const struct display_mode scaled = slots_mode(display->registry, display->slot, mode);
	/* A set_mode under way: what the output will have is not known before its answer. */
	if (display->request && display->request->kind == REQUEST_SET_MODE)
		return true;
	/* A compositor that made something else of the same wish would do so again. */
	return !display_mode_equal(&scaled, &display->info.mode) &&
		!display_mode_equal(&scaled, &display->asked);
}

bool managed_display_mode_is_wished(const struct managed_display *display)
{
	const struct display_lease *lease;
	if (display->lifecycle.reconfiguring || display->remode)
		return true;
	TAILQ_FOREACH (lease, &display->leases, in_display) {
		if (lease->wants_mode)
			return true;
	}
	return false;
}

/* Who asked is answered; everybody else hears of a mode that is not the one they know. */
static void tell_holders(struct managed_display *display)
{
	struct display_lease *lease;
	TAILQ_FOREACH (lease, &display->leases, in_display) {
		if (lease->state == LEASE_GRANTED &&
			(lease->wants_mode ||
				!display_mode_equal(&lease->info.output.mode, &display->info.mode)))
			lease_grant(lease);
	}
}

static void refuse_wishes(struct managed_display *display, int error, const char *text)
{
	struct display_lease *lease;
	TAILQ_FOREACH (lease, &display->leases, in_display) {
		if (lease->wants_mode)
			lease_decline_mode(lease,
				error == -ETIMEDOUT ? DISPLAY_ERROR_TIMEOUT
						    : DISPLAY_ERROR_BAD_MODE,
				text);
	}
}

/* A set_mode of holders or of the host, no claim waits for it. */
static void live_mode_ended(
	struct managed_display *display, int error, const char *text, bool newer_wish)
{
	if (newer_wish && managed_display_mode_is_wished(display)) {
		managed_display_drive(display);
		return;
	}
	display->remode = false;
	if (error) {
		display->wanted = display->asked;
		refuse_wishes(display, error, text);
		return;
	}
	tell_holders(display);
	topology_wish(display->registry); /* its neighbours may have to move */
}

/* A claim waits for it. */
static void reconfigure_ended(struct managed_display *display, int error, bool newer_wish)
{
	if (error && newer_wish) {
		managed_display_drive(display);
		return;
	}
	display->remode = false;
	if (!newer_wish)
		tell_holders(display);
	/* Those who hold the display keep it as it is; else its fresh output gets the mode. */
	if (error && display->lifecycle.leases > 0)
		display->wanted = display->asked;
	managed_display_step(display,
		(struct lifecycle_event){
			.type = error ? LIFECYCLE_RECONFIGURE_FAILED : LIFECYCLE_RECONFIGURED,
			.needs_mode = newer_wish,
		});
}

void managed_display_mode_ended(struct managed_display *display,
	const struct backend_request *request, int error, const char *text,
	const struct display_output_info *info)
{
	const struct display_mode wish =
		slots_mode(display->registry, display->slot, &display->wanted);
	const bool newer_wish = !display_mode_equal(&wish, &request->mode);
	if (error) {
		text = text ? text : strerror(-error);
		registry_log("display %u: its mode was not changed: %s", display->slot, text);
	} else {
		display->info = *info;
		display->asked = request->mode;
		registry_note_change(display->registry);
	}
	if (display->lifecycle.reconfiguring)
		reconfigure_ended(display, error, newer_wish);
	else if (display->lifecycle.state == LIFECYCLE_ACTIVE)
		live_mode_ended(display, error, text, newer_wish);
	else
		managed_display_drive(display); /* a destroy may have waited for this answer */
}

void managed_display_note_late_mode(struct managed_display *display,
	const struct backend_request *request, const struct display_output_info *info)
{
	if (display->request)
		return; /* its answer will be the newer one */
	display->asked = request->mode;
	managed_display_output_changed(display, info);
}

/* Scaled by the user of the desktop, and by nobody here: kept for the slot (semantics.md §5). */
static bool scaled_by_user(
	const struct managed_display *display, const struct display_output_info *info)
{
	const uint32_t scale_percent = info->mode.scale_percent;
	const struct backend_request *request = display->request;
	return scale_percent != display->info.mode.scale_percent &&
		scale_percent != display->asked.scale_percent &&
		!(request && request->kind == REQUEST_SET_MODE &&
			scale_percent == request->mode.scale_percent);
}

void managed_display_output_changed(
	struct managed_display *display, const struct display_output_info *info)
{
	const bool other_mode = !display_mode_equal(&info->mode, &display->info.mode);
	if (scaled_by_user(display, info)) {
		slots_keep_scale(display->registry, display->slot, info->mode.scale_percent);
		display->asked.scale_percent = info->mode.scale_percent;
	}
	display->info = *info;
	registry_note_change(display->registry);
	if (!other_mode)
		return;
	topology_wish_after_desktop(display->registry);
	if (display->lifecycle.state == LIFECYCLE_ACTIVE &&
		!managed_display_mode_is_wished(display))
		tell_holders(display);
}

void managed_display_check_scale(struct managed_display *display)
{
	/* A kept display gets it when somebody comes; so does one that cannot be reconfigured. */
	if (display->lifecycle.state != LIFECYCLE_ACTIVE ||
		!registry_can(display->registry, DISPLAY_OPTION_RECONFIGURE) ||
		!managed_display_needs_mode(display, &display->wanted))
		return;
	display->remode = true;
	managed_display_drive(display);
}
