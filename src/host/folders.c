#include "host/folders.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/options.h"

static int make_folders(const char *path)
{
	char partial[PATH_MAX];
	snprintf(partial, sizeof partial, "%s", path);
	for (char *slash = partial + 1;; slash++) {
		const char kept = *slash;
		if (kept != '/' && kept != '\0')
			continue;
		*slash = '\0';
		if (mkdir(partial, 0700) < 0 && errno != EEXIST) {
			const int error = errno;
			fprintf(stderr, "lodged: %s: %s\n", partial, strerror(error));
			return -error;
		}
		if (kept == '\0')
			return 0;
		*slash = kept;
	}
}

static int resolve(char *path, const char *option, const char *variable, const char *under_home)
{
	const char *base = getenv(variable);
	const char *home = getenv("HOME");
	int size;
	if (option)
		size = snprintf(path, PATH_MAX, "%s", option);
	else if (base && base[0] == '/')
		size = snprintf(path, PATH_MAX, "%s/lodge", base);
	else if (home && home[0] == '/')
		size = snprintf(path, PATH_MAX, "%s/%s/lodge", home, under_home);
	else {
		fprintf(stderr,
			"lodged: neither %s nor HOME is set; name the folder with an option\n",
			variable);
		return -ENOENT;
	}
	if (size >= PATH_MAX) {
		fprintf(stderr, "lodged: the folder of %s has too long a name\n", variable);
		return -ENAMETOOLONG;
	}
	return make_folders(path);
}

static int find_pages(char *path, const char *option)
{
	char binary[PATH_MAX - 64], candidate[PATH_MAX];
	if (option) {
		snprintf(path, PATH_MAX, "%s", option);
		return 0;
	}
	const ssize_t size = readlink("/proc/self/exe", binary, sizeof binary - 1);
	if (size > 0) {
		binary[size] = '\0';
		*strrchr(binary, '/') = '\0';
		static const char *const places[] = { "web", "../../../web/viewer",
			"../share/lodge/web" };
		for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
			snprintf(candidate, sizeof candidate, "%s/%s", binary, places[i]);
			if (realpath(candidate, path))
				return 0;
		}
	}
	fprintf(stderr, "lodged: the viewer page was not found beside %s; name it with --pages\n",
		binary);
	return -ENOENT;
}

/* The operator's console lies beside the viewer. */
static void find_console(struct folders *folders)
{
	char candidate[PATH_MAX + 16];
	snprintf(candidate, sizeof candidate, "%s/../console", folders->pages);
	if (realpath(candidate, folders->console))
		return;
	folders->console[0] = '\0';
	fprintf(stderr, "lodged: there is no console beside %s; its page is not served\n",
		folders->pages);
}

int folders_prepare(struct folders *folders, const struct options *options)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int error = resolve(folders->config, options->config_folder, "XDG_CONFIG_HOME", ".config");
	if (!error)
		error = resolve(
			folders->state, options->state_folder, "XDG_STATE_HOME", ".local/state");
	if (!error)
		error = find_pages(folders->pages, options->page_folder);
	if (!error)
		find_console(folders);
	snprintf(folders->runtime, sizeof folders->runtime, "%s",
		runtime && runtime[0] == '/' && access(runtime, W_OK) == 0 ? runtime : "/tmp");
	return error;
}
