#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/grants.h"
#include "core/invitation.h"

#define SECOND MOMENT_SECOND
#define NOW (100 * SECOND)
#define POINTER (1u << GRANT_POINTER)
#define KEYBOARD (1u << GRANT_KEYBOARD)
#define GAMEPAD (1u << GRANT_GAMEPAD)
#define CLIPBOARD (1u << GRANT_CLIPBOARD)
#define LAUNCH (1u << GRANT_LAUNCH)

static void assert_planes(const struct grants *grants, uint32_t planes, uint64_t now_ns)
{
	for (int plane = 0; plane < GRANT_PLANES; plane++)
		assert_int_equal(
			grants_allow(grants, (enum grant_plane)plane, now_ns), planes >> plane & 1);
	assert_int_equal(grants_planes(grants, now_ns), planes);
}

static void presets_are_sets_of_planes(void **state)
{
	static const struct {
		enum grants_preset preset;
		uint32_t planes;
		bool input;
	} rows[] = {
		{ GRANTS_FULL, GRANTS_ALL, true },
		{ GRANTS_CONTROLLER, GAMEPAD, true },
		{ GRANTS_VIEW, 0, false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct grants grants = { .lasting = grants_preset_planes(rows[i].preset) };
		assert_planes(&grants, rows[i].planes, NOW);
		assert_int_equal(grants_allow_input(&grants, NOW), rows[i].input);
		assert_int_equal(grants_preset_of(rows[i].planes), rows[i].preset);
	}
	assert_int_equal(grants_preset_of(KEYBOARD), GRANTS_CUSTOM);
	assert_int_equal(grants_preset_planes(GRANTS_CUSTOM), 0);
}

static void clipboard_microphone_and_launch_are_no_input(void **state)
{
	for (int plane = 0; plane < GRANT_PLANES; plane++) {
		const struct grants grants = { .lasting = 1u << plane };
		assert_int_equal(grants_allow_input(&grants, NOW), plane <= GRANT_GAMEPAD);
	}
}

static void nobody_but_the_operator_changes_grants(void **state)
{
	for (int type = GRANTS_SET; type <= GRANTS_END_TERM; type++) {
		const struct grants_change change = {
			.type = (enum grants_change_type)type,
			.planes = POINTER,
			.term = GRANTS_UNTIL,
			.until_ns = NOW + SECOND,
		};
		const struct grants before = { KEYBOARD, GRANTS_UNTIL, GRANTS_ALL, NOW + SECOND };
		struct grants grants = before;
		assert_int_equal(grants_apply(&grants, &change, false, NOW), -EPERM);
		assert_memory_equal(&grants, &before, sizeof grants);
		assert_int_equal(grants_apply(&grants, &change, true, NOW), 0);
	}
}

static void operator_widens_and_narrows(void **state)
{
	struct grants grants = { .lasting = POINTER };
	const struct grants_change widen = { .type = GRANTS_WIDEN, .planes = KEYBOARD | LAUNCH };
	const struct grants_change narrow = { .type = GRANTS_NARROW, .planes = POINTER | LAUNCH };
	const struct grants_change set = { .type = GRANTS_SET, .planes = CLIPBOARD };
	assert_int_equal(grants_apply(&grants, &widen, true, NOW), 0);
	assert_planes(&grants, POINTER | KEYBOARD | LAUNCH, NOW);
	assert_int_equal(grants_apply(&grants, &narrow, true, NOW), 0);
	assert_planes(&grants, KEYBOARD, NOW);
	assert_int_equal(grants_apply(&grants, &set, true, NOW), 0);
	assert_planes(&grants, CLIPBOARD, NOW);
}

static void unknown_planes_and_terms_without_an_end_are_refused(void **state)
{
	static const struct grants_change rows[] = {
		{ .type = GRANTS_SET, .planes = GRANTS_ALL + 1 },
		{ .type = GRANTS_WIDEN, .planes = UINT32_MAX },
		{ .type = GRANTS_SET_TEMPORARY, .planes = POINTER },
		{ GRANTS_SET_TEMPORARY, POINTER, GRANTS_UNTIL, MOMENT_NEVER },
		{ GRANTS_SET_TEMPORARY, POINTER, GRANTS_UNTIL, NOW },
		{ GRANTS_SET_TEMPORARY, POINTER, GRANTS_UNTIL_LEAVE, NOW },
		{ .type = (enum grants_change_type)99, .planes = POINTER },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct grants grants = { .lasting = KEYBOARD };
		assert_int_equal(grants_apply(&grants, &rows[i], true, NOW), -EINVAL);
		assert_planes(&grants, KEYBOARD, NOW);
	}
}

static void term_ends_by_itself(void **state)
{
	struct grants grants = { .lasting = POINTER };
	const struct grants_change change = { GRANTS_SET_TEMPORARY, POINTER | KEYBOARD,
		GRANTS_UNTIL, NOW + 60 * SECOND };
	assert_int_equal(grants_next_deadline_ns(&grants), MOMENT_NEVER);
	assert_int_equal(grants_apply(&grants, &change, true, NOW), 0);
	assert_int_equal(grants_next_deadline_ns(&grants), NOW + 60 * SECOND);
	assert_planes(&grants, POINTER | KEYBOARD, NOW + 60 * SECOND - 1);
	assert_int_equal(grants_settle(&grants, NOW + 60 * SECOND - 1), 0);
	/* Nothing more is let through, even if nobody cleared the term away yet. */
	assert_planes(&grants, POINTER, NOW + 60 * SECOND);
	assert_int_equal(grants_settle(&grants, NOW + 60 * SECOND), KEYBOARD);
	assert_int_equal(grants_settle(&grants, NOW + 60 * SECOND), 0);
	assert_int_equal(grants_next_deadline_ns(&grants), MOMENT_NEVER);
}

static void term_may_narrow(void **state)
{
	struct grants grants = { .lasting = GRANTS_ALL };
	const struct grants_change pause = { GRANTS_SET_TEMPORARY, 0, GRANTS_UNTIL, NOW + SECOND };
	assert_int_equal(grants_apply(&grants, &pause, true, NOW), 0);
	assert_planes(&grants, 0, NOW);
	assert_int_equal(grants_settle(&grants, NOW + SECOND), 0);
	assert_planes(&grants, GRANTS_ALL, NOW + SECOND);
}

static void term_ends_with_the_visit(void **state)
{
	struct grants grants = { 0 };
	const struct grants_change visit = { GRANTS_SET_TEMPORARY, POINTER, GRANTS_UNTIL_LEAVE,
		MOMENT_NEVER };
	const struct grants_change hour = { GRANTS_SET_TEMPORARY, POINTER, GRANTS_UNTIL,
		NOW + 3600 * SECOND };
	assert_int_equal(grants_apply(&grants, &visit, true, NOW), 0);
	assert_planes(&grants, POINTER, MOMENT_NEVER - 1);
	grants_leave(&grants);
	assert_planes(&grants, 0, NOW);
	/* One that has an end only outlasts the visit. */
	assert_int_equal(grants_apply(&grants, &hour, true, NOW), 0);
	grants_leave(&grants);
	assert_planes(&grants, POINTER, NOW);
}

static void narrowing_bites_during_a_term(void **state)
{
	struct grants grants = { .lasting = POINTER };
	const struct grants_change term = { GRANTS_SET_TEMPORARY, GRANTS_ALL, GRANTS_UNTIL,
		NOW + SECOND };
	const struct grants_change narrow = { .type = GRANTS_NARROW, .planes = POINTER | KEYBOARD };
	const struct grants_change widen = { .type = GRANTS_WIDEN, .planes = KEYBOARD };
	const struct grants_change end = { .type = GRANTS_END_TERM };
	assert_int_equal(grants_apply(&grants, &term, true, NOW), 0);
	assert_int_equal(grants_apply(&grants, &narrow, true, NOW), 0);
	assert_planes(&grants, GRANTS_ALL & ~(POINTER | KEYBOARD), NOW);
	assert_int_equal(grants_apply(&grants, &widen, true, NOW), 0);
	assert_planes(&grants, GRANTS_ALL & ~POINTER, NOW);
	assert_int_equal(grants_apply(&grants, &end, true, NOW), 0);
	assert_planes(&grants, KEYBOARD, NOW);
	/* Without a term nothing temporary is left to come up later. */
	assert_int_equal(grants.temporary, 0);
}

static void names_are_read_as_they_are_written(void **state)
{
	for (int i = 0; i < GRANT_PLANES; i++) {
		enum grant_plane plane = GRANT_PLANES;
		assert_true(grant_plane_parse(grant_plane_name((enum grant_plane)i), &plane));
		assert_int_equal(plane, i);
	}
	for (int i = 0; i <= GRANTS_CUSTOM; i++) {
		enum grants_preset preset = GRANTS_CUSTOM;
		assert_true(
			grants_preset_parse(grants_preset_name((enum grants_preset)i), &preset));
		assert_int_equal(preset, i);
	}
	enum grant_plane plane;
	enum grants_preset preset;
	assert_false(grant_plane_parse("mouse", &plane));
	assert_false(grant_plane_parse("", &plane));
	assert_false(grants_preset_parse("Full", &preset));
}

static void invitation_gives_no_more_than_the_inviter_has(void **state)
{
	static const uint64_t month = 720 * MOMENT_HOUR;
	static const struct {
		const char *what;
		struct invitation invitation;
		int expected;
	} rows[] = {
		{ "good", { POINTER, 1, NOW + 1, 0, false }, 0 },
		{ "nothing to do but watch", { 0, 1, NOW + 1, 0, false }, 0 },
		{ "longest", { POINTER, INVITATION_USES_MAX, NOW + month, 0, false }, 0 },
		{ "more than the inviter", { POINTER | LAUNCH, 1, NOW + 1, 0, false }, -EPERM },
		{ "unknown plane", { GRANTS_ALL + 1, 1, NOW + 1, 0, false }, -EINVAL },
		{ "no use", { POINTER, 0, NOW + 1, 0, false }, -EINVAL },
		{ "too many uses", { POINTER, INVITATION_USES_MAX + 1, NOW + 1, 0, false },
			-EINVAL },
		{ "over already", { POINTER, 1, NOW, 0, false }, -EINVAL },
		{ "too long", { POINTER, 1, NOW + month + 1, 0, false }, -EINVAL },
		{ "for ever", { POINTER, 1, MOMENT_NEVER, 0, false }, -EINVAL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (invitation_check_new(&rows[i].invitation, POINTER | KEYBOARD, NOW) !=
			rows[i].expected)
			fail_msg("%s", rows[i].what);
	}
}

static void invitation_is_good_for_its_uses_and_its_time(void **state)
{
	struct invitation invitation = { POINTER, 2, NOW + 10 * SECOND, 0, false };
	const struct grants untouched = { .lasting = LAUNCH };
	struct grants grants = untouched;
	assert_int_equal(
		invitation_redeem(&invitation, NOW + 10 * SECOND, &grants), INVITATION_EXPIRED);
	assert_int_equal(invitation.uses_left, 2);
	assert_memory_equal(&grants, &untouched, sizeof grants);
	assert_int_equal(invitation_redeem(&invitation, NOW, &grants), INVITATION_GOOD);
	assert_int_equal(
		invitation_redeem(&invitation, NOW + 10 * SECOND - 1, &grants), INVITATION_GOOD);
	assert_int_equal(invitation_redeem(&invitation, NOW, &grants), INVITATION_USED_UP);
	invitation.uses_left = 1;
	invitation.revoked = true;
	assert_int_equal(invitation_redeem(&invitation, NOW, &grants), INVITATION_REVOKED);
	assert_int_equal(invitation.uses_left, 1);
}

static void guest_has_the_planes_for_the_visit_alone(void **state)
{
	struct invitation invitation = { POINTER, 2, NOW + SECOND, 0, false };
	struct grants grants = { .lasting = GRANTS_ALL };
	assert_int_equal(invitation_redeem(&invitation, NOW, &grants), INVITATION_GOOD);
	assert_planes(&grants, POINTER, NOW);
	/* The invitation's own end shuts the door; it does not throw anybody out. */
	assert_planes(&grants, POINTER, NOW + 100 * SECOND);
	grants_leave(&grants);
	assert_planes(&grants, 0, NOW);
	invitation.stay_ns = 60 * SECOND;
	assert_int_equal(invitation_redeem(&invitation, NOW, &grants), INVITATION_GOOD);
	assert_planes(&grants, POINTER, NOW + 60 * SECOND - 1);
	assert_planes(&grants, 0, NOW + 60 * SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets_are_sets_of_planes),
		cmocka_unit_test(clipboard_microphone_and_launch_are_no_input),
		cmocka_unit_test(nobody_but_the_operator_changes_grants),
		cmocka_unit_test(operator_widens_and_narrows),
		cmocka_unit_test(unknown_planes_and_terms_without_an_end_are_refused),
		cmocka_unit_test(term_ends_by_itself),
		cmocka_unit_test(term_may_narrow),
		cmocka_unit_test(term_ends_with_the_visit),
		cmocka_unit_test(narrowing_bites_during_a_term),
		cmocka_unit_test(names_are_read_as_they_are_written),
		cmocka_unit_test(invitation_gives_no_more_than_the_inviter_has),
		cmocka_unit_test(invitation_is_good_for_its_uses_and_its_time),
		cmocka_unit_test(guest_has_the_planes_for_the_visit_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
