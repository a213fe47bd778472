#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/presence.h"

#define SECOND MOMENT_SECOND
#define MS MOMENT_MS
#define NOW (10000 * SECOND)

static const struct presence_display left_display = { 1, 7 }, right_display = { 2, 8 };

struct fixture {
	struct presence *presence;
	struct presence_event events[PRESENCE_PERSONS_MAX];
	size_t count;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	*state = fixture;
	if (!fixture)
		return -1;
	fixture->presence = calloc(1, sizeof *fixture->presence);
	if (!fixture->presence)
		return -1;
	presence_init(fixture->presence, NULL);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	free(fixture->presence);
	free(fixture);
	return 0;
}

static struct presence_session *join_at(struct fixture *fixture, uint32_t client, const char *label,
	const char *user, struct presence_display display, uint64_t now_ns)
{
	uint8_t fingerprint[IDENTITY_FINGERPRINT_SIZE] = { 0 };
	memcpy(fingerprint, &client, sizeof client);
	const struct presence_joiner joiner = {
		.session = client,
		.client = fingerprint,
		.label = label,
		.label_size = strlen(label),
		.user = user,
		.user_size = user ? strlen(user) : 0,
		.display = display,
	};
	return presence_join(fixture->presence, &joiner, now_ns);
}

static struct presence_session *join(struct fixture *fixture, uint32_t client, const char *label)
{
	return join_at(fixture, client, label, NULL, left_display, NOW);
}

static size_t step(struct fixture *fixture, uint64_t now_ns)
{
	fixture->count =
		presence_step(fixture->presence, now_ns, fixture->events, PRESENCE_PERSONS_MAX);
	return fixture->count;
}

static void assert_event(const struct fixture *fixture, size_t index, uint32_t changes,
	const char *name, enum presence_state state)
{
	assert_true(index < fixture->count);
	assert_int_equal(fixture->events[index].changes, changes);
	assert_string_equal(fixture->events[index].person.name.text, name);
	assert_int_equal(fixture->events[index].person.state, state);
}

static void state_follows_the_last_input_and_the_joining(void **state)
{
	static const struct {
		const char *what;
		uint64_t input_s; /* after joining; 0: never */
		uint64_t at_ns; /* after joining */
		enum presence_state expected;
	} rows[] = {
		{ "just joined", 0, 0, PRESENCE_WATCHING },
		{ "before 300 s", 0, 300 * SECOND - 1, PRESENCE_WATCHING },
		{ "after 300 s", 0, 300 * SECOND, PRESENCE_IDLE },
		{ "input just now", 5, 5 * SECOND, PRESENCE_CONTROLLING },
		{ "input before 10 s", 5, 15 * SECOND - 1, PRESENCE_CONTROLLING },
		{ "input 10 s ago", 5, 15 * SECOND, PRESENCE_WATCHING },
		{ "input before 300 s", 5, 305 * SECOND - 1, PRESENCE_WATCHING },
		{ "input 300 s ago", 5, 305 * SECOND, PRESENCE_IDLE },
		{ "input late", 1000, 1000 * SECOND, PRESENCE_CONTROLLING },
		{ "input an hour ago", 5, 3605 * SECOND, PRESENCE_IDLE },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture *fixture = *state;
		presence_init(fixture->presence, NULL);
		struct presence_session *session = join(fixture, 1, "Ada");
		if (rows[i].input_s)
			presence_record_input(session, NOW + rows[i].input_s * SECOND);
		assert_int_equal(step(fixture, NOW + rows[i].at_ns), 1);
		if (fixture->events[0].person.state != rows[i].expected)
			fail_msg("%s: %s", rows[i].what,
				presence_state_name(fixture->events[0].person.state));
		assert_int_equal(
			presence_session_state(fixture->presence, session, NOW + rows[i].at_ns),
			rows[i].expected);
	}
}

