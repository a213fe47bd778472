/* Rows of semantics.md §3 that an operator, a desktop or a second claim sets in motion; listings and news. */
#include "registry_world.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "display/identity_store.h"

static size_t release(struct world *world, uint32_t slot, int *error, uint32_t *sessions)
{
	world->in_call = true;
	const size_t count = display_registry_release(world->registry, slot, error, sessions);
	world->in_call = false;
	return count;
}

static void an_operator_releases_a_lingering_or_pinned_display(void **state)
{
	struct world *world = *state;
	const struct keep_alive kept[] = { an_hour, forever };
	int error;
	uint32_t sessions;
	for (size_t i = 0; i < 2; i++) {
		leave_kept(world, 'a', kept[i]);
		assert_int_equal(release(world, 1, &error, &sessions), 1);
		assert_int_equal(error, 0);
		settle(world);
		assert_int_equal(displays(world), 0);
		assert_int_equal(world->stats.outputs, 0);
	}
}

static void an_operator_is_refused_a_display_in_use_and_told_by_how_many(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	int error;
	uint32_t sessions;
	world->policy.mode_conflict = POLICY_CONFLICT_JOIN;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	assert_int_equal(release(world, 1, &error, &sessions), 0);
	assert_int_equal(error, -EBUSY);
	assert_int_equal(sessions, 2);
	settle(world);
	assert_int_equal(a.lost + b.lost, 0);
	assert_int_equal(state_of(world, 1), LIFECYCLE_ACTIVE);
	assert_int_equal(release(world, 7, &error, &sessions), 0);
	assert_int_equal(error, -ENOENT);
}

static void an_operator_releases_everything_that_is_kept_and_nothing_else(void **state)
{
	struct world *world = *state;
	struct holder c;
	int error;
	uint32_t sessions;
	leave_kept(world, 'a', an_hour);
	leave_kept(world, 'b', forever);
	claim_granted(world, &c, 'c', &small);
	assert_int_equal(release(world, UINT32_MAX, &error, &sessions), 2);
	settle(world);
	assert_int_equal(displays(world), 1);
	assert_int_equal(c.lost, 0);
	assert_int_equal(release(world, UINT32_MAX, &error, &sessions), 0);
	assert_int_equal(error, -EBUSY);
}

static void a_display_nobody_waits_for_any_more_can_be_released_while_it_is_created(void **state)
{
	struct world *world = *state;
	struct holder a;
	int error;
	uint32_t sessions;
	hang_next(world, FAKE_CREATE);
	claim(world, &a, 'a', &small);
	settle(world);
	assert_int_equal(release(world, 1, &error, &sessions), 0);
	assert_int_equal(error, -EBUSY);
	give_back(&a, false);
	assert_int_equal(release(world, 1, &error, &sessions), 1);
	answer_hanging(world, success);
	assert_int_equal(world->stats.outputs, 0);
}

static void a_change_of_policy_counts_at_the_next_release_not_for_a_linger_under_way(void **state)
{
	struct world *world = *state;
	struct holder a;
	leave_kept(world, 'a', an_hour);
	world->policy.keep_alive = off;
	display_registry_policy_changed(world->registry);
	settle(world);
	assert_int_equal(state_of(world, 1), LIFECYCLE_LINGERING);
	claim_granted(world, &a, 'a', &small);
	give_back(&a, false);
	settle(world);
	assert_int_equal(displays(world), 0);
}

static void a_desktop_that_cannot_keep_outputs_keeps_none(void **state)
{
	struct world *world = *state;
	forbid(world, DISPLAY_OPTION_KEEP, "none");
	leave_kept(world, 'a', forever);
	assert_int_equal(displays(world), 0);
}

static void everybody_on_a_display_is_told_when_it_vanishes(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	world->policy.mode_conflict = POLICY_CONFLICT_JOIN;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	fake_backend_vanish(world->backend, 0);
	settle(world);
	assert_int_equal(a.loss, DISPLAY_LOSS_VANISHED);
	assert_int_equal(b.loss, DISPLAY_LOSS_VANISHED);
	assert_int_equal(displays(world), 0);
}

