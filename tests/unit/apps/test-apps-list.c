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

#define ONE "{'id':'one','name':'One','command':'foot'}"
#define TWO "{'id':'two','name':'Two','command':['foot','-e','sh']}"
#define APP_A "'id':'a','name':'A'"
#define APP_A_RUN APP_A ",'command':'a'"

static void no_file_is_an_empty_list(void **state)
{
	struct apps_world *apps = *state;
	char *log = apps_world_open_logged(apps, NULL);
	assert_string_equal(log, "");
	assert_int_equal(app_list_count(apps->list), 0);
	assert_null(app_list_get(apps->list, 0));
	assert_int_equal(app_list_revision(apps->list), 1);
	assert_json(app_list_document(apps->list), "{'version':1,'apps':[]}");
	assert_false(world_has_file(apps->world, APPS_FILE));
	free(log);
}

static void an_app_is_read_with_all_its_fields(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps,
		"{'version':1,'apps':[{'id':'my-app-2','name':'B\xc3\xbcro','command':'/usr/bin/"
		"env -i "
		"\\u0027a b\\u0027','environment':{'A':'1','_b2':''},'desktop':'isolated','mode':"
		"{'width':1920,'height':1080,'refresh_hz':59.94},'icon':'/usr/share/pixmaps/"
		"a.png'}]}");
	const struct app *app = app_list_get(apps->list, 0);
	assert_non_null(app);
	assert_string_equal(app->id, "my-app-2");
	assert_string_equal(app->name, "B\xc3\xbcro");
	assert_int_equal(app->argument_count, 3);
	assert_string_equal(app->arguments[0], "/usr/bin/env");
	assert_string_equal(app->arguments[1], "-i");
	assert_string_equal(app->arguments[2], "a b");
	assert_null(app->arguments[3]);
	assert_int_equal(app->environment_count, 2);
	assert_string_equal(app->environment[0], "A=1");
	assert_string_equal(app->environment[1], "_b2=");
	assert_null(app->environment[2]);
	assert_true(app->isolated);
	assert_int_equal(app->mode.width_px, 1920);
	assert_int_equal(app->mode.height_px, 1080);
	assert_int_equal(app->mode.refresh_mhz, 59940);
	assert_null(display_mode_check(&app->mode));
	assert_string_equal(app->icon, "/usr/share/pixmaps/a.png");
}

static void what_is_not_said_has_its_default(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps, "{'apps':[" ONE "]}");
	const struct app *app = app_list_find(apps->list, "one");
	assert_non_null(app);
	assert_false(app->isolated);
	assert_int_equal(app->environment_count, 0);
	assert_null(app->environment[0]);
	assert_int_equal(app->mode.width_px, 0);
	assert_null(app->icon);
}

static void an_app_is_found_by_its_exact_id_alone(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps, "{'apps':[" ONE "," TWO "]}");
	assert_ptr_equal(app_list_find(apps->list, "two"), app_list_get(apps->list, 1));
	assert_ptr_equal(
		app_list_find_sized(apps->list, "two and more", 3), app_list_get(apps->list, 1));
	const char *const others[] = { "", "t", "tw", "two ", "Two", "TWO", "twoo", "two/",
		"../two", "1", "two\n", "*" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_null(app_list_find(apps->list, others[i]));
	assert_null(app_list_find_sized(apps->list, "two\0", 4));
	assert_null(app_list_find_sized(apps->list, "", 0));
}

