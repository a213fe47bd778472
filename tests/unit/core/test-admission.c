/* The readable cases; every combination is compared with a plain specification in test-admission-table.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admission_scene.h"

static void begin(struct scene *scene)
{
	scene_init(scene);
	scene->policy = (struct display_policy){ .mode_conflict = POLICY_CONFLICT_SEPARATE,
		.identity = POLICY_IDENTITY_PER_CLIENT,
		.keep_alive = { KEEP_ALIVE_DURATION, 1 },
		.max_displays = 4 };
	scene->desktop.second_output = true;
	scene->desktop.reconfigure = true;
	scene->desktop.encoders_free = 8;
}

/* Live ones have their owner's session. */
static struct admission_display *add(struct scene *scene, size_t client, enum lifecycle_state state)
{
	return scene_add(scene, client, 1, &scene_large, state,
		state == LIFECYCLE_ACTIVE || state == LIFECYCLE_CREATING);
}

static void expect_reasons(const struct admission_decision *decision, size_t count,
	const enum admission_reason_code *codes)
{
	assert_int_equal(decision->reason_count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(admission_reason_name(decision->reasons[i].code),
			admission_reason_name(codes[i]));
}
#define EXPECT_REASONS(decision, ...)                                                              \
	expect_reasons(decision,                                                                   \
		sizeof(enum admission_reason_code[]){ __VA_ARGS__ } /                              \
			sizeof(enum admission_reason_code),                                        \
		(enum admission_reason_code[]){ __VA_ARGS__ })

static void an_empty_desktop_gets_a_display(void **state)
{
	struct scene scene;
	begin(&scene);
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_CREATE);
	assert_true(decision->display == SIZE_MAX);
	EXPECT_REASONS(decision, ADMISSION_REASON_NOBODY_ELSE, ADMISSION_REASON_ROOM);
}

static void a_client_comes_back_to_its_kept_display(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.policy.mode_conflict = POLICY_CONFLICT_REJECT;
	add(&scene, SCENE_ADA, LIFECYCLE_ACTIVE);
	add(&scene, SCENE_MINE, LIFECYCLE_LINGERING);
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_REUSE);
	assert_int_equal(decision->display, 1);
	EXPECT_REASONS(decision, ADMISSION_REASON_OWN_DISPLAY, ADMISSION_REASON_SAME_MODE);
}

static void a_clients_older_session_makes_way(void **state)
{
	struct scene scene;
	begin(&scene);
	add(&scene, SCENE_MINE, LIFECYCLE_ACTIVE)->needs_mode = true;
	scene.desktop.encoders_free = 0;
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_RECONFIGURE);
	assert_int_equal(decision->display, 0);
	EXPECT_REASONS(decision, ADMISSION_REASON_OWN_DISPLAY,
		ADMISSION_REASON_PREEMPTS_OWN_SESSION, ADMISSION_REASON_OTHER_MODE);
}

static void a_backend_that_cannot_reconfigure_recreates(void **state)
{
	struct scene scene;
	begin(&scene);
	add(&scene, SCENE_MINE, LIFECYCLE_PINNED)->needs_mode = true;
	scene.desktop.reconfigure = false;
	assert_int_equal(scene_decide(&scene)->kind, ADMISSION_RECREATE);
}

static void an_own_display_that_closes_for_a_waiter_is_created_anew(void **state)
{
	struct scene scene;
	begin(&scene);
	struct admission_display *own = add(&scene, SCENE_MINE, LIFECYCLE_CLOSING);
	own->sessions = own->owner_sessions = 1;
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_RECREATE);
	EXPECT_REASONS(decision, ADMISSION_REASON_OWN_DISPLAY,
		ADMISSION_REASON_PREEMPTS_OWN_SESSION, ADMISSION_REASON_CLOSING);
}

