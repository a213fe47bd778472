#include "fake_backend.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define SCRIPT_MAX 64

/* Straight to the descriptor: tests may have silenced stderr. */
#define FAKE_ASSERT(condition)                                                                     \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			dprintf(2, "%s:%d: the caller broke: %s\n", __FILE__, __LINE__,            \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

const struct display_mode fake_other_mode = { 800, 600, 56250, 100 };

struct display_output {
	bool exists, asked_away;
	unsigned hanging; /* requests for it that hang: the caller may have given them up */
	unsigned busy; /* requests for it that will be answered by themselves */
	struct display_output_info info;
	TAILQ_ENTRY(display_output) link; /* also when gone: its use can be recognised */
};

static const char *const option_reason = "fake-cannot";

struct pending {
	struct fake_backend *backend;
	enum fake_request kind;
	struct fake_answer answer;
	struct display_mode mode;
	struct display_output *output;
	struct display_arrangement *arrangement;
	unsigned changes; /* of the backend, when it was asked for */
	sd_event_source *source; /* NULL: hangs */
	union {
		display_create_done created;
		display_mode_done mode_set;
		display_destroy_done destroyed;
		display_apply_done applied;
	} done;
	void *data;
	TAILQ_ENTRY(pending) link;
};

struct fake_backend {
	struct display_backend base;
	sd_event *event;
	struct fake_stats *stats;
	bool gone, hang_all;
	unsigned next_name;
	struct display_mode last_mode;
	struct display_capabilities capabilities;
	struct display_outside_output outside[DISPLAY_OUTSIDE_MAX];
	size_t outside_count;
	struct display_arrangement last; /* asked for */
	struct display_arrangement in_force; /* as long as `changes` is the same */
	unsigned changes, in_force_since;
	/* Since the outside was turned off: a restore was asked for, or the last output vanished by itself. */
	bool excused;
	struct fake_answer script[FAKE_REQUESTS][SCRIPT_MAX];
	unsigned scripted[FAKE_REQUESTS];
	TAILQ_HEAD(, display_output) outputs;
	TAILQ_HEAD(, pending) pending;
};

static struct fake_backend *fake(const struct display_backend *backend)
{
	return (struct fake_backend *)backend;
}

static void release_pending(struct pending *pending)
{
	if (pending->output && pending->source)
		pending->output->busy--;
	else if (pending->output)
		pending->output->hanging--;
	sd_event_source_disable_unref(pending->source);
	TAILQ_REMOVE(&pending->backend->pending, pending, link);
}

static void free_pending(struct pending *pending)
{
	free(pending->arrangement);
	free(pending);
}

static void changed(struct fake_backend *backend)
{
	backend->changes++;
}

static void answer_create(struct pending *pending, int error)
{
	struct fake_backend *backend = pending->backend;
	if (!error && backend->gone)
		error = -ENODEV;
	struct display_output *output = error ? NULL : calloc(1, sizeof *output);
	if (!output) {
		pending->done.created(pending->data, error, "the fake refused", NULL, NULL);
		return;
	}
	output->exists = true;
	output->info.mode = pending->answer.other_mode ? fake_other_mode : pending->mode;
	snprintf(output->info.name, sizeof output->info.name, "FAKE-%u", ++backend->next_name);
	TAILQ_INSERT_TAIL(&backend->outputs, output, link);
	backend->stats->outputs++;
	backend->stats->created++;
	changed(backend);
	pending->done.created(pending->data, 0, NULL, output, &output->info);
}

static void answer_set_mode(struct pending *pending, int error)
{
	struct display_output *output = pending->output;
	if (!error && !output->exists)
		error = -ENODEV;
	if (!error && !pending->backend->capabilities.options[DISPLAY_OPTION_RECONFIGURE].supported)
		error = -ENOTSUP;
	changed(pending->backend);
	if (!error)
		output->info.mode = pending->answer.other_mode ? fake_other_mode : pending->mode;
	pending->done.mode_set(
		pending->data, error, "the fake refused", error ? NULL : &output->info);
}

static void end_output(struct fake_backend *backend, struct display_output *output)
{
	output->exists = false;
	backend->stats->outputs--;
	changed(backend);
}

