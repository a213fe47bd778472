#include "apps_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define DEADLINE_S 60

int apps_world_set_up(void **state)
{
	struct apps_world *apps = calloc(1, sizeof *apps);
	void *world;
	assert_non_null(apps);
	world_set_up(&world);
	apps->world = world;
	*state = apps;
	return 0;
}

int apps_world_tear_down(void **state)
{
	struct apps_world *apps = *state;
	void *world = apps->world;
	app_list_close(apps->list);
	free(apps);
	return world_tear_down(&world);
}

static void on_list_changed(void *data)
{
	struct apps_world *apps = data;
	apps->changed++;
}

void apps_world_open(struct apps_world *apps, const char *file)
{
	struct world *world = apps->world;
	app_list_close(apps->list);
	world_open(world);
	if (file)
		world_write_file(world, APPS_FILE, file);
	apps->changed = 0;
	apps->list = app_list_open(&(const struct app_list_params){
		.event = world->event,
		.config_folder = world->folder,
		.worker = world->worker,
		.changed = on_list_changed,
		.changed_data = apps,
	});
	assert_non_null(apps->list);
}

char *apps_world_open_logged(struct apps_world *apps, const char *file)
{
	struct log log = log_begin();
	apps_world_open(apps, file);
	return log_end(&log);
}

void apps_world_wait(struct apps_world *apps, unsigned count)
{
	const time_t end = time(NULL) + DEADLINE_S;
	while (apps->changed < count && time(NULL) < end)
		assert_true(sd_event_run(apps->world->event, 1000000) >= 0);
	assert_int_equal(apps->changed, count);
}

void assert_ids(const struct apps_world *apps, const char *ids)
{
	char are[APPS_MAX * (APP_ID_MAX + 1) + 1] = "";
	for (size_t i = 0; i < app_list_count(apps->list); i++) {
		strcat(are, i > 0 ? " " : "");
		strcat(are, app_list_get(apps->list, i)->id);
	}
	assert_string_equal(are, ids);
}
