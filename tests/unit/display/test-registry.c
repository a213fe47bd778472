/* Claims, modes, losses, failures and the end: one display a client. The rest is in test-registry-*.c. */
#include "registry_world.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Claims */

static void a_claim_creates_a_display_and_tells_its_real_mode(void **state)
{
	struct world *world = *state;
	struct holder holder;
	fake_backend_script(
		world->backend, FAKE_CREATE, (struct fake_answer){ .other_mode = true });
	claim_granted(world, &holder, 'a', &small);
	assert_int_equal(holder.info.slot, 1);
	assert_int_equal(holder.info.generation, 1);
	assert_false(holder.info.kept);
	assert_true(display_mode_equal(&holder.info.output.mode, &fake_other_mode));
	assert_string_equal(holder.info.output.name, "FAKE-1");
}

static void input_by_eis_is_the_backends_while_there_is_an_output(void **state)
{
	struct world *world = *state;
	struct holder holder;
	assert_null(display_registry_eis_socket(world->registry));
	claim_granted(world, &holder, 'a', &small);
	assert_string_equal("/nowhere/fake-ei", display_registry_eis_socket(world->registry));
}

static void a_nudge_reaches_the_output_of_a_granted_claim_alone(void **state)
{
	struct world *world = *state;
	struct holder holder, waiting;
	claim_granted(world, &holder, 'a', &small);
	display_lease_nudge(holder.lease);
	assert_int_equal(world->stats.nudges, 1);
	claim(world, &waiting, 'b', &small);
	display_lease_nudge(waiting.lease);
	assert_int_equal(world->stats.nudges, 1);
	fake_backend_vanish(world->backend, 0);
	display_lease_nudge(holder.lease);
	assert_int_equal(world->stats.nudges, 1);
	settle(world);
}

static void each_client_has_its_own_display_in_the_smallest_free_slot(void **state)
{
	struct world *world = *state;
	struct holder a, b, c, d;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	claim_granted(world, &c, 'c', &small);
	assert_int_equal(b.info.slot, 2);
	assert_int_equal(c.info.slot, 3);
	give_back(&b, true);
	settle(world);
	claim_granted(world, &d, 'd', &small);
	assert_int_equal(d.info.slot, 2);
	/* The generation tells the slot's displays apart. */
	assert_true(d.info.generation > b.info.generation);
	assert_int_equal(world->stats.outputs, 3);
}

static void a_mode_out_of_range_is_declined_and_supersedes_nobody(void **state)
{
	struct world *world = *state;
	struct holder holder, wrong;
	claim_granted(world, &holder, 'a', &small);
	claim(world, &wrong, 'a', &(struct display_mode){ 15, 720, 60000, 100 });
	settle(world);
	assert_int_equal(wrong.declined, 1);
	assert_int_equal(wrong.error, DISPLAY_ERROR_BAD_MODE);
	assert_non_null(strstr(wrong.text, "width"));
	assert_int_equal(holder.lost, 0);
	assert_int_equal(state_of(world, 1), LIFECYCLE_ACTIVE);
}

static void strangers_share_no_display_and_keep_none(void **state)
{
	struct world *world = *state;
	struct holder one, other;
	claim_anonymous(world, &one);
	claim_anonymous(world, &other);
	settle(world);
	assert_int_equal(one.granted + other.granted, 2);
	assert_int_equal(world->stats.outputs, 2);
	give_back(&one, false);
	give_back(&other, false);
	settle(world);
	assert_int_equal(world->stats.outputs, 0);
}

/* Keep-alive */

static void a_returning_client_finds_its_display_as_it_left_it(void **state)
{
	struct world *world = *state;
	struct holder holder;
	leave_kept(world, 'a', an_hour);
	assert_int_equal(state_of(world, 1), LIFECYCLE_LINGERING);
	claim_granted(world, &holder, 'a', &small);
	assert_true(holder.info.kept);
	assert_int_equal(holder.info.generation, 1);
	assert_int_equal(world->stats.created, 1);
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 0);
}

static void a_display_is_gone_when_its_time_is_over(void **state)
{
	struct world *world = *state;
	leave_kept(world, 'a', a_moment);
	RUN_UNTIL(world, world->stats.outputs == 0 && displays(world) == 0);
	assert_int_equal(world->stats.destroyed, 1);
}

static void an_adopted_display_outlives_the_time_it_had(void **state)
{
	struct world *world = *state;
	struct holder holder, later;
	/* Two in one turn: the timer of the first is armed, and must not hit the second's lease. */
	claim_granted(world, &holder, 'a', &small);
	world->policy.keep_alive = a_moment;
	give_back(&holder, false);
	claim(world, &holder, 'a', &small);
	/* Another display whose linger is later than the first's, to wait for. */
	claim_granted(world, &later, 'b', &small);
	give_back(&later, false);
	RUN_UNTIL(world, state_of(world, 2) == LIFECYCLE_GONE);
	assert_int_equal(state_of(world, 1), LIFECYCLE_ACTIVE);
	assert_int_equal(holder.granted, 1);
}

static void without_keep_alive_the_output_goes_with_its_last_lease(void **state)
{
	struct world *world = *state;
	leave_kept(world, 'a', off);
	assert_int_equal(world->stats.outputs, 0);
	assert_int_equal(displays(world), 0);
}

