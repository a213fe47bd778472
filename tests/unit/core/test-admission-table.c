/*
 * Every combination of policy, requester, desktop, capabilities and encoders, and random desktops besides: the decision
 * is that of the plain specification, and keeps the promises that hold for all of them.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "admission_oracle.h"
#include "admission_scene.h"
#include "random.h"

#define RANDOM_DESKTOPS 200000

static uint64_t mask_of(const bool *bits)
{
	uint64_t mask = 0;
	for (size_t i = 0; i < ADMISSION_DISPLAYS_MAX; i++)
		mask |= (uint64_t)bits[i] << i;
	return mask;
}

static void print_scene(const struct scene *scene, const struct admission_decision *decision)
{
	print_message("conflict %s, identity %s, max %" PRIu32 ", keep %d; ordinal %" PRIu32
		      " anonymous %d; isolated %d, second %d, reconfigure %d, encoders %" PRIu32
		      "\n",
		(const char *[]){
			"separate", "steal", "join", "reject" }[scene->policy.mode_conflict],
		(const char *[]){ "shared", "client", "client-mode" }[scene->policy.identity],
		scene->policy.max_displays, scene->policy.keep_alive.kind, scene->request.ordinal,
		scene->request.anonymous, scene->desktop.isolated, scene->desktop.second_output,
		scene->desktop.reconfigure, scene->desktop.encoders_free);
	for (size_t i = 0; i < scene->desktop.count; i++) {
		const struct admission_display *display = &scene->displays[i];
		print_message("%zu: %s %.4s%s, %" PRIu32 " sessions, %" PRIu32
			      " owner's, until %" PRIu64 " input %" PRIu64 " acquired %" PRIu64
			      "\n",
			i, lifecycle_state_name(display->state),
			display->anonymous ? "-" : display->key->text,
			!display->anonymous && strcmp(display->key->text, scene->key.text) == 0
				? " (requester's key)"
				: "",
			display->sessions, display->owner_sessions, display->until_ns,
			display->last_input_ns, display->acquired);
	}
	print_message("%s/%s display %zd evict %#" PRIx64 " victims %#" PRIx64 " preempt %#" PRIx64
		      "\n",
		admission_kind_name(decision->kind), admission_rejection_name(decision->rejection),
		(ssize_t)decision->display, decision->evict, decision->victims, decision->preempt);
	for (size_t i = 0; i < decision->reason_count; i++)
		print_message("  %u %s\n", decision->reasons[i].rule,
			admission_reason_name(decision->reasons[i].code));
}

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			print_scene(scene, decision);                                              \
			fail_msg("%s", #condition);                                                \
		}                                                                                  \
	} while (0)

static bool has_reason(const struct admission_decision *decision, enum admission_reason_code code)
{
	for (size_t i = 0; i < decision->reason_count; i++) {
		if (decision->reasons[i].code == code)
			return true;
	}
	return false;
}

static void check_chain(const struct scene *scene, const struct admission_decision *decision)
{
	CHECK(decision->reason_count > 0 && decision->reason_count <= ADMISSION_REASONS_MAX);
	for (size_t i = 0; i < decision->reason_count; i++) {
		const struct admission_reason *reason = &decision->reasons[i];
		CHECK(reason->rule == oracle_rule(reason->code));
		CHECK(reason->display == SIZE_MAX || reason->display < scene->desktop.count);
		for (size_t j = 0; j < i; j++)
			CHECK(decision->reasons[j].code != reason->code ||
				(reason->code == ADMISSION_REASON_PREEMPTS_OWN_SESSION &&
					decision->reasons[j].display != reason->display));
	}
	CHECK(oracle_explains(decision, decision->reasons[decision->reason_count - 1].code));
	/* What is done has been said. */
	CHECK(!decision->evict || has_reason(decision, ADMISSION_REASON_EVICTS));
	CHECK(!decision->victims || has_reason(decision, ADMISSION_REASON_POLICY_STEAL));
	CHECK(!decision->preempt || has_reason(decision, ADMISSION_REASON_PREEMPTS_OWN_SESSION));
	CHECK(has_reason(decision, ADMISSION_REASON_ANONYMOUS) == scene->request.anonymous);
	CHECK(has_reason(decision, ADMISSION_REASON_OWN_DISPLAY) +
			has_reason(decision, ADMISSION_REASON_NOBODY_ELSE) +
			has_reason(decision, ADMISSION_REASON_OTHERS_LIVE) ==
		1);
}

