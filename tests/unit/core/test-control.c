#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/control.h"

#define SECOND MOMENT_SECOND
#define NOW (100 * SECOND)

/* Sessions of as many clients. */
enum { ADA = 1, GRACE, EDSGER, ADMIN, ADA_AGAIN = 11 };

struct fixture {
	struct control control;
	struct control_step step;
	char told[4000]; /* the effects of the last step */
};

static struct control_seat seat(uint32_t session)
{
	struct control_seat seat = { .session = session };
	seat.client[0] = (uint8_t)(session % 10);
	seat.client[1] = (uint8_t)(session / 100);
	return seat;
}

static void write_down(struct fixture *fixture)
{
	static const char *const names[] = { "release", "holder", "away", "pending", "denied",
		"expired", "in-line", "out-of-line", "mode" };
	size_t used = 0;
	fixture->told[0] = 0;
	for (uint32_t i = 0; i < fixture->step.count; i++) {
		const struct control_effect *effect = &fixture->step.effects[i];
		used += (size_t)snprintf(fixture->told + used, sizeof fixture->told - used,
			"%s%s %u", i ? ", " : "", names[effect->type],
			effect->type == CONTROL_MODE_CHANGED ? effect->mode : effect->session);
	}
}

static enum control_refusal send(
	struct fixture *fixture, const struct control_event *event, uint64_t now_ns)
{
	control_step(&fixture->control, event, now_ns, &fixture->step);
	write_down(fixture);
	return fixture->step.refusal;
}

/* Everybody here may drive; only ADMIN is one. */
static enum control_refusal act(struct fixture *fixture, enum control_event_type type, uint32_t who,
	uint32_t target, uint64_t now_ns)
{
	const struct control_event event = {
		.type = type,
		.who = seat(who),
		.target = seat(target),
		.admin = who == ADMIN,
		.may_drive = true,
	};
	return send(fixture, &event, now_ns);
}

static void timer(struct fixture *fixture, uint64_t now_ns)
{
	act(fixture, CONTROL_TIMER, 0, 0, now_ns);
}

static enum control_refusal set_mode(struct fixture *fixture, enum control_mode mode)
{
	const struct control_event event = { .type = CONTROL_SET_MODE, .mode = mode };
	return send(fixture, &event, NOW);
}

/* One at a time, and nobody there. */
static int set_up(void **state)
{
	static struct fixture fixture;
	control_init(&fixture.control, NULL);
	set_mode(&fixture, CONTROL_ONE_AT_A_TIME);
	*state = &fixture;
	return 0;
}

static bool may_send(struct fixture *fixture, uint32_t session, uint64_t now_ns)
{
	return control_admit_input(&fixture->control, session, now_ns);
}

#define ASSERT_TOLD(fixture, expected) assert_string_equal((fixture)->told, expected)

static void everybody_drives_a_free_desktop(void **state)
{
	struct fixture *fixture = *state;
	control_init(&fixture->control, NULL);
	assert_true(may_send(fixture, ADA, NOW));
	assert_true(may_send(fixture, GRACE, NOW));
	for (int type = CONTROL_REQUEST; type <= CONTROL_TAKE; type++) {
		const enum control_refusal refusal =
			act(fixture, (enum control_event_type)type, ADMIN, ADA, NOW);
		assert_int_equal(refusal,
			type == CONTROL_WITHDRAW ? CONTROL_REFUSED_NOT_IN_LINE
						 : CONTROL_REFUSED_MODE);
	}
	act(fixture, CONTROL_DROPPED, ADA, 0, NOW);
	ASSERT_TOLD(fixture, "");
	assert_int_equal(control_next_deadline_ns(&fixture->control), MOMENT_NEVER);
}

static void first_request_is_granted_at_once(void **state)
{
	struct fixture *fixture = *state;
	assert_false(may_send(fixture, ADA, NOW));
	assert_int_equal(act(fixture, CONTROL_REQUEST, ADA, 0, NOW), CONTROL_NOT_REFUSED);
	ASSERT_TOLD(fixture, "holder 1");
	assert_true(may_send(fixture, ADA, NOW));
	assert_false(may_send(fixture, GRACE, NOW));
	assert_int_equal(act(fixture, CONTROL_REQUEST, ADA, 0, NOW), CONTROL_REFUSED_HOLDER);
}

