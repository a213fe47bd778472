#include "display/sway/sway_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFRESH_TOLERANCE_MHZ 10
#define SCALE_TOLERANCE_PERCENT 1

static const char *get_string(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

static uint32_t get_count(const json_t *object, const char *key)
{
	const json_int_t value = json_integer_value(json_object_get(object, key));
	return value < 0 || value > UINT32_MAX ? 0 : (uint32_t)value;
}

static int32_t get_coordinate(const json_t *object, const char *key)
{
	const json_int_t value = json_integer_value(json_object_get(object, key));
	return value < INT32_MIN || value > INT32_MAX ? 0 : (int32_t)value;
}

static bool is_plain(const char *name)
{
	return name[0] && strlen(name) < SOURCE_NAME_MAX &&
		strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") ==
		strlen(name);
}

bool sway_output_state_read(const json_t *entry, struct sway_output_state *state)
{
	const char *name = get_string(entry, "name");
	if (!is_plain(name))
		return false;
	const json_t *mode = json_object_get(entry, "current_mode");
	const json_t *place = json_object_get(entry, "rect");
	const double scale = json_number_value(json_object_get(entry, "scale"));
	*state = (struct sway_output_state){
		.active = json_is_true(json_object_get(entry, "active")),
		.focused = json_is_true(json_object_get(entry, "focused")),
		.mode = {
			.width_px = get_count(mode, "width"),
			.height_px = get_count(mode, "height"),
			.refresh_mhz = get_count(mode, "refresh"),
			.scale_percent = scale > 0 && scale < 100 ? (uint32_t)lround(scale * 100) : 0,
		},
		.x = get_coordinate(place, "x"),
		.y = get_coordinate(place, "y"),
	};
	strcpy(state->name, name);
	return true;
}

bool sway_output_state_find(
	const json_t *outputs, const char *name, struct sway_output_state *state)
{
	size_t index;
	json_t *entry;
	json_array_foreach(outputs, index, entry)
	{
		if (strcmp(get_string(entry, "name"), name) == 0)
			return sway_output_state_read(entry, state);
	}
	return false;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

bool sway_mode_matches(const struct display_mode *asked, const struct display_mode *got)
{
	return asked->width_px == got->width_px && asked->height_px == got->height_px &&
		distance(asked->refresh_mhz, got->refresh_mhz) <= REFRESH_TOLERANCE_MHZ &&
		distance(asked->scale_percent, got->scale_percent) <= SCALE_TOLERANCE_PERCENT;
}

const char *sway_command_error(const json_t *reply)
{
	size_t index;
	json_t *result;
	if (!json_is_array(reply))
		return "sway's answer to a command is no list";
	json_array_foreach(reply, index, result)
	{
		if (!json_is_true(json_object_get(result, "success"))) {
			const char *text = json_string_value(json_object_get(result, "error"));
			return text ? text : "sway gave no reason";
		}
	}
	return NULL;
}

void sway_mode_command(
	const char *name, const struct display_mode *mode, char command[SWAY_MODE_COMMAND_MAX])
{
	/* Without a rate sway 1.12 reports 0 Hz. */
	snprintf(command, SWAY_MODE_COMMAND_MAX,
		"output %s mode --custom %ux%u@%u.%03uHz scale %u.%02u transform normal", name,
		mode->width_px, mode->height_px, mode->refresh_mhz / 1000, mode->refresh_mhz % 1000,
		mode->scale_percent / 100, mode->scale_percent % 100);
}

/* Any window below a container, 0 when there is none. */
static json_int_t find_window(const json_t *container)
{
	static const char *const lists[] = { "nodes", "floating_nodes" };
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		size_t index;
		json_t *child;
		json_array_foreach(json_object_get(container, lists[i]), index, child)
		{
			const json_int_t below = find_window(child);
			if (below > 0)
				return below;
			if (json_object_get(child, "pid"))
				return json_integer_value(json_object_get(child, "id"));
		}
	}
	return 0;
}

static void write_workspace_switch(FILE *commands, const char *name)
{
	if (strpbrk(name, "\n\r"))
		return; /* would end the command */
	fputs("; workspace --no-auto-back-and-forth \"", commands);
	for (const char *letter = name; *letter; letter++) {
		if (*letter == '"' || *letter == '\\')
			fputc('\\', commands);
		fputc(*letter, commands);
	}
	fputc('"', commands);
}

struct view {
	const char *moved_visible; /* a workspace in view on an output it moves away from */
	const char *moved_focused; /* the same, if it has the keyboard focus */
	const char *target_visible, *focused;
};

static bool has_windows(const json_t *tree, const char *output_name, const char *workspace_name)
{
	size_t i, j;
	json_t *output, *workspace;
	json_array_foreach(json_object_get(tree, "nodes"), i, output)
	{
		if (strcmp(get_string(output, "name"), output_name) != 0)
			continue;
		json_array_foreach(json_object_get(output, "nodes"), j, workspace)
		{
			if (strcmp(get_string(workspace, "name"), workspace_name) == 0)
				return find_window(workspace) > 0;
		}
	}
	return false;
}

static struct view find_view(const json_t *tree, const json_t *workspaces, sway_output_test from,
	const void *data, const char *target)
{
	struct view view = { 0 };
	size_t index;
	json_t *workspace;
	json_array_foreach(workspaces, index, workspace)
	{
		const char *name = get_string(workspace, "name");
		const char *output = get_string(workspace, "output");
		const bool focused = json_is_true(json_object_get(workspace, "focused"));
		if (!json_is_true(json_object_get(workspace, "visible")))
			continue;
		if (strcmp(output, target) == 0)
			view.target_visible = name;
		if (from(data, output) && has_windows(tree, output, name)) {
			view.moved_visible = name;
			if (focused)
				view.moved_focused = name;
		} else if (focused && !from(data, output)) {
			view.focused = name;
		}
	}
	return view;
}

/* An output this small shows nothing: the anchor, or a parked one. */
#define HIDDEN_SIZE_PX 16

/* Floating windows that opened on a hidden output lie around its corner. */
static void write_centring(FILE *commands, const json_t *output, const json_t *workspace)
{
	const json_t *rect = json_object_get(output, "rect");
	size_t index;
	json_t *window;
	if (json_integer_value(json_object_get(rect, "width")) > HIDDEN_SIZE_PX)
		return;
	json_array_foreach(json_object_get(workspace, "floating_nodes"), index, window)
	{
		fprintf(commands, "; [con_id=%" JSON_INTEGER_FORMAT "] move position center",
			json_integer_value(json_object_get(window, "id")));
	}
}

static size_t write_moves(FILE *commands, const json_t *tree, sway_output_test from,
	const void *data, const char *target)
{
	size_t i, j, moves = 0;
	json_t *output, *workspace;
	json_array_foreach(json_object_get(tree, "nodes"), i, output)
	{
		const char *name = get_string(output, "name");
		if (strncmp(name, "__", 2) == 0 || !from(data, name))
			continue;
		json_array_foreach(json_object_get(output, "nodes"), j, workspace)
		{
			const json_int_t window = find_window(workspace);
			/* A bare `move workspace` would move the focused one. */
			if (window <= 0)
				continue;
			fprintf(commands,
				"%s[con_id=%" JSON_INTEGER_FORMAT "] move workspace to output %s",
				moves++ ? "; " : "", window, target);
			write_centring(commands, output, workspace);
		}
	}
	return moves;
}

static void write_view(
	FILE *commands, const struct view *view, const char *target, bool keep_target)
{
	const char *shown = keep_target && view->target_visible ? view->target_visible
		: view->moved_focused                           ? view->moved_focused
								: view->moved_visible;
	if (shown) {
		fprintf(commands, "; focus output %s", target);
		write_workspace_switch(commands, shown);
	}
	if (view->focused && (!shown || strcmp(shown, view->focused) != 0) &&
		(keep_target || view->focused != view->target_visible))
		write_workspace_switch(commands, view->focused);
}

/* *text is there once the stream is closed. */
static char *finish_text(FILE *stream, char **text)
{
	const bool failed = ferror(stream);
	if (fclose(stream) != 0 || failed) {
		free(*text);
		return NULL;
	}
	return *text;
}

char *sway_move_commands(const json_t *tree, const json_t *workspaces, sway_output_test from,
	const void *data, const char *target, bool keep_target)
{
	char *text = NULL;
	size_t size = 0;
	FILE *commands = open_memstream(&text, &size);
	if (!commands)
		return NULL;
	if (write_moves(commands, tree, from, data, target) > 0) {
		const struct view view = find_view(tree, workspaces, from, data, target);
		write_view(commands, &view, target, keep_target);
	}
	return finish_text(commands, &text);
}

static void write_windows(FILE *commands, const json_t *container, const char *target)
{
	static const char *const lists[] = { "nodes", "floating_nodes" };
	if (json_object_get(container, "pid"))
		fprintf(commands,
			"[con_id=%" JSON_INTEGER_FORMAT "] move container to output %s, focus; ",
			json_integer_value(json_object_get(container, "id")), target);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		size_t index;
		json_t *child;
		json_array_foreach(json_object_get(container, lists[i]), index, child)
		{
			write_windows(commands, child, target);
		}
	}
}

char *sway_window_commands(
	const json_t *tree, sway_output_test from, const void *data, const char *target)
{
	char *text = NULL;
	size_t size = 0, index;
	json_t *output;
	FILE *commands = open_memstream(&text, &size);
	if (!commands)
		return NULL;
	json_array_foreach(json_object_get(tree, "nodes"), index, output)
	{
		const char *name = get_string(output, "name");
		if (strncmp(name, "__", 2) != 0 && from(data, name))
			write_windows(commands, output, target);
	}
	return finish_text(commands, &text);
}
