/* What a client may do is checked for each event, counts at once when it changes, and is nobody's to widen but the operator's. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/session_world.h"

#define POINTER (1u << GRANT_POINTER)
#define KEYBOARD (1u << GRANT_KEYBOARD)
#define VIEW 0u

/* Every message that a client can send into the desktop, with what it needs. */
static const struct {
	struct wire_message message;
	uint32_t plane;
} inputs[] = {
	{ { .type = WIRE_POINTER_ABSOLUTE, .absolute = { 1, 2 } }, POINTER },
	{ { .type = WIRE_POINTER_RELATIVE, .relative = { 256, 0 } }, POINTER },
	{ { .type = WIRE_POINTER_BUTTON, .button = { 0x110, true } }, POINTER },
	{ { .type = WIRE_POINTER_AXIS, .axis = { 0, 256, 120 } }, POINTER },
	{ { .type = WIRE_KEY, .key = { 30, true } }, KEYBOARD },
	{ { .type = WIRE_TEXT, .text = { "x", 1 } }, KEYBOARD },
};
#define INPUTS (sizeof inputs / sizeof *inputs)

/* Says everything; returns the planes of what came through. */
static uint32_t say_everything(struct peer *peer)
{
	uint32_t planes = 0, kept_out = 0;
	for (size_t i = 0; i < INPUTS; i++) {
		const uint64_t before = session_rooms_events();
		peer_say(peer, &inputs[i].message);
		*(session_rooms_events() > before ? &planes : &kept_out) |= inputs[i].plane;
	}
	assert_int_equal(planes & kept_out, 0);
	return planes;
}

static void every_set_of_planes_lets_through_what_it_names_and_nothing_else(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	for (uint32_t planes = 0; planes <= GRANTS_ALL; planes++) {
		assert_int_equal(world_grant(world, ada, planes), 0);
		assert_int_equal(say_everything(ada), planes & (POINTER | KEYBOARD));
	}
	assert_int_equal(world_grant(world, ada, GRANTS_ALL + 1), -EINVAL);
	assert_int_equal(say_everything(ada), POINTER | KEYBOARD);
}

/* A plane that nobody grants is not there: no device of it stands on the desktop. */
static void who_may_not_give_input_has_no_devices(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	assert_int_equal(session_rooms_injectors(), 1);
	world_grant(world, ada, 1u << GRANT_CLIPBOARD | 1u << GRANT_GAMEPAD);
	assert_int_equal(session_rooms_injectors(), 0);
	say_everything(ada);
	peer_say(ada, &(struct wire_message){ .type = WIRE_RELEASE_ALL });
	assert_int_equal(session_rooms_injectors(), 0);
	peer_drop(ada);
	ada = peer_join(world, 1, "ada");
	assert_int_equal(session_rooms_injectors(), 0);
	/* There before the first event: one that comes while devices are announced is lost. */
	world_grant(world, ada, POINTER);
	assert_int_equal(session_rooms_injectors(), 1);
}

static void what_is_taken_away_goes_up_at_once(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	peer_key(ada, 30, true);
	peer_button(ada, true);
	world_grant(world, ada, POINTER);
	assert_int_equal(session_rooms_held(), 0);
	assert_int_equal(ada->grants, WIRE_GRANT_POINTER);
	peer_key(ada, 30, false);
	assert_int_equal(session_rooms_held(), 0);
}

static void a_temporary_grant_ends_with_its_time_and_what_it_held_goes_up(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	world_grant(world, ada, VIEW);
	assert_int_equal(world_grant_for(world, ada, KEYBOARD, 60), 0);
	assert_int_equal(ada->grants, WIRE_GRANT_KEYBOARD | WIRE_GRANT_TEXT);
	assert_in_range(ada->grants_seconds, 59, 60);
	peer_key(ada, 30, true);
	world_pass(world, 58 * MOMENT_SECOND);
	assert_int_equal(session_rooms_held(), 1);
	world_pass(world, 3 * MOMENT_SECOND);
	assert_int_equal(session_rooms_held(), 0);
	assert_int_equal(ada->grants, 0);
	assert_int_equal(say_everything(ada), VIEW);
}

static void a_temporary_grant_is_there_again_for_one_that_comes_back_in_time(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	world_grant_for(world, ada, VIEW, 60);
	peer_drop(ada);
	world_pass(world, 30 * MOMENT_SECOND);
	ada = peer_join(world, 1, "ada");
	assert_int_equal(say_everything(ada), VIEW);
	world_pass(world, 31 * MOMENT_SECOND);
	assert_int_equal(say_everything(ada), POINTER | KEYBOARD);
}

static void a_grant_until_leaving_ends_with_the_last_session(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	world_grant(world, ada, VIEW);
	assert_int_equal(world_grant_until_leave(world, ada, POINTER), 0);
	assert_int_equal(say_everything(ada), POINTER);
	world_pass(world, 24 * MOMENT_HOUR);
	assert_int_equal(say_everything(ada), POINTER);
	peer_drop(ada);
	ada = peer_join(world, 1, "ada");
	assert_int_equal(say_everything(ada), VIEW);
}

