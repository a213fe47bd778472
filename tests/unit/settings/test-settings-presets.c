#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "settings_world.h"

#define PRESET(name, fields) "{'name':'" name "','builtin':false," fields "}"
#define FIELDS                                                                                     \
	"'keep_alive':{'mode':'forever'},'topology':'primary','mode_conflict':'join',"             \
	"'identity':'shared','layout':{'mode':'manual'}"
#define OTHER_FIELDS                                                                               \
	"'keep_alive':{'mode':'off'},'topology':'extend','mode_conflict':'reject',"                \
	"'identity':'per-client','layout':{'mode':'auto-row'}"

/* The own ones, behind those that are built in. */
static void assert_own(struct world *world, const char *list)
{
	json_t *presets = settings_presets(world->settings), *own = json_array();
	for (size_t i = 0; i < json_array_size(presets); i++) {
		json_t *one = json_array_get(presets, i);
		const bool builtin = json_is_true(json_object_get(one, "builtin"));
		assert_int_equal(builtin, i < policy_preset_count);
		if (!builtin)
			json_array_append(own, one);
	}
	json_decref(presets);
	assert_json(own, list);
}

static void remove_preset(struct world *world, const char *name)
{
	struct answer answer = { 0 };
	assert_int_equal(settings_remove_preset(world->settings, name, on_answer, &answer),
		SETTINGS_REMOVED);
	world_wait(world, &answer, 1);
	assert_int_equal(answer.error, 0);
}

static void an_own_preset_is_made_replaced_and_removed(void **state)
{
	struct world *world = *state;
	world_open(world);
	put_preset(world, "zoo", "{" FIELDS "}");
	put_preset(world, "ant", "{" FIELDS "}");
	put_preset(world, "m-1", "{" FIELDS "}");
	assert_own(world,
		"[" PRESET("ant", FIELDS) "," PRESET("m-1", FIELDS) "," PRESET("zoo", FIELDS) "]");
	assert_int_equal(world->changed, 3);
	assert_int_equal(settings_revision(world->settings), 4);
	put_preset(world, "ant", "{" OTHER_FIELDS "}");
	remove_preset(world, "m-1");
	world_open(world);
	assert_own(world, "[" PRESET("ant", OTHER_FIELDS) "," PRESET("zoo", FIELDS) "]");
	remove_preset(world, "ant");
	remove_preset(world, "zoo");
	assert_own(world, "[]");
	assert_false(world_has_file(world, SETTINGS_FILE));
}

static void a_replaced_preset_counts_at_once_for_whoever_names_it(void **state)
{
	struct world *world = *state;
	struct display_policy policy;
	world_open(world);
	put_preset(world, "own", "{" FIELDS "}");
	put(world, "{'preset':'own'}");
	settings_policy(world->settings, NULL, &policy);
	assert_int_equal(policy.topology, POLICY_TOPOLOGY_PRIMARY);
	put_preset(world, "own", "{" OTHER_FIELDS "}");
	settings_policy(world->settings, NULL, &policy);
	assert_int_equal(policy.topology, POLICY_TOPOLOGY_EXTEND);
}

static void assert_refused(
	struct world *world, const char *name, const char *preset, const char *expected)
{
	struct settings_faults faults;
	json_t *json = parse(preset);
	if (settings_put_preset(world->settings, name, json, NULL, NULL, &faults))
		fail_msg("accepted: %s %s", name, preset);
	json_decref(json);
	char *pointers = pointers_of(&faults);
	assert_string_equal(pointers, expected);
	free(pointers);
}

static void half_a_preset_and_fields_that_are_no_presets_are_refused(void **state)
{
	struct world *world = *state;
	world_open(world);
	assert_refused(world, "own", "7", "");
	assert_refused(
		world, "own", "{}", "/keep_alive /topology /mode_conflict /identity /layout");
	assert_refused(
		world, "own", "{" FIELDS ",'max_displays':3,'name':'own'}", "/max_displays /name");
	assert_refused(world, "own",
		"{'keep_alive':{'mode':'duration','seconds':0},'topology':1,'mode_conflict':2,"
		"'identity':3,'layout':{'mode':'manual','positions':{}}}",
		"/keep_alive/seconds /topology /mode_conflict /identity /layout/positions");
	assert_own(world, "[]");
	world_settle(world);
	assert_false(world_has_file(world, SETTINGS_PRESETS_FILE));
}

