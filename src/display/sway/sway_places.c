#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_private.h"

#define READ_BACK_TRIES 40 /* times 20 ms */
#define HIDDEN_STEP_PX 16

static void write_place(FILE *commands, const char *name, int32_t x, int32_t y)
{
	fprintf(commands, "%soutput %s position %d %d", ftell(commands) > 0 ? "; " : "", name, x,
		y);
}

/*
 * sway packs outputs without an explicit place to the right of those that have one: the user's own would jump as soon
 * as the first of ours is placed. First in the batch, so that they never do.
 */
static void pin_others(struct sway_operation *operation, FILE *commands)
{
	struct sway_backend *backend = operation->backend;
	struct sway_output_state state;
	size_t index;
	json_t *entry;
	json_array_foreach(operation->outputs, index, entry)
	{
		if (!sway_output_state_read(entry, &state) || !state.active || state.non_desktop ||
			!sway_backend_is_outside(backend, state.name) ||
			sway_names_have(&backend->pinned, state.name))
			continue;
		write_place(commands, state.name, state.x, state.y);
		sway_names_add(&backend->pinned, state.name);
	}
}

static const struct sway_place *find_place(const struct sway_wish *wish, const char *name)
{
	for (size_t i = 0; i < wish->count; i++) {
		if (strcmp(wish->places[i].name, name) == 0)
			return &wish->places[i];
	}
	return NULL;
}

/* The corner below and right of everything that is looked at, as it is going to be. */
static void find_corner(const struct sway_operation *operation, int64_t *right, int64_t *bottom)
{
	struct sway_output_state state;
	size_t index;
	json_t *entry;
	*right = *bottom = 0;
	json_array_foreach(operation->outputs, index, entry)
	{
		if (!sway_output_state_read(entry, &state) || !state.active ||
			sway_backend_hides(operation->backend, state.name))
			continue;
		const struct sway_place *place = find_place(operation->wish, state.name);
		const int64_t x = (place ? place->x : state.x) + (int64_t)state.width;
		const int64_t y = (place ? place->y : state.y) + (int64_t)state.height;
		*right = x > *right ? x : *right;
		*bottom = y > *bottom ? y : *bottom;
	}
}

/* An output that nobody looks at must not lie under a click, nor share an edge that a pointer could cross. */
static void put_hidden_away(const struct sway_operation *operation, FILE *commands)
{
	struct sway_output_state state;
	size_t index;
	json_t *entry;
	int64_t x, y;
	find_corner(operation, &x, &y);
	json_array_foreach(operation->outputs, index, entry)
	{
		if (!sway_output_state_read(entry, &state) || !state.active ||
			!sway_backend_hides(operation->backend, state.name) ||
			x > INT32_MAX - HIDDEN_STEP_PX || y > INT32_MAX - HIDDEN_STEP_PX)
			continue;
		write_place(commands, state.name, (int32_t)x, (int32_t)y);
		x += HIDDEN_STEP_PX;
		y += HIDDEN_STEP_PX;
	}
}

/* All in one batch: places that are set one by one overlap in between. NULL: memory is short. */
static char *make_commands(struct sway_operation *operation)
{
	const struct sway_wish *wish = operation->wish;
	char *text = NULL;
	size_t size = 0;
	FILE *commands = open_memstream(&text, &size);
	if (!commands)
		return NULL;
	pin_others(operation, commands);
	for (size_t i = 0; i < wish->count; i++) {
		if (sway_backend_find(operation->backend, wish->places[i].name))
			write_place(commands, wish->places[i].name, wish->places[i].x,
				wish->places[i].y);
	}
	put_hidden_away(operation, commands);
	const bool failed = ferror(commands);
	if (fclose(commands) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

static void ask_put(struct sway_operation *operation, const json_t *reply);

static const struct sway_place *find_misplaced(
	const struct sway_operation *operation, struct sway_output_state *state)
{
	const struct sway_wish *wish = operation->wish;
	for (size_t i = 0; i < wish->count; i++) {
		const struct sway_place *place = &wish->places[i];
		struct display_output *output = sway_backend_find(operation->backend, place->name);
		if (!output || !sway_output_state_find(operation->outputs, place->name, state) ||
			!state->active)
			continue;
		if (state->x != place->x || state->y != place->y)
			return place;
		output->placed = true;
		output->x = place->x;
		output->y = place->y;
	}
	return NULL;
}

static void on_put(struct sway_operation *operation, const json_t *outputs)
{
	char text[SWAY_TEXT_MAX];
	struct sway_output_state state;
	sway_keep_outputs(operation, outputs);
	const struct sway_place *place = find_misplaced(operation, &state);
	if (!place) {
		operation->put.after(operation, 0, "");
	} else if (++operation->put.tries < READ_BACK_TRIES) {
		sway_pause(operation, ask_put);
	} else {
		snprintf(text, sizeof text,
			"output %s: asked for place %d,%d, sway put it at %d,%d", place->name,
			place->x, place->y, state.x, state.y);
		operation->put.after(operation, -EPROTO, text);
	}
}

static void ask_put(struct sway_operation *operation, const json_t *reply)
{
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_put);
}

static void on_put_done(struct sway_operation *operation, const json_t *reply)
{
	const char *fault = sway_command_error(reply);
	if (fault) /* what came of it is read back */
		fprintf(stderr, "lodged: sway: placing the outputs: %s\n", fault);
	ask_put(operation, NULL);
}

void sway_put(struct sway_operation *operation, sway_after after)
{
	if (operation->backend->closing) { /* they are all about to go */
		after(operation, 0, "");
		return;
	}
	char *commands = operation->wish->count > 0 ? make_commands(operation) : strdup("");
	operation->put.tries = 0;
	operation->put.after = after;
	if (!commands)
		after(operation, -ENOMEM, "no memory");
	else if (commands[0])
		sway_ask(operation, SWAY_RUN_COMMAND, commands, on_put_done);
	else
		ask_put(operation, NULL);
	free(commands);
}
