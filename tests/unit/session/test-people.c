/* Who hears what of whom: a snapshot on coming, then only what is different. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/session_world.h"

static uint32_t heard_people(const struct session_world *world)
{
	uint32_t count = 0;
	for (const struct peer *peer = world->peers; peer; peer = peer->next)
		count += peer->heard[WIRE_PERSON] + peer->heard[WIRE_POINTER];
	return count;
}

static void assert_nothing_was_repeated(const struct session_world *world)
{
	for (const struct peer *peer = world->peers; peer; peer = peer->next)
		assert_false(peer->repeated);
}

static void while_it_is_off_nobody_hears_of_anybody(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	peer_point(ada, 1, 1);
	peer_key(bo, 30, true);
	world_pass(world, 400 * MOMENT_SECOND);
	assert_int_equal(heard_people(world), 0);
	struct person_state states[4];
	assert_int_equal(session_host_people(world->host, states, 4), 0);
}

static void a_newcomer_hears_of_everybody_and_the_others_of_the_newcomer(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	const uint32_t before = ada->heard[WIRE_PERSON];
	struct peer *cy = peer_join(world, 3, "cy");
	assert_int_equal(ada->heard[WIRE_PERSON], before + 1);
	assert_int_equal(cy->heard[WIRE_PERSON], 4); /* forget, and three people */
	assert_int_equal(cy->people_count, 3);
	assert_int_equal(peer_knows(cy, "cy")->flags, WIRE_PERSON_SELF);
	assert_int_equal(peer_knows(cy, "ada")->flags, 0);
	assert_int_equal(peer_knows(ada, "cy")->session, cy->id);
	assert_int_equal(peer_knows(bo, "cy")->state, PRESENCE_WATCHING);
	assert_nothing_was_repeated(world);
}

/* As many as fit into one telling: the snapshot must not wait for something else to happen. */
static void a_crowd_that_comes_at_once_hears_of_everybody_at_once(void **state)
{
	struct session_world *world = *state;
	struct peer *peers[64];
	world_presence(world, true);
	for (uint32_t i = 0; i < 64; i++) {
		peers[i] = peer_connect(world, i + 1);
		peer_attach(peers[i], "x", NULL);
		peer_open(peers[i]);
	}
	world_settle(world);
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(peers[i]->people_count, 64);
	assert_nothing_was_repeated(world);
}

static void input_makes_somebody_drive_watch_and_idle_and_says_each_once(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	world_pass(world, MOMENT_SECOND);
	const uint32_t before = bo->heard[WIRE_PERSON];
	for (unsigned i = 0; i < 5000; i++) {
		peer_key(ada, 30, i % 2 == 0);
		world_pass(world, MOMENT_MS);
	}
	assert_int_equal(peer_knows(bo, "ada")->state, PRESENCE_CONTROLLING);
	assert_int_equal(bo->heard[WIRE_PERSON], before + 1);
	world_pass(world, 11 * MOMENT_SECOND);
	assert_int_equal(peer_knows(bo, "ada")->state, PRESENCE_WATCHING);
	world_pass(world, 301 * MOMENT_SECOND);
	assert_int_equal(peer_knows(bo, "ada")->state, PRESENCE_IDLE);
	assert_int_equal(peer_knows(bo, "bo")->state, PRESENCE_IDLE);
	assert_int_equal(bo->heard[WIRE_PERSON], before + 4); /* and it itself idles */
	assert_nothing_was_repeated(world);
}

/* A day on which nobody does anything costs nothing at all. */
static void people_at_rest_hear_nothing_and_wake_nobody(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	for (uint32_t i = 1; i <= 50; i++)
		peer_join(world, i, "x");
	world_pass(world, 400 * MOMENT_SECOND);
	const uint32_t heard = heard_people(world);
	const uint64_t woken = virtual_loop_dispatches(world->event);
	world_pass(world, 24 * MOMENT_HOUR);
	assert_int_equal(heard_people(world), heard);
	assert_int_equal(virtual_loop_dispatches(world->event), woken);
}

static void refused_input_drives_nothing(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	world_grant(world, ada, 1u << GRANT_POINTER);
	peer_key(ada, 30, true);
	world_settle(world);
	assert_int_equal(peer_knows(bo, "ada")->state, PRESENCE_WATCHING);
	peer_point(ada, 1, 1);
	world_settle(world);
	assert_int_equal(peer_knows(bo, "ada")->state, PRESENCE_CONTROLLING);
}

