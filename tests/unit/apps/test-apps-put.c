#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps_world.h"

#define ONE                                                                                        \
	"{'id':'one','name':'One','command':'foot -e sh','mode':{'width':640,'height':480,"        \
	"'refresh_hz':60}}"
#define TWO                                                                                        \
	"{'id':'two','name':'Two','command':['foot'],'desktop':'isolated','environment':"          \
	"{'A':'b=c'}}"

static bool try_put(struct apps_world *apps, const char *document, struct answer *answer,
	struct settings_faults *faults)
{
	json_t *json = parse(document);
	const bool accepted = app_list_put(apps->list, json, on_answer, answer, faults);
	json_decref(json);
	return accepted;
}

static void assert_put(struct apps_world *apps, const char *document)
{
	struct answer answer = { 0 };
	struct settings_faults faults;
	if (!try_put(apps, document, &answer, &faults))
		fail_msg("refused: %s: %s", faults.faults[0].pointer, faults.faults[0].text);
	world_wait(apps->world, &answer, 1);
	assert_int_equal(answer.error, 0);
}

static void assert_refused(struct apps_world *apps, const char *document, const char *pointers)
{
	struct answer answer = { 0 };
	struct settings_faults faults;
	assert_false(try_put(apps, document, &answer, &faults));
	char *are = pointers_of(&faults);
	assert_string_equal(are, pointers);
	free(are);
}

static void what_is_put_counts_and_is_on_the_disk(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps, NULL);
	assert_put(apps, "{'version':1,'apps':[" ONE "," TWO "]}");
	assert_ids(apps, "one two");
	assert_int_equal(apps->changed, 1);
	static const char document[] =
		"{'version':1,'apps':[{'id':'one','name':'One','command':['foot','-e','sh'],"
		"'desktop':'shared','mode':{'width':640,'height':480,'refresh_hz':60.0}},{'id':"
		"'two','name':'Two','command':['foot'],'environment':{'A':'b=c'},'desktop':"
		"'isolated'}]}";
	assert_json(app_list_document(apps->list), document);
	char *log = apps_world_open_logged(apps, NULL);
	assert_string_equal(log, "");
	assert_json(app_list_document(apps->list), document);
	free(log);
}

static void the_file_is_the_owners_alone(void **state)
{
	struct apps_world *apps = *state;
	char path[128];
	struct stat status;
	apps_world_open(apps, NULL);
	assert_put(apps, "{'apps':[" ONE "]}");
	snprintf(path, sizeof path, "%s/" APPS_FILE, apps->world->folder);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void what_was_put_may_be_put_again(void **state)
{
	struct apps_world *apps = *state;
	struct answer answer = { 0 };
	struct settings_faults faults;
	apps_world_open(apps, "{'apps':[" ONE "," TWO "]}");
	json_t *document = app_list_document(apps->list);
	assert_true(app_list_put(apps->list, document, on_answer, &answer, &faults));
	world_wait(apps->world, &answer, 1);
	assert_int_equal(answer.error, 0);
	assert_int_equal(apps->changed, 0); /* the same list */
	json_decref(document);
}

static void every_fault_is_named_and_nothing_is_stored(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps, "{'apps':[" TWO "]}");
	char *before = world_read_file(apps->world, APPS_FILE);
	assert_refused(apps,
		"{'version':3,'x':1,'apps':[{'id':'A','name':'','command':'\\u0027','mode':{'width'"
		":"
		"1,'z':1}}," ONE "," ONE ",7,{'id':'b','name':'B','command':['b','\\n'],"
		"'environment':{'a b':'','c':1},'~/':1}]}",
		"/x /version /apps/0/id /apps/0/name /apps/0/command /apps/0/mode/z "
		"/apps/0/mode/width /apps/0/mode/height /apps/2/id /apps/3 /apps/4/command/1 "
		"/apps/4/environment/a b /apps/4/environment/c /apps/4/~0~1");
	assert_refused(apps, "{}", "/apps");
	assert_refused(apps, "[]", "");
	assert_refused(
		apps, "{'apps':[{'id':'one','command':'a'}," ONE "]}", "/apps/0/name /apps/1/id");
	char *after = world_read_file(apps->world, APPS_FILE);
	assert_string_equal(before, after);
	assert_ids(apps, "two");
	free(before);
	free(after);
}

static json_t *many_apps(size_t count, const char *command)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		char id[16];
		snprintf(id, sizeof id, "a%zu", i);
		json_array_append_new(list,
			json_pack("{s:s,s:s,s:s}", "id", id, "name", "A", "command", command));
	}
	return json_pack("{s:o}", "apps", list);
}

static char *long_command(size_t words, size_t size)
{
	char *command = calloc(1, size + 1);
	assert_non_null(command);
	memset(command, 'a', size);
	for (size_t i = 1; i < words; i++)
		command[i * size / words] = ' ';
	return command;
}

static bool put_json(struct apps_world *apps, json_t *json, struct settings_faults *faults)
{
	const bool accepted = app_list_put(apps->list, json, NULL, NULL, faults);
	json_decref(json);
	return accepted;
}

