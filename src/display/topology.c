/*
 * Keeps the desktop as a whole as it is wanted (semantics.md §6): one arrangement at a time is under way, newer
 * wishes come together in the next. A wish is looked at from the event loop (topology_run).
 *
 * What one display is to another here: the last one that stays may not go before the topology was restored, except
 * when another one is about to take its place.
 */
#include <stdio.h>
#include <string.h>

#include "display/registry_internal.h"

/* A desktop that answers each arrangement with a change of its own is left alone after so many. */
#define ROUNDS_MAX 8

void topology_wish(struct display_registry *registry)
{
	registry->topology.rounds = 0;
	registry->topology.wished = true;
	registry_schedule_dispatch(registry);
}

void topology_wish_after_desktop(struct display_registry *registry)
{
	if (!registry->topology.request)
		registry->topology.rounds = 0;
	registry->topology.wished = true;
	registry_schedule_dispatch(registry);
}

void topology_note_output(struct display_registry *registry)
{
	registry->topology.outputs_seen++;
}

void topology_forget_desktop(struct display_registry *registry)
{
	struct topology_state *topology = &registry->topology;
	topology->applied = DISPLAY_EXTEND;
	topology->touched = topology->restore_ended = topology->tried = false;
	topology->wished = false;
	topology->outside.count = 0;
	topology->warned = 0;
	topology->stale = topology->request != NULL;
}

static const struct managed_display *first_that_stays(
	const struct display_registry *registry, const struct managed_display *besides)
{
	const struct managed_display *display;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (display != besides && managed_display_stays(display))
			return display;
	}
	return NULL;
}

static bool any_exists(const struct display_registry *registry)
{
	const struct managed_display *display;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (managed_display_exists(display))
			return true;
	}
	return false;
}

/* An output is about to appear for somebody, beside those that are on their way out. */
static bool successor_comes(const struct display_registry *registry)
{
	const struct managed_display *display;
	if (!registry_can(registry, DISPLAY_OPTION_SECOND_OUTPUT))
		return false;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (display->lifecycle.state == LIFECYCLE_CREATING &&
			display->lifecycle.waiters > 0)
			return true;
	}
	return false;
}

bool topology_allows_destroy(struct managed_display *display)
{
	const struct topology_state *topology = &display->registry->topology;
	if (!topology->touched || topology->restore_ended ||
		first_that_stays(display->registry, display))
		return true;
	topology_wish(display->registry);
	return false;
}

bool topology_settled(const struct display_registry *registry)
{
	return !(registry->topology.touched && registry->topology.wished);
}

static bool same_outside(const struct outside_outputs *a, const struct outside_outputs *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct display_outside_output *p = &a->outputs[i], *q = &b->outputs[i];
		if (p->x != q->x || p->y != q->y || p->width != q->width ||
			p->height != q->height || p->enabled != q->enabled ||
			!display_mode_equal(&p->mode, &q->mode) || strcmp(p->name, q->name) != 0)
			return false;
	}
	return true;
}

/* It was asked for, and nothing is different since: asking again would end as it did. */
static bool was_tried(
	const struct topology_state *topology, const struct display_arrangement *arrangement)
{
	return topology->tried && topology->tried_outputs_seen == topology->outputs_seen &&
		arrangement_equal(arrangement, &topology->tried_arrangement) &&
		same_outside(&topology->outside, &topology->tried_outside);
}

static bool is_in_place(
	const struct display_registry *registry, const struct display_placement *placement)
{
	const struct managed_display *display;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (display->output == placement->output)
			return display->info.x == placement->x && display->info.y == placement->y;
	}
	return false;
}

void topology_try_anew(struct display_registry *registry)
{
	struct topology_state *topology = &registry->topology;
	bool as_asked =
		!topology->failed && topology->applied == topology->tried_arrangement.topology;
	for (size_t i = 0; as_asked && i < topology->tried_arrangement.count; i++)
		as_asked = is_in_place(registry, &topology->tried_arrangement.placements[i]);
	if (!as_asked && !topology->request)
		topology->tried = false;
	topology_wish(registry);
}

static void warn_of_fallback(struct display_registry *registry, enum display_topology wanted,
	enum display_topology possible)
{
	const uint32_t bit = 1u << wanted;
	const enum display_option option =
		wanted == DISPLAY_EXCLUSIVE ? DISPLAY_OPTION_EXCLUSIVE : DISPLAY_OPTION_PRIMARY;
	const char *text = registry->capabilities.options[option].text;
	if (wanted == possible || (registry->topology.warned & bit))
		return;
	registry->topology.warned |= bit;
	registry_log("topology: %s is wanted and not to be had here, so it is %s%s%s",
		display_topology_name(wanted), display_topology_name(possible), text ? ": " : "",
		text ? text : "");
}

