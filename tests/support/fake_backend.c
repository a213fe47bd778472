#include <errno.h>
#include <limits.h>
#include <string.h>

#include "fake_backend_private.h"

const struct display_mode fake_other_mode = { 800, 600, 56250, 100 };

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

/* Now the caller's. */
static void give(struct pending *pending, const char *name, const struct display_mode *mode)
{
	struct fake_backend *backend = pending->backend;
	struct display_output *output = calloc(1, sizeof *output);
	FAKE_ASSERT(output);
	output->exists = true;
	output->info.mode = pending->answer.other_mode ? fake_other_mode : *mode;
	snprintf(output->info.name, sizeof output->info.name, "%s", name);
	TAILQ_INSERT_TAIL(&backend->outputs, output, link);
	backend->stats->outputs++;
	fake_changed(backend);
	pending->done.created(pending->data, 0, NULL, output, &output->info);
}

static void answer_create(struct pending *pending, int error)
{
	struct fake_backend *backend = pending->backend;
	char name[SOURCE_NAME_MAX];
	if (!error && backend->gone)
		error = -ENODEV;
	if (error) {
		pending->done.created(pending->data, error, "the fake refused", NULL, NULL);
		return;
	}
	snprintf(name, sizeof name, "FAKE-%u", ++backend->next_name);
	backend->stats->created++;
	give(pending, name, &pending->mode);
}

static void answer_adopt(struct pending *pending, int error)
{
	struct fake_backend *backend = pending->backend;
	if (!error && pending->left->gone)
		error = -ENODEV;
	if (error) {
		pending->done.created(
			pending->data, error, "the fake has no such output", NULL, NULL);
		return;
	}
	backend->stats->adopted++;
	give(pending, pending->left->name, &pending->left->mode);
}

static void answer_set_mode(struct pending *pending, int error)
{
	struct display_output *output = pending->output;
	if (!error && !output->exists)
		error = -ENODEV;
	if (!error && !pending->backend->capabilities.options[DISPLAY_OPTION_RECONFIGURE].supported)
		error = -ENOTSUP;
	fake_changed(pending->backend);
	if (!error)
		output->info.mode = pending->answer.other_mode ? fake_other_mode : pending->mode;
	pending->done.mode_set(
		pending->data, error, "the fake refused", error ? NULL : &output->info);
}

