/* What happens when memory is short, at each point where some is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "core/identity.h"
#include "settings_world.h"
#include "support/scarce_memory.h"

#define DOCUMENT                                                                                   \
	"{'version':1,'preset':'own','keep_alive':{'mode':'duration','seconds':5},"                \
	"'layout':{'mode':'manual','positions':{'1':{'x':0,'y':0},'2':{'x':5,'y':5}}},"            \
	"'max_displays':3,'presence':{'enabled':true,'controlling_seconds':5,"                     \
	"'watching_seconds':9},'clients':{'" A "':{'topology':'extend'},'" B                       \
	"':{'layout':{'mode':'manual','positions':{'7':{'x':1,'y':1}}}}}}"

static int set_up(void **state)
{
	scarce_memory_take_jansson();
	assert_int_equal(world_set_up(state), 0);
	struct world *world = *state;
	world_open(world);
	put_preset(world, "own", GOOD_PRESET);
	put(world, DOCUMENT);
	return 0;
}

static json_t *describe_document(struct world *world)
{
	return settings_document(world->settings);
}

static json_t *describe_effective(struct world *world)
{
	return settings_effective(world->settings, NULL);
}

static json_t *describe_sources(struct world *world)
{
	return settings_sources(world->settings, NULL);
}

static json_t *describe_presets(struct world *world)
{
	return settings_presets(world->settings);
}

static json_t *describe_client(struct world *world)
{
	return settings_client(world->settings, fingerprint_of(B));
}

static void a_description_is_whole_or_there_is_none(void **state)
{
	struct world *world = *state;
	json_t *(*const describe[])(struct world *) = { describe_document, describe_effective,
		describe_sources, describe_presets, describe_client };
	for (size_t i = 0; i < sizeof describe / sizeof *describe; i++) {
		json_t *whole = describe[i](world), *again = NULL;
		long allowed = 1;
		for (; !again; allowed++) {
			scarce_memory_begin(allowed);
			again = describe[i](world);
			scarce_memory_end();
			assert_true(allowed < 10000);
		}
		assert_true(json_equal(whole, again));
		assert_true(allowed > 5);
		json_decref(whole);
		json_decref(again);
	}
}

enum change { CHANGE_DOCUMENT, CHANGE_LAYOUT, CHANGE_CLIENT, CHANGE_PRESET, CHANGES };

static bool try_change(struct world *world, enum change change, const json_t *json,
	struct answer *answer, struct settings_faults *faults)
{
	static const uint8_t somebody[IDENTITY_FINGERPRINT_SIZE] = { 1 };
	struct settings *settings = world->settings;
	switch (change) {
	case CHANGE_DOCUMENT:
		return settings_put(settings, json, on_answer, answer, faults);
	case CHANGE_LAYOUT:
		return settings_put_layout(settings, json, on_answer, answer, faults);
	case CHANGE_CLIENT:
		return settings_put_client(settings, somebody, json, on_answer, answer, faults);
	case CHANGE_PRESET:
		return settings_put_preset(settings, "more", json, on_answer, answer, faults);
	case CHANGES:
		break;
	}
	return false;
}

static void a_change_is_made_whole_or_refused_without_a_fault(void **state)
{
	struct world *world = *state;
	static const char *const changes[] = { "{'preset':'own','max_displays':5}",
		"{'mode':'auto-row'}", "{'topology':'primary'}", GOOD_PRESET };
	for (enum change change = 0; change < CHANGES; change++) {
		json_t *json = parse(changes[change]);
		struct answer answer = { 0 };
		struct settings_faults faults;
		bool accepted = false;
		long allowed = 1;
		for (; !accepted; allowed++) {
			json_t *before = settings_document(world->settings);
			scarce_memory_begin(allowed);
			accepted = try_change(world, change, json, &answer, &faults);
			const int error = errno;
			scarce_memory_end();
			json_t *after = settings_document(world->settings);
			assert_true(json_equal(before, after));
			json_decref(before);
			json_decref(after);
			if (!accepted) {
				assert_int_equal(faults.total, 0);
				assert_int_equal(error, ENOMEM);
			}
			assert_int_equal(answer.count, 0);
			assert_true(allowed < 10000);
		}
		assert_true(allowed > 5);
		world_wait(world, &answer, 1);
		assert_int_equal(answer.error, 0);
		json_decref(json);
	}
	json_t *document = settings_document(world->settings);
	world_open(world);
	json_t *again = settings_document(world->settings);
	assert_true(json_equal(document, again));
	json_decref(document);
	json_decref(again);
}

static void a_removal_is_made_or_says_why_not(void **state)
{
	struct world *world = *state;
	struct answer answer = { 0 };
	enum settings_removal removal = SETTINGS_NO_MEMORY;
	put_preset(world, "more", GOOD_PRESET);
	long allowed = 1;
	for (; removal != SETTINGS_REMOVED; allowed++) {
		scarce_memory_begin(allowed);
		removal = settings_remove_preset(world->settings, "more", on_answer, &answer);
		scarce_memory_end();
		assert_true(removal == SETTINGS_REMOVED || removal == SETTINGS_NO_MEMORY);
	}
	assert_true(allowed > 5);
	world_wait(world, &answer, 1);
}

/*
 * The second of two is begun when the first is on the disk: in the turn of the loop that has no memory for it.
 */
