#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "settings_world.h"

/* All that a refused change must leave as it was. */
struct before {
	json_t *document, *presets;
	char *file, *presets_file;
	uint64_t revision;
	unsigned changed;
};

static struct before look(struct world *world)
{
	return (struct before){
		.document = settings_document(world->settings),
		.presets = settings_presets(world->settings),
		.file = world_read_file(world, SETTINGS_FILE),
		.presets_file = world_read_file(world, SETTINGS_PRESETS_FILE),
		.revision = settings_revision(world->settings),
		.changed = world->changed,
	};
}

static void assert_unchanged(struct world *world, struct before *before)
{
	world_settle(world);
	struct before now = look(world);
	assert_true(json_equal(now.document, before->document));
	assert_true(json_equal(now.presets, before->presets));
	assert_string_equal(now.file ? now.file : "", before->file ? before->file : "");
	assert_string_equal(now.presets_file ? now.presets_file : "",
		before->presets_file ? before->presets_file : "");
	assert_int_equal(now.revision, before->revision);
	assert_int_equal(now.changed, before->changed);
	assert_false(world_has_file(world, SETTINGS_FILE ".new"));
	struct before *both[] = { before, &now };
	for (size_t i = 0; i < 2; i++) {
		json_decref(both[i]->document);
		json_decref(both[i]->presets);
		free(both[i]->file);
		free(both[i]->presets_file);
	}
}

/* The fields at fault, in the order of the documents; nothing changes. */
static void assert_refused(struct world *world, const char *document, const char *pointers)
{
	struct before before = look(world);
	char *is = faults_of_put(world, document);
	if (strcmp(is, pointers) != 0)
		fail_msg("%s: %s, not %s", document, is, pointers);
	free(is);
	assert_unchanged(world, &before);
}

static void what_is_put_is_in_the_file_and_in_force_when_it_is_answered(void **state)
{
	struct world *world = *state;
	struct display_policy policy;
	static const char document[] = "{'version':1,'preset':'hotdesk','max_displays':7}";
	world_open(world);
	put(world, document);
	assert_json(settings_document(world->settings), document);
	settings_policy(world->settings, NULL, &policy);
	assert_int_equal(policy.mode_conflict, POLICY_CONFLICT_REJECT);
	assert_int_equal(policy.max_displays, 7);
	assert_int_equal(settings_revision(world->settings), 2);
	assert_int_equal(world->changed, 1);
	char *file = world_read_file(world, SETTINGS_FILE);
	assert_json(json_loads(file, 0, NULL), document);
	free(file);
	world_open(world);
	assert_json(settings_document(world->settings), document);
}

