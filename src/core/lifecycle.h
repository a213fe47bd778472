/*
 * The life of one managed display (semantics.md §3), as a pure function: state and event in, next
 * state and effects out. The registry is the shell around it: it performs the effects and feeds their
 * results back as events.
 *
 * Room: core (pure: no I/O, no clock of its own, no allocation). Any thread.
 */
#ifndef LODGE_CORE_LIFECYCLE_H
#define LODGE_CORE_LIFECYCLE_H

#include <stdbool.h>
#include <stdint.h>

enum lifecycle_state {
	LIFECYCLE_GONE, /* no output, nobody waits; the slot can be forgotten */
	LIFECYCLE_CREATING, /* the backend was asked for an output; claims wait */
	LIFECYCLE_ACTIVE, /* leases >= 1, or a reconfigure under way for the waiters */
	LIFECYCLE_LINGERING, /* no lease, kept until `until_ns` */
	LIFECYCLE_PINNED, /* no lease, kept until released */
	LIFECYCLE_CLOSING, /* the backend was asked to destroy; claims wait for a fresh create */
};

enum keep_alive_kind { KEEP_ALIVE_OFF, KEEP_ALIVE_DURATION, KEEP_ALIVE_FOREVER };

struct keep_alive {
	enum keep_alive_kind kind;
	uint64_t duration_ns; /* KEEP_ALIVE_DURATION only */
};

struct lifecycle {
	enum lifecycle_state state;
	uint32_t generation; /* of the present output; 0 before the first create. Never reused */
	uint32_t leases; /* granted, current generation */
	uint32_t waiters; /* claims that wait for creating/closing/reconfigure to end */
	uint64_t until_ns; /* LIFECYCLE_LINGERING: when the output goes; else 0 */
	bool reconfiguring; /* ACTIVE: a set_mode is under way for the waiters */
	bool quit_pending; /* CREATING, unclaimed: nobody may keep it; close as soon as it exists */
};

enum lifecycle_event_type {
	LIFECYCLE_ACQUIRE, /* a claim admitted for this display */
	LIFECYCLE_WAITER_LEFT, /* a claim that had not been granted was withdrawn */
	LIFECYCLE_CREATED, /* backend: output exists, read back */
	LIFECYCLE_CREATE_FAILED, /* backend: failed or timed out, nothing left behind */
	LIFECYCLE_RECONFIGURED, /* backend: new mode read back */
	LIFECYCLE_RECONFIGURE_FAILED,
	LIFECYCLE_RELEASE, /* a lease given back; `generation` is the lease's; `keep_alive` as read now */
	LIFECYCLE_QUIT, /* a lease given back with the owner's explicit quit */
	LIFECYCLE_TIMER, /* the linger timer fired, or simply: look at `now` */
	LIFECYCLE_OPERATOR_RELEASE,
	LIFECYCLE_VANISHED, /* the output disappeared by itself */
	LIFECYCLE_DESTROYED, /* backend: destroy finished (or its deadline passed) */
	LIFECYCLE_TAKEN, /* its place goes to another client; every claim on it has been ended */
	LIFECYCLE_TRANSFERRED, /* the same, but the output goes to the one claim of its new owner */
	LIFECYCLE_RECREATE, /* holders want another mode, and the backend cannot reconfigure */
	LIFECYCLE_SHUTDOWN, /* host is going down */
};

struct lifecycle_event {
	enum lifecycle_event_type type;
	uint32_t generation; /* RELEASE, QUIT: of the lease. A stale one is a no-op */
	struct keep_alive keep_alive; /* RELEASE, CREATED, WAITER_LEFT: the policy as read now */
	/* ACQUIRE, CREATED, RECONFIGURED, TRANSFERRED: another mode than the output has is wanted */
	bool needs_mode;
	bool recreate; /* with it: ACQUIRE, TRANSFERRED: only a fresh output can have that mode */
	bool quit; /* WAITER_LEFT: withdrawn with the owner's explicit quit */
	bool last_of_group; /* whether this is the group's last display */
};

/* Effects, performed in ascending order of their bit. */
enum lifecycle_effect {
	LIFECYCLE_REFUSE_IN_USE = 1 << 0, /* operator's release of an active display: 409 */
	LIFECYCLE_DISARM_TIMER = 1 << 1,
	LIFECYCLE_TELL_VANISHED = 1 << 2, /* tell the sessions that hold a lease */
	LIFECYCLE_FAIL_WAITERS = 1 << 3, /* typed failure to every waiting claim */
	LIFECYCLE_DROP_LEASES =
		1 << 4, /* they end without the sessions' doing (vanish, shutdown) */
	LIFECYCLE_SUSPEND_LEASES = 1 << 5, /* they become waiting claims for the fresh output */
	LIFECYCLE_RESTORE_TOPOLOGY = 1 << 6, /* always before DESTROY_OUTPUT: never zero outputs */
	LIFECYCLE_DESTROY_OUTPUT = 1 << 7,
	LIFECYCLE_CREATE_OUTPUT = 1 << 8,
	LIFECYCLE_RECONFIGURE_OUTPUT = 1 << 9,
	LIFECYCLE_APPLY_TOPOLOGY = 1 << 10, /* topology and layout of the group */
	LIFECYCLE_GRANT_WAITERS = 1 << 11, /* each gets a lease of the present generation */
	LIFECYCLE_LAUNCH = 1 << 12, /* the policy's command, once per created display */
	LIFECYCLE_ARM_TIMER = 1 << 13, /* at until_ns */
};

struct lifecycle_step {
	struct lifecycle next;
	uint32_t effects; /* of enum lifecycle_effect */
};

/*
 * Total: every event is defined in every state; one that makes no sense there changes nothing and has no
 * effect. `now_ns` is CLOCK_MONOTONIC.
 */
struct lifecycle_step lifecycle_step(
	const struct lifecycle *lifecycle, const struct lifecycle_event *event, uint64_t now_ns);

const char *lifecycle_state_name(enum lifecycle_state state);

#endif