static void a_pinned_display_is_kept(void **state)
{
	struct world *world = *state;
	leave_kept(world, 'a', forever);
	assert_int_equal(state_of(world, 1), LIFECYCLE_PINNED);
	assert_int_equal(world->stats.outputs, 1);
}

static void a_quit_destroys_the_display_whatever_the_policy_says(void **state)
{
	struct world *world = *state;
	struct holder holder;
	world->policy.keep_alive = forever;
	claim_granted(world, &holder, 'a', &small);
	give_back(&holder, true);
	settle(world);
	assert_int_equal(world->stats.outputs, 0);
}

/* Reconfigure */

static void a_returning_client_gets_its_display_in_the_new_mode(void **state)
{
	struct world *world = *state;
	struct holder holder;
	leave_kept(world, 'a', an_hour);
	claim_granted(world, &holder, 'a', &medium);
	assert_true(holder.info.kept);
	assert_int_equal(holder.info.generation, 1);
	assert_true(display_mode_equal(&holder.info.output.mode, &medium));
	assert_int_equal(world->stats.created, 1);
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 1);
}

static void a_wish_that_the_compositor_bent_is_not_asked_again(void **state)
{
	struct world *world = *state;
	struct holder holder;
	fake_backend_script(
		world->backend, FAKE_CREATE, (struct fake_answer){ .other_mode = true });
	leave_kept(world, 'a', an_hour);
	claim_granted(world, &holder, 'a', &small);
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 0);
}

static void a_failed_reconfigure_makes_a_fresh_display_within_the_same_claim(void **state)
{
	struct world *world = *state;
	struct holder holder;
	leave_kept(world, 'a', an_hour);
	fail_next(world, FAKE_SET_MODE, -EIO);
	claim_granted(world, &holder, 'a', &medium);
	assert_false(holder.info.kept);
	assert_int_equal(holder.info.generation, 2);
	assert_true(display_mode_equal(&holder.info.output.mode, &medium));
	assert_int_equal(world->stats.outputs, 1);
	assert_int_equal(world->stats.destroyed, 1);
	assert_int_equal(holder.declined, 0);
}

static void a_failed_reconfigure_is_forgiven_when_a_newer_mode_is_wanted(void **state)
{
	struct world *world = *state;
	struct holder holder;
	leave_kept(world, 'a', an_hour);
	hang_next(world, FAKE_SET_MODE);
	claim(world, &holder, 'a', &medium);
	set_mode(&holder, &large);
	answer_hanging(world, (struct fake_answer){ .error = -EIO });
	assert_int_equal(holder.granted, 1);
	assert_true(holder.info.kept);
	assert_true(display_mode_equal(&holder.info.output.mode, &large));
	assert_int_equal(world->stats.requests[FAKE_DESTROY], 0);
}

static void a_claim_that_leaves_a_reconfigure_leaves_the_display_kept(void **state)
{
	struct world *world = *state;
	struct holder holder;
	leave_kept(world, 'a', an_hour);
	hang_next(world, FAKE_SET_MODE);
	claim(world, &holder, 'a', &medium);
	settle(world);
	give_back(&holder, false);
	assert_int_equal(state_of(world, 1), LIFECYCLE_LINGERING);
	/* Who returns meanwhile gets what it asks for, not what was under way. */
	claim(world, &holder, 'a', &small);
	settle(world);
	assert_int_equal(holder.granted, 0);
	answer_hanging(world, success);
	assert_int_equal(holder.granted, 1);
	assert_true(display_mode_equal(&holder.info.output.mode, &small));
	assert_int_equal(world->stats.created, 1);
}

static void a_destroy_waits_for_the_answer_to_a_set_mode(void **state)
{
	struct world *world = *state;
	struct holder holder;
	leave_kept(world, 'a', an_hour);
	hang_next(world, FAKE_SET_MODE);
	claim(world, &holder, 'a', &medium);
	give_back(&holder, true);
	settle(world);
	assert_int_equal(state_of(world, 1), LIFECYCLE_CLOSING);
	assert_int_equal(world->stats.requests[FAKE_DESTROY], 0);
	answer_hanging(world, success);
	assert_int_equal(world->stats.outputs, 0);
	assert_int_equal(displays(world), 0);
}

/* One identity, one seat */

static void a_second_claim_of_a_client_supersedes_the_first(void **state)
{
	struct world *world = *state;
	struct holder first, second;
	world->policy.keep_alive = off; /* the display must not close in between */
	claim_granted(world, &first, 'a', &small);
	claim_granted(world, &second, 'a', &small);
	assert_int_equal(first.lost, 1);
	assert_int_equal(first.loss, DISPLAY_LOSS_SUPERSEDED);
	assert_non_null(strstr(first.text, "superseded"));
	assert_non_null(strstr(first.text, "client a"));
	assert_true(first.lost_at < second.granted_at);
	assert_true(second.info.kept);
	assert_int_equal(second.info.generation, first.info.generation);
	assert_int_equal(world->stats.created, 1);
	assert_int_equal(world->stats.requests[FAKE_DESTROY], 0);
}

static void a_second_claim_with_another_mode_reconfigures_the_display(void **state)
{
	struct world *world = *state;
	struct holder first, second;
	world->policy.keep_alive = off;
	claim_granted(world, &first, 'a', &small);
	claim_granted(world, &second, 'a', &large);
	assert_int_equal(first.lost, 1);
	assert_true(display_mode_equal(&second.info.output.mode, &large));
	assert_int_equal(world->stats.created, 1);
}

