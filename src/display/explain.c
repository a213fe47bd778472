/* What a claim would come to, without making it: the same view and decision, and the map as it would be. */
#include <stdio.h>
#include <string.h>

#include "display/registry_internal.h"

static void name_displays(
	const struct admission_view *view, struct display_explanation *explanation)
{
	for (size_t i = 0; i < view->count; i++) {
		explanation->displays[i] = view->displays[i]->slot;
		memcpy(explanation->labels[i], view->displays[i]->label,
			sizeof explanation->labels[i]);
	}
}

/* The display that the claim would be on, when that is one which exists; else `count`. */
static size_t find_target(const struct admission_view *view, const struct display_request *request)
{
	const enum admission_kind kind = view->decision.kind;
	size_t index = view->decision.display;
	if (kind == ADMISSION_CREATE || kind == ADMISSION_STEAL)
		index = admission_view_successor(view, request);
	return index < view->count ? index : view->count;
}

static uint32_t predict_slot(const struct display_registry *registry,
	const struct display_request *request, const struct admission_view *view, size_t target)
{
	const struct managed_display *display =
		target < view->count ? view->displays[target] : NULL;
	if (display && view->decision.kind != ADMISSION_TRANSFER)
		return display->slot;
	return request->anonymous
		? 0
		: slots_predict(registry, &view->key, slots_held(registry, display));
}

static struct display_mode predict_mode(const struct display_registry *registry,
	const struct display_request *request, const struct admission_view *view, size_t target,
	uint32_t slot)
{
	const enum admission_kind kind = view->decision.kind;
	if (target < view->count && (kind == ADMISSION_REUSE || kind == ADMISSION_JOIN))
		return managed_display_mode(view->displays[target]);
	return slots_mode(registry, slot, &request->mode);
}

static size_t index_in_view(
	const struct admission_view *view, const struct managed_display *display)
{
	size_t i = 0;
	while (i < view->count && view->displays[i] != display)
		i++;
	return i;
}

/* The map with the claim's display on it, and without those that would have to go. */
static void predict_place(const struct display_registry *registry,
	const struct display_request *request, const struct admission_view *view, size_t target,
	const struct display_policy *desktop_policy, struct display_explanation *explanation)
{
	const uint64_t leaving = view->decision.evict | view->decision.victims;
	struct layout_display inputs[LAYOUT_DISPLAYS_MAX + 1];
	struct managed_display *displays[LAYOUT_DISPLAYS_MAX];
	struct layout_rect obstacles[DISPLAY_OUTSIDE_MAX], places[LAYOUT_DISPLAYS_MAX];
	const size_t present = arrangement_inputs(registry, inputs, displays);
	size_t count = 0;
	struct layout_display ghost = {
		.slot = explanation->slot,
		.acquired = registry->last_order + 1,
		.has_hint = request->has_hint,
		.hint_x = request->hint_x,
		.hint_y = request->hint_y,
	};
	for (size_t i = 0; i < present; i++) {
		const size_t index = index_in_view(view, displays[i]);
		const bool own = !request->anonymous && !displays[i]->anonymous &&
			memcmp(displays[i]->identity, request->identity,
				sizeof request->identity) == 0;
		if (own)
			ghost.client = inputs[i].client;
		if (index == target && view->decision.kind == ADMISSION_JOIN)
			ghost = inputs[i];
		else if (index == target)
			ghost.acquired = displays[i]->order;
		else if (index == view->count || !(leaving >> index & 1))
			inputs[count++] = inputs[i];
	}
	if (count == LAYOUT_DISPLAYS_MAX)
		return;
	if (ghost.client == 0 && !request->anonymous)
		ghost.client = LAYOUT_DISPLAYS_MAX + 1; /* nobody else's number */
	layout_size(&explanation->mode, &ghost.width, &ghost.height);
	inputs[count] = ghost;
	layout_arrange(desktop_policy, inputs, count + 1, obstacles,
		arrangement_obstacles(registry, explanation->topology, obstacles), places);
	explanation->place = places[count];
}

static void explain_refusal(const struct display_registry *registry,
	const struct display_request *request, const struct admission_view *view,
	struct display_explanation *explanation)
{
	struct display_holder holder = { 0 };
	const struct admission_decision *decision = &view->decision;
	explanation->error = admission_refusal(registry, request, view, &holder, explanation->text);
	if (explanation->error)
		return;
	if (!registry->desktop_ready) {
		explanation->error = DISPLAY_ERROR_NO_DESKTOP;
		snprintf(explanation->text, sizeof explanation->text,
			"the desktop is gone; a claim would wait for it");
	} else if (decision->reason_count > 0) {
		snprintf(explanation->text, sizeof explanation->text, "%s",
			admission_reason_text(decision->reasons[decision->reason_count - 1].code));
	}
}

void display_registry_explain(struct display_registry *registry,
	const struct display_request *request, const struct display_policy *policy,
	struct display_explanation *explanation)
{
	struct admission_view view;
	struct display_policy desktop_policy;
	memset(explanation, 0, sizeof *explanation);
	if (display_mode_check(&request->mode)) {
		explanation->error = admission_refusal(
			registry, request, NULL, &(struct display_holder){ 0 }, explanation->text);
		return;
	}
	admission_view_make(registry, request, policy, &view);
	explanation->policy = view.policy;
	explanation->decision = view.decision;
	name_displays(&view, explanation);
	explain_refusal(registry, request, &view, explanation);
	if (view.decision.kind == ADMISSION_REJECT)
		return;
	const size_t target = find_target(&view, request);
	const bool own_slot = !request->anonymous && view.decision.kind != ADMISSION_JOIN;
	explanation->slot = predict_slot(registry, request, &view, target);
	explanation->mode = predict_mode(registry, request, &view, target, explanation->slot);
	if (own_slot && explanation->slot == 0) {
		if (explanation->error != DISPLAY_ERROR_SHUTTING_DOWN)
			explanation->error = admission_refuse_slots(explanation->text);
		return;
	}
	if (policy)
		desktop_policy = *policy;
	else
		registry_read_policy(registry, NULL, &desktop_policy);
	explanation->topology =
		topology_possible(registry, topology_wanted(registry, &desktop_policy));
	predict_place(registry, request, &view, target, &desktop_policy, explanation);
}
