/* A claim: what admission decided is done here, and nothing else (semantics.md §4). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/registry_internal.h"

/* Claims of one display that have been ended; its lifecycle has not heard of them yet. */
struct ended {
	uint32_t granted, waiting;
};

static void end_lease(
	struct display_lease *lease, enum display_loss loss, const char *text, struct ended *ended)
{
	ended->granted += lease->state == LEASE_GRANTED;
	ended->waiting += lease->state == LEASE_WAITING;
	lease_lose(lease, loss, text);
}

static void end_all(struct managed_display *display, enum display_loss loss, const char *text)
{
	struct display_lease *lease;
	struct ended ended = { 0 };
	while ((lease = TAILQ_FIRST(&display->leases)))
		end_lease(lease, loss, text, &ended);
}

static bool same_seat(const struct display_lease *lease, const struct display_request *request)
{
	return !request->anonymous && !lease->anonymous &&
		lease->ordinal == request_ordinal(request) &&
		memcmp(lease->identity, request->identity, sizeof lease->identity) == 0;
}

/* One device, one seat (semantics.md §4.1), wherever the older one is; and one owner a display. */
static void supersede(struct managed_display *display, const struct display_request *request,
	bool with_owner, struct ended *ended)
{
	char text[DISPLAY_TEXT_MAX];
	struct display_lease *lease = TAILQ_FIRST(&display->leases);
	snprintf(text, sizeof text, "superseded: %.*s has attached anew",
		(int)sizeof request->label - 1, request->label);
	while (lease) {
		struct display_lease *following = TAILQ_NEXT(lease, in_display);
		if (same_seat(lease, request) || (with_owner && !lease->joined))
			end_lease(lease, DISPLAY_LOSS_SUPERSEDED, text, ended);
		lease = following;
	}
}

static void supersede_all(const struct admission_view *view, const struct display_request *request,
	struct ended ended[ADMISSION_DISPLAYS_MAX])
{
	const struct admission_decision *decision = &view->decision;
	const bool own = decision->kind == ADMISSION_REUSE ||
		decision->kind == ADMISSION_RECONFIGURE || decision->kind == ADMISSION_RECREATE;
	for (size_t i = 0; i < view->count; i++)
		supersede(view->displays[i], request,
			(own && i == decision->display) || (decision->preempt >> i & 1), &ended[i]);
}

/* After the new claim: its display must not become unclaimed in between. */
static void tell_ended(struct managed_display *display, struct ended *ended)
{
	const uint32_t generation = display->lifecycle.generation;
	const uint32_t waiting = ended->waiting;
	uint32_t steps = ended->granted + waiting;
	*ended = (struct ended){ 0 };
	for (; steps > 0; steps--) {
		const struct lifecycle_event event = {
			.type = steps > waiting ? LIFECYCLE_RELEASE : LIFECYCLE_WAITER_LEFT,
			.generation = generation,
		};
		managed_display_step(display, event); /* only the last one may free it */
	}
}

/* Kept ones that make room, and those whose place is stolen; `successor` goes on as the taker's. */
static void clear_places(const struct admission_view *view, const char *taker,
	const struct managed_display *successor)
{
	const struct admission_decision *decision = &view->decision;
	char text[DISPLAY_TEXT_MAX];
	snprintf(text, sizeof text, "%.*s took over", DISPLAY_LABEL_MAX - 1, taker);
	for (size_t i = 0; i < view->count; i++) {
		struct managed_display *display = view->displays[i];
		if (!((decision->victims | decision->evict) >> i & 1))
			continue;
		registry_log("display %u (%s): %s", display->slot, display->label,
			decision->evict >> i & 1 ? "evicted, its place is needed" : text);
		end_all(display, DISPLAY_LOSS_TAKEN_OVER, text);
		if (display != successor)
			managed_display_step(
				display, (struct lifecycle_event){ .type = LIFECYCLE_TAKEN });
	}
}

static struct lifecycle_event mode_event(const struct managed_display *display,
	enum lifecycle_event_type type, const struct display_mode *mode)
{
	return (struct lifecycle_event){
		.type = type,
		.needs_mode = managed_display_needs_mode(display, mode),
		.recreate = !registry_can(display->registry, DISPLAY_OPTION_RECONFIGURE),
	};
}

static void claim_own(struct display_lease *lease, struct managed_display *display,
	const struct display_request *request, struct ended *ended)
{
	struct lifecycle_event event = mode_event(display, LIFECYCLE_ACQUIRE, &request->mode);
	managed_display_adopt(display, request);
	managed_display_renew_wait(display);
	lease_attach(lease, display, false);
	/* An output that closes in any case: only who is still there is to wait for the fresh one. */
	if (event.needs_mode && event.recreate && display->lifecycle.state == LIFECYCLE_ACTIVE)
		tell_ended(display, ended);
	managed_display_step(display, event);
}

static void join(struct display_lease *lease, struct managed_display *display)
{
	managed_display_renew_wait(display);
	lease_attach(lease, display, true);
	managed_display_step(display, (struct lifecycle_event){ .type = LIFECYCLE_ACQUIRE });
}

/*
 * The taker has the key of what it takes: a fresh output in the same slot. Nothing is torn down that only
 * comes into being.
 */
static void succeed(struct display_lease *lease, struct managed_display *display,
	const struct display_request *request)
{
	managed_display_adopt(display, request);
	managed_display_renew_wait(display);
	lease_attach(lease, display, false);
	managed_display_step(display,
		(struct lifecycle_event){
			.type = LIFECYCLE_TRANSFERRED,
			.needs_mode = true,
			.recreate = true,
		});
}