static void a_claim_that_still_waits_is_superseded_too(void **state)
{
	struct world *world = *state;
	struct holder first, second;
	hang_next(world, FAKE_CREATE);
	claim(world, &first, 'a', &small);
	claim(world, &second, 'a', &medium);
	settle(world);
	assert_int_equal(first.lost, 1);
	assert_int_equal(first.granted, 0);
	answer_hanging(world, success);
	/* Created as the first wished, granted as the second does. */
	assert_int_equal(second.granted, 1);
	assert_true(display_mode_equal(&second.info.output.mode, &medium));
	assert_int_equal(world->stats.created, 1);
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 1);
}

static void a_superseded_set_mode_gives_way_to_the_new_claim_s_mode(void **state)
{
	struct world *world = *state;
	struct holder first, second;
	claim_granted(world, &first, 'a', &small);
	hang_next(world, FAKE_SET_MODE);
	set_mode(&first, &medium);
	claim(world, &second, 'a', &large);
	settle(world);
	assert_int_equal(second.granted, 0);
	answer_hanging(world, success);
	assert_int_equal(second.granted, 1);
	assert_true(display_mode_equal(&second.info.output.mode, &large));
}

/* Closing */

static void a_claim_during_the_teardown_waits_and_gets_a_fresh_display(void **state)
{
	struct world *world = *state;
	struct holder holder;
	hang_next(world, FAKE_DESTROY);
	leave_kept(world, 'a', off);
	claim(world, &holder, 'a', &medium);
	settle(world);
	assert_int_equal(holder.granted, 0);
	answer_hanging(world, success);
	assert_int_equal(holder.granted, 1);
	assert_int_equal(holder.info.generation, 2);
	assert_false(holder.info.kept);
	assert_true(display_mode_equal(&holder.info.output.mode, &medium));
}

static void an_output_that_cannot_be_destroyed_is_given_up(void **state)
{
	struct world *world = *state;
	struct holder holder;
	fail_next(world, FAKE_DESTROY, -EIO);
	leave_kept(world, 'a', off);
	assert_int_equal(displays(world), 0);
	claim_granted(world, &holder, 'a', &small);
}

/* Bounds */

static void a_full_host_evicts_the_display_nearest_its_end(void **state)
{
	struct world *world = *state;
	struct holder holder;
	world->policy.max_displays = 3;
	leave_kept(world, 'a', (struct keep_alive){ KEEP_ALIVE_DURATION, 3 * HOUR_NS });
	leave_kept(world, 'b', an_hour);
	leave_kept(world, 'c', (struct keep_alive){ KEEP_ALIVE_DURATION, 2 * HOUR_NS });
	claim_granted(world, &holder, 'd', &small);
	assert_int_equal(world->stats.destroyed, 1);
	assert_int_equal(displays(world), 3);
	claim_granted(world, &holder, 'a', &small);
	assert_true(holder.info.kept);
	claim_granted(world, &holder, 'c', &small);
	assert_true(holder.info.kept);
}

static void a_full_host_declines_when_nothing_lingers(void **state)
{
	struct world *world = *state;
	struct holder a, b, own;
	world->policy.max_displays = 2;
	claim_granted(world, &a, 'a', &small);
	leave_kept(world, 'p', forever);
	claim(world, &b, 'b', &small);
	settle(world);
	assert_int_equal(b.declined, 1);
	assert_int_equal(b.error, DISPLAY_ERROR_FULL);
	assert_non_null(strstr(b.text, "2"));
	assert_int_equal(world->stats.destroyed, 0);
	/* One's own display is not a question of room. */
	claim_granted(world, &own, 'p', &small);
	assert_true(own.info.kept);
}

static void nobody_is_evicted_for_a_claim_that_is_declined(void **state)
{
	struct world *world = *state;
	struct holder a, b, c;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	leave_kept(world, 'k', an_hour);
	world->policy.max_displays = 2; /* lowered meanwhile */
	claim(world, &c, 'c', &small);
	settle(world);
	assert_int_equal(c.error, DISPLAY_ERROR_FULL);
	assert_int_equal(state_of(world, 3), LIFECYCLE_LINGERING);
}

static void a_display_in_teardown_counts_again_when_it_is_claimed(void **state)
{
	struct world *world = *state;
	struct holder b, a;
	world->policy.max_displays = 1;
	leave_kept(world, 'a', an_hour);
	hang_next(world, FAKE_DESTROY);
	claim_granted(world, &b, 'b', &small); /* evicts */
	claim(world, &a, 'a', &small);
	settle(world);
	assert_int_equal(a.declined, 1);
	assert_int_equal(a.error, DISPLAY_ERROR_FULL);
	answer_hanging(world, success);
	assert_int_equal(world->stats.outputs, 1);
}

/* Losses */

static void a_holder_is_told_when_its_output_vanishes(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	fake_backend_vanish(world->backend, 0);
	settle(world);
	assert_int_equal(a.lost, 1);
	assert_int_equal(a.loss, DISPLAY_LOSS_VANISHED);
	assert_int_equal(b.lost, 0);
	assert_int_equal(displays(world), 1);
	claim_granted(world, &a, 'a', &small);
	assert_int_equal(a.info.slot, 1);
	assert_int_equal(world->stats.requests[FAKE_DESTROY], 0);
}