static void who_may_only_watch_is_present_and_marked_and_cannot_be_given_control(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	world_grant(world, ada, 0);
	world_settle(world);
	assert_int_equal(peer_knows(bo, "ada")->flags, WIRE_PERSON_VIEW_ONLY);
	assert_int_equal(peer_knows(bo, "ada")->session, 0);
	struct peer *again = peer_join(world, 1, "ada");
	assert_int_equal(again->grants, 0);
	world_pass(world, MOMENT_SECOND);
	assert_int_equal(bo->people_count, 2);
	assert_int_equal(peer_knows(bo, "ada")->flags, WIRE_PERSON_VIEW_ONLY);
}

static int give_user(struct session_world *world, uint32_t number, const char *user)
{
	uint8_t key[CLIENT_KEY_SIZE], fingerprint[CLIENT_FINGERPRINT_SIZE];
	session_rooms_key(number, key);
	client_fingerprint(key, fingerprint);
	return session_host_set_user(world->host, fingerprint, user);
}

static void two_devices_of_a_user_are_one_person_and_closing_one_leaves_it(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *laptop = peer_join(world, 1, "laptop"), *phone = peer_join(world, 2, "phone");
	struct peer *cy = peer_join(world, 3, "cy");
	assert_int_equal(give_user(world, 1, "Robert"), 0);
	assert_int_equal(give_user(world, 2, "Robert"), 0);
	world_settle(world);
	assert_int_equal(cy->people_count, 2);
	assert_int_equal(peer_knows(cy, "Robert")->sessions, 2);
	peer_drop(phone);
	world_settle(world);
	assert_int_equal(peer_knows(cy, "Robert")->sessions, 1);
	assert_int_equal(peer_knows(cy, "Robert")->session, laptop->id);
	peer_drop(laptop);
	world_settle(world);
	assert_null(peer_knows(cy, "Robert"));
	assert_nothing_was_repeated(world);
}

/* Control would be offered to a session that may not have it. */
static void a_person_is_reached_by_the_device_that_may_drive(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *laptop = peer_join(world, 1, "laptop"), *phone = peer_join(world, 2, "phone");
	struct peer *cy = peer_join(world, 3, "cy");
	give_user(world, 1, "Robert");
	give_user(world, 2, "Robert");
	world_settle(world);
	struct peer *face = peer_knows(cy, "Robert")->session == phone->id ? phone : laptop;
	struct peer *other = face == phone ? laptop : phone;
	world_grant(world, face, 0);
	world_settle(world);
	assert_int_equal(peer_knows(cy, "Robert")->session, other->id);
	world_grant(world, other, 0);
	world_settle(world);
	assert_int_equal(peer_knows(cy, "Robert")->session, 0);
	assert_nothing_was_repeated(world);
}

static void turned_off_everybody_forgets_everybody_and_then_hears_nothing(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	world_presence(world, false);
	assert_int_equal(ada->people_count, 0);
	assert_int_equal(bo->people_count, 0);
	const uint32_t heard = heard_people(world);
	peer_point(ada, 5, 5);
	peer_drop(bo);
	world_pass(world, 400 * MOMENT_SECOND);
	assert_int_equal(heard_people(world), heard);
	world_presence(world, true);
	assert_int_equal(ada->people_count, 1);
}

/* Between two displays it hears nothing; what it knew would be wrong by the second. */
static void who_leaves_the_desktop_and_stays_attached_forgets_everybody(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *ada = peer_join(world, 1, "ada");
	peer_join(world, 2, "bo");
	world_control(world, CONTROL_ONE_AT_A_TIME);
	assert_int_equal(ada->people_count, 2);
	peer_say(ada, &(struct wire_message){ .type = WIRE_CLOSE_DISPLAY });
	assert_int_equal(ada->people_count, 0);
	world_presence(world, false);
	world_control(world, CONTROL_FREE);
	peer_open(ada);
	world_settle(world);
	assert_int_equal(ada->people_count, 0);
	assert_int_equal(ada->mode, 0);
}

