#include "display/sway/sway_windows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_state.h"

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

bool sway_tree_has_window(const json_t *tree)
{
	return find_window(tree) > 0;
}

/* Whether sway reads these letters between two such quotes as they are: it takes no backslash away. */
static bool fits_quotes(const char *name, char quote)
{
	const char *letter = name;
	for (; *letter && *letter != quote; letter++) {
		if (*letter == '\\' && *++letter == '\0')
			return false; /* would escape the closing quote */
	}
	return *letter == '\0';
}

static void write_workspace_switch(FILE *commands, const char *name)
{
	const char quote = fits_quotes(name, '"') ? '"' : '\'';
	if (strpbrk(name, "\n\r") || !fits_quotes(name, quote))
		return; /* would end the command; it is moved all the same, but not shown */
	fprintf(commands, "; workspace --no-auto-back-and-forth %c%s%c", quote, name, quote);
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
		if (strcmp(sway_get_string(output, "name"), output_name) != 0)
			continue;
		json_array_foreach(json_object_get(output, "nodes"), j, workspace)
		{
			if (strcmp(sway_get_string(workspace, "name"), workspace_name) == 0)
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
		const char *name = sway_get_string(workspace, "name");
		const char *output = sway_get_string(workspace, "output");
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
		const char *name = sway_get_string(output, "name");
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
	const void *data, const char *target, enum sway_view shown)
{
	char *text = NULL;
	size_t size = 0;
	FILE *commands = open_memstream(&text, &size);
	if (!commands)
		return NULL;
	if (write_moves(commands, tree, from, data, target) > 0) {
		const struct view view = find_view(tree, workspaces, from, data, target);
		const bool keep_target = shown == SWAY_KEEP_TARGET ||
			(shown == SWAY_KEEP_WINDOWS && view.target_visible &&
				has_windows(tree, target, view.target_visible));
		write_view(commands, &view, target, keep_target);
	}
	return finish_text(commands, &text);
}

static bool names_have(const json_t *names, const char *name)
{
	size_t index;
	json_t *entry;
	json_array_foreach(names, index, entry)
	{
		const char *other = json_string_value(entry);
		if (other && strcmp(other, name) == 0)
			return true;
	}
	return false;
}

static size_t write_returns(
	FILE *commands, const json_t *tree, const json_t *names, const char *target)
{
	size_t i, j, moves = 0;
	json_t *output, *workspace;
	json_array_foreach(json_object_get(tree, "nodes"), i, output)
	{
		const char *name = sway_get_string(output, "name");
		if (strncmp(name, "__", 2) == 0 || strcmp(name, target) == 0)
			continue;
		json_array_foreach(json_object_get(output, "nodes"), j, workspace)
		{
			const json_int_t window = find_window(workspace);
			if (window <= 0 || !names_have(names, sway_get_string(workspace, "name")))
				continue;
			fprintf(commands,
				"%s[con_id=%" JSON_INTEGER_FORMAT "] move workspace to output %s",
				moves++ ? "; " : "", window, target);
		}
	}
	return moves;
}

static bool workspace_holds_windows(const json_t *tree, const char *name)
{
	size_t index;
	json_t *output;
	json_array_foreach(json_object_get(tree, "nodes"), index, output)
	{
		if (has_windows(tree, sway_get_string(output, "name"), name))
			return true;
	}
	return false;
}

static const char *find_focused(const json_t *workspaces)
{
	size_t index;
	json_t *workspace;
	json_array_foreach(workspaces, index, workspace)
	{
		if (json_is_true(json_object_get(workspace, "focused")))
			return sway_get_string(workspace, "name");
	}
	return NULL;
}

char *sway_return_commands(const json_t *tree, const json_t *workspaces, const json_t *names,
	const char *visible, const char *target)
{
	char *text = NULL;
	size_t size = 0;
	FILE *commands = open_memstream(&text, &size);
	if (!commands)
		return NULL;
	if (write_returns(commands, tree, names, target) > 0) {
		const char *focused = find_focused(workspaces);
		if (visible && names_have(names, visible) && workspace_holds_windows(tree, visible))
			write_workspace_switch(commands, visible);
		if (focused)
			write_workspace_switch(commands, focused);
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
		const char *name = sway_get_string(output, "name");
		if (strncmp(name, "__", 2) != 0 && from(data, name))
			write_windows(commands, output, target);
	}
	return finish_text(commands, &text);
}
