/* The desktop as a whole (semantics.md §6): topology, places, the restore, and what somebody changes by hand. */
#include "registry_world.h"

#include <errno.h>

static const struct display_outside_output monitor = { "DP-1", { 1600, 900, 60000, 100 }, 0, 0,
	1600, 900, true };

static struct display_desktop_state desktop(const struct world *world)
{
	struct display_desktop_state state;
	display_registry_desktop(world->registry, &state);
	return state;
}

static const struct display_arrangement *wanted(const struct world *world)
{
	return fake_backend_last_arrangement(world->backend);
}

static unsigned applies(const struct world *world)
{
	return world->stats.requests[FAKE_APPLY];
}

static void with_monitor(struct world *world, enum policy_topology topology)
{
	fake_backend_set_outside(world->backend, &monitor, 1);
	world->policy.topology = topology;
	settle(world);
}

static void policy_changed(struct world *world)
{
	world->in_call = true;
	display_registry_policy_changed(world->registry);
	world->in_call = false;
	settle(world);
}

static int32_t x_of(const struct world *world, size_t index)
{
	bool away;
	return fake_backend_output(world->backend, index, &away)->x;
}

/* Places */

static void displays_stand_in_a_row_in_the_order_of_their_coming(void **state)
{
	struct world *world = *state;
	struct holder a, b, c;
	struct display_state states[4];
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &medium);
	claim_granted(world, &c, 'c', &small);
	assert_int_equal(x_of(world, 0), 0);
	assert_int_equal(x_of(world, 1), 1280);
	assert_int_equal(x_of(world, 2), 1280 + 1920);
	display_registry_list(world->registry, states, 4);
	assert_int_equal(states[2].place.x, 1280 + 1920);
	assert_int_equal(states[2].place.width, 1280);
	/* A gap closes; and who comes back to its own display keeps its place. */
	give_back(&a, true);
	settle(world);
	assert_int_equal(x_of(world, 0), 0);
	give_back(&b, false);
	claim_granted(world, &b, 'b', &medium);
	assert_int_equal(x_of(world, 0), 0);
}

static void a_display_that_grows_moves_its_neighbours(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	set_mode(&a, &medium);
	settle(world);
	assert_int_equal(x_of(world, 1), 1920);
}

static void displays_stand_beside_the_monitors_and_follow_them(void **state)
{
	struct world *world = *state;
	struct holder a;
	struct display_outside_output wider = monitor;
	with_monitor(world, POLICY_TOPOLOGY_EXTEND);
	claim_granted(world, &a, 'a', &small);
	assert_int_equal(x_of(world, 0), 1600);
	wider.width = 3200;
	fake_backend_set_outside(world->backend, &wider, 1);
	settle(world);
	assert_int_equal(x_of(world, 0), 3200);
	assert_int_equal(desktop(world).outside_count, 1);
}

static void pins_count_as_soon_as_the_policy_says_so(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	world->policy.layout = POLICY_LAYOUT_MANUAL;
	world->policy.position_count = 1;
	world->policy.positions[0] = (struct policy_position){ 1, 5000, -300 };
	policy_changed(world);
	assert_int_equal(x_of(world, 0), 5000);
	assert_int_equal(x_of(world, 1), 5000 + 1280);
}

static void a_client_s_own_arrangement_of_its_displays_is_kept(void **state)
{
	struct world *world = *state;
	struct holder first, second;
	struct display_request request = { .mode = small, .has_hint = true, .hint_x = 1280 };
	request.identity[0] = 'a';
	claim_request(world, &first, &request);
	settle(world);
	request.ordinal = 2;
	request.hint_x = 0; /* left of the first */
	claim_request(world, &second, &request);
	settle(world);
	assert_int_equal(x_of(world, 0), 1280);
	assert_int_equal(x_of(world, 1), 0);
}

static void a_desktop_without_places_is_not_told_any(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	forbid(world, DISPLAY_OPTION_LAYOUT, "none");
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	assert_int_equal(applies(world), 0);
	/* The topology is another matter. */
	world->policy.topology = POLICY_TOPOLOGY_EXCLUSIVE;
	policy_changed(world);
	assert_int_equal(applies(world), 1);
	assert_int_equal(wanted(world)->count, 2);
	assert_int_equal(x_of(world, 1), 0);
}

