#include "core/lifecycle.h"

/* RESTORE belongs to every end of a group's last display, and its bit lies below DESTROY's. */
static uint32_t restore_if_last(const struct lifecycle_event *event)
{
	return event->last_of_group ? LIFECYCLE_RESTORE_TOPOLOGY : 0;
}

/* Only a lingering display has its timer armed. */
static uint32_t leave_lingering(struct lifecycle *next)
{
	const uint32_t effects = next->state == LIFECYCLE_LINGERING ? LIFECYCLE_DISARM_TIMER : 0;
	next->until_ns = 0;
	return effects;
}

/* The output is to be destroyed. Waiters stay: they are admitted afresh when it is gone. */
static uint32_t close_output(struct lifecycle *next, const struct lifecycle_event *event)
{
	uint32_t effects = leave_lingering(next);
	if (next->leases > 0)
		effects |= LIFECYCLE_DROP_LEASES;
	next->leases = 0;
	next->reconfiguring = false;
	next->quit_pending = false;
	next->state = LIFECYCLE_CLOSING;
	return effects | restore_if_last(event) | LIFECYCLE_DESTROY_OUTPUT;
}

/* There is no output any more: a fresh one for those who wait, else the end. */
static uint32_t after_output(struct lifecycle *next)
{
	next->leases = 0;
	next->reconfiguring = false;
	next->quit_pending = false;
	next->state = next->waiters > 0 ? LIFECYCLE_CREATING : LIFECYCLE_GONE;
	return next->waiters > 0 ? LIFECYCLE_CREATE_OUTPUT : 0;
}

static uint32_t fail_waiters(struct lifecycle *next)
{
	const uint32_t effects = next->waiters > 0 ? LIFECYCLE_FAIL_WAITERS : 0;
	next->waiters = 0;
	return effects;
}

static uint32_t grant_waiters(struct lifecycle *next)
{
	const uint32_t effects = next->waiters > 0 ? LIFECYCLE_GRANT_WAITERS : 0;
	next->leases += next->waiters;
	next->waiters = 0;
	next->reconfiguring = false;
	next->state = LIFECYCLE_ACTIVE;
	return effects;
}

static uint32_t reconfigure(struct lifecycle *next)
{
	next->reconfiguring = true;
	next->state = LIFECYCLE_ACTIVE;
	return LIFECYCLE_RECONFIGURE_OUTPUT;
}

/* Holders keep their claims and wait, like everybody else, for an output in the new mode. */
static uint32_t recreate(struct lifecycle *next, const struct lifecycle_event *event)
{
	const uint32_t effects = next->leases > 0 ? LIFECYCLE_SUSPEND_LEASES : 0;
	next->waiters += next->leases;
	next->leases = 0;
	return effects | close_output(next, event);
}

/* Whoever claimed the display has been told that it is somebody else's now. */
static void forget_claims(struct lifecycle *next)
{
	next->leases = 0;
	next->waiters = 0;
}

/* Nobody holds the display or waits for it: keep-alive decides. */
static uint32_t unclaimed(struct lifecycle *next, const struct lifecycle_event *event, bool quit,
	uint64_t now_ns, uint32_t effects_if_kept)
{
	const uint64_t duration_ns = event->keep_alive.duration_ns;
	next->reconfiguring = false;
	next->quit_pending = false;
	if (quit || event->keep_alive.kind == KEEP_ALIVE_OFF)
		return close_output(next, event);
	if (event->keep_alive.kind == KEEP_ALIVE_FOREVER) {
		next->state = LIFECYCLE_PINNED;
		return effects_if_kept;
	}
	next->state = LIFECYCLE_LINGERING;
	next->until_ns = duration_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + duration_ns;
	return effects_if_kept | LIFECYCLE_ARM_TIMER;
}

static uint32_t created(
	struct lifecycle *next, const struct lifecycle_event *event, uint64_t now_ns)
{
	/* The command is launched for a kept display too: whoever adopts it later expects it to run. */
	const uint32_t effects = LIFECYCLE_APPLY_TOPOLOGY | LIFECYCLE_LAUNCH;
	next->generation++;
	if (next->waiters == 0)
		return unclaimed(next, event, next->quit_pending, now_ns, effects);
	next->quit_pending = false;
	return effects | (event->needs_mode ? reconfigure(next) : grant_waiters(next));
}

static uint32_t in_gone(struct lifecycle *next, const struct lifecycle_event *event)
{
	if (event->type != LIFECYCLE_ACQUIRE)
		return 0;
	next->waiters = 1;
	return after_output(next);
}

