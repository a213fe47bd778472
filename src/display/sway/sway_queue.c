#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "display/sway/sway_private.h"

#define OPERATION_DEADLINE_US 5000000u
#define REQUEST_DEADLINE_NS 10000000000u
#define PAUSE_US 20000u

static void free_operation(struct sway_operation *operation)
{
	sd_event_source_disable_unref(operation->deadline);
	sd_event_source_disable_unref(operation->pause);
	json_decref(operation->outputs);
	json_decref(operation->move.tree);
	json_decref(operation->topology.tree);
	free(operation->wish);
	free(operation->commands);
	sway_notice_free(operation->notice);
	free(operation);
}

static void unlink_operation(struct sway_operation *operation)
{
	struct sway_operation **place = &operation->backend->first;
	while (*place != operation)
		place = &(*place)->next;
	*place = operation->next;
}

/* The notice goes out; the operation is then nobody's. */
static void tell(struct sway_operation *operation, int error, const char *text)
{
	struct sway_notice *notice = operation->notice;
	if (!notice)
		return;
	operation->notice = NULL;
	notice->error = error;
	snprintf(notice->text, sizeof notice->text, "%s", error ? text : "");
	sway_outbox_push(operation->backend, notice);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
	struct sway_operation *operation = data;
	struct sway_backend *backend = operation->backend;
	if (backend->ready)
		tell(operation, -ETIMEDOUT, "sway did not answer in time");
	else
		tell(operation, -ENOTCONN, "the sway desktop is not running");
	/* What has begun is brought to its end, and undone; so is every destroy. */
	if (!operation->started && operation->kind != SWAY_DESTROY) {
		if (operation->kind == SWAY_ADOPT)
			sway_adopt_give_up(backend, operation->name);
		unlink_operation(operation);
		free_operation(operation);
	}
	return 0;
}

struct sway_operation *sway_queue_add(
	struct sway_backend *backend, enum sway_operation_kind kind, struct sway_notice *notice)
{
	struct sway_operation *operation = calloc(1, sizeof *operation);
	if (!operation)
		return NULL;
	operation->backend = backend;
	operation->kind = kind;
	if (notice &&
		sd_event_add_time_relative(backend->event, &operation->deadline, CLOCK_MONOTONIC,
			OPERATION_DEADLINE_US, 1000, on_deadline, operation) < 0) {
		free(operation);
		return NULL;
	}
	operation->notice = notice;
	struct sway_operation **place = &backend->first;
	while (*place && kind != SWAY_SETUP)
		place = &(*place)->next;
	operation->next = *place;
	*place = operation;
	sd_event_source_set_enabled(backend->work, SD_EVENT_ONESHOT);
	return operation;
}

void sway_queue_reconcile(struct sway_backend *backend)
{
	for (const struct sway_operation *other = backend->first; other; other = other->next) {
		if (other->kind == SWAY_RECONCILE && !other->started)
			return;
	}
	sway_queue_add(backend, SWAY_RECONCILE, NULL);
}

bool sway_queue_moves(const struct sway_backend *backend, const char *name)
{
	for (const struct sway_operation *operation = backend->first; operation;
		operation = operation->next) {
		if ((operation->kind == SWAY_CREATE || operation->kind == SWAY_DESTROY) &&
			strcmp(operation->name, name) == 0)
			return true;
	}
	return false;
}

static void end_pause(struct sway_operation *operation)
{
	operation->pause = sd_event_source_disable_unref(operation->pause);
	operation->step(operation, NULL);
}

void sway_queue_run(struct sway_backend *backend)
{
	struct sway_operation *operation = backend->first;
	if (operation && operation->pause && backend->closing) { /* no loop runs then */
		end_pause(operation);
		return;
	}
	if (!operation || operation->started || !backend->ipc ||
		(!backend->ready && operation->kind != SWAY_SETUP))
		return;
	operation->started = true;
	sway_operation_start(operation);
}

