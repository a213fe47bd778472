/* How the desktop as a whole is wanted: topology and places (semantics.md §6). */
#include <string.h>

#include "display/registry_internal.h"

enum display_topology topology_wanted(
	const struct display_registry *registry, const struct display_policy *policy)
{
	switch (policy_topology_resolve(policy->topology, registry->params.desktop_was_named)) {
	case POLICY_TOPOLOGY_PRIMARY:
		return DISPLAY_PRIMARY;
	case POLICY_TOPOLOGY_EXCLUSIVE:
		return DISPLAY_EXCLUSIVE;
	case POLICY_TOPOLOGY_AUTO:
	case POLICY_TOPOLOGY_EXTEND:
		break;
	}
	return DISPLAY_EXTEND;
}

enum display_topology topology_possible(
	const struct display_registry *registry, enum display_topology wanted)
{
	const struct display_capability *options = registry->capabilities.options;
	const char *fallback = options[DISPLAY_OPTION_EXCLUSIVE].fallback;
	if (wanted == DISPLAY_EXCLUSIVE && !options[DISPLAY_OPTION_EXCLUSIVE].supported)
		wanted = fallback && strcmp(fallback, "primary") == 0 ? DISPLAY_PRIMARY
								      : DISPLAY_EXTEND;
	if (wanted == DISPLAY_PRIMARY && !options[DISPLAY_OPTION_PRIMARY].supported)
		wanted = DISPLAY_EXTEND;
	return wanted;
}

/* Displays of the same client have the same number: its hints place them as one block. */
static uint32_t client_number(struct managed_display *const *displays, size_t index)
{
	const struct managed_display *display = displays[index];
	if (display->anonymous)
		return 0;
	for (size_t i = 0; i < index; i++) {
		if (!displays[i]->anonymous &&
			memcmp(displays[i]->identity, display->identity,
				sizeof display->identity) == 0)
			return (uint32_t)i + 1;
	}
	return (uint32_t)index + 1;
}

size_t arrangement_inputs(const struct display_registry *registry,
	struct layout_display inputs[LAYOUT_DISPLAYS_MAX],
	struct managed_display *displays[LAYOUT_DISPLAYS_MAX])
{
	struct managed_display *display;
	size_t count = 0;
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (!managed_display_exists(display))
			continue;
		if (count == LAYOUT_DISPLAYS_MAX)
			break;
		displays[count] = display;
		inputs[count] = (struct layout_display){
			.slot = display->slot,
			.acquired = display->order,
			.client = client_number(displays, count),
			.has_hint = display->has_hint,
			.hint_x = display->hint_x,
			.hint_y = display->hint_y,
		};
		layout_size(&display->info.mode, &inputs[count].width, &inputs[count].height);
		count++;
	}
	return count;
}

size_t arrangement_obstacles(const struct display_registry *registry,
	enum display_topology topology, struct layout_rect obstacles[DISPLAY_OUTSIDE_MAX])
{
	const struct outside_outputs *outside = &registry->topology.outside;
	size_t count = 0;
	if (topology == DISPLAY_EXCLUSIVE)
		return 0;
	for (size_t i = 0; i < outside->count; i++) {
		const struct display_outside_output *output = &outside->outputs[i];
		if (output->enabled)
			obstacles[count++] = (struct layout_rect){ output->x, output->y,
				output->width, output->height };
	}
	return count;
}

struct layout_rect arrangement_place(const struct display_output_info *info)
{
	struct layout_rect place = { .x = info->x, .y = info->y };
	layout_size(&info->mode, &place.width, &place.height);
	return place;
}

/* Who is primary: of those that stay, the one that came first. */
static void choose_primary(
	struct display_arrangement *arrangement, struct managed_display *const *displays)
{
	size_t first = arrangement->count;
	for (size_t i = 0; i < arrangement->count; i++) {
		if (managed_display_stays(displays[i]) &&
			(first == arrangement->count ||
				displays[i]->order < displays[first]->order))
			first = i;
	}
	if (first < arrangement->count)
		arrangement->placements[first].primary = true;
}

void arrangement_make(const struct display_registry *registry, const struct display_policy *policy,
	struct display_arrangement *arrangement)
{
	struct layout_display inputs[LAYOUT_DISPLAYS_MAX];
	struct managed_display *displays[LAYOUT_DISPLAYS_MAX];
	struct layout_rect obstacles[DISPLAY_OUTSIDE_MAX], places[LAYOUT_DISPLAYS_MAX];
	const bool places_count = registry_can(registry, DISPLAY_OPTION_LAYOUT);
	*arrangement = (struct display_arrangement){
		.topology = topology_possible(registry, topology_wanted(registry, policy)),
		.count = arrangement_inputs(registry, inputs, displays),
	};
	layout_arrange(policy, inputs, arrangement->count, obstacles,
		arrangement_obstacles(registry, arrangement->topology, obstacles), places);
	for (size_t i = 0; i < arrangement->count; i++) {
		const struct display_output_info *info = &displays[i]->info;
		arrangement->placements[i] = (struct display_placement){
			.output = displays[i]->output,
			.x = places_count ? places[i].x : info->x,
			.y = places_count ? places[i].y : info->y,
		};
	}
	if (arrangement->topology != DISPLAY_EXTEND &&
		registry_can(registry, DISPLAY_OPTION_PRIMARY))
		choose_primary(arrangement, displays);
}

void arrangement_make_restore(
	const struct display_registry *registry, struct display_arrangement *arrangement)
{
	struct managed_display *display;
	*arrangement = (struct display_arrangement){ .topology = DISPLAY_EXTEND };
	TAILQ_FOREACH (display, &registry->displays, link) {
		if (managed_display_exists(display) && arrangement->count < DISPLAY_PLACEMENTS_MAX)
			arrangement->placements[arrangement->count++] = (struct display_placement){
				.output = display->output,
				.x = display->info.x,
				.y = display->info.y,
			};
	}
}

bool arrangement_equal(const struct display_arrangement *a, const struct display_arrangement *b)
{
	if (a->topology != b->topology || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct display_placement *p = &a->placements[i], *q = &b->placements[i];
		if (p->output != q->output || p->x != q->x || p->y != q->y ||
			p->primary != q->primary)
			return false;
	}
	return true;
}
