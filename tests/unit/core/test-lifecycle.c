#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/lifecycle.h"

#define SECOND 1000000000ull
#define NOW (100 * SECOND)

static const struct keep_alive off = { KEEP_ALIVE_OFF, 0 };
static const struct keep_alive ten_seconds = { KEEP_ALIVE_DURATION, 10 * SECOND };
static const struct keep_alive forever = { KEEP_ALIVE_FOREVER, 0 };

/* Displays to start from, each in the middle of its life: generation 7. */
static const struct lifecycle gone = { .state = LIFECYCLE_GONE, .generation = 7 };
static const struct lifecycle creating = {
	.state = LIFECYCLE_CREATING,
	.generation = 7,
	.waiters = 2,
};
static const struct lifecycle creating_unclaimed = {
	.state = LIFECYCLE_CREATING,
	.generation = 7,
};
static const struct lifecycle creating_quit = {
	.state = LIFECYCLE_CREATING,
	.generation = 7,
	.quit_pending = true,
};
static const struct lifecycle active = {
	.state = LIFECYCLE_ACTIVE,
	.generation = 7,
	.leases = 1,
};
static const struct lifecycle active_shared = {
	.state = LIFECYCLE_ACTIVE,
	.generation = 7,
	.leases = 2,
};
static const struct lifecycle reconfiguring = {
	.state = LIFECYCLE_ACTIVE,
	.generation = 7,
	.waiters = 1,
	.reconfiguring = true,
};
static const struct lifecycle reconfiguring_held = {
	.state = LIFECYCLE_ACTIVE,
	.generation = 7,
	.leases = 1,
	.waiters = 1,
	.reconfiguring = true,
};
static const struct lifecycle lingering = {
	.state = LIFECYCLE_LINGERING,
	.generation = 7,
	.until_ns = NOW + 5 * SECOND,
};
static const struct lifecycle pinned = { .state = LIFECYCLE_PINNED, .generation = 7 };
static const struct lifecycle closing = { .state = LIFECYCLE_CLOSING, .generation = 7 };
static const struct lifecycle closing_awaited = {
	.state = LIFECYCLE_CLOSING,
	.generation = 7,
	.waiters = 2,
};

static struct lifecycle_step take(const struct lifecycle *from, struct lifecycle_event event)
{
	return lifecycle_step(from, &event, NOW);
}

static void expect(struct lifecycle_step step, struct lifecycle next, uint32_t effects)
{
	assert_string_equal(
		lifecycle_state_name(step.next.state), lifecycle_state_name(next.state));
	assert_int_equal(step.next.generation, next.generation);
	assert_int_equal(step.next.leases, next.leases);
	assert_int_equal(step.next.waiters, next.waiters);
	assert_int_equal(step.next.until_ns, next.until_ns);
	assert_int_equal(step.next.reconfiguring, next.reconfiguring);
	assert_int_equal(step.next.quit_pending, next.quit_pending);
	assert_int_equal(step.effects, effects);
}

static struct lifecycle with_waiters(struct lifecycle lifecycle, uint32_t waiters)
{
	lifecycle.waiters = waiters;
	return lifecycle;
}

static struct lifecycle with_generation(struct lifecycle lifecycle, uint32_t generation)
{
	lifecycle.generation = generation;
	return lifecycle;
}

static struct lifecycle lingering_for_ten_seconds(uint32_t generation)
{
	return (struct lifecycle){
		.state = LIFECYCLE_LINGERING,
		.generation = generation,
		.until_ns = NOW + 10 * SECOND,
	};
}

static const struct lifecycle_event acquire = { .type = LIFECYCLE_ACQUIRE };
static const struct lifecycle_event acquire_other_mode = {
	.type = LIFECYCLE_ACQUIRE,
	.needs_mode = true,
};

