#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "desktops/spawn.h"
#include "display/gamescope/gamescope_takeover.h"

/* "( COMMAND ) & … wait": each of them in a shell of its own, so that what it says ends with it. NULL with errno. */
static char *join_commands(const char *const *commands, size_t count)
{
	size_t size = sizeof "wait";
	for (size_t i = 0; i < count; i++)
		size += strlen(commands[i]) + sizeof "(\n) &\n";
	char *script = malloc(size), *at = script;
	if (!script)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		at = stpcpy(at, "(");
		at = stpcpy(at, commands[i]);
		at = stpcpy(at, "\n) &\n");
	}
	strcpy(at, "wait");
	return script;
}

struct display_backend *desktop_spawn_gamescope(const struct desktop_spawn *spawn)
{
	const struct desktop_program *program = spawn->program;
	struct gamescope_spawn_params params = {
		.isolation = spawn->isolation,
		.tree_name = spawn->name,
		.tree_changed = spawn->tree_changed,
		.program_ended = program ? spawn->program_ended : NULL,
		.tree_data = spawn->tree_data,
		.is_usable = !spawn->ask_version,
		.takeover = spawn->takeover,
		.adopt = spawn->adopt,
		.cannot_restart = spawn->cannot_restart,
	};
	char *script = NULL;
	const char *shell[] = { "sh", "-c", NULL };
	if (program) {
		params.arguments = program->arguments;
		params.argument_count = program->argument_count;
		params.environment = program->environment;
		params.environment_count = program->environment_count;
	} else if (spawn->launch_count > 0) {
		script = join_commands(spawn->launch, spawn->launch_count);
		if (!script) {
			gamescope_takeover_destroy(spawn->takeover);
			return NULL;
		}
		shell[2] = script;
		params.arguments = shell;
		params.argument_count = sizeof shell / sizeof *shell;
	}
	struct display_backend *backend = gamescope_backend_spawn(spawn->event, &params);
	const int error = errno;
	free(script);
	errno = error;
	return backend;
}