static void check_promises(const struct scene *scene, const struct admission_decision *decision)
{
	const uint64_t own = decision->display < 64 ? UINT64_C(1) << decision->display : 0;
	const uint64_t all = decision->evict | decision->victims | decision->preempt | own;
	CHECK((decision->evict & decision->victims) == 0);
	CHECK((decision->evict & decision->preempt) == 0);
	CHECK((decision->victims & decision->preempt) == 0);
	CHECK(((decision->evict | decision->victims | decision->preempt) & own) == 0);
	CHECK(scene->desktop.count == 64 || all >> scene->desktop.count == 0);
	CHECK((decision->kind == ADMISSION_REJECT) ==
		(decision->rejection != ADMISSION_NOT_REJECTED));
	for (size_t i = 0; i < scene->desktop.count; i++) {
		const struct admission_display *display = &scene->displays[i];
		const uint64_t bit = UINT64_C(1) << i;
		if (decision->evict & bit)
			CHECK(display->state == LIFECYCLE_LINGERING && display->sessions == 0);
		if (decision->victims & bit)
			CHECK(display->sessions > 0);
		if (decision->preempt & bit)
			CHECK(display->owner_sessions > 0 && !scene->request.anonymous &&
				display->owner == scene->request.client);
		if (all & bit)
			CHECK(display->state != LIFECYCLE_GONE);
	}
	if (decision->kind == ADMISSION_REJECT) {
		CHECK((all & ~own) == 0);
		CHECK((decision->display != SIZE_MAX) == (decision->rejection == ADMISSION_BUSY));
	}
	CHECK(decision->kind != ADMISSION_JOIN || decision->rejection == ADMISSION_NOT_REJECTED);
	if (decision->kind == ADMISSION_JOIN || decision->kind == ADMISSION_TRANSFER)
		CHECK(scene->displays[decision->display].sessions > 0 &&
			(scene->request.anonymous ||
				scene->displays[decision->display].owner != scene->request.client));
	/* Whoever has a display is never turned away for its sake, but for the encoder. */
	if (has_reason(decision, ADMISSION_REASON_OWN_DISPLAY))
		CHECK(decision->rejection == ADMISSION_NOT_REJECTED ||
			decision->rejection == ADMISSION_ENCODER_BUSY);
}

static bool is_same(const struct admission_decision *a, const struct admission_decision *b)
{
	if (a->kind != b->kind || a->rejection != b->rejection || a->display != b->display ||
		a->evict != b->evict || a->victims != b->victims || a->preempt != b->preempt ||
		a->reason_count != b->reason_count)
		return false;
	for (size_t i = 0; i < a->reason_count; i++) {
		if (a->reasons[i].code != b->reasons[i].code ||
			a->reasons[i].display != b->reasons[i].display)
			return false;
	}
	return true;
}

/* Returns the kind, for counting. */
static enum admission_kind check(struct scene *scene)
{
	const struct admission_decision *decision = &scene->decision;
	memset(&scene->decision, 0xaa, sizeof scene->decision);
	scene_decide(scene);
	const struct admission_decision one = scene->decision;
	memset(&scene->decision, 0x55, sizeof scene->decision);
	scene_decide(scene);
	const struct oracle_verdict verdict =
		oracle_decide(&scene->policy, &scene->request, &scene->desktop, scene->ordinals);
	CHECK(decision->kind == verdict.kind);
	CHECK(decision->rejection == verdict.rejection);
	CHECK(decision->display == verdict.display);
	CHECK(decision->evict == mask_of(verdict.evict));
	CHECK(decision->victims == mask_of(verdict.victim));
	CHECK(decision->preempt == mask_of(verdict.preempt));
	CHECK(is_same(decision, &one));
	check_promises(scene, decision);
	check_chain(scene, decision);
	return decision->kind;
}

static void every_combination_is_decided_as_specified(void **state)
{
	struct scene scene;
	uint64_t kinds[ADMISSION_REJECT + 1] = { 0 };
	uint32_t number = 0;
	for (; scene_from_number(&scene, number); number++)
		kinds[check(&scene)]++;
	print_message("# %" PRIu32 " combinations\n", number);
	for (size_t i = 0; i <= ADMISSION_REJECT; i++)
		assert_true(kinds[i] > 100);
}

static void random_desktops_are_decided_as_specified(void **state)
{
	uint64_t random = random_seed();
	print_message("# LODGE_TEST_SEED=%" PRIu64 "\n", random);
	for (uint32_t round = 0; round < RANDOM_DESKTOPS; round++) {
		struct scene scene;
		scene_from_random(&scene, &random, round % 64 == 0 ? ADMISSION_DISPLAYS_MAX : 6);
		check(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination_is_decided_as_specified),
		cmocka_unit_test(random_desktops_are_decided_as_specified),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
