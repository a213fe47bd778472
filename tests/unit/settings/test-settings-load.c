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

#include "settings_world.h"

static void assert_loaded(struct world *world, const char *file, const char *document)
{
	world_close(world);
	world_write_file(world, SETTINGS_FILE, file);
	world_open(world);
	assert_json(settings_document(world->settings), document);
	/* Repaired in memory; the file is the operator's until something changes. */
	char *is = world_read_file(world, SETTINGS_FILE), *was = quoted(file);
	assert_string_equal(is, was);
	free(is);
	free(was);
}

static void an_empty_folder_means_the_default_and_no_file(void **state)
{
	struct world *world = *state;
	struct display_policy policy;
	world_open(world);
	settings_policy(world->settings, NULL, &policy);
	assert_int_equal(policy.topology, POLICY_TOPOLOGY_AUTO);
	assert_int_equal(policy.max_displays, POLICY_DISPLAYS_DEFAULT);
	assert_json(settings_document(world->settings), "{'version':1}");
	assert_int_equal(settings_revision(world->settings), 1);
	assert_false(world_has_file(world, SETTINGS_FILE));
	assert_false(world_has_file(world, SETTINGS_PRESETS_FILE));
}

static void a_folder_that_is_missing_is_made_for_its_owner_alone(void **state)
{
	struct world *world = *state;
	struct stat status;
	assert_int_equal(rmdir(world->folder), 0);
	world_open(world);
	assert_int_equal(stat(world->folder, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
}

static void what_is_no_folder_or_no_file_stops_the_host(void **state)
{
	struct world *world = *state;
	char path[128];
	struct settings_params params = { .config_folder = path };
	world_open(world);
	params.worker = world->worker;
	world_write_file(world, "plain", "");
	snprintf(path, sizeof path, "%s/plain", world->folder);
	assert_null(settings_open(&params));
	assert_int_equal(errno, ENOTDIR);
	snprintf(path, sizeof path, "%s/" SETTINGS_FILE, world->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s", world->folder);
	assert_null(settings_open(&params));
	assert_int_equal(errno, EISDIR);
}

static void a_good_file_is_taken_as_it_is(void **state)
{
	static const char text[] =
		"{'version':1,'preset':'custom','keep_alive':{'mode':'duration','seconds':300},"
		"'topology':'extend','mode_conflict':'join','identity':'shared',"
		"'layout':{'mode':'manual','positions':{'1':{'x':-5,'y':0},'12':{'x':7,'y':-32768}}"
		"},"
		"'max_displays':16,'desktop':'isolated','confinement':{'mode':'home','devices':["
		"'dri','fuse']},"
		"'presence':{'enabled':true,'controlling_seconds':5},'control':'one-at-a-time',"
		"'input':'seat-per-client','clients':{'" A "':{'preset':'hotdesk'},'" B
		"':{'layout':{'mode':'auto-row'}}}}";
	assert_loaded(*state, text, text);
}

/* One line each: the file, then what is left of it. */
static void what_is_at_fault_is_mended_alone(void **state)
{
	static const char *const cases[][2] = {
		{ "{'topology':'sideways','max_displays':3}", "{'version':1,'max_displays':3}" },
		{ "{'topology':7,'identity':null,'mode_conflict':[],'desktop':{}}",
			"{'version':1}" },
		{ "{'colour':'red','max_displays':3}", "{'version':1,'max_displays':3}" },
		{ "{'max_displays':0}", "{'version':1,'max_displays':1}" },
		{ "{'max_displays':17}", "{'version':1,'max_displays':16}" },
		{ "{'max_displays':'4'}", "{'version':1}" },
		/* Never taken for off. */
		{ "{'confinement':{'mode':'nothing','devices':['dri',7,'zero','dri']}}",
			"{'version':1,'confinement':{'mode':'home','devices':['dri']}}" },
		{ "{'confinement':'home'}", "{'version':1,'confinement':{'mode':'home'}}" },
		{ "{'confinement':{'mode':'off','devices':['dri']}}",
			"{'version':1,'confinement':{'mode':'off'}}" },
		{ "{'confinement':{'mode':'devices','devices':'dri'}}",
			"{'version':1,'confinement':{'mode':'devices'}}" },
		{ "{'control':'nobody','input':1,'max_displays':2}",
			"{'version':1,'max_displays':2}" },
		{ "{'presence':{'enabled':'yes','watching_seconds':0,'x':1}}",
			"{'version':1,'presence':{'enabled':false,'watching_seconds':1}}" },
		{ "{'presence':true}", "{'version':1}" },
		/* the version */
		{ "{'version':'1','max_displays':2}", "{'version':1,'max_displays':2}" },
		{ "{'version':0,'max_displays':2}", "{'version':1,'max_displays':2}" },
		{ "{'version':1.0,'max_displays':2}", "{'version':1,'max_displays':2}" },
		/* presets */
		{ "{'preset':'gone','topology':'exclusive'}",
			"{'version':1,'preset':'default','topology':'exclusive'}" },
		{ "{'preset':5}", "{'version':1,'preset':'default'}" },
		{ "{'topology':'exclusive'}",
			"{'version':1,'preset':'custom','topology':'exclusive'}" },
		/* clients */
		{ "{'clients':[]}", "{'version':1}" },
		{ "{'clients':{'" A "':{'max_displays':2,'topology':'extend'}}}",
			"{'version':1,'clients':{'" A "':{'topology':'extend'}}}" },
		{ "{'clients':{'" A "':{'preset':'gone'},'" B "':{'preset':'hotdesk'}}}",
			"{'version':1,'clients':{'" B "':{'preset':'hotdesk'}}}" },
		{ "{'clients':{'A0a1':{'preset':'hotdesk'},'" A "0':{'preset':'hotdesk'},'" B
		  "':7}}",
			"{'version':1}" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_loaded(*state, cases[i][0], cases[i][1]);
}

#define KEEP(value) "{'preset':'custom','keep_alive':" value "}"
#define KEPT(value) "{'version':1,'preset':'custom','keep_alive':" value "}"
#define SECONDS(number) "{'mode':'duration','seconds':" number "}"

static void a_keep_alive_is_mended_or_left_out(void **state)
{
	static const char *const cases[][2] = {
		{ KEEP(SECONDS("0")), KEPT(SECONDS("1")) },
		{ KEEP(SECONDS("604801")), KEPT(SECONDS("604800")) },
		{ KEEP("{'mode':'forever','seconds':30}"), KEPT("{'mode':'forever'}") },
		{ KEEP("{'mode':'off','more':1}"), KEPT("{'mode':'off'}") },
		{ KEEP("{'mode':'duration'}"), "{'version':1,'preset':'custom'}" },
		{ KEEP("{'mode':'never','seconds':30}"), "{'version':1,'preset':'custom'}" },
		{ KEEP("{'seconds':30}"), "{'version':1,'preset':'custom'}" },
		{ KEEP("30"), "{'version':1,'preset':'custom'}" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_loaded(*state, cases[i][0], cases[i][1]);
}

static void a_number_is_judged_by_its_value_not_by_its_spelling(void **state)
{
	static const char *const cases[][2] = {
		{ KEEP(SECONDS("3.0")), KEPT(SECONDS("3")) },
		{ KEEP(SECONDS("1e3")), KEPT(SECONDS("1000")) },
		{ KEEP(SECONDS("12.5E1")), KEPT(SECONDS("125")) },
		{ KEEP(SECONDS("-0")), KEPT(SECONDS("1")) },
		{ KEEP(SECONDS("-0.0")), KEPT(SECONDS("1")) },
		{ KEEP(SECONDS("-9223372036854775809")), KEPT(SECONDS("1")) },
		{ KEEP(SECONDS("9223372036854775807")), KEPT(SECONDS("604800")) },
		{ KEEP(SECONDS("9223372036854775808")), KEPT(SECONDS("604800")) },
		{ KEEP(SECONDS("1e300")), KEPT(SECONDS("604800")) },
		{ KEEP(SECONDS("-1e300")), KEPT(SECONDS("1")) },
		{ KEEP(SECONDS("2.5")), "{'version':1,'preset':'custom'}" },
		/* One number that does not fit leaves the others as they are. */
		{ "{'version':1,'max_displays':18446744073709551616,"
		  "'clients':{'" A "':{'keep_alive':" SECONDS("60") "}}}",
			"{'version':1,'max_displays':16,"
			"'clients':{'" A "':{'keep_alive':" SECONDS("60") "}}}" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_loaded(*state, cases[i][0], cases[i][1]);
}

#define LAYOUT(value) "{'preset':'default','layout':" value "}"
#define LAID_OUT(value) "{'version':1,'preset':'default','layout':" value "}"

static void places_are_mended_one_by_one_and_outlive_a_wrong_mode(void **state)
{
	static const char *const cases[][2] = {
		{ LAYOUT("{'mode':'manual','positions':{'1':{'x':1,'y':2},'01':{'x':1,'y':1},"
			 "'64':{'x':1,'y':1},'0':{'x':1,'y':1},'-1':{'x':1,'y':1},'+2':{'x':1,'y':"
			 "1},"
			 "' 3':{'x':1,'y':1},'4 ':{'x':1,'y':1},'1e1':{'x':1,'y':1},"
			 "'':{'x':1,'y':1},'18446744073709551617':{'x':1,'y':1}}}"),
			LAID_OUT("{'mode':'manual','positions':{'1':{'x':1,'y':2}}}") },
		{ LAYOUT("{'mode':'manual','positions':{'1':{'x':1,'y':'2'},'2':{'x':1},'3':[],"
			 "'63':{'x':32768,'y':-32769}}}"),
			LAID_OUT("{'mode':'manual','positions':{'63':{'x':32767,'y':-32768}}}") },
		{ LAYOUT("{'mode':'diagonal','positions':{'2':{'x':5,'y':6}}}"),
			LAID_OUT("{'mode':'auto-row','positions':{'2':{'x':5,'y':6}}}") },
		{ LAYOUT("{'mode':'manual','positions':[]}"), LAID_OUT("{'mode':'manual'}") },
		{ LAYOUT("{'mode':'diagonal'}"), "{'version':1,'preset':'default'}" },
		{ LAYOUT("'manual'"), "{'version':1,'preset':'default'}" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_loaded(*state, cases[i][0], cases[i][1]);
}

static void each_repair_is_logged_with_its_place_and_what_was_done(void **state)
{
	struct world *world = *state;
	static const char *const lines[] = {
		"/keep_alive/seconds: a whole number from 1 to 604800 is expected; 604800 is "
		"taken\n",
		"/topology: auto, extend, primary or exclusive is expected; it is left out\n",
		"/a~1b??[2J: there is no such field; it is left out\n",
		"/preset: there is no preset of that name; default is taken\n",
		"/clients/" A "/preset: there is no preset of that name; it is left out\n",
	};
	world_write_file(world, SETTINGS_FILE,
		"{'preset':'gone','keep_alive':{'mode':'duration','seconds':1e9},'topology':1,"
		"'a/b\\n\\u001b[2J':1,'clients':{'" A "':{'preset':'gone'}}}");
	char *log = world_open_logged(world);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		if (!strstr(log, lines[i]))
			fail_msg("%s is not in\n%s", lines[i], log);
	}
	assert_null(strchr(log, '\033'));
	free(log);
}

/* The bytes are kept beside, the defaults rule, and settings can be made anew. */
static void assert_set_aside(struct world *world, const char *name, const char *bytes, size_t size)
{
	char kept[64];
	struct stat status;
	world_close(world);
	world_write_bytes(world, name, bytes, size);
	world_open(world);
	assert_json(settings_document(world->settings), "{'version':1}");
	json_t *presets = settings_presets(world->settings);
	assert_int_equal(json_array_size(presets), policy_preset_count);
	json_decref(presets);
	assert_false(world_has_file(world, name));
	put(world, "{'max_displays':2}");
	put_preset(world, "own", GOOD_PRESET);
	snprintf(kept, sizeof kept, "%s.bad", name);
	char path[128];
	snprintf(path, sizeof path, "%s/%s", world->folder, kept);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, size);
	world_remove_file(world, kept);
	world_remove_file(world, SETTINGS_FILE);
	world_remove_file(world, SETTINGS_PRESETS_FILE);
}

static void assert_both_set_aside(struct world *world, const char *bytes, size_t size)
{
	assert_set_aside(world, SETTINGS_FILE, bytes, size);
	assert_set_aside(world, SETTINGS_PRESETS_FILE, bytes, size);
}

static void a_file_that_is_no_json_object_is_set_aside(void **state)
{
	static const char *const texts[] = { "", "no JSON", "[]", "null", "7", "\"{}\"", "{} {}",
		"{\"max_displays\":1,\"max_displays\":2}", "{\"a\":\"\xff\"}",
		"{\"a\":\"\\ud800\"}", "{\"a\":\"\\u0000\"}", "\xef\xbb\xbf{}", "{'a':1}",
		"{\"max_displays\":01}", "{\"max_displays\":NaN}", "{\"max_displays\":1e400}" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_both_set_aside(*state, texts[i], strlen(texts[i]));
	assert_both_set_aside(*state, "{\"version\":1}\0", 14);
}

static void a_file_of_a_newer_version_is_set_aside(void **state)
{
	static const char *const texts[] = { "{\"version\":2}", "{\"version\":2.0}",
		"{\"version\":1.5}", "{\"version\":1e30}", "{\"version\":9223372036854775808}" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_both_set_aside(*state, texts[i], strlen(texts[i]));
}

static void every_truncation_is_set_aside(void **state)
{
	static const char text[] = "{\"preset\":\"custom\",\"max_displays\":12,\"clients\":{}}";
	for (size_t size = 0; size < sizeof text - 1; size++)
		assert_set_aside(*state, SETTINGS_FILE, text, size);
}

static void hostile_files_are_set_aside(void **state)
{
	const size_t size = SETTINGS_FILE_MAX + 1;
	char *text = malloc(size);
	assert_non_null(text);
	memset(text, ' ', size);
	memcpy(text, "{}", 2);
	assert_both_set_aside(*state, text, size);
	memset(text, '[', 200000);
	assert_both_set_aside(*state, text, 200000);
	for (size_t i = 0; i < 40000; i++)
		memcpy(text + 5 * i, "{\"a\":", 5);
	assert_both_set_aside(*state, text, 200000);
	free(text);
}

static void what_was_set_aside_before_is_never_overwritten(void **state)
{
	struct world *world = *state;
	static const char *const names[] = { SETTINGS_FILE ".bad", SETTINGS_FILE ".bad.1",
		SETTINGS_FILE ".bad.2" };
	static const char *const texts[] = { "first", "second", "{'version':2}" };
	for (size_t i = 0; i < 3; i++) {
		world_write_file(world, SETTINGS_FILE, texts[i]);
		char *log = world_open_logged(world);
		assert_non_null(strstr(log, names[i]));
		free(log);
	}
	for (size_t i = 0; i < 3; i++) {
		char *is = world_read_file(world, names[i]), *was = quoted(texts[i]);
		assert_string_equal(is, was);
		free(is);
		free(was);
	}
}

static void own_presets_are_read_and_mended_field_by_field(void **state)
{
	struct world *world = *state;
	world_write_file(world, SETTINGS_PRESETS_FILE,
		"{'version':1,'presets':{'zoo':" GOOD_PRESET ","
		"'kept':{'keep_alive':{'mode':'duration','seconds':0},'topology':'auto',"
		"'mode_conflict':'steal','identity':'shared','layout':{'mode':'manual',"
		"'positions':{'1':{'x':0,'y':0}}},'max_displays':3},"
		"'half':{'topology':'auto'},'wrong':7,"
		"'default':" GOOD_PRESET ",'custom':" GOOD_PRESET ",'No':" GOOD_PRESET
		"},'more':1}");
	world_write_file(world, SETTINGS_FILE, "{'preset':'kept'}");
	world_open(world);
	json_t *presets = settings_presets(world->settings);
	assert_int_equal(json_array_size(presets), policy_preset_count + 2);
	assert_json(json_incref(json_array_get(presets, policy_preset_count)),
		"{'name':'kept','builtin':false,'keep_alive':{'mode':'duration','seconds':1},"
		"'topology':'auto','mode_conflict':'steal','identity':'shared',"
		"'layout':{'mode':'manual'}}");
	assert_json(json_incref(json_array_get(presets, policy_preset_count + 1)),
		"{'name':'zoo','builtin':false,'keep_alive':{'mode':'forever'},'topology':'primary'"
		","
		"'mode_conflict':'join','identity':'shared','layout':{'mode':'manual'}}");
	json_decref(presets);
	assert_json(settings_document(world->settings), "{'version':1,'preset':'kept'}");
}

static void a_list_of_presets_that_is_none_or_too_long_is_cut(void **state)
{
	struct world *world = *state;
	json_t *list = json_object(), *one = parse(GOOD_PRESET);
	char name[16];
	world_write_file(world, SETTINGS_PRESETS_FILE, "{'presets':['own']}");
	char *log = world_open_logged(world);
	assert_non_null(strstr(log, "/presets: an object is expected"));
	free(log);
	for (int i = 0; i <= SETTINGS_PRESETS_MAX; i++) {
		snprintf(name, sizeof name, "own-%d", i);
		json_object_set(list, name, one);
	}
	json_t *document = json_pack("{s:o}", "presets", list);
	char *text = json_dumps(document, 0);
	world_write_file(world, SETTINGS_PRESETS_FILE, text);
	world_open(world);
	json_t *presets = settings_presets(world->settings);
	assert_int_equal(json_array_size(presets), policy_preset_count + SETTINGS_PRESETS_MAX);
	json_decref(presets);
	json_decref(one);
	json_decref(document);
	free(text);
}

/* The longest that there can be is read back as it was written. */
static void full_settings_outlive_a_restart(void **state)
{
	struct world *world = *state;
	struct settings_faults faults;
	struct answer answer = { 0 };
	json_t *positions = json_object(), *clients = json_object();
	char name[65];
	for (int slot = 1; slot <= 63; slot++) {
		snprintf(name, sizeof name, "%d", slot);
		json_object_set_new(
			positions, name, json_pack("{s:i,s:i}", "x", -30000 - slot, "y", -32768));
	}
	json_t *layout = json_pack("{s:s,s:o}", "mode", "auto-row", "positions", positions);
	json_t *one = json_pack("{s:s,s:{s:s,s:i},s:s,s:s,s:s,s:O,s:s}", "preset", "shared-desktop",
		"keep_alive", "mode", "duration", "seconds", 604800, "topology", "exclusive",
		"mode_conflict", "separate", "identity", "per-client-mode", "layout", layout,
		"desktop", "isolated");
	assert_non_null(one);
	for (int i = 0; i < SETTINGS_CLIENTS_MAX; i++) {
		snprintf(name, sizeof name, "%064x", i);
		json_object_set(clients, name, one);
	}
	json_t *document = json_pack("{s:i,s:s,s:O,s:i,s:{s:b,s:i,s:i},s:s,s:s,s:o}", "version", 1,
		"preset", "default", "layout", layout, "max_displays", 16, "presence", "enabled", 1,
		"controlling_seconds", 86400, "watching_seconds", 86400, "control", "one-at-a-time",
		"input", "seat-per-client", "clients", clients);
	assert_non_null(document);
	world_open(world);
	assert_true(settings_put(world->settings, document, on_answer, &answer, &faults));
	world_wait(world, &answer, 1);
	assert_int_equal(answer.error, 0);
	world_open(world);
	assert_false(world_has_file(world, SETTINGS_FILE ".bad"));
	json_t *again = settings_document(world->settings);
	assert_true(json_equal(again, document));
	json_decref(again);
	json_decref(document);
	json_decref(layout);
	json_decref(one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_folder_means_the_default_and_no_file),
		TEST(a_folder_that_is_missing_is_made_for_its_owner_alone),
		TEST(what_is_no_folder_or_no_file_stops_the_host),
		TEST(a_good_file_is_taken_as_it_is),
		TEST(what_is_at_fault_is_mended_alone),
		TEST(a_keep_alive_is_mended_or_left_out),
		TEST(a_number_is_judged_by_its_value_not_by_its_spelling),
		TEST(places_are_mended_one_by_one_and_outlive_a_wrong_mode),
		TEST(each_repair_is_logged_with_its_place_and_what_was_done),
		TEST(a_file_that_is_no_json_object_is_set_aside),
		TEST(a_file_of_a_newer_version_is_set_aside),
		TEST(every_truncation_is_set_aside),
		TEST(hostile_files_are_set_aside),
		TEST(what_was_set_aside_before_is_never_overwritten),
		TEST(own_presets_are_read_and_mended_field_by_field),
		TEST(a_list_of_presets_that_is_none_or_too_long_is_cut),
		TEST(full_settings_outlive_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
