/* Displays that outlive their host: what the next registry makes of what an earlier one left. */
#include "registry_world.h"

#include <errno.h>

#include "process/clock.h"

static uint64_t in_an_hour(void *data)
{
	++*(unsigned *)data;
	return clock_ns(CLOCK_MONOTONIC) + HOUR_NS;
}

static uint64_t for_ever(void *data)
{
	++*(unsigned *)data;
	return UINT64_MAX;
}

static uint64_t until_now(void *data)
{
	++*(unsigned *)data;
	return 1;
}

static struct display_adoption adoption_of(char client, const char *output)
{
	struct display_adoption adoption = { .mode = small };
	adoption.identity[0] = (uint8_t)client;
	snprintf(adoption.label, sizeof adoption.label, "%c", client);
	snprintf(adoption.output, sizeof adoption.output, "%s", output);
	adoption.key =
		identity_key_make(POLICY_IDENTITY_PER_CLIENT, adoption.identity, 1, &adoption.mode);
	return adoption;
}

/* As the first thing that a host does. */
static void adopt(struct world *world, char client, uint64_t (*until)(void *data), unsigned *asked)
{
	const struct display_adoption adoption = adoption_of(client, "LEFT-1");
	world->policy.identity = POLICY_IDENTITY_PER_CLIENT;
	fake_backend_leave(world->backend, adoption.output, &adoption.mode);
	*asked = 0;
	assert_int_equal(display_registry_adopt(world->registry, &adoption, until, asked), 0);
}

static struct display_state only_display(const struct world *world)
{
	struct display_state states[2];
	assert_int_equal(display_registry_list(world->registry, states, 2), 1);
	return states[0];
}

static void what_is_adopted_lingers_on_until_its_moment(void **state)
{
	struct world *world = *state;
	unsigned asked;
	world->policy.keep_alive = off; /* counts for what begins now */
	adopt(world, 'a', in_an_hour, &asked);
	assert_int_equal(asked, 0);
	settle(world);
	const struct display_state display = only_display(world);
	assert_int_equal(asked, 1);
	assert_int_equal(display.state, LIFECYCLE_LINGERING);
	assert_true(display.until_ns > clock_ns(CLOCK_MONOTONIC) &&
		display.until_ns <= clock_ns(CLOCK_MONOTONIC) + HOUR_NS);
	assert_true(display.generation > 0);
	assert_string_equal(display.output.name, "LEFT-1");
	assert_string_equal(display.label, "a");
	assert_int_equal(world->stats.requests[FAKE_CREATE], 0);
}

static void for_ever_is_pinned(void **state)
{
	struct world *world = *state;
	unsigned asked;
	adopt(world, 'a', for_ever, &asked);
	settle(world);
	assert_int_equal(only_display(world).state, LIFECYCLE_PINNED);
}

static void what_is_over_closes(void **state)
{
	struct world *world = *state;
	unsigned asked;
	adopt(world, 'a', until_now, &asked);
	RUN_UNTIL(world, displays(world) == 0);
	assert_int_equal(world->stats.adopted, 1);
	assert_int_equal(world->stats.destroyed, 1);
}

static void its_owner_comes_back_to_it_and_others_do_not(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	unsigned asked;
	world->policy.mode_conflict = POLICY_CONFLICT_SEPARATE;
	adopt(world, 'a', in_an_hour, &asked);
	settle(world);
	claim_granted(world, &b, 'b', &small);
	assert_false(b.info.kept);
	claim_granted(world, &a, 'a', &small);
	assert_true(a.info.kept);
	assert_string_equal(a.info.output.name, "LEFT-1");
	assert_int_equal(world->stats.created, 1);
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 0);
	assert_int_not_equal(a.info.generation, b.info.generation);
	/* From now on it is a display as any. */
	world->policy.keep_alive = off;
	give_back(&a, false);
	settle(world);
	assert_int_equal(world->stats.destroyed, 1);
}

static void an_owner_who_is_there_before_it_was_found_waits_for_it(void **state)
{
	struct world *world = *state;
	struct holder a;
	unsigned asked;
	hang_next(world, FAKE_ADOPT);
	adopt(world, 'a', in_an_hour, &asked);
	settle(world);
	claim(world, &a, 'a', &large);
	settle(world);
	assert_int_equal(a.granted, 0);
	answer_hanging(world, success);
	assert_int_equal(a.granted, 1);
	assert_true(a.info.kept);
	assert_string_equal(a.info.output.name, "LEFT-1");
	assert_true(display_mode_equal(&a.info.output.mode, &large));
	assert_int_equal(world->stats.requests[FAKE_CREATE], 0);
}