static void states_decay_when_they_said_they_would(void **state)
{
	struct fixture *fixture = *state;
	struct presence_session *session = join(fixture, 1, "Ada");
	assert_int_equal(presence_next_step_ns(fixture->presence), 0);
	step(fixture, NOW);
	assert_event(fixture, 0, PRESENCE_JOINED, "Ada", PRESENCE_WATCHING);
	assert_int_equal(presence_next_step_ns(fixture->presence), NOW + 300 * SECOND);
	assert_true(presence_record_input(session, NOW + SECOND));
	step(fixture, NOW + SECOND);
	assert_event(fixture, 0, PRESENCE_STATE, "Ada", PRESENCE_CONTROLLING);
	assert_int_equal(presence_next_step_ns(fixture->presence), NOW + 11 * SECOND);
	assert_int_equal(step(fixture, NOW + 11 * SECOND - 1), 0);
	step(fixture, NOW + 11 * SECOND);
	assert_event(fixture, 0, PRESENCE_STATE, "Ada", PRESENCE_WATCHING);
	assert_int_equal(presence_next_step_ns(fixture->presence), NOW + 301 * SECOND);
	step(fixture, NOW + 301 * SECOND);
	assert_event(fixture, 0, PRESENCE_STATE, "Ada", PRESENCE_IDLE);
	/* At rest nothing wakes the host any more. */
	assert_int_equal(presence_next_step_ns(fixture->presence), MOMENT_NEVER);
	assert_int_equal(step(fixture, NOW + 100000 * SECOND), 0);
}

static void input_is_written_down_once_a_gate(void **state)
{
	struct fixture *fixture = *state;
	struct presence_session *session = join(fixture, 1, "Ada");
	step(fixture, NOW);
	assert_true(presence_record_input(session, NOW));
	/* Nobody has told of it yet, and the gate is shut. */
	assert_false(presence_record_input(session, NOW + 250 * MS - 1));
	assert_int_equal(session->last_input_ns, NOW);
	assert_true(presence_record_input(session, NOW + 250 * MS));
	assert_int_equal(session->last_input_ns, NOW + 250 * MS);
	step(fixture, NOW + 250 * MS);
	/* From now on input is no news, but is written down. */
	assert_false(presence_record_input(session, NOW + 600 * MS));
	assert_int_equal(session->last_input_ns, NOW + 600 * MS);
	assert_int_equal(step(fixture, NOW + 600 * MS), 0);
}

static void time_stamps_out_of_order_do_not_move_the_last_input_back(void **state)
{
	struct fixture *fixture = *state;
	struct presence_session *session = join(fixture, 1, "Ada");
	presence_record_input(session, NOW + 20 * SECOND);
	presence_record_input(session, NOW);
	presence_record_input(session, 0);
	assert_int_equal(session->last_input_ns, NOW + 20 * SECOND);
}

static void time_stamp_of_the_future_counts_as_now(void **state)
{
	struct fixture *fixture = *state;
	struct presence_session *session = join(fixture, 1, "Ada");
	presence_record_input(session, UINT64_MAX - 1);
	step(fixture, NOW);
	assert_event(fixture, 0, PRESENCE_JOINED, "Ada", PRESENCE_CONTROLLING);
	assert_int_equal(presence_next_step_ns(fixture->presence), NOW + 10 * SECOND);
	step(fixture, NOW + 10 * SECOND);
	assert_event(fixture, 0, PRESENCE_STATE, "Ada", PRESENCE_WATCHING);
	assert_true(presence_record_input(session, NOW + 11 * SECOND));
}

static void last_input_is_forgotten_after_an_hour(void **state)
{
	struct fixture *fixture = *state;
	struct presence_session *session = join(fixture, 1, "Ada");
	presence_record_input(session, NOW);
	step(fixture, NOW + 3600 * SECOND - 1);
	assert_int_equal(session->last_input_ns, NOW);
	step(fixture, NOW + 3600 * SECOND);
	assert_int_equal(session->last_input_ns, 0);
}