static void a_kept_display_that_vanishes_is_forgotten(void **state)
{
	struct world *world = *state;
	leave_kept(world, 'a', an_hour);
	fake_backend_vanish(world->backend, 0);
	settle(world);
	assert_int_equal(displays(world), 0);
}

static void an_output_that_vanishes_in_a_reconfigure_is_made_anew(void **state)
{
	struct world *world = *state;
	struct holder holder;
	leave_kept(world, 'a', an_hour);
	hang_next(world, FAKE_SET_MODE);
	claim(world, &holder, 'a', &medium);
	settle(world);
	fake_backend_vanish(world->backend, 0);
	settle(world);
	assert_int_equal(holder.granted, 1);
	assert_int_equal(holder.info.generation, 2);
	assert_true(display_mode_equal(&holder.info.output.mode, &medium));
	/* The dead output's answer concerns nobody. */
	answer_hanging(world, (struct fake_answer){ .error = -ENODEV });
	assert_int_equal(holder.granted, 1);
	assert_int_equal(holder.lost, 0);
}

static void an_output_may_vanish_while_it_is_destroyed_or_about_to_be(void **state)
{
	struct world *world = *state;
	struct holder holder;
	hang_next(world, FAKE_DESTROY);
	leave_kept(world, 'a', off);
	fake_backend_vanish(world->backend, 0);
	answer_hanging(world, success);
	assert_int_equal(displays(world), 0);

	leave_kept(world, 'b', an_hour);
	hang_next(world, FAKE_SET_MODE);
	claim(world, &holder, 'b', &medium);
	give_back(&holder, true);
	fake_backend_vanish(world->backend, 0);
	assert_int_equal(displays(world), 0);
	answer_hanging(world, success);
	assert_int_equal(world->stats.requests[FAKE_DESTROY], 1);
}

/* The desktop */

static void holders_lose_their_displays_with_the_desktop_and_come_back_with_it(void **state)
{
	struct world *world = *state;
	struct holder holder, early;
	claim_granted(world, &holder, 'a', &small);
	assert_non_null(display_registry_wayland_socket(world->registry));
	fake_backend_desktop_gone(world->backend);
	settle(world);
	assert_int_equal(holder.lost, 1);
	assert_int_equal(holder.loss, DISPLAY_LOSS_VANISHED);
	assert_int_equal(world->desktop_gone, 1);
	assert_null(display_registry_wayland_socket(world->registry));

	claim(world, &early, 'a', &small);
	settle(world);
	assert_int_equal(early.granted + early.declined, 0);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 1);
	fake_backend_desktop_ready(world->backend);
	settle(world);
	assert_int_equal(world->desktop_ready, 1);
	assert_int_equal(early.granted, 1);
}

static void outputs_die_with_their_desktop_even_if_nobody_says_so(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim_granted(world, &holder, 'a', &small);
	fake_backend_desktop_gone_at_once(world->backend);
	settle(world);
	assert_int_equal(holder.lost, 1);
	assert_int_equal(displays(world), 0);
}

static void a_claim_does_not_wait_for_ever_for_a_desktop(void **state)
{
	struct world *world = *state;
	struct holder holder;
	reopen_with(world, (struct display_registry_timing){ HOUR_NS, MILLISECOND_NS, 0, 0 });
	fake_backend_desktop_gone(world->backend);
	claim(world, &holder, 'a', &small);
	RUN_UNTIL(world, holder.declined == 1);
	assert_int_equal(holder.error, DISPLAY_ERROR_NO_DESKTOP);
	assert_int_equal(displays(world), 0);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 0);
}

static void a_creation_that_dies_with_its_desktop_is_tried_again_when_it_is_back(void **state)
{
	struct world *world = *state;
	struct holder holder;
	hang_next(world, FAKE_CREATE);
	claim(world, &holder, 'a', &small);
	settle(world);
	fake_backend_desktop_gone(world->backend);
	answer_hanging(world, (struct fake_answer){ .error = -ENODEV });
	assert_int_equal(holder.granted + holder.declined, 0);
	fake_backend_desktop_ready(world->backend);
	settle(world);
	assert_int_equal(holder.granted, 1);
}

static void a_desktop_that_dies_of_each_creation_is_not_tried_for_ever(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim(world, &holder, 'a', &small);
	for (int death = 0; death < 10 && holder.declined == 0; death++) {
		fake_backend_desktop_gone(world->backend);
		settle(world);
		fake_backend_desktop_ready(world->backend);
		fake_backend_desktop_gone(world->backend);
		settle(world);
	}
	assert_int_equal(holder.declined, 1);
	assert_int_equal(holder.error, DISPLAY_ERROR_NO_DESKTOP);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 4);
}

/* Failures */

static void a_failed_creation_is_tried_four_times(void **state)
{
	struct world *world = *state;
	struct holder holder;
	for (int i = 0; i < 3; i++)
		fail_next(world, FAKE_CREATE, -EIO);
	claim_granted(world, &holder, 'a', &small);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 4);

	for (int i = 0; i < 4; i++)
		fail_next(world, FAKE_CREATE, -EIO);
	claim(world, &holder, 'b', &small);
	settle(world);
	assert_int_equal(holder.declined, 1);
	assert_int_equal(holder.error, DISPLAY_ERROR_CREATE_FAILED);
	assert_string_equal(holder.text, "the fake refused");
	assert_int_equal(world->stats.requests[FAKE_CREATE], 8);
	assert_int_equal(displays(world), 1);
}

