#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_environment.h"
#include "display/sway/sway_private.h"
#include "display/sway/sway_seats.h"
#include "process/clock.h"

#define TEARDOWN_NS 1000000000u

static struct sway_backend *from_base(struct display_backend *base)
{
	return (struct sway_backend *)base; /* its first member */
}

/* A request without a notice could never be answered. */
static struct sway_notice *make_notice(enum sway_notice_kind kind, void *data)
{
	struct sway_notice *notice = calloc(1, sizeof *notice);
	if (!notice) {
		fprintf(stderr, "lodged: sway: no memory for a request\n");
		abort();
	}
	notice->kind = kind;
	notice->data = data;
	return notice;
}

static struct sway_operation *request(
	struct sway_backend *backend, enum sway_operation_kind kind, struct sway_notice *notice)
{
	struct sway_operation *operation = sway_queue_add(backend, kind, notice);
	if (!operation) {
		notice->error = -ENOMEM;
		snprintf(notice->text, sizeof notice->text, "no memory for a request");
		sway_outbox_push(backend, notice);
	}
	return operation;
}

static void impl_create(struct display_backend *base, const struct display_mode *mode,
	display_create_done done, void *data)
{
	struct sway_notice *notice = make_notice(SWAY_NOTICE_CREATED, data);
	notice->done.create = done;
	struct sway_operation *operation = request(from_base(base), SWAY_CREATE, notice);
	if (operation)
		operation->mode = *mode;
}

static void impl_adopt(
	struct display_backend *base, const char *name, display_create_done done, void *data)
{
	struct sway_notice *notice = make_notice(SWAY_NOTICE_CREATED, data);
	notice->done.create = done;
	struct sway_operation *operation = request(from_base(base), SWAY_ADOPT, notice);
	if (operation)
		snprintf(operation->name, sizeof operation->name, "%s", name);
}

static void impl_set_mode(struct display_backend *base, struct display_output *output,
	const struct display_mode *mode, display_mode_done done, void *data)
{
	struct sway_backend *backend = from_base(base);
	struct sway_notice *notice = make_notice(SWAY_NOTICE_MODE, data);
	notice->done.mode = done;
	const struct display_output *known = sway_backend_find(backend, output->name);
	if (!known || known != output) { /* it vanished, which is about to be told */
		notice->error = -ENODEV;
		snprintf(notice->text, sizeof notice->text, "the output is gone");
		sway_outbox_push(backend, notice);
		return;
	}
	struct sway_operation *operation = request(backend, SWAY_SET_MODE, notice);
	if (operation) {
		operation->output = output;
		operation->mode = *mode;
		memcpy(operation->name, known->name, sizeof operation->name);
	}
}

static void impl_destroy_output(struct display_backend *base, struct display_output *output,
	display_destroy_done done, void *data)
{
	struct sway_backend *backend = from_base(base);
	struct sway_notice *notice = make_notice(SWAY_NOTICE_DESTROYED, data);
	notice->done.destroy = done;
	const struct display_output *known = sway_backend_find(backend, output->name);
	if (!known || known != output) {
		sway_outbox_push(backend, notice); /* it vanished, which is about to be told */
		return;
	}
	sway_queue_fail_modes(backend, output, -ECANCELED, "the display is being removed");
	sway_backend_unlink(backend, output);
	notice->output = output;
	struct sway_operation *operation = request(backend, SWAY_DESTROY, notice);
	if (operation)
		memcpy(operation->name, known->name, sizeof operation->name);
}

static struct sway_wish *make_wish(
	const struct sway_backend *backend, const struct display_arrangement *arrangement)
{
	struct sway_wish *wish = calloc(1, sizeof *wish);
	if (!wish)
		return NULL;
	wish->topology = arrangement->topology;
	for (size_t i = 0; i < arrangement->count && i < DISPLAY_PLACEMENTS_MAX; i++) {
		const struct display_placement *placement = &arrangement->placements[i];
		const struct display_output *known = backend->outputs;
		while (known && known != placement->output)
			known = known->next;
		if (!known) /* it vanished, which is about to be told */
			continue;
		struct sway_place *place = &wish->places[wish->count++];
		memcpy(place->name, known->name, sizeof place->name);
		place->x = placement->x;
		place->y = placement->y;
		place->primary = placement->primary;
	}
	return wish;
}

