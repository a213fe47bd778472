/* Compositors of isolated desktops that do not start, or do not last: what the client that waits is told, and when. */
#include "isolation_world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "display/gamescope/gamescope_backend.h"
#include "display/registry.h"
#include "display/sway/sway_backend.h"

/* Far beyond any deadline of a test: what comes does not come because a time was over. */
#define ENDLESS_NS 3600000000000u

struct place {
	struct world *world;
	struct display_registry *registry;
	struct display_backend *backend; /* of the tests without a registry */
	struct display_lease *lease;
	bool granted, declined;
	enum display_error error;
	char text[256];
	char script[128], starts[128];
	unsigned readies, gones, failures;
	struct isolated_tree_info info;
};

static int setup(void **state)
{
	struct place *place = world_place_create(sizeof *place);
	snprintf(place->script, sizeof place->script, "%s/compositor", place->world->root);
	snprintf(place->starts, sizeof place->starts, "%s/starts", place->world->root);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	if (place->registry)
		display_registry_destroy(place->registry);
	display_backend_destroy(place->backend);
	unlink(place->script);
	unlink(place->starts);
	return world_place_destroy(place);
}

/* The stand-in: it counts its starts, and does what the test wants. */
static void write_script(struct place *place, const char *what)
{
	FILE *file = fopen(place->script, "we");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\necho start >>%s\n%s\n", place->starts, what);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(place->script, 0755), 0);
}

static unsigned count_starts(const struct place *place)
{
	char line[16];
	unsigned count = 0;
	FILE *file = fopen(place->starts, "re");
	while (file && fgets(line, sizeof line, file))
		count++;
	if (file)
		fclose(file);
	return count;
}

static void read_policy(void *data, const uint8_t *client, struct display_policy *policy)
{
	*policy = (struct display_policy){
		.keep_alive = { KEEP_ALIVE_OFF, 0 },
		.topology = POLICY_TOPOLOGY_EXTEND,
		.max_displays = 4,
	};
}

static void on_granted(void *data, struct display_lease *lease, const struct display_info *info)
{
	((struct place *)data)->granted = true;
}

static void on_declined(void *data, struct display_lease *lease, enum display_error error,
	const char *text, const struct display_holder *holder)
{
	struct place *place = data;
	place->declined = true;
	place->lease = NULL;
	place->error = error;
	snprintf(place->text, sizeof place->text, "%s", text);
}

static void on_mode_declined(
	void *data, struct display_lease *lease, enum display_error error, const char *text)
{
}

static void on_lost(
	void *data, struct display_lease *lease, enum display_loss reason, const char *text)
{
	((struct place *)data)->lease = NULL;
}

static void claim(struct place *place)
{
	static const struct display_lease_events events = {
		.granted = on_granted,
		.declined = on_declined,
		.mode_declined = on_mode_declined,
		.lost = on_lost,
	};
	place->granted = place->declined = false;
	place->lease = display_registry_acquire(place->registry,
		&(struct display_request){
			.identity = { 1 }, .label = "ada", .mode = { 640, 360, 30000, 100 } },
		&events, place);
	assert_non_null(place->lease);
}

static bool is_answered(void *data)
{
	const struct place *place = data;
	return place->granted || place->declined;
}

/* Claims a display of a desktop with this backend, and waits for the answer. */
static void claim_on(struct place *place, struct display_backend *backend)
{
	static const struct display_registry_timing timing = {
		.request_deadline_ns = ENDLESS_NS,
		.desktop_wait_ns = ENDLESS_NS,
		.retry_first_ns = 1000000,
		.retry_max_ns = 1000000,
	};
	assert_non_null(backend);
	place->registry = display_registry_create(&(struct display_registry_params){
		.event = place->world->event,
		.backend = backend,
		.read_policy = read_policy,
		.desktop_was_named = true,
		.timing = &timing,
	});
	assert_non_null(place->registry);
	claim(place);
	assert_true(world_wait(place->world, is_answered, place));
}

static void on_tree_changed(void *data, const struct isolated_tree_info *info)
{
	struct place *place = data;
	if (info)
		place->info = *info;
}

static struct display_backend *spawn_sway(
	struct place *place, const char *binary, const char *assignment)
{
	return sway_backend_spawn(place->world->event,
		&(struct sway_spawn_params){
			.isolation = place->world->isolation,
			.tree_name = "own-1",
			.tree_changed = on_tree_changed,
			.tree_data = place,
			.binary = binary,
			.environment = (const char *const[]){ assignment },
			.environment_count = assignment ? 1 : 0,
		});
}

/* The stand-in is sway. */
static void claim_on_sway(struct place *place)
{
	claim_on(place, spawn_sway(place, place->script, NULL));
}

/* The stand-in is gamescope. `is_usable`: it is not asked for its version. */
static void claim_on_gamescope(struct place *place, bool is_usable)
{
	claim_on(place,
		gamescope_backend_spawn(place->world->event,
			&(struct gamescope_spawn_params){
				.isolation = place->world->isolation,
				.tree_name = "own-1",
				.binary = place->script,
				.is_usable = is_usable,
			}));
}

static void expect_declined(const struct place *place, const char *words)
{
	assert_true(place->declined);
	if (!strstr(place->text, words))
		fprintf(stderr, "\"%s\" is not in \"%s\"\n", words, place->text);
	assert_non_null(strstr(place->text, words));
}

