/* The rules of semantics.md §4, as a registry follows them. */
#include "registry_world.h"

#include <errno.h>

static struct display_state state_of_slot(const struct world *world, uint32_t slot)
{
	struct display_state states[16];
	const size_t count = display_registry_list(world->registry, states, 16);
	for (size_t i = 0; i < count; i++) {
		if (states[i].slot == slot)
			return states[i];
	}
	fail_msg("no display has slot %u", slot);
	return states[0];
}

static void conflict(struct world *world, enum policy_conflict conflict)
{
	world->policy.mode_conflict = conflict;
}

/* Rule 1 */

static void under_per_client_mode_another_size_is_another_display_but_the_same_seat(void **state)
{
	struct world *world = *state;
	struct holder first, second, third;
	world->policy.identity = POLICY_IDENTITY_PER_CLIENT_MODE;
	claim_granted(world, &first, 'a', &small);
	claim_granted(world, &second, 'a', &medium);
	assert_int_equal(first.lost, 1);
	assert_int_equal(first.loss, DISPLAY_LOSS_SUPERSEDED);
	assert_int_equal(second.info.slot, 2);
	assert_int_equal(state_of(world, 1), LIFECYCLE_LINGERING);
	claim_granted(world, &third, 'a', &small);
	assert_true(third.info.kept);
	assert_int_equal(third.info.slot, 1);
}

static void a_client_s_second_display_is_a_seat_of_its_own(void **state)
{
	struct world *world = *state;
	struct holder first, second;
	struct display_request request = { .mode = small, .ordinal = 2, .label = "client a" };
	request.identity[0] = 'a';
	claim_granted(world, &first, 'a', &small);
	claim_request(world, &second, &request);
	settle(world);
	assert_int_equal(second.granted, 1);
	assert_int_equal(first.lost, 0);
	assert_int_not_equal(second.info.slot, first.info.slot);
}

static void under_shared_identity_whoever_comes_next_adopts_the_kept_display(void **state)
{
	struct world *world = *state;
	struct holder holder;
	world->policy.identity = POLICY_IDENTITY_SHARED;
	leave_kept(world, 'a', an_hour);
	claim_granted(world, &holder, 'b', &small);
	assert_true(holder.info.kept);
	assert_false(holder.info.joined);
	assert_string_equal(state_of_slot(world, 1).label, "client b");
	assert_int_equal(world->stats.created, 1);
}

static void where_nothing_can_be_reconfigured_the_returning_client_gets_a_fresh_output(void **state)
{
	struct world *world = *state;
	struct holder holder;
	forbid(world, DISPLAY_OPTION_RECONFIGURE, "recreate");
	leave_kept(world, 'a', an_hour);
	claim_granted(world, &holder, 'a', &medium);
	assert_false(holder.info.kept);
	assert_true(display_mode_equal(&holder.info.output.mode, &medium));
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 0);
	assert_int_equal(world->stats.outputs, 1);
}

static void a_seat_taken_anew_on_a_display_that_must_be_made_anew_leaves_nobody_behind(void **state)
{
	struct world *world = *state;
	struct holder first, second;
	forbid(world, DISPLAY_OPTION_RECONFIGURE, "recreate");
	world->policy.keep_alive = off;
	claim_granted(world, &first, 'a', &small);
	claim_granted(world, &second, 'a', &medium);
	assert_int_equal(first.lost, 1);
	assert_true(display_mode_equal(&second.info.output.mode, &medium));
	give_back(&second, false);
	settle(world);
	assert_int_equal(displays(world), 0);
	assert_int_equal(world->stats.outputs, 0);
}

/* Rule 3: separate */

static void with_separate_every_client_has_a_display(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	assert_int_equal(world->stats.outputs, 2);
	assert_false(b.info.joined);
	assert_int_not_equal(a.info.generation, b.info.generation);
}

/* Rule 3: join */

static void a_joiner_gets_the_live_display_at_its_real_mode(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &a, 'a', &medium);
	claim_granted(world, &b, 'b', &small);
	assert_true(b.info.joined);
	assert_true(b.info.kept);
	assert_string_equal(b.info.holder, "client a");
	assert_true(display_mode_equal(&b.info.output.mode, &medium));
	assert_int_equal(b.info.generation, a.info.generation);
	assert_int_equal(world->stats.outputs, 1);
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 0);
	assert_int_equal(a.lost, 0);
	const struct display_state display = state_of_slot(world, 1);
	assert_int_equal(display.leases, 2);
	assert_int_equal(display.sessions[0], 'a');
	assert_int_equal(display.sessions[1], 'b');
}

