/* Guests: who comes in by an invitation, for what, and for how long. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/session_world.h"

#define POINTER (1u << GRANT_POINTER)
#define GUEST 100 /* the first key that is not paired */

static struct invitation_state invite(
	struct session_world *world, uint32_t planes, uint32_t uses, uint64_t stay_ns)
{
	const struct invitation invitation = {
		.planes = planes,
		.uses_left = uses,
		.expires_ns = virtual_now_ns() + MOMENT_HOUR,
		.stay_ns = stay_ns,
	};
	const struct invitation_state *made =
		session_host_invite(world->host, &invitation, "visitor");
	assert_non_null(made);
	return *made;
}

static struct peer *come(struct session_world *world, uint32_t number, const char *pin)
{
	struct peer *peer = peer_connect(world, number);
	peer_attach(peer, "somebody", pin);
	world_settle(world);
	return peer;
}

/* In, with a display. */
static struct peer *enter(struct session_world *world, uint32_t number, const char *pin)
{
	struct peer *peer = come(world, number, pin);
	assert_int_not_equal(peer->id, 0);
	peer_open(peer);
	world_settle(world);
	return peer;
}

static bool drives(struct peer *peer)
{
	const uint64_t before = session_rooms_events();
	peer_point(peer, 1, 1);
	return session_rooms_events() > before;
}

static uint32_t guests_of(struct session_world *world, const char *id)
{
	struct invitation_state states[64];
	const size_t count = session_host_invitations(world->host, states, 64);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(states[i].id, id) == 0)
			return states[i].guests;
	}
	return UINT32_MAX;
}

static void a_guest_may_do_what_its_invitation_says(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 1, 0);
	struct peer *guest = enter(world, GUEST, made.pin);
	assert_string_equal(guest->label, "visitor");
	assert_int_equal(guest->grants, WIRE_GRANT_POINTER);
	assert_true(drives(guest));
	peer_key(guest, 30, true);
	assert_int_equal(session_rooms_held(), 0);
	assert_int_equal(guests_of(world, made.id), 1);
	assert_null(client_store_find(world->clients, guest->session->fingerprint));
}

static void a_wrong_pin_lets_nobody_in_and_counts_against_the_minute(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 1, 0);
	char wrong[sizeof made.pin];
	memcpy(wrong, made.pin, sizeof wrong);
	wrong[0] = wrong[0] == '0' ? '1' : '0';
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(come(world, GUEST, wrong)->refusal, WIRE_REFUSED_WRONG_PIN);
	assert_int_equal(come(world, GUEST, wrong)->refusal, WIRE_REFUSED_RATE_LIMITED);
	assert_int_equal(come(world, GUEST, made.pin)->refusal, WIRE_REFUSED_RATE_LIMITED);
	world_pass(world, 61 * MOMENT_SECOND);
	assert_int_not_equal(come(world, GUEST, made.pin)->id, 0);
}

static void an_invitation_ends_with_its_time(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 2, 0);
	struct peer *guest = enter(world, GUEST, made.pin);
	world_pass(world, MOMENT_HOUR + MOMENT_SECOND);
	assert_int_equal(come(world, GUEST + 1, made.pin)->refusal, WIRE_REFUSED_NO_PIN);
	assert_true(drives(guest)); /* who is in stays */
}

static void an_invitation_lets_in_as_many_as_it_says(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 2, 0);
	enter(world, GUEST, made.pin);
	enter(world, GUEST + 1, made.pin);
	assert_int_equal(guests_of(world, made.id), 2);
	assert_int_equal(come(world, GUEST + 2, made.pin)->refusal, WIRE_REFUSED_NO_PIN);
}

static void a_revoked_invitation_lets_nobody_in_and_leaves_who_is_in(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 2, 0);
	struct peer *guest = enter(world, GUEST, made.pin);
	assert_true(session_host_revoke(world->host, made.id, false));
	assert_int_equal(come(world, GUEST + 1, made.pin)->refusal, WIRE_REFUSED_WRONG_PIN);
	assert_true(drives(guest));
	assert_int_equal(guests_of(world, made.id), 1);
	peer_drop(guest);
	world_settle(world);
	assert_int_equal(guests_of(world, made.id), UINT32_MAX); /* forgotten with its last guest */
	assert_false(session_host_revoke(world->host, "0123456789abcdef", true));
}

static void a_revoked_invitation_can_send_its_guests_away_for_good(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 2, 0);
	struct peer *guest = enter(world, GUEST, made.pin);
	struct peer *ada = peer_join(world, 1, "ada");
	peer_button(guest, true);
	assert_true(session_host_revoke(world->host, made.id, true));
	assert_int_equal(session_rooms_held(), 0);
	world_settle(world);
	assert_int_equal(guest->ending, WIRE_ENDED_RELEASED_BY_OPERATOR);
	assert_int_equal(come(world, GUEST, NULL)->id, 0);
	assert_true(drives(ada));
}

