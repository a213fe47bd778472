#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_private.h"

#define READ_BACK_TRIES 40 /* times 20 ms */

/* False when memory was short. */
static bool close_text(FILE *stream, char **text)
{
	const bool failed = ferror(stream);
	if (fclose(stream) == 0 && !failed)
		return true;
	free(*text);
	*text = NULL;
	return false;
}

/* --- darken: note, move the windows away, turn off, read back --- */

static bool is_outside(const void *data, const char *name)
{
	const struct sway_operation *operation = data;
	return sway_backend_is_outside(operation->backend, name);
}

static bool is_lit_outside(const struct sway_operation *operation, const json_t *entry,
	struct sway_output_state *state)
{
	return sway_output_state_read(entry, state) && state->active && !state->non_desktop &&
		is_outside(operation, state->name);
}

static void ask_dark(struct sway_operation *operation, const json_t *reply);

/* One that was plugged in meanwhile is not noted, and not turned off: it is told. */
static bool find_still_lit(const struct sway_operation *operation, struct sway_output_state *state)
{
	struct sway_dark dark;
	size_t index;
	json_t *entry;
	json_array_foreach(operation->outputs, index, entry)
	{
		if (is_lit_outside(operation, entry, state) &&
			sway_notes_find_dark(&operation->backend->notes, state->name, &dark))
			return true;
	}
	return false;
}

static void on_dark(struct sway_operation *operation, const json_t *outputs)
{
	char text[SWAY_TEXT_MAX];
	struct sway_output_state state;
	sway_keep_outputs(operation, outputs);
	if (!find_still_lit(operation, &state)) {
		operation->topology.after(operation, 0, "");
	} else if (++operation->topology.tries < READ_BACK_TRIES) {
		sway_pause(operation, ask_dark);
	} else {
		snprintf(text, sizeof text, "output %s: sway did not turn it off", state.name);
		operation->topology.after(operation, -EPROTO, text);
	}
}

static void ask_dark(struct sway_operation *operation, const json_t *reply)
{
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_dark);
}

static void on_disabled(struct sway_operation *operation, const json_t *reply)
{
	const char *fault = sway_command_error(reply);
	if (fault)
		fprintf(stderr, "lodged: sway: turning outputs off: %s\n", fault);
	ask_dark(operation, NULL);
}

/* sway itself would move the windows to any output, perhaps to one that is turned off next. */
static void after_moving(struct sway_operation *operation, int error, const char *fault)
{
	struct sway_output_state state;
	struct sway_dark dark;
	size_t size = 0, index;
	json_t *entry;
	char *text = NULL;
	FILE *commands = open_memstream(&text, &size);
	if (!commands) {
		operation->topology.after(operation, -ENOMEM, "no memory");
		return;
	}
	json_array_foreach(operation->outputs, index, entry)
	{
		if (!is_lit_outside(operation, entry, &state) ||
			!sway_notes_find_dark(&operation->backend->notes, state.name, &dark))
			continue;
		if (state.focused)
			fprintf(commands, "focus output %s; ", operation->topology.target);
		fprintf(commands, "output %s disable; ", state.name);
	}
	if (close_text(commands, &text))
		sway_ask(operation, SWAY_RUN_COMMAND, text, on_disabled);
	else
		operation->topology.after(operation, -ENOMEM, "no memory");
	free(text);
}

/* The outputs as they are now, for the notes; an empty list when none is lit. NULL: memory is short. */
static json_t *describe_lit(const struct sway_operation *operation, const json_t *workspaces)
{
	struct sway_output_state state;
	size_t index;
	json_t *entry, *entries = json_array();
	json_array_foreach(operation->outputs, index, entry)
	{
		if (!is_lit_outside(operation, entry, &state))
			continue;
		if (json_array_append_new(entries, sway_dark_describe(&state, workspaces)) < 0) {
			json_decref(entries);
			return NULL;
		}
	}
	return entries;
}

static void on_lit_workspaces(struct sway_operation *operation, const json_t *workspaces)
{
	json_t *entries = describe_lit(operation, workspaces);
	const bool none = entries && json_array_size(entries) == 0;
	int error = entries ? 0 : -ENOMEM;
	if (entries && !none)
		error = sway_notes_add_dark(&operation->backend->notes, entries);
	json_decref(entries);
	if (error < 0)
		operation->topology.after(operation, error,
			"no output is turned off, as it could not be noted what they were");
	else if (none)
		operation->topology.after(operation, 0, "");
	else
		sway_move(operation, is_outside, operation->topology.target, SWAY_KEEP_WINDOWS,
			after_moving);
}

void sway_darken(struct sway_operation *operation, const char *target, sway_after after)
{
	snprintf(operation->topology.target, sizeof operation->topology.target, "%s", target);
	operation->topology.tries = 0;
	operation->topology.after = after;
	sway_ask(operation, SWAY_GET_WORKSPACES, NULL, on_lit_workspaces);
}

/* --- restore: turn on, read back, bring the workspaces back, drop the notes --- */