static struct lifecycle_event release(struct keep_alive keep_alive)
{
	return (struct lifecycle_event){
		.type = LIFECYCLE_RELEASE,
		.generation = 7,
		.keep_alive = keep_alive,
	};
}

static struct lifecycle_event waiter_left(struct keep_alive keep_alive)
{
	return (struct lifecycle_event){ .type = LIFECYCLE_WAITER_LEFT, .keep_alive = keep_alive };
}

static struct lifecycle_event created(struct keep_alive keep_alive)
{
	return (struct lifecycle_event){ .type = LIFECYCLE_CREATED, .keep_alive = keep_alive };
}

static const struct lifecycle_event quit = {
	.type = LIFECYCLE_QUIT,
	.generation = 7,
	.keep_alive = { KEEP_ALIVE_FOREVER, 0 },
};

static struct lifecycle_event plain(enum lifecycle_event_type type)
{
	return (struct lifecycle_event){ .type = type };
}

static struct lifecycle_event last(struct lifecycle_event event)
{
	event.last_of_group = true;
	return event;
}

/* Creating */

static void the_first_claim_creates_the_output(void **state)
{
	expect(take(&gone, acquire), with_waiters(creating, 1), LIFECYCLE_CREATE_OUTPUT);
}

static void claims_during_the_creation_wait_for_it(void **state)
{
	expect(take(&creating, acquire_other_mode), with_waiters(creating, 3), 0);
}

static void a_created_output_is_granted_to_every_waiter_in_a_new_generation(void **state)
{
	expect(take(&creating, created(off)), with_generation(active_shared, 8),
		LIFECYCLE_APPLY_TOPOLOGY | LIFECYCLE_GRANT_WAITERS | LIFECYCLE_LAUNCH);
}

static void a_wish_that_changed_during_the_creation_is_met_before_the_grant(void **state)
{
	struct lifecycle_event event = created(off);
	event.needs_mode = true;
	expect(take(&creating, event), with_generation(with_waiters(reconfiguring, 2), 8),
		LIFECYCLE_RECONFIGURE_OUTPUT | LIFECYCLE_APPLY_TOPOLOGY | LIFECYCLE_LAUNCH);
}

static void a_failed_creation_fails_every_waiter_and_leaves_nothing(void **state)
{
	expect(take(&creating, plain(LIFECYCLE_CREATE_FAILED)), gone, LIFECYCLE_FAIL_WAITERS);
	expect(take(&creating_unclaimed, plain(LIFECYCLE_CREATE_FAILED)), gone, 0);
	expect(take(&creating_quit, plain(LIFECYCLE_CREATE_FAILED)), gone, 0);
}

static void the_creation_goes_on_when_every_waiter_has_left(void **state)
{
	const struct lifecycle one = with_waiters(creating, 1);
	expect(take(&creating, waiter_left(off)), one, 0);
	expect(take(&one, waiter_left(off)), creating_unclaimed, 0);
	expect(take(&creating_unclaimed, waiter_left(off)), creating_unclaimed, 0);
}

static void an_output_created_for_nobody_follows_keep_alive(void **state)
{
	const uint32_t set_up = LIFECYCLE_APPLY_TOPOLOGY | LIFECYCLE_LAUNCH;
	expect(take(&creating_unclaimed, created(off)), with_generation(closing, 8),
		LIFECYCLE_DESTROY_OUTPUT);
	expect(take(&creating_unclaimed, created(ten_seconds)), lingering_for_ten_seconds(8),
		set_up | LIFECYCLE_ARM_TIMER);
	expect(take(&creating_unclaimed, created(forever)), with_generation(pinned, 8), set_up);
}

static void a_quit_during_the_creation_closes_the_output_as_soon_as_it_exists(void **state)
{
	struct lifecycle_event left = waiter_left(forever);
	left.quit = true;
	const struct lifecycle one = with_waiters(creating, 1);
	expect(take(&one, left), creating_quit, 0);
	expect(take(&creating_quit, last(created(forever))), with_generation(closing, 8),
		LIFECYCLE_RESTORE_TOPOLOGY | LIFECYCLE_DESTROY_OUTPUT);
}

