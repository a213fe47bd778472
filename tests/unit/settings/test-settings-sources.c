#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "settings_world.h"

static void assign(struct policy_layer *layer, const char *text)
{
	char fault[256];
	if (!settings_parse_assignment(layer, text, fault, sizeof fault))
		fail_msg("%s", fault);
}

/* The value and its source, of one field in force. */
static void assert_field(struct world *world, const char *client, const char *field,
	const char *value, const char *source)
{
	const uint8_t *fingerprint = client ? fingerprint_of(client) : NULL;
	json_t *effective = settings_effective(world->settings, fingerprint);
	json_t *sources = settings_sources(world->settings, fingerprint);
	assert_json(json_incref(json_object_get(effective, field)), value);
	if (strcmp(json_string_value(json_object_get(sources, field)), source) != 0)
		fail_msg("%s is from %s, not from %s", field,
			json_string_value(json_object_get(sources, field)), source);
	json_decref(effective);
	json_decref(sources);
}

static void each_source_overrules_the_weaker_ones_field_by_field(void **state)
{
	struct world *world = *state;
	world_open(world);
	assert_field(world, A, "topology", "'auto'", "default");
	assert_field(world, A, "preset", "'default'", "default");

	assign(&world->environment, "topology=extend");
	assign(&world->environment, "mode_conflict=join");
	assign(&world->environment, "identity=shared");
	assign(&world->environment, "keep_alive=11");
	world_open(world);
	assert_field(world, A, "topology", "'extend'", "environment");
	assert_field(world, A, "preset", "'custom'", "default");

	assign(&world->command_line, "topology=primary");
	assign(&world->command_line, "mode_conflict=steal");
	assign(&world->command_line, "identity=per-client-mode");
	world_open(world);
	assert_field(world, A, "topology", "'primary'", "command-line");

	put(world, "{'topology':'exclusive','mode_conflict':'reject'}");
	assert_field(world, A, "topology", "'exclusive'", "file");
	assert_field(world, A, "preset", "'custom'", "file");

	put_client(world, A, "{'topology':'auto'}");
	assert_field(world, A, "topology", "'auto'", "client");
	assert_field(world, A, "mode_conflict", "'reject'", "file");
	assert_field(world, A, "identity", "'per-client-mode'", "command-line");
	assert_field(world, A, "keep_alive", "{'mode':'duration','seconds':11}", "environment");
	assert_field(world, A, "layout", "{'mode':'auto-row'}", "default");
	assert_field(world, B, "topology", "'exclusive'", "file");
	assert_field(world, NULL, "topology", "'exclusive'", "file");

	put(world,
		"{'preset':'shared-desktop','topology':'exclusive','clients':{'" A
		"':{'topology':'auto'}}}");
	assert_field(world, A, "preset", "'shared-desktop'", "file");
	assert_field(world, A, "topology", "'auto'", "client");
	assert_field(world, B, "topology", "'extend'", "preset");
	assert_field(world, B, "identity", "'per-client'", "preset");
	assert_field(world, B, "keep_alive", "{'mode':'off'}", "preset");

	put_client(world, A, "{'preset':'gaming-rig','topology':'auto'}");
	assert_field(world, A, "preset", "'gaming-rig'", "client");
	assert_field(world, A, "topology", "'auto'", "client");
	assert_field(world, A, "keep_alive", "{'mode':'forever'}", "client");
}

static void a_preset_rules_its_five_fields_and_no_other(void **state)
{
	struct world *world = *state;
	static const char places[] = "{'mode':'manual','positions':{'3':{'x':1,'y':2}}}";
	char document[512];
	snprintf(document, sizeof document,
		"{'preset':'workstation','topology':'extend','layout':%s,'max_displays':9,"
		"'desktop':'isolated','confinement':{'mode':'home'},'presence':{'enabled':true},'"
		"control':'one-at-a-time',"
		"'input':'seat-per-client'}",
		places);
	world_open(world);
	put(world, document);
	assert_field(world, NULL, "topology", "'exclusive'", "preset");
	assert_field(world, NULL, "layout", places, "preset");
	assert_field(world, NULL, "max_displays", "9", "file");
	assert_field(world, NULL, "desktop", "'isolated'", "file");
	assert_field(world, NULL, "confinement", "{'mode':'home'}", "file");
	assert_field(world, NULL, "presence", "{'enabled':true}", "file");
	assert_field(world, NULL, "control", "'one-at-a-time'", "file");
	assert_field(world, NULL, "input", "'seat-per-client'", "file");
	put_client(world, A, "{'preset':'hotdesk'}");
	assert_field(world, A, "layout", "{'mode':'auto-row','positions':{'3':{'x':1,'y':2}}}",
		"client");
	assert_field(world, A, "max_displays", "9", "file");
}

