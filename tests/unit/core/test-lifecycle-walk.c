/*
 * Random walks through the lifecycle, checked after every step against a model that knows nothing of its states:
 * only which claims and leases there must be, and what the backend was asked for.
 *
 * A walk takes any event at any time, also the senseless ones. LODGE_TEST_SEED replays a walk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/lifecycle.h"
#include "random.h"

#define STEPS 400000
#define EVENTS (LIFECYCLE_SHUTDOWN + 1)

struct model {
	uint32_t waiters, leases; /* claims that wait, claims that were granted */
	bool creating, destroying; /* asked of the backend and not answered */
	bool output; /* exists, and no destroy was asked for */
	bool timer; /* armed */
	uint32_t launches; /* of this output */
};

static bool has(const struct lifecycle_step *step, uint32_t effect)
{
	return (step->effects & effect) != 0;
}

/* What the world does by itself at this event, before any effect. */
static void model_event(
	struct model *model, const struct lifecycle_event *event, const struct lifecycle *before)
{
	switch (event->type) {
	case LIFECYCLE_ACQUIRE:
		model->waiters++;
		break;
	case LIFECYCLE_WAITER_LEFT:
		model->waiters -= model->waiters > 0;
		break;
	case LIFECYCLE_RELEASE:
	case LIFECYCLE_QUIT:
		model->leases -= model->leases > 0 && event->generation == before->generation;
		break;
	case LIFECYCLE_TAKEN:
	case LIFECYCLE_TRANSFERRED:
		model->leases = 0;
		model->waiters =
			event->type == LIFECYCLE_TRANSFERRED && before->state != LIFECYCLE_GONE;
		break;
	case LIFECYCLE_CREATED:
		model->output |= model->creating;
		model->launches = model->creating ? 0 : model->launches;
		model->creating = false;
		break;
	case LIFECYCLE_CREATE_FAILED:
		model->creating = false;
		break;
	case LIFECYCLE_DESTROYED:
		model->destroying = false;
		break;
	case LIFECYCLE_VANISHED:
		model->output = false;
		break;
	default:
		break;
	}
}

static void model_effects(struct model *model, const struct lifecycle_step *step)
{
	/* In the order in which a registry performs them. */
	if (has(step, LIFECYCLE_DISARM_TIMER))
		model->timer = false;
	if (has(step, LIFECYCLE_FAIL_WAITERS)) {
		assert_true(model->waiters > 0);
		model->waiters = 0;
	}
	if (has(step, LIFECYCLE_DROP_LEASES)) {
		assert_true(model->leases > 0);
		model->leases = 0;
	}
	if (has(step, LIFECYCLE_SUSPEND_LEASES)) {
		assert_true(model->leases > 0);
		model->waiters += model->leases;
		model->leases = 0;
	}
	if (has(step, LIFECYCLE_DESTROY_OUTPUT)) {
		/* Only what exists is destroyed, and each output once. */
		assert_true(model->output);
		model->output = false;
		model->destroying = true;
	}
	if (has(step, LIFECYCLE_CREATE_OUTPUT)) {
		/* Never a second output beside the first, nor one that nobody waits for. */
		assert_false(model->output || model->creating || model->destroying);
		assert_true(model->waiters > 0);
		model->creating = true;
	}
	if (has(step, LIFECYCLE_RECONFIGURE_OUTPUT | LIFECYCLE_APPLY_TOPOLOGY))
		assert_true(model->output);
	if (has(step, LIFECYCLE_GRANT_WAITERS)) {
		/* No grant without an output that stays. */
		assert_true(model->output && model->waiters > 0);
		model->leases += model->waiters;
		model->waiters = 0;
	}
	if (has(step, LIFECYCLE_LAUNCH)) {
		assert_true(model->output);
		assert_int_equal(++model->launches, 1);
	}
	if (has(step, LIFECYCLE_ARM_TIMER))
		model->timer = true;
}

/* What the state must be, given what happened. */
static void check_state(const struct model *model, const struct lifecycle *now)
{
	const bool kept = now->state == LIFECYCLE_LINGERING || now->state == LIFECYCLE_PINNED;
	const bool exists = kept || now->state == LIFECYCLE_ACTIVE;
	/* No claim and no lease is forgotten or invented. */
	assert_int_equal(now->waiters, model->waiters);
	assert_int_equal(now->leases, model->leases);
	assert_int_equal(exists, model->output);
	assert_int_equal(now->state == LIFECYCLE_CREATING, model->creating);
	assert_int_equal(now->state == LIFECYCLE_CLOSING, model->destroying);
	assert_int_equal(now->state == LIFECYCLE_LINGERING, model->timer);
	assert_true(now->until_ns == 0 || now->state == LIFECYCLE_LINGERING);
	/* Leases are of the active state alone; nobody waits in a state that nothing will end. */
	assert_true(now->leases == 0 || now->state == LIFECYCLE_ACTIVE);
	assert_false((kept || now->state == LIFECYCLE_GONE) && now->waiters > 0);
	assert_true(now->state != LIFECYCLE_ACTIVE || now->leases > 0 || now->waiters > 0);
	assert_true(now->state != LIFECYCLE_ACTIVE || now->waiters == 0 || now->reconfiguring);
	assert_true(!now->reconfiguring || now->state == LIFECYCLE_ACTIVE);
	assert_true(!now->quit_pending || (now->state == LIFECYCLE_CREATING && now->waiters == 0));
}