static void an_own_display_that_only_closes_is_admitted_afresh(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.policy.max_displays = 1;
	add(&scene, SCENE_MINE, LIFECYCLE_CLOSING);
	assert_int_equal(scene_decide(&scene)->kind, ADMISSION_CREATE);
	assert_int_equal(scene.decision.display, 0);
	add(&scene, SCENE_ADA, LIFECYCLE_ACTIVE);
	assert_int_equal(scene_decide(&scene)->kind, ADMISSION_REJECT);
	assert_int_equal(scene.decision.rejection, ADMISSION_FULL);
}

static void another_size_is_another_display_but_not_another_seat(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.policy.identity = POLICY_IDENTITY_PER_CLIENT_MODE;
	add(&scene, SCENE_MINE, LIFECYCLE_ACTIVE);
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_CREATE);
	assert_int_equal(decision->preempt, 1);
	EXPECT_REASONS(decision, ADMISSION_REASON_PREEMPTS_OWN_SESSION,
		ADMISSION_REASON_NOBODY_ELSE, ADMISSION_REASON_ROOM);
}

static void another_display_of_the_client_keeps_its_session(void **state)
{
	struct scene scene;
	begin(&scene);
	add(&scene, SCENE_MINE, LIFECYCLE_ACTIVE);
	scene.request.ordinal = 2;
	assert_int_equal(scene_decide(&scene)->kind, ADMISSION_CREATE);
	assert_int_equal(scene.decision.preempt, 0);
}

static void a_display_of_one_size_frees_its_place_unless_it_is_kept(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.policy.identity = POLICY_IDENTITY_PER_CLIENT_MODE;
	scene.policy.max_displays = 1;
	add(&scene, SCENE_MINE, LIFECYCLE_ACTIVE);
	assert_int_equal(scene_decide(&scene)->rejection, ADMISSION_FULL);
	scene.policy.keep_alive.kind = KEEP_ALIVE_OFF;
	assert_int_equal(scene_decide(&scene)->kind, ADMISSION_CREATE);
	scene.displays[0].sessions = 2; /* somebody has joined: it stays */
	assert_int_equal(scene_decide(&scene)->rejection, ADMISSION_FULL);
}

static void the_policy_says_how_others_are_met(void **state)
{
	static const struct {
		enum policy_conflict conflict;
		enum admission_kind kind;
		enum admission_rejection rejection;
		size_t display;
		uint64_t victims;
	} rows[] = {
		{ POLICY_CONFLICT_SEPARATE, ADMISSION_CREATE, ADMISSION_NOT_REJECTED, SIZE_MAX, 0 },
		{ POLICY_CONFLICT_JOIN, ADMISSION_JOIN, ADMISSION_NOT_REJECTED, 1, 0 },
		{ POLICY_CONFLICT_STEAL, ADMISSION_STEAL, ADMISSION_NOT_REJECTED, SIZE_MAX, 3 },
		{ POLICY_CONFLICT_REJECT, ADMISSION_REJECT, ADMISSION_BUSY, 1, 0 },
	};
	struct scene scene;
	begin(&scene);
	add(&scene, SCENE_ADA, LIFECYCLE_ACTIVE)->last_input_ns = 5;
	add(&scene, SCENE_BEN, LIFECYCLE_ACTIVE)->last_input_ns = 6;
	add(&scene, SCENE_ADA, LIFECYCLE_LINGERING);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		scene.policy.mode_conflict = rows[i].conflict;
		const struct admission_decision *decision = scene_decide(&scene);
		assert_int_equal(decision->kind, rows[i].kind);
		assert_int_equal(decision->rejection, rows[i].rejection);
		assert_true(decision->display == rows[i].display);
		assert_int_equal(decision->victims, rows[i].victims);
	}
}

static void without_input_the_display_that_was_acquired_last_is_joined(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.policy.mode_conflict = POLICY_CONFLICT_JOIN;
	add(&scene, SCENE_ADA, LIFECYCLE_ACTIVE)->acquired = 9;
	add(&scene, SCENE_BEN, LIFECYCLE_CREATING)->acquired = 4;
	assert_int_equal(scene_decide(&scene)->display, 0);
}