static void view_only_session_never_controls(void **state)
{
	struct fixture *fixture = *state;
	struct presence_session *session = join(fixture, 1, "Ada");
	presence_record_input(session, NOW);
	step(fixture, NOW);
	assert_event(fixture, 0, PRESENCE_JOINED, "Ada", PRESENCE_CONTROLLING);
	presence_set_view_only(fixture->presence, session, true);
	step(fixture, NOW + SECOND);
	assert_event(fixture, 0, PRESENCE_STATE | PRESENCE_VIEW_ONLY, "Ada", PRESENCE_WATCHING);
	assert_true(fixture->events[0].person.view_only);
	assert_false(presence_record_input(session, NOW + 5 * SECOND));
	assert_int_equal(step(fixture, NOW + 5 * SECOND), 0);
	presence_set_view_only(fixture->presence, session, false);
	step(fixture, NOW + 20 * SECOND);
	assert_event(fixture, 0, PRESENCE_VIEW_ONLY, "Ada", PRESENCE_WATCHING);
	assert_true(presence_record_input(session, NOW + 20 * SECOND));
}

static void two_devices_of_a_user_are_one_person(void **state)
{
	struct fixture *fixture = *state;
	struct presence_session *desk = join_at(fixture, 1, "Ada's desk", "Ada", left_display, NOW);
	struct presence_session *phone =
		join_at(fixture, 2, "Ada's phone", "Ada", left_display, NOW);
	assert_int_equal(step(fixture, NOW), 1);
	assert_event(fixture, 0, PRESENCE_JOINED, "Ada", PRESENCE_WATCHING);
	assert_int_equal(fixture->events[0].person.sessions, 2);
	assert_int_equal(presence_person_id(fixture->presence, desk),
		presence_person_id(fixture->presence, phone));
	/* The most active device counts. */
	presence_record_input(phone, NOW + SECOND);
	step(fixture, NOW + SECOND);
	assert_event(fixture, 0, PRESENCE_STATE, "Ada", PRESENCE_CONTROLLING);
	assert_false(presence_record_input(desk, NOW + 2 * SECOND));
	/* Closing one leaves the person present, and controlling by the other. */
	presence_leave(fixture->presence, phone);
	step(fixture, NOW + 3 * SECOND);
	assert_event(fixture, 0, PRESENCE_SESSIONS, "Ada", PRESENCE_CONTROLLING);
	assert_int_equal(fixture->events[0].person.sessions, 1);
	presence_leave(fixture->presence, desk);
	step(fixture, NOW + 4 * SECOND);
	assert_event(fixture, 0, PRESENCE_LEFT, "Ada", PRESENCE_CONTROLLING);
}

static void two_pages_of_a_client_are_one_person(void **state)
{
	struct fixture *fixture = *state;
	join(fixture, 1, "Ada");
	join(fixture, 1, "Ada");
	assert_int_equal(step(fixture, NOW), 1);
	assert_int_equal(fixture->events[0].person.sessions, 2);
}

static void anonymous_sessions_are_all_somebody_else(void **state)
{
	struct fixture *fixture = *state;
	join(fixture, 0, "guest");
	join(fixture, 0, "guest");
	assert_int_equal(step(fixture, NOW), 2);
	assert_event(fixture, 0, PRESENCE_JOINED, "guest", PRESENCE_WATCHING);
	assert_event(fixture, 1, PRESENCE_JOINED, "guest (2)", PRESENCE_WATCHING);
}

static void operator_gives_clients_a_user_while_they_are_there(void **state)
{
	struct fixture *fixture = *state;
	uint8_t second[IDENTITY_FINGERPRINT_SIZE] = { 2 };
	join_at(fixture, 1, "desk", "Ada", left_display, NOW);
	join(fixture, 2, "phone");
	assert_int_equal(step(fixture, NOW), 2);
	presence_set_user(fixture->presence, second, "Ada", 3);
	assert_int_equal(step(fixture, NOW), 2);
	assert_event(fixture, 0, PRESENCE_LEFT, "phone", PRESENCE_WATCHING);
	assert_event(fixture, 1, PRESENCE_SESSIONS, "Ada", PRESENCE_WATCHING);
	presence_set_user(fixture->presence, second, "", 0);
	assert_int_equal(step(fixture, NOW), 2);
	assert_event(fixture, 1, PRESENCE_JOINED, "phone", PRESENCE_WATCHING);
}

