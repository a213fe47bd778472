/* A thousand sessions, some of them hostile: what each is told stays bounded, and nobody's turn is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/person_name.h"
#include "support/session_world.h"

#define CROWD 1000
#define TELLINGS_A_SECOND 20
/* The longest messages of their kind: header, numbers, names. */
#define PERSON_BYTES 96
#define STATE_BYTES 192

static const char *const names[] = {
	"Ada",
	"<img src=x onerror=alert(1)>",
	"\u202eadA\u202c",
	"\u2066\u2069\u200f",
	"a\x1b[2Jb",
	"Z\u0351\u0351\u0351\u0351\u0351\u0351\u0351\u0351\u0351",
	"\U000e0041\U000e0042",
	"0123456789012345678901234567890123456789012345678901234567890123",
	"&amp;\"'><",
};

struct crowd {
	struct session_world *world;
	struct peer *peers[CROWD]; /* the first one is quiet and observes */
};

static struct peer *observer_of(const struct crowd *crowd)
{
	return crowd->peers[0];
}

static void come(struct crowd *crowd, size_t index)
{
	struct peer *peer = peer_connect(crowd->world, (uint32_t)index + 1);
	assert_non_null(peer->session);
	peer->forgets_people = index > 0;
	peer_attach(peer, names[index % (sizeof names / sizeof *names)], NULL);
	peer_open(peer);
	crowd->peers[index] = peer;
}

static int set_up(void **state)
{
	struct crowd *crowd = calloc(1, sizeof *crowd);
	crowd->world = session_world_create(true, CROWD);
	world_presence(crowd->world, true);
	for (size_t i = 0; i < CROWD; i++)
		come(crowd, i);
	world_pass(crowd->world, MOMENT_SECOND);
	*state = crowd;
	return 0;
}

static int tear_down(void **state)
{
	struct crowd *crowd = *state;
	session_world_destroy(crowd->world);
	free(crowd);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct peer_person *)a)->name, ((const struct peer_person *)b)->name);
}

static void everybody_hears_of_everybody_once_by_a_name_of_its_own(void **state)
{
	struct crowd *crowd = *state;
	struct peer *observer = observer_of(crowd);
	assert_null(peer_connect(crowd->world, CROWD + 1)->session); /* the room is full */
	assert_int_equal(observer->people_count, CROWD);
	for (size_t i = 0; i < CROWD; i++)
		assert_in_range(crowd->peers[i]->heard[WIRE_PERSON], CROWD + 1, CROWD + 65);
	qsort(observer->people, CROWD, sizeof *observer->people, compare_names);
	for (size_t i = 0; i < CROWD; i++) {
		const char *name = observer->people[i].name;
		const struct person_name clean = person_name_clean(name, strlen(name));
		assert_string_equal(clean.text, name);
		assert_true(name[0]);
		assert_true(i == 0 || strcmp(name, observer->people[i - 1].name) != 0);
	}
}

static void nobody_who_waits_in_line_is_passed_over(void **state)
{
	struct crowd *crowd = *state;
	bool *served = calloc(CROWD + 2, sizeof *served);
	uint32_t turns = 0;
	world_control(crowd->world, CONTROL_ONE_AT_A_TIME);
	assert_non_null(served);
	/* Whoever had its turn stops asking; those for whom there was no place ask again. */
	while (turns < CROWD) {
		struct control_view view;
		for (size_t i = 0; i < CROWD; i++) {
			if (!served[crowd->peers[i]->id])
				peer_control(crowd->peers[i], WIRE_CONTROL_REQUEST, 0);
		}
		for (unsigned i = 0; i <= CONTROL_LINE_MAX && turns < CROWD; i++) {
			session_host_control(crowd->world->host, &view);
			const uint32_t next = view.line_count ? view.line[0].session : 0;
			assert_true(view.line_count <= CONTROL_LINE_MAX);
			assert_true(view.holder != 0 && view.holder <= CROWD);
			assert_false(served[view.holder]);
			served[view.holder] = true;
			turns++;
			assert_int_equal(
				session_host_steer(crowd->world->host, CONTROL_RELEASE, 0), 0);
			assert_int_equal(world_holder(crowd->world), next);
		}
	}
	free(served);
}

