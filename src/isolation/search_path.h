/*
 * Finding a program by its name.
 *
 * Room: isolation. Any thread.
 */
#ifndef LODGE_ISOLATION_SEARCH_PATH_H
#define LODGE_ISOLATION_SEARCH_PATH_H

#include <limits.h>
#include <stdbool.h>

/* What a tree has unless it is told otherwise; gamescope lives in /usr/games. */
#define SEARCH_PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"

/* A name with a slash is a path already. False with errno. */
bool search_path_find(const char *search_path, const char *name, char path[PATH_MAX]);

#endif
