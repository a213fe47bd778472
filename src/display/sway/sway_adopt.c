/* What an earlier host left in its own sway, which this one goes on with. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "display/sway/sway_environment.h"
#include "display/sway/sway_private.h"

static bool is_wanted(const struct sway_backend *backend, const char *name)
{
	const struct sway_spawn_params *spawn = backend->spawn;
	for (size_t i = 0; i < spawn->adopt_count; i++) {
		if (strcmp(spawn->adopt[i], name) == 0)
			return true;
	}
	return false;
}

void sway_adopt_sort(struct sway_backend *backend, const json_t *outputs)
{
	struct sway_output_state state;
	size_t index;
	json_t *entry;
	if (!backend->adopting)
		return;
	backend->adopting = false;
	json_array_foreach(outputs, index, entry)
	{
		if (!sway_output_state_read(entry, &state) || strcmp(state.name, SWAY_ANCHOR) == 0)
			continue;
		if (!state.active)
			sway_names_add(&backend->stale, state.name);
		else if (is_wanted(backend, state.name))
			sway_names_add(&backend->found, state.name);
		else if (sway_mode_is_parked(&state.mode))
			sway_names_add(&backend->parked, state.name);
		else /* it was coming or going when its host ended */
			sway_names_add(&backend->stale, state.name);
	}
}

void sway_adopt_forget(struct sway_backend *backend)
{
	backend->adopting = false;
	for (size_t i = 0; i < backend->found.count; i++)
		sway_names_add(&backend->stale, backend->found.names[i]);
	sway_names_clear(&backend->found);
	if (backend->spawn)
		sway_spawn_params_end_adoption(backend->spawn);
}

void sway_adopt_give_up(struct sway_backend *backend, const char *name)
{
	if (!sway_names_have(&backend->found, name))
		return;
	sway_names_remove(&backend->found, name);
	sway_names_add(&backend->stale, name);
	sway_queue_reconcile(backend);
}

static void on_outputs(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_backend *backend = operation->backend;
	struct sway_output_state state;
	char text[SWAY_TEXT_MAX];
	const bool is_ours = sway_names_have(&backend->found, operation->name);
	sway_names_remove(&backend->found, operation->name);
	if (!is_ours || !sway_output_state_find(outputs, operation->name, &state) ||
		!state.active) {
		snprintf(text, sizeof text, "sway has no output %s any more", operation->name);
		operation->name[0] = '\0';
		sway_finish(operation, -ENODEV, text);
		return;
	}
	struct display_output *output = operation->notice ? sway_output_new() : NULL;
	if (!output) {
		sway_finish(operation, -ECANCELED, "an output was taken over too late, and goes");
		sway_queue_reconcile(backend);
		return;
	}
	snprintf(output->name, sizeof output->name, "%s", operation->name);
	output->mode = state.mode;
	output->next = backend->outputs;
	backend->outputs = output;
	operation->notice->output = output;
	sway_fill_info(backend, &state, &operation->notice->info);
	output->told = operation->notice->info;
	sway_observe(backend, outputs, false);
	sway_finish(operation, 0, "");
}

void sway_adopt_start(struct sway_operation *operation)
{
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_outputs);
}