static void a_permanent_failure_is_not_tried_again(void **state)
{
	static const int permanent[] = { -EINVAL, -ENOTSUP };
	struct world *world = *state;
	struct holder holder;
	for (unsigned i = 0; i < 2; i++) {
		fail_next(world, FAKE_CREATE, permanent[i]);
		claim(world, &holder, 'a', &small);
		settle(world);
		assert_int_equal(holder.declined, 1);
		assert_int_equal(world->stats.requests[FAKE_CREATE], i + 1);
	}
}

static void nothing_is_created_for_a_claim_that_left_between_two_attempts(void **state)
{
	struct world *world = *state;
	struct holder holder;
	reopen_with(world, (struct display_registry_timing){ HOUR_NS, HOUR_NS, HOUR_NS, HOUR_NS });
	fail_next(world, FAKE_CREATE, -EIO);
	claim(world, &holder, 'a', &small);
	settle(world);
	assert_int_equal(state_of(world, 1), LIFECYCLE_CREATING);
	give_back(&holder, false);
	assert_int_equal(displays(world), 0);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 1);
}

static void the_pause_between_attempts_is_kept_when_another_claim_comes(void **state)
{
	struct world *world = *state;
	struct holder first, second;
	reopen_with(world, (struct display_registry_timing){ HOUR_NS, HOUR_NS, HOUR_NS, HOUR_NS });
	fail_next(world, FAKE_CREATE, -EIO);
	claim(world, &first, 'a', &small);
	settle(world);
	claim(world, &second, 'a', &small);
	settle(world);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 1);
}

static void a_backend_that_never_answers_a_create_is_given_up_without_a_leak(void **state)
{
	struct world *world = *state;
	struct holder holder;
	reopen_with(world, (struct display_registry_timing){ MILLISECOND_NS, HOUR_NS, 0, 0 });
	hang_next(world, FAKE_CREATE);
	claim(world, &holder, 'a', &small);
	RUN_UNTIL(world, holder.declined == 1);
	assert_int_equal(holder.error, DISPLAY_ERROR_TIMEOUT);
	assert_int_equal(displays(world), 0);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 1);
	/* The output appears after all: nobody wants it. */
	answer_hanging(world, success);
	assert_int_equal(world->stats.created, 1);
	RUN_UNTIL(world, world->stats.outputs == 0);
	assert_int_equal(world->stats.destroyed, 1);
}

static void a_timeout_that_the_backend_reports_itself_is_tried_again(void **state)
{
	struct world *world = *state;
	struct holder holder;
	fail_next(world, FAKE_CREATE, -ETIMEDOUT);
	claim_granted(world, &holder, 'a', &small);
	for (int i = 0; i < 4; i++)
		fail_next(world, FAKE_CREATE, -ETIMEDOUT);
	claim(world, &holder, 'b', &small);
	settle(world);
	assert_int_equal(holder.error, DISPLAY_ERROR_TIMEOUT);
}

static void a_backend_that_never_answers_a_destroy_does_not_block_the_client(void **state)
{
	struct world *world = *state;
	struct holder holder;
	reopen_with(world, (struct display_registry_timing){ MILLISECOND_NS, HOUR_NS, 0, 0 });
	hang_next(world, FAKE_DESTROY);
	leave_kept(world, 'a', off);
	claim(world, &holder, 'a', &small);
	RUN_UNTIL(world, holder.granted == 1);
	assert_int_equal(holder.info.generation, 2);
	/* The late answer concerns the old output alone. */
	answer_hanging(world, success);
	assert_int_equal(state_of(world, 1), LIFECYCLE_ACTIVE);
	assert_int_equal(world->stats.outputs, 1);
	assert_int_equal(holder.lost, 0);
	give_back(&holder, true);
	RUN_UNTIL(world, world->stats.outputs == 0);
}

static void a_set_mode_that_is_answered_late_tells_the_real_mode(void **state)
{
	struct world *world = *state;
	struct holder holder;
	reopen_with(world, (struct display_registry_timing){ MILLISECOND_NS, HOUR_NS, 0, 0 });
	claim(world, &holder, 'a', &small);
	RUN_UNTIL(world, holder.granted == 1);
	hang_next(world, FAKE_SET_MODE);
	set_mode(&holder, &medium);
	RUN_UNTIL(world, holder.mode_declined == 1);
	assert_int_equal(holder.error, DISPLAY_ERROR_TIMEOUT);
	answer_hanging(world, success);
	assert_int_equal(holder.granted, 2);
	assert_true(display_mode_equal(&holder.info.output.mode, &medium));
}

/* Withdrawn claims */

static void a_claim_withdrawn_during_the_creation_leaves_a_kept_display(void **state)
{
	struct world *world = *state;
	struct holder holder;
	hang_next(world, FAKE_CREATE);
	claim(world, &holder, 'a', &small);
	settle(world);
	give_back(&holder, false);
	answer_hanging(world, success);
	assert_int_equal(state_of(world, 1), LIFECYCLE_LINGERING);
	assert_int_equal(holder.granted + holder.declined + holder.lost, 0);
}