/* Each is left out, named by its place and by what is wrong; what is before and behind it counts. */
static void a_bad_app_costs_no_other(void **state)
{
	struct apps_world *apps = *state;
	const struct {
		const char *app, *pointer;
	} bad[] = {
		{ "7", "/apps/1" },
		{ "{}", "/apps/1/id" },
		{ "{'id':'','name':'A','command':'a'}", "/apps/1/id" },
		{ "{'id':'A','name':'A','command':'a'}", "/apps/1/id" },
		{ "{'id':'../a','name':'A','command':'a'}", "/apps/1/id" },
		{ "{'id':'a\\u001b','name':'A','command':'a'}", "/apps/1/id" },
		{ "{'id':'a23456789012345678901234567890123','name':'A','command':'a'}",
			"/apps/1/id" },
		{ "{'id':'one','name':'A','command':'a'}", "/apps/1/id" },
		{ "{'id':7,'name':'A','command':'a'}", "/apps/1/id" },
		{ "{'id':'a','command':'a'}", "/apps/1/name" },
		{ "{'id':'a','name':' \\u202e','command':'a'}", "/apps/1/name" },
		{ "{'id':'a','name':7,'command':'a'}", "/apps/1/name" },
		{ "{" APP_A "}", "/apps/1/command" },
		{ "{" APP_A ",'command':''}", "/apps/1/command" },
		{ "{" APP_A ",'command':'it\\u0027s'}", "/apps/1/command" },
		{ "{" APP_A ",'command':'a\\nb'}", "/apps/1/command" },
		{ "{" APP_A ",'command':'./a'}", "/apps/1/command" },
		{ "{" APP_A ",'command':'\\u0027\\u0027 a'}", "/apps/1/command" },
		{ "{" APP_A ",'command':{}}", "/apps/1/command" },
		{ "{" APP_A ",'command':[]}", "/apps/1/command" },
		{ "{" APP_A ",'command':['a',7]}", "/apps/1/command/1" },
		{ "{" APP_A ",'command':['a','\\t']}", "/apps/1/command/1" },
		{ "{" APP_A_RUN ",'environment':[]}", "/apps/1/environment" },
		{ "{" APP_A_RUN ",'environment':{'1A':''}}", "/apps/1/environment/1A" },
		{ "{" APP_A_RUN ",'environment':{'A=B':''}}", "/apps/1/environment/A=B" },
		{ "{" APP_A_RUN ",'environment':{'':''}}", "/apps/1/environment/" },
		{ "{" APP_A_RUN ",'environment':{'A':1}}", "/apps/1/environment/A" },
		{ "{" APP_A_RUN ",'environment':{'A':'\\n'}}", "/apps/1/environment/A" },
		{ "{" APP_A_RUN ",'desktop':'own'}", "/apps/1/desktop" },
		{ "{" APP_A_RUN ",'desktop':true}", "/apps/1/desktop" },
		{ "{" APP_A_RUN ",'mode':'1x1'}", "/apps/1/mode" },
		{ "{" APP_A_RUN ",'mode':{'width':640}}", "/apps/1/mode/height" },
		{ "{" APP_A_RUN ",'mode':{'width':15,'height':480}}", "/apps/1/mode/width" },
		{ "{" APP_A_RUN ",'mode':{'width':640,'height':480.5}}", "/apps/1/mode/height" },
		{ "{" APP_A_RUN ",'mode':{'width':640,'height':480,'refresh_hz':0}}",
			"/apps/1/mode/refresh_hz" },
		{ "{" APP_A_RUN ",'mode':{'width':640,'height':480,'refresh_hz':'60'}}",
			"/apps/1/mode/refresh_hz" },
		{ "{" APP_A_RUN ",'mode':{'width':640,'height':480,'x':1}}", "/apps/1/mode/x" },
		{ "{" APP_A_RUN ",'icon':'a.png'}", "/apps/1/icon" },
		{ "{" APP_A_RUN ",'icon':'/a\\n.png'}", "/apps/1/icon" },
		{ "{" APP_A_RUN ",'shell':true}", "/apps/1/shell" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char file[512], wanted[96];
		snprintf(file, sizeof file, "{'apps':[" ONE ",%s," TWO "]}", bad[i].app);
		snprintf(wanted, sizeof wanted,
			"/" APPS_FILE ": app 1 is left out: %s: ", bad[i].pointer);
		char *log = apps_world_open_logged(apps, file);
		if (!strstr(log, wanted))
			fail_msg("%s: %s is not in %s", bad[i].app, wanted, log);
		assert_ids(apps, "one two");
		free(log);
	}
}

static void a_name_is_made_fit_to_be_shown(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps, "{'apps':[{'id':'a','name':' A\\u202e\\nB\\u0007 ','command':'a'}]}");
	assert_string_equal(app_list_find(apps->list, "a")->name, "A B");
}

static void fields_around_the_apps_do_not_cost_the_list(void **state)
{
	struct apps_world *apps = *state;
	char *log = apps_world_open_logged(apps, "{'a\\nb':1,'apps':[" ONE "]}");
	assert_non_null(strstr(log, ": /a?b: there is no such field\n"));
	assert_ids(apps, "one");
	free(log);
}

static void more_apps_than_there_may_be_are_left_out(void **state)
{
	struct apps_world *apps = *state;
	char *file = calloc(APPS_MAX + 2, 64);
	assert_non_null(file);
	strcpy(file, "{'apps':[");
	for (unsigned i = 0; i <= APPS_MAX; i++)
		sprintf(file + strlen(file), "%s{'id':'a%u','name':'A','command':'a'}",
			i ? "," : "", i);
	strcat(file, "]}");
	char *log = apps_world_open_logged(apps, file);
	assert_non_null(strstr(log, "/apps: at most 64 apps"));
	assert_int_equal(app_list_count(apps->list), APPS_MAX);
	assert_non_null(app_list_find(apps->list, "a63"));
	assert_null(app_list_find(apps->list, "a64"));
	free(log);
	free(file);
}

