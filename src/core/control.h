/*
 * Who may drive a desktop (semantics.md §10): everybody at once, or one at a time with a line of people who wait for
 * their turn. State and event in, next state and effects out.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread, one at a time. Times are CLOCK_MONOTONIC.
 */
#ifndef LODGE_CORE_CONTROL_H
#define LODGE_CORE_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/identity.h"
#include "core/moment.h"

#define CONTROL_LINE_MAX 64
/* Every place in line may expire and be left in one step, and the holder change twice. */
#define CONTROL_EFFECTS_MAX (2 * CONTROL_LINE_MAX + 16)

enum control_mode {
	CONTROL_FREE, /* whoever has the grants; the last write wins */
	CONTROL_ONE_AT_A_TIME,
};

/* 0: the default, in parentheses. */
struct control_params {
	uint64_t answer_ns; /* a request is denied when nobody answers for so long (10 s) */
	uint64_t idle_ns; /* a holder without input loses control after it (30 s) */
	uint64_t grace_ns; /* a holder whose connection dropped may come back within it (5 s) */
	uint64_t gate_ns; /* how often input is written down (250 ms); at most idle_ns / 2 */
};

/* A session, and whose it is. Session 0 is nobody. */
struct control_seat {
	uint32_t session;
	uint8_t client[IDENTITY_FINGERPRINT_SIZE]; /* all zeros: anonymous */
};

struct control_place {
	struct control_seat who;
	uint64_t answer_by_ns; /* until then its request is pending; 0: it is not, or no more */
};

/* Everything that a joiner is to be told is here. */
struct control {
	struct control_params params;
	enum control_mode mode;
	struct control_seat holder; /* session 0: nobody */
	uint64_t away_until_ns; /* the holder's connection dropped; 0: it is there */
	uint64_t holder_active_ns; /* its last input, or when it became the holder */
	uint64_t record_from_ns; /* input before it is not written down */
	uint32_t line_count;
	struct control_place line[CONTROL_LINE_MAX]; /* the next one first */
};

enum control_event_type {
	CONTROL_TIMER, /* look at `now` */
	/* `who` asks for control: at once when nobody has it, else it waits in line and the holder is asked. */
	CONTROL_REQUEST,
	CONTROL_WITHDRAW, /* `who` leaves the line */
	CONTROL_GRANT, /* the holder, or an admin: control goes to `target`, which is in line */
	CONTROL_DENY, /* the holder: `target` must wait for its turn. An admin: it leaves the line */
	CONTROL_RELEASE, /* the holder gives control up, or an admin takes it from whoever has it */
	CONTROL_GIVE, /* the holder, or an admin: control goes to `target`, in line or not */
	CONTROL_TAKE, /* an admin makes itself the holder */
	CONTROL_JOINED, /* `who` is on the desktop. One that superseded another: after that one's DROPPED */
	CONTROL_LEFT, /* `who` said goodbye, or was ended by the host: control goes on at once */
	CONTROL_DROPPED, /* the connection of `who` is gone: the holder may come back */
	CONTROL_GRANTS_CHANGED, /* of `who`: see may_drive */
	CONTROL_SET_MODE, /* the operator's */
};

struct control_event {
	enum control_event_type type;
	struct control_seat who, target; /* who acts; to whom */
	bool admin; /* `who` may decide for others */
	/* Whether grants allow the one who would hold any input (grants_allow_input): `target` of GIVE, else `who`. */
	bool may_drive;
	enum control_mode mode; /* SET_MODE */
};

enum control_effect_type {
	/* Everything goes up that `session` holds down, before any input is let through again. 0: every session's. */
	CONTROL_RELEASE_ALL_INPUT,
	CONTROL_HOLDER_CHANGED, /* to `session`; 0: nobody holds it */
	CONTROL_HOLDER_AWAY, /* `session`'s connection dropped; until `until_ns` it may come back */
	CONTROL_REQUEST_PENDING, /* `session` asks; the holder may answer until `until_ns` */
	CONTROL_REQUEST_DENIED, /* the holder or an admin said no to `session` */
	CONTROL_REQUEST_EXPIRED, /* nobody answered `session` */
	CONTROL_LINE_JOINED, /* `session` is the last in line now */
	CONTROL_LINE_LEFT, /* `session` is not in line any more; its request is over */
	CONTROL_MODE_CHANGED, /* to `mode`; nobody holds control */
};

struct control_effect {
	enum control_effect_type type;
	enum control_mode mode;
	uint32_t session;
	uint64_t until_ns;
};

enum control_refusal {
	CONTROL_NOT_REFUSED,
	CONTROL_REFUSED_MODE, /* everybody may drive: there is nothing to ask for */
	CONTROL_REFUSED_GRANTS, /* who would hold it may not give any input */
	CONTROL_REFUSED_RIGHT, /* neither the holder nor an admin, as it needs */
	CONTROL_REFUSED_HOLDER, /* it is the holder already */
	CONTROL_REFUSED_PENDING, /* its request, or another one of its client's, is not answered yet */
	CONTROL_REFUSED_NOT_IN_LINE,
	CONTROL_REFUSED_LINE_FULL,
};

struct control_step {
	enum control_refusal refusal; /* of the event; what was due is done all the same */
	uint32_t count;
	struct control_effect effects[CONTROL_EFFECTS_MAX]; /* in this order */
};

/* NULL params: all defaults. Free, and nobody there. */
void control_init(struct control *control, const struct control_params *params);

/*
 * Total: every event is defined in every state. First comes what was due by `now_ns`, in the order of its times, then
 * the event. The effects are performed before the next input is let through.
 * - A denied or unanswered request keeps its place: the line moves by itself, first come first served, whenever the
 *   holder releases, leaves, idles or loses its grants. Asking again from one's place asks the holder again.
 * - A client has one place in line, however many sessions it has.
 * - Input is released when a holder stops being it, and at once when its connection drops.
 * - In line and as holder there are only sessions whose grants allow input: GRANTS_CHANGED keeps it so.
 */
void control_step(struct control *control, const struct control_event *event, uint64_t now_ns,
	struct control_step *step);
/* When CONTROL_TIMER is due; MOMENT_NEVER when nothing is. Input only moves it away. */
uint64_t control_next_deadline_ns(const struct control *control);

/* For control_admit_input alone. */
void control_write_input(struct control *control, uint64_t event_time_ns);

/*
 * Whether this session's input is let through, whatever its grants say: those are checked besides. The holder's keeps
 * it from idling. `event_time_ns`: when the host received it. One or two compares; a write once in gate_ns.
 */
static inline bool control_admit_input(
	struct control *control, uint32_t session, uint64_t event_time_ns)
{
	if (control->mode == CONTROL_FREE)
		return true;
	if (session != control->holder.session || session == 0 || control->away_until_ns != 0)
		return false;
	if (event_time_ns >= control->record_from_ns)
		control_write_input(control, event_time_ns);
	return true;
}

/* The words of documents and of the API: "one-at-a-time", "line-full" ... */
const char *control_mode_name(enum control_mode mode);
/* False when the word is none of the values. */
bool control_mode_parse(const char *word, enum control_mode *mode);
const char *control_refusal_name(enum control_refusal refusal);

#endif
