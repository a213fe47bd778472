/* A gamescope of our own, one for each display: started when it is made, ended when it goes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/gamescope/gamescope_spawn_private.h"

static struct spawn *from_backend(struct gamescope_backend *backend)
{
	return (struct spawn *)backend; /* its first member */
}

/* What gamescope was told is read back. */
static void warn_of_difference(const struct spawn *spawn, const struct gamescope_run_facts *facts)
{
	const struct display_mode *mode = &spawn->mode;
	const uint32_t asked_mhz = gamescope_command_refresh_mhz(mode);
	if (facts->width_px != mode->width_px || facts->height_px != mode->height_px ||
		(facts->refresh_mhz && facts->refresh_mhz != asked_mhz))
		fprintf(stderr,
			"lodged: gamescope: display %s is %ux%u at %u mHz, though %ux%u at %u was "
			"asked for\n",
			facts->said.x_display, facts->width_px, facts->height_px,
			facts->refresh_mhz, mode->width_px, mode->height_px, asked_mhz);
}

static void settle_handover(struct spawn *spawn)
{
	free(spawn->handover);
	spawn->handover = NULL;
}

static void tell_created(struct spawn *spawn)
{
	const struct gamescope_run_facts *facts = &spawn->facts;
	gamescope_created(&spawn->backend, facts->width_px, facts->height_px,
		facts->refresh_mhz ? facts->refresh_mhz : spawn->mode.refresh_mhz);
}

static void on_run_ready(void *data, const struct gamescope_run_facts *facts)
{
	struct spawn *spawn = data;
	struct gamescope_place *place = &spawn->backend.place;
	spawn->facts = *facts;
	place->pid = facts->pid;
	memcpy(place->x_display, facts->said.x_display, sizeof place->x_display);
	memcpy(place->eis_socket, facts->eis_socket, sizeof place->eis_socket);
	if (spawn->handover) {
		memcpy(place->node_name, spawn->handover->node_name, sizeof place->node_name);
		settle_handover(spawn);
		spawn->is_found = true;
		gamescope_outbox_tell(&spawn->backend, GAMESCOPE_READY, "");
		return;
	}
	warn_of_difference(spawn, facts);
	tell_created(spawn);
}

static void begin(struct gamescope_backend *backend);

static void forget_run(struct spawn *spawn)
{
	gamescope_run_destroy(spawn->run);
	spawn->run = NULL;
	spawn->stopping = spawn->is_found = false;
}

static void tell_tree(struct spawn *spawn, const struct isolated_tree_info *info)
{
	if (spawn->tree_changed)
		spawn->tree_changed(spawn->tree_data, info);
}

/* Nothing is half taken over: its tree goes, and who waits for a display gets one in another. */
static void give_up_handover(struct spawn *spawn, const char *text)
{
	settle_handover(spawn);
	spawn->tree = NULL;
	gamescope_lost(&spawn->backend, -ECONNRESET, text);
	gamescope_tree_renew(spawn->own_tree);
	tell_tree(spawn, NULL);
}