static void tell_outside(struct fake_backend *backend)
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

static void set_outside_dark(struct fake_backend *backend, bool dark)
{
	if (backend->stats->outside_dark == dark)
		return;
	backend->stats->outside_dark = dark;
	for (size_t i = 0; i < backend->outside_count; i++)
		backend->outside[i].enabled = !dark;
	tell_outside(backend);
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

static void answer_apply(struct pending *pending, int error)
{
	struct fake_backend *backend = pending->backend;
	const struct display_arrangement *wanted = pending->arrangement;
	enum display_topology topology = wanted->topology;
	if (!error && backend->gone)
		error = -ENODEV;
	if (error) {
		changed(backend);
		pending->done.applied(pending->data, error, "the fake refused", DISPLAY_EXTEND);
		return;
	}
	if (pending->answer.other_topology ||
		(topology == DISPLAY_EXCLUSIVE && !any_left(wanted))) {
		changed(backend);
		topology = DISPLAY_EXTEND;
	}
	set_outside_dark(backend, topology == DISPLAY_EXCLUSIVE);
	for (size_t i = 0; i < wanted->count; i++)
		place(backend, &wanted->placements[i]);
	if (pending->changes == backend->changes) {
		backend->in_force = *wanted;
		backend->in_force_since = backend->changes;
	}
	pending->done.applied(pending->data, 0, NULL, topology);
}

static void answer_destroy(struct pending *pending, int error)
{
	struct fake_backend *backend = pending->backend;
	if (pending->output->exists) {
		end_output(backend, pending->output);
		backend->stats->destroyed++;
	}
	pending->done.destroyed(pending->data, error, "the fake refused");
}

static void answer(struct pending *pending)
{
	release_pending(pending);
	switch (pending->kind) {
	case FAKE_CREATE:
		answer_create(pending, pending->answer.error);
		break;
	case FAKE_SET_MODE:
		answer_set_mode(pending, pending->answer.error);
		break;
	case FAKE_DESTROY:
		answer_destroy(pending, pending->answer.error);
		break;
	case FAKE_APPLY:
		answer_apply(pending, pending->answer.error);
		break;
	case FAKE_REQUESTS:
		break;
	}
	free_pending(pending);
}

static int on_defer(sd_event_source *source, void *data)
{
	answer(data);
	return 0;
}

static int on_time(sd_event_source *source, uint64_t time_us, void *data)
{
	answer(data);
	return 0;
}

static struct fake_answer next_answer(struct fake_backend *backend, enum fake_request kind)
{
	if (backend->scripted[kind] == 0)
		return (struct fake_answer){ .hang = backend->hang_all };
	const struct fake_answer first = backend->script[kind][0];
	backend->scripted[kind]--;
	memmove(backend->script[kind], backend->script[kind] + 1,
		backend->scripted[kind] * sizeof first);
	return first;
}

static struct pending *ask(struct fake_backend *backend, enum fake_request kind,
	struct display_output *output, void *data)
{
	struct pending *pending = calloc(1, sizeof *pending);
	FAKE_ASSERT(!backend->stats->backend_destroyed);
	FAKE_ASSERT(pending);
	*pending = (struct pending){
		.backend = backend,
		.kind = kind,
		.answer = next_answer(backend, kind),
		.output = output,
		.data = data,
	};
	backend->stats->requests[kind]++;
	TAILQ_INSERT_TAIL(&backend->pending, pending, link);
	if (output) {
		FAKE_ASSERT(output->exists);
		FAKE_ASSERT(!output->asked_away);
		FAKE_ASSERT(output->busy == 0);
		FAKE_ASSERT(output->hanging == 0 || !backend->stats->patient_caller);
		output->asked_away = kind == FAKE_DESTROY;
		if (pending->answer.hang)
			output->hanging++;
		else
			output->busy++;
	}
	if (pending->answer.hang)
		return pending;
	const int error = pending->answer.latency_us
		? sd_event_add_time_relative(backend->event, &pending->source, CLOCK_MONOTONIC,
			  pending->answer.latency_us, 1, on_time, pending)
		: sd_event_add_defer(backend->event, &pending->source, on_defer, pending);
	FAKE_ASSERT(error >= 0);
	return pending;
}

static void fake_create(struct display_backend *backend, const struct display_mode *mode,
	display_create_done done, void *data)
{
	FAKE_ASSERT(!display_mode_check(mode));
	struct pending *pending = ask(fake(backend), FAKE_CREATE, NULL, data);
	pending->mode = fake(backend)->last_mode = *mode;
	pending->done.created = done;
}

static void fake_set_mode(struct display_backend *backend, struct display_output *output,
	const struct display_mode *mode, display_mode_done done, void *data)
{
	FAKE_ASSERT(!display_mode_check(mode));
	struct pending *pending = ask(fake(backend), FAKE_SET_MODE, output, data);
	pending->mode = fake(backend)->last_mode = *mode;
	pending->done.mode_set = done;
}

/* A desktop without any enabled output is what no compositor takes well. */
static void check_last_output(
	const struct fake_backend *backend, const struct display_output *leaving)
{
	const struct display_output *output;
	if (backend->outside_count == 0 || !backend->stats->outside_dark || backend->excused)
		return;
	TAILQ_FOREACH (output, &backend->outputs, link) {
		if (output != leaving && output->exists && !output->asked_away)
			return;
	}
	FAKE_ASSERT(!"the last enabled output of the desktop is destroyed");
}

static void fake_destroy_output(struct display_backend *backend, struct display_output *output,
	display_destroy_done done, void *data)
{
	check_last_output(fake(backend), output);
	changed(fake(backend));
	ask(fake(backend), FAKE_DESTROY, output, data)->done.destroyed = done;
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

static void fake_apply(struct display_backend *base, const struct display_arrangement *wanted,
	display_apply_done done, void *data)
{
	struct fake_backend *backend = fake(base);
	check_applies_under_way(backend);
	check_arrangement(backend, wanted);
	FAKE_ASSERT(!backend->stats->patient_caller ||
		backend->in_force_since != backend->changes ||
		!same_arrangement(wanted, &backend->in_force));
	struct pending *pending = ask(backend, FAKE_APPLY, NULL, data);
	pending->done.applied = done;
	pending->arrangement = malloc(sizeof *wanted);
	FAKE_ASSERT(pending->arrangement);
	*pending->arrangement = backend->last = *wanted;
	pending->changes = backend->changes;
	backend->excused = wanted->topology != DISPLAY_EXCLUSIVE;
}

static const struct display_capabilities *fake_capabilities(struct display_backend *backend)
{
	FAKE_ASSERT(!fake(backend)->gone);
	return &fake(backend)->capabilities;
}

static const char *fake_wayland_socket(struct display_backend *backend)
{
	return fake(backend)->gone ? NULL : "/nowhere/wayland-fake";
}

static void fake_destroy(struct display_backend *base)
{
	struct fake_backend *backend = fake(base);
	struct pending *pending;
	struct display_output *output;
	FAKE_ASSERT(!backend->stats->backend_destroyed);
	while ((pending = TAILQ_FIRST(&backend->pending))) {
		release_pending(pending);
		free_pending(pending);
	}
	while ((output = TAILQ_FIRST(&backend->outputs))) {
		TAILQ_REMOVE(&backend->outputs, output, link);
		free(output);
	}
	backend->stats->backend_destroyed = true;
	backend->stats->outputs = 0;
	sd_event_unref(backend->event);
	free(backend);
}

static const struct display_backend_impl fake_impl = {
	.name = "fake",
	.create = fake_create,
	.set_mode = fake_set_mode,
	.destroy_output = fake_destroy_output,
	.apply = fake_apply,
	.capabilities = fake_capabilities,
	.wayland_socket = fake_wayland_socket,
	.destroy = fake_destroy,
};

struct display_backend *fake_backend_create(sd_event *event, struct fake_stats *stats)
{
	struct fake_backend *backend = calloc(1, sizeof *backend);
	FAKE_ASSERT(backend);
	memset(stats, 0, sizeof *stats);
	backend->base.impl = &fake_impl;
	backend->event = sd_event_ref(event);
	backend->stats = stats;
	TAILQ_INIT(&backend->outputs);
	TAILQ_INIT(&backend->pending);
	for (int option = 0; option < DISPLAY_OPTIONS; option++)
		backend->capabilities.options[option].supported = true;
	backend->capabilities.slots_max = 15;
	backend->in_force_since = UINT_MAX;
	return &backend->base;
}

void fake_backend_script(
	struct display_backend *backend, enum fake_request kind, struct fake_answer next)
{
	FAKE_ASSERT(fake(backend)->scripted[kind] < SCRIPT_MAX);
	fake(backend)->script[kind][fake(backend)->scripted[kind]++] = next;
}

void fake_backend_hang_all(struct display_backend *backend)
{
	fake(backend)->hang_all = true;
}

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
	changed(backend);
	tell_outside(backend);
}

static struct pending *hanging(const struct display_backend *backend, size_t index, size_t *count)
{
	struct pending *pending;
	size_t seen = 0;
	TAILQ_FOREACH (pending, &fake(backend)->pending, link) {
		if (!pending->source && seen++ == index)
			break;
	}
	if (count)
		*count = seen;
	return pending;
}

size_t fake_backend_hanging(const struct display_backend *backend)
{
	size_t count;
	hanging(backend, SIZE_MAX, &count);
	return count;
}

void fake_backend_answer(struct display_backend *backend, size_t index, struct fake_answer given)
{
	struct pending *pending = hanging(backend, index, NULL);
	FAKE_ASSERT(pending);
	pending->answer = given;
	answer(pending);
}

struct display_mode fake_backend_last_mode(const struct display_backend *backend)
{
	return fake(backend)->last_mode;
}

static struct display_output *find_output(const struct display_backend *backend, size_t index)
{
	struct display_output *output;
	TAILQ_FOREACH (output, &fake(backend)->outputs, link) {
		if (output->exists && index-- == 0)
			break;
	}
	return output;
}

const struct display_output_info *fake_backend_output(
	const struct display_backend *backend, size_t index, bool *asked_away)
{
	const struct display_output *output = find_output(backend, index);
	if (!output)
		return NULL;
	*asked_away = output->asked_away;
	return &output->info;
}

void fake_backend_move(struct display_backend *backend, size_t index, int32_t x, int32_t y)
{
	struct display_output *output = find_output(backend, index);
	FAKE_ASSERT(output);
	output->info.x = x;
	output->info.y = y;
	changed(fake(backend));
	tell_output(fake(backend), output);
}

void fake_backend_scale(struct display_backend *backend, size_t index, uint32_t percent)
{
	struct display_output *output = find_output(backend, index);
	FAKE_ASSERT(output);
	output->info.mode.scale_percent = percent;
	changed(fake(backend));
	tell_output(fake(backend), output);
}

const struct display_arrangement *fake_backend_last_arrangement(
	const struct display_backend *backend)
{
	return &fake(backend)->last;
}

void fake_backend_vanish(struct display_backend *backend, size_t index)
{
	struct display_output *output = find_output(backend, index);
	FAKE_ASSERT(output);
	end_output(fake(backend), output);
	fake(backend)->excused |= fake(backend)->stats->outputs == 0;
	backend->events->output_vanished(backend->events_data, output);
}

void fake_backend_desktop_gone(struct display_backend *backend)
{
	fake(backend)->gone = true;
	while (fake(backend)->stats->outputs > 0)
		fake_backend_vanish(backend, 0);
	backend->events->desktop_gone(backend->events_data, "the fake compositor died");
}

void fake_backend_desktop_gone_at_once(struct display_backend *backend)
{
	struct display_output *output;
	fake(backend)->gone = true;
	while ((output = find_output(backend, 0)))
		end_output(fake(backend), output);
	backend->events->desktop_gone(backend->events_data, "the fake compositor died");
}

void fake_backend_desktop_ready(struct display_backend *backend)
{
	fake(backend)->gone = false;
	/* The new compositor has every monitor on. */
	changed(fake(backend));
	set_outside_dark(fake(backend), false);
	tell_outside(fake(backend));
	backend->events->desktop_ready(backend->events_data);
}