static void a_quit_of_one_waiter_does_not_concern_the_others(void **state)
{
	struct lifecycle_event left = waiter_left(forever);
	left.quit = true;
	expect(take(&creating, left), with_waiters(creating, 1), 0);
}

static void a_claim_after_a_quit_takes_the_quit_back(void **state)
{
	expect(take(&creating_quit, acquire), with_waiters(creating, 1), 0);
}

/* Active */

static void a_claim_on_an_active_display_gets_a_lease_of_the_same_generation(void **state)
{
	expect(take(&active, acquire), active_shared, LIFECYCLE_GRANT_WAITERS);
}

static void a_claim_for_another_mode_waits_for_the_reconfigure(void **state)
{
	expect(take(&active, acquire_other_mode), reconfiguring_held, LIFECYCLE_RECONFIGURE_OUTPUT);
}

static void a_claim_during_a_reconfigure_waits_for_the_one_under_way(void **state)
{
	expect(take(&reconfiguring, acquire), with_waiters(reconfiguring, 2), 0);
	expect(take(&reconfiguring, acquire_other_mode), with_waiters(reconfiguring, 2), 0);
}

static void the_last_release_without_keep_alive_closes(void **state)
{
	expect(take(&active, release(off)), closing, LIFECYCLE_DESTROY_OUTPUT);
}

static void the_group_s_last_display_restores_the_topology_before_it_closes(void **state)
{
	expect(take(&active, last(release(off))), closing,
		LIFECYCLE_RESTORE_TOPOLOGY | LIFECYCLE_DESTROY_OUTPUT);
	assert_true(LIFECYCLE_RESTORE_TOPOLOGY < LIFECYCLE_DESTROY_OUTPUT);
}

static void the_last_release_with_a_duration_lingers(void **state)
{
	expect(take(&active, release(ten_seconds)), lingering_for_ten_seconds(7),
		LIFECYCLE_ARM_TIMER);
}

static void a_duration_beyond_the_end_of_time_does_not_wrap(void **state)
{
	const struct keep_alive endless = { KEEP_ALIVE_DURATION, UINT64_MAX };
	assert_int_equal(take(&active, release(endless)).next.until_ns, UINT64_MAX);
}

static void the_last_release_with_forever_pins(void **state)
{
	expect(take(&active, release(forever)), pinned, 0);
}

static void a_release_that_is_not_the_last_only_gives_a_lease_back(void **state)
{
	expect(take(&active_shared, release(off)), active, 0);
}

static void a_stale_lease_is_released_without_effect(void **state)
{
	struct lifecycle_event stale = release(off);
	stale.generation = 6;
	expect(take(&active, stale), active, 0);
	stale.type = LIFECYCLE_QUIT;
	expect(take(&active, stale), active, 0);
	expect(take(&lingering, stale), lingering, 0);
}

static void a_quit_closes_whatever_keep_alive_says(void **state)
{
	expect(take(&active, quit), closing, LIFECYCLE_DESTROY_OUTPUT);
	expect(take(&lingering, quit), closing, LIFECYCLE_DISARM_TIMER | LIFECYCLE_DESTROY_OUTPUT);
	expect(take(&pinned, quit), closing, LIFECYCLE_DESTROY_OUTPUT);
}

static void a_quit_while_others_hold_the_display_is_just_a_release(void **state)
{
	expect(take(&active_shared, quit), active, 0);
	expect(take(&reconfiguring_held, quit), reconfiguring, 0);
}

