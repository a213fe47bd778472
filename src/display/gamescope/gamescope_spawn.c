/* A gamescope of our own, one for each display: started when it is made, ended when it goes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/gamescope/gamescope_private.h"
#include "display/gamescope/gamescope_run.h"
#include "display/gamescope/gamescope_takeover.h"

struct spawn {
	struct gamescope_backend backend;
	struct isolated_tree *tree;
	char runtime_folder[SOURCE_PATH_MAX];
	char *binary; /* NULL: the default */
	char **arguments, **own_environment; /* owned copies */
	size_t argument_count, own_environment_count;
	struct gamescope_takeover *takeover;
	struct gamescope_probe *probe; /* until the version is known */
	int unusable; /* why no gamescope can be started, with unusable_text; 0: it can */
	char unusable_text[256];
	struct gamescope_run *run; /* NULL: none is running */
	struct display_mode mode; /* of the run */
	bool stopping; /* the run is wanted no more */
};

static struct spawn *from_backend(struct gamescope_backend *backend)
{
	return (struct spawn *)backend; /* its first member */
}

static struct gamescope_run_params run_params(const struct spawn *spawn)
{
	return (struct gamescope_run_params){
		.tree = spawn->tree,
		.runtime_folder = spawn->runtime_folder,
		.command = {
			.binary = spawn->binary,
			.mode = spawn->mode,
			.arguments = (const char *const *)spawn->arguments,
			.argument_count = spawn->argument_count,
			.node_name = GAMESCOPE_NODE,
			.own_environment = (const char *const *)spawn->own_environment,
			.own_environment_count = spawn->own_environment_count,
		},
	};
}

static void warn_of_size(const struct spawn *spawn, const struct gamescope_run_facts *facts)
{
	if (facts->width_px != spawn->mode.width_px || facts->height_px != spawn->mode.height_px)
		fprintf(stderr,
			"lodged: gamescope: display %s is %ux%u, though %ux%u was asked for\n",
			facts->x_display, facts->width_px, facts->height_px, spawn->mode.width_px,
			spawn->mode.height_px);
}

static void on_run_ready(void *data, const struct gamescope_run_facts *facts)
{
	struct spawn *spawn = data;
	struct gamescope_place *place = &spawn->backend.place;
	place->pid = facts->pid;
	memcpy(place->x_display, facts->x_display, sizeof place->x_display);
	memcpy(place->eis_socket, facts->eis_socket, sizeof place->eis_socket);
	warn_of_size(spawn, facts);
	gamescope_created(
		&spawn->backend, facts->width_px, facts->height_px, spawn->mode.refresh_mhz);
}

static void begin(struct gamescope_backend *backend);

static void on_run_ended(void *data, const char *text)
{
	struct spawn *spawn = data;
	struct gamescope_backend *backend = &spawn->backend;
	const bool was_wanted = !spawn->stopping;
	char reason[256]; /* the text is the run's */
	snprintf(reason, sizeof reason, "%s", text);
	gamescope_run_destroy(spawn->run);
	spawn->run = NULL;
	spawn->stopping = false;
	if (was_wanted && !backend->output) {
		gamescope_failed(backend, -ECONNRESET, reason);
	} else if (was_wanted) {
		gamescope_lost(backend, -ECONNRESET, reason);
		/* It can be started again, with the next display. */
		gamescope_outbox_tell(backend, GAMESCOPE_READY, "");
	}
	if (backend->destroyed)
		gamescope_outbox_push(backend, backend->destroyed);
	backend->destroyed = NULL;
	if (backend->creating)
		begin(backend); /* it has waited for the end of the one before */
	else
		gamescope_takeover_give_back(spawn->takeover);
}

static void start_run(struct spawn *spawn)
{
	static const struct gamescope_run_events events = {
		.ready = on_run_ready,
		.ended = on_run_ended,
	};
	spawn->mode = spawn->backend.wanted;
	const struct gamescope_run_params params = run_params(spawn);
	spawn->run = gamescope_run_start(spawn->backend.event, &params, &events, spawn);
	if (spawn->run)
		return;
	gamescope_failed(&spawn->backend, -errno, "gamescope could not be started");
	gamescope_takeover_give_back(spawn->takeover);
}

/* Whether or not the other session went, it was asked to: what holds is what it says. */
static void on_taken(void *data, int error, const char *text)
{
	struct spawn *spawn = data;
	if (!spawn->backend.creating)
		return;
	if (error < 0) {
		gamescope_failed(&spawn->backend, error, text);
		gamescope_takeover_give_back(spawn->takeover);
		return;
	}
	start_run(spawn);
}