static void holder_is_asked_and_grants(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	ASSERT_TOLD(fixture, "in-line 2, pending 2");
	assert_int_equal(fixture->step.effects[1].until_ns, NOW + 10 * SECOND);
	assert_int_equal(act(fixture, CONTROL_REQUEST, GRACE, 0, NOW), CONTROL_REFUSED_PENDING);
	assert_int_equal(act(fixture, CONTROL_GRANT, EDSGER, GRACE, NOW), CONTROL_REFUSED_RIGHT);
	assert_int_equal(act(fixture, CONTROL_GRANT, GRACE, GRACE, NOW), CONTROL_REFUSED_RIGHT);
	assert_int_equal(act(fixture, CONTROL_GRANT, ADA, GRACE, NOW), CONTROL_NOT_REFUSED);
	ASSERT_TOLD(fixture, "release 1, out-of-line 2, holder 2");
	assert_false(may_send(fixture, ADA, NOW));
	assert_true(may_send(fixture, GRACE, NOW));
}

static void denied_request_keeps_its_place(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	assert_int_equal(act(fixture, CONTROL_DENY, ADA, GRACE, NOW), CONTROL_NOT_REFUSED);
	ASSERT_TOLD(fixture, "denied 2");
	/* Said already. */
	act(fixture, CONTROL_DENY, ADA, GRACE, NOW);
	ASSERT_TOLD(fixture, "");
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	ASSERT_TOLD(fixture, "pending 2");
	act(fixture, CONTROL_RELEASE, ADA, 0, NOW);
	ASSERT_TOLD(fixture, "release 1, out-of-line 2, holder 2");
}

static void admin_denies_the_place_too(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	act(fixture, CONTROL_DENY, ADMIN, GRACE, NOW);
	ASSERT_TOLD(fixture, "denied 2, out-of-line 2");
	assert_int_equal(
		act(fixture, CONTROL_DENY, ADMIN, GRACE, NOW), CONTROL_REFUSED_NOT_IN_LINE);
}

static void unanswered_request_is_denied_after_ten_seconds(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	assert_int_equal(control_next_deadline_ns(&fixture->control), NOW + 10 * SECOND);
	timer(fixture, NOW + 10 * SECOND - 1);
	ASSERT_TOLD(fixture, "");
	timer(fixture, NOW + 10 * SECOND);
	ASSERT_TOLD(fixture, "expired 2");
	assert_int_equal(
		act(fixture, CONTROL_DENY, ADA, GRACE, NOW + 10 * SECOND), CONTROL_NOT_REFUSED);
	ASSERT_TOLD(fixture, "");
}

static void line_moves_first_come_first_served(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	act(fixture, CONTROL_REQUEST, EDSGER, 0, NOW + 1);
	/* Asking again does not lose the place. */
	act(fixture, CONTROL_DENY, ADA, GRACE, NOW + 2);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW + 3);
	act(fixture, CONTROL_LEFT, ADA, 0, NOW + 4);
	ASSERT_TOLD(fixture, "release 1, out-of-line 2, holder 2");
	act(fixture, CONTROL_RELEASE, GRACE, 0, NOW + 5);
	ASSERT_TOLD(fixture, "release 2, out-of-line 3, holder 3");
	act(fixture, CONTROL_RELEASE, EDSGER, 0, NOW + 6);
	ASSERT_TOLD(fixture, "release 3, holder 0");
}

static void waiting_people_may_withdraw_and_leave(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	act(fixture, CONTROL_REQUEST, EDSGER, 0, NOW);
	act(fixture, CONTROL_WITHDRAW, GRACE, 0, NOW);
	ASSERT_TOLD(fixture, "out-of-line 2");
	assert_int_equal(
		act(fixture, CONTROL_WITHDRAW, GRACE, 0, NOW), CONTROL_REFUSED_NOT_IN_LINE);
	act(fixture, CONTROL_DROPPED, EDSGER, 0, NOW);
	ASSERT_TOLD(fixture, "out-of-line 3");
}

static void holder_without_input_loses_control_after_thirty_seconds(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	timer(fixture, NOW + 10 * SECOND);
	assert_true(may_send(fixture, ADA, NOW + 20 * SECOND));
	timer(fixture, NOW + 50 * SECOND - 1);
	ASSERT_TOLD(fixture, "");
	timer(fixture, NOW + 50 * SECOND);
	ASSERT_TOLD(fixture, "release 1, out-of-line 2, holder 2");
	/* The next one has its thirty seconds from then on. */
	timer(fixture, NOW + 80 * SECOND - 1);
	ASSERT_TOLD(fixture, "");
	timer(fixture, NOW + 80 * SECOND);
	ASSERT_TOLD(fixture, "release 2, holder 0");
	assert_int_equal(control_next_deadline_ns(&fixture->control), MOMENT_NEVER);
}