/* Whatever the file is, it is the operator's: nothing renames or repairs it. */
static void assert_unusable(struct apps_world *apps, const char *file, const char *reason)
{
	char *log = apps_world_open_logged(apps, file), *was = quoted(file);
	if (!strstr(log, reason))
		fail_msg("%s is not in %s", reason, log);
	assert_non_null(strstr(log, "it is left as it is, and so are the apps that were known"));
	assert_int_equal(app_list_count(apps->list), 0);
	char *is = world_read_file(apps->world, APPS_FILE);
	assert_string_equal(is, was);
	free(is);
	free(was);
	free(log);
}

static void a_file_that_cannot_be_used_is_left_alone(void **state)
{
	struct apps_world *apps = *state;
	assert_unusable(apps, "", "line 1");
	assert_unusable(apps, "{", "line 1");
	assert_unusable(apps, "[" ONE "]", "an object is expected");
	assert_unusable(apps, "{'apps':{}}", "/apps: a list is expected");
	assert_unusable(apps, "{'version':2,'apps':[" ONE "]}", "/version: 1 is expected");
	assert_unusable(apps, "{'apps':[],'apps':[]}", "duplicate object key");
}

static void assert_bytes_unusable(
	struct apps_world *apps, char byte, size_t size, const char *reason)
{
	char *bytes = malloc(size);
	assert_non_null(bytes);
	memset(bytes, byte, size);
	world_write_bytes(apps->world, APPS_FILE, bytes, size);
	char *log = apps_world_open_logged(apps, NULL);
	assert_non_null(strstr(log, reason));
	assert_int_equal(app_list_count(apps->list), 0);
	free(log);
	free(bytes);
}

static void a_file_of_ten_megabytes_is_not_read(void **state)
{
	assert_bytes_unusable(*state, ' ', 10 * 1024 * 1024, "it is longer than 256 KiB");
}

static void a_file_nested_without_end_is_no_list(void **state)
{
	assert_bytes_unusable(*state, '[', 200000, "cannot be used: line 1");
}

static void what_is_no_file_does_not_hold_the_host_up(void **state)
{
	struct apps_world *apps = *state;
	char path[128];
	snprintf(path, sizeof path, "%s/" APPS_FILE, apps->world->folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	char *log = apps_world_open_logged(apps, NULL);
	assert_non_null(strstr(log, "cannot be used"));
	assert_int_equal(app_list_count(apps->list), 0);
	free(log);
}

static void what_is_no_folder_stops_the_host(void **state)
{
	struct apps_world *apps = *state;
	char path[128];
	struct app_list_params params = { .event = apps->world->event, .config_folder = path };
	struct log log = log_begin();
	world_write_file(apps->world, "file", "");
	snprintf(path, sizeof path, "%s/file", apps->world->folder);
	assert_null(app_list_open(&params));
	assert_int_equal(errno, ENOTDIR);
	snprintf(path, sizeof path, "%s/missing/folder", apps->world->folder);
	assert_null(app_list_open(&params));
	assert_int_equal(errno, ENOENT);
	char *text = log_end(&log);
	assert_non_null(strstr(text, "/file cannot be opened"));
	assert_non_null(strstr(text, "/missing/folder cannot be made"));
	free(text);
}

static void an_edit_counts_at_once(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps, NULL);
	world_write_file(apps->world, APPS_FILE, "{'apps':[" ONE "]}");
	apps_world_wait(apps, 1);
	assert_ids(apps, "one");
	assert_int_equal(app_list_revision(apps->list), 2);
	world_write_file(apps->world, APPS_FILE, "{'apps':[" TWO "," ONE "]}");
	apps_world_wait(apps, 2);
	assert_ids(apps, "two one");
	world_remove_file(apps->world, APPS_FILE);
	apps_world_wait(apps, 3);
	assert_ids(apps, "");
}

static void rename_over(struct apps_world *apps, const char *file)
{
	char from[128], to[128];
	world_write_file(apps->world, "apps.json.new", file);
	snprintf(from, sizeof from, "%s/apps.json.new", apps->world->folder);
	snprintf(to, sizeof to, "%s/" APPS_FILE, apps->world->folder);
	assert_int_equal(rename(from, to), 0);
}

