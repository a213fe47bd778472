#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_private.h"

#define CORRECTIONS_MAX 3
#define CORRECTIONS_US 5000000u

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

static void on_arrival_seats(struct sway_operation *operation, const json_t *seats)
{
	struct sway_backend *backend = operation->backend;
	const struct sway_arrival_rules rules = {
		.hidden = is_unseen,
		.hidden_data = operation,
		.fallback = operation->move.target,
		.focused = operation->focused,
	};
	char *commands =
		sway_arrival_commands(operation->move.tree, seats, &backend->arrivals, &rules);
	backend->arrivals.count = 0;
	if (commands && commands[0])
		sway_ask(operation, SWAY_RUN_COMMAND, commands, on_brought);
	else
		sway_finish(operation, commands ? 0 : -ENOMEM, "no memory");
	free(commands);
}

static void on_arrival_tree(struct sway_operation *operation, const json_t *tree)
{
	json_decref(operation->move.tree);
	operation->move.tree = json_incref((json_t *)tree);
	sway_ask(operation, SWAY_GET_SEATS, NULL, on_arrival_seats);
}

static void on_first_seat_moved(struct sway_operation *operation, const json_t *reply)
{
	memcpy(operation->focused, operation->move.target, sizeof operation->focused);
	sway_ask(operation, SWAY_GET_TREE, NULL, on_arrival_tree);
}

/*
 * People have seats of their own: each new window goes to who opened it. It must not open beside the first seat's focus,
 * so that seat stays away from where new windows open.
 */
static void receive(struct sway_operation *operation)
{
	char command[SOURCE_NAME_MAX + 32];
	if (!operation->first_seat_hidden || !operation->move.target[0]) {
		sway_ask(operation, SWAY_GET_TREE, NULL, on_arrival_tree);
		return;
	}
	snprintf(command, sizeof command, "focus output %s", operation->move.target);
	sway_ask(operation, SWAY_RUN_COMMAND, command, on_first_seat_moved);
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
		if (!sway_output_state_read(entry, &state))
			continue;
		if (state.focused) {
			memcpy(operation->focused, state.name, sizeof state.name);
			operation->first_seat_hidden = sway_backend_hides(backend, state.name);
		}
		if (!sway_backend_find(backend, state.name) ||
			(operation->move.target[0] && !state.focused))
			continue;
		memcpy(operation->move.target, state.name, sizeof state.name);
	}
	if (backend->seats_ruled && !backend->closing)
		receive(operation);
	else if (operation->move.target[0] && !backend->closing)
		sway_ask(operation, SWAY_GET_TREE, NULL, on_tree);
	else
		sway_finish(operation, 0, "");
}

/* Somebody turned on what we had turned off: it is not ours to put back any more. */
static void forget_lit(struct sway_backend *backend, const json_t *outputs)
{
	struct sway_output_state state;
	struct sway_dark dark;
	for (size_t i = sway_notes_dark_count(&backend->notes); i-- > 0;) {
		if (!sway_notes_dark(&backend->notes, i, &dark) ||
			!sway_output_state_find(outputs, dark.name, &state) || !state.active)
			continue;
		fprintf(stderr, "lodged: sway: output %s was turned on from outside\n", dark.name);
		sway_notes_forget_dark(&backend->notes, dark.name);
	}
}

static bool correct_mode(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_backend *backend = operation->backend;
	struct sway_output_state state;
	for (struct display_output *output = backend->outputs; output; output = output->next) {
		if (!sway_output_state_find(outputs, output->name, &state))
			continue;
		struct display_mode wanted = output->mode;
		if (!sway_backend_was_reloaded(backend) && state.mode.scale_percent > 0)
			wanted.scale_percent = state.mode.scale_percent;
		if (sway_mode_matches(&wanted, &state.mode) || !may_correct(backend, output))
			continue;
		sway_apply_mode(operation, output->name, &wanted, after_correction);
		return true;
	}
	return false;
}

/* Once an operation: operation->wish is its mark. */
static bool correct_places(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_backend *backend = operation->backend;
	struct sway_output_state state;
	bool differs = false;
	if (operation->wish || !sway_backend_was_reloaded(backend))
		return false;
	operation->wish = calloc(1, sizeof *operation->wish);
	if (!operation->wish)
		return false;
	struct sway_wish *wish = operation->wish;
	for (const struct display_output *output = backend->outputs; output;
		output = output->next) {
		if (!output->placed || wish->count == DISPLAY_PLACEMENTS_MAX ||
			!sway_output_state_find(outputs, output->name, &state))
			continue;
		struct sway_place *place = &wish->places[wish->count++];
		memcpy(place->name, output->name, sizeof place->name);
		place->x = output->x;
		place->y = output->y;
		differs = differs || state.x != output->x || state.y != output->y;
	}
	if (differs)
		sway_put(operation, after_correction);
	return differs;
}

/* Returns false when there is nothing (left) to do. */
static bool correct(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_backend *backend = operation->backend;
	if (!backend->closing) {
		vanish_missing(backend, outputs);
		forget_lit(backend, outputs);
	}
	/* Never without any output: what was turned off comes back before the last one goes. */
	const bool alone = backend->closing || !backend->outputs;
	if (alone && !operation->restored && sway_notes_dark_count(&backend->notes) > 0) {
		operation->restored = true;
		sway_restore(operation, after_correction);
		return true;
	}
	if (!backend->closing &&
		(correct_mode(operation, outputs) || correct_places(operation, outputs)))
		return true;
	if (backend->stale.count > 0) {
		sway_withdraw(operation, backend->stale.names[0], after_stale);
		return true;
	}
	return false;
}

static void on_reconcile_outputs(struct sway_operation *operation, const json_t *outputs)
{
	sway_keep_outputs(operation, outputs);
	if (correct(operation, outputs))
		return;
	sway_observe(operation->backend, outputs, false);
	bring_to_light(operation, outputs);
}

void sway_reconcile_start(struct sway_operation *operation)
{
	ask_reconcile_outputs(operation, NULL);
}