/* Topology */

static void under_extend_the_monitors_are_left_alone(void **state)
{
	struct world *world = *state;
	struct holder a;
	with_monitor(world, POLICY_TOPOLOGY_EXTEND);
	claim_granted(world, &a, 'a', &small);
	assert_false(world->stats.outside_dark);
	assert_false(wanted(world)->placements[0].primary);
	const unsigned before = applies(world);
	give_back(&a, true);
	settle(world);
	/* Nothing was touched, so nothing is restored. */
	assert_int_equal(applies(world), before);
}

static void under_exclusive_the_monitors_are_dark_until_the_last_display_goes(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	assert_false(world->stats.outside_dark);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	assert_true(world->stats.outside_dark);
	assert_int_equal(desktop(world).applied, DISPLAY_EXCLUSIVE);
	assert_false(desktop(world).outside[0].enabled);
	assert_int_equal(x_of(world, 0), 0); /* a dark monitor takes no place */
	give_back(&a, true);
	settle(world);
	assert_true(world->stats.outside_dark);
	assert_int_equal(world->stats.outputs, 1);
	give_back(&b, true);
	settle(world);
	assert_false(world->stats.outside_dark);
	assert_int_equal(world->stats.outputs, 0);
	assert_int_equal(desktop(world).applied, DISPLAY_EXTEND);
}

static void a_kept_display_keeps_the_topology(void **state)
{
	struct world *world = *state;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	leave_kept(world, 'a', an_hour);
	assert_true(world->stats.outside_dark);
	int error;
	uint32_t sessions;
	assert_int_equal(display_registry_release(world->registry, 1, &error, &sessions), 1);
	settle(world);
	assert_false(world->stats.outside_dark);
}

static void the_last_output_waits_for_the_restore(void **state)
{
	struct world *world = *state;
	struct holder a;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	claim_granted(world, &a, 'a', &small);
	const unsigned before = applies(world);
	hang_next(world, FAKE_APPLY);
	give_back(&a, true);
	settle(world);
	assert_int_equal(applies(world), before + 1);
	assert_int_equal(wanted(world)->topology, DISPLAY_EXTEND);
	assert_int_equal(wanted(world)->count, 1);
	assert_int_equal(world->stats.requests[FAKE_DESTROY], 0);
	answer_hanging(world, success);
	assert_int_equal(world->stats.outputs, 0);
	assert_int_equal(applies(world), before + 1); /* once */
}

static void a_restore_that_is_not_answered_does_not_hold_the_output_for_ever(void **state)
{
	struct world *world = *state;
	struct holder a;
	reopen_with(world, (struct display_registry_timing){ MILLISECOND_NS, HOUR_NS, 0, 0 });
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	claim(world, &a, 'a', &small);
	RUN_UNTIL(world, a.granted == 1 && world->stats.outside_dark);
	hang_next(world, FAKE_APPLY);
	give_back(&a, true);
	RUN_UNTIL(world, displays(world) == 0);
	assert_int_equal(world->stats.outputs, 0);
}

static void a_restore_that_failed_is_tried_again_when_the_output_is_gone_and_not_in_a_loop(
	void **state)
{
	struct world *world = *state;
	struct holder a;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	claim_granted(world, &a, 'a', &small);
	const unsigned before = applies(world);
	fail_next(world, FAKE_APPLY, -EIO);
	fail_next(world, FAKE_APPLY, -EIO);
	give_back(&a, true);
	settle(world);
	assert_int_equal(world->stats.outputs, 0);
	assert_int_equal(applies(world), before + 2);
	assert_true(world->stats.outside_dark);
	/* The end of the host is its last chance. */
	display_registry_shutdown(world->registry, HOUR_NS, on_shut_down, world);
	settle(world);
	assert_false(world->stats.outside_dark);
	assert_int_equal(world->shut_down, 1);
}

