#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_private.h"

#define FIND_TRIES 50 /* times 20 ms */
#define CORRECTIONS_MAX 3
#define CORRECTIONS_US 5000000u
/* `output NAME unplug` is there from this version on. */
#define UNPLUG_MAJOR 1
#define UNPLUG_MINOR 8

static void fill_info(
	const struct sway_operation *operation, const char *name, struct display_output_info *info)
{
	const char *socket = operation->backend->wayland_socket;
	info->mode = operation->state.mode;
	info->x = operation->state.x;
	info->y = operation->state.y;
	info->source.kind = VIDEO_SOURCE_WAYLAND;
	snprintf(info->name, sizeof info->name, "%s", name);
	snprintf(info->source.output_name, sizeof info->source.output_name, "%s", name);
	snprintf(info->source.wayland_socket, sizeof info->source.wayland_socket, "%s", socket);
}

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
	fill_info(operation, output->name, &operation->notice->info);
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
	sway_move(operation, is_hidden, operation->name, false, after_gathering);
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
		sway_apply(operation, operation->name, &operation->mode, after_create_mode);
		return;
	}
	if (++operation->tries < FIND_TRIES)
		sway_pause(operation, ask_new_outputs);
	else
		sway_finish(operation, -ENODEV, "sway made no output");
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
	sway_finish(operation, -ENOTSUP, text);
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
			sway_apply(operation, operation->name, &operation->mode, after_create_mode);
			return;
		}
	}
	operation->name[0] = '\0';
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
		if (operation->notice)
			fill_info(operation, operation->name, &operation->notice->info);
	}
	if (error == 0 || error == -ENODEV || !output) {
		sway_finish(operation, output ? error : 0, text);
		return;
	}
	operation->failure = error;
	snprintf(operation->failure_text, sizeof operation->failure_text, "%s", text);
	sway_apply(operation, operation->name, &output->mode, after_restored_mode);
}

/* --- destroy --- */

static void after_destroy(struct sway_operation *operation, int error, const char *text)
{
	operation->name[0] = '\0'; /* parked at the wrong size at worst */
	sway_finish(operation, error, text);
}

/* --- reconcile --- */

static void on_reconcile_outputs(struct sway_operation *operation, const json_t *outputs);

static void ask_reconcile_outputs(struct sway_operation *operation, const json_t *reply)
{
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_reconcile_outputs);
}

static void after_correction(struct sway_operation *operation, int error, const char *text)
{
	if (error < 0)
		fprintf(stderr, "lodged: sway: %s\n", text);
	ask_reconcile_outputs(operation, NULL);
}

/* Whoever changes our outputs over and over again wins: no endless fight. */
static bool may_correct(struct sway_backend *backend, struct display_output *output)
{
	uint64_t now_us = 0;
	sd_event_now(backend->event, CLOCK_MONOTONIC, &now_us);
	if (now_us - output->corrected_us > CORRECTIONS_US)
		output->corrections = 0;
	output->corrected_us = now_us;
	return output->corrections++ < CORRECTIONS_MAX;
}

static void after_stale(struct sway_operation *operation, int error, const char *text)
{
	sway_names_remove(&operation->backend->stale, operation->withdraw.name);
	ask_reconcile_outputs(operation, NULL);
}

static void vanish_missing(struct sway_backend *backend, const json_t *outputs)
{
	struct sway_output_state state;
	struct display_output *next;
	for (struct display_output *output = backend->outputs; output; output = next) {
		next = output->next;
		const bool there = sway_output_state_find(outputs, output->name, &state);
		if (there && state.active)
			continue;
		fprintf(stderr, "lodged: sway: output %s was %s from outside\n", output->name,
			there ? "disabled" : "removed");
		if (there)
			sway_names_add(&backend->stale, output->name);
		sway_backend_vanish(backend, output);
	}
}

static bool is_unseen(const void *data, const char *name)
{
	const struct sway_operation *operation = data;
	return sway_backend_hides(operation->backend, name);
}