static void give_back_before_it_is_found(struct world *world, bool quits)
{
	struct holder a;
	unsigned asked;
	hang_next(world, FAKE_ADOPT);
	adopt(world, 'a', for_ever, &asked);
	claim(world, &a, 'a', &small);
	settle(world);
	give_back(&a, quits);
	answer_hanging(world, success);
}

static void an_owner_who_leaves_before_it_was_found_leaves_it_kept(void **state)
{
	struct world *world = *state;
	give_back_before_it_is_found(world, false);
	assert_int_equal(only_display(world).state, LIFECYCLE_PINNED);
}

static void an_owner_who_quits_before_it_was_found_ends_it(void **state)
{
	struct world *world = *state;
	give_back_before_it_is_found(world, true);
	assert_int_equal(displays(world), 0);
	assert_int_equal(world->stats.destroyed, 1);
}

static void what_cannot_be_found_is_nothing(void **state)
{
	struct world *world = *state;
	unsigned asked;
	fail_next(world, FAKE_ADOPT, -ENODEV);
	adopt(world, 'a', in_an_hour, &asked);
	settle(world);
	assert_int_equal(displays(world), 0);
	assert_int_equal(asked, 0);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 0);
}

static void who_waits_for_what_cannot_be_found_gets_a_fresh_one(void **state)
{
	struct world *world = *state;
	struct holder a;
	unsigned asked;
	fail_next(world, FAKE_ADOPT, -ENODEV);
	adopt(world, 'a', in_an_hour, &asked);
	claim(world, &a, 'a', &small);
	settle(world);
	assert_int_equal(a.granted, 1);
	assert_false(a.info.kept);
	assert_int_equal(world->stats.created, 1);
}

static void a_backend_that_does_not_answer_is_given_up(void **state)
{
	struct world *world = *state;
	struct display_registry_timing timing = world->timing;
	unsigned asked;
	timing.request_deadline_ns = MILLISECOND_NS;
	reopen_with(world, timing);
	hang_next(world, FAKE_ADOPT);
	adopt(world, 'a', in_an_hour, &asked);
	RUN_UNTIL(world, displays(world) == 0);
	/* It comes after all: nobody's. */
	answer_hanging(world, success);
	RUN_UNTIL(world, world->stats.destroyed == 1);
	assert_int_equal(displays(world), 0);
}

/* A world whose desktop is not there yet. */
static void open_late(struct world *world, uint64_t desktop_wait_ns)
{
	display_registry_destroy(world->registry);
	world->timing.desktop_wait_ns = desktop_wait_ns;
	world->backend = fake_backend_create(world->event, &world->stats);
	fake_backend_start_late(world->backend);
	open_registry_on(world, world->backend);
}

static void it_waits_for_its_desktop(void **state)
{
	struct world *world = *state;
	unsigned asked;
	open_late(world, HOUR_NS);
	adopt(world, 'a', in_an_hour, &asked);
	settle(world);
	assert_int_equal(only_display(world).state, LIFECYCLE_CREATING);
	fake_backend_desktop_ready(world->backend);
	settle(world);
	assert_int_equal(only_display(world).state, LIFECYCLE_LINGERING);
}

static void a_desktop_that_does_not_come_ends_it(void **state)
{
	struct world *world = *state;
	unsigned asked;
	open_late(world, MILLISECOND_NS);
	adopt(world, 'a', in_an_hour, &asked);
	RUN_UNTIL(world, displays(world) == 0);
	assert_int_equal(world->stats.requests[FAKE_ADOPT], 0);
}

static void a_desktop_that_is_gone_before_it_was_there_ends_it_at_once(void **state)
{
	struct world *world = *state;
	struct holder a;
	unsigned asked;
	open_late(world, HOUR_NS);
	adopt(world, 'a', in_an_hour, &asked);
	fake_backend_desktop_gone(world->backend);
	settle(world);
	assert_int_equal(displays(world), 0);
	/* Who waits goes on with the next desktop. */
	const struct display_adoption adoption = adoption_of('b', "LEFT-2");
	assert_int_equal(display_registry_adopt(world->registry, &adoption, in_an_hour, &asked), 0);
	claim(world, &a, 'b', &small);
	fake_backend_desktop_gone(world->backend);
	settle(world);
	assert_int_equal(only_display(world).state, LIFECYCLE_CREATING);
	fake_backend_desktop_ready(world->backend);
	settle(world);
	assert_int_equal(a.granted, 1);
	assert_false(a.info.kept);
	assert_int_equal(world->stats.requests[FAKE_ADOPT], 0);
}

static void a_host_that_ends_waits_for_nothing_to_be_found(void **state)
{
	struct world *world = *state;
	unsigned asked;
	open_late(world, HOUR_NS);
	adopt(world, 'a', in_an_hour, &asked);
	display_registry_shutdown(world->registry, HOUR_NS, on_shut_down, world);
	settle(world);
	assert_int_equal(world->shut_down, 1);
	assert_int_equal(displays(world), 0);
}

