/*
 * Who is here, and who is doing something (semantics.md §9). Sessions come, go and give input; what the people on a
 * display are to be told comes out as differences, and nothing comes out when nothing changed.
 *
 * A session is seated on a display. A person is a user on one display: all sessions there of the client, or of all
 * clients that the operator gave to that user. A person stays as long as one of its sessions does.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread, one at a time. Times are CLOCK_MONOTONIC.
 * A host whose presence is off keeps none of this.
 */
#ifndef LODGE_CORE_PRESENCE_H
#define LODGE_CORE_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/identity.h"
#include "core/moment.h"
#include "core/person_name.h"

#define PRESENCE_SESSIONS_MAX 1024
#define PRESENCE_PERSONS_MAX 2048 /* as many again have left, and that was not told yet */

enum presence_state { PRESENCE_IDLE, PRESENCE_WATCHING, PRESENCE_CONTROLLING };

enum presence_transport { PRESENCE_BROWSER, PRESENCE_NATIVE, PRESENCE_GAMESTREAM };

/* 0: the default, in parentheses. What makes no sense beside the others is brought into range. */
struct presence_params {
	uint64_t controlling_ns; /* input within it: controlling (10 s) */
	uint64_t watching_ns; /* joined or input: watching (300 s); at least controlling_ns */
	uint64_t gate_ns; /* how often input is written down (250 ms); at most controlling_ns / 2 */
	uint64_t forget_ns; /* how long a last input is remembered (1 h); at least watching_ns */
};

/* One output of one display. Two with the same values are the same place; zeros: no display. */
struct presence_display {
	uint32_t slot, generation;
};

struct presence_session {
	/* First, what input touches: most of it the first field alone. */
	uint64_t record_from_ns; /* input before it is not written down */
	uint64_t last_input_ns; /* 0: never, or longer ago than forget_ns */
	uint64_t gate_ns;
	bool shown_controlling; /* its person is told as controlling: more input is no news */
	bool used, view_only;
	enum presence_transport transport;
	uint32_t id, person; /* `person`: index */
	uint64_t joined_ns;
	struct presence_display display;
	uint8_t client[IDENTITY_FINGERPRINT_SIZE];
	struct person_name label, user; /* `user`: "" when the client is its own user */
};

/* A person, as the others see it. */
struct presence_info {
	uint32_t id; /* nobody else's */
	uint32_t sessions; /* devices, pages ... */
	struct presence_display display;
	uint64_t joined_ns; /* its first session */
	enum presence_state state;
	uint32_t transports; /* bits 1 << enum presence_transport */
	bool view_only; /* all of its sessions are */
	struct person_name name; /* unique among those on the display */
};

enum presence_key_kind {
	PRESENCE_KEY_SESSION, /* anonymous: each session is somebody else */
	PRESENCE_KEY_CLIENT,
	PRESENCE_KEY_USER, /* as the operator named it */
};

struct presence_person {
	bool used, told; /* `told`: the others know of it */
	enum presence_key_kind kind;
	uint8_t client[IDENTITY_FINGERPRINT_SIZE]; /* PRESENCE_KEY_CLIENT */
	struct person_name base; /* before a number made it unique; the user of PRESENCE_KEY_USER */
	uint64_t input_ns, fresh_ns; /* the latest of its sessions: input; joined or input */
	struct presence_info now, shown; /* `shown`: as the others know it */
};

/*
 * About 1 MB, of which the entries beyond the tops are never touched: allocate it zeroed, and it costs what is used.
 * The fields are this room's own; sessions are handed out by pointer, which holds until presence_leave.
 */
struct presence {
	struct presence_params params;
	bool changed; /* something may have to be told at once */
	uint64_t next_step_ns; /* `changed` aside */
	uint32_t last_id;
	uint32_t session_count, session_top, person_top; /* top: all used entries are below it */
	struct presence_session sessions[PRESENCE_SESSIONS_MAX];
	struct presence_person persons[PRESENCE_PERSONS_MAX];
};

/* NULL params: all defaults. */
void presence_init(struct presence *presence, const struct presence_params *params);
/* For those who are there, too. */
void presence_set_params(struct presence *presence, const struct presence_params *params);