static void a_joiner_waits_for_a_display_that_is_still_being_created(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	conflict(world, POLICY_CONFLICT_JOIN);
	hang_next(world, FAKE_CREATE);
	claim(world, &a, 'a', &small);
	claim(world, &b, 'b', &medium);
	settle(world);
	assert_int_equal(a.granted + b.granted, 0);
	answer_hanging(world, success);
	assert_int_equal(a.granted, 1);
	assert_int_equal(b.granted, 1);
	assert_true(b.info.joined);
	assert_true(display_mode_equal(&b.info.output.mode, &small));
}

static void a_joiner_is_told_when_the_display_it_waits_for_cannot_be_created(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	conflict(world, POLICY_CONFLICT_JOIN);
	hang_next(world, FAKE_CREATE);
	claim(world, &a, 'a', &small);
	claim(world, &b, 'b', &small);
	settle(world);
	answer_hanging(world, (struct fake_answer){ .error = -EINVAL });
	assert_int_equal(a.declined, 1);
	assert_int_equal(b.declined, 1);
	assert_int_equal(b.error, DISPLAY_ERROR_CREATE_FAILED);
}

static void of_several_displays_the_one_with_the_latest_input_is_joined(void **state)
{
	struct world *world = *state;
	struct holder a, b, c;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	display_lease_note_input(b.lease, 1000);
	display_lease_note_input(a.lease, 2000);
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &c, 'c', &small);
	assert_string_equal(c.info.holder, "client a");
	give_back(&c, false);
	display_lease_note_input(b.lease, 3000);
	claim_granted(world, &c, 'c', &small);
	assert_string_equal(c.info.holder, "client b");
}

static void only_the_owner_chooses_the_mode_and_everybody_hears_of_it(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	set_mode(&b, &large);
	settle(world);
	assert_int_equal(b.mode_declined, 1);
	assert_int_equal(b.error, DISPLAY_ERROR_BUSY);
	assert_non_null(strstr(b.text, "client a"));
	assert_int_equal(world->stats.requests[FAKE_SET_MODE], 0);
	set_mode(&a, &large);
	settle(world);
	assert_int_equal(a.granted, 2);
	assert_int_equal(b.granted, 2);
	assert_true(display_mode_equal(&b.info.output.mode, &large));
}

static void a_display_stays_for_its_joiners_and_its_owner_comes_back_to_it(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	world->policy.keep_alive = off;
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	give_back(&a, true); /* a quit does not concern others either */
	settle(world);
	assert_int_equal(b.lost, 0);
	assert_int_equal(state_of(world, 1), LIFECYCLE_ACTIVE);
	claim_granted(world, &a, 'a', &medium);
	assert_false(a.info.joined);
	assert_int_equal(a.info.slot, 1);
	assert_int_equal(world->stats.created, 1);
	assert_true(display_mode_equal(&b.info.output.mode, &medium));
	assert_int_equal(b.granted, 2);
}

static void keep_alive_is_the_owner_s_and_read_at_the_last_release(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	world->policy.keep_alive = off;
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	give_back(&a, false);
	world->overridden = 'a';
	world->override = world->policy;
	world->override.keep_alive = forever;
	give_back(&b, false);
	settle(world);
	assert_int_equal(state_of(world, 1), LIFECYCLE_PINNED);
}

static void a_joiner_that_attaches_anew_takes_its_own_seat(void **state)
{
	struct world *world = *state;
	struct holder a, b, again;
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	claim_granted(world, &again, 'b', &small);
	assert_int_equal(b.lost, 1);
	assert_int_equal(b.loss, DISPLAY_LOSS_SUPERSEDED);
	assert_int_equal(a.lost, 0);
	assert_true(again.info.joined);
	assert_int_equal(state_of_slot(world, 1).leases, 2);
}