static void an_operator_cannot_release_what_is_in_use(void **state)
{
	const struct lifecycle_event event = plain(LIFECYCLE_OPERATOR_RELEASE);
	expect(take(&active, event), active, LIFECYCLE_REFUSE_IN_USE);
	expect(take(&reconfiguring, event), reconfiguring, LIFECYCLE_REFUSE_IN_USE);
	expect(take(&creating, event), creating, LIFECYCLE_REFUSE_IN_USE);
	expect(take(&closing_awaited, event), closing_awaited, LIFECYCLE_REFUSE_IN_USE);
}

/* Taken, transferred, made anew */

static void a_display_whose_place_is_taken_closes_whoever_was_on_it(void **state)
{
	const struct lifecycle_event event = last(plain(LIFECYCLE_TAKEN));
	const uint32_t destroy = LIFECYCLE_RESTORE_TOPOLOGY | LIFECYCLE_DESTROY_OUTPUT;
	expect(take(&active_shared, event), closing, destroy);
	expect(take(&reconfiguring_held, event), closing, destroy);
	expect(take(&lingering, event), closing, LIFECYCLE_DISARM_TIMER | destroy);
	expect(take(&pinned, event), closing, destroy);
	expect(take(&creating, event), creating_quit, 0);
	expect(take(&closing_awaited, event), closing, 0);
	expect(take(&gone, event), gone, 0);
}

static void a_transfer_keeps_the_output_in_a_new_generation_for_its_new_owner(void **state)
{
	struct lifecycle_event event = plain(LIFECYCLE_TRANSFERRED);
	expect(take(&active_shared, event), with_generation(active, 8), LIFECYCLE_GRANT_WAITERS);
	expect(take(&lingering, event), with_generation(active, 8),
		LIFECYCLE_DISARM_TIMER | LIFECYCLE_GRANT_WAITERS);
	event.needs_mode = true;
	expect(take(&active_shared, event), with_generation(reconfiguring, 8),
		LIFECYCLE_RECONFIGURE_OUTPUT);
	/* The set_mode that is under way ends first. */
	expect(take(&reconfiguring_held, event), with_generation(reconfiguring, 8), 0);
	event.recreate = true;
	expect(take(&active_shared, event), with_generation(with_waiters(closing, 1), 8),
		LIFECYCLE_DESTROY_OUTPUT);
}

static void a_transfer_without_an_output_leaves_the_new_owner_waiting_alone(void **state)
{
	const struct lifecycle_event event = plain(LIFECYCLE_TRANSFERRED);
	expect(take(&creating, event), with_waiters(creating, 1), 0);
	expect(take(&creating_quit, event), with_waiters(creating, 1), 0);
	expect(take(&closing_awaited, event), with_waiters(closing, 1), 0);
	expect(take(&gone, event), gone, 0);
}

static void where_nothing_can_be_reconfigured_holders_wait_for_a_fresh_output(void **state)
{
	struct lifecycle_event claim = acquire_other_mode;
	const uint32_t destroy = LIFECYCLE_SUSPEND_LEASES | LIFECYCLE_DESTROY_OUTPUT;
	expect(take(&active_shared, plain(LIFECYCLE_RECREATE)), closing_awaited, destroy);
	claim.recreate = true;
	expect(take(&active, claim), closing_awaited, destroy);
	expect(take(&pinned, claim), with_waiters(closing, 1), LIFECYCLE_DESTROY_OUTPUT);
	/* The same mode needs nothing of that. */
	claim.needs_mode = false;
	expect(take(&active, claim), active_shared, LIFECYCLE_GRANT_WAITERS);
	expect(take(&lingering, plain(LIFECYCLE_RECREATE)), lingering, 0);
	expect(take(&creating, plain(LIFECYCLE_RECREATE)), creating, 0);
	expect(take(&closing, plain(LIFECYCLE_RECREATE)), closing, 0);
}

/* Reconfiguring */

static void a_reconfigured_display_is_granted(void **state)
{
	expect(take(&reconfiguring, plain(LIFECYCLE_RECONFIGURED)), active,
		LIFECYCLE_APPLY_TOPOLOGY | LIFECYCLE_GRANT_WAITERS);
}

