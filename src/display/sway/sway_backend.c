#include "display/sway/sway_backend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_environment.h"
#include "display/sway/sway_folder.h"
#include "display/sway/sway_identity.h"
#include "display/sway/sway_private.h"

#define BACKOFF_MIN_US 50000u
#define BACKOFF_MAX_US 5000000u
/* A sway that never comes up is left alone for a while: one that crashes, or that takes so long. */
#define STARTS_MAX 4
#define PATIENCE_US 10000000u
#define REST_US 60000000u
#define RELOAD_US 1000000u /* sway 1.12 loses them 10 ms after it told */
#define STEADY_US 10000000u /* a sway that lived this long starts afresh with the shortest delay */

bool sway_backend_is_outside(const struct sway_backend *backend, const char *name)
{
	return !sway_backend_find(backend, name) && !sway_backend_hides(backend, name) &&
		!sway_names_have(&backend->found, name) && !sway_queue_moves(backend, name);
}

bool sway_backend_hides(const struct sway_backend *backend, const char *name)
{
	return (backend->spawn && strcmp(name, SWAY_ANCHOR) == 0) ||
		sway_names_have(&backend->parked, name) || sway_names_have(&backend->stale, name);
}

bool sway_backend_was_reloaded(const struct sway_backend *backend)
{
	uint64_t now_us = 0;
	sd_event_now(backend->event, CLOCK_MONOTONIC, &now_us);
	return backend->reloaded_us > 0 && now_us - backend->reloaded_us < RELOAD_US;
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
	if (now_us - backend->ready_at_us > STEADY_US) {
		backend->backoff_us = BACKOFF_MIN_US;
		backend->failures = 0;
	}
	fprintf(stderr, "lodged: sway: the desktop is gone: %s\n", text);
	sway_adopt_forget(backend);
	while (backend->outputs) {
		/* If only the connection broke, they are removed once it is back. */
		sway_names_add(&backend->stale, backend->outputs->name);
		sway_backend_vanish(backend, backend->outputs);
	}
	sway_outbox_tell(backend, SWAY_NOTICE_GONE, text);
}

/* Sway was started, or read its configuration again, and deleted every seat that is not in there. */
static void make_seats_anew(struct sway_backend *backend)
{
	backend->seats_ruled = false;
	backend->arrivals.count = 0;
	for (size_t i = 0; i < backend->seats.count; i++) {
		struct sway_operation *operation = sway_queue_add(backend, SWAY_SEAT, NULL);
		if (operation)
			snprintf(operation->seat, sizeof operation->seat, "%.*s",
				DISPLAY_SEAT_NAME_MAX - 1, backend->seats.names[i]);
	}
}

