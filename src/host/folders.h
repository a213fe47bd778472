/*
 * Where lodged keeps its files. Room: host.
 */
#ifndef LODGE_HOST_FOLDERS_H
#define LODGE_HOST_FOLDERS_H

#include <limits.h>

struct folders {
	char config[PATH_MAX], state[PATH_MAX], runtime[PATH_MAX], pages[PATH_MAX];
	char console[PATH_MAX]; /* "": there is none beside the pages */
};

struct options;

/*
 * Resolves the XDG defaults, makes what is missing (0700) and finds the pages. 0 or a negative errno with a
 * line on standard error that names the folder.
 */
int folders_prepare(struct folders *folders, const struct options *options);

#endif