static void a_change_that_cannot_be_begun_when_its_turn_comes_is_answered(void **state)
{
	struct world *world = *state;
	struct answer first = { 0 }, second = { 0 };
	struct settings_faults faults;
	json_t *json = parse("{'max_displays':9}"), *other = parse("{'max_displays':10}");
	assert_true(settings_put(world->settings, json, on_answer, &first, &faults));
	assert_true(settings_put(world->settings, other, on_answer, &second, &faults));
	scarce_memory_begin(1); /* the next one fails, and all after it */
	while (first.count == 0)
		assert_true(sd_event_run(world->event, 60000000) > 0);
	scarce_memory_end();
	assert_int_equal(first.error, 0);
	assert_int_equal(second.count, 1);
	assert_int_equal(second.error, -ENOMEM);
	assert_json(settings_document(world->settings), "{'version':1,'max_displays':9}");
	put(world, "{'max_displays':11}");
	json_decref(json);
	json_decref(other);
}

/* A start that fails for want of memory leaves the files where they are. */
static void files_are_not_set_aside_for_want_of_memory(void **state)
{
	struct world *world = *state;
	struct settings *settings = NULL;
	json_t *document = settings_document(world->settings);
	settings_close(world->settings);
	world->settings = NULL;
	const struct settings_params params = {
		.config_folder = world->folder,
		.worker = world->worker,
	};
	long allowed = 1;
	for (; !settings; allowed++) {
		scarce_memory_begin(allowed);
		settings = settings_open(&params);
		const int error = errno;
		scarce_memory_end();
		if (!settings)
			assert_int_equal(error, ENOMEM);
		assert_true(world_has_file(world, SETTINGS_FILE));
		assert_true(world_has_file(world, SETTINGS_PRESETS_FILE));
		assert_true(allowed < 10000);
	}
	assert_true(allowed > 50);
	world->settings = settings;
	json_t *again = settings_document(settings);
	assert_true(json_equal(document, again));
	json_decref(document);
	json_decref(again);
}

static void an_assignment_without_memory_is_refused(void **state)
{
	struct policy_layer layer = { 0 };
	char fault[256];
	bool accepted = false;
	for (long allowed = 1; !accepted; allowed++) {
		assert_true(allowed < 100);
		scarce_memory_begin(allowed);
		accepted = settings_parse_assignment(&layer, "keep_alive=30", fault, sizeof fault);
		scarce_memory_end();
		if (!accepted)
			assert_int_equal(layer.set, 0);
	}
	assert_int_equal(layer.fields.keep_alive.duration_ns, 30000000000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_description_is_whole_or_there_is_none),
		TEST(a_change_is_made_whole_or_refused_without_a_fault),
		TEST(a_removal_is_made_or_says_why_not),
		TEST(a_change_that_cannot_be_begun_when_its_turn_comes_is_answered),
		TEST(files_are_not_set_aside_for_want_of_memory),
		TEST(an_assignment_without_memory_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
