/*
 * Whatever sway answers: {"outputs": [...], "tree": {...}, "workspaces": [...]}, each as it comes from sway;
 * "names" and "visible" as noted of a dark output.
 */
#include <stdbool.h>
#include <string.h>

#include "display/sway/sway_dark.h"
#include "display/sway/sway_windows.h"
#include "fuzz.h"

static bool is_from(const void *data, const char *name)
{
	return strcmp(name, "HEADLESS-2") != 0;
}

/* No name in the answer may end a command or open another one. */
static void check_commands(char *commands)
{
	char quote = '\0';
	FUZZ_ASSERT(commands);
	for (const char *letter = commands; *letter; letter++) {
		FUZZ_ASSERT(*letter != '\n');
		if (quote && *letter == '\\' && letter[1])
			letter++;
		else if (quote && *letter == quote)
			quote = '\0';
		else if (!quote && (*letter == '"' || *letter == '\''))
			quote = *letter;
	}
	FUZZ_ASSERT(!quote);
	free(commands);
}

/* Noted before it is turned off, read by the next start: nothing may be lost or added on the way. */
static void check_dark(const struct sway_output_state *state, const json_t *workspaces)
{
	struct sway_dark dark;
	char command[SWAY_DARK_COMMAND_MAX];
	json_t *entry = sway_dark_describe(state, workspaces);
	FUZZ_ASSERT(entry);
	if (sway_dark_read(entry, &dark)) {
		FUZZ_ASSERT(strcmp(dark.name, state->name) == 0);
		FUZZ_ASSERT(sway_dark_is_restored(&dark, state) == state->active);
		sway_dark_command(&dark, command);
		FUZZ_ASSERT(strlen(command) < sizeof command - 1 && !strpbrk(command, ";,\n\""));
	}
	json_decref(entry);
}

static void check_output(const json_t *outputs, const json_t *entry, const json_t *workspaces)
{
	struct sway_output_state state, found;
	char command[SWAY_MODE_COMMAND_MAX];
	if (!sway_output_state_read(entry, &state))
		return;
	FUZZ_ASSERT(state.name[0] && !strpbrk(state.name, " ;,\"'\n[]"));
	FUZZ_ASSERT(sway_output_state_find(outputs, state.name, &found));
	FUZZ_ASSERT(strcmp(state.name, found.name) == 0);
	FUZZ_ASSERT(sway_mode_matches(&state.mode, &state.mode));
	sway_mode_command(state.name, &state.mode, command);
	FUZZ_ASSERT(strlen(command) < sizeof command - 1);
	check_dark(&state, workspaces);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	json_t *answer = json_loadb((const char *)bytes, size, 0, NULL);
	const json_t *outputs = json_object_get(answer, "outputs");
	const json_t *tree = json_object_get(answer, "tree");
	const json_t *workspaces = json_object_get(answer, "workspaces");
	size_t index;
	json_t *entry;
	json_array_foreach(outputs, index, entry)
	{
		check_output(outputs, entry, workspaces);
	}
	check_commands(sway_move_commands(
		tree, workspaces, is_from, NULL, "HEADLESS-2", SWAY_KEEP_WINDOWS));
	check_commands(sway_move_commands(
		tree, workspaces, is_from, NULL, "HEADLESS-2", SWAY_KEEP_TARGET));
	check_commands(
		sway_move_commands(tree, workspaces, is_from, NULL, "HEADLESS-2", SWAY_SHOW_MOVED));
	check_commands(sway_return_commands(tree, workspaces, json_object_get(answer, "names"),
		sway_get_string(answer, "visible"), "HEADLESS-2"));
	check_commands(sway_window_commands(tree, is_from, NULL, "HEADLESS-2"));
	sway_command_error(outputs);
	json_decref(answer);
	return 0;
}
