/* What a gamescope of our own is started with. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/gamescope/gamescope_spawn_private.h"

struct gamescope_run_params gamescope_spawn_run_params(const struct spawn *spawn)
{
	return (struct gamescope_run_params){
		.tree = spawn->tree,
		.runtime_folder = spawn->runtime_folder,
		.command = {
			.binary = spawn->binary,
			.mode = spawn->mode,
			.arguments = (const char *const *)spawn->arguments,
			.argument_count = spawn->argument_count,
			.environment = (const char *const *)spawn->environment,
			.environment_count = spawn->environment_count,
			.node_name = GAMESCOPE_NODE,
			.own_environment = (const char *const *)spawn->own_environment,
			.own_environment_count = spawn->own_environment_count,
		},
	};
}

static void free_strings(char **strings, size_t count)
{
	for (size_t i = 0; strings && i < count; i++)
		free(strings[i]);
	free(strings);
}

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

int gamescope_spawn_copy_params(struct spawn *spawn, const struct gamescope_spawn_params *params)
{
	snprintf(spawn->backend.place.node_name, sizeof spawn->backend.place.node_name, "%s",
		GAMESCOPE_NODE);
	spawn->tree_changed = params->tree_changed;
	spawn->program_ended = params->program_ended;
	spawn->tree_data = params->tree_data;
	spawn->is_usable = params->is_usable;
	spawn->cannot_restart = params->cannot_restart;
	spawn->handover = params->adopt ? malloc(sizeof *spawn->handover) : NULL;
	if (spawn->handover)
		*spawn->handover = *params->adopt;
	spawn->binary = params->binary ? strdup(params->binary) : NULL;
	spawn->arguments = copy_strings(params->arguments, params->argument_count);
	spawn->environment = copy_strings(params->environment, params->environment_count);
	spawn->own_environment =
		copy_strings(params->own_environment, params->own_environment_count);
	/* What could not be copied has no length, when it is freed. */
	spawn->argument_count = spawn->arguments ? params->argument_count : 0;
	spawn->environment_count = spawn->environment ? params->environment_count : 0;
	spawn->own_environment_count = spawn->own_environment ? params->own_environment_count : 0;
	return (params->binary && !spawn->binary) || (params->adopt && !spawn->handover) ||
			spawn->argument_count != params->argument_count ||
			spawn->environment_count != params->environment_count ||
			spawn->own_environment_count != params->own_environment_count
		? -ENOMEM
		: 0;
}

void gamescope_spawn_free_params(struct spawn *spawn)
{
	free(spawn->binary);
	free_strings(spawn->arguments, spawn->argument_count);
	free_strings(spawn->environment, spawn->environment_count);
	free_strings(spawn->own_environment, spawn->own_environment_count);
}