/* The first one's connection is still draining when the second one comes. */
static void a_guest_that_goes_takes_nothing_from_one_that_comes(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state first = invite(world, POINTER, 1, 0);
	const struct invitation_state second = invite(world, POINTER, 1, 0);
	enter(world, GUEST, first.pin);
	session_host_revoke(world->host, first.id, true);
	struct peer *guest = peer_connect(world, GUEST + 1);
	peer_attach(guest, "x", second.pin);
	assert_int_not_equal(guest->id, 0);
	world_settle(world); /* the first one is gone now */
	assert_int_equal(guests_of(world, second.id), 1);
	struct peer *again = come(world, GUEST + 1, NULL);
	assert_int_not_equal(again->id, 0); /* known as long as it is here */
	assert_int_equal(again->grants, WIRE_GRANT_POINTER);
	assert_int_equal(guests_of(world, second.id), 2);
}

static void a_guest_whose_connection_is_lost_may_come_back_for_a_minute(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 1, 0);
	struct peer *guest = enter(world, GUEST, made.pin);
	struct peer *page = enter(world, GUEST, NULL);
	assert_int_equal(guest->ending, WIRE_ENDED_SUPERSEDED);
	assert_true(drives(page));
	page = enter(world, GUEST, NULL); /* the first one is gone, and it is known all the same */
	assert_int_equal(world_grant(world, page, 0), 0);
	peer_drop(page);
	assert_int_equal(guests_of(world, made.id), 0);
	world_pass(world, 59 * MOMENT_SECOND);
	assert_int_equal(come(world, GUEST + 1, NULL)->refusal, WIRE_REFUSED_UNKNOWN_CLIENT);
	page = enter(world, GUEST, NULL);
	assert_string_equal(page->label, "visitor");
	assert_int_equal(page->grants, 0); /* what was taken stays taken */
	assert_int_equal(guests_of(world, made.id), 1);
	peer_drop(page);
	world_pass(world, 61 * MOMENT_SECOND);
	assert_int_equal(come(world, GUEST, NULL)->refusal, WIRE_REFUSED_UNKNOWN_CLIENT);
	assert_int_equal(guests_of(world, made.id), 0);
}

static void a_guest_that_was_sent_away_does_not_come_back(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 2, 0);
	struct peer *guest = enter(world, GUEST, made.pin);
	assert_true(session_host_end(world->host, guest->id, "enough"));
	assert_int_equal(come(world, GUEST, NULL)->id, 0);
	world_settle(world);
	assert_int_equal(come(world, GUEST, NULL)->refusal, WIRE_REFUSED_UNKNOWN_CLIENT);
	assert_true(drives(enter(world, GUEST, made.pin))); /* by the PIN it may, once more */
}

static void nobody_comes_back_by_an_invitation_that_was_revoked(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 2, 0);
	peer_drop(enter(world, GUEST, made.pin));
	struct peer *stays = enter(world, GUEST + 1, made.pin);
	assert_true(session_host_revoke(world->host, made.id, false));
	assert_int_equal(come(world, GUEST, NULL)->refusal, WIRE_REFUSED_UNKNOWN_CLIENT);
	peer_drop(stays);
	assert_int_equal(come(world, GUEST + 1, NULL)->refusal, WIRE_REFUSED_UNKNOWN_CLIENT);
}

static void a_guest_on_its_way_back_keeps_its_invitation_but_not_beyond_its_stay(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 1, 90 * MOMENT_SECOND);
	peer_drop(enter(world, GUEST, made.pin));
	world_pass(world, 50 * MOMENT_SECOND);
	invite(world, POINTER, 1, 0); /* clears away what is used up and over */
	struct peer *guest = enter(world, GUEST, NULL);
	assert_int_equal(guests_of(world, made.id), 1);
	peer_drop(guest);
	world_pass(world, 45 * MOMENT_SECOND);
	assert_int_equal(come(world, GUEST, NULL)->refusal, WIRE_REFUSED_UNKNOWN_CLIENT);
}

static void another_invitation_rules_over_the_visit_that_was_left(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state first = invite(world, POINTER, 1, 0);
	const struct invitation_state second = invite(world, 0, 1, 0);
	peer_drop(enter(world, GUEST, first.pin));
	peer_drop(enter(world, GUEST, second.pin));
	assert_int_equal(enter(world, GUEST, NULL)->grants, 0);
}