/* Drops the notes of what is as it was, or is not there any more: its next plugging in finds it enabled. */
static void end_restore(struct sway_operation *operation)
{
	struct sway_notes *notes = &operation->backend->notes;
	struct sway_output_state state;
	struct sway_dark dark;
	char text[SWAY_TEXT_MAX] = "";
	for (size_t i = sway_notes_dark_count(notes); i-- > 0;) {
		if (!sway_notes_dark(notes, i, &dark))
			continue;
		const bool there = sway_output_state_find(operation->outputs, dark.name, &state);
		if (there && !state.active) {
			snprintf(text, sizeof text,
				"output %s is still off; `swaymsg output %s enable` turns it on",
				dark.name, dark.name);
			continue;
		}
		if (there && !sway_dark_is_restored(&dark, &state))
			fprintf(stderr, "lodged: sway: output %s is on again, but not as it was\n",
				dark.name);
		sway_notes_forget_dark(notes, dark.name);
	}
	operation->topology.after(operation, text[0] ? -EPROTO : 0, text);
}

static void on_returned(struct sway_operation *operation, const json_t *reply)
{
	const char *fault = sway_command_error(reply);
	if (fault)
		fprintf(stderr, "lodged: sway: bringing workspaces back: %s\n", fault);
	end_restore(operation);
}

static void write_returns(
	const struct sway_operation *operation, FILE *commands, const json_t *workspaces)
{
	struct sway_output_state state;
	struct sway_dark dark;
	for (size_t i = 0; sway_notes_dark(&operation->backend->notes, i, &dark); i++) {
		if (!sway_output_state_find(operation->outputs, dark.name, &state) || !state.active)
			continue;
		char *text = sway_return_commands(operation->topology.tree, workspaces,
			dark.workspaces, dark.visible, dark.name);
		if (text && text[0])
			fprintf(commands, "%s%s", ftell(commands) > 0 ? "; " : "", text);
		free(text);
	}
}

static void on_return_workspaces(struct sway_operation *operation, const json_t *workspaces)
{
	size_t size = 0;
	char *text = NULL;
	FILE *commands = open_memstream(&text, &size);
	if (commands)
		write_returns(operation, commands, workspaces);
	if (commands && close_text(commands, &text) && text[0])
		sway_ask(operation, SWAY_RUN_COMMAND, text, on_returned);
	else
		end_restore(operation);
	free(text);
}

static void on_return_tree(struct sway_operation *operation, const json_t *tree)
{
	json_decref(operation->topology.tree);
	operation->topology.tree = json_incref((json_t *)tree);
	sway_ask(operation, SWAY_GET_WORKSPACES, NULL, on_return_workspaces);
}

static void ask_restored(struct sway_operation *operation, const json_t *reply);

static bool all_are_restored(const struct sway_operation *operation)
{
	struct sway_output_state state;
	struct sway_dark dark;
	for (size_t i = 0; sway_notes_dark(&operation->backend->notes, i, &dark); i++) {
		if (sway_output_state_find(operation->outputs, dark.name, &state) &&
			!sway_dark_is_restored(&dark, &state))
			return false;
	}
	return true;
}

static void on_restored(struct sway_operation *operation, const json_t *outputs)
{
	sway_keep_outputs(operation, outputs);
	if (!all_are_restored(operation) && ++operation->topology.tries < READ_BACK_TRIES)
		sway_pause(operation, ask_restored);
	else
		sway_ask(operation, SWAY_GET_TREE, NULL, on_return_tree);
}

static void ask_restored(struct sway_operation *operation, const json_t *reply)
{
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_restored);
}

static void on_enabled(struct sway_operation *operation, const json_t *reply)
{
	const char *fault = sway_command_error(reply);
	if (fault)
		fprintf(stderr, "lodged: sway: turning outputs on: %s\n", fault);
	ask_restored(operation, NULL);
}

void sway_restore(struct sway_operation *operation, sway_after after)
{
	char command[SWAY_DARK_COMMAND_MAX];
	struct sway_dark dark;
	size_t size = 0;
	char *text = NULL;
	operation->topology.tries = 0;
	operation->topology.after = after;
	if (sway_notes_dark_count(&operation->backend->notes) == 0) {
		after(operation, 0, "");
		return;
	}
	FILE *commands = open_memstream(&text, &size);
	if (!commands) {
		after(operation, -ENOMEM, "no memory");
		return;
	}
	/* Only so: enabling through wlr-output-management ends sway 1.12. */
	for (size_t i = 0; sway_notes_dark(&operation->backend->notes, i, &dark); i++) {
		sway_dark_command(&dark, command);
		fprintf(commands, "%s%s", i > 0 ? "; " : "", command);
		sway_names_add(&operation->backend->pinned, dark.name);
	}
	if (close_text(commands, &text))
		sway_ask(operation, SWAY_RUN_COMMAND, text, on_enabled);
	else
		after(operation, -ENOMEM, "no memory");
	free(text);
}