static void requests_in_a_loop_cost_the_others_20_messages_a_second(void **state)
{
	struct crowd *crowd = *state;
	struct peer *observer = observer_of(crowd);
	world_control(crowd->world, CONTROL_ONE_AT_A_TIME);
	peer_control(crowd->peers[1], WIRE_CONTROL_REQUEST, 0);
	world_settle(crowd->world);
	const uint64_t bytes = observer->bytes, messages = observer->messages;
	for (unsigned ms = 0; ms < 1000; ms++) {
		for (size_t i = 2; i < 102; i++) {
			peer_control(crowd->peers[i], WIRE_CONTROL_REQUEST, 0);
			peer_control(crowd->peers[i], WIRE_CONTROL_WITHDRAW, 0);
			peer_control(crowd->peers[i], WIRE_CONTROL_GRANT, crowd->peers[i]->id);
			peer_control(crowd->peers[i], WIRE_CONTROL_GIVE, crowd->peers[i]->id);
		}
		assert_int_equal(world_holder(crowd->world), crowd->peers[1]->id);
		world_pass(crowd->world, MOMENT_MS);
	}
	assert_in_range(observer->messages - messages, 1, TELLINGS_A_SECOND + 1);
	assert_true(observer->bytes - bytes <= (TELLINGS_A_SECOND + 1) * STATE_BYTES);
	/* A flood takes no turn away from who asks once. */
	peer_control(observer, WIRE_CONTROL_REQUEST, 0);
	peer_control(crowd->peers[1], WIRE_CONTROL_RELEASE, 0);
	assert_int_equal(world_holder(crowd->world), observer->id);
}

/* Two who hand control to each other as fast as they can. */
static void control_that_goes_round_in_a_loop_is_told_20_times_a_second(void **state)
{
	struct crowd *crowd = *state;
	struct peer *observer = observer_of(crowd), **two = &crowd->peers[1];
	world_control(crowd->world, CONTROL_ONE_AT_A_TIME);
	peer_control(two[0], WIRE_CONTROL_REQUEST, 0);
	world_settle(crowd->world);
	const uint64_t messages = observer->messages;
	for (unsigned i = 0; i < 5000; i++) {
		struct peer *holder = two[i % 2], *next = two[(i + 1) % 2];
		peer_key(holder, 30, true);
		peer_control(holder, WIRE_CONTROL_GIVE, next->id);
		assert_int_equal(session_rooms_held(), 0);
		assert_int_equal(world_holder(crowd->world), next->id);
		world_pass(crowd->world, MOMENT_MS / 5);
	}
	/* Control, and that these two are active. */
	assert_in_range(observer->messages - messages, 1, 2 * TELLINGS_A_SECOND);
}

static void coming_and_going_in_a_loop_is_told_20_times_a_second(void **state)
{
	struct crowd *crowd = *state;
	struct peer *observer = observer_of(crowd);
	const uint64_t bytes = observer->bytes, messages = observer->messages;
	const unsigned loops = 20;
	for (unsigned ms = 0; ms < 1000; ms++) {
		for (size_t i = 1; i <= loops; i++) {
			if (ms % 2)
				peer_open(crowd->peers[i]);
			else
				peer_say(crowd->peers[i],
					&(struct wire_message){ .type = WIRE_CLOSE_DISPLAY });
		}
		world_pass(crowd->world, MOMENT_MS);
	}
	/* Each of them at most gone and here again. */
	const uint64_t most = (TELLINGS_A_SECOND + 1) * loops * 2;
	assert_in_range(observer->messages - messages, 1, most);
	assert_true(observer->bytes - bytes <= most * PERSON_BYTES);
	world_settle(crowd->world);
	assert_int_equal(observer->people_count, CROWD);
}

static void waves_of_sessions_leave_nothing_behind(void **state)
{
	struct crowd *crowd = *state;
	struct peer *observer = observer_of(crowd);
	const size_t sources = virtual_loop_sources(crowd->world->event);
	world_control(crowd->world, CONTROL_ONE_AT_A_TIME);
	for (unsigned wave = 0; wave < 2; wave++) {
		for (size_t i = 1; i < CROWD; i++) {
			peer_control(crowd->peers[i], WIRE_CONTROL_REQUEST, 0);
			peer_key(crowd->peers[i], 30, true);
		}
		for (size_t i = 1; i < CROWD; i++)
			peer_drop(crowd->peers[i]);
		assert_int_equal(session_rooms_held(), 0);
		world_pass(crowd->world, 6 * MOMENT_SECOND);
		assert_int_equal(world_holder(crowd->world), 0);
		assert_int_equal(observer->people_count, 1);
		assert_int_equal(session_rooms_injectors(), 1);
		for (size_t i = 1; i < CROWD; i++)
			come(crowd, i);
		world_pass(crowd->world, MOMENT_SECOND);
		assert_int_equal(observer->people_count, CROWD);
	}
	assert_false(observer->repeated);
	assert_int_equal(virtual_loop_sources(crowd->world->event), sources);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everybody_hears_of_everybody_once_by_a_name_of_its_own),
		TEST(nobody_who_waits_in_line_is_passed_over),
		TEST(requests_in_a_loop_cost_the_others_20_messages_a_second),
		TEST(control_that_goes_round_in_a_loop_is_told_20_times_a_second),
		TEST(coming_and_going_in_a_loop_is_told_20_times_a_second),
		TEST(waves_of_sessions_leave_nothing_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
