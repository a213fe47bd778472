#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_private.h"

#define FIND_TRIES 50 /* times 20 ms */

/* --- create --- */

static void after_cleaning(struct sway_operation *operation, int error, const char *text)
{
	if (error == 0)
		operation->name[0] = '\0';
	sway_finish(operation, operation->failure, operation->failure_text);
}

/* Nothing is left behind of a create that failed, or that nobody waits for any more. */
static void undo_create(struct sway_operation *operation, int error, const char *text)
{
	operation->failure = error;
	snprintf(operation->failure_text, sizeof operation->failure_text, "%s", text);
	sway_withdraw(operation, operation->name, after_cleaning);
}

static void finish_create(struct sway_operation *operation)
{
	struct sway_backend *backend = operation->backend;
	if (!operation->notice) {
		undo_create(operation, -ECANCELED, "a display came too late and is removed again");
		return;
	}
	struct display_output *output = sway_output_new();
	if (!output) {
		undo_create(operation, -ENOMEM, "no memory for a display");
		return;
	}
	snprintf(output->name, sizeof output->name, "%s", operation->name);
	output->mode = operation->mode;
	output->next = backend->outputs;
	backend->outputs = output;
	operation->notice->output = output;
	sway_fill_info(backend, &operation->state, &operation->notice->info);
	output->told = operation->notice->info;
	sway_observe(backend, operation->outputs, false);
	sway_finish(operation, 0, "");
}

static void after_gathering(struct sway_operation *operation, int error, const char *text)
{
	finish_create(operation);
}

static bool is_hidden(const void *data, const char *name)
{
	const struct sway_operation *operation = data;
	return strcmp(name, operation->name) != 0 && sway_backend_hides(operation->backend, name);
}

static void on_created_focused(struct sway_operation *operation, const json_t *reply)
{
	sway_move(operation, is_hidden, operation->name, SWAY_SHOW_MOVED, after_gathering);
}

static bool others_are_seen(const struct sway_operation *operation)
{
	size_t index;
	json_t *entry;
	struct sway_output_state state;
	json_array_foreach(operation->outputs, index, entry)
	{
		if (sway_output_state_read(entry, &state) && state.active &&
			strcmp(state.name, operation->name) != 0 &&
			!sway_backend_hides(operation->backend, state.name))
			return true;
	}
	return false;
}

static void ask_create_outputs(struct sway_operation *operation, const json_t *reply);

static void after_create_mode(struct sway_operation *operation, int error, const char *text)
{
	char command[SOURCE_NAME_MAX + 32];
	if (error < 0) {
		undo_create(operation, error, text);
	} else if (others_are_seen(operation)) {
		finish_create(operation);
	} else {
		/* First the focus, so that a window that is mapped meanwhile comes here too. */
		snprintf(command, sizeof command, "focus output %s", operation->name);
		sway_ask(operation, SWAY_RUN_COMMAND, command, on_created_focused);
	}
}

static bool is_virtual(const char *name)
{
	return strncmp(name, "HEADLESS-", 9) == 0 || strncmp(name, "WL-", 3) == 0 ||
		strncmp(name, "X11-", 4) == 0;
}

static void give_up_create(struct sway_operation *operation, int error, const char *text)
{
	sway_notes_end_create(&operation->backend->notes, NULL);
	sway_finish(operation, error, text);
}

static void note_created(struct sway_operation *operation)
{
	const int error = sway_notes_end_create(&operation->backend->notes, operation->name);
	if (error < 0)
		undo_create(operation, error, "the journal cannot be written");
	else
		sway_apply_mode(operation, operation->name, &operation->mode, after_create_mode);
}

static void ask_new_outputs(struct sway_operation *operation, const json_t *reply);

static void on_new_outputs(struct sway_operation *operation, const json_t *outputs)
{
	size_t index;
	json_t *entry;
	struct sway_output_state state, before;
	json_array_foreach(outputs, index, entry)
	{
		if (!sway_output_state_read(entry, &state) || !is_virtual(state.name) ||
			sway_output_state_find(operation->outputs, state.name, &before))
			continue;
		strcpy(operation->name, state.name);
		note_created(operation);
		return;
	}
	if (++operation->tries < FIND_TRIES)
		sway_pause(operation, ask_new_outputs);
	else
		give_up_create(operation, -ENODEV, "sway made no output");
}