static void sway_that_ends_at_its_start_is_told_with_its_last_words(void **state)
{
	struct place *place = *state;
	write_script(place, "echo 'sway: no renderer' >&2; exit 3");
	claim_on_sway(place);
	expect_declined(place, "sway ended with status 3: sway: no renderer");
	assert_int_equal(place->error, DISPLAY_ERROR_NO_DESKTOP);
	assert_int_equal(count_starts(place), 4);
	/* Nobody starts it for a while, and who comes then need not wait either. */
	claim(place);
	assert_true(world_wait(place->world, is_answered, place));
	expect_declined(place, "no renderer");
	assert_int_equal(count_starts(place), 4);
}

static void sway_that_crashes_at_its_start_is_told_with_the_signal(void **state)
{
	struct place *place = *state;
	write_script(place, "kill -SEGV $$");
	claim_on_sway(place);
	expect_declined(place, "sway was ended by signal 11");
}

static void sway_that_is_not_there_is_told(void **state)
{
	struct place *place = *state;
	claim_on(place, spawn_sway(place, "no-such-sway", NULL));
	expect_declined(place, "no-such-sway cannot be run: No such file");
}

static void real_sway_that_cannot_start_is_told_with_its_own_words(void **state)
{
	struct place *place = *state;
	claim_on(place, spawn_sway(place, NULL, "WLR_BACKENDS=none-such"));
	expect_declined(place, "sway ended with status 1: ");
	expect_declined(place, "nable to create backend");
}

static void sway_that_comes_up_at_last_is_no_failure(void **state)
{
	char script[256];
	struct place *place = *state;
	snprintf(script, sizeof script, "[ $(wc -l <%s) -lt 3 ] && exit 1\nexec sway \"$@\"",
		place->starts);
	write_script(place, script);
	claim_on_sway(place);
	assert_true(place->granted);
	assert_int_equal(count_starts(place), 3);
}

static void on_vanished(void *data, struct display_output *output)
{
}

static void on_gone(void *data, const char *text)
{
	((struct place *)data)->gones++;
}

static void on_ready(void *data)
{
	((struct place *)data)->readies++;
}

static void on_failed(void *data, const char *text)
{
	struct place *place = data;
	place->failures++;
	snprintf(place->text, sizeof place->text, "%s", text);
}

static void listen(struct place *place, struct display_backend *backend)
{
	static const struct display_backend_events events = {
		.output_vanished = on_vanished,
		.desktop_gone = on_gone,
		.desktop_ready = on_ready,
		.desktop_failed = on_failed,
	};
	assert_non_null(backend);
	place->backend = backend;
	backend->events = &events;
	backend->events_data = place;
}

static bool is_settled(void *data)
{
	const struct place *place = data;
	return place->failures > 0 || place->readies > place->gones;
}

static bool is_gone(void *data)
{
	const struct place *place = data;
	return place->gones == place->readies;
}

static void running_sway_that_does_not_last_is_not_started_for_ever(void **state)
{
	struct place *place = *state;
	write_script(place, "exec sway \"$@\"");
	listen(place, spawn_sway(place, place->script, NULL));
	while (place->failures == 0) {
		assert_true(world_wait(place->world, is_settled, place));
		if (place->failures > 0)
			break;
		const pid_t sway = world_find_process(place->info.runtime_folder, "sway");
		assert_true(sway > 0);
		assert_int_equal(kill(sway, SIGKILL), 0);
		assert_true(world_wait(place->world, is_gone, place));
	}
	assert_int_equal(count_starts(place), 4);
	assert_int_equal(place->readies, 4);
	assert_non_null(strstr(place->text, "signal 9"));
}

static void gamescope_that_ends_at_its_start_is_told_with_its_last_words(void **state)
{
	struct place *place = *state;
	write_script(place, "echo 'vulkan: no device' >&2; exit 1");
	claim_on_gamescope(place, true);
	expect_declined(place, "gamescope ended with status 1: vulkan: no device");
	assert_int_equal(place->error, DISPLAY_ERROR_CREATE_FAILED);
	assert_int_equal(count_starts(place), 4);
}

static void gamescope_that_is_too_old_is_told_without_a_wait(void **state)
{
	struct place *place = *state;
	write_script(place, "echo gamescope version 3.11.49");
	claim_on_gamescope(place, false);
	expect_declined(place, "3.11.49");
	assert_int_equal(place->error, DISPLAY_ERROR_NO_DESKTOP);
}

int main(int count, char **arguments)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(sway_that_ends_at_its_start_is_told_with_its_last_words),
		TEST(sway_that_crashes_at_its_start_is_told_with_the_signal),
		TEST(sway_that_is_not_there_is_told),
		TEST(real_sway_that_cannot_start_is_told_with_its_own_words),
		TEST(sway_that_comes_up_at_last_is_no_failure),
		TEST(running_sway_that_does_not_last_is_not_started_for_ever),
		TEST(gamescope_that_ends_at_its_start_is_told_with_its_last_words),
		TEST(gamescope_that_is_too_old_is_told_without_a_wait),
	};
	if (!world_read_arguments(count, arguments))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
