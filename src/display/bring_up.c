/* How a display gets its output from the backend and gives it back: attempts, pauses, what waits for what. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "display/registry_internal.h"

/* After a request that could not even be started, for want of memory. */
#define MEMORY_PAUSE_NS 100000000u

static void fail_create(
	struct managed_display *display, enum display_error failure, const char *text)
{
	display->failure = failure;
	snprintf(display->failure_text, sizeof display->failure_text, "%s", text);
	managed_display_step(display, (struct lifecycle_event){ .type = LIFECYCLE_CREATE_FAILED });
}

/* Where one output is all that the desktop holds: the other display that has it. */
static const struct managed_display *find_blocker(const struct managed_display *display)
{
	const struct managed_display *other;
	if (registry_can(display->registry, DISPLAY_OPTION_SECOND_OUTPUT))
		return NULL;
	TAILQ_FOREACH (other, &display->registry->displays, link) {
		if (other != display &&
			(other->output || other->request || managed_display_is_adopted(other)))
			return other;
	}
	return NULL;
}

static bool is_leaving(const struct managed_display *display)
{
	const struct lifecycle *lifecycle = &display->lifecycle;
	return (lifecycle->state == LIFECYCLE_CLOSING || lifecycle->state == LIFECYCLE_CREATING) &&
		lifecycle->waiters == 0 && !managed_display_is_adopted(display);
}

static void fail_for_room(struct managed_display *display)
{
	const struct managed_display *blocker = find_blocker(display);
	if (blocker && is_leaving(blocker))
		fail_create(display, DISPLAY_ERROR_TIMEOUT,
			"the desktop holds one display, and the one before has not gone in time");
	else if (blocker)
		/* Its client was back before it had gone (semantics.md §4.1). */
		fail_create(display, DISPLAY_ERROR_FULL,
			"the desktop holds one display, and that is in use");
	else
		managed_display_drive(display);
}

static int on_pause_end(sd_event_source *source, uint64_t time_us, void *data)
{
	struct managed_display *display = data;
	const enum display_pause pause = display->pause;
	display->pause = PAUSE_NONE;
	if (pause == PAUSE_DESKTOP)
		fail_create(display, DISPLAY_ERROR_NO_DESKTOP,
			display->registry->desktop_failed
				? display->registry->desktop_text
				: "the desktop is gone and has not come back in time");
	else if (pause == PAUSE_ROOM)
		fail_for_room(display);
	else
		managed_display_drive(display);
	return 0;
}

int managed_display_add_pause_timer(struct managed_display *display)
{
	return registry_add_timer(display->registry, &display->pause_timer, on_pause_end, display);
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

void managed_display_end_pause(struct managed_display *display)
{
	display->pause = PAUSE_NONE;
	sd_event_source_set_enabled(display->pause_timer, SD_EVENT_OFF);
}

static void start(struct managed_display *display, enum request_kind kind)
{
	const struct display_mode mode =
		slots_mode(display->registry, display->slot, &display->wanted);
	const int error = backend_request_start(display, kind, &mode);
	if (error < 0) {
		registry_log("display %u: a request could not be made (%s), trying again shortly",
			display->slot, strerror(-error));
		pause_display(display, PAUSE_RETRY, MEMORY_PAUSE_NS);
	}
}

/* For as long as its restore and its destroy may take. When it does not leave, the end comes at once, but not here. */
static void wait_for_room(struct managed_display *display, const struct managed_display *blocker)
{
	const uint64_t deadline_ns = display->registry->timing.request_deadline_ns;
	pause_display(display, PAUSE_ROOM, is_leaving(blocker) ? 2 * deadline_ns : 0);
}

/* A desktop that does not start is not waited for; the end comes at once, but not here. */
static uint64_t desktop_wait_ns(const struct display_registry *registry)
{
	return registry->desktop_failed ? 0 : registry->timing.desktop_wait_ns;
}

void managed_display_renew_wait(const struct managed_display *display)
{
	if (display->pause == PAUSE_DESKTOP)
		registry_arm_timer(display->pause_timer,
			registry_now_ns() + desktop_wait_ns(display->registry));
}

static void drive_create(struct managed_display *display)
{
	const struct display_registry *registry = display->registry;
	const bool adopted = managed_display_is_adopted(display);
	const struct managed_display *blocker = adopted ? NULL : find_blocker(display);
	if (display->lifecycle.waiters == 0 && (!adopted || registry->shutting_down)) {
		/* Between two attempts, and nobody wants it any more. */
		managed_display_end_pause(display);
		fail_create(display, DISPLAY_ERROR_CREATE_FAILED, "not wanted any more");
		return;
	}
	if (display->pause != PAUSE_NONE)
		return;
	if (!registry->desktop_ready)
		pause_display(display, PAUSE_DESKTOP, desktop_wait_ns(registry));
	else if (blocker)
		wait_for_room(display, blocker);
	else
		start(display, adopted ? REQUEST_ADOPT : REQUEST_CREATE);
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
		if (display->pause == PAUSE_NONE && managed_display_mode_is_wished(display))
			start(display, REQUEST_SET_MODE);
		break;
	case LIFECYCLE_CLOSING:
		if (display->pause == PAUSE_NONE && topology_allows_destroy(display))
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
	managed_display_end_pause(display);
	managed_display_drive(display);
}

void managed_display_drive_all(struct display_registry *registry)
{
	struct managed_display *display = TAILQ_FIRST(&registry->displays);
	while (display) {
		struct managed_display *following = TAILQ_NEXT(display, link);
		const struct managed_display *blocker =
			display->pause == PAUSE_ROOM ? find_blocker(display) : NULL;
		if (display->pause != PAUSE_ROOM)
			managed_display_drive(display);
		else if (!blocker || !is_leaving(blocker))
			managed_display_resume(display);
		display = following;
	}
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
	if (managed_display_is_adopted(display)) {
		managed_display_end_adoption(display, text);
		if (!request->overdue) { /* for who waits: a fresh one, inside the same claim */
			managed_display_drive(display);
			return;
		}
	}
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
	const bool adopted = managed_display_is_adopted(display);
	if (adopted && display->lifecycle.waiters == 0)
		display->wanted = info->mode;
	const struct display_mode mode =
		slots_mode(display->registry, display->slot, &display->wanted);
	display->output = output;
	display->info = *info;
	display->asked = adopted ? info->mode : request->mode;
	topology_note_output(display->registry);
	TAILQ_FOREACH (lease, &display->leases, in_display)
		lease->kept = adopted;
	managed_display_step(display,
		(struct lifecycle_event){
			.type = LIFECYCLE_CREATED,
			.needs_mode = !display_mode_equal(&mode, &display->asked),
		});
	/* An output that has come into being never goes inside the step. */
	display->adopted_output[0] = '\0';
}

static void forget_output(struct managed_display *display)
{
	if (!display->output)
		return; /* it had vanished while it was destroyed */
	backend_request_forget_modes(display);
	display->output = NULL;
	display->remode = false;
	memset(&display->info, 0, sizeof display->info);
	memset(&display->asked, 0, sizeof display->asked);
	managed_display_end_pause(display);
	topology_note_output(display->registry);
	topology_wish(display->registry);
	registry_note_change(display->registry);
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