static void a_wish_that_changed_during_the_reconfigure_is_met_before_the_grant(void **state)
{
	struct lifecycle_event event = plain(LIFECYCLE_RECONFIGURED);
	event.needs_mode = true;
	expect(take(&reconfiguring, event), reconfiguring, LIFECYCLE_RECONFIGURE_OUTPUT);
}

static void a_failed_reconfigure_closes_and_creates_afresh_for_the_waiters(void **state)
{
	const struct lifecycle_step failed =
		take(&reconfiguring, last(plain(LIFECYCLE_RECONFIGURE_FAILED)));
	expect(failed, with_waiters(closing, 1),
		LIFECYCLE_RESTORE_TOPOLOGY | LIFECYCLE_DESTROY_OUTPUT);
	const struct lifecycle_step destroyed = take(&failed.next, plain(LIFECYCLE_DESTROYED));
	expect(destroyed, with_waiters(creating, 1), LIFECYCLE_CREATE_OUTPUT);
	expect(take(&destroyed.next, plain(LIFECYCLE_CREATE_FAILED)), gone, LIFECYCLE_FAIL_WAITERS);
}

static void a_failed_reconfigure_does_not_take_the_output_from_a_holder(void **state)
{
	expect(take(&reconfiguring_held, plain(LIFECYCLE_RECONFIGURE_FAILED)), active_shared,
		LIFECYCLE_GRANT_WAITERS);
}

static void the_last_waiter_of_a_reconfigure_leaves_like_a_holder(void **state)
{
	struct lifecycle_event left = waiter_left(forever);
	expect(take(&reconfiguring, waiter_left(off)), closing, LIFECYCLE_DESTROY_OUTPUT);
	expect(take(&reconfiguring, waiter_left(ten_seconds)), lingering_for_ten_seconds(7),
		LIFECYCLE_ARM_TIMER);
	expect(take(&reconfiguring, left), pinned, 0);
	left.quit = true;
	expect(take(&reconfiguring, left), closing, LIFECYCLE_DESTROY_OUTPUT);
}

static void a_waiter_leaves_a_reconfigure_and_the_rest_goes_on(void **state)
{
	const struct lifecycle two = with_waiters(reconfiguring, 2);
	const struct lifecycle held = with_waiters(reconfiguring_held, 0);
	expect(take(&two, waiter_left(off)), reconfiguring, 0);
	expect(take(&reconfiguring_held, waiter_left(off)), held, 0);
	expect(take(&held, plain(LIFECYCLE_RECONFIGURED)), active, LIFECYCLE_APPLY_TOPOLOGY);
	expect(take(&held, plain(LIFECYCLE_RECONFIGURE_FAILED)), active, 0);
}

static void the_last_holder_leaves_while_others_wait_for_the_reconfigure(void **state)
{
	expect(take(&reconfiguring_held, release(off)), reconfiguring, 0);
}

static void the_end_of_a_reconfigure_that_nobody_awaits_changes_nothing(void **state)
{
	struct lifecycle_event event = plain(LIFECYCLE_RECONFIGURED);
	event.needs_mode = true;
	expect(take(&lingering, event), lingering, 0);
	expect(take(&lingering, plain(LIFECYCLE_RECONFIGURE_FAILED)), lingering, 0);
	expect(take(&active, event), active, 0);
	expect(take(&active, plain(LIFECYCLE_RECONFIGURE_FAILED)), active, 0);
}

/* Kept */

static void a_kept_display_is_reused_by_its_client(void **state)
{
	expect(take(&lingering, acquire), active, LIFECYCLE_DISARM_TIMER | LIFECYCLE_GRANT_WAITERS);
	expect(take(&pinned, acquire), active, LIFECYCLE_GRANT_WAITERS);
}