static void names_are_unique_on_a_display_and_stay(void **state)
{
	struct fixture *fixture = *state;
	struct presence_session *first = join(fixture, 1, "Ada");
	join(fixture, 2, "Ada");
	join(fixture, 3, "Ada (2)");
	join(fixture, 4, "Ada");
	join_at(fixture, 5, "Ada", NULL, right_display, NOW);
	assert_int_equal(step(fixture, NOW), 5);
	assert_event(fixture, 0, PRESENCE_JOINED, "Ada", PRESENCE_WATCHING);
	assert_event(fixture, 1, PRESENCE_JOINED, "Ada (2)", PRESENCE_WATCHING);
	assert_event(fixture, 2, PRESENCE_JOINED, "Ada (2) (2)", PRESENCE_WATCHING);
	assert_event(fixture, 3, PRESENCE_JOINED, "Ada (3)", PRESENCE_WATCHING);
	assert_event(fixture, 4, PRESENCE_JOINED, "Ada", PRESENCE_WATCHING);
	/* Nobody is renamed because somebody else left; whoever comes next gets the free name. */
	presence_leave(fixture->presence, first);
	assert_int_equal(step(fixture, NOW), 1);
	join(fixture, 6, "Ada");
	step(fixture, NOW);
	assert_event(fixture, 0, PRESENCE_JOINED, "Ada", PRESENCE_WATCHING);
}

static void name_whose_number_would_give_the_name_again_gets_the_next_number(void **state)
{
	static const char label[] =
		"a name that fills all of the room, which is sixty-four bytes (2)";
	struct fixture *fixture = *state;
	assert_int_equal(sizeof label - 1, PERSON_NAME_MAX);
	join(fixture, 1, label);
	join(fixture, 2, label);
	step(fixture, NOW);
	assert_event(fixture, 0, PRESENCE_JOINED, label, PRESENCE_WATCHING);
	assert_event(fixture, 1, PRESENCE_JOINED,
		"a name that fills all of the room, which is sixty-four bytes (3)",
		PRESENCE_WATCHING);
}

static void new_label_renames_the_person(void **state)
{
	struct fixture *fixture = *state;
	const uint8_t client[IDENTITY_FINGERPRINT_SIZE] = { 1 };
	join(fixture, 1, "Ada");
	join(fixture, 2, "Grace");
	step(fixture, NOW);
	presence_set_label(fixture->presence, client, "Grace", 5);
	assert_int_equal(step(fixture, NOW), 1);
	assert_event(fixture, 0, PRESENCE_RENAMED, "Grace (2)", PRESENCE_WATCHING);
	/* There and back before anybody was told: nothing happened. */
	presence_set_label(fixture->presence, client, "Ada", 3);
	presence_set_label(fixture->presence, client, "Grace", 5);
	assert_int_equal(step(fixture, NOW), 0);
}

static void who_came_and_went_untold_is_not_told(void **state)
{
	struct fixture *fixture = *state;
	presence_leave(fixture->presence, join(fixture, 1, "Ada"));
	assert_int_equal(step(fixture, NOW), 0);
	struct presence_session *session = join(fixture, 1, "Ada");
	assert_int_equal(step(fixture, NOW), 1);
	/* A page that is loaded anew. */
	presence_leave(fixture->presence, session);
	join(fixture, 1, "Ada");
	assert_int_equal(step(fixture, NOW), 0);
}

static void who_comes_back_untold_gets_another_name_when_it_was_taken(void **state)
{
	struct fixture *fixture = *state;
	struct presence_session *session = join(fixture, 1, "Ada");
	step(fixture, NOW);
	presence_leave(fixture->presence, session);
	join(fixture, 2, "Ada");
	join(fixture, 1, "Ada");
	assert_int_equal(step(fixture, NOW), 2);
	assert_event(fixture, 0, PRESENCE_RENAMED, "Ada (2)", PRESENCE_WATCHING);
	assert_event(fixture, 1, PRESENCE_JOINED, "Ada", PRESENCE_WATCHING);
}