static uint32_t in_creating(
	struct lifecycle *next, const struct lifecycle_event *event, uint64_t now_ns)
{
	switch (event->type) {
	case LIFECYCLE_ACQUIRE:
		next->waiters++;
		next->quit_pending = false;
		return 0;
	case LIFECYCLE_WAITER_LEFT:
		if (next->waiters > 0 && --next->waiters == 0)
			next->quit_pending = event->quit;
		return 0;
	case LIFECYCLE_CREATED:
		return created(next, event, now_ns);
	case LIFECYCLE_CREATE_FAILED: {
		const uint32_t effects = fail_waiters(next);
		return effects | after_output(next);
	}
	case LIFECYCLE_OPERATOR_RELEASE:
		if (next->waiters > 0)
			return LIFECYCLE_REFUSE_IN_USE;
		next->quit_pending = true;
		return 0;
	case LIFECYCLE_SHUTDOWN:
		next->quit_pending = true;
		return fail_waiters(next);
	case LIFECYCLE_TAKEN:
		forget_claims(next);
		next->quit_pending = true;
		return 0;
	case LIFECYCLE_TRANSFERRED:
		next->waiters = 1;
		next->quit_pending = false;
		return 0;
	case LIFECYCLE_RECREATE: /* the output comes in the newest mode anyway */
	case LIFECYCLE_RECONFIGURED:
	case LIFECYCLE_RECONFIGURE_FAILED:
	case LIFECYCLE_RELEASE: /* a lease of an earlier generation */
	case LIFECYCLE_QUIT:
	case LIFECYCLE_TIMER:
	case LIFECYCLE_VANISHED: /* the answer to the create is still to come */
	case LIFECYCLE_DESTROYED:
		return 0;
	}
	return 0;
}

/* One lease less. The display stays for other holders and for waiters of a reconfigure. */
static uint32_t released(
	struct lifecycle *next, const struct lifecycle_event *event, uint64_t now_ns)
{
	if (event->generation != next->generation || next->leases == 0)
		return 0;
	if (--next->leases > 0 || next->waiters > 0)
		return 0;
	return unclaimed(next, event, event->type == LIFECYCLE_QUIT, now_ns, 0);
}

static uint32_t waiter_left_active(
	struct lifecycle *next, const struct lifecycle_event *event, uint64_t now_ns)
{
	if (next->waiters == 0)
		return 0;
	/* With holders left, `reconfiguring` stays: the set_mode is still under way. */
	if (--next->waiters > 0 || next->leases > 0)
		return 0;
	return unclaimed(next, event, event->quit, now_ns, 0);
}

static uint32_t acquire_existing(struct lifecycle *next, const struct lifecycle_event *event)
{
	const uint32_t effects = leave_lingering(next);
	next->waiters++;
	if (event->needs_mode && event->recreate)
		return effects | recreate(next, event);
	if (next->reconfiguring)
		return effects;
	return effects | (event->needs_mode ? reconfigure(next) : grant_waiters(next));
}

/* The output and what runs on it go on, in a generation of their own (semantics.md §4.4). */
static uint32_t transferred(struct lifecycle *next, const struct lifecycle_event *event)
{
	forget_claims(next);
	next->generation++;
	return acquire_existing(next, event);
}

static uint32_t taken(struct lifecycle *next, const struct lifecycle_event *event)
{
	forget_claims(next);
	return close_output(next, event);
}

static uint32_t reconfigure_ended(struct lifecycle *next, const struct lifecycle_event *event)
{
	const bool failed = event->type == LIFECYCLE_RECONFIGURE_FAILED;
	if (!next->reconfiguring)
		return 0;
	if (!failed && event->needs_mode && next->waiters > 0)
		return reconfigure(next);
	/* A fresh create is for an output that nobody holds; holders keep theirs at the mode it has. */
	if (failed && next->leases == 0)
		return close_output(next, event);
	return grant_waiters(next) | (failed ? 0 : LIFECYCLE_APPLY_TOPOLOGY);
}

static uint32_t vanished(struct lifecycle *next, const struct lifecycle_event *event)
{
	uint32_t effects = leave_lingering(next) | restore_if_last(event);
	if (next->leases > 0)
		effects |= LIFECYCLE_TELL_VANISHED | LIFECYCLE_DROP_LEASES;
	/* Closing takes no time here: there is nothing left to destroy. */
	return effects | after_output(next);
}

static uint32_t shut_down(struct lifecycle *next, const struct lifecycle_event *event)
{
	const uint32_t effects = fail_waiters(next);
	return effects | close_output(next, event);
}

static uint32_t in_active(
	struct lifecycle *next, const struct lifecycle_event *event, uint64_t now_ns)
{
	switch (event->type) {
	case LIFECYCLE_ACQUIRE:
		return acquire_existing(next, event);
	case LIFECYCLE_WAITER_LEFT:
		return waiter_left_active(next, event, now_ns);
	case LIFECYCLE_RECONFIGURED:
	case LIFECYCLE_RECONFIGURE_FAILED:
		return reconfigure_ended(next, event);
	case LIFECYCLE_RELEASE:
	case LIFECYCLE_QUIT:
		return released(next, event, now_ns);
	case LIFECYCLE_OPERATOR_RELEASE:
		return LIFECYCLE_REFUSE_IN_USE;
	case LIFECYCLE_VANISHED:
		return vanished(next, event);
	case LIFECYCLE_TAKEN:
		return taken(next, event);
	case LIFECYCLE_TRANSFERRED:
		return transferred(next, event);
	case LIFECYCLE_RECREATE:
		return recreate(next, event);
	case LIFECYCLE_SHUTDOWN:
		return shut_down(next, event);
	case LIFECYCLE_CREATED:
	case LIFECYCLE_CREATE_FAILED:
	case LIFECYCLE_TIMER:
	case LIFECYCLE_DESTROYED:
		return 0;
	}
	return 0;
}

