#include "display/sway/sway_arrivals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "display/sway/sway_seats.h"
#include "display/sway/sway_state.h"

#define ANCESTORS_MAX 64

struct window {
	json_int_t id, pid;
	const char *output; /* of the tree */
};

struct windows {
	struct window *all;
	size_t count, capacity;
	bool failed;
};

void sway_arrivals_add(struct sway_arrivals *arrivals, json_int_t id)
{
	if (arrivals->count == SWAY_ARRIVALS_MAX)
		memmove(arrivals->ids, arrivals->ids + 1,
			--arrivals->count * sizeof *arrivals->ids);
	arrivals->ids[arrivals->count++] = id;
}

static bool is_arrival(const struct sway_arrivals *arrivals, json_int_t id)
{
	for (size_t i = 0; i < arrivals->count; i++) {
		if (arrivals->ids[i] == id)
			return true;
	}
	return false;
}

static void add_window(struct windows *windows, const json_t *container, const char *output)
{
	if (windows->count == windows->capacity) {
		const size_t capacity = windows->capacity * 2 + 16;
		struct window *all = realloc(windows->all, capacity * sizeof *all);
		if (!all) {
			windows->failed = true;
			return;
		}
		windows->all = all;
		windows->capacity = capacity;
	}
	windows->all[windows->count++] = (struct window){
		.id = json_integer_value(json_object_get(container, "id")),
		.pid = json_integer_value(json_object_get(container, "pid")),
		.output = output,
	};
}

static void collect(struct windows *windows, const json_t *container, const char *output)
{
	static const char *const lists[] = { "nodes", "floating_nodes" };
	if (json_object_get(container, "pid"))
		add_window(windows, container, output);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		size_t index;
		json_t *child;
		json_array_foreach(json_object_get(container, lists[i]), index, child)
		{
			collect(windows, child, output);
		}
	}
}

/* 0: it has none, or is gone. */
static json_int_t parent_of(json_int_t pid)
{
	char path[64], line[128];
	long long parent = 0;
	snprintf(path, sizeof path, "/proc/%" JSON_INTEGER_FORMAT "/status", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof line, file) && sscanf(line, "PPid: %lld", &parent) != 1)
		;
	fclose(file);
	return parent;
}

/* Whether a seat has the window in focus: the first one, or any other. */
static bool has_focus(const json_t *seats, json_int_t id, bool first)
{
	size_t index;
	json_t *seat;
	json_array_foreach(seats, index, seat)
	{
		const bool is_first = strcmp(sway_get_string(seat, "name"), SWAY_FIRST_SEAT) == 0;
		if (is_first == first && json_integer_value(json_object_get(seat, "focus")) == id)
			return true;
	}
	return false;
}

static const struct window *find_of_process(
	const struct windows *windows, const json_t *seats, json_int_t pid, json_int_t but)
{
	const struct window *found = NULL;
	for (size_t i = 0; i < windows->count; i++) {
		const struct window *window = &windows->all[i];
		if (window->pid != pid || window->id == but)
			continue;
		if (has_focus(seats, window->id, false))
			return window;
		if (!found || has_focus(seats, window->id, true))
			found = window;
	}
	return found;
}

static const struct window *find_opener(
	const struct windows *windows, const json_t *seats, const struct window *arrival)
{
	json_int_t pid = arrival->pid;
	for (int i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		const struct window *opener = find_of_process(windows, seats, pid, arrival->id);
		if (opener)
			return opener;
		pid = parent_of(pid);
	}
	return NULL;
}

static void write_arrival(FILE *commands, const struct windows *windows, const json_t *seats,
	const struct window *arrival, const struct sway_arrival_rules *rules)
{
	const struct window *opener = find_opener(windows, seats, arrival);
	const char *output = arrival->output;
	if (opener && !rules->hidden(rules->hidden_data, opener->output))
		output = opener->output;
	else if (rules->hidden(rules->hidden_data, output))
		output = rules->fallback;
	if (!output[0])
		return;
	if (strcmp(output, arrival->output) != 0)
		fprintf(commands, "[con_id=%" JSON_INTEGER_FORMAT "] move container to output %s; ",
			arrival->id, output);
	const bool of_others = opener && has_focus(seats, opener->id, false);
	const bool of_first = !opener || has_focus(seats, opener->id, true);
	if (of_first && !of_others && strcmp(output, rules->focused) == 0)
		fprintf(commands, "[con_id=%" JSON_INTEGER_FORMAT "] focus; ", arrival->id);
}

char *sway_arrival_commands(const json_t *tree, const json_t *seats,
	const struct sway_arrivals *arrivals, const struct sway_arrival_rules *rules)
{
	struct windows windows = { 0 };
	char *text = NULL;
	size_t size = 0, index;
	json_t *output;
	FILE *commands = open_memstream(&text, &size);
	if (!commands)
		return NULL;
	json_array_foreach(json_object_get(tree, "nodes"), index, output)
	{
		const char *name = sway_get_string(output, "name");
		if (strncmp(name, "__", 2) != 0)
			collect(&windows, output, name);
	}
	for (size_t i = 0; i < windows.count; i++) {
		const struct window *window = &windows.all[i];
		if (is_arrival(arrivals, window->id) ||
			rules->hidden(rules->hidden_data, window->output))
			write_arrival(commands, &windows, seats, window, rules);
	}
	free(windows.all);
	const bool failed = ferror(commands) || windows.failed;
	if (fclose(commands) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}