static void displays_and_their_generations_are_apart(void **state)
{
	struct fixture *fixture = *state;
	const struct presence_display again = { left_display.slot, 9 };
	struct presence_info persons[4];
	struct presence_session *session = join(fixture, 1, "Ada");
	join_at(fixture, 1, "Ada", NULL, right_display, NOW);
	assert_int_equal(step(fixture, NOW), 2);
	assert_int_equal(presence_snapshot(fixture->presence, &left_display, persons, 4), 1);
	presence_move(fixture->presence, session, again);
	assert_int_equal(step(fixture, NOW), 2);
	assert_event(fixture, 0, PRESENCE_LEFT, "Ada", PRESENCE_WATCHING);
	assert_int_equal(fixture->events[0].person.display.generation, left_display.generation);
	assert_event(fixture, 1, PRESENCE_JOINED, "Ada", PRESENCE_WATCHING);
	assert_int_equal(fixture->events[1].person.display.generation, 9);
	assert_int_equal(presence_snapshot(fixture->presence, &left_display, persons, 4), 0);
	assert_int_equal(presence_snapshot(fixture->presence, &again, persons, 4), 1);
	assert_int_equal(presence_snapshot(fixture->presence, NULL, persons, 4), 2);
}

static void snapshot_is_what_was_told(void **state)
{
	struct fixture *fixture = *state;
	struct presence_info persons[4];
	join(fixture, 1, "Ada");
	step(fixture, NOW);
	join(fixture, 2, "Grace");
	/* The joiner of now is in the next events, not in the snapshot too. */
	assert_int_equal(presence_snapshot(fixture->presence, &left_display, persons, 4), 1);
	assert_string_equal(persons[0].name.text, "Ada");
	assert_int_equal(presence_snapshot(fixture->presence, &left_display, persons, 0), 0);
}

static void transports_of_a_person_are_told(void **state)
{
	struct fixture *fixture = *state;
	const uint8_t client[IDENTITY_FINGERPRINT_SIZE] = { 1 };
	const struct presence_joiner joiner = {
		.client = client,
		.label = "Ada",
		.label_size = 3,
		.transport = PRESENCE_GAMESTREAM,
		.display = left_display,
	};
	join(fixture, 1, "Ada");
	step(fixture, NOW);
	assert_non_null(presence_join(fixture->presence, &joiner, NOW));
	step(fixture, NOW);
	assert_event(fixture, 0, PRESENCE_SESSIONS, "Ada", PRESENCE_WATCHING);
	assert_int_equal(fixture->events[0].person.transports,
		1 << PRESENCE_BROWSER | 1 << PRESENCE_GAMESTREAM);
}

static void thresholds_can_be_set_and_are_brought_into_range(void **state)
{
	struct fixture *fixture = *state;
	const struct presence_params short_ones = { 2 * SECOND, 4 * SECOND, 100 * MS, 8 * SECOND };
	const struct presence_params odd = { 2 * SECOND, SECOND, 5 * SECOND, 1 };
	struct presence_session *session = join(fixture, 1, "Ada");
	presence_record_input(session, NOW);
	step(fixture, NOW);
	presence_set_params(fixture->presence, &short_ones);
	step(fixture, NOW + 2 * SECOND);
	assert_event(fixture, 0, PRESENCE_STATE, "Ada", PRESENCE_WATCHING);
	assert_int_equal(presence_next_step_ns(fixture->presence), NOW + 4 * SECOND);
	presence_record_input(session, NOW + 3 * SECOND);
	assert_int_equal(session->record_from_ns, NOW + 3 * SECOND + 100 * MS);
	presence_set_params(fixture->presence, &odd);
	assert_int_equal(fixture->presence->params.watching_ns, 2 * SECOND);
	assert_int_equal(fixture->presence->params.gate_ns, SECOND);
	assert_int_equal(fixture->presence->params.forget_ns, 2 * SECOND);
}