static void a_theft_under_exclusive_does_not_wake_the_monitors(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	world->policy.mode_conflict = POLICY_CONFLICT_STEAL;
	claim_granted(world, &a, 'a', &small);
	hang_next(world, FAKE_CREATE);
	claim(world, &b, 'b', &small);
	settle(world);
	assert_int_equal(a.lost, 1);
	/* The victim's output is the only one that is on: it stays until the taker's is there. */
	assert_int_equal(world->stats.outputs, 1);
	assert_true(world->stats.outside_dark);
	answer_hanging(world, success);
	assert_int_equal(b.granted, 1);
	assert_int_equal(world->stats.outputs, 1);
	assert_true(world->stats.outside_dark);
}

static void when_the_taker_s_output_does_not_come_the_topology_is_restored(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	world->policy.mode_conflict = POLICY_CONFLICT_STEAL;
	claim_granted(world, &a, 'a', &small);
	fail_next(world, FAKE_CREATE, -EINVAL);
	claim(world, &b, 'b', &small);
	settle(world);
	assert_int_equal(b.declined, 1);
	assert_int_equal(world->stats.outputs, 0);
	assert_false(world->stats.outside_dark);
}

static void when_the_last_output_vanishes_the_monitors_come_back(void **state)
{
	struct world *world = *state;
	struct holder a;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	claim_granted(world, &a, 'a', &small);
	fake_backend_vanish(world->backend, 0);
	settle(world);
	assert_int_equal(a.lost, 1);
	assert_false(world->stats.outside_dark);
	assert_int_equal(wanted(world)->count, 0);
}

static void auto_is_exclusive_on_a_desktop_that_was_found(void **state)
{
	struct world *world = *state;
	struct holder a;
	with_monitor(world, POLICY_TOPOLOGY_AUTO);
	assert_int_equal(desktop(world).wanted, DISPLAY_EXCLUSIVE);
	claim_granted(world, &a, 'a', &small);
	assert_true(world->stats.outside_dark);
}

static void the_topology_is_nobody_s_override(void **state)
{
	struct world *world = *state;
	struct holder a;
	with_monitor(world, POLICY_TOPOLOGY_EXTEND);
	world->overridden = 'a';
	world->override = world->policy;
	world->override.topology = POLICY_TOPOLOGY_EXCLUSIVE;
	claim_granted(world, &a, 'a', &small);
	assert_false(world->stats.outside_dark);
}

static void the_first_display_is_the_primary_one(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	with_monitor(world, POLICY_TOPOLOGY_PRIMARY);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	assert_int_equal(wanted(world)->topology, DISPLAY_PRIMARY);
	assert_true(wanted(world)->placements[0].primary);
	assert_false(wanted(world)->placements[1].primary);
	assert_false(world->stats.outside_dark);
	give_back(&a, true);
	settle(world);
	assert_int_equal(wanted(world)->count, 1);
	assert_true(wanted(world)->placements[0].primary);
}

static void what_the_desktop_cannot_do_becomes_its_fallback(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	forbid(world, DISPLAY_OPTION_EXCLUSIVE, "primary");
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	claim_granted(world, &a, 'a', &small);
	assert_int_equal(wanted(world)->topology, DISPLAY_PRIMARY);
	assert_int_equal(desktop(world).wanted, DISPLAY_EXCLUSIVE);
	assert_int_equal(desktop(world).applied, DISPLAY_PRIMARY);
	forbid(world, DISPLAY_OPTION_PRIMARY, "extend");
	claim_granted(world, &b, 'b', &small);
	assert_int_equal(wanted(world)->topology, DISPLAY_EXTEND);
}

static void a_topology_that_did_not_come_is_told_as_it_is_and_not_asked_for_in_a_loop(void **state)
{
	struct world *world = *state;
	struct holder a;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	fake_backend_script(
		world->backend, FAKE_APPLY, (struct fake_answer){ .other_topology = true });
	claim_granted(world, &a, 'a', &small);
	assert_int_equal(desktop(world).wanted, DISPLAY_EXCLUSIVE);
	assert_int_equal(desktop(world).applied, DISPLAY_EXTEND);
	assert_int_equal(applies(world), 1);
	/* The operator may insist. */
	policy_changed(world);
	assert_int_equal(applies(world), 2);
	assert_int_equal(desktop(world).applied, DISPLAY_EXCLUSIVE);
	/* And what is as it is wanted is not asked for again. */
	policy_changed(world);
	assert_int_equal(applies(world), 2);
}