static void input_of_others_keeps_nobody_from_idling(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	assert_false(may_send(fixture, GRACE, NOW + 20 * SECOND));
	timer(fixture, NOW + 30 * SECOND);
	ASSERT_TOLD(fixture, "release 1, holder 0");
}

static void input_is_written_down_once_a_gate(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	assert_true(may_send(fixture, ADA, NOW + SECOND));
	assert_true(may_send(fixture, ADA, NOW + SECOND + 250 * MOMENT_MS - 1));
	assert_int_equal(fixture->control.holder_active_ns, NOW + SECOND);
	assert_true(may_send(fixture, ADA, NOW + SECOND + 250 * MOMENT_MS));
	assert_int_equal(fixture->control.holder_active_ns, NOW + SECOND + 250 * MOMENT_MS);
}

static void time_stamp_of_the_future_counts_as_now(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	assert_true(may_send(fixture, ADA, NOW + 100000 * SECOND));
	timer(fixture, NOW + SECOND);
	assert_int_equal(control_next_deadline_ns(&fixture->control), NOW + 31 * SECOND);
	assert_true(may_send(fixture, ADA, NOW + 2 * SECOND));
	assert_int_equal(control_next_deadline_ns(&fixture->control), NOW + 32 * SECOND);
}

static void late_timer_does_things_in_their_order(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW + 15 * SECOND);
	act(fixture, CONTROL_REQUEST, EDSGER, 0, NOW + 24 * SECOND);
	timer(fixture, NOW + 40 * SECOND);
	ASSERT_TOLD(fixture, "expired 2, release 1, out-of-line 2, holder 2, expired 3");
}

static void event_finds_what_was_due_before_it_done(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW + 30 * SECOND);
	ASSERT_TOLD(fixture, "release 1, holder 0, holder 2");
}

static void dropped_holder_comes_back_within_the_grace(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	act(fixture, CONTROL_DROPPED, ADA, 0, NOW + SECOND);
	ASSERT_TOLD(fixture, "release 1, away 1");
	assert_int_equal(fixture->step.effects[1].until_ns, NOW + 6 * SECOND);
	assert_false(may_send(fixture, ADA, NOW + SECOND));
	assert_false(may_send(fixture, GRACE, NOW + SECOND));
	/* Another client is not the one that is waited for. */
	act(fixture, CONTROL_JOINED, EDSGER, 0, NOW + 2 * SECOND);
	ASSERT_TOLD(fixture, "");
	act(fixture, CONTROL_JOINED, ADA_AGAIN, 0, NOW + 6 * SECOND - 1);
	ASSERT_TOLD(fixture, "holder 11");
	assert_true(may_send(fixture, ADA_AGAIN, NOW + 6 * SECOND));
	assert_false(may_send(fixture, ADA, NOW + 6 * SECOND));
}

static void line_moves_when_the_grace_is_over(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	act(fixture, CONTROL_DROPPED, ADA, 0, NOW + SECOND);
	assert_int_equal(control_next_deadline_ns(&fixture->control), NOW + 6 * SECOND);
	act(fixture, CONTROL_JOINED, ADA_AGAIN, 0, NOW + 6 * SECOND);
	/* Its keys went up when it dropped. */
	ASSERT_TOLD(fixture, "out-of-line 2, holder 2");
}

static void who_comes_back_without_grants_keeps_nothing(void **state)
{
	struct fixture *fixture = *state;
	const struct control_event back = { .type = CONTROL_JOINED, .who = seat(ADA_AGAIN) };
	const struct control_event taken = {
		.type = CONTROL_GRANTS_CHANGED,
		.who = seat(ADA_AGAIN),
	};
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_DROPPED, ADA, 0, NOW);
	send(fixture, &back, NOW + SECOND);
	ASSERT_TOLD(fixture, "");
	send(fixture, &taken, NOW + SECOND);
	ASSERT_TOLD(fixture, "holder 0");
}