static void end_output(struct fake_backend *backend, struct display_output *output)
{
	output->exists = false;
	backend->stats->outputs--;
	fake_changed(backend);
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
	case FAKE_ADOPT:
		answer_adopt(pending, pending->answer.error);
		break;
	case FAKE_SET_MODE:
		answer_set_mode(pending, pending->answer.error);
		break;
	case FAKE_DESTROY:
		answer_destroy(pending, pending->answer.error);
		break;
	case FAKE_APPLY:
		fake_answer_apply(pending, pending->answer.error);
		break;
	case FAKE_SEAT:
		pending->done.seated(pending->data, pending->answer.error, "the fake refused");
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

struct pending *fake_ask(struct fake_backend *backend, enum fake_request kind,
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
	struct pending *pending = fake_ask(fake(backend), FAKE_CREATE, NULL, data);
	pending->mode = fake(backend)->last_mode = *mode;
	pending->done.created = done;
}

static void fake_adopt(
	struct display_backend *base, const char *name, display_create_done done, void *data)
{
	struct fake_backend *backend = fake(base);
	struct left_output *left = NULL;
	FAKE_ASSERT(!backend->gone);
	for (size_t i = 0; i < backend->left_count; i++) {
		if (strcmp(backend->left[i].name, name) == 0)
			left = &backend->left[i];
	}
	FAKE_ASSERT(left && !left->asked_for && !left->gone);
	left->asked_for = true;
	struct pending *pending = fake_ask(backend, FAKE_ADOPT, NULL, data);
	pending->left = left;
	pending->done.created = done;
}

static void fake_set_mode(struct display_backend *backend, struct display_output *output,
	const struct display_mode *mode, display_mode_done done, void *data)
{
	FAKE_ASSERT(!display_mode_check(mode));
	struct pending *pending = fake_ask(fake(backend), FAKE_SET_MODE, output, data);
	pending->mode = fake(backend)->last_mode = *mode;
	pending->done.mode_set = done;
}

/* A desktop without any enabled output is what no compositor takes well. */
static void check_last_output(
	const struct fake_backend *backend, const struct display_output *leaving)
{
	const struct display_output *output;
	size_t enabled = 0;
	TAILQ_FOREACH (output, &backend->outputs, link)
		enabled += output != leaving && output->exists && !output->asked_away;
	if (!backend->stats->outside_dark)
		enabled += backend->outside_count;
	FAKE_ASSERT(enabled > 0 || backend->outside_count == 0 || backend->excused);
}

static void fake_destroy_output(struct display_backend *backend, struct display_output *output,
	display_destroy_done done, void *data)
{
	check_last_output(fake(backend), output);
	fake_changed(fake(backend));
	fake_ask(fake(backend), FAKE_DESTROY, output, data)->done.destroyed = done;
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

static const char *fake_eis_socket(struct display_backend *backend)
{
	return fake(backend)->stats->outputs > 0 ? "/nowhere/fake-ei" : NULL;
}

static void fake_nudge(struct display_backend *backend, struct display_output *output)
{
	if (output->exists)
		fake(backend)->stats->nudges++;
}

static void fake_prepare_seat(
	struct display_backend *backend, const char *seat_name, display_seat_done done, void *data)
{
	FAKE_ASSERT(seat_name[0] && strlen(seat_name) < DISPLAY_SEAT_NAME_MAX);
	FAKE_ASSERT(
		strspn(seat_name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(seat_name));
	fake_ask(fake(backend), FAKE_SEAT, NULL, data)->done.seated = done;
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
	.adopt = fake_adopt,
	.set_mode = fake_set_mode,
	.destroy_output = fake_destroy_output,
	.apply = fake_apply,
	.capabilities = fake_capabilities,
	.wayland_socket = fake_wayland_socket,
	.eis_socket = fake_eis_socket,
	.nudge = fake_nudge,
	.prepare_seat = fake_prepare_seat,
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

struct display_output *fake_find_output(const struct display_backend *backend, size_t index)
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
	const struct display_output *output = fake_find_output(backend, index);
	if (!output)
		return NULL;
	*asked_away = output->asked_away;
	return &output->info;
}

void fake_backend_vanish(struct display_backend *backend, size_t index)
{
	struct display_output *output = fake_find_output(backend, index);
	FAKE_ASSERT(output);
	end_output(fake(backend), output);
	fake(backend)->excused |= fake(backend)->stats->outputs == 0;
	backend->events->output_vanished(backend->events_data, output);
}

static void lose_desktop(struct fake_backend *backend)
{
	backend->gone = true;
	for (size_t i = 0; i < backend->left_count; i++)
		backend->left[i].gone = true;
}

void fake_backend_leave(
	struct display_backend *backend, const char *name, const struct display_mode *mode)
{
	FAKE_ASSERT(fake(backend)->left_count < LEFT_MAX);
	struct left_output *left = &fake(backend)->left[fake(backend)->left_count++];
	snprintf(left->name, sizeof left->name, "%s", name);
	left->mode = *mode;
}

void fake_backend_start_late(struct display_backend *backend)
{
	FAKE_ASSERT(!backend->events);
	fake(backend)->gone = true;
}

void fake_backend_desktop_gone(struct display_backend *backend)
{
	lose_desktop(fake(backend));
	while (fake(backend)->stats->outputs > 0)
		fake_backend_vanish(backend, 0);
	backend->events->desktop_gone(backend->events_data, "the fake compositor died");
}

void fake_backend_desktop_gone_at_once(struct display_backend *backend)
{
	struct display_output *output;
	lose_desktop(fake(backend));
	while ((output = fake_find_output(backend, 0)))
		end_output(fake(backend), output);
	backend->events->desktop_gone(backend->events_data, "the fake compositor died");
}

void fake_backend_desktop_ready(struct display_backend *backend)
{
	fake(backend)->gone = false;
	/* The new compositor has every monitor on. */
	fake_changed(fake(backend));
	fake_set_outside_dark(fake(backend), false);
	fake_tell_outside(fake(backend));
	backend->events->desktop_ready(backend->events_data);
}