/* One fault each. */
static void a_field_at_fault_is_named_by_its_pointer(void **state)
{
	struct world *world = *state;
	static const char *const cases[][2] = {
		{ "7", "" },
		{ "[]", "" },
		{ "{'colour':1}", "/colour" },
		{ "{'version':2}", "/version" },
		{ "{'version':'1'}", "/version" },
		{ "{'preset':'gone'}", "/preset" },
		{ "{'preset':''}", "/preset" },
		{ "{'preset':1}", "/preset" },
		{ "{'preset':'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz'}", "/preset" },
		{ "{'keep_alive':'off'}", "/keep_alive" },
		{ "{'keep_alive':{}}", "/keep_alive/mode" },
		{ "{'keep_alive':{'mode':'duration'}}", "/keep_alive/seconds" },
		{ "{'keep_alive':{'mode':'duration','seconds':0}}", "/keep_alive/seconds" },
		{ "{'keep_alive':{'mode':'duration','seconds':604801}}", "/keep_alive/seconds" },
		{ "{'keep_alive':{'mode':'duration','seconds':'3'}}", "/keep_alive/seconds" },
		{ "{'keep_alive':{'mode':'duration','seconds':2.5}}", "/keep_alive/seconds" },
		{ "{'keep_alive':{'mode':'duration','seconds':1e30}}", "/keep_alive/seconds" },
		{ "{'keep_alive':{'mode':'off','seconds':3}}", "/keep_alive/seconds" },
		{ "{'keep_alive':{'mode':'off','more':3}}", "/keep_alive/more" },
		{ "{'topology':'sideways'}", "/topology" },
		{ "{'topology':'Extend'}", "/topology" },
		{ "{'mode_conflict':null}", "/mode_conflict" },
		{ "{'identity':''}", "/identity" },
		{ "{'layout':'manual'}", "/layout" },
		{ "{'layout':{}}", "/layout/mode" },
		{ "{'layout':{'mode':'manual','more':1}}", "/layout/more" },
		{ "{'layout':{'mode':'manual','positions':1}}", "/layout/positions" },
		{ "{'max_displays':0}", "/max_displays" },
		{ "{'max_displays':17}", "/max_displays" },
		{ "{'max_displays':9223372036854775807}", "/max_displays" },
		{ "{'desktop':'mine'}", "/desktop" },
		{ "{'confinement':'home'}", "/confinement" },
		{ "{'confinement':{}}", "/confinement/mode" },
		{ "{'confinement':{'mode':'all'}}", "/confinement/mode" },
		{ "{'confinement':{'mode':'off','devices':[]}}", "/confinement/devices" },
		{ "{'confinement':{'mode':'home','devices':'dri'}}", "/confinement/devices" },
		{ "{'confinement':{'mode':'home','devices':['dri','/dev/sda']}}",
			"/confinement/devices/1" },
		{ "{'confinement':{'mode':'home','devices':['dri','dri']}}",
			"/confinement/devices/1" },
		{ "{'confinement':{'mode':'home','homes':1}}", "/confinement/homes" },
		{ "{'presence':{}}", "/presence/enabled" },
		{ "{'presence':{'enabled':1}}", "/presence/enabled" },
		{ "{'presence':{'enabled':true,'watching_seconds':86401}}",
			"/presence/watching_seconds" },
		{ "{'control':'one'}", "/control" },
		{ "{'input':true}", "/input" },
		{ "{'clients':[]}", "/clients" },
		{ "{'clients':{'" A "':null}}", "/clients/" A },
		{ "{'clients':{'" A "':{'max_displays':2}}}", "/clients/" A "/max_displays" },
		{ "{'clients':{'" A "':{'control':'free'}}}", "/clients/" A "/control" },
		{ "{'clients':{'" A "':{'version':1}}}", "/clients/" A "/version" },
		{ "{'clients':{'" A "':{'clients':{}}}}", "/clients/" A "/clients" },
		{ "{'clients':{'" A "':{'preset':'gone'}}}", "/clients/" A "/preset" },
	};
	world_open(world);
	put(world, "{'preset':'hotdesk','clients':{'" B "':{'topology':'extend'}}}");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_refused(world, cases[i][0], cases[i][1]);
}

static void every_field_at_fault_is_named_at_once(void **state)
{
	struct world *world = *state;
	world_open(world);
	assert_refused(world,
		"{'preset':'gone','keep_alive':{'mode':'x','seconds':'y','z':1},'topology':1,"
		"'mode_conflict':2,'identity':3,'layout':{'mode':4,'positions':{'64':{},'1':{'x':1}"
		"}},"
		"'max_displays':5,'desktop':6,'more':7,'version':8,"
		"'clients':{'x':9,'" A "':{'topology':10,'identity':11}}}",
		"/preset /keep_alive/z /keep_alive/mode /keep_alive/seconds /topology "
		"/mode_conflict "
		"/identity /layout/mode /layout/positions/64 /layout/positions/1/y /desktop /more "
		"/version /clients/x /clients/" A "/topology /clients/" A "/identity");
}

static void a_slot_has_one_spelling(void **state)
{
	struct world *world = *state;
	static const char *const wrong[] = { "0", "01", "001", "64", "-1", "+1", "1.0", "1e0",
		"0x1", " 1", "1 ", "one", "18446744073709551617", "4294967297" };
	char document[256], pointer[64];
	world_open(world);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(document, sizeof document,
			"{'layout':{'mode':'manual','positions':{'%s':{'x':0,'y':0}}}}", wrong[i]);
		snprintf(pointer, sizeof pointer, "/layout/positions/%s", wrong[i]);
		assert_refused(world, document, pointer);
	}
	put(world,
		"{'layout':{'mode':'manual','positions':{'63':{'x':0,'y':0},'1':{'x':1,'y':1}}}}");
	struct display_policy policy;
	settings_policy(world->settings, NULL, &policy);
	assert_int_equal(policy.position_count, 2);
	assert_int_equal(policy.positions[0].slot, 1);
	assert_int_equal(policy.positions[1].slot, 63);
}

static void a_place_has_two_coordinates_in_range(void **state)
{
	struct world *world = *state;
	static const char *const wrong[][2] = {
		{ "7", "" },
		{ "{}", "/x" }, /* and /y */
		{ "{'x':32768,'y':0}", "/x" },
		{ "{'x':0,'y':-32769}", "/y" },
		{ "{'x':0,'y':0.5}", "/y" },
		{ "{'x':0,'y':0,'z':0}", "/z" },
	};
	char document[256], pointers[128];
	world_open(world);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(document, sizeof document,
			"{'layout':{'mode':'manual','positions':{'5':%s}}}", wrong[i][0]);
		snprintf(pointers, sizeof pointers, "/layout/positions/5%s%s", wrong[i][1],
			i == 1 ? " /layout/positions/5/y" : "");
		assert_refused(world, document, pointers);
	}
}