static void on_run_ended(void *data, const char *text)
{
	struct spawn *spawn = data;
	struct gamescope_backend *backend = &spawn->backend;
	const bool was_wanted = !spawn->stopping, was_found = spawn->is_found;
	char reason[256]; /* the text is the run's */
	snprintf(reason, sizeof reason, "%s", text);
	if (was_wanted && gamescope_run_has_finished(spawn->run) && spawn->program_ended)
		spawn->program_ended(spawn->tree_data, GAMESCOPE_STATUS_UNKNOWN, reason);
	forget_run(spawn);
	if (spawn->handover) {
		give_up_handover(spawn, reason);
		return;
	}
	if (was_found && was_wanted) {
		gamescope_lost(backend, -ECONNRESET, reason);
		gamescope_outbox_tell(backend, GAMESCOPE_READY, "");
	} else if (was_wanted && !backend->output) {
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

static const struct gamescope_run_events run_events = {
	.ready = on_run_ready,
	.ended = on_run_ended,
};

static void start_run(struct spawn *spawn)
{
	spawn->mode = spawn->backend.wanted;
	const struct gamescope_run_params params = gamescope_spawn_run_params(spawn);
	spawn->run = gamescope_run_start(spawn->backend.event, &params, &run_events, spawn);
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

static void stop_run(struct spawn *spawn)
{
	spawn->stopping = true;
	gamescope_run_stop(spawn->run);
}

static void adopt(struct gamescope_backend *backend, const char *name)
{
	struct spawn *spawn = from_backend(backend);
	if (!spawn->is_found || strcmp(name, GAMESCOPE_OUTPUT_NAME) != 0) {
		gamescope_failed(backend, -ENODEV, "gamescope has no such output");
		return;
	}
	spawn->is_found = false;
	spawn->mode = (struct display_mode){ .refresh_mhz = 60000 };
	tell_created(spawn);
}

static void begin(struct gamescope_backend *backend)
{
	struct spawn *spawn = from_backend(backend);
	if (spawn->is_found && !spawn->stopping)
		stop_run(spawn); /* nobody took that one up */
	if (!spawn->tree || spawn->probe || spawn->run)
		return; /* on_tree_ready, on_probed and on_run_ended go on */
	if (spawn->cannot_restart)
		gamescope_failed(backend, -ENOTSUP,
			"what ran here was started by an earlier host, and is not in its list any "
			"more");
	else if (spawn->unusable)
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
	stop_run(spawn);
}

static void become_ready(struct spawn *spawn)
{
	gamescope_outbox_tell(&spawn->backend, GAMESCOPE_READY, "");
	if (spawn->backend.creating)
		begin(&spawn->backend);
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
		gamescope_outbox_tell(&spawn->backend, GAMESCOPE_START_FAILED, text);
		return;
	}
	spawn->is_usable = true;
	spawn->unusable = 0;
	become_ready(spawn);
}

static int take_over(struct spawn *spawn)
{
	spawn->run = gamescope_run_adopt(spawn->backend.event, spawn->tree, spawn->runtime_folder,
		&spawn->handover->said, &run_events, spawn);
	return spawn->run ? 0 : -errno;
}

/* 0 or a negative errno: then nothing comes. */
static int use_tree(
	struct spawn *spawn, struct isolated_tree *tree, const struct isolated_tree_info *info)
{
	struct gamescope_place *place = &spawn->backend.place;
	spawn->tree = tree;
	memcpy(spawn->runtime_folder, info->runtime_folder, sizeof spawn->runtime_folder);
	memcpy(place->pipewire_socket, info->pipewire_socket, sizeof place->pipewire_socket);
	if (!place->pipewire_socket[0])
		return -ENOTSUP;
	if (spawn->handover)
		return take_over(spawn);
	if (spawn->is_usable) {
		become_ready(spawn);
		return 0;
	}
	const struct gamescope_run_params params = gamescope_spawn_run_params(spawn);
	spawn->probe = gamescope_probe_start(spawn->backend.event, &params, on_probed, spawn);
	return spawn->probe ? 0 : -errno;
}

static void on_tree_ready(
	void *data, struct isolated_tree *tree, const struct isolated_tree_info *info)
{
	struct spawn *spawn = data;
	const int error = use_tree(spawn, tree, info);
	if (error < 0 && spawn->handover) {
		give_up_handover(spawn, "there is no gamescope in the tree of an earlier host");
		return;
	}
	if (error < 0)
		gamescope_lost(&spawn->backend, error, "the desktop's tree is of no use");
	tell_tree(spawn, info);
}

/* Nothing of it can be asked any more, and nothing of it is left. */
static void on_tree_ended(void *data, const char *text)
{
	struct spawn *spawn = data;
	struct gamescope_backend *backend = &spawn->backend;
	const bool was_there = spawn->tree;
	gamescope_probe_cancel(spawn->probe);
	spawn->probe = NULL;
	forget_run(spawn);
	settle_handover(spawn);
	spawn->tree = NULL;
	gamescope_lost(backend, -ECONNRESET, text);
	if (backend->destroyed)
		gamescope_outbox_push(backend, backend->destroyed);
	backend->destroyed = NULL;
	gamescope_takeover_give_back(spawn->takeover);
	if (gamescope_tree_is_failing(spawn->own_tree))
		gamescope_outbox_tell(backend, GAMESCOPE_START_FAILED, text);
	if (was_there)
		tell_tree(spawn, NULL);
}

static void finish(struct gamescope_backend *backend)
{
	struct spawn *spawn = from_backend(backend);
	gamescope_probe_cancel(spawn->probe);
	gamescope_run_destroy(spawn->run);
	gamescope_takeover_destroy(spawn->takeover);
	gamescope_tree_destroy(spawn->own_tree);
	if (spawn->own_tree && spawn->tree)
		tell_tree(spawn, NULL);
	settle_handover(spawn);
	gamescope_spawn_free_params(spawn);
}

static const struct gamescope_kind kind = {
	.begin = begin,
	.adopt = adopt,
	.end = end,
	.finish = finish,
};

static int find_tree(struct spawn *spawn, const struct gamescope_spawn_params *params)
{
	static const struct gamescope_tree_events events = {
		.ready = on_tree_ready,
		.ended = on_tree_ended,
	};
	if (params->tree)
		return use_tree(spawn, params->tree, params->info);
	spawn->own_tree = gamescope_tree_create(spawn->backend.event, params->isolation,
		params->tree_name, params->adopt, &events, spawn);
	return spawn->own_tree ? 0 : -errno;
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
		error = gamescope_spawn_copy_params(spawn, params);
	if (error >= 0)
		error = find_tree(spawn, params);
	if (error >= 0)
		return &spawn->backend.base;
	fprintf(stderr, "lodged: gamescope: cannot be used in %s: %s\n",
		params->tree ? params->info->runtime_folder : params->tree_name,
		error == -ENOTSUP ? "the desktop's tree has no PipeWire" : strerror(-error));
	display_backend_destroy(&spawn->backend.base);
	errno = -error;
	return NULL;
}

bool gamescope_backend_handover(struct display_backend *base, struct gamescope_handover *handover)
{
	const struct spawn *spawn = (const struct spawn *)base;
	if (!spawn->backend.output)
		return false;
	handover->said = spawn->facts.said;
	memcpy(handover->node_name, spawn->backend.place.node_name, sizeof handover->node_name);
	return true;
}
