#include "isolation/isolation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "isolation/isolation_private.h"

/* In order: beside this program (as in an unpacked archive), where the build leaves it, where it is installed. */
static char *find_keeper(const char *wanted)
{
	static const char *const beside[] = { "lodge-keeper", "../isolation/lodge-keeper" };
	char self[PATH_MAX], path[PATH_MAX + 64];
	if (wanted)
		return access(wanted, X_OK) == 0 ? realpath(wanted, NULL) : NULL;
	const ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
	self[size > 0 ? size : 0] = '\0';
	char *slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; slash && i < sizeof beside / sizeof *beside; i++) {
		snprintf(path, sizeof path, "%s/%s", self, beside[i]);
		if (access(path, X_OK) == 0)
			return strdup(path);
	}
	return access(LODGE_KEEPER, X_OK) == 0 ? strdup(LODGE_KEEPER) : NULL;
}

static int prepare_parent(struct isolation *isolation, const char *parent)
{
	struct stat status;
	if (parent[0] != '/')
		return -EINVAL;
	if (strlen(parent) + strlen(LONGEST_SOCKET) >= sizeof isolation->parent)
		return -ENAMETOOLONG;
	strcpy(isolation->parent, parent);
	if (mkdir(parent, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (stat(parent, &status) < 0)
		return -errno;
	return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

struct isolation *isolation_create(const struct isolation_params *params)
{
	struct isolation *isolation = calloc(1, sizeof *isolation);
	if (!isolation)
		return NULL;
	isolation->event = sd_event_ref(params->event);
	const int error = prepare_parent(isolation, params->runtime_parent);
	if (error < 0) {
		fprintf(stderr,
			"lodged: isolation: the folder %s cannot hold isolated desktops: %s\n",
			params->runtime_parent, strerror(-error));
		isolation_destroy(isolation);
		errno = -error;
		return NULL;
	}
	isolation->keeper = find_keeper(params->keeper);
	isolation_detect(isolation);
	isolation_sweep(isolation);
	return isolation;
}

void isolation_leave(struct isolation *isolation)
{
	struct isolated_tree *tree;
	LIST_FOREACH (tree, &isolation->trees, entry) {
		if (tree->is_kept &&
			(tree->state == TREE_READY ||
				(tree->state == TREE_STARTING && tree->is_adopted)))
			isolated_tree_leave(tree);
	}
}

void isolation_destroy(struct isolation *isolation)
{
	if (!isolation)
		return;
	isolation_leave(isolation);
	for (struct isolated_tree *tree; (tree = LIST_FIRST(&isolation->trees));)
		isolated_tree_end(tree);
	isolation_leave_kept(isolation);
	tree_endings_finish(&isolation->endings);
	for (const struct confined_name *one; (one = LIST_FIRST(&isolation->confined));)
		isolation_confine(isolation, one->name, NULL);
	sd_event_unref(isolation->event);
	free(isolation->keeper);
	free(isolation);
}

const struct isolation_capabilities *isolation_capabilities(const struct isolation *isolation)
{
	return &isolation->capabilities;
}