static void a_name_is_text_however_it_was_given(void **state)
{
	struct session_world *world = *state;
	world_presence(world, true);
	struct peer *observer = peer_join(world, 1, "observer");
	peer_join(world, 2, "<script>alert(1)</script>");
	peer_join(world, 3, "\u202eadA\u2066");
	peer_join(world, 4,
		"a\x1b[31m\tb\n\xc2\x85"
		"c\x7f");
	peer_join(world, 5, "observer");
	peer_join(world, 6, "\u2028\u200b\u3164");
	assert_non_null(peer_knows(observer, "<script>alert(1)</script>"));
	assert_non_null(peer_knows(observer, "adA"));
	assert_non_null(peer_knows(observer, "a [31m b c"));
	assert_non_null(peer_knows(observer, "observer (2)"));
	assert_int_equal(observer->people_count, 6);
}

/* It goes into logs and to the operator, who read terminals. */
static void a_label_is_made_fit_before_anybody_reads_it(void **state)
{
	struct session_world *world = *state;
	assert_string_equal(peer_join(world, 1, "\u202eadA\x1b[31m")->label, "adA [31m");
	assert_string_equal(peer_join(world, 2, "\u200f")->label, "?");
}

static void a_name_that_is_no_text_ends_its_own_connection_alone(void **state)
{
	struct session_world *world = *state;
	static const char *const forged[] = { "\xc0\xaf!", "\xe0\x80\xaf", "\xed\xa0\x80",
		"\xff\xff\xff", "a\0b" };
	world_presence(world, true);
	struct peer *observer = peer_join(world, 1, "observer");
	uint8_t bytes[512];
	for (uint32_t i = 0; i < 5; i++) {
		struct peer *peer = peer_connect(world, 2 + i);
		uint8_t key[CLIENT_KEY_SIZE];
		static const uint8_t signature[CLIENT_SIGNATURE_SIZE];
		session_rooms_key(2 + i, key);
		const struct wire_message message = {
			.type = WIRE_AUTHENTICATE,
			.attach = { WIRE_VERSION, key, signature, { 0 }, { "LABEL", 3 } },
		};
		const size_t size = wire_encode(&message, bytes, sizeof bytes);
		assert_int_not_equal(size, 0);
		uint8_t *label = memmem(bytes, size, "LAB", 3);
		assert_non_null(label);
		memcpy(label, forged[i], 3);
		session_receive(peer->session, bytes, size);
		assert_int_equal(peer->refusal, WIRE_REFUSED_MALFORMED);
	}
	world_settle(world);
	assert_int_equal(observer->people_count, 1);
}

static void a_holders_name_is_made_fit_without_presence_too(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "\u202eada\u2028x"), *bo = peer_join(world, 2, "bo");
	world_control(world, CONTROL_ONE_AT_A_TIME);
	peer_control(ada, WIRE_CONTROL_REQUEST, 0);
	world_settle(world);
	assert_string_equal(bo->holder_name, "ada x");
	peer_drop(ada);
	world_settle(world);
	assert_string_equal(bo->holder_name, "ada x"); /* it may come back */
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, session_world_set_up_open, session_world_tear_down)
#define PAIRED(name)                                                                               \
	cmocka_unit_test_setup_teardown(name, session_world_set_up, session_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(while_it_is_off_nobody_hears_of_anybody),
		TEST(a_newcomer_hears_of_everybody_and_the_others_of_the_newcomer),
		TEST(a_crowd_that_comes_at_once_hears_of_everybody_at_once),
		TEST(input_makes_somebody_drive_watch_and_idle_and_says_each_once),
		TEST(people_at_rest_hear_nothing_and_wake_nobody),
		PAIRED(refused_input_drives_nothing),
		PAIRED(who_may_only_watch_is_present_and_marked_and_cannot_be_given_control),
		PAIRED(two_devices_of_a_user_are_one_person_and_closing_one_leaves_it),
		PAIRED(a_person_is_reached_by_the_device_that_may_drive),
		TEST(turned_off_everybody_forgets_everybody_and_then_hears_nothing),
		TEST(who_leaves_the_desktop_and_stays_attached_forgets_everybody),
		TEST(a_name_is_text_however_it_was_given),
		TEST(a_label_is_made_fit_before_anybody_reads_it),
		TEST(a_name_that_is_no_text_ends_its_own_connection_alone),
		TEST(a_holders_name_is_made_fit_without_presence_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