struct presence_joiner {
	uint32_t session; /* only carried along */
	const uint8_t *client; /* fingerprint; all zeros: anonymous, and nobody's other session */
	const char *label; /* of the client: any bytes, see core/person_name.h */
	size_t label_size;
	const char
		*user; /* the operator's name for the person; NULL or "": the client is its own */
	size_t user_size;
	enum presence_transport transport;
	struct presence_display display;
	bool view_only;
};

/*
 * A session that watches several displays joins once for each. NULL: PRESENCE_SESSIONS_MAX are there. The smallest
 * number that is free on the display makes a name unique; whoever has a name keeps it when others leave.
 */
struct presence_session *presence_join(
	struct presence *presence, const struct presence_joiner *joiner, uint64_t now_ns);
void presence_leave(struct presence *presence, struct presence_session *session);
/* It watches another display, or another generation of it. */
void presence_move(struct presence *presence, struct presence_session *session,
	struct presence_display display);
void presence_set_view_only(
	struct presence *presence, struct presence_session *session, bool view_only);
/* The client has another label: its sessions bear it at once. */
void presence_set_label(struct presence *presence, const uint8_t client[IDENTITY_FINGERPRINT_SIZE],
	const char *label, size_t size);
/* The operator gave the client to a user, or (size 0) back to itself. */
void presence_set_user(struct presence *presence, const uint8_t client[IDENTITY_FINGERPRINT_SIZE],
	const char *user, size_t size);

/* For presence_record_input alone. */
bool presence_write_input(struct presence_session *session, uint64_t event_time_ns);

/*
 * The session gave input. `event_time_ns`: when the host received it, as the event itself says; nobody reads a clock
 * for this. Once in gate_ns it is written down; in between it costs one compare. What a view-only session sends does
 * not count. True: the others see the person in a lesser state, so presence_step has something to tell.
 */
static inline bool presence_record_input(struct presence_session *session, uint64_t event_time_ns)
{
	if (event_time_ns < session->record_from_ns)
		return false;
	return presence_write_input(session, event_time_ns);
}

/* What happened to a person. JOINED and LEFT come alone, the others together in one event. */
enum presence_change {
	PRESENCE_JOINED = 1 << 0,
	PRESENCE_LEFT = 1 << 1, /* the info is what was told last */
	PRESENCE_STATE = 1 << 2,
	PRESENCE_RENAMED = 1 << 3,
	PRESENCE_VIEW_ONLY = 1 << 4,
	PRESENCE_SESSIONS = 1 << 5, /* how many, or their transports */
};

struct presence_event {
	uint32_t changes; /* of enum presence_change */
	struct presence_info person;
};

/*
 * What is different from what was told before: first who left, then who changed, then who joined; when all of it is
 * told, no two people on a display bear one name. Returns how many events were written; with more than `capacity`,
 * the others come with the next step, which is due at once. PRESENCE_PERSONS_MAX hold any step.
 */
size_t presence_step(
	struct presence *presence, uint64_t now_ns, struct presence_event *events, size_t capacity);
/*
 * When presence_step can have something to tell without anything else happening: a state decays. 0: at once;
 * MOMENT_NEVER: not at all. Input only moves it away, so nobody asks again for each event.
 */
uint64_t presence_next_step_ns(const struct presence *presence);

/*
 * Everybody on the display (NULL: on all) as told so far; the events of later steps continue from there. At most
 * `capacity`; returns how many were written. With presence_step just before, it is how things are.
 */
size_t presence_snapshot(const struct presence *presence, const struct presence_display *display,
	struct presence_info *persons, size_t capacity);
/* Which person's the session is: presence_info.id. */
uint32_t presence_person_id(
	const struct presence *presence, const struct presence_session *session);
/* What the session's own times say at `now_ns`; its person may be more active by other sessions. */
enum presence_state presence_session_state(
	const struct presence *presence, const struct presence_session *session, uint64_t now_ns);

/* The words of documents and of the API: "controlling", "browser" ... */
const char *presence_state_name(enum presence_state state);
const char *presence_transport_name(enum presence_transport transport);

#endif