static void a_kept_display_is_reconfigured_for_another_mode(void **state)
{
	expect(take(&lingering, acquire_other_mode), reconfiguring,
		LIFECYCLE_DISARM_TIMER | LIFECYCLE_RECONFIGURE_OUTPUT);
	expect(take(&pinned, acquire_other_mode), reconfiguring, LIFECYCLE_RECONFIGURE_OUTPUT);
}

static void a_lingering_display_closes_when_its_time_has_come(void **state)
{
	const struct lifecycle_event timer = last(plain(LIFECYCLE_TIMER));
	const struct lifecycle_step step = lifecycle_step(&lingering, &timer, lingering.until_ns);
	expect(step, closing,
		LIFECYCLE_DISARM_TIMER | LIFECYCLE_RESTORE_TOPOLOGY | LIFECYCLE_DESTROY_OUTPUT);
}

static void a_timer_that_comes_early_is_armed_again(void **state)
{
	const struct lifecycle_event timer = plain(LIFECYCLE_TIMER);
	const struct lifecycle_step step =
		lifecycle_step(&lingering, &timer, lingering.until_ns - 1);
	expect(step, lingering, LIFECYCLE_ARM_TIMER);
}

static void a_timer_means_nothing_to_a_display_that_does_not_linger(void **state)
{
	const struct lifecycle *others[] = { &gone, &creating, &active, &pinned, &closing };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		expect(take(others[i], plain(LIFECYCLE_TIMER)), *others[i], 0);
}

static void an_operator_releases_a_kept_display(void **state)
{
	const struct lifecycle_event event = last(plain(LIFECYCLE_OPERATOR_RELEASE));
	const uint32_t effects = LIFECYCLE_RESTORE_TOPOLOGY | LIFECYCLE_DESTROY_OUTPUT;
	expect(take(&lingering, event), closing, LIFECYCLE_DISARM_TIMER | effects);
	expect(take(&pinned, event), closing, effects);
	expect(take(&creating_unclaimed, event), creating_quit, 0);
}

/* Vanished */

static void holders_are_told_when_their_output_vanishes(void **state)
{
	expect(take(&active_shared, last(plain(LIFECYCLE_VANISHED))), gone,
		LIFECYCLE_TELL_VANISHED | LIFECYCLE_DROP_LEASES | LIFECYCLE_RESTORE_TOPOLOGY);
}

static void a_kept_display_that_vanishes_is_dropped_silently(void **state)
{
	expect(take(&lingering, plain(LIFECYCLE_VANISHED)), gone, LIFECYCLE_DISARM_TIMER);
	expect(take(&pinned, plain(LIFECYCLE_VANISHED)), gone, 0);
}

static void an_output_that_vanishes_in_a_reconfigure_is_created_afresh(void **state)
{
	expect(take(&reconfiguring, plain(LIFECYCLE_VANISHED)), with_waiters(creating, 1),
		LIFECYCLE_CREATE_OUTPUT);
	expect(take(&reconfiguring_held, plain(LIFECYCLE_VANISHED)), with_waiters(creating, 1),
		LIFECYCLE_TELL_VANISHED | LIFECYCLE_DROP_LEASES | LIFECYCLE_CREATE_OUTPUT);
}

static void vanishing_waits_for_the_answer_that_is_still_to_come(void **state)
{
	expect(take(&creating, plain(LIFECYCLE_VANISHED)), creating, 0);
	expect(take(&closing_awaited, plain(LIFECYCLE_VANISHED)), closing_awaited, 0);
	expect(take(&gone, plain(LIFECYCLE_VANISHED)), gone, 0);
}

/* Closing */

static void claims_during_the_teardown_wait_and_are_created_afresh(void **state)
{
	const struct lifecycle_step claimed = take(&closing, acquire);
	expect(claimed, with_waiters(closing, 1), 0);
	expect(take(&claimed.next, plain(LIFECYCLE_DESTROYED)), with_waiters(creating, 1),
		LIFECYCLE_CREATE_OUTPUT);
}