static void a_claim_quit_during_the_creation_leaves_nothing(void **state)
{
	struct world *world = *state;
	struct holder holder;
	hang_next(world, FAKE_CREATE);
	claim(world, &holder, 'a', &small);
	settle(world);
	give_back(&holder, true);
	answer_hanging(world, success);
	assert_int_equal(world->stats.outputs, 0);
	assert_int_equal(displays(world), 0);
}

static void no_callback_comes_after_the_release(void **state)
{
	struct world *world = *state;
	struct holder granted, declined, lost;
	claim_granted(world, &lost, 'c', &small);
	claim(world, &granted, 'a', &small);
	while (state_of(world, 2) != LIFECYCLE_ACTIVE)
		assert_true(sd_event_run(world->event, 0) > 0);
	claim(world, &declined, 'b', &(struct display_mode){ 0 });
	fake_backend_vanish(world->backend, 0);
	/* All three have a callback due, unless it came in the very turn that made it due. */
	const unsigned before = granted.granted;
	give_back(&granted, false);
	give_back(&declined, false);
	give_back(&lost, false);
	settle(world);
	assert_int_equal(granted.granted, before);
	assert_int_equal(declined.declined, 0);
	assert_int_equal(lost.lost, 0);
}

/* Modes of a holder */

static void a_holder_s_new_mode_is_told_as_it_was_read_back(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim_granted(world, &holder, 'a', &small);
	fake_backend_script(
		world->backend, FAKE_SET_MODE, (struct fake_answer){ .other_mode = true });
	set_mode(&holder, &medium);
	settle(world);
	assert_int_equal(holder.granted, 2);
	assert_true(display_mode_equal(&holder.info.output.mode, &fake_other_mode));
	assert_int_equal(holder.info.generation, 1);
}

static void a_refused_mode_leaves_the_holder_the_one_it_had(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim_granted(world, &holder, 'a', &small);
	fail_next(world, FAKE_SET_MODE, -EIO);
	set_mode(&holder, &medium);
	settle(world);
	assert_int_equal(holder.mode_declined, 1);
	assert_int_equal(holder.error, DISPLAY_ERROR_BAD_MODE);
	assert_int_equal(holder.lost, 0);
	assert_int_equal(state_of(world, 1), LIFECYCLE_ACTIVE);
	assert_int_equal(world->stats.requests[FAKE_DESTROY], 0);
	/* And it may ask again. */
	set_mode(&holder, &medium);
	settle(world);
	assert_int_equal(holder.granted, 2);
	assert_true(display_mode_equal(&holder.info.output.mode, &medium));
}

static void a_mode_out_of_range_is_refused_to_a_holder_without_asking(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim_granted(world, &holder, 'a', &small);
	set_mode(&holder, &(struct display_mode){ 1280, 720, 60000, 401 });
	settle(world);
	assert_int_equal(holder.mode_declined, 1);
	assert_non_null(strstr(holder.text, "scale"));
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 0);
}

static void the_mode_one_has_is_granted_without_asking(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim_granted(world, &holder, 'a', &small);
	set_mode(&holder, &small);
	settle(world);
	assert_int_equal(holder.granted, 2);
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 0);
}

static void of_many_modes_the_newest_wins_and_the_others_are_not_asked_for(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim_granted(world, &holder, 'a', &small);
	hang_next(world, FAKE_SET_MODE);
	set_mode(&holder, &medium);
	for (uint32_t width = 1000; width < 1100; width++)
		set_mode(&holder, &(struct display_mode){ width, 720, 60000, 100 });
	set_mode(&holder, &large);
	settle(world);
	answer_hanging(world, success);
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 2);
	assert_int_equal(holder.granted, 2);
	assert_true(display_mode_equal(&holder.info.output.mode, &large));
}

static void a_refused_mode_is_not_told_when_a_newer_one_is_wanted(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim_granted(world, &holder, 'a', &small);
	hang_next(world, FAKE_SET_MODE);
	set_mode(&holder, &medium);
	set_mode(&holder, &large);
	answer_hanging(world, (struct fake_answer){ .error = -EIO });
	assert_int_equal(holder.mode_declined, 0);
	assert_true(display_mode_equal(&holder.info.output.mode, &large));
}

static void a_refusal_not_yet_told_is_overtaken_by_a_newer_mode(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim_granted(world, &holder, 'a', &small);
	set_mode(&holder, &(struct display_mode){ 0 });
	set_mode(&holder, &large);
	settle(world);
	assert_int_equal(holder.mode_declined, 0);
	assert_int_equal(holder.granted, 2);
}

static void a_mode_asked_before_the_grant_is_what_is_granted(void **state)
{
	struct world *world = *state;
	struct holder holder;
	hang_next(world, FAKE_CREATE);
	claim(world, &holder, 'a', &small);
	settle(world);
	set_mode(&holder, &large);
	answer_hanging(world, success);
	assert_int_equal(holder.granted, 1);
	assert_true(display_mode_equal(&holder.info.output.mode, &large));
}

/* The end */