static void anonymous_holder_cannot_be_told_from_another(void **state)
{
	struct fixture *fixture = *state;
	const struct control_event request = {
		.type = CONTROL_REQUEST,
		.who = { .session = 7 },
		.may_drive = true,
	};
	const struct control_event back = {
		.type = CONTROL_JOINED,
		.who = { .session = 8 },
		.may_drive = true,
	};
	send(fixture, &request, NOW);
	act(fixture, CONTROL_DROPPED, 7, 0, NOW);
	send(fixture, &back, NOW);
	ASSERT_TOLD(fixture, "");
}

static void admin_decides_while_the_holder_is_away(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_DROPPED, ADA, 0, NOW);
	assert_int_equal(act(fixture, CONTROL_GIVE, ADA, GRACE, NOW), CONTROL_REFUSED_RIGHT);
	assert_int_equal(act(fixture, CONTROL_GIVE, ADMIN, GRACE, NOW), CONTROL_NOT_REFUSED);
	ASSERT_TOLD(fixture, "holder 2");
}

static void holder_gives_and_admin_takes(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	assert_int_equal(act(fixture, CONTROL_GIVE, GRACE, GRACE, NOW), CONTROL_REFUSED_RIGHT);
	assert_int_equal(act(fixture, CONTROL_TAKE, GRACE, 0, NOW), CONTROL_REFUSED_RIGHT);
	assert_int_equal(act(fixture, CONTROL_GIVE, ADA, ADA, NOW), CONTROL_REFUSED_HOLDER);
	assert_int_equal(act(fixture, CONTROL_GIVE, ADA, 0, NOW), CONTROL_REFUSED_GRANTS);
	act(fixture, CONTROL_GIVE, ADA, GRACE, NOW);
	ASSERT_TOLD(fixture, "release 1, holder 2");
	act(fixture, CONTROL_TAKE, ADMIN, 0, NOW);
	ASSERT_TOLD(fixture, "release 2, holder 4");
	act(fixture, CONTROL_GIVE, ADMIN, ADA, NOW);
	act(fixture, CONTROL_RELEASE, ADMIN, 0, NOW);
	ASSERT_TOLD(fixture, "release 1, holder 0");
	assert_int_equal(act(fixture, CONTROL_RELEASE, ADMIN, 0, NOW), CONTROL_REFUSED_RIGHT);
}

static void without_grants_nobody_holds_or_waits(void **state)
{
	struct fixture *fixture = *state;
	struct control_event event = { .type = CONTROL_REQUEST, .who = seat(ADA) };
	assert_int_equal(send(fixture, &event, NOW), CONTROL_REFUSED_GRANTS);
	event = (struct control_event){ .type = CONTROL_TAKE, .who = seat(ADMIN), .admin = true };
	assert_int_equal(send(fixture, &event, NOW), CONTROL_REFUSED_GRANTS);
	event = (struct control_event){ .type = CONTROL_GIVE, .target = seat(ADA), .admin = true };
	assert_int_equal(send(fixture, &event, NOW), CONTROL_REFUSED_GRANTS);
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	act(fixture, CONTROL_REQUEST, EDSGER, 0, NOW);
	event = (struct control_event){ .type = CONTROL_GRANTS_CHANGED, .who = seat(GRACE) };
	send(fixture, &event, NOW);
	ASSERT_TOLD(fixture, "out-of-line 2");
	event.who = seat(ADA);
	send(fixture, &event, NOW);
	ASSERT_TOLD(fixture, "release 1, out-of-line 3, holder 3");
	event.who = seat(EDSGER);
	event.may_drive = true;
	send(fixture, &event, NOW);
	ASSERT_TOLD(fixture, "");
}

static void change_of_mode_lets_everything_go(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	set_mode(fixture, CONTROL_ONE_AT_A_TIME);
	ASSERT_TOLD(fixture, "");
	set_mode(fixture, CONTROL_FREE);
	ASSERT_TOLD(fixture, "out-of-line 2, release 1, holder 0, mode 0");
	assert_true(may_send(fixture, GRACE, NOW));
	set_mode(fixture, CONTROL_ONE_AT_A_TIME);
	ASSERT_TOLD(fixture, "release 0, mode 1");
	assert_false(may_send(fixture, GRACE, NOW));
}

