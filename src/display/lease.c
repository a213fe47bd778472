#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/registry_internal.h"

struct display_lease *lease_create(struct display_registry *registry,
	const struct display_request *request, const struct display_lease_events *events,
	void *data)
{
	struct display_lease *lease = calloc(1, sizeof *lease);
	if (!lease)
		return NULL;
	lease->registry = registry;
	lease->events = events;
	lease->data = data;
	memcpy(lease->identity, request->identity, sizeof lease->identity);
	lease->anonymous = request->anonymous;
	lease->session = request->session;
	lease->ordinal = request_ordinal(request);
	return lease;
}

static void set_notices(struct display_lease *lease, unsigned notices)
{
	struct display_registry *registry = lease->registry;
	if (!lease->notices && notices)
		TAILQ_INSERT_TAIL(&registry->queue, lease, in_queue);
	else if (lease->notices && !notices)
		TAILQ_REMOVE(&registry->queue, lease, in_queue);
	lease->notices = notices;
	if (notices)
		registry_schedule_dispatch(registry);
}

static void detach(struct display_lease *lease)
{
	if (lease->display)
		TAILQ_REMOVE(&lease->display->leases, lease, in_display);
	lease->display = NULL;
	lease->wants_mode = false;
}

void lease_free(struct display_lease *lease)
{
	set_notices(lease, 0);
	detach(lease);
	free(lease);
}

void lease_attach(struct display_lease *lease, struct managed_display *display, bool joined)
{
	lease->display = display;
	lease->joined = joined;
	lease->kept = display->output && display->lifecycle.state != LIFECYCLE_CLOSING;
	TAILQ_INSERT_TAIL(&display->leases, lease, in_display);
}

void lease_grant(struct display_lease *lease)
{
	const struct managed_display *display = lease->display;
	lease->state = LEASE_GRANTED;
	lease->generation = display->lifecycle.generation;
	lease->wants_mode = false;
	lease->info = (struct display_info){
		.slot = display->slot,
		.generation = lease->generation,
		.kept = lease->kept,
		.joined = lease->joined,
		.output = display->info,
	};
	if (lease->joined)
		memcpy(lease->info.holder, display->label, sizeof lease->info.holder);
	/* A newer answer takes the place of one that has not been delivered. */
	set_notices(lease, NOTICE_GRANTED);
}

void lease_suspend(struct display_lease *lease)
{
	lease->state = LEASE_WAITING;
	lease->kept = false;
	lease->wants_mode = false;
	set_notices(lease, lease->notices & ~(unsigned)NOTICE_GRANTED);
}

static void end(struct display_lease *lease, const char *text, enum lease_notice notice)
{
	snprintf(lease->text, sizeof lease->text, "%s", text);
	detach(lease);
	lease->state = LEASE_ENDED;
	set_notices(lease, notice);
}

void lease_decline(struct display_lease *lease, enum display_error error, const char *text,
	const struct display_holder *holder)
{
	if (lease->told_granted) {
		lease_lose(lease,
			error == DISPLAY_ERROR_SHUTTING_DOWN ? DISPLAY_LOSS_SHUTDOWN
							     : DISPLAY_LOSS_VANISHED,
			text);
		return;
	}
	lease->error = error;
	if (holder)
		lease->holder = *holder;
	end(lease, text, NOTICE_DECLINED);
}

void lease_lose(struct display_lease *lease, enum display_loss loss, const char *text)
{
	lease->loss = loss;
	end(lease, text, NOTICE_LOST);
}

void lease_decline_mode(struct display_lease *lease, enum display_error error, const char *text)
{
	lease->error = error;
	lease->wants_mode = false;
	snprintf(lease->text, sizeof lease->text, "%s", text);
	set_notices(lease, lease->notices | NOTICE_MODE_DECLINED);
}

