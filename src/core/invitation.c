#include "core/invitation.h"

#include <errno.h>

int invitation_check_new(
	const struct invitation *invitation, uint32_t inviter_planes, uint64_t now_ns)
{
	if (invitation->planes & ~GRANTS_ALL)
		return -EINVAL;
	if (invitation->uses_left == 0 || invitation->uses_left > INVITATION_USES_MAX)
		return -EINVAL;
	if (invitation->expires_ns <= now_ns ||
		invitation->expires_ns - now_ns > INVITATION_LIFE_MAX_NS)
		return -EINVAL;
	return invitation->planes & ~inviter_planes ? -EPERM : 0;
}

enum invitation_verdict invitation_check(const struct invitation *invitation, uint64_t now_ns)
{
	if (invitation->revoked)
		return INVITATION_REVOKED;
	if (now_ns >= invitation->expires_ns)
		return INVITATION_EXPIRED;
	return invitation->uses_left == 0 ? INVITATION_USED_UP : INVITATION_GOOD;
}

enum invitation_verdict invitation_redeem(
	struct invitation *invitation, uint64_t now_ns, struct grants *grants)
{
	const enum invitation_verdict verdict = invitation_check(invitation, now_ns);
	if (verdict != INVITATION_GOOD)
		return verdict;
	invitation->uses_left--;
	*grants = (struct grants){
		.term = GRANTS_UNTIL_LEAVE,
		.temporary = invitation->planes,
		.until_ns = invitation->stay_ns ? moment_after(now_ns, invitation->stay_ns)
						: MOMENT_NEVER,
	};
	return INVITATION_GOOD;
}

const char *invitation_verdict_name(enum invitation_verdict verdict)
{
	switch (verdict) {
	case INVITATION_GOOD:
		return "good";
	case INVITATION_REVOKED:
		return "revoked";
	case INVITATION_EXPIRED:
		return "expired";
	case INVITATION_USED_UP:
		return "used-up";
	}
	return "unknown";
}