static void on_event(void *data, uint32_t type, const json_t *payload)
{
	struct sway_backend *backend = data;
	const char *change = json_string_value(json_object_get(payload, "change"));
	if (!backend->ready || !change)
		return;
	if (type == SWAY_EVENT_WORKSPACE && strcmp(change, "reload") == 0) {
		sd_event_now(backend->event, CLOCK_MONOTONIC, &backend->reloaded_us);
		sway_names_clear(&backend->pinned);
		make_seats_anew(backend);
	}
	if (type == SWAY_EVENT_WINDOW && strcmp(change, "new") == 0 && backend->seats_ruled)
		sway_arrivals_add(&backend->arrivals,
			json_integer_value(
				json_object_get(json_object_get(payload, "container"), "id")));
	if (type == SWAY_EVENT_WINDOW &&
		(strcmp(change, "new") == 0 || strcmp(change, "close") == 0))
		sway_program_window(backend, strcmp(change, "new") == 0);
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

/* Whether this is the sway that the names belong to. False when memory is short. */
static bool meet_peer(struct sway_backend *backend, pid_t peer)
{
	char identity[SWAY_IDENTITY_MAX] = "", desktop[SOURCE_PATH_MAX + SWAY_IDENTITY_MAX + 8];
	/* A process that cannot be seen could not be told from a later one: nothing of it goes to the disk. */
	const bool known = sway_identity_of(peer, identity);
	snprintf(desktop, sizeof desktop, "sway:%s:%s", backend->ipc_socket, identity);
	if (known && backend->notes.desktop && strcmp(backend->notes.desktop, desktop) == 0)
		return true;
	/* Another sway: none of its outputs is ours, whatever their names. */
	sway_names_clear(&backend->parked);
	sway_names_clear(&backend->stale);
	sway_names_clear(&backend->pinned);
	backend->seats_ruled = false;
	sway_notes_sweep(backend->journal);
	if (!known && backend->journal)
		fprintf(stderr,
			"lodged: sway: process %d cannot be seen; nothing is noted for a "
			"crash\n",
			(int)peer);
	return sway_notes_open(&backend->notes, known ? backend->journal : NULL, desktop);
}

static int connect_ipc(struct sway_backend *backend)
{
	static const struct sway_ipc_events events = { .event = on_event, .closed = on_closed };
	backend->ipc = sway_ipc_connect(backend->event, backend->ipc_socket, &events, backend);
	if (!backend->ipc)
		return -errno;
	if (!meet_peer(backend, sway_ipc_peer(backend->ipc)))
		return -ENOMEM;
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

void sway_backend_became_ready(struct sway_backend *backend)
{
	backend->ready = true;
	sd_event_now(backend->event, CLOCK_MONOTONIC, &backend->ready_at_us);
	make_seats_anew(backend);
	sway_outbox_tell(backend, SWAY_NOTICE_READY, "sway is ready");
	sway_program_look(backend);
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

/* Whoever waits for it is told the reason, instead of a time that is over. */
static void start_again(struct sway_backend *backend, bool was_up, const char *text)
{
	uint64_t now_us = 0;
	sd_event_now(backend->event, CLOCK_MONOTONIC, &now_us);
	const bool is_slow = !was_up && now_us - backend->started_at_us > PATIENCE_US;
	if (++backend->failures < STARTS_MAX && !is_slow) {
		fprintf(stderr, "lodged: sway: %s; it is started again\n", text);
		retry_with_backoff(backend);
		return;
	}
	fprintf(stderr, "lodged: sway: %s; it has not lasted %u times and rests for %u s\n", text,
		backend->failures, REST_US / 1000000u);
	sway_queue_fail(backend, -ENOTCONN, text);
	sway_outbox_tell(backend, SWAY_NOTICE_FAILED, text);
	retry_after(backend, REST_US);
}

static void on_process_exited(void *data, const char *said)
{
	struct sway_backend *backend = data;
	const bool was_up = backend->ready;
	char text[SWAY_TEXT_MAX]; /* what is said is the process's */
	snprintf(text, sizeof text, "%s", said);
	const bool adopting = backend->adopting;
	lose(backend, -ECONNRESET, text);
	sway_adopt_forget(backend);
	if (adopting) /* `lose` tells of a desktop that was ready */
		sway_outbox_tell(backend, SWAY_NOTICE_GONE, text);
	sway_process_destroy(backend->process);
	backend->process = NULL;
	sway_program_forget(backend);
	backend->ipc_socket[0] = '\0';
	start_again(backend, was_up, text);
}

static void on_program_exited(void *data, int status, const char *text)
{
	sway_program_exited(data, status, text);
}

static bool start_process(struct sway_backend *backend)
{
	static const struct sway_process_events events = {
		.ready = on_process_ready,
		.exited = on_process_exited,
		.program_exited = on_program_exited,
	};
	sd_event_now(backend->event, CLOCK_MONOTONIC, &backend->started_at_us);
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
			start_again(backend, false, "sway cannot be started");
	} else if (backend->ipc_socket[0]) {
		connect_or_retry(backend);
	}
	return 0;
}

/* A request without a notice could never be answered. */
static struct sway_backend *make_backend(sd_event *event)
{
	struct sway_backend *backend = calloc(1, sizeof *backend);
	if (!backend)
		return NULL;
	backend->base.impl = &sway_backend_impl;
	backend->event = sd_event_ref(event);
	backend->backoff_us = BACKOFF_MIN_US;
	int error = sd_event_add_time(
		event, &backend->retry, CLOCK_MONOTONIC, UINT64_MAX, 1000, on_retry, backend);
	if (error >= 0)
		error = sd_event_source_set_enabled(backend->retry, SD_EVENT_OFF);
	if (error < 0 || !sway_outbox_init(backend) || !sway_queue_init(backend)) {
		sway_backend_destroy(&backend->base);
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
	backend->journal = params->journal;
	int error = -ENAMETOOLONG;
	if (keep_path(backend->ipc_socket, params->ipc_socket) &&
		keep_path(backend->wayland_socket, params->wayland_socket))
		error = connect_ipc(backend);
	if (error < 0) {
		fprintf(stderr, "lodged: sway: no session answers at %s: %s\n", params->ipc_socket,
			strerror(-error));
		sway_backend_destroy(&backend->base);
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
	sway_notes_sweep(params->journal);
	sway_folder_sweep(params->journal,
		params->runtime_parent ? params->runtime_parent : SWAY_RUNTIME_PARENT);
	backend->spawn = sway_spawn_params_copy(params);
	backend->adopting = params->adopt_count > 0;
	errno = ENOMEM;
	if (!backend->spawn || !start_process(backend)) {
		const int error = errno;
		sway_backend_destroy(&backend->base);
		errno = error;
		return NULL;
	}
	return &backend->base;
}
