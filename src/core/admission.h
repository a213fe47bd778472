/*
 * May this client have a display, and which (semantics.md §4)? Policy, requester, the desktop as it is now and the
 * budget in; one decision with the chain of reasons out.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread. At most 1 µs at 16 displays (bench/admission).
 */
#ifndef LODGE_CORE_ADMISSION_H
#define LODGE_CORE_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/identity.h"
#include "core/lifecycle.h"
#include "core/mode.h"
#include "core/policy.h"

#define ADMISSION_DISPLAYS_MAX 64
#define ADMISSION_REASONS_MAX 12

/* A display of the desktop, as far as admission cares. */
struct admission_display {
	uint32_t slot; /* 0: an anonymous client's */
	bool anonymous;
	const struct identity_key *key; /* as it was when the display was created or transferred */
	const uint8_t *owner; /* fingerprint of the client that it was created for, or last claimed by */
	enum lifecycle_state state;
	uint32_t sessions; /* granted and waiting claims, all of them */
	uint32_t owner_sessions; /* of them, the owner's own: 0 or 1 */
	/* CLOSING with claims that wait for the fresh create counts as live. */
	struct display_mode mode; /* real; the wanted one while creating */
	bool needs_mode; /* the requester's mode differs from what this output has and was asked for */
	uint64_t until_ns; /* LINGERING */
	uint64_t last_input_ns; /* 0: never */
	uint64_t acquired; /* order of the acquires: greater is later */
};

struct admission_request {
	const struct identity_key *key;
	const uint8_t *client; /* fingerprint */
	uint32_t ordinal; /* 1: the client's first display */
	bool anonymous;
};

struct admission_desktop {
	const struct admission_display *displays;
	size_t count;
	bool isolated; /* steal transfers instead of tearing down */
	bool second_output; /* the backend can hold more than one */
	bool reconfigure; /* the backend can change an output's mode */
	uint32_t encoders_free; /* how many streams more could be opened now */
};

enum admission_kind {
	ADMISSION_CREATE, /* a fresh output, under the requester's key */
	ADMISSION_REUSE, /* `display`, as it is */
	ADMISSION_RECONFIGURE, /* `display`, at the new mode */
	ADMISSION_RECREATE, /* `display` is torn down and created anew: the backend cannot reconfigure */
	ADMISSION_JOIN, /* `display`, at its own mode, beside those who are there */
	ADMISSION_STEAL, /* `victims` end, then a fresh output */
	ADMISSION_TRANSFER, /* isolated: `display` changes its owner; everyone on it ends */
	ADMISSION_REJECT,
};

enum admission_rejection {
	ADMISSION_NOT_REJECTED,
	ADMISSION_BUSY, /* `display`: whom the answer names */
	ADMISSION_FULL,
	ADMISSION_ENCODER_BUSY,
};

/*
 * What was found, in the order of finding; `display` is an index or SIZE_MAX. The last one explains the outcome. Before
 * a rejection only says what would have been: nothing of it is done. The words are the API's.
 */
enum admission_reason_code {
	ADMISSION_REASON_ANONYMOUS, /* rule 8 */
	ADMISSION_REASON_OWN_DISPLAY, /* rule 1: it exists */
	ADMISSION_REASON_PREEMPTS_OWN_SESSION, /* rule 1 */
	ADMISSION_REASON_SAME_MODE, /* rule 1 */
	ADMISSION_REASON_OTHER_MODE, /* rule 1 */
	ADMISSION_REASON_CANNOT_RECONFIGURE, /* rule 1 */
	ADMISSION_REASON_CLOSING, /* rule 1: its output is on its way out, a fresh one follows */
	ADMISSION_REASON_NOBODY_ELSE, /* rule 2 */
	ADMISSION_REASON_OTHERS_LIVE, /* rule 3: the display with the latest input */
	ADMISSION_REASON_POLICY_SEPARATE, /* rule 3 */
	ADMISSION_REASON_POLICY_JOIN,
	ADMISSION_REASON_POLICY_STEAL,
	ADMISSION_REASON_POLICY_REJECT,
	ADMISSION_REASON_ONE_OUTPUT_ONLY, /* rule 5: separate becomes join */
	ADMISSION_REASON_ROOM, /* rule 6: below max_displays */
	ADMISSION_REASON_EVICTS, /* rule 6: the lingering one nearest its deadline */
	ADMISSION_REASON_FULL, /* rule 6 */
	ADMISSION_REASON_FULL_STEALS, /* rule 6 */
	ADMISSION_REASON_TRANSFERS, /* rule 4 */
	ADMISSION_REASON_NO_ENCODER, /* rule 7 */
	ADMISSION_REASON_CODES,
};

struct admission_reason {
	uint8_t rule; /* 1..8, semantics.md §4 */
	enum admission_reason_code code;
	size_t display;
};

struct admission_decision {
	enum admission_kind kind;
	enum admission_rejection rejection;
	/*
	 * Index; SIZE_MAX when the kind names none. CREATE, STEAL: the requester's own display that only waits for its
	 * teardown, if there is one: the fresh output may follow it in its slot.
	 */
	size_t display;
	/* Bits of indices. They do not overlap, and none has the bit of `display`. A rejection has none. */
	uint64_t evict; /* kept displays that close to make room, lingering ones alone */
	/* STEAL, TRANSFER: displays that are torn down, their sessions ended as taken over */
	uint64_t victims;
	uint64_t preempt; /* other displays of this client (same ordinal) whose owner's session is superseded */
	size_t reason_count;
	struct admission_reason reasons[ADMISSION_REASONS_MAX];
};

/*
 * Total: every combination has an answer. What the contract leaves open is decided so:
 * - The requester's own display (rule 1) is the one with its key, unless somebody else claimed it last and it is live:
 *   then it is somebody else's live display (`shared` identity, or a display that was transferred). Of several, the
 *   one that the requester claimed last, else the newest. Under `per-client-mode` a display of the client at another
 *   size has another key: it is not reused, but the client's older session on it is preempted all the same.
 * - An own display that is closing gets a fresh output: RECREATE while claims wait for it. Without claims it is
 *   admitted afresh (semantics.md §3), by rules 2 to 7.
 * - A display is live for others when any claim is on it. Kept ones (lingering, pinned) are nobody's obstacle, nor are
 *   the requester's other displays, whoever joined them.
 * - Several are live: whom rule 3 names, joins or transfers is the one with the latest input, else the newest. Who
 *   steals, steals from all of them.
 * - A display that only waits for its teardown (closing, no claims) takes no place and is not live. Nor does one
 *   that will close because its only session is preempted and nothing is kept alive.
 * - A backend that holds one output has one place, whatever `max_displays` says: a kept display is in the way of a
 *   fresh one, and evicted if it lingers.
 * - Encoders: a display without any session needs one more; superseded and stolen sessions give theirs back first.
 * - When `max_displays` was lowered, several evictions may be needed; then all or none happen. `steal` counts without
 *   its victims; when pinned displays alone fill the desktop there is nobody to steal from: full.
 */
void admission_decide(const struct display_policy *policy, const struct admission_request *request,
	const struct admission_desktop *desktop, struct admission_decision *decision);

const char *admission_kind_name(enum admission_kind kind); /* "create", "join" ... */
const char *admission_rejection_name(enum admission_rejection rejection); /* "busy", "full" ... */
const char *admission_reason_name(enum admission_reason_code code); /* "others-live" ... */
/* One English sentence; %s-free. For logs, the command line and API readers; pages have their own words. */
const char *admission_reason_text(enum admission_reason_code code);

#endif
