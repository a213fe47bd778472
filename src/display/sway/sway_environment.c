#include "display/sway/sway_environment.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEARCH_PATH "/usr/local/bin:/usr/bin:/bin"

/* A command is one line of the configuration. */
static bool is_one_line(const char *command)
{
	return !strpbrk(command, "\n\r");
}

int sway_environment_write_config(int folder, const struct sway_spawn_params *params)
{
	const int fd = openat(folder, "config", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	FILE *file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	fprintf(file,
		"xwayland disable\n"
		"default_border none\n"
		"focus_follows_mouse yes\n"
		/* Windows open while there is only the anchor: its size must not be theirs. */
		"floating_maximum_size -1 x -1\n"
		"output " SWAY_ANCHOR " " SWAY_ANCHOR_MODE "\n");
	int error = 0;
	for (size_t i = 0; i < params->launch_count; i++) {
		if (!is_one_line(params->launch[i]))
			error = -EINVAL;
		else
			fprintf(file, "exec %s\n", params->launch[i]);
	}
	if (ferror(file))
		error = -EIO;
	if (fclose(file) != 0 && error == 0)
		error = -errno;
	return error;
}

int sway_environment_add_config(const char *ipc_socket, const char *lines)
{
	char *path = NULL;
	const char *name = strrchr(ipc_socket, '/');
	if (!name || asprintf(&path, "%.*s/config", (int)(name - ipc_socket), ipc_socket) < 0)
		return -ENOMEM;
	int error = 0;
	FILE *file = fopen(path, "ae");
	if (!file || fputs(lines, file) < 0)
		error = -errno;
	if (file && fclose(file) != 0 && error == 0)
		error = -errno;
	free(path);
	return error;
}

static bool same_name(const char *a, const char *b)
{
	const size_t size = strcspn(a, "=");
	return strncmp(a, b, size) == 0 && b[size] == '=';
}

/* Takes `assignment` over; a later one of the same name replaces the earlier one. */
static bool set(char **environment, size_t *count, char *assignment)
{
	if (!assignment)
		return false;
	for (size_t i = 0; i < *count; i++) {
		if (same_name(environment[i], assignment)) {
			free(environment[i]);
			environment[i] = assignment;
			return true;
		}
	}
	environment[(*count)++] = assignment;
	return true;
}

static char *assign(const char *name, const char *value)
{
	char *assignment = NULL;
	return asprintf(&assignment, "%s=%s", name, value) < 0 ? NULL : assignment;
}

char **sway_environment_make(const struct sway_spawn_params *params, const char *folder)
{
	const struct passwd *user = getpwuid(geteuid());
	const struct {
		const char *name, *value;
	} defaults[] = {
		{ "PATH", params->search_path ? params->search_path : SEARCH_PATH },
		{ "HOME", user ? user->pw_dir : "/" },
		{ "USER", user ? user->pw_name : "nobody" },
		{ "LOGNAME", user ? user->pw_name : "nobody" },
		{ "SHELL", user && user->pw_shell[0] ? user->pw_shell : "/bin/sh" },
		{ "LANG", "C.UTF-8" },
		{ "XDG_SESSION_TYPE", "wayland" },
		{ "XDG_CURRENT_DESKTOP", "sway" },
		{ "XDG_RUNTIME_DIR", folder },
		{ "WLR_BACKENDS", "headless" },
		{ "WLR_HEADLESS_OUTPUTS", "1" },
		{ "WLR_LIBINPUT_NO_DEVICES", "1" },
		{ "WLR_RENDERER", "pixman" },
	};
	const size_t fixed = sizeof defaults / sizeof *defaults;
	size_t count = 0;
	char **environment = calloc(fixed + params->environment_count + 1, sizeof *environment);
	if (!environment)
		return NULL;
	for (size_t i = 0; i < fixed; i++) {
		if (!set(environment, &count, assign(defaults[i].name, defaults[i].value)))
			goto error;
	}
	for (size_t i = 0; i < params->environment_count; i++) {
		if (!set(environment, &count, strdup(params->environment[i])))
			goto error;
	}
	return environment;
error:
	sway_environment_free(environment);
	return NULL;
}

void sway_environment_free(char **environment)
{
	for (char **assignment = environment; assignment && *assignment; assignment++)
		free(*assignment);
	free(environment);
}

char *sway_environment_find_binary(const struct sway_spawn_params *params)
{
	const char *name = params->binary ? params->binary : "sway";
	const char *rest = params->search_path ? params->search_path : SEARCH_PATH;
	if (strchr(name, '/')) {
		char *path = realpath(name, NULL);
		if (path && access(path, X_OK) < 0) {
			free(path);
			path = NULL;
		}
		return path;
	}
	while (*rest) {
		const int size = (int)strcspn(rest, ":");
		char *path = NULL;
		if (asprintf(&path, "%.*s/%s", size, rest, name) < 0)
			return NULL;
		if (access(path, X_OK) == 0)
			return path;
		free(path);
		rest += size + (rest[size] == ':');
	}
	errno = ENOENT;
	return NULL;
}

static bool copy_string(const char **copy, const char *text)
{
	*copy = text ? strdup(text) : NULL;
	return !text || *copy;
}

static bool copy_list(const char *const **copy, const char *const *list, size_t count)
{
	bool copied = true;
	const char **strings = calloc(count + 1, sizeof *strings);
	*copy = strings;
	for (size_t i = 0; strings && i < count; i++)
		copied = copy_string(&strings[i], list[i]) && copied;
	return strings && copied;
}

static void free_list(const char *const *list, size_t count)
{
	for (size_t i = 0; list && i < count; i++)
		free((void *)list[i]);
	free((void *)list);
}

struct sway_spawn_params *sway_spawn_params_copy(const struct sway_spawn_params *params)
{
	struct sway_spawn_params *copy = calloc(1, sizeof *copy);
	if (!copy)
		return NULL;
	copy->environment_count = params->environment_count;
	copy->launch_count = params->launch_count;
	copy->adopt_count = params->adopt_count;
	copy->journal = params->journal;
	copy->program_count = params->program_count;
	copy->program_environment_count = params->program_environment_count;
	copy->isolation = params->isolation;
	copy->tree_changed = params->tree_changed;
	copy->tree_data = params->tree_data;
	copy->program_ended = params->program_ended;
	copy->adopt_program = params->adopt_program;
	if (copy_string(&copy->binary, params->binary) &&
		copy_string(&copy->runtime_parent, params->runtime_parent) &&
		copy_string(&copy->search_path, params->search_path) &&
		copy_string(&copy->tree_name, params->tree_name) &&
		copy_list(&copy->program, params->program, params->program_count) &&
		copy_list(&copy->program_environment, params->program_environment,
			params->program_environment_count) &&
		copy_list(&copy->environment, params->environment, params->environment_count) &&
		copy_list(&copy->adopt, params->adopt, params->adopt_count) &&
		copy_list(&copy->launch, params->launch, params->launch_count))
		return copy;
	sway_spawn_params_free(copy);
	return NULL;
}

void sway_spawn_params_end_adoption(struct sway_spawn_params *params)
{
	free_list(params->adopt, params->adopt_count);
	params->adopt = NULL;
	params->adopt_count = 0;
}

void sway_spawn_params_free(struct sway_spawn_params *params)
{
	if (!params)
		return;
	free((void *)params->binary);
	free((void *)params->runtime_parent);
	free((void *)params->search_path);
	free((void *)params->tree_name);
	free_list(params->environment, params->environment_count);
	free_list(params->launch, params->launch_count);
	free_list(params->adopt, params->adopt_count);
	free_list(params->program, params->program_count);
	free_list(params->program_environment, params->program_environment_count);
	free(params);
}