static void joiners_wait_with_their_owner_for_an_output_in_another_mode(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	forbid(world, DISPLAY_OPTION_RECONFIGURE, "recreate");
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	set_mode(&a, &large);
	settle(world);
	assert_int_equal(a.granted, 2);
	assert_int_equal(b.granted, 2);
	assert_true(b.info.generation > 1 && b.info.generation == a.info.generation);
	assert_true(display_mode_equal(&b.info.output.mode, &large));
	assert_int_equal(world->stats.outputs, 1);
	/* When the fresh output does not come, what they had is lost, not refused. */
	fail_next(world, FAKE_CREATE, -EINVAL);
	set_mode(&a, &small);
	settle(world);
	assert_int_equal(a.lost, 1);
	assert_int_equal(b.lost, 1);
	assert_int_equal(b.declined, 0);
	assert_int_equal(b.loss, DISPLAY_LOSS_VANISHED);
}

/* Rule 3: reject */

static void a_busy_desktop_names_its_holder_and_mode(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	conflict(world, POLICY_CONFLICT_REJECT);
	claim_granted(world, &a, 'a', &medium);
	claim(world, &b, 'b', &small);
	settle(world);
	assert_int_equal(b.declined, 1);
	assert_int_equal(b.error, DISPLAY_ERROR_BUSY);
	assert_string_equal(b.busy.label, "client a");
	assert_true(display_mode_equal(&b.busy.mode, &medium));
	assert_non_null(strstr(b.text, "client a"));
	assert_non_null(strstr(b.text, "1920x1080"));
	assert_int_equal(a.lost, 0);
	/* Nobody live: no conflict. */
	give_back(&a, false);
	claim_granted(world, &b, 'b', &small);
}

/* Rule 4 */

static void a_stolen_display_goes_and_the_taker_gets_a_fresh_one(void **state)
{
	struct world *world = *state;
	struct holder a, b, c;
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	conflict(world, POLICY_CONFLICT_STEAL);
	world->policy.keep_alive = forever; /* a theft does not ask */
	claim_granted(world, &c, 'c', &medium);
	assert_int_equal(a.lost, 1);
	assert_int_equal(b.lost, 1);
	assert_int_equal(a.loss, DISPLAY_LOSS_TAKEN_OVER);
	assert_non_null(strstr(a.text, "client c"));
	assert_true(a.lost_at < c.granted_at && b.lost_at < c.granted_at);
	assert_false(c.info.kept);
	assert_int_equal(world->stats.outputs, 1);
	assert_int_equal(displays(world), 1);
	assert_true(c.info.generation > b.info.generation);
}

static void a_claim_that_still_waits_is_stolen_from_too(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	conflict(world, POLICY_CONFLICT_STEAL);
	hang_next(world, FAKE_CREATE);
	claim(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	assert_int_equal(a.granted, 0);
	assert_int_equal(a.lost, 1);
	assert_int_equal(a.loss, DISPLAY_LOSS_TAKEN_OVER);
	answer_hanging(world, success);
	assert_int_equal(world->stats.outputs, 1);
	assert_int_equal(displays(world), 1);
}

static void under_shared_identity_the_taker_gets_the_slot_that_it_stole(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	world->policy.identity = POLICY_IDENTITY_SHARED;
	conflict(world, POLICY_CONFLICT_STEAL);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &medium);
	assert_int_equal(a.loss, DISPLAY_LOSS_TAKEN_OVER);
	assert_int_equal(b.info.slot, 1);
	assert_false(b.info.kept);
	assert_true(display_mode_equal(&b.info.output.mode, &medium));
	assert_int_equal(displays(world), 1);
	assert_int_equal(world->stats.outputs, 1);
	/* And what only comes into being is not torn down. */
	struct holder c, d;
	give_back(&b, true);
	settle(world);
	hang_next(world, FAKE_CREATE);
	claim(world, &c, 'c', &small);
	claim(world, &d, 'd', &small);
	answer_hanging(world, success);
	assert_int_equal(c.lost, 1);
	assert_int_equal(d.granted, 1);
	assert_int_equal(world->stats.created, 3);
}