static void the_bounds_are_what_is_said(void **state)
{
	struct apps_world *apps = *state;
	struct settings_faults faults;
	char *fits = long_command(APP_ARGUMENTS_MAX, APP_TEXT_MAX);
	char *many = long_command(APP_ARGUMENTS_MAX + 1, APP_TEXT_MAX);
	char *wide = long_command(1, APP_TEXT_MAX + 1);
	apps_world_open(apps, NULL);
	assert_true(put_json(apps, many_apps(1, fits), &faults));
	assert_false(put_json(apps, many_apps(APPS_MAX + 1, "a"), &faults));
	assert_string_equal(faults.faults[0].pointer, "/apps");
	assert_false(put_json(apps, many_apps(1, many), &faults));
	assert_string_equal(faults.faults[0].pointer, "/apps/0/command");
	assert_false(put_json(apps, many_apps(1, wide), &faults));
	assert_string_equal(faults.faults[0].pointer, "/apps/0/command");
	assert_true(put_json(apps, many_apps(APPS_MAX, "a"), &faults));
	world_settle(apps->world);
	assert_int_equal(app_list_count(apps->list), APPS_MAX);
	free(fits);
	free(many);
	free(wide);
}

static void more_faults_than_are_kept_are_counted(void **state)
{
	struct apps_world *apps = *state;
	struct settings_faults faults;
	apps_world_open(apps, NULL);
	assert_false(put_json(apps, many_apps(APPS_MAX, "'"), &faults));
	assert_int_equal(faults.count, SETTINGS_FAULTS_MAX);
	assert_int_equal(faults.total, APPS_MAX);
}

static void a_list_that_its_file_could_not_hold_is_refused(void **state)
{
	struct apps_world *apps = *state;
	struct settings_faults faults;
	json_t *json = many_apps(APPS_MAX, "a"), *app;
	char *word = long_command(1, APP_TEXT_MAX);
	size_t i;
	json_array_foreach(json_object_get(json, "apps"), i, app)
	{
		json_t *arguments = json_array();
		for (size_t j = 0; j < 1; j++)
			json_array_append_new(arguments, json_string(word));
		json_object_set_new(app, "command", arguments);
	}
	apps_world_open(apps, NULL);
	assert_false(put_json(apps, json, &faults));
	assert_int_equal(faults.total, 1);
	assert_string_equal(faults.faults[0].pointer, "/apps");
	assert_false(world_has_file(apps->world, APPS_FILE));
	free(word);
}

static void the_last_of_several_counts(void **state)
{
	struct apps_world *apps = *state;
	struct answer first = { 0 }, last = { 0 };
	struct settings_faults faults;
	apps_world_open(apps, NULL);
	assert_true(try_put(apps, "{'apps':[" ONE "]}", &first, &faults));
	assert_true(try_put(apps, "{'apps':[" TWO "]}", &last, &faults));
	world_wait(apps->world, &first, 1);
	world_wait(apps->world, &last, 1);
	assert_ids(apps, "two");
	apps_world_open(apps, NULL);
	assert_ids(apps, "two");
}

static void a_disk_that_refuses_changes_nothing(void **state)
{
	struct apps_world *apps = *state;
	struct answer answer = { 0 };
	struct settings_faults faults;
	char path[128];
	apps_world_open(apps, NULL);
	/* A folder in its place: nothing can be renamed over it. */
	snprintf(path, sizeof path, "%s/" APPS_FILE, apps->world->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	struct log log = log_begin();
	assert_true(try_put(apps, "{'apps':[" ONE "]}", &answer, &faults));
	world_wait(apps->world, &answer, 1);
	char *text = log_end(&log);
	assert_true(answer.error < 0);
	assert_ids(apps, "");
	assert_non_null(strstr(text, APPS_FILE " cannot be written"));
	free(text);
	assert_int_equal(rmdir(path), 0);
}

static void who_has_forgotten_is_not_told(void **state)
{
	struct apps_world *apps = *state;
	struct answer answer = { 0 };
	struct settings_faults faults;
	apps_world_open(apps, NULL);
	assert_true(try_put(apps, "{'apps':[" ONE "]}", &answer, &faults));
	app_list_forget(apps->list, &answer);
	apps_world_wait(apps, 1);
	world_settle(apps->world);
	assert_int_equal(answer.count, 0);
	assert_ids(apps, "one");
}

static void a_list_that_is_closed_answers_nobody(void **state)
{
	struct apps_world *apps = *state;
	struct answer answer = { 0 };
	struct settings_faults faults;
	apps_world_open(apps, NULL);
	assert_true(try_put(apps, "{'apps':[" ONE "]}", &answer, &faults));
	app_list_close(apps->list);
	apps->list = NULL;
	world_settle(apps->world);
	assert_int_equal(answer.count, 0);
	assert_true(world_has_file(apps->world, APPS_FILE));
}

static void without_a_worker_nothing_can_be_changed(void **state)
{
	struct apps_world *apps = *state;
	struct answer answer = { 0 };
	struct settings_faults faults;
	apps->list = app_list_open(&(const struct app_list_params){
		.event = apps->world->event,
		.config_folder = apps->world->folder,
	});
	assert_non_null(apps->list);
	assert_false(try_put(apps, "{'apps':[" ONE "]}", &answer, &faults));
	assert_int_equal(errno, EROFS);
	assert_int_equal(faults.total, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, apps_world_set_up, apps_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_put_counts_and_is_on_the_disk),
		TEST(the_file_is_the_owners_alone),
		TEST(what_was_put_may_be_put_again),
		TEST(every_fault_is_named_and_nothing_is_stored),
		TEST(the_bounds_are_what_is_said),
		TEST(more_faults_than_are_kept_are_counted),
		TEST(a_list_that_its_file_could_not_hold_is_refused),
		TEST(the_last_of_several_counts),
		TEST(a_disk_that_refuses_changes_nothing),
		TEST(who_has_forgotten_is_not_told),
		TEST(a_list_that_is_closed_answers_nobody),
		TEST(without_a_worker_nothing_can_be_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