/* The document, and the policy in force, are the same after a restart. */
static void assert_outlives_a_restart(struct world *world)
{
	json_t *document = settings_document(world->settings);
	json_t *effective = settings_effective(world->settings, NULL);
	world_open(world);
	json_t *documented = settings_document(world->settings);
	json_t *ruling = settings_effective(world->settings, NULL);
	assert_true(json_equal(document, documented));
	assert_true(json_equal(effective, ruling));
	json_decref(document);
	json_decref(effective);
	json_decref(documented);
	json_decref(ruling);
}

#define PLACES "'positions':{'2':{'x':1920,'y':0}}"

static void places_put_under_a_preset_leave_it_in_force(void **state)
{
	struct world *world = *state;
	world_open(world);
	put(world, "{'preset':'workstation','topology':'extend','max_displays':3}");
	put_layout(world, "{'mode':'manual'," PLACES "}");
	assert_json(settings_document(world->settings),
		"{'version':1,'preset':'workstation','topology':'extend','layout':{'mode':'manual'"
		"," PLACES "},'max_displays':3}");
	assert_field(world, NULL, "topology", "'exclusive'", "preset");
	assert_field(world, NULL, "layout", "{'mode':'manual'," PLACES "}", "preset");
	assert_outlives_a_restart(world);
}

static void another_mode_of_layout_makes_the_preset_custom_with_its_values_written_out(void **state)
{
	struct world *world = *state;
	world_open(world);
	put(world,
		"{'preset':'hotdesk','topology':'extend','max_displays':3,'clients':{'" A
		"':{'preset':'default'}}}");
	put_layout(world, "{'mode':'manual'," PLACES "}");
	assert_json(settings_document(world->settings),
		"{'version':1,'preset':'custom','keep_alive':{'mode':'duration','seconds':300},"
		"'topology':'exclusive','mode_conflict':'reject','identity':'per-client-mode',"
		"'layout':{'mode':'manual'," PLACES "},'max_displays':3,"
		"'clients':{'" A "':{'preset':'default'}}}");
	assert_outlives_a_restart(world);
}

/* A layout that is all the file says would be custom when it is read again. */
static void a_preset_that_a_weaker_source_names_is_named_beside_the_places(void **state)
{
	struct world *world = *state;
	assign(&world->command_line, "preset=workstation");
	world_open(world);
	put_layout(world, "{'mode':'manual'," PLACES "}");
	assert_json(settings_document(world->settings),
		"{'version':1,'preset':'workstation','layout':{'mode':'manual'," PLACES "}}");
	assert_outlives_a_restart(world);
}

static void places_put_where_nothing_is_configured_keep_the_default(void **state)
{
	struct world *world = *state;
	world_open(world);
	put_layout(world, "{'mode':'auto-row'," PLACES "}");
	assert_json(settings_document(world->settings),
		"{'version':1,'preset':'default','layout':{'mode':'auto-row'," PLACES "}}");
	assert_outlives_a_restart(world);
}

static void a_layout_under_custom_leaves_weaker_sources_out_of_the_file(void **state)
{
	struct world *world = *state;
	assign(&world->environment, "topology=extend");
	world_open(world);
	put_layout(world, "{'mode':'manual'}");
	assert_json(settings_document(world->settings),
		"{'version':1,'preset':'custom','layout':{'mode':'manual'}}");
	assert_field(world, NULL, "topology", "'extend'", "environment");
	assert_outlives_a_restart(world);
}

static void a_layout_at_fault_is_refused_by_its_pointers(void **state)
{
	struct world *world = *state;
	struct settings_faults faults;
	static const char *const cases[][2] = {
		{ "[]", "" },
		{ "{}", "/mode" },
		{ "{'mode':'diagonal','positions':{'64':{'x':0,'y':0},'1':{'x':0}},'x':1}",
			"/x /mode /positions/64 /positions/1/y" },
	};
	world_open(world);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *layout = parse(cases[i][0]);
		assert_false(settings_put_layout(world->settings, layout, NULL, NULL, &faults));
		char *pointers = pointers_of(&faults);
		assert_string_equal(pointers, cases[i][1]);
		free(pointers);
		json_decref(layout);
	}
	assert_json(settings_document(world->settings), "{'version':1}");
	assert_false(world_has_file(world, SETTINGS_FILE));
}