/* It would be rid of them by a second page. */
static void another_session_of_a_client_gives_it_no_more_than_it_has(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	assert_int_equal(world_grant_until_leave(world, ada, VIEW), 0);
	struct peer *again = peer_join(world, 1, "ada");
	assert_int_equal(ada->ending, WIRE_ENDED_SUPERSEDED);
	assert_int_equal(again->grants, 0);
	assert_int_equal(say_everything(again), VIEW);
	struct peer *third = peer_join(world, 1, "ada");
	assert_int_equal(say_everything(third), VIEW);
}

static void pairing_anew_gives_a_client_no_more_than_it_has(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	world_grant(world, ada, POINTER);
	const char *pin = client_store_arm_pin(world->clients);
	struct peer *again = peer_connect(world, 1);
	peer_attach(again, "Ada", pin);
	assert_int_equal(again->grants, WIRE_GRANT_POINTER);
}

/* Whatever it sends, and in any order: no message of a client changes what it may do. */
static void no_message_of_a_client_widens_it(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	world_grant(world, ada, VIEW);
	uint8_t bytes[64] = { 0 };
	for (unsigned type = 0; type < 256; type++) {
		for (size_t size = 1; size < sizeof bytes; size++) {
			struct peer *peer = peer_connect(world, 1);
			peer_attach(peer, "ada", NULL);
			peer_open(peer);
			world_settle(world);
			memset(bytes, (int)type, sizeof bytes);
			bytes[0] = (uint8_t)type;
			session_receive(peer->session, bytes, size);
			if (peer->session)
				assert_int_equal(
					grants_planes(&peer->session->grants, virtual_now_ns()),
					VIEW);
			const bool ended = peer->closing;
			world_settle(world);
			if (peer->session)
				peer_drop(peer);
			/* A type that has no message is refused whatever its size. */
			if (ended && size > 8)
				break;
		}
	}
	assert_int_equal(session_rooms_injectors(), 0);
}

static void terms_that_are_over_or_absurd_do_not_widen(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	struct grants_wish wish = { .temporary = true, .until_leave = true, .until_s = 1 };
	assert_int_equal(
		session_host_set_grants(world->host, ada->session->fingerprint, &wish), -EINVAL);
	wish.until_leave = false;
	assert_int_equal(
		session_host_set_grants(world->host, ada->session->fingerprint, &wish), -EINVAL);
	const int64_t far[] = { INT64_MAX, INT64_MAX / 1000000000, INT64_MAX / 1000000000 * 2 + 1,
		18446744073 + 1700001000 };
	for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
		wish.until_s = far[i];
		assert_int_equal(
			session_host_set_grants(world->host, ada->session->fingerprint, &wish), 0);
		world_pass(world, 240 * MOMENT_HOUR);
		assert_int_equal(say_everything(ada), VIEW);
	}
}

/* Root writes anywhere: a folder in the place of the temporary file stops everyone. */
static void what_the_disk_refuses_changes_nothing(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada");
	char path[sizeof world->folder + 24];
	snprintf(path, sizeof path, "%s/clients.json.new", world->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(world_grant(world, ada, VIEW) < 0);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(say_everything(ada), POINTER | KEYBOARD);
}

/* How often the log says it of that session. */
static unsigned count_refusals(FILE *log, uint32_t session, const char *plane)
{
	char line[256], wanted[64];
	unsigned count = 0;
	snprintf(wanted, sizeof wanted, "may not use the %s", plane);
	rewind(log);
	while (fgets(line, sizeof line, log)) {
		unsigned id;
		if (sscanf(line, "lodged: session %u ", &id) == 1 && id == session)
			count += strstr(line, wanted) != NULL;
	}
	return count;
}

static void refusals_are_logged_once_per_session_and_kind(void **state)
{
	struct session_world *world = *state;
	struct peer *ada = peer_join(world, 1, "ada"), *bo = peer_join(world, 2, "bo");
	FILE *log = tmpfile();
	assert_non_null(log);
	fflush(stderr);
	const int stderr_before = dup(2);
	assert_true(dup2(fileno(log), 2) >= 0);
	world_grant(world, ada, VIEW);
	world_grant(world, bo, VIEW);
	for (unsigned i = 0; i < 1000; i++) {
		say_everything(ada);
		say_everything(bo);
	}
	fflush(stderr);
	dup2(stderr_before, 2);
	close(stderr_before);
	assert_int_equal(count_refusals(log, ada->id, "pointer"), 1);
	assert_int_equal(count_refusals(log, ada->id, "keyboard"), 1);
	assert_int_equal(count_refusals(log, bo->id, "pointer"), 1);
	assert_int_equal(count_refusals(log, bo->id, "keyboard"), 1);
	fclose(log);
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, session_world_set_up, session_world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_set_of_planes_lets_through_what_it_names_and_nothing_else),
		TEST(who_may_not_give_input_has_no_devices),
		TEST(what_is_taken_away_goes_up_at_once),
		TEST(a_temporary_grant_ends_with_its_time_and_what_it_held_goes_up),
		TEST(a_temporary_grant_is_there_again_for_one_that_comes_back_in_time),
		TEST(a_grant_until_leaving_ends_with_the_last_session),
		TEST(another_session_of_a_client_gives_it_no_more_than_it_has),
		TEST(pairing_anew_gives_a_client_no_more_than_it_has),
		TEST(no_message_of_a_client_widens_it),
		TEST(terms_that_are_over_or_absurd_do_not_widen),
		TEST(what_the_disk_refuses_changes_nothing),
		TEST(refusals_are_logged_once_per_session_and_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