/* Who may only watch would watch for ever. */
static void a_stay_that_is_over_ends_the_visit(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 2, 600 * MOMENT_SECOND);
	const struct invitation_state view = invite(world, 0, 1, 600 * MOMENT_SECOND);
	struct peer *guest = enter(world, GUEST, made.pin);
	struct peer *watcher = enter(world, GUEST + 1, view.pin);
	peer_button(guest, true);
	world_pass(world, 598 * MOMENT_SECOND);
	assert_int_equal(session_rooms_held(), 1);
	world_pass(world, 3 * MOMENT_SECOND);
	assert_int_equal(session_rooms_held(), 0);
	assert_int_equal(guest->ending, WIRE_ENDED_RELEASED_BY_OPERATOR);
	assert_int_equal(watcher->ending, WIRE_ENDED_RELEASED_BY_OPERATOR);
	assert_int_equal(come(world, GUEST, NULL)->refusal, WIRE_REFUSED_UNKNOWN_CLIENT);
	assert_true(drives(enter(world, GUEST, made.pin))); /* a visit of its own */
}

static void what_a_guest_may_do_for_a_time_ends_and_the_visit_goes_on(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 1, 600 * MOMENT_SECOND);
	struct peer *guest = enter(world, GUEST, made.pin);
	assert_int_equal(world_grant_for(world, guest, 0, 60), 0);
	assert_false(drives(guest));
	struct peer *page = enter(world, GUEST, NULL);
	assert_false(drives(page));
	world_pass(world, 61 * MOMENT_SECOND);
	assert_true(drives(page));
	world_grant_for(world, page, 0, 6000);
	world_pass(world, 540 * MOMENT_SECOND);
	assert_int_equal(page->ending, WIRE_ENDED_RELEASED_BY_OPERATOR);
}

/* By a second page, or by the invitation once more. */
static void what_the_operator_took_from_a_guest_stays_taken(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 1, 600 * MOMENT_SECOND);
	struct peer *guest = enter(world, GUEST, made.pin);
	assert_int_equal(world_grant(world, guest, 0), 0);
	assert_false(drives(guest));
	struct peer *again = enter(world, GUEST, NULL);
	assert_int_equal(again->grants, 0);
	assert_false(drives(again));
}

static void what_the_operator_gave_a_guest_ends_with_its_stay(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, 0, 1, 600 * MOMENT_SECOND);
	struct peer *guest = enter(world, GUEST, made.pin);
	assert_int_equal(world_grant(world, guest, GRANTS_ALL), 0);
	assert_true(drives(guest));
	world_pass(world, 601 * MOMENT_SECOND);
	assert_false(drives(guest));
}

static void invitations_are_bounded_and_make_room_when_they_are_over(void **state)
{
	struct session_world *world = *state;
	const struct invitation forever = {
		.planes = 0, .uses_left = 1, .expires_ns = virtual_now_ns() + MOMENT_HOUR
	};
	for (unsigned i = 0; i < 64; i++)
		assert_non_null(session_host_invite(world->host, &forever, "x"));
	assert_null(session_host_invite(world->host, &forever, "x"));
	assert_int_equal(errno, ENOSPC);
	world_pass(world, MOMENT_HOUR);
	invite(world, 0, 1, 0);
	struct invitation_state states[64];
	assert_int_equal(session_host_invitations(world->host, states, 64), 1);
	assert_string_equal(states[0].pin, ""); /* it was in the first answer only */
}

static void pins_of_any_other_form_are_wrong(void **state)
{
	struct session_world *world = *state;
	const struct invitation_state made = invite(world, POINTER, 1, 0);
	char longer[16];
	snprintf(longer, sizeof longer, "%s0", made.pin);
	assert_int_equal(come(world, GUEST, longer)->id, 0);
	assert_int_equal(come(world, GUEST, "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4")->id, 0);
	assert_int_equal(come(world, GUEST, "        ")->id, 0);
	assert_int_not_equal(come(world, GUEST, made.pin)->id, 0);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, session_world_set_up, session_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_guest_may_do_what_its_invitation_says),
		TEST(a_wrong_pin_lets_nobody_in_and_counts_against_the_minute),
		TEST(an_invitation_ends_with_its_time),
		TEST(an_invitation_lets_in_as_many_as_it_says),
		TEST(a_revoked_invitation_lets_nobody_in_and_leaves_who_is_in),
		TEST(a_revoked_invitation_can_send_its_guests_away_for_good),
		TEST(a_guest_that_goes_takes_nothing_from_one_that_comes),
		TEST(a_guest_whose_connection_is_lost_may_come_back_for_a_minute),
		TEST(a_guest_that_was_sent_away_does_not_come_back),
		TEST(nobody_comes_back_by_an_invitation_that_was_revoked),
		TEST(a_guest_on_its_way_back_keeps_its_invitation_but_not_beyond_its_stay),
		TEST(another_invitation_rules_over_the_visit_that_was_left),
		TEST(a_stay_that_is_over_ends_the_visit),
		TEST(what_a_guest_may_do_for_a_time_ends_and_the_visit_goes_on),
		TEST(what_the_operator_took_from_a_guest_stays_taken),
		TEST(what_the_operator_gave_a_guest_ends_with_its_stay),
		TEST(invitations_are_bounded_and_make_room_when_they_are_over),
		TEST(pins_of_any_other_form_are_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
