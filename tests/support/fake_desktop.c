/* The fake's desktop as a whole: arrangements, what is not managed, and what somebody does by hand. */
#include <errno.h>
#include <string.h>

#include "fake_backend_private.h"

void fake_changed(struct fake_backend *backend)
{
	backend->changes++;
}

void fake_tell_outside(struct fake_backend *backend)
{
	const struct display_backend_events *told = backend->base.events;
	if (told && told->outside_changed)
		told->outside_changed(
			backend->base.events_data, backend->outside, backend->outside_count);
}

static void tell_output(struct fake_backend *backend, struct display_output *output)
{
	backend->base.events->output_changed(backend->base.events_data, output, &output->info);
}

void fake_set_outside_dark(struct fake_backend *backend, bool dark)
{
	if (backend->stats->outside_dark == dark)
		return;
	backend->stats->outside_dark = dark;
	for (size_t i = 0; i < backend->outside_count; i++)
		backend->outside[i].enabled = !dark;
	fake_tell_outside(backend);
}

/* Of those that the arrangement names: still there, and to stay. */
static bool any_left(const struct display_arrangement *arrangement)
{
	for (size_t i = 0; i < arrangement->count; i++) {
		const struct display_output *output = arrangement->placements[i].output;
		if (output->exists && !output->asked_away)
			return true;
	}
	return false;
}

static void place(struct fake_backend *backend, const struct display_placement *placement)
{
	struct display_output *output = placement->output;
	if (!output->exists || (output->info.x == placement->x && output->info.y == placement->y))
		return;
	if (!backend->capabilities.options[DISPLAY_OPTION_LAYOUT].supported)
		return;
	output->info.x = placement->x;
	output->info.y = placement->y;
	tell_output(backend, output);
}

void fake_answer_apply(struct pending *pending, int error)
{
	struct fake_backend *backend = pending->backend;
	const struct display_arrangement *wanted = pending->arrangement;
	enum display_topology topology = wanted->topology;
	if (!error && backend->gone)
		error = -ENODEV;
	if (error) {
		fake_changed(backend);
		pending->done.applied(pending->data, error, "the fake refused", DISPLAY_EXTEND);
		return;
	}
	if (pending->answer.other_topology ||
		(topology == DISPLAY_EXCLUSIVE && !any_left(wanted))) {
		fake_changed(backend);
		topology = DISPLAY_EXTEND;
	}
	fake_set_outside_dark(backend, topology == DISPLAY_EXCLUSIVE);
	for (size_t i = 0; i < wanted->count; i++)
		place(backend, &wanted->placements[i]);
	if (pending->changes == backend->changes) {
		backend->in_force = *wanted;
		backend->in_force_since = backend->changes;
	}
	pending->done.applied(pending->data, 0, NULL, topology);
}

static void check_arrangement(
	const struct fake_backend *backend, const struct display_arrangement *wanted)
{
	const struct display_capability *can = backend->capabilities.options;
	const struct display_output *output;
	size_t named = 0, primaries = 0;
	FAKE_ASSERT(wanted->topology != DISPLAY_PRIMARY || can[DISPLAY_OPTION_PRIMARY].supported);
	FAKE_ASSERT(
		wanted->topology != DISPLAY_EXCLUSIVE || can[DISPLAY_OPTION_EXCLUSIVE].supported);
	FAKE_ASSERT(wanted->topology == DISPLAY_EXTEND || wanted->count > 0);
	TAILQ_FOREACH (output, &backend->outputs, link) {
		size_t times = 0;
		for (size_t i = 0; i < wanted->count; i++)
			times += wanted->placements[i].output == output;
		/* One whose destroy is under way may die at any time: it is not named. */
		FAKE_ASSERT(times == (output->exists && !output->asked_away));
		named += times;
	}
	for (size_t i = 0; i < wanted->count; i++) {
		const struct display_placement *placement = &wanted->placements[i];
		primaries += placement->primary;
		/* Who cannot be moved is to be left where it is. */
		FAKE_ASSERT(can[DISPLAY_OPTION_LAYOUT].supported ||
			(placement->x == placement->output->info.x &&
				placement->y == placement->output->info.y));
	}
	FAKE_ASSERT(named == wanted->count);
	FAKE_ASSERT(primaries <= (wanted->topology != DISPLAY_EXTEND));
	FAKE_ASSERT(primaries == 0 || can[DISPLAY_OPTION_PRIMARY].supported);
}

static bool same_arrangement(
	const struct display_arrangement *a, const struct display_arrangement *b)
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

static void check_applies_under_way(const struct fake_backend *backend)
{
	const struct pending *pending;
	TAILQ_FOREACH (pending, &backend->pending, link) {
		/* One that hangs may have been given up. */
		if (pending->kind == FAKE_APPLY)
			FAKE_ASSERT(!pending->source && !backend->stats->patient_caller);
	}
}

void fake_apply(struct display_backend *base, const struct display_arrangement *wanted,
	display_apply_done done, void *data)
{
	struct fake_backend *backend = fake(base);
	check_applies_under_way(backend);
	check_arrangement(backend, wanted);
	FAKE_ASSERT(!backend->stats->patient_caller ||
		backend->in_force_since != backend->changes ||
		!same_arrangement(wanted, &backend->in_force));
	struct pending *pending = fake_ask(backend, FAKE_APPLY, NULL, data);
	pending->done.applied = done;
	pending->arrangement = malloc(sizeof *wanted);
	FAKE_ASSERT(pending->arrangement);
	*pending->arrangement = backend->last = *wanted;
	pending->changes = backend->changes;
	backend->excused = wanted->topology != DISPLAY_EXCLUSIVE;
}

static const char *const option_reason = "fake-cannot";

void fake_backend_forbid(
	struct display_backend *backend, enum display_option option, const char *fallback)
{
	fake(backend)->capabilities.options[option] = (struct display_capability){
		.fallback = fallback,
		.reason = option_reason,
		.text = "the fake was told that it cannot",
	};
}

void fake_backend_set_slots(struct display_backend *backend, uint32_t slots_max)
{
	fake(backend)->capabilities.slots_max = slots_max;
}

void fake_backend_set_outside(
	struct display_backend *base, const struct display_outside_output *outputs, size_t count)
{
	struct fake_backend *backend = fake(base);
	FAKE_ASSERT(count <= DISPLAY_OUTSIDE_MAX);
	if (count > 0)
		memcpy(backend->outside, outputs, count * sizeof *outputs);
	backend->outside_count = count;
	backend->stats->outside_dark = false;
	fake_changed(backend);
	fake_tell_outside(backend);
}

void fake_backend_move(struct display_backend *backend, size_t index, int32_t x, int32_t y)
{
	struct display_output *output = fake_find_output(backend, index);
	FAKE_ASSERT(output);
	output->info.x = x;
	output->info.y = y;
	fake_changed(fake(backend));
	tell_output(fake(backend), output);
}

void fake_backend_scale(struct display_backend *backend, size_t index, uint32_t percent)
{
	struct display_output *output = fake_find_output(backend, index);
	FAKE_ASSERT(output);
	output->info.mode.scale_percent = percent;
	fake_changed(fake(backend));
	tell_output(fake(backend), output);
}

const struct display_arrangement *fake_backend_last_arrangement(
	const struct display_backend *backend)
{
	return &fake(backend)->last;
}
