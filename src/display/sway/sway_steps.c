#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_private.h"

#define READ_BACK_TRIES 40 /* times 20 ms */
#define MOVE_TRIES 4

/*
 * Small, so that nobody pays for it. Not slow: sway 1.7 lets the timer of the old rate run out before the first picture
 * of the next mode, so 1 Hz would keep whoever gets the output waiting for up to a second.
 */
static const struct display_mode parked_mode = {
	.width_px = 16, .height_px = 16, .refresh_mhz = 25000, .scale_percent = 100
};

bool sway_mode_is_parked(const struct display_mode *mode)
{
	return sway_size_matches(&parked_mode, mode);
}

void sway_keep_outputs(struct sway_operation *operation, const json_t *outputs)
{
	json_decref(operation->outputs);
	operation->outputs = json_incref((json_t *)outputs);
}

/* --- apply: set a mode, read it back --- */

static void ask_applied(struct sway_operation *operation, const json_t *reply);

static void fail_apply(struct sway_operation *operation)
{
	char asked[DISPLAY_MODE_TEXT_MAX], got[DISPLAY_MODE_TEXT_MAX], text[SWAY_TEXT_MAX];
	snprintf(text, sizeof text, "output %s: asked for %s, sway made it %s",
		operation->apply.name, display_mode_format(&operation->apply.mode, asked),
		display_mode_format(&operation->state.mode, got));
	operation->apply.after(operation, -EPROTO, text);
}

static void on_applied(struct sway_operation *operation, const json_t *outputs)
{
	char text[SWAY_TEXT_MAX];
	sway_keep_outputs(operation, outputs);
	if (!sway_output_state_find(outputs, operation->apply.name, &operation->state)) {
		snprintf(text, sizeof text, "output %s is gone", operation->apply.name);
		operation->apply.after(operation, -ENODEV, text);
	} else if (operation->state.active &&
		sway_mode_matches(&operation->apply.mode, &operation->state.mode)) {
		operation->apply.after(operation, 0, "");
	} else if (++operation->apply.tries >= READ_BACK_TRIES) {
		fail_apply(operation);
	} else {
		sway_pause(operation, ask_applied);
	}
}

static void ask_applied(struct sway_operation *operation, const json_t *reply)
{
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_applied);
}

static void on_mode_set(struct sway_operation *operation, const json_t *reply)
{
	char text[SWAY_TEXT_MAX];
	const char *fault = sway_command_error(reply);
	if (!fault) {
		ask_applied(operation, NULL);
		return;
	}
	snprintf(text, sizeof text, "output %s: sway refused the mode: %.160s",
		operation->apply.name, fault);
	operation->apply.after(operation, -EINVAL, text);
}

void sway_apply_mode(struct sway_operation *operation, const char *name,
	const struct display_mode *mode, sway_after after)
{
	char command[SWAY_MODE_COMMAND_MAX];
	snprintf(operation->apply.name, sizeof operation->apply.name, "%s", name);
	operation->apply.mode = *mode;
	operation->apply.tries = 0;
	operation->apply.after = after;
	sway_mode_command(name, mode, command);
	sway_ask(operation, SWAY_RUN_COMMAND, command, on_mode_set);
}

/* --- move: windows to another output, until none is left behind --- */

static void ask_tree(struct sway_operation *operation, const json_t *reply);

static void on_moved(struct sway_operation *operation, const json_t *reply)
{
	const char *fault = sway_command_error(reply);
	if (fault)
		fprintf(stderr, "lodged: sway: moving windows to %s: %s\n", operation->move.target,
			fault);
	/* A window may have been mapped in between. */
	if (++operation->move.tries < MOVE_TRIES)
		ask_tree(operation, NULL);
	else
		operation->move.after(operation, fault ? -EIO : 0, fault);
}

static void on_workspaces(struct sway_operation *operation, const json_t *workspaces)
{
	char *commands = sway_move_commands(operation->move.tree, workspaces, operation->move.from,
		operation, operation->move.target, operation->move.shown);
	if (commands && commands[0])
		sway_ask(operation, SWAY_RUN_COMMAND, commands, on_moved);
	else
		operation->move.after(operation, commands ? 0 : -ENOMEM, "no memory");
	free(commands);
}

static void on_tree(struct sway_operation *operation, const json_t *tree)
{
	json_decref(operation->move.tree);
	operation->move.tree = json_incref((json_t *)tree);
	sway_ask(operation, SWAY_GET_WORKSPACES, NULL, on_workspaces);
}

static void ask_tree(struct sway_operation *operation, const json_t *reply)
{
	sway_ask(operation, SWAY_GET_TREE, NULL, on_tree);
}

