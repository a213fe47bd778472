/* The desktop as admission sees it (semantics.md §4), and what it decides. */
#include <stdio.h>
#include <string.h>

#include "display/registry_internal.h"

uint32_t request_ordinal(const struct display_request *request)
{
	return request->ordinal > 0 ? request->ordinal : 1;
}

struct display_mode managed_display_mode(const struct managed_display *display)
{
	return display->output ? display->info.mode
			       : slots_mode(display->registry, display->slot, &display->wanted);
}

static struct admission_display look_at(
	const struct managed_display *display, const struct display_request *request)
{
	const struct display_lease *lease;
	struct admission_display seen = {
		.slot = display->slot,
		.anonymous = display->anonymous,
		.key = &display->key,
		.owner = display->identity,
		.state = display->lifecycle.state,
		.mode = managed_display_mode(display),
		.needs_mode = managed_display_needs_mode(display, &request->mode),
		.until_ns = display->lifecycle.until_ns,
		.last_input_ns = display->last_input_ns,
		.acquired = display->acquired,
	};
	TAILQ_FOREACH (lease, &display->leases, in_display) {
		seen.sessions++;
		seen.owner_sessions += !lease->joined;
	}
	return seen;
}

void admission_view_make(struct display_registry *registry, const struct display_request *request,
	const struct display_policy *policy, struct admission_view *view)
{
	const struct display_registry_params *params = &registry->params;
	const uint32_t ordinal = request_ordinal(request);
	struct managed_display *display;
	view->count = 0;
	if (policy)
		view->policy = *policy;
	else
		registry_read_policy(
			registry, request->anonymous ? NULL : request->identity, &view->policy);
	view->key = identity_key_make(
		view->policy.identity, request->identity, ordinal, &request->mode);
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (view->count == ADMISSION_DISPLAYS_MAX)
			break;
		view->displays[view->count] = display;
		view->seen[view->count++] = look_at(display, request);
	}
	admission_decide(&view->policy,
		&(struct admission_request){
			.key = &view->key,
			.client = request->identity,
			.ordinal = ordinal,
			.anonymous = request->anonymous,
		},
		&(struct admission_desktop){
			.displays = view->seen,
			.count = view->count,
			.isolated = view->policy.desktop == POLICY_DESKTOP_ISOLATED,
			.second_output = registry_can(registry, DISPLAY_OPTION_SECOND_OUTPUT),
			.reconfigure = registry_can(registry, DISPLAY_OPTION_RECONFIGURE),
			.encoders_free = params->encoders_free
				? params->encoders_free(params->encoders_data)
				: UINT32_MAX,
		},
		&view->decision);
}

static enum display_error refuse_busy(const struct admission_view *view,
	struct display_holder *holder, char text[DISPLAY_TEXT_MAX])
{
	char mode[DISPLAY_MODE_TEXT_MAX];
	if (view->decision.display >= view->count) {
		snprintf(text, DISPLAY_TEXT_MAX, "the desktop is in use");
		return DISPLAY_ERROR_BUSY;
	}
	const struct managed_display *display = view->displays[view->decision.display];
	holder->mode = managed_display_mode(display);
	memcpy(holder->label, display->label, sizeof holder->label);
	snprintf(text, DISPLAY_TEXT_MAX, "%s is using the desktop at %s",
		display->label[0] ? display->label : "somebody",
		display_mode_format(&holder->mode, mode));
	return DISPLAY_ERROR_BUSY;
}

enum display_error admission_refusal(const struct display_registry *registry,
	const struct display_request *request, const struct admission_view *view,
	struct display_holder *holder, char text[DISPLAY_TEXT_MAX])
{
	const char *fault = display_mode_check(&request->mode);
	if (fault) {
		snprintf(text, DISPLAY_TEXT_MAX, "%s", fault);
		return DISPLAY_ERROR_BAD_MODE;
	}
	if (registry->shutting_down) {
		snprintf(text, DISPLAY_TEXT_MAX, "the host is going down");
		return DISPLAY_ERROR_SHUTTING_DOWN;
	}
	if (!view || view->decision.kind != ADMISSION_REJECT)
		return 0;
	switch (view->decision.rejection) {
	case ADMISSION_BUSY:
		return refuse_busy(view, holder, text);
	case ADMISSION_ENCODER_BUSY:
		snprintf(text, DISPLAY_TEXT_MAX, "the host cannot encode another display");
		return DISPLAY_ERROR_ENCODER_BUSY;
	case ADMISSION_FULL:
	case ADMISSION_NOT_REJECTED:
		break;
	}
	snprintf(text, DISPLAY_TEXT_MAX, "all %u displays of this host are in use",
		view->policy.max_displays);
	return DISPLAY_ERROR_FULL;
}

enum display_error admission_refuse_slots(char text[DISPLAY_TEXT_MAX])
{
	snprintf(text, DISPLAY_TEXT_MAX, "every display slot of this desktop is in use");
	return DISPLAY_ERROR_FULL;
}

size_t admission_view_successor(
	const struct admission_view *view, const struct display_request *request)
{
	const uint64_t ends = view->decision.victims | view->decision.evict;
	if (request->anonymous)
		return SIZE_MAX;
	for (size_t i = 0; i < view->count; i++) {
		const struct managed_display *display = view->displays[i];
		const enum lifecycle_state state = display->lifecycle.state;
		const bool leaving = (ends >> i & 1) ||
			(TAILQ_EMPTY(&display->leases) &&
				(state == LIFECYCLE_CLOSING || state == LIFECYCLE_CREATING));
		if (leaving && !display->anonymous && identity_key_equal(&display->key, &view->key))
			return i;
	}
	return SIZE_MAX;
}
