#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "isolation/isolation_private.h"
#include "isolation/keeper_message.h"

static bool is_whole_path(const char *path)
{
	return path[0] == '/' && !strstr(path, "/..");
}

bool isolation_profile_is_valid(const struct isolated_profile *profile)
{
	bool valid = !profile->home || is_whole_path(profile->home);
	for (size_t i = 0; i < profile->hidden_count; i++)
		valid = valid && is_whole_path(profile->hidden[i]);
	for (size_t i = 0; i < profile->device_count; i++)
		valid = valid && strncmp(profile->devices[i], "/dev/", 5) == 0 &&
			!strstr(profile->devices[i], "..");
	return valid;
}

static void free_list(const char *const *list, size_t count)
{
	for (size_t i = 0; list && i < count; i++)
		free((void *)list[i]);
	free((void *)list);
}

/* NULL: no memory. */
static const char *const *copy_list(const char *const *list, size_t count)
{
	const char **copy = calloc(count + 1, sizeof *copy);
	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = strdup(list[i]);
		if (!copy[i]) {
			free_list((const char *const *)copy, i);
			return NULL;
		}
	}
	return (const char *const *)copy;
}

static void forget(struct confined_name *confined)
{
	struct isolated_profile *profile = &confined->profile;
	if (confined->entry.le_prev)
		LIST_REMOVE(confined, entry);
	free((void *)profile->home);
	free_list(profile->hidden, profile->hidden_count);
	free_list(profile->devices, profile->device_count);
	free(confined);
}

static struct confined_name *find(const struct isolation *isolation, const char *name)
{
	struct confined_name *confined;
	LIST_FOREACH (confined, &isolation->confined, entry) {
		if (strcmp(confined->name, name) == 0)
			return confined;
	}
	return NULL;
}

const struct isolated_profile *isolation_profile(
	const struct isolation *isolation, const char *name)
{
	const struct confined_name *confined = find(isolation, name);
	return confined ? &confined->profile : NULL;
}

static struct confined_name *copy(const char *name, const struct isolated_profile *profile)
{
	struct confined_name *confined = calloc(1, sizeof *confined);
	if (!confined)
		return NULL;
	strcpy(confined->name, name);
	confined->profile = (struct isolated_profile){
		.home = profile->home ? strdup(profile->home) : NULL,
		.hidden = copy_list(profile->hidden, profile->hidden_count),
		.hidden_count = profile->hidden_count,
		.devices = copy_list(profile->devices, profile->device_count),
		.device_count = profile->device_count,
	};
	if ((!profile->home || confined->profile.home) && confined->profile.hidden &&
		confined->profile.devices)
		return confined;
	forget(confined);
	return NULL;
}

int isolation_confine(
	struct isolation *isolation, const char *name, const struct isolated_profile *profile)
{
	struct confined_name *before = find(isolation, name), *confined = NULL;
	if (!keeper_name_is_valid(name) || (profile && !isolation_profile_is_valid(profile)))
		return -EINVAL;
	if (profile && !(confined = copy(name, profile)))
		return -ENOMEM;
	if (before)
		forget(before);
	if (confined)
		LIST_INSERT_HEAD(&isolation->confined, confined, entry);
	return 0;
}
