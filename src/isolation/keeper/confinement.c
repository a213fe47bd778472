#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isolation/keeper/keeper.h"
#include "isolation/search_path.h"

#define PART_MAX 4 /* words that belong together */

/* What stands before every command, in the making: as long as nothing went wrong. */
struct confinement {
	char **words;
	size_t count;
	int error;
};

/* NULL behind the last. */
static void add(struct confinement *confinement, const char *const part[PART_MAX])
{
	char **words = confinement->error == 0
		? realloc(confinement->words, (confinement->count + PART_MAX + 1) * sizeof *words)
		: NULL;
	if (!words) {
		confinement->error = -ENOMEM;
		return;
	}
	confinement->words = words;
	for (size_t i = 0; i < PART_MAX && part[i]; i++) {
		char *word = strdup(part[i]);
		if (!word) {
			confinement->error = -ENOMEM;
			break;
		}
		words[confinement->count++] = word;
	}
	words[confinement->count] = NULL;
}

#define ADD(confinement, ...) add(confinement, (const char *const[PART_MAX]){ __VA_ARGS__ })

/* `at` is `path`, or a folder above it. */
static bool is_above(const char *at, const char *path)
{
	const size_t size = strlen(at);
	return strncmp(at, path, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

/* Where programs expect the user's home to be, if that can be covered. */
static const char *find_home(const char *own)
{
	const struct passwd *user = getpwuid(geteuid());
	const bool usable = user && user->pw_dir[0] == '/' && user->pw_dir[1] != '\0' &&
		access(user->pw_dir, R_OK | W_OK | X_OK) == 0;
	return usable ? user->pw_dir : own;
}

/* Own folders in place of the user's home and of /tmp; of what was hidden, the tree's own part comes back. */
static void add_home(struct confinement *confinement, struct keeper *keeper,
	const struct keeper_message *setup, const char *own)
{
	char temporary[SOURCE_PATH_MAX + 8], sound[SOURCE_PATH_MAX + 8];
	const char *home = find_home(own);
	size_t position = 0;
	enum keeper_string kind;
	snprintf(temporary, sizeof temporary, "%s/tmp", keeper->folder);
	snprintf(sound, sizeof sound, "%s/sound", keeper->folder);
	if (mkdir(temporary, 0700) < 0)
		confinement->error = -errno;
	ADD(confinement, "--bind", temporary, "/tmp");
	ADD(confinement, "--bind", "/tmp/.X11-unix", "/tmp/.X11-unix");
	for (const char *text; (text = keeper_message_next(setup, &position, &kind));) {
		if (kind == KEEPER_STRING_HIDDEN && !is_above(home, text))
			ADD(confinement, "--tmpfs", text);
	}
	ADD(confinement, "--bind", own, home);
	ADD(confinement, "--bind", keeper->runtime, keeper->runtime);
	ADD(confinement, "--bind-try", sound, sound);
	if (confinement->error == 0)
		confinement->error = assignments_set(&keeper->environment, "HOME", home);
}

int confinement_make(struct keeper *keeper, const struct keeper_message *setup)
{
	const char *home = keeper_message_find(setup, KEEPER_STRING_HOME);
	struct confinement confinement = { 0 };
	char path[PATH_MAX];
	size_t position = 0;
	enum keeper_string kind;
	if (!search_path_find(SEARCH_PATH_DEFAULT, "bwrap", path))
		return -errno;
	ADD(&confinement, path, "--die-with-parent");
	ADD(&confinement, "--bind", "/", "/");
	if (home)
		add_home(&confinement, keeper, setup, home);
	ADD(&confinement, "--dev", "/dev");
	ADD(&confinement, "--dev-bind", "/dev/shm", "/dev/shm");
	ADD(&confinement, "--dev-bind", "/dev/input", "/dev/input"); /* the tree's own, see devices.h */
	for (const char *text; (text = keeper_message_next(setup, &position, &kind));) {
		if (kind == KEEPER_STRING_DEVICE)
			ADD(&confinement, "--dev-bind-try", text, text);
	}
	ADD(&confinement, "--");
	keeper->confinement = confinement.words;
	return confinement.error;
}