static void a_fingerprint_has_64_small_digits(void **state)
{
	struct world *world = *state;
	static const char *const wrong[] = { "", "a0", A "0",
		"A0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBF",
		"g0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf" };
	char document[256], pointer[128];
	world_open(world);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(document, sizeof document, "{'clients':{'%s':{'topology':'extend'}}}",
			wrong[i]);
		snprintf(pointer, sizeof pointer, "/clients/%s", wrong[i]);
		assert_refused(world, document, pointer);
	}
}

static void a_pointer_escapes_and_a_long_name_is_cut_between_characters(void **state)
{
	struct world *world = *state;
	struct settings_faults faults;
	char name[512];
	world_open(world);
	assert_refused(world, "{'a/b~c':1,'':2}", "/a~1b~0c /");
	for (size_t shift = 0; shift < 4; shift++) {
		memset(name, 'x', shift);
		for (size_t i = shift; i + 4 < sizeof name; i += 3)
			strcpy(name + i, "\u20ac");
		json_t *document = json_pack("{s:i}", name, 1);
		assert_false(settings_put(world->settings, document, NULL, NULL, &faults));
		json_decref(document);
		json_t *pointer = json_string(faults.faults[0].pointer);
		assert_non_null(pointer); /* it is UTF-8 still */
		assert_true(json_string_length(pointer) >= sizeof faults.faults->pointer - 8);
		json_decref(pointer);
	}
}

static void more_faults_than_are_kept_are_counted(void **state)
{
	struct world *world = *state;
	struct settings_faults faults;
	char name[16];
	json_t *document = json_object();
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "x%d", i);
		json_object_set_new(document, name, json_null());
	}
	world_open(world);
	assert_false(settings_put(world->settings, document, NULL, NULL, &faults));
	assert_int_equal(faults.count, SETTINGS_FAULTS_MAX);
	assert_int_equal(faults.total, 1000);
	json_decref(document);
}

static json_t *document_of_clients(int count)
{
	char fingerprint[65];
	json_t *clients = json_object();
	for (int i = 0; i < count; i++) {
		snprintf(fingerprint, sizeof fingerprint, "%064x", i);
		json_object_set_new(
			clients, fingerprint, json_pack("{s:s}", "mode_conflict", "join"));
	}
	return json_pack("{s:o}", "clients", clients);
}

static void too_many_clients_are_refused_as_many_as_there_is_room_for_are_not(void **state)
{
	struct world *world = *state;
	struct settings_faults faults;
	struct answer answer = { 0 };
	json_t *more = document_of_clients(SETTINGS_CLIENTS_MAX + 1);
	json_t *most = document_of_clients(SETTINGS_CLIENTS_MAX);
	json_t *overrides = parse("{'topology':'extend'}"), *nothing = json_object();
	world_open(world);
	assert_false(settings_put(world->settings, more, NULL, NULL, &faults));
	assert_int_equal(faults.total, 1);
	assert_string_equal(faults.faults[0].pointer,
		"/clients/0000000000000000000000000000000000000000000000000000000000000100");
	assert_true(settings_put(world->settings, most, on_answer, &answer, &faults));
	assert_false(settings_put_client(
		world->settings, fingerprint_of(A), overrides, NULL, NULL, &faults));
	assert_string_equal(faults.faults[0].pointer, "");
	assert_true(settings_put_client(
		world->settings, fingerprint_of(A), nothing, on_answer, &answer, &faults));
	world_wait(world, &answer, 2);
	json_decref(more);
	json_decref(most);
	json_decref(overrides);
	json_decref(nothing);
}