static void a_teardown_that_nobody_awaits_ends_the_display(void **state)
{
	const struct lifecycle_step left = take(&closing_awaited, waiter_left(forever));
	expect(left, with_waiters(closing, 1), 0);
	expect(take(&left.next, waiter_left(forever)), closing, 0);
	expect(take(&closing, plain(LIFECYCLE_DESTROYED)), gone, 0);
}

static void leases_of_a_closed_output_are_released_without_effect(void **state)
{
	expect(take(&closing, release(off)), closing, 0);
	expect(take(&closing_awaited, quit), closing_awaited, 0);
	expect(take(&creating, quit), creating, 0);
	expect(take(&gone, release(off)), gone, 0);
}

/* Shutdown */

static void a_shutdown_ends_claims_and_destroys_every_output(void **state)
{
	const struct lifecycle_event event = last(plain(LIFECYCLE_SHUTDOWN));
	const uint32_t destroy = LIFECYCLE_RESTORE_TOPOLOGY | LIFECYCLE_DESTROY_OUTPUT;
	expect(take(&active, event), closing, LIFECYCLE_DROP_LEASES | destroy);
	expect(take(&reconfiguring, event), closing, LIFECYCLE_FAIL_WAITERS | destroy);
	expect(take(&reconfiguring_held, event), closing,
		LIFECYCLE_FAIL_WAITERS | LIFECYCLE_DROP_LEASES | destroy);
	expect(take(&lingering, event), closing, LIFECYCLE_DISARM_TIMER | destroy);
	expect(take(&pinned, event), closing, destroy);
	expect(take(&gone, event), gone, 0);
}

static void a_shutdown_during_creation_or_teardown_waits_for_its_answer(void **state)
{
	const struct lifecycle_event event = plain(LIFECYCLE_SHUTDOWN);
	expect(take(&creating, event), creating_quit, LIFECYCLE_FAIL_WAITERS);
	expect(take(&closing_awaited, event), closing, LIFECYCLE_FAIL_WAITERS);
	expect(take(&closing, event), closing, 0);
}