static void impl_apply(struct display_backend *base, const struct display_arrangement *arrangement,
	display_apply_done done, void *data)
{
	struct sway_backend *backend = from_base(base);
	struct sway_notice *notice = make_notice(SWAY_NOTICE_APPLIED, data);
	notice->done.apply = done;
	struct sway_wish *wish = make_wish(backend, arrangement);
	if (!wish) {
		notice->error = -ENOMEM;
		snprintf(notice->text, sizeof notice->text, "no memory for an arrangement");
		sway_outbox_push(backend, notice);
		return;
	}
	struct sway_operation *operation = request(backend, SWAY_ARRANGE, notice);
	if (operation)
		operation->wish = wish;
	else
		free(wish);
}

static void impl_prepare_seat(
	struct display_backend *base, const char *seat_name, display_seat_done done, void *data)
{
	struct sway_backend *backend = from_base(base);
	struct sway_notice *notice = make_notice(SWAY_NOTICE_COMMAND, data);
	notice->done.command = done;
	if (!sway_seat_name_is_good(seat_name)) {
		notice->error = -EINVAL;
		snprintf(notice->text, sizeof notice->text, "this cannot be the name of a seat");
		sway_outbox_push(backend, notice);
		return;
	}
	sway_names_add(&backend->seats, seat_name);
	struct sway_operation *operation = request(backend, SWAY_SEAT, notice);
	if (operation)
		snprintf(operation->seat, sizeof operation->seat, "%s", seat_name);
}

static void impl_launch(
	struct display_backend *base, const char *command, display_launch_done done, void *data)
{
	struct sway_backend *backend = from_base(base);
	struct sway_notice *notice = make_notice(SWAY_NOTICE_COMMAND, data);
	notice->done.command = done;
	char *commands = sway_launch_command(command);
	if (!commands) {
		notice->error = -ENOMEM;
		snprintf(notice->text, sizeof notice->text, "no memory for the command");
		sway_outbox_push(backend, notice);
		return;
	}
	struct sway_operation *operation = request(backend, SWAY_LAUNCH, notice);
	if (operation)
		operation->commands = commands;
	else
		free(commands);
}

static const struct display_capabilities *impl_capabilities(struct display_backend *base)
{
	return &from_base(base)->capabilities;
}

static const char *impl_wayland_socket(struct display_backend *base)
{
	const struct sway_backend *backend = from_base(base);
	return backend->ready ? backend->wayland_socket : NULL;
}

/* A session that stays is put back as it was, as far as it answers in time. */
static void withdraw_all(struct sway_backend *backend)
{
	const uint64_t due_ns = clock_ns(CLOCK_MONOTONIC) + TEARDOWN_NS;
	sway_queue_orphan(backend);
	if (backend->seats_ruled)
		fprintf(stderr,
			"lodged: sway: new windows take no focus here until the configuration is "
			"loaded again (swaymsg reload)\n");
	for (struct display_output *output = backend->outputs; output; output = output->next)
		sway_names_add(&backend->stale, output->name);
	sway_queue_reconcile(backend);
	while (backend->first) {
		sway_queue_run(backend);
		const uint64_t now = clock_ns(CLOCK_MONOTONIC);
		if (!backend->first || !backend->ipc || now >= due_ns ||
			!sway_ipc_pump(backend->ipc, (int)((due_ns - now) / 1000000)))
			break;
	}
	if (backend->first)
		fprintf(stderr, "lodged: sway: not everything could be put back in time\n");
}

void sway_backend_destroy(struct display_backend *base)
{
	struct sway_backend *backend = from_base(base);
	backend->closing = true;
	sd_event_source_disable_unref(backend->retry);
	sway_program_forget(backend);
	if (!backend->spawn && backend->ready)
		withdraw_all(backend);
	sway_ipc_destroy(backend->ipc);
	sway_process_destroy(backend->process);
	sway_queue_finish(backend);
	sway_outbox_finish(backend);
	while (backend->outputs) {
		struct display_output *output = backend->outputs;
		backend->outputs = output->next;
		sway_output_free(output);
	}
	sway_names_clear(&backend->parked);
	sway_names_clear(&backend->found);
	sway_names_clear(&backend->stale);
	sway_names_clear(&backend->pinned);
	sway_names_clear(&backend->seats);
	sway_notes_finish(&backend->notes);
	sway_spawn_params_free(backend->spawn);
	sd_event_unref(backend->event);
	free(backend);
}

const struct display_backend_impl sway_backend_impl = {
	.name = "sway",
	.create = impl_create,
	.adopt = impl_adopt,
	.set_mode = impl_set_mode,
	.destroy_output = impl_destroy_output,
	.apply = impl_apply,
	.capabilities = impl_capabilities,
	.wayland_socket = impl_wayland_socket,
	.prepare_seat = impl_prepare_seat,
	.launch = impl_launch,
	.destroy = sway_backend_destroy,
};