static void a_name_is_short_and_plain_and_nobody_elses(void **state)
{
	struct world *world = *state;
	static const char *const wrong[] = { "", "Own", "1st", "-own", "own preset", "own/", "own_",
		"\u00f6wn", "custom", "default", "gaming-rig", "shared-desktop", "hotdesk",
		"workstation", "abcdefghijklmnopqrstuvwxyzabcdefg" };
	world_open(world);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_refused(world, wrong[i], "{" FIELDS "}", "");
	put_preset(world, "abcdefghijklmnopqrstuvwxyz-01234", "{" FIELDS "}");
}

static void there_is_room_for_so_many_and_replacing_needs_none(void **state)
{
	struct world *world = *state;
	char name[16];
	world_open(world);
	for (int i = 0; i < SETTINGS_PRESETS_MAX; i++) {
		snprintf(name, sizeof name, "own-%d", i);
		put_preset(world, name, "{" FIELDS "}");
	}
	assert_refused(world, "one-more", "{" FIELDS "}", "");
	put_preset(world, "own-0", "{" OTHER_FIELDS "}");
	remove_preset(world, "own-31");
	put_preset(world, "one-more", "{" FIELDS "}");
}

static void a_preset_that_is_used_built_in_or_nowhere_is_not_removed(void **state)
{
	struct world *world = *state;
	struct settings *settings;
	world_open(world);
	settings = world->settings;
	put_preset(world, "own", "{" FIELDS "}");
	put(world, "{'preset':'own'}");
	assert_int_equal(settings_remove_preset(settings, "own", NULL, NULL), SETTINGS_IN_USE);
	put(world, "{'preset':'hotdesk','clients':{'" A "':{'preset':'own'}}}");
	assert_int_equal(settings_remove_preset(settings, "own", NULL, NULL), SETTINGS_IN_USE);
	assert_int_equal(settings_remove_preset(settings, "gone", NULL, NULL), SETTINGS_NO_SUCH);
	assert_int_equal(settings_remove_preset(settings, "custom", NULL, NULL), SETTINGS_NO_SUCH);
	for (size_t i = 0; i < policy_preset_count; i++)
		assert_int_equal(
			settings_remove_preset(settings, policy_presets[i].name, NULL, NULL),
			SETTINGS_BUILTIN);
	put_client(world, A, "{}");
	remove_preset(world, "own");
	assert_own(world, "[]");
}

/* What is under way counts: whoever is to name it soon uses it. */
static void a_preset_that_a_waiting_change_names_is_in_use(void **state)
{
	struct world *world = *state;
	struct settings_faults faults;
	struct answer answer = { 0 };
	json_t *preset = parse("{" FIELDS "}"), *document = parse("{'preset':'own'}");
	world_open(world);
	assert_true(
		settings_put_preset(world->settings, "own", preset, on_answer, &answer, &faults));
	assert_true(settings_put(world->settings, document, on_answer, &answer, &faults));
	assert_int_equal(
		settings_remove_preset(world->settings, "own", NULL, NULL), SETTINGS_IN_USE);
	world_wait(world, &answer, 2);
	world_open(world);
	assert_own(world, "[" PRESET("own", FIELDS) "]");
	assert_json(settings_document(world->settings), "{'version':1,'preset':'own'}");
	json_decref(preset);
	json_decref(document);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_own_preset_is_made_replaced_and_removed),
		TEST(a_replaced_preset_counts_at_once_for_whoever_names_it),
		TEST(half_a_preset_and_fields_that_are_no_presets_are_refused),
		TEST(a_name_is_short_and_plain_and_nobody_elses),
		TEST(there_is_room_for_so_many_and_replacing_needs_none),
		TEST(a_preset_that_is_used_built_in_or_nowhere_is_not_removed),
		TEST(a_preset_that_a_waiting_change_names_is_in_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
