#include "display/sway/sway_backend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "display/sway/sway_environment.h"
#include "display/sway/sway_private.h"

#define BACKOFF_MIN_US 50000u
#define BACKOFF_MAX_US 5000000u
#define STEADY_US 10000000u /* a sway that lived this long starts afresh with the shortest delay */
#define TEARDOWN_NS 1000000000u

static const struct display_backend_impl impl;

static struct sway_backend *from_base(struct display_backend *base)
{
	return (struct sway_backend *)base; /* its first member */
}

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool sway_backend_hides(const struct sway_backend *backend, const char *name)
{
	return (backend->spawn && strcmp(name, SWAY_ANCHOR) == 0) ||
		sway_names_have(&backend->parked, name) || sway_names_have(&backend->stale, name);
}

struct display_output *sway_backend_find(const struct sway_backend *backend, const char *name)
{
	struct display_output *output = backend->outputs;
	while (output && strcmp(output->name, name) != 0)
		output = output->next;
	return output;
}

void sway_backend_unlink(struct sway_backend *backend, struct display_output *output)
{
	struct display_output **place = &backend->outputs;
	while (*place && *place != output)
		place = &(*place)->next;
	if (*place)
		*place = output->next;
}

void sway_backend_vanish(struct sway_backend *backend, struct display_output *output)
{
	struct sway_notice *notice = output->vanished;
	sway_queue_fail_modes(backend, output, -ENODEV, "the output is gone");
	sway_backend_unlink(backend, output);
	output->vanished = NULL;
	notice->kind = SWAY_NOTICE_VANISHED;
	notice->output = output;
	sway_outbox_push(backend, notice);
}

static void retry_after(struct sway_backend *backend, uint64_t delay_us)
{
	if (backend->closing)
		return;
	sd_event_source_set_time_relative(backend->retry, delay_us);
	sd_event_source_set_enabled(backend->retry, SD_EVENT_ONESHOT);
}

static void retry_with_backoff(struct sway_backend *backend)
{
	retry_after(backend, backend->backoff_us);
	backend->backoff_us *= 2;
	if (backend->backoff_us > BACKOFF_MAX_US)
		backend->backoff_us = BACKOFF_MAX_US;
}

void sway_backend_retry(struct sway_backend *backend)
{
	if (backend->ipc)
		retry_with_backoff(backend);
}

/* The connection is over: everything that needed it ends, and is told. Harmless when already lost. */
static void lose(struct sway_backend *backend, int error, const char *text)
{
	const bool was_ready = backend->ready;
	backend->ready = false;
	sway_ipc_destroy(backend->ipc);
	backend->ipc = NULL;
	sway_queue_drop_setup(backend);
	if (!was_ready)
		return; /* those who wait for a first or next start wait on */
	sway_queue_fail(backend, error, text);
	uint64_t now_us = 0;
	sd_event_now(backend->event, CLOCK_MONOTONIC, &now_us);
	if (now_us - backend->ready_at_us > STEADY_US)
		backend->backoff_us = BACKOFF_MIN_US;
	fprintf(stderr, "lodged: sway: the desktop is gone: %s\n", text);
	while (backend->outputs) {
		/* If only the connection broke, they are removed once it is back. */
		sway_names_add(&backend->stale, backend->outputs->name);
		sway_backend_vanish(backend, backend->outputs);
	}
	sway_outbox_tell(backend, SWAY_NOTICE_GONE, text);
}

static void on_event(void *data, uint32_t type, const json_t *payload)
{
	struct sway_backend *backend = data;
	const char *change = json_string_value(json_object_get(payload, "change"));
	if (!backend->ready || !change)
		return;
	if (type == SWAY_EVENT_OUTPUT ||
		(type == SWAY_EVENT_WORKSPACE && strcmp(change, "reload") == 0) ||
		(type == SWAY_EVENT_WINDOW && strcmp(change, "new") == 0))
		sway_queue_reconcile(backend);
}

static void on_closed(void *data, int error, const char *text)
{
	struct sway_backend *backend = data;
	lose(backend, error, text);
	retry_with_backoff(backend); /* a sway that ended is found by its process before that */
}

static int connect_ipc(struct sway_backend *backend)
{
	static const struct sway_ipc_events events = { .event = on_event, .closed = on_closed };
	backend->ipc = sway_ipc_connect(backend->event, backend->ipc_socket, &events, backend);
	if (!backend->ipc)
		return -errno;
	if (sway_ipc_peer(backend->ipc) != backend->peer) {
		/* Another sway: none of its outputs is ours, whatever their names. */
		sway_names_clear(&backend->parked);
		sway_names_clear(&backend->stale);
		backend->peer = sway_ipc_peer(backend->ipc);
	}
	return sway_queue_add(backend, SWAY_SETUP, NULL) ? 0 : -ENOMEM;
}

static void connect_or_retry(struct sway_backend *backend)
{
	const int error = connect_ipc(backend);
	if (error == 0)
		return;
	sway_ipc_destroy(backend->ipc);
	backend->ipc = NULL;
	retry_with_backoff(backend);
}

