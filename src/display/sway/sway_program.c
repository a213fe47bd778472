/*
 * Whether the program that a desktop of its own was made for is over. The end of its process alone does not say so: it may
 * have ended because sway did, or have left its windows to another process (a terminal's server, a launcher).
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "display/sway/sway_private.h"

/* What ended well before it showed anything may have asked somebody else to. */
#define PATIENCE_US 3000000u

static void tell(struct sway_backend *backend)
{
	const struct sway_spawn_params *spawn = backend->spawn;
	backend->program.is_told = true;
	if (spawn->program_ended)
		spawn->program_ended(
			spawn->tree_data, backend->program.status, backend->program.text);
}

static int on_impatient(sd_event_source *source, uint64_t usec, void *data)
{
	struct sway_backend *backend = data;
	backend->program.has_shown = true;
	sway_program_look(backend);
	return 0;
}

static void wait_for_windows(struct sway_backend *backend)
{
	if (backend->program.patience)
		return;
	if (sd_event_add_time_relative(backend->event, &backend->program.patience, CLOCK_MONOTONIC,
		    PATIENCE_US, 0, on_impatient, backend) < 0)
		tell(backend);
}

/* That sway answers at all says that the program did not end for want of it. */
static void on_tree(struct sway_operation *operation, const json_t *tree)
{
	struct sway_backend *backend = operation->backend;
	const bool has_window = sway_tree_has_window(tree);
	const bool is_well = backend->program.status == 0 && !backend->program.has_shown;
	sway_finish(operation, 0, "");
	if (has_window || !backend->program.has_exited || backend->program.is_told)
		return; /* each window that goes is a reason to look again */
	if (is_well)
		wait_for_windows(backend);
	else
		tell(backend);
}

void sway_program_start(struct sway_operation *operation)
{
	sway_ask(operation, SWAY_GET_TREE, NULL, on_tree);
}

void sway_program_look(struct sway_backend *backend)
{
	if (!backend->ready || !backend->program.has_exited || backend->program.is_told)
		return;
	for (const struct sway_operation *other = backend->first; other; other = other->next) {
		if (other->kind == SWAY_PROGRAM && !other->started)
			return;
	}
	sway_queue_add(backend, SWAY_PROGRAM, NULL);
}

void sway_program_exited(struct sway_backend *backend, int status, const char *text)
{
	backend->program.has_exited = true;
	backend->program.status = status;
	snprintf(backend->program.text, sizeof backend->program.text, "%s", text ? text : "");
	sway_program_look(backend);
}

void sway_program_window(struct sway_backend *backend, bool is_new)
{
	backend->program.has_shown = backend->program.has_shown || is_new;
	if (!is_new)
		sway_program_look(backend);
}

void sway_program_forget(struct sway_backend *backend)
{
	sd_event_source_disable_unref(backend->program.patience);
	memset(&backend->program, 0, sizeof backend->program);
}