/* What is to be asked for now; false when nothing is. */
static bool choose(struct display_registry *registry, struct display_arrangement *arrangement)
{
	const struct topology_state *topology = &registry->topology;
	struct display_policy policy;
	if (!first_that_stays(registry, NULL)) {
		if (!topology->touched || (any_exists(registry) && successor_comes(registry)))
			return false;
		arrangement_make_restore(registry, arrangement);
		return !was_tried(topology, arrangement);
	}
	registry_read_policy(registry, NULL, &policy);
	arrangement_make(registry, &policy, arrangement);
	warn_of_fallback(registry, topology_wanted(registry, &policy), arrangement->topology);
	/* Without places, `extend` has nothing to do but to undo. */
	if (arrangement->topology == DISPLAY_EXTEND && !topology->touched &&
		!registry_can(registry, DISPLAY_OPTION_LAYOUT))
		return false;
	return !was_tried(topology, arrangement);
}

static void ask(struct display_registry *registry, const struct display_arrangement *arrangement)
{
	struct topology_state *topology = &registry->topology;
	topology->tried_arrangement = *arrangement;
	topology->tried_outputs_seen = topology->outputs_seen;
	topology->stale = topology->answered = false;
	topology->rounds++;
	if (arrangement->topology != DISPLAY_EXTEND) {
		topology->touched = true;
		topology->restore_ended = false;
	}
	const int error = backend_request_apply(registry, arrangement);
	if (error < 0) {
		const struct backend_request request = { .topology = arrangement->topology };
		topology_answered(registry, &request, error, strerror(-error), DISPLAY_EXTEND);
	}
}

void topology_run(struct display_registry *registry)
{
	struct topology_state *topology = &registry->topology;
	struct display_arrangement arrangement;
	if (!topology->wished || topology->request || !registry->desktop_ready)
		return;
	topology->wished = false;
	if (!choose(registry, &arrangement))
		return;
	if (topology->rounds >= ROUNDS_MAX && first_that_stays(registry, NULL)) {
		registry_log("topology: the desktop changes itself after each arrangement; "
			     "leaving it as it is");
		return;
	}
	ask(registry, &arrangement);
}

static void log_answer(
	enum display_topology asked, int error, const char *text, enum display_topology applied)
{
	if (error)
		registry_log("topology: whether the desktop is %s now is unknown: %s",
			display_topology_name(asked), text ? text : strerror(-error));
	else if (applied != asked)
		registry_log("topology: the desktop was asked to be %s and is %s",
			display_topology_name(asked), display_topology_name(applied));
}

void topology_answered(struct display_registry *registry, const struct backend_request *request,
	int error, const char *text, enum display_topology applied)
{
	struct topology_state *topology = &registry->topology;
	topology->request = NULL;
	topology->answered = !request->overdue;
	if (topology->stale)
		topology->stale = false;
	else {
		log_answer(request->topology, error, text, applied);
		topology->tried = true;
		topology->failed = error != 0;
		topology->tried_outside = topology->outside;
		if (!error)
			topology->applied = applied;
		if (request->topology == DISPLAY_EXTEND) {
			topology->restore_ended = true;
			topology->touched =
				topology->touched && (error || applied != DISPLAY_EXTEND);
		}
	}
	registry_note_change(registry);
	registry_kick(registry);
}

void topology_answered_late(struct display_registry *registry,
	const struct backend_request *request, int error, const char *text,
	enum display_topology applied)
{
	struct topology_state *topology = &registry->topology;
	if (error || topology->request || !registry->desktop_ready)
		return; /* that answer will be the newer one */
	if (request->number == topology->asked) {
		topology_answered(registry, request, 0, text, applied);
		topology->answered = true;
		return;
	}
	topology->applied = applied;
	topology->touched = topology->touched || applied != DISPLAY_EXTEND;
	registry_note_change(registry);
	if (!topology->answered)
		return; /* the newest one's answer is still to come, and then counts */
	/* In which order the two came into force, nobody knows. */
	topology->restore_ended = false;
	topology->tried = false;
	topology_wish(registry);
	registry_kick(registry);
}