void sway_move(struct sway_operation *operation, sway_output_test from, const char *target,
	enum sway_view shown, sway_after after)
{
	operation->move.from = from;
	snprintf(operation->move.target, sizeof operation->move.target, "%s", target);
	operation->move.shown = shown;
	operation->move.tries = 0;
	operation->move.after = after;
	ask_tree(operation, NULL);
}

/* --- withdraw: move its windows away, then unplug or park an output --- */

static void ask_gone(struct sway_operation *operation, const json_t *reply);

static void after_parking(struct sway_operation *operation, int error, const char *text)
{
	/* Parked at whatever size is parked still: the next create asks for its own. */
	if (error != -ENODEV)
		sway_names_add(&operation->backend->parked, operation->withdraw.name);
	operation->withdraw.after(operation, error == -ENODEV ? 0 : error, text);
}

static void park(struct sway_operation *operation)
{
	sway_apply_mode(operation, operation->withdraw.name, &parked_mode, after_parking);
}

static void end_withdrawn(struct sway_operation *operation)
{
	sway_notes_forget_made(&operation->backend->notes, operation->withdraw.name);
	operation->withdraw.after(operation, 0, "");
}

static void on_gone(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_output_state state;
	sway_keep_outputs(operation, outputs);
	if (!sway_output_state_find(outputs, operation->withdraw.name, &state))
		end_withdrawn(operation);
	else if (++operation->withdraw.tries < READ_BACK_TRIES)
		sway_pause(operation, ask_gone);
	else
		park(operation);
}

static void ask_gone(struct sway_operation *operation, const json_t *reply)
{
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_gone);
}

static void on_unplugged(struct sway_operation *operation, const json_t *reply)
{
	const char *fault = sway_command_error(reply);
	if (!fault) {
		ask_gone(operation, NULL);
		return;
	}
	fprintf(stderr, "lodged: sway: output %s is not unplugged but parked: %s\n",
		operation->withdraw.name, fault);
	operation->backend->can_unplug = false;
	park(operation);
}

static void remove_output(struct sway_operation *operation, const json_t *reply)
{
	char command[SOURCE_NAME_MAX + 32];
	/* Never without any output: a window that is mapped then ends sway. */
	if (!operation->backend->can_unplug || !operation->move.target[0]) {
		park(operation);
		return;
	}
	snprintf(command, sizeof command, "output %s unplug", operation->withdraw.name);
	sway_ask(operation, SWAY_RUN_COMMAND, command, on_unplugged);
}

static void after_moving_away(struct sway_operation *operation, int error, const char *text)
{
	char command[SOURCE_NAME_MAX + 32];
	if (!operation->withdraw.focused) {
		remove_output(operation, NULL);
		return;
	}
	snprintf(command, sizeof command, "focus output %s", operation->move.target);
	sway_ask(operation, SWAY_RUN_COMMAND, command, remove_output);
}

static bool is_withdrawn(const void *data, const char *name)
{
	const struct sway_operation *operation = data;
	return strcmp(operation->withdraw.name, name) == 0;
}

/* Where its windows go: a display, else any other output that is looked at, else a hidden one. */
static int rank_target(
	const struct sway_operation *operation, const struct sway_output_state *state)
{
	const struct sway_backend *backend = operation->backend;
	if (!state->active || is_withdrawn(operation, state->name))
		return 0;
	if (!sway_backend_hides(backend, state->name))
		return sway_backend_find(backend, state->name) ? 4 : 3;
	return sway_names_have(&backend->stale, state->name) ||
			sway_names_have(&backend->parked, state->name)
		? 1
		: 2; /* the anchor */
}

static void on_withdraw_outputs(struct sway_operation *operation, const json_t *outputs)
{
	struct sway_output_state state;
	size_t index;
	json_t *entry;
	int best = 0;
	char target[SOURCE_NAME_MAX] = "";
	sway_keep_outputs(operation, outputs);
	if (!sway_output_state_find(outputs, operation->withdraw.name, &state)) {
		end_withdrawn(operation);
		return;
	}
	operation->withdraw.focused = state.focused;
	json_array_foreach(outputs, index, entry)
	{
		if (!sway_output_state_read(entry, &state) ||
			rank_target(operation, &state) <= best)
			continue;
		best = rank_target(operation, &state);
		memcpy(target, state.name, sizeof target);
	}
	if (best == 0) {
		operation->move.target[0] = '\0';
		park(operation);
		return;
	}
	sway_move(operation, is_withdrawn, target, best > 2 ? SWAY_KEEP_TARGET : SWAY_SHOW_MOVED,
		after_moving_away);
}

void sway_withdraw(struct sway_operation *operation, const char *name, sway_after after)
{
	snprintf(operation->withdraw.name, sizeof operation->withdraw.name, "%s", name);
	operation->withdraw.tries = 0;
	operation->withdraw.after = after;
	sway_ask(operation, SWAY_GET_OUTPUTS, NULL, on_withdraw_outputs);
}