static void transfer(struct display_lease *lease, struct managed_display *display, uint32_t slot,
	const struct display_request *request, const struct identity_key *key)
{
	char text[DISPLAY_TEXT_MAX];
	snprintf(text, sizeof text, "%.*s took over", (int)sizeof request->label - 1,
		request->label);
	registry_log(
		"display %u (%s): %s, as display %u", display->slot, display->label, text, slot);
	end_all(display, DISPLAY_LOSS_TAKEN_OVER, text);
	managed_display_transfer(display, slot, request, key);
	managed_display_renew_wait(display);
	lease_attach(lease, display, false);
	managed_display_step(display, mode_event(display, LIFECYCLE_TRANSFERRED, &request->mode));
}

/* Whom the claim goes to. */
struct target {
	struct managed_display *display;
	size_t index; /* SIZE_MAX: new */
	bool fresh; /* it goes on with another output */
	uint32_t slot; /* TRANSFER */
};

static int decline_full(struct display_lease *lease)
{
	lease_decline(
		lease, DISPLAY_ERROR_FULL, "every display slot of this desktop is in use", NULL);
	return -1;
}

/* Before anything is done, so that nobody loses anything for a claim that fails. Negative when it has. */
static int find_target(struct display_lease *lease, const struct display_request *request,
	const struct admission_view *view, struct target *target, bool *no_memory)
{
	struct display_registry *registry = lease->registry;
	const struct admission_decision *decision = &view->decision;
	const bool fresh = decision->kind == ADMISSION_CREATE || decision->kind == ADMISSION_STEAL;
	*target = (struct target){
		.fresh = fresh,
		.index = fresh ? admission_view_successor(view, request) : decision->display,
	};
	target->display = target->index < view->count ? view->displays[target->index] : NULL;
	const bool needs_slot = decision->kind == ADMISSION_TRANSFER || !target->display;
	if (needs_slot && !request->anonymous) {
		target->slot = slots_assign(registry, &view->key, target->display);
		if (target->slot == 0)
			return decline_full(lease);
	}
	if (target->display)
		return 0;
	if (view->count == ADMISSION_DISPLAYS_MAX)
		return decline_full(lease);
	target->fresh = false;
	target->display = managed_display_create(registry, target->slot, request, &view->key);
	*no_memory = !target->display;
	return *no_memory ? -1 : 0;
}

/* Claims that ended beside the decision's own doing: their displays live on, or not, without them. */
static void tell_superseded(const struct admission_view *view,
	struct ended ended[ADMISSION_DISPLAYS_MAX], const struct target *target)
{
	const struct admission_decision *decision = &view->decision;
	const bool passed_on = target->fresh || decision->kind == ADMISSION_TRANSFER;
	for (size_t i = 0; i < view->count; i++) {
		const bool taken = (decision->victims | decision->evict) >> i & 1;
		if (!taken && !(passed_on && i == target->index))
			tell_ended(view->displays[i], &ended[i]);
	}
}

static void perform(struct display_lease *lease, const struct display_request *request,
	const struct admission_view *view, const struct target *target)
{
	struct ended ended[ADMISSION_DISPLAYS_MAX + 1] = { 0 }; /* the last: of a new display */
	const size_t index = target->index < view->count ? target->index : view->count;
	supersede_all(view, request, ended);
	clear_places(view, request->label, target->display);
	if (view->decision.kind == ADMISSION_TRANSFER)
		transfer(lease, target->display, target->slot, request, &view->key);
	else if (view->decision.kind == ADMISSION_JOIN)
		join(lease, target->display);
	else if (target->fresh)
		succeed(lease, target->display, request);
	else
		claim_own(lease, target->display, request, &ended[index]);
	tell_superseded(view, ended, target);
}

static void log_decision(struct display_registry *registry, const struct display_request *request,
	const struct admission_decision *decision)
{
	char reasons[256] = "";
	size_t size = 0;
	for (size_t i = 0; i < decision->reason_count && size < sizeof reasons; i++) {
		const enum admission_reason_code code = decision->reasons[i].code;
		size += (size_t)snprintf(reasons + size, sizeof reasons - size, "%s%s",
			size ? ", " : "", admission_reason_name(code));
		if (code == ADMISSION_REASON_ONE_OUTPUT_ONLY && !registry->warned_one_output) {
			registry->warned_one_output = true;
			registry_log("this desktop holds one display only: clients that policy "
				     "keeps apart share it");
		}
	}
	registry_log("claim of %.*s: %s (%s)", (int)sizeof request->label - 1, request->label,
		admission_kind_name(decision->kind), reasons);
}

/* False when memory is short. */
static bool admit(struct display_lease *lease, const struct display_request *request)
{
	struct admission_view view;
	struct target target;
	struct display_holder holder = { 0 };
	char text[DISPLAY_TEXT_MAX];
	bool no_memory = false;
	enum display_error error = admission_refusal(lease->registry, request, NULL, &holder, text);
	if (!error) {
		admission_view_make(lease->registry, request, NULL, &view);
		log_decision(lease->registry, request, &view.decision);
		error = admission_refusal(lease->registry, request, &view, &holder, text);
	}
	if (error)
		lease_decline(lease, error, text, error == DISPLAY_ERROR_BUSY ? &holder : NULL);
	else if (find_target(lease, request, &view, &target, &no_memory) == 0)
		perform(lease, request, &view, &target);
	return !no_memory;
}

struct display_lease *display_registry_acquire(struct display_registry *registry,
	const struct display_request *request, const struct display_lease_events *events,
	void *data)
{
	struct display_lease *lease = lease_create(registry, request, events, data);
	if (!lease)
		return NULL;
	if (admit(lease, request))
		return lease;
	lease_free(lease);
	return NULL;
}