static void deliver(struct display_lease *lease, enum lease_notice notice)
{
	const struct display_lease_events *events = lease->events;
	/* The holder may release the lease, or destroy the registry, from inside the callback. */
	const struct display_info info = lease->info;
	const struct display_holder holder = lease->holder;
	const enum display_error error = lease->error;
	char text[DISPLAY_TEXT_MAX];
	snprintf(text, sizeof text, "%s", lease->text);

	switch (notice) {
	case NOTICE_GRANTED:
		lease->told_granted = true;
		events->granted(lease->data, lease, &info);
		break;
	case NOTICE_MODE_DECLINED:
		events->mode_declined(lease->data, lease, error, text);
		break;
	case NOTICE_DECLINED:
		lease->dead = true;
		events->declined(lease->data, lease, error, text,
			error == DISPLAY_ERROR_BUSY ? &holder : NULL);
		free(lease);
		break;
	case NOTICE_LOST:
		lease->dead = true;
		events->lost(lease->data, lease, lease->loss, text);
		free(lease);
		break;
	}
}

bool lease_deliver_next(struct display_registry *registry)
{
	struct display_lease *lease = TAILQ_FIRST(&registry->queue);
	if (!lease)
		return false;
	const unsigned notice = lease->notices & -lease->notices;
	set_notices(lease, lease->notices & ~notice);
	deliver(lease, (enum lease_notice)notice);
	return true;
}

/* Only the owner's wishes change a display's mode. */
static void decline_joiner(struct display_lease *lease)
{
	char text[DISPLAY_TEXT_MAX];
	snprintf(text, sizeof text, "the display is that of %s, who chooses its mode",
		lease->display->label[0] ? lease->display->label : "another client");
	lease_decline_mode(lease, DISPLAY_ERROR_BUSY, text);
}

static void wish_mode(struct display_lease *lease, const struct display_mode *mode)
{
	struct managed_display *display = lease->display;
	display->wanted = *mode;
	if (lease->state == LEASE_WAITING)
		return; /* the grant will be its answer */
	lease->wants_mode = true;
	if (!managed_display_needs_mode(display, mode))
		lease_grant(lease);
	else if (registry_can(lease->registry, DISPLAY_OPTION_RECONFIGURE))
		managed_display_drive(display);
	else
		managed_display_step(
			display, (struct lifecycle_event){ .type = LIFECYCLE_RECREATE });
}

void display_lease_set_mode(struct display_lease *lease, const struct display_mode *mode)
{
	assert(!lease->dead);
	if (!lease->display)
		return; /* declined or lost is on its way */
	const char *fault = display_mode_check(mode);
	if (fault) {
		lease_decline_mode(lease, DISPLAY_ERROR_BAD_MODE, fault);
		return;
	}
	if (lease->joined) {
		decline_joiner(lease);
		return;
	}
	/* The newer call overtakes: an older one's refusal is not told any more. */
	set_notices(lease, lease->notices & ~(unsigned)NOTICE_MODE_DECLINED);
	wish_mode(lease, mode);
}

void display_lease_note_input(struct display_lease *lease, uint64_t now_ns)
{
	if (lease->display)
		lease->display->last_input_ns = now_ns;
}

void display_lease_nudge(struct display_lease *lease)
{
	const struct managed_display *display = lease->display;
	struct display_backend *backend = lease->registry->backend;
	if (lease->state == LEASE_GRANTED && display && managed_display_exists(display) &&
		backend->impl->nudge)
		backend->impl->nudge(backend, display->output);
}

void display_lease_release(struct display_lease *lease, bool quit)
{
	assert(!lease->dead);
	struct managed_display *display = lease->display;
	const struct lifecycle_event event = {
		.type = lease->state == LEASE_WAITING ? LIFECYCLE_WAITER_LEFT
			: quit                        ? LIFECYCLE_QUIT
						      : LIFECYCLE_RELEASE,
		.generation = lease->generation,
		.quit = quit,
	};
	lease_free(lease);
	if (display)
		managed_display_step(display, event);
}
