/*
 * An app list in a folder of its own, over the world of the settings' tests: in JSON text ' stands for ".
 */
#ifndef LODGE_TESTS_APPS_WORLD_H
#define LODGE_TESTS_APPS_WORLD_H

#include "apps/apps.h"
#include "settings_world.h"

struct apps_world {
	struct world *world;
	struct app_list *list;
	unsigned changed;
};

int apps_world_set_up(void **state);
int apps_world_tear_down(void **state);

/* As after a start of the host; `file` NULL: what is there stays. */
void apps_world_open(struct apps_world *apps, const char *file);
/* The same, and what was logged meanwhile: to be freed. */
char *apps_world_open_logged(struct apps_world *apps, const char *file);
/* Runs the loop until the list has changed `count` times in all; fails after a deadline. */
void apps_world_wait(struct apps_world *apps, unsigned count);
/* The ids in their order, with blanks between them. */
void assert_ids(const struct apps_world *apps, const char *ids);

#endif