void sway_backend_became_ready(struct sway_backend *backend, bool can_unplug)
{
	backend->ready = true;
	backend->can_unplug = can_unplug;
	sd_event_now(backend->event, CLOCK_MONOTONIC, &backend->ready_at_us);
	if (backend->stale.count > 0)
		sway_queue_reconcile(backend);
	sway_outbox_tell(backend, SWAY_NOTICE_READY, "sway is ready");
}

static bool keep_path(char *place, const char *path)
{
	if (strlen(path) >= SOURCE_PATH_MAX) {
		fprintf(stderr, "lodged: sway: the socket path %s is too long\n", path);
		return false;
	}
	strcpy(place, path);
	return true;
}

static void on_process_ready(void *data, const char *ipc_socket, const char *wayland_socket)
{
	struct sway_backend *backend = data;
	if (keep_path(backend->ipc_socket, ipc_socket) &&
		keep_path(backend->wayland_socket, wayland_socket))
		connect_or_retry(backend);
}

static void on_process_exited(void *data, const char *text)
{
	struct sway_backend *backend = data;
	fprintf(stderr, "lodged: sway: %s; it is started again\n", text);
	lose(backend, -ECONNRESET, text);
	sway_process_destroy(backend->process);
	backend->process = NULL;
	backend->ipc_socket[0] = '\0';
	retry_with_backoff(backend);
}

static bool start_process(struct sway_backend *backend)
{
	static const struct sway_process_events events = {
		.ready = on_process_ready,
		.exited = on_process_exited,
	};
	backend->process = sway_process_start(backend->event, backend->spawn, &events, backend);
	return backend->process;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *data)
{
	struct sway_backend *backend = data;
	if (backend->ready)
		return 0;
	lose(backend, -ECONNRESET, "the connection could not be set up");
	if (backend->spawn && !backend->process) {
		if (!start_process(backend))
			retry_with_backoff(backend);
	} else if (backend->ipc_socket[0]) {
		connect_or_retry(backend);
	}
	return 0;
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

static const char *impl_wayland_socket(struct display_backend *base)
{
	const struct sway_backend *backend = from_base(base);
	return backend->ready ? backend->wayland_socket : NULL;
}

/* A session that stays gets back what was made in it, as far as it answers in time. */
static void withdraw_all(struct sway_backend *backend)
{
	const uint64_t due_ns = now_ns() + TEARDOWN_NS;
	sway_queue_orphan(backend);
	for (struct display_output *output = backend->outputs; output; output = output->next)
		sway_names_add(&backend->stale, output->name);
	sway_queue_reconcile(backend);
	while (backend->first && now_ns() < due_ns) {
		sway_queue_run(backend);
		if (!backend->first)
			break;
		if (!backend->ipc ||
			!sway_ipc_pump(backend->ipc, (int)((due_ns - now_ns()) / 1000000)))
			break;
	}
	if (backend->first)
		fprintf(stderr, "lodged: sway: not every output could be removed in time\n");
}

static void impl_destroy(struct display_backend *base)
{
	struct sway_backend *backend = from_base(base);
	backend->closing = true;
	sd_event_source_disable_unref(backend->retry);
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
	sway_names_clear(&backend->stale);
	sway_spawn_params_free(backend->spawn);
	sd_event_unref(backend->event);
	free(backend);
}

static const struct display_backend_impl impl = {
	.name = "sway",
	.create = impl_create,
	.set_mode = impl_set_mode,
	.destroy_output = impl_destroy_output,
	.wayland_socket = impl_wayland_socket,
	.destroy = impl_destroy,
};

static struct sway_backend *make_backend(sd_event *event)
{
	struct sway_backend *backend = calloc(1, sizeof *backend);
	if (!backend)
		return NULL;
	backend->base.impl = &impl;
	backend->event = sd_event_ref(event);
	backend->backoff_us = BACKOFF_MIN_US;
	int error = sd_event_add_time(
		event, &backend->retry, CLOCK_MONOTONIC, UINT64_MAX, 1000, on_retry, backend);
	if (error >= 0)
		error = sd_event_source_set_enabled(backend->retry, SD_EVENT_OFF);
	if (error < 0 || !sway_outbox_init(backend) || !sway_queue_init(backend)) {
		impl_destroy(&backend->base);
		errno = ENOMEM;
		return NULL;
	}
	return backend;
}

struct display_backend *sway_backend_attach(
	sd_event *event, const struct sway_attach_params *params)
{
	struct sway_backend *backend = make_backend(event);
	if (!backend)
		return NULL;
	int error = -ENAMETOOLONG;
	if (keep_path(backend->ipc_socket, params->ipc_socket) &&
		keep_path(backend->wayland_socket, params->wayland_socket))
		error = connect_ipc(backend);
	if (error < 0) {
		fprintf(stderr, "lodged: sway: no session answers at %s: %s\n", params->ipc_socket,
			strerror(-error));
		impl_destroy(&backend->base);
		errno = -error;
		return NULL;
	}
	return &backend->base;
}

struct display_backend *sway_backend_spawn(sd_event *event, const struct sway_spawn_params *params)
{
	struct sway_backend *backend = make_backend(event);
	if (!backend)
		return NULL;
	backend->spawn = sway_spawn_params_copy(params);
	errno = ENOMEM;
	if (!backend->spawn || !start_process(backend)) {
		const int error = errno;
		impl_destroy(&backend->base);
		errno = error;
		return NULL;
	}
	return &backend->base;
}