static void a_file_that_is_renamed_into_place_counts(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps, "{'apps':[" ONE "]}");
	rename_over(apps, "{'apps':[" TWO "]}");
	apps_world_wait(apps, 1);
	assert_ids(apps, "two");
}

/* As editors do that keep the old one. */
static void between_moving_away_and_writing_anew_the_list_stays(void **state)
{
	struct apps_world *apps = *state;
	char from[128], to[128];
	apps_world_open(apps, "{'apps':[" ONE "]}");
	snprintf(from, sizeof from, "%s/" APPS_FILE, apps->world->folder);
	snprintf(to, sizeof to, "%s/apps.json~", apps->world->folder);
	assert_int_equal(rename(from, to), 0);
	/* The event is there, and taken. */
	assert_true(sd_event_run(apps->world->event, 0) >= 0);
	assert_ids(apps, "one");
	world_write_file(apps->world, APPS_FILE, "{'apps':[" ONE "," TWO "]}");
	apps_world_wait(apps, 1);
	assert_ids(apps, "one two");
}

static void an_edit_that_says_the_same_changes_nothing(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps, "{'apps':[" ONE "]}");
	rename_over(apps, "{ 'version':1.0, 'apps':[ " ONE " ]}");
	world_settle(apps->world);
	rename_over(apps, "{'apps':[" TWO "]}");
	apps_world_wait(apps, 1);
	assert_ids(apps, "two");
	assert_int_equal(app_list_revision(apps->list), 2);
}

/* Runs the loop until something is logged that has `text` in it. */
static void wait_for_log(struct apps_world *apps, const struct log *log, const char *text)
{
	char are[4096] = "";
	for (int i = 0; i < 1200 && !strstr(are, text); i++) {
		assert_true(sd_event_run(apps->world->event, 50000) >= 0);
		assert_true(pread(fileno(log->file), are, sizeof are - 1, 0) >= 0);
	}
	assert_non_null(strstr(are, text));
}

static void an_edit_that_is_no_list_leaves_the_list_before_it(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps, "{'apps':[" ONE "]}");
	struct log log = log_begin();
	world_write_file(apps->world, APPS_FILE, "{'apps':[");
	wait_for_log(apps, &log, "cannot be used: line 1");
	free(log_end(&log));
	assert_int_equal(apps->changed, 0);
	assert_ids(apps, "one");
	world_write_file(apps->world, APPS_FILE, "{'apps':[" TWO "]}");
	apps_world_wait(apps, 1);
	assert_ids(apps, "two");
}

static void a_folder_that_goes_away_is_said(void **state)
{
	struct apps_world *apps = *state;
	char away[64];
	apps_world_open(apps, "{'apps':[" ONE "]}");
	snprintf(away, sizeof away, "%s-away", apps->world->folder);
	assert_int_equal(rename(apps->world->folder, away), 0);
	struct log log = log_begin();
	wait_for_log(apps, &log, "is gone from its place");
	free(log_end(&log));
	assert_ids(apps, "one");
	assert_int_equal(rename(away, apps->world->folder), 0);
}

static void other_files_of_the_folder_do_not_matter(void **state)
{
	struct apps_world *apps = *state;
	apps_world_open(apps, NULL);
	world_write_file(apps->world, "apps.json2", "{'apps':[" TWO "]}");
	world_write_file(apps->world, APPS_FILE, "{'apps':[" ONE "]}");
	apps_world_wait(apps, 1);
	assert_ids(apps, "one");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, apps_world_set_up, apps_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_file_is_an_empty_list),
		TEST(an_app_is_read_with_all_its_fields),
		TEST(what_is_not_said_has_its_default),
		TEST(an_app_is_found_by_its_exact_id_alone),
		TEST(a_bad_app_costs_no_other),
		TEST(a_name_is_made_fit_to_be_shown),
		TEST(fields_around_the_apps_do_not_cost_the_list),
		TEST(more_apps_than_there_may_be_are_left_out),
		TEST(a_file_that_cannot_be_used_is_left_alone),
		TEST(a_file_of_ten_megabytes_is_not_read),
		TEST(a_file_nested_without_end_is_no_list),
		TEST(what_is_no_file_does_not_hold_the_host_up),
		TEST(what_is_no_folder_stops_the_host),
		TEST(an_edit_counts_at_once),
		TEST(a_file_that_is_renamed_into_place_counts),
		TEST(between_moving_away_and_writing_anew_the_list_stays),
		TEST(an_edit_that_says_the_same_changes_nothing),
		TEST(an_edit_that_is_no_list_leaves_the_list_before_it),
		TEST(a_folder_that_goes_away_is_said),
		TEST(other_files_of_the_folder_do_not_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