static void on_an_isolated_desktop_the_output_passes_to_the_taker(void **state)
{
	struct world *world = *state;
	struct holder a, b, c;
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	conflict(world, POLICY_CONFLICT_STEAL);
	world->policy.desktop = POLICY_DESKTOP_ISOLATED;
	claim_granted(world, &c, 'c', &medium);
	assert_int_equal(a.loss, DISPLAY_LOSS_TAKEN_OVER);
	assert_int_equal(b.loss, DISPLAY_LOSS_TAKEN_OVER);
	assert_int_equal(world->stats.created, 1);
	assert_int_equal(world->stats.destroyed, 0);
	assert_true(c.info.kept);
	assert_true(c.info.generation > a.info.generation);
	assert_true(display_mode_equal(&c.info.output.mode, &medium));
	const struct display_state display = state_of_slot(world, c.info.slot);
	assert_string_equal(display.label, "client c");
	assert_int_equal(display.identity[0], 'c');
	assert_int_equal(display.leases, 1);
	assert_int_equal(displays(world), 1);
	/* The old owner's key opens nothing here any more. */
	conflict(world, POLICY_CONFLICT_SEPARATE);
	claim_granted(world, &a, 'a', &small);
	assert_false(a.info.kept);
}

static void under_shared_identity_a_transferred_display_keeps_its_slot(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	world->policy.identity = POLICY_IDENTITY_SHARED;
	world->policy.desktop = POLICY_DESKTOP_ISOLATED;
	conflict(world, POLICY_CONFLICT_STEAL);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	assert_int_equal(b.info.slot, 1);
	assert_true(b.info.kept);
	assert_int_equal(a.loss, DISPLAY_LOSS_TAKEN_OVER);
}

static void a_transfer_whose_mode_fails_ends_in_a_fresh_output(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	conflict(world, POLICY_CONFLICT_STEAL);
	world->policy.desktop = POLICY_DESKTOP_ISOLATED;
	claim_granted(world, &a, 'a', &small);
	fail_next(world, FAKE_SET_MODE, -EIO);
	claim_granted(world, &b, 'b', &medium);
	assert_false(b.info.kept);
	assert_true(display_mode_equal(&b.info.output.mode, &medium));
	assert_int_equal(world->stats.outputs, 1);
}

/* Rule 5 */

static void a_desktop_with_one_output_shares_it(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	forbid(world, DISPLAY_OPTION_SECOND_OUTPUT, "join");
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &medium);
	assert_true(b.info.joined);
	assert_int_equal(world->stats.outputs, 1);
}

static void a_desktop_with_one_output_creates_the_next_when_the_one_before_is_gone(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	forbid(world, DISPLAY_OPTION_SECOND_OUTPUT, "join");
	conflict(world, POLICY_CONFLICT_STEAL);
	claim_granted(world, &a, 'a', &small);
	hang_next(world, FAKE_DESTROY);
	claim(world, &b, 'b', &small);
	settle(world);
	assert_int_equal(a.lost, 1);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 1);
	answer_hanging(world, success);
	assert_int_equal(b.granted, 1);
}

static void the_wait_for_the_one_before_is_bounded(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	reopen_with(world, (struct display_registry_timing){ MILLISECOND_NS, HOUR_NS, 0, 0 });
	forbid(world, DISPLAY_OPTION_SECOND_OUTPUT, "join");
	conflict(world, POLICY_CONFLICT_STEAL);
	claim(world, &a, 'a', &small);
	RUN_UNTIL(world, a.granted == 1);
	hang_next(world, FAKE_DESTROY);
	claim(world, &b, 'b', &small);
	RUN_UNTIL(world, b.granted + b.declined == 1);
}

static void who_steals_the_one_output_yields_to_its_client_that_is_back_at_once(void **state)
{
	struct world *world = *state;
	struct holder a, again, b;
	forbid(world, DISPLAY_OPTION_SECOND_OUTPUT, "join");
	conflict(world, POLICY_CONFLICT_STEAL);
	hang_next(world, FAKE_CREATE);
	claim(world, &a, 'a', &small);
	claim(world, &b, 'b', &small);
	claim(world, &again, 'a', &small);
	settle(world);
	assert_int_equal(a.lost, 1);
	assert_int_equal(b.declined, 1);
	assert_int_equal(b.error, DISPLAY_ERROR_FULL);
	answer_hanging(world, success);
	assert_int_equal(again.granted, 1);
	assert_int_equal(world->stats.outputs, 1);
}

/* Rule 6 */

static void a_full_desktop_takes_the_client_that_steals(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	world->policy.max_displays = 1;
	conflict(world, POLICY_CONFLICT_STEAL);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	assert_int_equal(a.loss, DISPLAY_LOSS_TAKEN_OVER);
	assert_int_equal(displays(world), 1);
}

static void a_full_desktop_can_still_be_joined(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	world->policy.max_displays = 1;
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	assert_true(b.info.joined);
}