static uint32_t timer(struct lifecycle *next, const struct lifecycle_event *event, uint64_t now_ns)
{
	if (next->state != LIFECYCLE_LINGERING)
		return 0;
	/* A timer that came early is armed again, or the display would stay for ever. */
	return now_ns < next->until_ns ? LIFECYCLE_ARM_TIMER : close_output(next, event);
}

/* Lingering or pinned: an output, no lease, no waiter. */
static uint32_t in_kept(
	struct lifecycle *next, const struct lifecycle_event *event, uint64_t now_ns)
{
	switch (event->type) {
	case LIFECYCLE_ACQUIRE:
		return acquire_existing(next, event);
	case LIFECYCLE_QUIT:
		return event->generation == next->generation ? close_output(next, event) : 0;
	case LIFECYCLE_TIMER:
		return timer(next, event, now_ns);
	case LIFECYCLE_OPERATOR_RELEASE:
	case LIFECYCLE_TAKEN:
	case LIFECYCLE_SHUTDOWN:
		return close_output(next, event);
	case LIFECYCLE_TRANSFERRED:
		return transferred(next, event);
	case LIFECYCLE_VANISHED:
		return vanished(next, event);
	case LIFECYCLE_WAITER_LEFT:
	case LIFECYCLE_CREATED:
	case LIFECYCLE_CREATE_FAILED:
	case LIFECYCLE_RECONFIGURED: /* its last waiter has left */
	case LIFECYCLE_RECONFIGURE_FAILED:
	case LIFECYCLE_RELEASE:
	case LIFECYCLE_RECREATE: /* reconfigured when somebody comes */
	case LIFECYCLE_DESTROYED:
		return 0;
	}
	return 0;
}

static uint32_t in_closing(struct lifecycle *next, const struct lifecycle_event *event)
{
	switch (event->type) {
	case LIFECYCLE_ACQUIRE:
		next->waiters++;
		return 0;
	case LIFECYCLE_WAITER_LEFT:
		if (next->waiters > 0)
			next->waiters--;
		return 0;
	case LIFECYCLE_DESTROYED:
		return after_output(next);
	case LIFECYCLE_OPERATOR_RELEASE:
		return next->waiters > 0 ? LIFECYCLE_REFUSE_IN_USE : 0;
	case LIFECYCLE_SHUTDOWN:
		return fail_waiters(next);
	case LIFECYCLE_TAKEN:
		next->waiters = 0;
		return 0;
	case LIFECYCLE_TRANSFERRED:
		next->waiters = 1;
		return 0;
	case LIFECYCLE_RECREATE:
	case LIFECYCLE_CREATED:
	case LIFECYCLE_CREATE_FAILED:
	case LIFECYCLE_RECONFIGURED:
	case LIFECYCLE_RECONFIGURE_FAILED:
	case LIFECYCLE_RELEASE:
	case LIFECYCLE_QUIT:
	case LIFECYCLE_TIMER:
	case LIFECYCLE_VANISHED: /* the answer to the destroy is still to come */
		return 0;
	}
	return 0;
}

struct lifecycle_step lifecycle_step(
	const struct lifecycle *lifecycle, const struct lifecycle_event *event, uint64_t now_ns)
{
	struct lifecycle_step step = { .next = *lifecycle };
	switch (lifecycle->state) {
	case LIFECYCLE_GONE:
		step.effects = in_gone(&step.next, event);
		break;
	case LIFECYCLE_CREATING:
		step.effects = in_creating(&step.next, event, now_ns);
		break;
	case LIFECYCLE_ACTIVE:
		step.effects = in_active(&step.next, event, now_ns);
		break;
	case LIFECYCLE_LINGERING:
	case LIFECYCLE_PINNED:
		step.effects = in_kept(&step.next, event, now_ns);
		break;
	case LIFECYCLE_CLOSING:
		step.effects = in_closing(&step.next, event);
		break;
	}
	return step;
}

const char *lifecycle_state_name(enum lifecycle_state state)
{
	switch (state) {
	case LIFECYCLE_GONE:
		return "gone";
	case LIFECYCLE_CREATING:
		return "creating";
	case LIFECYCLE_ACTIVE:
		return "active";
	case LIFECYCLE_LINGERING:
		return "lingering";
	case LIFECYCLE_PINNED:
		return "pinned";
	case LIFECYCLE_CLOSING:
		return "closing";
	}
	return "unknown";
}