static void putting_what_is_there_changes_nothing(void **state)
{
	struct world *world = *state;
	static const char *const documents[] = { "{}", "{'preset':'gaming-rig'}",
		"{'topology':'primary'}", "{'preset':'own','max_displays':9}",
		"{'preset':'default','layout':{'mode':'manual','positions':{'9':{'x':1,'y':-1}}}}",
		"{'presence':{'enabled':true,'watching_seconds':9},'control':'free'}",
		"{'keep_alive':{'mode':'duration','seconds':1e2},'clients':{'" A
		"':{'preset':'custom'},'" B "':{'keep_alive':{'mode':'off'},'layout':{'mode':"
		"'manual'}}}}" };
	struct display_policy before, after;
	world_open(world);
	put_preset(world, "own", GOOD_PRESET);
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		put(world, documents[i]);
		settings_policy(world->settings, fingerprint_of(B), &before);
		char *file = world_read_file(world, SETTINGS_FILE);
		json_t *document = settings_document(world->settings);
		char *text = json_dumps(document, 0);
		put(world, text);
		settings_policy(world->settings, fingerprint_of(B), &after);
		assert_same_policy(&before, &after);
		char *again = world_read_file(world, SETTINGS_FILE);
		assert_string_equal(file, again);
		assert_json(settings_document(world->settings), text);
		json_decref(document);
		free(text);
		free(file);
		free(again);
	}
}

static void a_put_replaces_the_whole_document(void **state)
{
	struct world *world = *state;
	world_open(world);
	put(world, "{'preset':'hotdesk','max_displays':2,'clients':{'" A "':{'preset':'custom'}}}");
	put(world, "{'desktop':'shared'}");
	assert_json(settings_document(world->settings), "{'version':1,'desktop':'shared'}");
}

static void overrides_of_a_client_are_put_alone_and_an_empty_set_removes_them(void **state)
{
	struct world *world = *state;
	struct settings_faults faults;
	world_open(world);
	put(world, "{'preset':'hotdesk'}");
	put_client(world, B, "{'topology':'extend'}");
	put_client(world, A, "{'preset':'shared-desktop','layout':{'mode':'manual'}}");
	put_client(world, B, "{'identity':'shared'}");
	assert_json(settings_document(world->settings),
		"{'version':1,'preset':'hotdesk','clients':{'" A
		"':{'preset':'shared-desktop','layout':{'mode':'manual'}},'" B
		"':{'identity':'shared'}}}");
	assert_json(settings_client(world->settings, fingerprint_of(B)), "{'identity':'shared'}");
	put_client(world, B, "{}");
	put_client(world, B, "{}");
	assert_json(settings_client(world->settings, fingerprint_of(B)), "{}");
	struct before before = look(world);
	json_t *wrong = parse("{'max_displays':2,'clients':{},'topology':1}");
	assert_false(settings_put_client(
		world->settings, fingerprint_of(A), wrong, NULL, NULL, &faults));
	char *pointers = pointers_of(&faults);
	assert_string_equal(pointers, "/topology /max_displays /clients");
	free(pointers);
	json_decref(wrong);
	assert_unchanged(world, &before);
}

static void a_trial_tells_what_a_put_would_do_and_does_nothing(void **state)
{
	struct world *world = *state;
	struct settings_faults faults;
	struct display_policy tried, real;
	static const char text[] = "{'preset':'gaming-rig','max_displays':3,'clients':{'" A
				   "':{'keep_alive':{'mode':'off'}}}}";
	json_t *document = parse(text), *wrong = parse("{'topology':7}");
	world_open(world);
	put(world, "{'preset':'hotdesk'}");
	struct before before = look(world);
	assert_true(settings_try(world->settings, document, fingerprint_of(A), &tried, &faults));
	assert_int_equal(faults.total, 0);
	assert_unchanged(world, &before);
	before = look(world);
	assert_false(settings_try(world->settings, wrong, NULL, &real, &faults));
	assert_string_equal(faults.faults[0].pointer, "/topology");
	assert_unchanged(world, &before);
	put(world, text);
	settings_policy(world->settings, fingerprint_of(A), &real);
	assert_same_policy(&tried, &real);
	assert_int_equal(tried.keep_alive.kind, KEEP_ALIVE_OFF);
	assert_int_equal(tried.max_displays, 3);
	json_decref(document);
	json_decref(wrong);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_put_is_in_the_file_and_in_force_when_it_is_answered),
		TEST(a_field_at_fault_is_named_by_its_pointer),
		TEST(every_field_at_fault_is_named_at_once),
		TEST(a_slot_has_one_spelling),
		TEST(a_place_has_two_coordinates_in_range),
		TEST(a_fingerprint_has_64_small_digits),
		TEST(a_pointer_escapes_and_a_long_name_is_cut_between_characters),
		TEST(more_faults_than_are_kept_are_counted),
		TEST(too_many_clients_are_refused_as_many_as_there_is_room_for_are_not),
		TEST(putting_what_is_there_changes_nothing),
		TEST(a_put_replaces_the_whole_document),
		TEST(overrides_of_a_client_are_put_alone_and_an_empty_set_removes_them),
		TEST(a_trial_tells_what_a_put_would_do_and_does_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