static void begin(struct gamescope_backend *backend)
{
	struct spawn *spawn = from_backend(backend);
	if (spawn->probe || spawn->run)
		return; /* on_probed and on_run_ended go on */
	if (spawn->unusable)
		gamescope_failed(backend, spawn->unusable, spawn->unusable_text);
	else if (spawn->takeover)
		gamescope_takeover_begin(spawn->takeover, on_taken, spawn);
	else
		start_run(spawn);
}

static void end(struct gamescope_backend *backend)
{
	struct spawn *spawn = from_backend(backend);
	if (!spawn->run) {
		if (backend->destroyed)
			gamescope_outbox_push(backend, backend->destroyed);
		backend->destroyed = NULL;
		return;
	}
	spawn->stopping = true;
	gamescope_run_stop(spawn->run);
}

static void on_probed(void *data, int error, const char *text)
{
	struct spawn *spawn = data;
	spawn->probe = NULL;
	fprintf(stderr, "lodged: gamescope: %s\n", text);
	if (error < 0) {
		spawn->unusable = error;
		snprintf(spawn->unusable_text, sizeof spawn->unusable_text, "%s", text);
		gamescope_lost(&spawn->backend, error, text);
		return;
	}
	gamescope_outbox_tell(&spawn->backend, GAMESCOPE_READY, "");
	if (spawn->backend.creating)
		begin(&spawn->backend);
}

static void free_strings(char **strings, size_t count)
{
	for (size_t i = 0; strings && i < count; i++)
		free(strings[i]);
	free(strings);
}

static void finish(struct gamescope_backend *backend)
{
	struct spawn *spawn = from_backend(backend);
	gamescope_probe_cancel(spawn->probe);
	gamescope_run_destroy(spawn->run);
	gamescope_takeover_destroy(spawn->takeover);
	free(spawn->binary);
	free_strings(spawn->arguments, spawn->argument_count);
	free_strings(spawn->own_environment, spawn->own_environment_count);
}

static const struct gamescope_kind kind = { .begin = begin, .end = end, .finish = finish };

/* NULL when memory is short, or there are none. */
static char **copy_strings(const char *const *strings, size_t count)
{
	char **copy = count ? calloc(count, sizeof *copy) : NULL;
	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = strdup(strings[i]);
		if (!copy[i]) {
			free_strings(copy, i);
			return NULL;
		}
	}
	return copy;
}

static int copy_params(struct spawn *spawn, const struct gamescope_spawn_params *params)
{
	spawn->tree = params->tree;
	memcpy(spawn->runtime_folder, params->info->runtime_folder, sizeof spawn->runtime_folder);
	struct gamescope_place *place = &spawn->backend.place;
	memcpy(place->pipewire_socket, params->info->pipewire_socket,
		sizeof place->pipewire_socket);
	snprintf(place->node_name, sizeof place->node_name, "%s", GAMESCOPE_NODE);
	spawn->binary = params->binary ? strdup(params->binary) : NULL;
	spawn->arguments = copy_strings(params->arguments, params->argument_count);
	spawn->own_environment =
		copy_strings(params->own_environment, params->own_environment_count);
	if ((params->binary && !spawn->binary) || (params->argument_count && !spawn->arguments) ||
		(params->own_environment_count && !spawn->own_environment))
		return -ENOMEM;
	spawn->argument_count = params->argument_count;
	spawn->own_environment_count = params->own_environment_count;
	return place->pipewire_socket[0] ? 0 : -ENOTSUP;
}

struct display_backend *gamescope_backend_spawn(
	sd_event *event, const struct gamescope_spawn_params *params)
{
	struct spawn *spawn = calloc(1, sizeof *spawn);
	if (!spawn) {
		gamescope_takeover_destroy(params->takeover);
		return NULL;
	}
	spawn->takeover = params->takeover;
	int error = gamescope_backend_init(&spawn->backend, &kind, event, false);
	if (error >= 0)
		error = copy_params(spawn, params);
	if (error >= 0) {
		const struct gamescope_run_params probe = run_params(spawn);
		spawn->probe = gamescope_probe_start(event, &probe, on_probed, spawn);
		error = spawn->probe ? 0 : -errno;
	}
	if (error >= 0)
		return &spawn->backend.base;
	fprintf(stderr, "lodged: gamescope: cannot be used in %s: %s\n",
		params->info->runtime_folder,
		error == -ENOTSUP ? "the desktop's tree has no PipeWire" : strerror(-error));
	display_backend_destroy(&spawn->backend.base);
	errno = -error;
	return NULL;
}