static void an_operator_can_release_it_while_it_is_looked_for(void **state)
{
	struct world *world = *state;
	unsigned asked;
	int error;
	uint32_t sessions;
	hang_next(world, FAKE_ADOPT);
	adopt(world, 'a', for_ever, &asked);
	settle(world);
	assert_int_equal(
		display_registry_release(world->registry, UINT32_MAX, &error, &sessions), 1);
	answer_hanging(world, success);
	assert_int_equal(displays(world), 0);
	assert_int_equal(world->stats.outputs, 0);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct world *world = *state;
	unsigned asked;
	struct display_adoption adoption = adoption_of('a', "");
	assert_int_equal(
		display_registry_adopt(world->registry, &adoption, for_ever, &asked), -EINVAL);
	adoption = adoption_of('a', "LEFT-1");
	snprintf(adoption.key.text, sizeof adoption.key.text, "nobody");
	assert_int_equal(
		display_registry_adopt(world->registry, &adoption, for_ever, &asked), -EINVAL);
	adoption = adoption_of('a', "LEFT-1");
	adoption.mode.width_px = 3;
	assert_int_equal(
		display_registry_adopt(world->registry, &adoption, for_ever, &asked), -EINVAL);
	adopt(world, 'a', for_ever, &asked);
	adoption = adoption_of('a', "LEFT-2");
	assert_int_equal(
		display_registry_adopt(world->registry, &adoption, for_ever, &asked), -EEXIST);
	settle(world);
	assert_int_equal(displays(world), 1);
}

static void what_the_next_host_could_adopt_is_what_this_one_adopts(void **state)
{
	struct world *world = *state;
	struct display_adoption list[4];
	struct holder a, nobody;
	unsigned asked;
	world->policy.identity = POLICY_IDENTITY_PER_CLIENT;
	claim_granted(world, &a, 'a', &medium);
	claim_anonymous(world, &nobody);
	settle(world);
	assert_int_equal(nobody.granted, 1);
	assert_int_equal(display_registry_adoptable(world->registry, list, 4), 1);
	assert_string_equal(list[0].output, a.info.output.name);
	assert_true(display_mode_equal(&list[0].mode, &medium));
	const struct display_adoption handed_on = list[0];

	reopen_with(world, world->timing);
	fake_backend_leave(world->backend, handed_on.output, &handed_on.mode);
	assert_int_equal(
		display_registry_adopt(world->registry, &handed_on, in_an_hour, &asked), 0);
	settle(world);
	claim_granted(world, &a, 'a', &medium);
	assert_true(a.info.kept);
	assert_int_equal(display_registry_adoptable(world->registry, list, 4), 1);
	assert_memory_equal(&list[0], &handed_on, sizeof handed_on);
}

static void a_desktop_that_cannot_be_adopted_offers_nothing(void **state)
{
	struct world *world = *state;
	struct display_adoption list[4], adoption = adoption_of('a', "LEFT-1");
	struct holder a;
	unsigned asked;
	struct display_backend_impl without = *world->backend->impl;
	without.adopt = NULL;
	world->backend->impl = &without;
	claim_granted(world, &a, 'a', &small);
	assert_int_equal(display_registry_adoptable(world->registry, list, 4), 0);
	assert_int_equal(
		display_registry_adopt(world->registry, &adoption, for_ever, &asked), -ENOTSUP);
	display_registry_destroy(world->registry);
	world->registry = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_adopted_lingers_on_until_its_moment),
		TEST(for_ever_is_pinned),
		TEST(what_is_over_closes),
		TEST(its_owner_comes_back_to_it_and_others_do_not),
		TEST(an_owner_who_is_there_before_it_was_found_waits_for_it),
		TEST(an_owner_who_leaves_before_it_was_found_leaves_it_kept),
		TEST(an_owner_who_quits_before_it_was_found_ends_it),
		TEST(what_cannot_be_found_is_nothing),
		TEST(who_waits_for_what_cannot_be_found_gets_a_fresh_one),
		TEST(a_backend_that_does_not_answer_is_given_up),
		TEST(it_waits_for_its_desktop),
		TEST(a_desktop_that_does_not_come_ends_it),
		TEST(a_desktop_that_is_gone_before_it_was_there_ends_it_at_once),
		TEST(a_host_that_ends_waits_for_nothing_to_be_found),
		TEST(an_operator_can_release_it_while_it_is_looked_for),
		TEST(what_makes_no_sense_is_refused),
		TEST(what_the_next_host_could_adopt_is_what_this_one_adopts),
		TEST(a_desktop_that_cannot_be_adopted_offers_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