static void an_assignment_takes_the_words_of_the_documents(void **state)
{
	struct world *world = *state;
	static const char *const good[][3] = {
		{ "keep_alive=30", "keep_alive", "{'mode':'duration','seconds':30}" },
		{ "keep_alive=forever", "keep_alive", "{'mode':'forever'}" },
		{ "keep_alive=off", "keep_alive", "{'mode':'off'}" },
		{ "topology=primary", "topology", "'primary'" },
		{ "mode_conflict=reject", "mode_conflict", "'reject'" },
		{ "identity=shared", "identity", "'shared'" },
		{ "layout=manual", "layout", "{'mode':'manual'}" },
		{ "max_displays=16", "max_displays", "16" },
		{ "desktop=isolated", "desktop", "'isolated'" },
		{ "confinement=off", "confinement", "{'mode':'off'}" },
		{ "confinement=devices,kvm", "confinement",
			"{'mode':'devices','devices':['kvm']}" },
		{ "confinement=home,fuse,dri", "confinement",
			"{'mode':'home','devices':['dri','fuse']}" },
		{ "presence=on", "presence", "{'enabled':true}" },
		{ "presence=off", "presence", "{'enabled':false}" },
		{ "control=one-at-a-time", "control", "'one-at-a-time'" },
		{ "input=seat-per-client", "input", "'seat-per-client'" },
		{ "preset=hotdesk", "preset", "'hotdesk'" },
		{ "preset=custom", "preset", "'custom'" },
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		world->command_line = (struct policy_layer){ 0 };
		assign(&world->command_line, good[i][0]);
		world_open(world);
		assert_field(world, NULL, good[i][1], good[i][2], "command-line");
	}
}

static void a_later_assignment_overrules_an_earlier_one_of_its_field_alone(void **state)
{
	struct world *world = *state;
	assign(&world->command_line, "preset=custom");
	assign(&world->command_line, "topology=primary");
	assign(&world->command_line, "keep_alive=30");
	assign(&world->command_line, "keep_alive=off");
	world_open(world);
	assert_field(world, NULL, "topology", "'primary'", "command-line");
	assert_field(world, NULL, "keep_alive", "{'mode':'off'}", "command-line");
}

static void an_assignment_at_fault_is_refused_with_field_and_value(void **state)
{
	static const char *const wrong[][2] = {
		{ "", ": FIELD=VALUE with a field of the policy is expected" },
		{ "topology", "topology: FIELD=VALUE with a field of the policy is expected" },
		{ "colour=red", "colour=red: FIELD=VALUE with a field of the policy is expected" },
		{ "clients=", "clients=: FIELD=VALUE with a field of the policy is expected" },
		{ "topology=", "topology '': auto, extend, primary or exclusive is expected" },
		{ "topology=up", "topology 'up': auto, extend, primary or exclusive is expected" },
		{ "keep_alive=", "keep_alive '': off, forever or a number of seconds is expected" },
		{ "keep_alive=duration",
			"keep_alive 'duration': off, forever or a number of seconds is expected" },
		{ "keep_alive=+3",
			"keep_alive '+3': off, forever or a number of seconds is expected" },
		{ "keep_alive= 3",
			"keep_alive ' 3': off, forever or a number of seconds is expected" },
		{ "keep_alive=0", "keep_alive '0': a whole number from 1 to 604800 is expected" },
		{ "keep_alive=-1", "keep_alive '-1': a whole number from 1 to 604800 is expected" },
		{ "keep_alive=99999999999999999999",
			"keep_alive '99999999999999999999': a whole number from 1 to 604800 is "
			"expected" },
		{ "max_displays=many",
			"max_displays 'many': a whole number from 1 to 16 is expected" },
		{ "max_displays=17", "max_displays '17': a whole number from 1 to 16 is expected" },
		{ "layout=row", "layout 'row': auto-row or manual is expected" },
		{ "presence=yes", "presence 'yes': on or off is expected" },
		{ "preset=gone", "preset 'gone': there is no preset of that name" },
		{ "topology=\xff", "topology: the value is no text" },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct policy_layer layer = { 0 };
		char fault[256] = "";
		assert_false(settings_parse_assignment(&layer, wrong[i][0], fault, sizeof fault));
		assert_string_equal(fault, wrong[i][1]);
		assert_int_equal(layer.set, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_source_overrules_the_weaker_ones_field_by_field),
		TEST(a_preset_rules_its_five_fields_and_no_other),
		TEST(places_put_under_a_preset_leave_it_in_force),
		TEST(another_mode_of_layout_makes_the_preset_custom_with_its_values_written_out),
		TEST(a_preset_that_a_weaker_source_names_is_named_beside_the_places),
		TEST(places_put_where_nothing_is_configured_keep_the_default),
		TEST(a_layout_under_custom_leaves_weaker_sources_out_of_the_file),
		TEST(a_layout_at_fault_is_refused_by_its_pointers),
		TEST(an_assignment_takes_the_words_of_the_documents),
		TEST(a_later_assignment_overrules_an_earlier_one_of_its_field_alone),
		TEST(an_assignment_at_fault_is_refused_with_field_and_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