static void a_shutdown_ends_every_claim_and_destroys_every_output(void **state)
{
	struct world *world = *state;
	struct holder holder, waiting, late;
	claim_granted(world, &holder, 'a', &small);
	leave_kept(world, 'b', forever);
	hang_next(world, FAKE_CREATE);
	claim(world, &waiting, 'c', &small);
	settle(world);
	world->in_call = true;
	display_registry_shutdown(world->registry, HOUR_NS, on_shut_down, world);
	world->in_call = false;
	settle(world);
	assert_int_equal(holder.lost, 1);
	assert_int_equal(holder.loss, DISPLAY_LOSS_SHUTDOWN);
	assert_int_equal(waiting.declined, 1);
	assert_int_equal(waiting.error, DISPLAY_ERROR_SHUTTING_DOWN);
	assert_int_equal(world->stats.outputs, 0);
	claim(world, &late, 'd', &small);
	settle(world);
	assert_int_equal(late.error, DISPLAY_ERROR_SHUTTING_DOWN);
	/* One create is still under way: its output is not left behind either. */
	assert_int_equal(world->shut_down, 0);
	answer_hanging(world, success);
	assert_int_equal(world->stats.outputs, 0);
	assert_int_equal(world->shut_down, 1);
	settle(world);
	assert_int_equal(world->shut_down, 1);
}

static void a_shutdown_of_an_empty_host_ends_at_once(void **state)
{
	struct world *world = *state;
	world->in_call = true;
	display_registry_shutdown(world->registry, HOUR_NS, on_shut_down, world);
	world->in_call = false;
	settle(world);
	assert_int_equal(world->shut_down, 1);
}

static void a_shutdown_does_not_wait_longer_than_its_deadline(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim_granted(world, &holder, 'a', &small);
	hang_next(world, FAKE_DESTROY);
	display_registry_shutdown(world->registry, MILLISECOND_NS, on_shut_down, world);
	RUN_UNTIL(world, world->shut_down == 1);
	assert_int_equal(holder.lost, 1);
	answer_hanging(world, success);
	assert_int_equal(world->shut_down, 1);
}

static void a_shutdown_waits_for_an_output_that_may_still_appear(void **state)
{
	struct world *world = *state;
	struct holder holder;
	reopen_with(world, (struct display_registry_timing){ MILLISECOND_NS, HOUR_NS, 0, 0 });
	hang_next(world, FAKE_CREATE);
	claim(world, &holder, 'a', &small);
	RUN_UNTIL(world, holder.declined == 1);
	display_registry_shutdown(world->registry, HOUR_NS, on_shut_down, world);
	settle(world);
	assert_int_equal(world->shut_down, 0);
	answer_hanging(world, success);
	RUN_UNTIL(world, world->shut_down == 1);
	assert_int_equal(world->stats.destroyed, 1);
}

static void a_shutdown_between_two_attempts_creates_nothing_more(void **state)
{
	struct world *world = *state;
	struct holder holder;
	reopen_with(world, (struct display_registry_timing){ HOUR_NS, HOUR_NS, HOUR_NS, HOUR_NS });
	fail_next(world, FAKE_CREATE, -EIO);
	claim(world, &holder, 'a', &small);
	settle(world);
	display_registry_shutdown(world->registry, HOUR_NS, on_shut_down, world);
	settle(world);
	assert_int_equal(holder.error, DISPLAY_ERROR_SHUTTING_DOWN);
	assert_int_equal(world->shut_down, 1);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 1);
}

static void the_registry_may_be_destroyed_from_a_callback(void **state)
{
	struct world *world = *state;
	struct holder granted, declined, lost;
	claim(world, &granted, 'a', &small);
	granted.destroy_registry = true;
	settle(world);
	assert_null(world->registry);

	open_registry(world);
	claim(world, &declined, 'a', &(struct display_mode){ 0 });
	declined.destroy_registry = true;
	settle(world);
	assert_null(world->registry);

	open_registry(world);
	claim_granted(world, &lost, 'a', &small);
	claim(world, &granted, 'a', &small);
	lost.destroy_registry = true;
	settle(world);
	assert_null(world->registry);
	assert_int_equal(lost.lost, 1);
}

static void a_lease_may_be_released_from_its_grant(void **state)
{
	struct world *world = *state;
	struct holder holder;
	claim(world, &holder, 'a', &small);
	holder.release = true;
	settle(world);
	assert_int_equal(holder.granted, 1);
	assert_int_equal(state_of(world, 1), LIFECYCLE_LINGERING);
}

/* In a process of its own, and so with a loop of its own. */
static void release_from_lost(void)
{
	struct world *world;
	struct holder holder;
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
	signal(SIGABRT, SIG_DFL);
	set_up((void **)&world);
	claim_granted(world, &holder, 'a', &small);
	holder.release = true;
	fake_backend_vanish(world->backend, 0);
	settle(world);
}

