#include "display/gamescope/gamescope_command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A NULL-terminated vector of its own strings. */
struct list {
	char ***strings;
	size_t *count;
	bool failed;
};

/* Takes the string over. */
static void add_taken(struct list *list, char *string)
{
	char **grown = string ? realloc(*list->strings, (*list->count + 2) * sizeof *grown) : NULL;
	if (!grown) {
		list->failed = true;
		free(string);
		return;
	}
	grown[(*list->count)++] = string;
	grown[*list->count] = NULL;
	*list->strings = grown;
}

static void add(struct list *list, const char *string)
{
	add_taken(list, strdup(string));
}

static void add_number(struct list *list, uint32_t number)
{
	char text[16];
	snprintf(text, sizeof text, "%u", number);
	add(list, text);
}

/* It becomes a word of PipeWire's properties. */
static bool is_plain(const char *name)
{
	const size_t size = strlen(name);
	return size > 0 &&
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
		size;
}

static uint32_t whole_hertz(uint32_t refresh_mhz)
{
	const uint32_t hertz = (refresh_mhz + 500) / 1000;
	return hertz ? hertz : 1;
}

uint32_t gamescope_command_refresh_mhz(const struct display_mode *mode)
{
	return whole_hertz(mode->refresh_mhz) * 1000;
}

/* The program gets none of what was meant for gamescope. */
static void add_program(struct list *list, const struct gamescope_command_params *params)
{
	if (params->argument_count == 0) {
		add(list, "--keep-alive");
		return;
	}
	add(list, "--");
	add(list, "env");
	add(list, "-u");
	add(list, "PIPEWIRE_PROPS");
	for (size_t i = 0; i < params->own_environment_count; i++) {
		const char *variable = params->own_environment[i];
		add(list, "-u");
		add_taken(list, strndup(variable, strcspn(variable, "=")));
	}
	for (size_t i = 0; i < params->environment_count; i++)
		add(list, params->environment[i]);
	for (size_t i = 0; i < params->argument_count; i++)
		add(list, params->arguments[i]);
}

static void add_arguments(struct list *list, const struct gamescope_command_params *params)
{
	add(list, params->binary ? params->binary : "gamescope");
	add(list, "--backend");
	add(list, "headless");
	add(list, "-W");
	add_number(list, params->mode.width_px);
	add(list, "-H");
	add_number(list, params->mode.height_px);
	add(list, "-r");
	add_number(list, whole_hertz(params->mode.refresh_mhz));
	add(list, "-R");
	add(list, params->ready_path);
	add_program(list, params);
}

int gamescope_command_make(
	struct gamescope_command *command, const struct gamescope_command_params *params)
{
	*command = (struct gamescope_command){ 0 };
	if (!is_plain(params->node_name))
		return -EINVAL;
	struct list arguments = { &command->arguments, &command->argument_count, false };
	struct list environment = { &command->environment, &command->environment_count, false };
	add_arguments(&arguments, params);
	char properties[128];
	snprintf(properties, sizeof properties, "PIPEWIRE_PROPS={ node.name = \"%.64s\" }",
		params->node_name);
	add(&environment, properties);
	for (size_t i = 0; i < params->own_environment_count; i++)
		add(&environment, params->own_environment[i]);
	if (!arguments.failed && !environment.failed)
		return 0;
	gamescope_command_finish(command);
	return -ENOMEM;
}

static void free_list(char **strings)
{
	for (size_t i = 0; strings && strings[i]; i++)
		free(strings[i]);
	free(strings);
}

void gamescope_command_finish(struct gamescope_command *command)
{
	free_list(command->arguments);
	free_list(command->environment);
	*command = (struct gamescope_command){ 0 };
}