static void check_step(const struct lifecycle *before, const struct lifecycle_event *event,
	const struct lifecycle_step *step)
{
	const bool existed = before->state == LIFECYCLE_ACTIVE ||
		before->state == LIFECYCLE_LINGERING || before->state == LIFECYCLE_PINNED;
	const bool created =
		before->state == LIFECYCLE_CREATING && event->type == LIFECYCLE_CREATED;
	const bool ends = has(step, LIFECYCLE_DESTROY_OUTPUT) ||
		(existed && event->type == LIFECYCLE_VANISHED);
	const bool transferred = existed && event->type == LIFECYCLE_TRANSFERRED;
	/* The generation grows by each create and transfer, and by nothing else. */
	assert_int_equal(step->next.generation, before->generation + (created || transferred));
	/* The topology is restored with the end of the group's last output, and only then. */
	assert_int_equal(has(step, LIFECYCLE_RESTORE_TOPOLOGY), ends && event->last_of_group);
	/* Only holders are told, and only of a vanished output. */
	assert_int_equal(has(step, LIFECYCLE_TELL_VANISHED),
		event->type == LIFECYCLE_VANISHED && before->leases > 0);
	/* The refusal is all that happens. */
	if (has(step, LIFECYCLE_REFUSE_IN_USE)) {
		assert_int_equal(event->type, LIFECYCLE_OPERATOR_RELEASE);
		assert_int_equal(step->effects, LIFECYCLE_REFUSE_IN_USE);
		assert_memory_equal(&step->next, before, sizeof *before);
	}
	/* Holders lose their leases by nothing but a vanished output or a shutdown. */
	if (has(step, LIFECYCLE_DROP_LEASES))
		assert_true(event->type == LIFECYCLE_VANISHED || event->type == LIFECYCLE_SHUTDOWN);
	/* And they wait for a fresh output only where there is no other way to their mode. */
	if (has(step, LIFECYCLE_SUSPEND_LEASES))
		assert_true(event->type == LIFECYCLE_RECREATE ||
			(event->type == LIFECYCLE_ACQUIRE && event->needs_mode && event->recreate));
}

/* The backend answers what it was asked, one way or the other: then nobody waits any more. */
static void check_that_waiting_ends(struct lifecycle lifecycle, uint64_t *seed, uint64_t now_ns)
{
	bool refused = false; /* one refused set_mode leads to one fresh create at most */
	for (int answers = 0; lifecycle.waiters > 0; answers++) {
		const bool fail = random_below(seed, 2) == 0;
		struct lifecycle_event event = { 0 };
		assert_true(answers < 4);
		switch (lifecycle.state) {
		case LIFECYCLE_CREATING:
			event.type = fail ? LIFECYCLE_CREATE_FAILED : LIFECYCLE_CREATED;
			break;
		case LIFECYCLE_CLOSING:
			event.type = LIFECYCLE_DESTROYED;
			break;
		default:
			assert_true(lifecycle.reconfiguring);
			assert_false(refused);
			event.type = fail ? LIFECYCLE_RECONFIGURE_FAILED : LIFECYCLE_RECONFIGURED;
			refused = fail;
			break;
		}
		lifecycle = lifecycle_step(&lifecycle, &event, now_ns).next;
	}
}

static void check_that_shutdown_ends(struct lifecycle lifecycle, uint64_t now_ns)
{
	static const enum lifecycle_event_type events[] = {
		LIFECYCLE_SHUTDOWN,
		LIFECYCLE_CREATED,
		LIFECYCLE_DESTROYED,
	};
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		const struct lifecycle_event event = {
			.type = events[i],
			.keep_alive = { KEEP_ALIVE_FOREVER, 0 },
		};
		lifecycle = lifecycle_step(&lifecycle, &event, now_ns).next;
	}
	assert_int_equal(lifecycle.state, LIFECYCLE_GONE);
}

static struct lifecycle_event random_event(const struct lifecycle *lifecycle, uint64_t *seed)
{
	/* SHUTDOWN and VANISHED are rare, so that walks get somewhere. */
	enum lifecycle_event_type type = (enum lifecycle_event_type)random_below(seed, EVENTS);
	if ((type == LIFECYCLE_SHUTDOWN || type == LIFECYCLE_VANISHED) && random_below(seed, 4) > 0)
		type = LIFECYCLE_ACQUIRE;
	return (struct lifecycle_event){
		.type = type,
		.generation = lifecycle->generation - (random_below(seed, 4) == 0),
		.keep_alive = { (enum keep_alive_kind)random_below(seed, 3),
			random_below(seed, 50) },
		.needs_mode = random_below(seed, 2) == 0,
		.recreate = random_below(seed, 4) == 0,
		.quit = random_below(seed, 4) == 0,
		.last_of_group = random_below(seed, 2) == 0,
	};
}

static void every_walk_keeps_the_promises(void **state)
{
	uint64_t seed = random_seed(), now_ns = 0;
	uint32_t seen[LIFECYCLE_CLOSING + 1][EVENTS] = { 0 };
	struct lifecycle lifecycle = { 0 };
	struct model model = { 0 };
	printf("# LODGE_TEST_SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	for (uint32_t i = 0; i < STEPS; i++) {
		const struct lifecycle_event event = random_event(&lifecycle, &seed);
		now_ns += random_below(&seed, 20);
		const struct lifecycle_step step = lifecycle_step(&lifecycle, &event, now_ns);
		seen[lifecycle.state][event.type]++;
		model_event(&model, &event, &lifecycle);
		model_effects(&model, &step);
		check_step(&lifecycle, &event, &step);
		check_state(&model, &step.next);
		check_that_waiting_ends(step.next, &seed, now_ns);
		check_that_shutdown_ends(step.next, now_ns);
		lifecycle = step.next;
	}
	/* The walk has been everywhere. */
	for (int from = 0; from <= LIFECYCLE_CLOSING; from++) {
		for (int type = 0; type < EVENTS; type++)
			assert_true(seen[from][type] > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_walk_keeps_the_promises),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
