#include <stdio.h>
#include <string.h>

#include "display/sway/sway_private.h"

static void end_arrange(struct sway_operation *operation, int error, const char *text)
{
	struct sway_backend *backend = operation->backend;
	const struct sway_wish *wish = operation->wish;
	const bool exclusive =
		wish->topology == DISPLAY_EXCLUSIVE || sway_notes_dark_count(&backend->notes) > 0;
	sway_observe(backend, operation->outputs, false);
	if (operation->notice)
		operation->notice->topology = exclusive ? DISPLAY_EXCLUSIVE : DISPLAY_EXTEND;
	/* What went wrong first. */
	if (operation->failure < 0)
		sway_finish(operation, operation->failure, operation->failure_text);
	else
		sway_finish(operation, error, text);
}

static void keep_failure(struct sway_operation *operation, int error, const char *text)
{
	if (error == 0 || operation->failure < 0)
		return;
	operation->failure = error;
	snprintf(operation->failure_text, sizeof operation->failure_text, "%s", text);
}

static void after_restored(struct sway_operation *operation, int error, const char *text)
{
	keep_failure(operation, error, text);
	sway_put(operation, end_arrange);
}

/* Half an exclusive topology is none. */
static void after_darkened(struct sway_operation *operation, int error, const char *text)
{
	if (error == 0) {
		sway_put(operation, end_arrange);
		return;
	}
	keep_failure(operation, error, text);
	operation->wish->topology = DISPLAY_EXTEND;
	sway_restore(operation, after_restored);
}

/* The display that the windows of dark outputs go to: the primary one, else the first. NULL: none is lit. */
static const char *find_target(const struct sway_operation *operation)
{
	const struct sway_wish *wish = operation->wish;
	const char *target = NULL;
	struct sway_output_state state;
	for (size_t i = 0; i < wish->count; i++) {
		const struct sway_place *place = &wish->places[i];
		if ((!target || place->primary) &&
			sway_backend_find(operation->backend, place->name) &&
			sway_output_state_find(operation->outputs, place->name, &state) &&
			state.active)
			target = place->name;
	}
	return target;
}

static void on_arrange_outputs(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_wish *wish = operation->wish;
	const struct display_capabilities *capabilities = &operation->backend->capabilities;
	sway_keep_outputs(operation, outputs);
	const char *target = find_target(operation);
	/* Never without any output, whatever is asked for. */
	if (!target || !capabilities->options[DISPLAY_OPTION_EXCLUSIVE].supported)
		wish->topology = DISPLAY_EXTEND;
	if (wish->topology == DISPLAY_EXCLUSIVE)
		sway_darken(operation, target, after_darkened);
	else
		sway_restore(operation, after_restored);
}

void sway_arrange_start(struct sway_operation *operation)
{
	if (operation->wish->topology == DISPLAY_PRIMARY) /* there is none */
		operation->wish->topology = DISPLAY_EXTEND;
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_arrange_outputs);
}