static void an_isolated_display_is_transferred(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.policy.mode_conflict = POLICY_CONFLICT_STEAL;
	scene.desktop.isolated = true;
	scene.desktop.encoders_free = 0;
	add(&scene, SCENE_ADA, LIFECYCLE_ACTIVE);
	add(&scene, SCENE_ADA, LIFECYCLE_ACTIVE);
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_TRANSFER);
	assert_int_equal(decision->display, 1);
	assert_int_equal(decision->victims, 1);
	EXPECT_REASONS(decision, ADMISSION_REASON_OTHERS_LIVE, ADMISSION_REASON_POLICY_STEAL,
		ADMISSION_REASON_TRANSFERS);
}

static void a_shared_display_that_somebody_uses_is_somebody_elses(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.policy.identity = POLICY_IDENTITY_SHARED;
	scene.policy.mode_conflict = POLICY_CONFLICT_REJECT;
	struct admission_display *shared = add(&scene, SCENE_ADA, LIFECYCLE_ACTIVE);
	assert_int_equal(scene_decide(&scene)->rejection, ADMISSION_BUSY);
	/* Its owner has left, who joined is still there. */
	shared->owner_sessions = 0;
	assert_int_equal(scene_decide(&scene)->rejection, ADMISSION_BUSY);
	/* Nobody is there: it is whoever comes. */
	shared->state = LIFECYCLE_PINNED;
	shared->sessions = 0;
	assert_int_equal(scene_decide(&scene)->kind, ADMISSION_REUSE);
}

static void one_output_turns_separate_into_join(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.desktop.second_output = false;
	add(&scene, SCENE_ADA, LIFECYCLE_ACTIVE);
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_JOIN);
	EXPECT_REASONS(decision, ADMISSION_REASON_OTHERS_LIVE, ADMISSION_REASON_POLICY_SEPARATE,
		ADMISSION_REASON_ONE_OUTPUT_ONLY);
}

static void a_kept_display_makes_way_for_the_only_output(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.desktop.second_output = false;
	add(&scene, SCENE_ADA, LIFECYCLE_LINGERING);
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_CREATE);
	assert_int_equal(decision->evict, 1);
	EXPECT_REASONS(decision, ADMISSION_REASON_NOBODY_ELSE, ADMISSION_REASON_ONE_OUTPUT_ONLY,
		ADMISSION_REASON_EVICTS);
	scene.displays[0].state = LIFECYCLE_PINNED;
	assert_int_equal(scene_decide(&scene)->rejection, ADMISSION_FULL);
}

static void the_lingering_display_nearest_its_end_is_evicted(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.policy.max_displays = 3;
	add(&scene, SCENE_ADA, LIFECYCLE_LINGERING)->until_ns = 20;
	add(&scene, SCENE_BEN, LIFECYCLE_LINGERING)->until_ns = 10;
	add(&scene, SCENE_ADA, LIFECYCLE_PINNED);
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_CREATE);
	assert_int_equal(decision->evict, 2);
	assert_int_equal(decision->reasons[1].display, 1);
	scene.policy.max_displays = 2;
	assert_int_equal(scene_decide(&scene)->evict, 3);
	scene.policy.max_displays = 1;
	assert_int_equal(scene_decide(&scene)->rejection, ADMISSION_FULL);
	assert_int_equal(scene.decision.evict, 0);
}

static void a_theft_makes_its_own_room(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.policy.mode_conflict = POLICY_CONFLICT_STEAL;
	scene.policy.max_displays = 1;
	scene.desktop.encoders_free = 0;
	add(&scene, SCENE_ADA, LIFECYCLE_ACTIVE);
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_STEAL);
	EXPECT_REASONS(decision, ADMISSION_REASON_OTHERS_LIVE, ADMISSION_REASON_POLICY_STEAL,
		ADMISSION_REASON_FULL_STEALS);
	scene.displays[0].state = LIFECYCLE_PINNED;
	scene.displays[0].sessions = scene.displays[0].owner_sessions = 0;
	assert_int_equal(scene_decide(&scene)->rejection, ADMISSION_FULL);
}