static void thousand_sessions_of_one_name_have_thousand_names(void **state)
{
	struct fixture *fixture = *state;
	for (uint32_t i = 0; i < PRESENCE_SESSIONS_MAX; i++)
		assert_non_null(join(fixture, i + 1, "Ada"));
	assert_null(join(fixture, PRESENCE_SESSIONS_MAX + 1, "Ada"));
	assert_int_equal(step(fixture, NOW), PRESENCE_SESSIONS_MAX);
	assert_event(fixture, 0, PRESENCE_JOINED, "Ada", PRESENCE_WATCHING);
	for (uint32_t i = 1; i < PRESENCE_SESSIONS_MAX; i++) {
		char name[32];
		snprintf(name, sizeof name, "Ada (%u)", i + 1);
		assert_event(fixture, i, PRESENCE_JOINED, name, PRESENCE_WATCHING);
	}
}

/* Everybody leaves and as many others come before anybody was told of it: the bound of PRESENCE_PERSONS_MAX. */
static void thousand_others_find_room_before_the_leaving_was_told(void **state)
{
	struct fixture *fixture = *state;
	struct presence_session *sessions[PRESENCE_SESSIONS_MAX];
	for (uint32_t i = 0; i < PRESENCE_SESSIONS_MAX; i++)
		sessions[i] = join(fixture, i + 1, "Ada");
	step(fixture, NOW);
	for (uint32_t round = 1; round <= 3; round++) {
		for (uint32_t i = 0; i < PRESENCE_SESSIONS_MAX; i++)
			presence_leave(fixture->presence, sessions[i]);
		for (uint32_t i = 0; i < PRESENCE_SESSIONS_MAX; i++)
			sessions[i] = join(fixture, round * 10000 + i, "Grace");
	}
	assert_int_equal(fixture->presence->person_top, PRESENCE_PERSONS_MAX);
	/* Told in small pieces: first all who left. */
	for (uint32_t told = 0; told < PRESENCE_PERSONS_MAX; told += 64) {
		assert_int_equal(presence_next_step_ns(fixture->presence), 0);
		assert_int_equal(presence_step(fixture->presence, NOW, fixture->events, 64), 64);
		for (uint32_t i = 0; i < 64; i++)
			assert_int_equal(fixture->events[i].changes,
				told < PRESENCE_SESSIONS_MAX ? PRESENCE_LEFT : PRESENCE_JOINED);
	}
	assert_int_equal(step(fixture, NOW), 0);
	assert_int_equal(presence_next_step_ns(fixture->presence), NOW + 300 * SECOND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(state_follows_the_last_input_and_the_joining),
		TEST(states_decay_when_they_said_they_would),
		TEST(input_is_written_down_once_a_gate),
		TEST(time_stamps_out_of_order_do_not_move_the_last_input_back),
		TEST(time_stamp_of_the_future_counts_as_now),
		TEST(last_input_is_forgotten_after_an_hour),
		TEST(view_only_session_never_controls),
		TEST(two_devices_of_a_user_are_one_person),
		TEST(two_pages_of_a_client_are_one_person),
		TEST(anonymous_sessions_are_all_somebody_else),
		TEST(operator_gives_clients_a_user_while_they_are_there),
		TEST(names_are_unique_on_a_display_and_stay),
		TEST(name_whose_number_would_give_the_name_again_gets_the_next_number),
		TEST(new_label_renames_the_person),
		TEST(who_came_and_went_untold_is_not_told),
		TEST(who_comes_back_untold_gets_another_name_when_it_was_taken),
		TEST(displays_and_their_generations_are_apart),
		TEST(snapshot_is_what_was_told),
		TEST(transports_of_a_person_are_told),
		TEST(thresholds_can_be_set_and_are_brought_into_range),
		TEST(thousand_sessions_of_one_name_have_thousand_names),
		TEST(thousand_others_find_room_before_the_leaving_was_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