static void answers_that_nobody_asked_for_change_nothing(void **state)
{
	static const struct {
		const struct lifecycle *from;
		enum lifecycle_event_type type;
	} rows[] = {
		{ &gone, LIFECYCLE_CREATED },
		{ &gone, LIFECYCLE_DESTROYED },
		{ &gone, LIFECYCLE_CREATE_FAILED },
		{ &creating, LIFECYCLE_DESTROYED },
		{ &creating, LIFECYCLE_RECONFIGURED },
		{ &creating, LIFECYCLE_RECONFIGURE_FAILED },
		{ &active, LIFECYCLE_CREATED },
		{ &active, LIFECYCLE_CREATE_FAILED },
		{ &active, LIFECYCLE_DESTROYED },
		{ &lingering, LIFECYCLE_CREATED },
		{ &pinned, LIFECYCLE_DESTROYED },
		{ &closing, LIFECYCLE_CREATED },
		{ &closing, LIFECYCLE_RECONFIGURED },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		expect(take(rows[i].from, plain(rows[i].type)), *rows[i].from, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_claim_creates_the_output),
		cmocka_unit_test(claims_during_the_creation_wait_for_it),
		cmocka_unit_test(a_created_output_is_granted_to_every_waiter_in_a_new_generation),
		cmocka_unit_test(a_wish_that_changed_during_the_creation_is_met_before_the_grant),
		cmocka_unit_test(a_failed_creation_fails_every_waiter_and_leaves_nothing),
		cmocka_unit_test(the_creation_goes_on_when_every_waiter_has_left),
		cmocka_unit_test(an_output_created_for_nobody_follows_keep_alive),
		cmocka_unit_test(a_quit_during_the_creation_closes_the_output_as_soon_as_it_exists),
		cmocka_unit_test(a_quit_of_one_waiter_does_not_concern_the_others),
		cmocka_unit_test(a_claim_after_a_quit_takes_the_quit_back),
		cmocka_unit_test(a_claim_on_an_active_display_gets_a_lease_of_the_same_generation),
		cmocka_unit_test(a_claim_for_another_mode_waits_for_the_reconfigure),
		cmocka_unit_test(a_claim_during_a_reconfigure_waits_for_the_one_under_way),
		cmocka_unit_test(the_last_release_without_keep_alive_closes),
		cmocka_unit_test(the_group_s_last_display_restores_the_topology_before_it_closes),
		cmocka_unit_test(the_last_release_with_a_duration_lingers),
		cmocka_unit_test(a_duration_beyond_the_end_of_time_does_not_wrap),
		cmocka_unit_test(the_last_release_with_forever_pins),
		cmocka_unit_test(a_release_that_is_not_the_last_only_gives_a_lease_back),
		cmocka_unit_test(a_stale_lease_is_released_without_effect),
		cmocka_unit_test(a_quit_closes_whatever_keep_alive_says),
		cmocka_unit_test(a_quit_while_others_hold_the_display_is_just_a_release),
		cmocka_unit_test(an_operator_cannot_release_what_is_in_use),
		cmocka_unit_test(a_display_whose_place_is_taken_closes_whoever_was_on_it),
		cmocka_unit_test(a_transfer_keeps_the_output_in_a_new_generation_for_its_new_owner),
		cmocka_unit_test(a_transfer_without_an_output_leaves_the_new_owner_waiting_alone),
		cmocka_unit_test(where_nothing_can_be_reconfigured_holders_wait_for_a_fresh_output),
		cmocka_unit_test(a_reconfigured_display_is_granted),
		cmocka_unit_test(
			a_wish_that_changed_during_the_reconfigure_is_met_before_the_grant),
		cmocka_unit_test(a_failed_reconfigure_closes_and_creates_afresh_for_the_waiters),
		cmocka_unit_test(a_failed_reconfigure_does_not_take_the_output_from_a_holder),
		cmocka_unit_test(the_last_waiter_of_a_reconfigure_leaves_like_a_holder),
		cmocka_unit_test(a_waiter_leaves_a_reconfigure_and_the_rest_goes_on),
		cmocka_unit_test(the_last_holder_leaves_while_others_wait_for_the_reconfigure),
		cmocka_unit_test(the_end_of_a_reconfigure_that_nobody_awaits_changes_nothing),
		cmocka_unit_test(a_kept_display_is_reused_by_its_client),
		cmocka_unit_test(a_kept_display_is_reconfigured_for_another_mode),
		cmocka_unit_test(a_lingering_display_closes_when_its_time_has_come),
		cmocka_unit_test(a_timer_that_comes_early_is_armed_again),
		cmocka_unit_test(a_timer_means_nothing_to_a_display_that_does_not_linger),
		cmocka_unit_test(an_operator_releases_a_kept_display),
		cmocka_unit_test(holders_are_told_when_their_output_vanishes),
		cmocka_unit_test(a_kept_display_that_vanishes_is_dropped_silently),
		cmocka_unit_test(an_output_that_vanishes_in_a_reconfigure_is_created_afresh),
		cmocka_unit_test(vanishing_waits_for_the_answer_that_is_still_to_come),
		cmocka_unit_test(claims_during_the_teardown_wait_and_are_created_afresh),
		cmocka_unit_test(a_teardown_that_nobody_awaits_ends_the_display),
		cmocka_unit_test(leases_of_a_closed_output_are_released_without_effect),
		cmocka_unit_test(a_shutdown_ends_claims_and_destroys_every_output),
		cmocka_unit_test(a_shutdown_during_creation_or_teardown_waits_for_its_answer),
		cmocka_unit_test(answers_that_nobody_asked_for_change_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