static void only_a_stream_that_is_new_needs_an_encoder(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.desktop.encoders_free = 0;
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->rejection, ADMISSION_ENCODER_BUSY);
	EXPECT_REASONS(decision, ADMISSION_REASON_NOBODY_ELSE, ADMISSION_REASON_ROOM,
		ADMISSION_REASON_NO_ENCODER);
	scene.policy.mode_conflict = POLICY_CONFLICT_JOIN;
	add(&scene, SCENE_ADA, LIFECYCLE_ACTIVE);
	assert_int_equal(scene_decide(&scene)->kind, ADMISSION_JOIN);
	add(&scene, SCENE_MINE, LIFECYCLE_LINGERING);
	assert_int_equal(scene_decide(&scene)->rejection, ADMISSION_ENCODER_BUSY);
}

static void anonymous_clients_have_no_display_of_their_own(void **state)
{
	struct scene scene;
	begin(&scene);
	scene.request.anonymous = true;
	add(&scene, SCENE_MINE, LIFECYCLE_LINGERING);
	struct admission_display *other = add(&scene, SCENE_MINE, LIFECYCLE_ACTIVE);
	other->anonymous = true;
	other->owner = NULL;
	other->key = NULL;
	other->slot = 0;
	const struct admission_decision *decision = scene_decide(&scene);
	assert_int_equal(decision->kind, ADMISSION_CREATE);
	assert_int_equal(decision->preempt, 0);
	EXPECT_REASONS(decision, ADMISSION_REASON_ANONYMOUS, ADMISSION_REASON_OTHERS_LIVE,
		ADMISSION_REASON_POLICY_SEPARATE, ADMISSION_REASON_ROOM);
}

static void every_outcome_has_words(void **state)
{
	for (int i = 0; i < ADMISSION_REASON_CODES; i++) {
		assert_string_not_equal(admission_reason_name((enum admission_reason_code)i), "?");
		const char *text = admission_reason_text((enum admission_reason_code)i);
		assert_null(strchr(text, '%'));
		assert_int_equal(text[strlen(text) - 1], '.');
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
				admission_reason_name((enum admission_reason_code)i),
				admission_reason_name((enum admission_reason_code)j));
	}
	for (int i = 0; i <= ADMISSION_REJECT; i++)
		assert_string_not_equal(admission_kind_name((enum admission_kind)i), "?");
	for (int i = 0; i <= ADMISSION_ENCODER_BUSY; i++)
		assert_string_not_equal(admission_rejection_name((enum admission_rejection)i), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_desktop_gets_a_display),
		cmocka_unit_test(a_client_comes_back_to_its_kept_display),
		cmocka_unit_test(a_clients_older_session_makes_way),
		cmocka_unit_test(a_backend_that_cannot_reconfigure_recreates),
		cmocka_unit_test(an_own_display_that_closes_for_a_waiter_is_created_anew),
		cmocka_unit_test(an_own_display_that_only_closes_is_admitted_afresh),
		cmocka_unit_test(another_size_is_another_display_but_not_another_seat),
		cmocka_unit_test(another_display_of_the_client_keeps_its_session),
		cmocka_unit_test(a_display_of_one_size_frees_its_place_unless_it_is_kept),
		cmocka_unit_test(the_policy_says_how_others_are_met),
		cmocka_unit_test(without_input_the_display_that_was_acquired_last_is_joined),
		cmocka_unit_test(an_isolated_display_is_transferred),
		cmocka_unit_test(a_shared_display_that_somebody_uses_is_somebody_elses),
		cmocka_unit_test(one_output_turns_separate_into_join),
		cmocka_unit_test(a_kept_display_makes_way_for_the_only_output),
		cmocka_unit_test(the_lingering_display_nearest_its_end_is_evicted),
		cmocka_unit_test(a_theft_makes_its_own_room),
		cmocka_unit_test(only_a_stream_that_is_new_needs_an_encoder),
		cmocka_unit_test(anonymous_clients_have_no_display_of_their_own),
		cmocka_unit_test(every_outcome_has_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