static void without_a_free_slot_nobody_is_evicted_in_vain(void **state)
{
	struct world *world = *state;
	struct holder b;
	fake_backend_set_slots(world->backend, 1);
	fake_backend_desktop_gone(world->backend);
	fake_backend_desktop_ready(world->backend);
	world->policy.max_displays = 1;
	leave_kept(world, 'a', an_hour);
	claim(world, &b, 'b', &small);
	settle(world);
	assert_int_equal(b.declined, 1);
	assert_int_equal(b.error, DISPLAY_ERROR_FULL);
	assert_int_equal(state_of(world, 1), LIFECYCLE_LINGERING);
}

/* Rule 7 */

static void without_an_encoder_a_display_is_refused_and_a_join_is_not(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	world->encoders = 1;
	claim_granted(world, &a, 'a', &small);
	world->encoders = 0;
	claim(world, &b, 'b', &small);
	settle(world);
	assert_int_equal(b.declined, 1);
	assert_int_equal(b.error, DISPLAY_ERROR_ENCODER_BUSY);
	assert_int_equal(world->stats.requests[FAKE_CREATE], 1);
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &b, 'b', &small);
	assert_true(b.info.joined);
}

static void an_owner_who_has_left_gives_no_encoder_back(void **state)
{
	struct world *world = *state;
	struct holder a, b;
	world->policy.identity = POLICY_IDENTITY_PER_CLIENT_MODE;
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_granted(world, &a, 'a', &small);
	claim_granted(world, &b, 'b', &small);
	give_back(&a, false);
	world->encoders = 0;
	/* The joiner still watches what the owner had. */
	claim(world, &a, 'a', &medium);
	settle(world);
	assert_int_equal(a.declined, 1);
	assert_int_equal(a.error, DISPLAY_ERROR_ENCODER_BUSY);
	assert_int_equal(b.lost, 0);
}

/* Rule 8 */

static void strangers_have_slot_0_and_are_told_apart_by_the_generation(void **state)
{
	struct world *world = *state;
	struct holder one, other, third;
	struct display_state states[4];
	claim_anonymous(world, &one);
	claim_anonymous(world, &other);
	settle(world);
	assert_int_equal(one.info.slot, 0);
	assert_int_equal(other.info.slot, 0);
	assert_int_not_equal(one.info.generation, other.info.generation);
	assert_int_equal(display_registry_list(world->registry, states, 4), 2);
	assert_true(states[0].anonymous && states[1].anonymous);
	conflict(world, POLICY_CONFLICT_JOIN);
	claim_anonymous(world, &third);
	settle(world);
	assert_true(third.info.joined);
}

/* The dry run */

static struct display_explanation explain(struct world *world, char client,
	const struct display_mode *mode, const struct display_policy *policy)
{
	struct display_explanation explanation;
	struct display_request request = { .mode = *mode };
	request.identity[0] = (uint8_t)client;
	world->in_call = true;
	display_registry_explain(world->registry, &request, policy, &explanation);
	world->in_call = false;
	return explanation;
}

static void an_explanation_says_what_would_happen_and_does_nothing(void **state)
{
	struct world *world = *state;
	struct holder a;
	claim_granted(world, &a, 'a', &medium);
	const unsigned changed = world->changed;
	const struct display_explanation separate = explain(world, 'b', &small, NULL);
	assert_int_equal(separate.error, 0);
	assert_int_equal(separate.decision.kind, ADMISSION_CREATE);
	assert_int_equal(separate.slot, 2);
	assert_int_equal(separate.place.x, 1920);
	assert_int_equal(separate.place.width, 1280);
	assert_string_equal(separate.labels[0], "client a");
	assert_int_equal(separate.displays[0], 1);

	struct display_policy policy = world->policy;
	policy.mode_conflict = POLICY_CONFLICT_JOIN;
	const struct display_explanation join = explain(world, 'b', &small, &policy);
	assert_int_equal(join.decision.kind, ADMISSION_JOIN);
	assert_int_equal(join.slot, 1);
	assert_true(display_mode_equal(&join.mode, &medium));
	assert_int_equal(join.place.x, 0);

	policy.mode_conflict = POLICY_CONFLICT_REJECT;
	const struct display_explanation busy = explain(world, 'b', &small, &policy);
	assert_int_equal(busy.error, DISPLAY_ERROR_BUSY);
	assert_non_null(strstr(busy.text, "client a"));

	policy.mode_conflict = POLICY_CONFLICT_STEAL;
	const struct display_explanation steal = explain(world, 'b', &small, &policy);
	assert_int_equal(steal.decision.kind, ADMISSION_STEAL);
	/* Where it would lie when the victim's display is gone. */
	assert_int_equal(steal.place.x, 0);

	const struct display_explanation own = explain(world, 'a', &small, NULL);
	assert_int_equal(own.decision.kind, ADMISSION_RECONFIGURE);
	assert_int_equal(own.slot, 1);
	assert_int_equal(own.place.width, 1280);

	settle(world);
	assert_int_equal(world->changed, changed);
	assert_int_equal(a.lost, 0);
	assert_int_equal(displays(world), 1);
}

