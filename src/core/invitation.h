/*
 * An invitation: a link that lets a guest in without pairing, for some planes, some time and some uses
 * (semantics.md §10). Only the values and their checks; the secret of the link is the store's.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread. Times as in core/grants.h.
 */
#ifndef LODGE_CORE_INVITATION_H
#define LODGE_CORE_INVITATION_H

#include "core/grants.h"

#define INVITATION_USES_MAX 64
#define INVITATION_LIFE_MAX_NS (720 * MOMENT_HOUR) /* 30 days from its making */

struct invitation {
	uint32_t planes; /* what a guest may do */
	uint32_t uses_left;
	uint64_t expires_ns; /* nobody is let in from then on */
	uint64_t stay_ns; /* how long a guest's planes rule; 0: until the guest leaves */
	bool revoked;
};

enum invitation_verdict {
	INVITATION_GOOD,
	INVITATION_REVOKED,
	INVITATION_EXPIRED,
	INVITATION_USED_UP,
};

/*
 * Whether it may be made at all: planes that exist and none that the inviter lacks, 1..INVITATION_USES_MAX uses, an
 * end ahead within INVITATION_LIFE_MAX_NS. 0 or -EINVAL; -EPERM: more than the inviter may do.
 */
int invitation_check_new(
	const struct invitation *invitation, uint32_t inviter_planes, uint64_t now_ns);
enum invitation_verdict invitation_check(const struct invitation *invitation, uint64_t now_ns);
/* INVITATION_GOOD: one use less, and *grants is the guest's: nothing lasting. Else nothing changed. */
enum invitation_verdict invitation_redeem(
	struct invitation *invitation, uint64_t now_ns, struct grants *grants);

const char *invitation_verdict_name(enum invitation_verdict verdict); /* "good", "used-up" ... */

#endif