static void a_claim_waits_for_a_teardown_that_waits_for_a_restore(void **state)
{
	struct world *world = *state;
	struct holder a;
	world->policy.topology = POLICY_TOPOLOGY_EXCLUSIVE;
	claim_granted(world, &a, 'a', &small);
	hang_next(world, FAKE_APPLY);
	give_back(&a, true);
	claim(world, &a, 'a', &medium);
	settle(world);
	assert_int_equal(a.granted, 0);
	assert_int_equal(world->stats.requests[FAKE_DESTROY], 0);
	answer_hanging(world, success);
	assert_int_equal(a.granted, 1);
	assert_false(a.info.kept);
	assert_int_equal(world->stats.outputs, 1);
}

static void generations_are_never_given_twice(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	hang_next(world, FAKE_CREATE);
	hang_next(world, FAKE_CREATE);
	claim(world, &a, 'a', &small);
	claim(world, &b, 'b', &small);
	settle(world);
	answer_hanging(world, success);
	answer_hanging(world, success);
	assert_int_equal(a.granted + b.granted, 2);
	assert_int_not_equal(a.info.generation, b.info.generation);
}

static void many_changes_are_told_at_once(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	unsigned before = world->changed;
	give_back(&a, false);
	give_back(&b, false);
	settle(world);
	assert_int_equal(world->changed, before + 1);
	before = world->changed;
	settle(world);
	assert_int_equal(world->changed, before);
}

static void input_is_noted_even_on_a_lease_that_has_just_ended(void **state)
{
	struct world *world = *state;
	struct holder a;
	claim_granted(world, &a, 'a', &small);
	fake_backend_vanish(world->backend, 0);
	display_lease_note_input(a.lease, 1);
	settle(world);
	assert_int_equal(a.lost, 1);
}

/* The host is started anew on the same folder. */
static void reopen_on(struct world *world, const char *folder, struct store_worker **worker)
{
	display_registry_destroy(world->registry);
	identity_store_close(world->identities);
	store_worker_destroy(*worker);
	*worker = store_worker_create(world->event);
	assert_non_null(*worker);
	world->identities = identity_store_open(folder, *worker);
	assert_non_null(world->identities);
	open_registry(world);
}

static void a_slot_and_the_scale_set_on_it_outlive_the_host(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	struct store_worker *worker = NULL;
	char folder[] = "/tmp/lodge-registry-XXXXXX", file[64];
	assert_non_null(mkdtemp(folder));
	reopen_on(world, folder, &worker);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	fake_backend_scale(world->backend, 1, 200);
	settle(world);
	reopen_on(world, folder, &worker);
	claim_granted(world, &b, 'b', &medium);
	assert_int_equal(b.info.slot, 2);
	assert_int_equal(b.info.output.mode.scale_percent, 200);
	/* The operator forgets the scale: what the client asks for counts again, at once. */
	assert_true(identity_store_set_scale(world->identities, 2, 0));
	display_registry_policy_changed(world->registry);
	settle(world);
	assert_int_equal(b.granted, 2);
	assert_int_equal(b.info.output.mode.scale_percent, 100);

	display_registry_destroy(world->registry);
	world->registry = NULL;
	identity_store_close(world->identities);
	store_worker_destroy(worker);
	snprintf(file, sizeof file, "%s/display-identity.json", folder);
	unlink(file);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_operator_releases_a_lingering_or_pinned_display),
		TEST(an_operator_is_refused_a_display_in_use_and_told_by_how_many),
		TEST(an_operator_releases_everything_that_is_kept_and_nothing_else),
		TEST(a_display_nobody_waits_for_any_more_can_be_released_while_it_is_created),
		TEST(a_change_of_policy_counts_at_the_next_release_not_for_a_linger_under_way),
		TEST(a_desktop_that_cannot_keep_outputs_keeps_none),
		TEST(everybody_on_a_display_is_told_when_it_vanishes),
		TEST(a_claim_waits_for_a_teardown_that_waits_for_a_restore),
		TEST(generations_are_never_given_twice),
		TEST(many_changes_are_told_at_once),
		TEST(a_slot_and_the_scale_set_on_it_outlive_the_host),
		TEST(input_is_noted_even_on_a_lease_that_has_just_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