static void an_explanation_names_what_stands_in_the_way(void **state)
{
	struct world *world = *state;
	struct display_explanation wrong =
		explain(world, 'a', &(struct display_mode){ 1, 1, 1, 1 }, NULL);
	assert_int_equal(wrong.error, DISPLAY_ERROR_BAD_MODE);
	assert_non_null(strstr(wrong.text, "width"));
	fake_backend_desktop_gone(world->backend);
	wrong = explain(world, 'a', &small, NULL);
	assert_int_equal(wrong.error, DISPLAY_ERROR_NO_DESKTOP);
	display_registry_shutdown(world->registry, HOUR_NS, on_shut_down, world);
	wrong = explain(world, 'a', &small, NULL);
	assert_int_equal(wrong.error, DISPLAY_ERROR_SHUTTING_DOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(under_per_client_mode_another_size_is_another_display_but_the_same_seat),
		TEST(a_client_s_second_display_is_a_seat_of_its_own),
		TEST(under_shared_identity_whoever_comes_next_adopts_the_kept_display),
		TEST(where_nothing_can_be_reconfigured_the_returning_client_gets_a_fresh_output),
		TEST(a_seat_taken_anew_on_a_display_that_must_be_made_anew_leaves_nobody_behind),
		TEST(with_separate_every_client_has_a_display),
		TEST(a_joiner_gets_the_live_display_at_its_real_mode),
		TEST(a_joiner_waits_for_a_display_that_is_still_being_created),
		TEST(a_joiner_is_told_when_the_display_it_waits_for_cannot_be_created),
		TEST(of_several_displays_the_one_with_the_latest_input_is_joined),
		TEST(only_the_owner_chooses_the_mode_and_everybody_hears_of_it),
		TEST(a_display_stays_for_its_joiners_and_its_owner_comes_back_to_it),
		TEST(keep_alive_is_the_owner_s_and_read_at_the_last_release),
		TEST(a_joiner_that_attaches_anew_takes_its_own_seat),
		TEST(joiners_wait_with_their_owner_for_an_output_in_another_mode),
		TEST(a_busy_desktop_names_its_holder_and_mode),
		TEST(a_stolen_display_goes_and_the_taker_gets_a_fresh_one),
		TEST(a_claim_that_still_waits_is_stolen_from_too),
		TEST(under_shared_identity_the_taker_gets_the_slot_that_it_stole),
		TEST(on_an_isolated_desktop_the_output_passes_to_the_taker),
		TEST(under_shared_identity_a_transferred_display_keeps_its_slot),
		TEST(a_transfer_whose_mode_fails_ends_in_a_fresh_output),
		TEST(a_desktop_with_one_output_shares_it),
		TEST(a_desktop_with_one_output_creates_the_next_when_the_one_before_is_gone),
		TEST(the_wait_for_the_one_before_is_bounded),
		TEST(who_steals_the_one_output_yields_to_its_client_that_is_back_at_once),
		TEST(a_full_desktop_takes_the_client_that_steals),
		TEST(a_full_desktop_can_still_be_joined),
		TEST(without_a_free_slot_nobody_is_evicted_in_vain),
		TEST(without_an_encoder_a_display_is_refused_and_a_join_is_not),
		TEST(an_owner_who_has_left_gives_no_encoder_back),
		TEST(strangers_have_slot_0_and_are_told_apart_by_the_generation),
		TEST(an_explanation_says_what_would_happen_and_does_nothing),
		TEST(an_explanation_names_what_stands_in_the_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