static void a_failed_arrangement_is_tried_again_when_something_changes(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	fail_next(world, FAKE_APPLY, -EIO);
	claim_granted(world, &a, 'a', &small);
	assert_int_equal(applies(world), 1);
	assert_false(world->stats.outside_dark);
	claim_granted(world, &b, 'b', &small);
	assert_int_equal(applies(world), 2);
	assert_true(world->stats.outside_dark);
}

static void wishes_during_an_arrangement_come_together_in_the_next(void **state)
{
	struct world *world = *state;
	struct holder a, b, c;
	hang_next(world, FAKE_APPLY);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	claim_granted(world, &c, 'c', &small);
	assert_int_equal(applies(world), 1);
	answer_hanging(world, success);
	assert_int_equal(applies(world), 2);
	assert_int_equal(wanted(world)->count, 3);
	assert_int_equal(x_of(world, 2), 2560);
}

static void a_monitor_that_is_plugged_in_under_exclusive_goes_dark_too(void **state)
{
	struct world *world = *state;
	struct holder a;
	struct display_outside_output two[2] = { monitor, monitor };
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	claim_granted(world, &a, 'a', &small);
	snprintf(two[1].name, sizeof two[1].name, "DP-2");
	two[1].x = 1600;
	fake_backend_set_outside(world->backend, two, 2);
	settle(world);
	assert_true(world->stats.outside_dark);
	assert_int_equal(desktop(world).outside_count, 2);
	assert_false(desktop(world).outside[1].enabled);
}

static void after_its_return_the_desktop_is_arranged_anew(void **state)
{
	struct world *world = *state;
	struct holder a;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	claim_granted(world, &a, 'a', &small);
	fake_backend_desktop_gone(world->backend);
	settle(world);
	assert_null(desktop(world).capabilities);
	assert_int_equal(desktop(world).outside_count, 0);
	fake_backend_desktop_ready(world->backend);
	settle(world);
	assert_false(world->stats.outside_dark);
	assert_int_equal(desktop(world).outside_count, 1);
	claim_granted(world, &a, 'a', &small);
	assert_true(world->stats.outside_dark);
}

static void an_answer_from_a_desktop_that_has_gone_says_nothing_of_its_successor(void **state)
{
	struct world *world = *state;
	struct holder a;
	world->policy.topology = POLICY_TOPOLOGY_PRIMARY;
	hang_next(world, FAKE_APPLY);
	claim_granted(world, &a, 'a', &small);
	fake_backend_desktop_gone(world->backend);
	fake_backend_desktop_ready(world->backend);
	answer_hanging(world, success);
	assert_int_equal(desktop(world).applied, DISPLAY_EXTEND);
}

static void a_desktop_that_changes_after_each_arrangement_is_left_alone_in_the_end(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	struct display_outside_output restless = monitor;
	with_monitor(world, POLICY_TOPOLOGY_EXTEND);
	fake_backend_hang_all(world->backend);
	claim(world, &a, 'a', &small);
	settle(world);
	answer_hanging(world, success);
	for (int changes = 0; changes < 50 && fake_backend_hanging(world->backend) > 0; changes++) {
		restless.width++;
		fake_backend_set_outside(world->backend, &restless, 1);
		answer_hanging(world, success);
	}
	assert_int_equal(fake_backend_hanging(world->backend), 0);
	assert_true(applies(world) < 20);
	/* Until something else happens. */
	const unsigned before = applies(world);
	claim(world, &b, 'b', &small);
	settle(world);
	answer_hanging(world, success);
	assert_int_equal(applies(world), before + 1);
}

static void an_exclusive_policy_that_is_taken_back_brings_the_monitors_back(void **state)
{
	struct world *world = *state;
	struct holder a;
	with_monitor(world, POLICY_TOPOLOGY_EXCLUSIVE);
	claim_granted(world, &a, 'a', &small);
	world->policy.topology = POLICY_TOPOLOGY_EXTEND;
	policy_changed(world);
	assert_false(world->stats.outside_dark);
	assert_int_equal(x_of(world, 0), 1600); /* beside the monitor that is on again */
}

/* By hand */