static void on_brought(struct sway_operation *operation, const json_t *reply)
{
	const char *fault = sway_command_error(reply);
	if (fault)
		fprintf(stderr, "lodged: sway: windows could not be brought to %s: %s\n",
			operation->move.target, fault);
	sway_finish(operation, 0, "");
}

static void on_tree(struct sway_operation *operation, const json_t *tree)
{
	char *commands = sway_window_commands(tree, is_unseen, operation, operation->move.target);
	if (commands && commands[0])
		sway_ask(operation, SWAY_RUN_COMMAND, commands, on_brought);
	else
		sway_finish(operation, commands ? 0 : -ENOMEM, "no memory");
	free(commands);
}

/*
 * A program that was started before the display came may open its window later, where sway remembers it
 * to be from: on the anchor. It goes to the display that is looked at.
 */
static void bring_to_light(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_backend *backend = operation->backend;
	struct sway_output_state state;
	size_t index;
	json_t *entry;
	operation->move.target[0] = '\0';
	json_array_foreach(outputs, index, entry)
	{
		if (!sway_output_state_read(entry, &state) ||
			!sway_backend_find(backend, state.name) ||
			(operation->move.target[0] && !state.focused))
			continue;
		memcpy(operation->move.target, state.name, sizeof state.name);
	}
	if (operation->move.target[0] && !backend->closing)
		sway_ask(operation, SWAY_GET_TREE, NULL, on_tree);
	else
		sway_finish(operation, 0, "");
}

static void on_reconcile_outputs(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_backend *backend = operation->backend;
	struct sway_output_state state;
	if (!backend->closing)
		vanish_missing(backend, outputs);
	for (struct display_output *output = backend->outputs; output; output = output->next) {
		if (backend->closing || !sway_output_state_find(outputs, output->name, &state) ||
			sway_mode_matches(&output->mode, &state.mode) ||
			!may_correct(backend, output))
			continue;
		sway_apply(operation, output->name, &output->mode, after_correction);
		return;
	}
	if (backend->stale.count > 0)
		sway_withdraw(operation, backend->stale.names[0], after_stale);
	else
		bring_to_light(operation, outputs);
}

/* --- setup --- */

/* Before 1.8 there is no such event, and nobody can remove an output either. */
static void on_outputs_subscribed(struct sway_operation *operation, const json_t *reply)
{
	sway_backend_became_ready(operation->backend, operation->tries > 0);
	sway_finish(operation, 0, "");
}

static void on_subscribed(struct sway_operation *operation, const json_t *reply)
{
	if (json_is_true(json_object_get(reply, "success")))
		sway_ask(operation, SWAY_SUBSCRIBE, "[\"output\"]", on_outputs_subscribed);
	else
		sway_finish(operation, -EPROTO, "sway refused the subscription to its events");
}

static void on_version(struct sway_operation *operation, const json_t *reply)
{
	const json_int_t major = json_integer_value(json_object_get(reply, "major"));
	const json_int_t minor = json_integer_value(json_object_get(reply, "minor"));
	operation->tries = major > UNPLUG_MAJOR || (major == UNPLUG_MAJOR && minor >= UNPLUG_MINOR);
	sway_ask(operation, SWAY_SUBSCRIBE, "[\"workspace\", \"window\", \"shutdown\"]",
		on_subscribed);
}

void sway_operation_start(struct sway_operation *operation)
{
	switch (operation->kind) {
	case SWAY_CREATE:
		ask_create_outputs(operation, NULL);
		break;
	case SWAY_SET_MODE:
		sway_apply(operation, operation->name, &operation->mode, after_set_mode);
		break;
	case SWAY_DESTROY:
		sway_withdraw(operation, operation->name, after_destroy);
		break;
	case SWAY_SETUP:
		sway_ask(operation, SWAY_GET_VERSION, NULL, on_version);
		break;
	case SWAY_RECONCILE:
		ask_reconcile_outputs(operation, NULL);
		break;
	}
}