static void client_has_one_place_in_a_line_that_ends(void **state)
{
	struct fixture *fixture = *state;
	act(fixture, CONTROL_REQUEST, ADMIN, 0, NOW);
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	assert_int_equal(act(fixture, CONTROL_REQUEST, ADA_AGAIN, 0, NOW), CONTROL_REFUSED_PENDING);
	for (uint32_t i = 1; i < CONTROL_LINE_MAX; i++)
		assert_int_equal(
			act(fixture, CONTROL_REQUEST, 100 * i + 5, 0, NOW), CONTROL_NOT_REFUSED);
	assert_int_equal(act(fixture, CONTROL_REQUEST, 9906, 0, NOW), CONTROL_REFUSED_LINE_FULL);
	/* Whoever has a place may ask again all the same. */
	act(fixture, CONTROL_DENY, ADMIN, 105, NOW);
	assert_int_equal(act(fixture, CONTROL_REQUEST, 9906, 0, NOW), CONTROL_NOT_REFUSED);
}

/* The step with the most effects there can be. */
static void whole_line_expires_and_is_left_in_one_step(void **state)
{
	struct fixture *fixture = *state;
	const struct control_event event = { .type = CONTROL_SET_MODE, .mode = CONTROL_FREE };
	act(fixture, CONTROL_REQUEST, ADMIN, 0, NOW);
	for (uint32_t i = 1; i <= CONTROL_LINE_MAX; i++)
		act(fixture, CONTROL_REQUEST, 100 * i + 5, 0, NOW + 10 * SECOND);
	send(fixture, &event, NOW + 30 * SECOND);
	assert_int_equal(fixture->step.count, 2 * CONTROL_LINE_MAX + 5);
	assert_true(fixture->step.count <= CONTROL_EFFECTS_MAX);
	assert_int_equal(fixture->control.line_count, 0);
}

static void times_can_be_set_and_are_brought_into_range(void **state)
{
	struct fixture *fixture = *state;
	const struct control_params params = { SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND };
	control_init(&fixture->control, &params);
	assert_int_equal(fixture->control.params.gate_ns, SECOND);
	set_mode(fixture, CONTROL_ONE_AT_A_TIME);
	act(fixture, CONTROL_REQUEST, ADA, 0, NOW);
	act(fixture, CONTROL_REQUEST, GRACE, 0, NOW);
	assert_int_equal(control_next_deadline_ns(&fixture->control), NOW + SECOND);
	timer(fixture, NOW + SECOND);
	assert_int_equal(control_next_deadline_ns(&fixture->control), NOW + 2 * SECOND);
	act(fixture, CONTROL_DROPPED, ADA, 0, NOW + SECOND);
	assert_int_equal(control_next_deadline_ns(&fixture->control), NOW + 4 * SECOND);
}

static void names_are_read_as_they_are_written(void **state)
{
	enum control_mode mode;
	for (int i = CONTROL_FREE; i <= CONTROL_ONE_AT_A_TIME; i++) {
		assert_true(control_mode_parse(control_mode_name((enum control_mode)i), &mode));
		assert_int_equal(mode, i);
	}
	assert_false(control_mode_parse("one", &mode));
	assert_string_equal(control_refusal_name(CONTROL_REFUSED_LINE_FULL), "line-full");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		TEST(everybody_drives_a_free_desktop),
		TEST(first_request_is_granted_at_once),
		TEST(holder_is_asked_and_grants),
		TEST(denied_request_keeps_its_place),
		TEST(admin_denies_the_place_too),
		TEST(unanswered_request_is_denied_after_ten_seconds),
		TEST(line_moves_first_come_first_served),
		TEST(waiting_people_may_withdraw_and_leave),
		TEST(holder_without_input_loses_control_after_thirty_seconds),
		TEST(input_of_others_keeps_nobody_from_idling),
		TEST(input_is_written_down_once_a_gate),
		TEST(time_stamp_of_the_future_counts_as_now),
		TEST(late_timer_does_things_in_their_order),
		TEST(event_finds_what_was_due_before_it_done),
		TEST(dropped_holder_comes_back_within_the_grace),
		TEST(line_moves_when_the_grace_is_over),
		TEST(who_comes_back_without_grants_keeps_nothing),
		TEST(anonymous_holder_cannot_be_told_from_another),
		TEST(admin_decides_while_the_holder_is_away),
		TEST(holder_gives_and_admin_takes),
		TEST(without_grants_nobody_holds_or_waits),
		TEST(change_of_mode_lets_everything_go),
		TEST(client_has_one_place_in_a_line_that_ends),
		TEST(whole_line_expires_and_is_left_in_one_step),
		TEST(times_can_be_set_and_are_brought_into_range),
		TEST(names_are_read_as_they_are_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