static void releasing_a_dead_lease_is_caught(void **state)
{
	int output[2], status;
	char words[4096] = "";
	assert_int_equal(pipe(output), 0);
	const pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(output[1], STDERR_FILENO);
		close(output[0]);
		close(output[1]);
		release_from_lost();
		_exit(0);
	}
	close(output[1]);
	size_t size = 0;
	ssize_t more;
	while ((more = read(output[0], words + size, sizeof words - 1 - size)) > 0)
		size += (size_t)more;
	close(output[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	/* By the registry, not by the allocator or a sanitizer. */
	assert_non_null(strstr(words, "!lease->dead"));
}

static void late_answers_after_many_latencies_come_to_the_same(void **state)
{
	struct world *world = *state;
	struct holder holder;
	static const struct fake_answer slow = { .latency_us = 2000 };
	fake_backend_script(world->backend, FAKE_CREATE, slow);
	fake_backend_script(world->backend, FAKE_SET_MODE, slow);
	fake_backend_script(world->backend, FAKE_DESTROY, slow);
	claim(world, &holder, 'a', &small);
	RUN_UNTIL(world, holder.granted == 1);
	set_mode(&holder, &medium);
	RUN_UNTIL(world, holder.granted == 2);
	give_back(&holder, true);
	RUN_UNTIL(world, world->stats.outputs == 0 && displays(world) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_claim_creates_a_display_and_tells_its_real_mode),
		TEST(input_by_eis_is_the_backends_while_there_is_an_output),
		TEST(a_nudge_reaches_the_output_of_a_granted_claim_alone),
		TEST(each_client_has_its_own_display_in_the_smallest_free_slot),
		TEST(a_mode_out_of_range_is_declined_and_supersedes_nobody),
		TEST(strangers_share_no_display_and_keep_none),
		TEST(a_returning_client_finds_its_display_as_it_left_it),
		TEST(a_display_is_gone_when_its_time_is_over),
		TEST(an_adopted_display_outlives_the_time_it_had),
		TEST(without_keep_alive_the_output_goes_with_its_last_lease),
		TEST(a_pinned_display_is_kept),
		TEST(a_quit_destroys_the_display_whatever_the_policy_says),
		TEST(a_returning_client_gets_its_display_in_the_new_mode),
		TEST(a_wish_that_the_compositor_bent_is_not_asked_again),
		TEST(a_failed_reconfigure_makes_a_fresh_display_within_the_same_claim),
		TEST(a_failed_reconfigure_is_forgiven_when_a_newer_mode_is_wanted),
		TEST(a_claim_that_leaves_a_reconfigure_leaves_the_display_kept),
		TEST(a_destroy_waits_for_the_answer_to_a_set_mode),
		TEST(a_second_claim_of_a_client_supersedes_the_first),
		TEST(a_second_claim_with_another_mode_reconfigures_the_display),
		TEST(a_claim_that_still_waits_is_superseded_too),
		TEST(a_superseded_set_mode_gives_way_to_the_new_claim_s_mode),
		TEST(a_claim_during_the_teardown_waits_and_gets_a_fresh_display),
		TEST(an_output_that_cannot_be_destroyed_is_given_up),
		TEST(a_full_host_evicts_the_display_nearest_its_end),
		TEST(a_full_host_declines_when_nothing_lingers),
		TEST(nobody_is_evicted_for_a_claim_that_is_declined),
		TEST(a_display_in_teardown_counts_again_when_it_is_claimed),
		TEST(a_holder_is_told_when_its_output_vanishes),
		TEST(a_kept_display_that_vanishes_is_forgotten),
		TEST(an_output_that_vanishes_in_a_reconfigure_is_made_anew),
		TEST(an_output_may_vanish_while_it_is_destroyed_or_about_to_be),
		TEST(holders_lose_their_displays_with_the_desktop_and_come_back_with_it),
		TEST(outputs_die_with_their_desktop_even_if_nobody_says_so),
		TEST(a_claim_does_not_wait_for_ever_for_a_desktop),
		TEST(a_creation_that_dies_with_its_desktop_is_tried_again_when_it_is_back),
		TEST(a_desktop_that_dies_of_each_creation_is_not_tried_for_ever),
		TEST(a_failed_creation_is_tried_four_times),
		TEST(a_permanent_failure_is_not_tried_again),
		TEST(nothing_is_created_for_a_claim_that_left_between_two_attempts),
		TEST(the_pause_between_attempts_is_kept_when_another_claim_comes),
		TEST(a_backend_that_never_answers_a_create_is_given_up_without_a_leak),
		TEST(a_timeout_that_the_backend_reports_itself_is_tried_again),
		TEST(a_backend_that_never_answers_a_destroy_does_not_block_the_client),
		TEST(a_set_mode_that_is_answered_late_tells_the_real_mode),
		TEST(a_claim_withdrawn_during_the_creation_leaves_a_kept_display),
		TEST(a_claim_quit_during_the_creation_leaves_nothing),
		TEST(no_callback_comes_after_the_release),
		TEST(a_holder_s_new_mode_is_told_as_it_was_read_back),
		TEST(a_refused_mode_leaves_the_holder_the_one_it_had),
		TEST(a_mode_out_of_range_is_refused_to_a_holder_without_asking),
		TEST(the_mode_one_has_is_granted_without_asking),
		TEST(of_many_modes_the_newest_wins_and_the_others_are_not_asked_for),
		TEST(a_refused_mode_is_not_told_when_a_newer_one_is_wanted),
		TEST(a_refusal_not_yet_told_is_overtaken_by_a_newer_mode),
		TEST(a_mode_asked_before_the_grant_is_what_is_granted),
		TEST(a_shutdown_ends_every_claim_and_destroys_every_output),
		TEST(a_shutdown_of_an_empty_host_ends_at_once),
		TEST(a_shutdown_does_not_wait_longer_than_its_deadline),
		TEST(a_shutdown_waits_for_an_output_that_may_still_appear),
		TEST(a_shutdown_between_two_attempts_creates_nothing_more),
		TEST(the_registry_may_be_destroyed_from_a_callback),
		TEST(a_lease_may_be_released_from_its_grant),
		TEST(releasing_a_dead_lease_is_caught),
		TEST(late_answers_after_many_latencies_come_to_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