static int on_work(sd_event_source *source, void *data)
{
	sway_queue_run(data);
	return 0;
}

bool sway_queue_init(struct sway_backend *backend)
{
	return sd_event_add_defer(backend->event, &backend->work, on_work, backend) >= 0;
}

void sway_queue_finish(struct sway_backend *backend)
{
	sd_event_source_disable_unref(backend->work);
	while (backend->first) {
		struct sway_operation *operation = backend->first;
		backend->first = operation->next;
		free_operation(operation);
	}
}

void sway_queue_drop_setup(struct sway_backend *backend)
{
	struct sway_operation *next;
	for (struct sway_operation *operation = backend->first; operation; operation = next) {
		next = operation->next;
		if (operation->kind != SWAY_SETUP)
			continue;
		unlink_operation(operation);
		free_operation(operation);
	}
}

void sway_queue_orphan(struct sway_backend *backend)
{
	struct sway_operation *next;
	for (struct sway_operation *operation = backend->first; operation; operation = next) {
		next = operation->next;
		sway_notice_free(operation->notice);
		operation->notice = NULL;
		if (operation->started || operation->kind == SWAY_DESTROY)
			continue;
		unlink_operation(operation);
		free_operation(operation);
	}
}

void sway_finish(struct sway_operation *operation, int error, const char *text)
{
	struct sway_backend *backend = operation->backend;
	unlink_operation(operation);
	if (error < 0 && !operation->notice)
		fprintf(stderr, "lodged: sway: %s\n", text);
	/* An output that may be half there is removed when next possible. */
	if (error < 0 && operation->name[0] && operation->kind != SWAY_SET_MODE)
		sway_names_add(&backend->stale, operation->name);
	if (error < 0 && operation->kind == SWAY_SETUP)
		sway_backend_retry(backend);
	tell(operation, error, text);
	free_operation(operation);
	sd_event_source_set_enabled(backend->work, SD_EVENT_ONESHOT);
}

void sway_queue_fail(struct sway_backend *backend, int error, const char *text)
{
	struct sway_operation *next;
	for (struct sway_operation *operation = backend->first; operation; operation = next) {
		next = operation->next;
		sway_finish(operation, error, text);
	}
}

void sway_queue_fail_modes(struct sway_backend *backend, const struct display_output *output,
	int error, const char *text)
{
	struct sway_operation *next;
	for (struct sway_operation *operation = backend->first; operation; operation = next) {
		next = operation->next;
		if (operation->kind != SWAY_SET_MODE || operation->output != output)
			continue;
		/* An answer to the one that has begun is still to come. */
		operation->output = NULL;
		tell(operation, error, text);
		if (!operation->started)
			sway_finish(operation, error, text);
	}
}

static void on_reply(void *data, int error, const char *text, const json_t *reply)
{
	struct sway_operation *operation = data;
	if (error < 0)
		sway_finish(operation, error, text);
	else
		operation->step(operation, reply);
}

void sway_ask(struct sway_operation *operation, enum sway_message_type type, const char *payload,
	sway_step step)
{
	operation->step = step;
	const int error = sway_ipc_request(
		operation->backend->ipc, type, payload, REQUEST_DEADLINE_NS, on_reply, operation);
	if (error < 0)
		sway_finish(operation, error, strerror(-error));
}

static int on_pause_end(sd_event_source *source, uint64_t usec, void *data)
{
	end_pause(data);
	return 0;
}

void sway_pause(struct sway_operation *operation, sway_step step)
{
	operation->step = step;
	if (operation->backend->closing) { /* no loop runs then */
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		step(operation, NULL);
		return;
	}
	const int error = sd_event_add_time_relative(operation->backend->event, &operation->pause,
		CLOCK_MONOTONIC, PAUSE_US, 1000, on_pause_end, operation);
	if (error < 0)
		sway_finish(operation, error, strerror(-error));
}