static void ask_new_outputs(struct sway_operation *operation, const json_t *reply)
{
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_new_outputs);
}

static void on_create_output(struct sway_operation *operation, const json_t *reply)
{
	char text[SWAY_TEXT_MAX];
	const char *fault = sway_command_error(reply);
	if (!fault) {
		ask_new_outputs(operation, NULL);
		return;
	}
	snprintf(text, sizeof text, "sway cannot create an output: %.200s", fault);
	give_up_create(operation, -ENOTSUP, text);
}

static void on_create_outputs(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_names *parked = &operation->backend->parked;
	struct sway_output_state state;
	operation->outputs = json_incref((json_t *)outputs);
	while (parked->count > 0) {
		strcpy(operation->name, parked->names[0]);
		sway_names_remove(parked, operation->name);
		if (sway_output_state_find(outputs, operation->name, &state)) {
			sway_apply_mode(
				operation, operation->name, &operation->mode, after_create_mode);
			return;
		}
	}
	operation->name[0] = '\0';
	const int error = sway_notes_begin_create(&operation->backend->notes, outputs);
	if (error < 0)
		sway_finish(operation, error, "the journal cannot be written");
	else
		sway_ask(operation, SWAY_RUN_COMMAND, "create_output", on_create_output);
}

static void ask_create_outputs(struct sway_operation *operation, const json_t *reply)
{
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_create_outputs);
}

/* --- set_mode --- */

static void after_restored_mode(struct sway_operation *operation, int error, const char *text)
{
	sway_finish(operation, operation->failure, operation->failure_text);
}

static void after_set_mode(struct sway_operation *operation, int error, const char *text)
{
	struct display_output *output = operation->output;
	if (error == 0 && output) {
		output->mode = operation->mode;
		/* Unless the answer came too late: then it is told as a change. */
		if (operation->notice) {
			sway_fill_info(
				operation->backend, &operation->state, &operation->notice->info);
			output->told = operation->notice->info;
		}
		sway_observe(operation->backend, operation->outputs, false);
	}
	if (error == 0 || error == -ENODEV || !output) {
		sway_finish(operation, output ? error : 0, text);
		return;
	}
	operation->failure = error;
	snprintf(operation->failure_text, sizeof operation->failure_text, "%s", text);
	sway_apply_mode(operation, operation->name, &output->mode, after_restored_mode);
}

/* --- destroy --- */

static void after_destroy(struct sway_operation *operation, int error, const char *text)
{
	operation->name[0] = '\0'; /* parked at the wrong size at worst */
	if (operation->outputs)
		sway_observe(operation->backend, operation->outputs, false);
	sway_finish(operation, error, text);
}

static void after_restored(struct sway_operation *operation, int error, const char *text)
{
	if (error < 0)
		fprintf(stderr, "lodged: sway: %s\n", text);
	sway_withdraw(operation, operation->name, after_destroy);
}

/* Never without any output: those that were turned off for this one come back first. */
static void destroy(struct sway_operation *operation)
{
	if (operation->backend->outputs)
		sway_withdraw(operation, operation->name, after_destroy);
	else
		sway_restore(operation, after_restored);
}

void sway_operation_start(struct sway_operation *operation)
{
	switch (operation->kind) {
	case SWAY_CREATE:
		ask_create_outputs(operation, NULL);
		break;
	case SWAY_SET_MODE:
		sway_apply_mode(operation, operation->name, &operation->mode, after_set_mode);
		break;
	case SWAY_DESTROY:
		destroy(operation);
		break;
	case SWAY_ARRANGE:
		sway_arrange_start(operation);
		break;
	case SWAY_SETUP:
		sway_setup_start(operation);
		break;
	case SWAY_RECONCILE:
		sway_reconcile_start(operation);
		break;
	case SWAY_PROGRAM:
		sway_program_start(operation);
		break;
	case SWAY_LAUNCH:
		sway_launch_start(operation);
		break;
	case SWAY_SEAT:
		sway_seat_start(operation);
		break;
	case SWAY_ADOPT:
		sway_adopt_start(operation);
		break;
	}
}