static void a_scale_set_by_hand_is_kept_for_the_slot(void **state)
{
	struct world *world = *state;
	struct holder a, b, again;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	fake_backend_scale(world->backend, 0, 200);
	settle(world);
	assert_int_equal(a.granted, 2);
	assert_int_equal(a.info.output.mode.scale_percent, 200);
	assert_int_equal(x_of(world, 1), 640);
	/* It beats what the client asks for, and is not asked for when it is there. */
	claim_granted(world, &again, 'a', &small);
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 0);
	set_mode(&again, &medium);
	settle(world);
	assert_int_equal(fake_backend_last_mode(world->backend).scale_percent, 200);
	assert_int_equal(again.info.output.mode.scale_percent, 200);
}

static void a_scale_that_the_desktop_bent_and_unbent_is_nobody_s_wish(void **state)
{
	struct world *world = *state;
	struct holder a;
	fake_backend_script(
		world->backend, FAKE_CREATE, (struct fake_answer){ .other_mode = true });
	claim_granted(world, &a, 'a', &large);
	assert_int_equal(a.info.output.mode.scale_percent, 100);
	fake_backend_scale(world->backend, 0, 150); /* as it was asked for */
	settle(world);
	set_mode(&a, &small);
	settle(world);
	assert_int_equal(a.info.output.mode.scale_percent, 100);
}

static void a_display_moved_by_hand_stays_where_it_was_put(void **state)
{
	struct world *world = *state;
	struct holder a;
	struct display_state states[2];
	claim_granted(world, &a, 'a', &small);
	const unsigned before = applies(world), changed = world->changed;
	fake_backend_move(world->backend, 0, 700, 70);
	settle(world);
	assert_int_equal(applies(world), before);
	assert_true(world->changed > changed);
	display_registry_list(world->registry, states, 2);
	assert_int_equal(states[0].place.x, 700);
	/* Until the operator speaks. */
	policy_changed(world);
	assert_int_equal(x_of(world, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(displays_stand_in_a_row_in_the_order_of_their_coming),
		TEST(a_display_that_grows_moves_its_neighbours),
		TEST(displays_stand_beside_the_monitors_and_follow_them),
		TEST(pins_count_as_soon_as_the_policy_says_so),
		TEST(a_client_s_own_arrangement_of_its_displays_is_kept),
		TEST(a_desktop_without_places_is_not_told_any),
		TEST(under_extend_the_monitors_are_left_alone),
		TEST(under_exclusive_the_monitors_are_dark_until_the_last_display_goes),
		TEST(a_kept_display_keeps_the_topology),
		TEST(the_last_output_waits_for_the_restore),
		TEST(a_restore_that_is_not_answered_does_not_hold_the_output_for_ever),
		TEST(a_restore_that_failed_is_tried_again_when_the_output_is_gone_and_not_in_a_loop),
		TEST(a_theft_under_exclusive_does_not_wake_the_monitors),
		TEST(when_the_taker_s_output_does_not_come_the_topology_is_restored),
		TEST(when_the_last_output_vanishes_the_monitors_come_back),
		TEST(auto_is_exclusive_on_a_desktop_that_was_found),
		TEST(the_topology_is_nobody_s_override),
		TEST(the_first_display_is_the_primary_one),
		TEST(what_the_desktop_cannot_do_becomes_its_fallback),
		TEST(a_topology_that_did_not_come_is_told_as_it_is_and_not_asked_for_in_a_loop),
		TEST(a_failed_arrangement_is_tried_again_when_something_changes),
		TEST(wishes_during_an_arrangement_come_together_in_the_next),
		TEST(a_monitor_that_is_plugged_in_under_exclusive_goes_dark_too),
		TEST(after_its_return_the_desktop_is_arranged_anew),
		TEST(an_answer_from_a_desktop_that_has_gone_says_nothing_of_its_successor),
		TEST(a_desktop_that_changes_after_each_arrangement_is_left_alone_in_the_end),
		TEST(an_exclusive_policy_that_is_taken_back_brings_the_monitors_back),
		TEST(a_scale_set_by_hand_is_kept_for_the_slot),
		TEST(a_scale_that_the_desktop_bent_and_unbent_is_nobody_s_wish),
		TEST(a_display_moved_by_hand_stays_where_it_was_put),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
