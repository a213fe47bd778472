/*
 * What a client may do (semantics.md §10): which of its planes the host lets through, for good or for a time, and
 * invitations that give them to a guest.
 *
 * Room: core (pure: no I/O, no clock, no allocation). Any thread. Times are CLOCK_MONOTONIC; whoever stores some
 * beyond the host's life turns them into wall clock time.
 */
#ifndef LODGE_CORE_GRANTS_H
#define LODGE_CORE_GRANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/moment.h"

enum grant_plane {
	GRANT_POINTER, /* touch and pen too */
	GRANT_KEYBOARD, /* typed text too */
	GRANT_GAMEPAD,
	GRANT_CLIPBOARD,
	GRANT_MICROPHONE,
	GRANT_LAUNCH, /* start and end programs */
	GRANT_PLANES,
};

/* Sets of planes: bits 1 << enum grant_plane. */
#define GRANTS_INPUT (1u << GRANT_POINTER | 1u << GRANT_KEYBOARD | 1u << GRANT_GAMEPAD)
#define GRANTS_ALL ((1u << GRANT_PLANES) - 1)

enum grants_preset {
	GRANTS_FULL, /* everything */
	GRANTS_CONTROLLER, /* a gamepad and nothing else: somebody who plays along */
	GRANTS_VIEW, /* nothing */
	GRANTS_CUSTOM, /* any other set */
};

/* How long the temporary planes rule. */
enum grants_term {
	GRANTS_NO_TERM, /* there are none */
	GRANTS_UNTIL, /* until `until_ns` */
	GRANTS_UNTIL_LEAVE, /* until the client's last session ends, or `until_ns` */
};

struct grants {
	uint32_t lasting;
	enum grants_term term;
	uint32_t temporary; /* in place of `lasting` during a term, more or fewer; else nothing */
	uint64_t until_ns; /* MOMENT_NEVER: no end but leaving */
};

static inline bool grants_is_temporary(const struct grants *grants, uint64_t now_ns)
{
	return grants->term != GRANTS_NO_TERM && now_ns < grants->until_ns;
}

/* The set of planes that rules now. */
static inline uint32_t grants_planes(const struct grants *grants, uint64_t now_ns)
{
	return grants_is_temporary(grants, now_ns) ? grants->temporary : grants->lasting;
}

/* The check for each event; a term that is over counts for nothing, whether or not anybody cleared it away. */
static inline bool grants_allow(
	const struct grants *grants, enum grant_plane plane, uint64_t now_ns)
{
	return grants_planes(grants, now_ns) >> plane & 1;
}

/* Any input at all: may hold control (core/control.h), and is not view-only (core/presence.h). */
static inline bool grants_allow_input(const struct grants *grants, uint64_t now_ns)
{
	return (grants_planes(grants, now_ns) & GRANTS_INPUT) != 0;
}

enum grants_change_type {
	GRANTS_SET, /* `planes` for good; ends a term */
	GRANTS_WIDEN, /* by `planes`, for good */
	GRANTS_NARROW, /* by `planes`, for good */
	GRANTS_SET_TEMPORARY, /* `planes` for the term */
	GRANTS_END_TERM, /* back to the lasting ones at once */
};

struct grants_change {
	enum grants_change_type type;
	uint32_t planes;
	enum grants_term term; /* SET_TEMPORARY */
	uint64_t until_ns; /* SET_TEMPORARY: MOMENT_NEVER with GRANTS_UNTIL_LEAVE only */
};

/*
 * WIDEN and NARROW take effect during a term too. 0 or, then nothing changed: -EPERM: not `by_operator`, and nobody else
 * changes what anybody may do, not even to have less; -EINVAL: an unknown plane, no term, or one that is over.
 */
int grants_apply(struct grants *grants, const struct grants_change *change, bool by_operator,
	uint64_t now_ns);
/*
 * Clears a term that is over. Returns the planes that ceased to be granted by it: what is held there is released and
 * what was created is destroyed.
 */
uint32_t grants_settle(struct grants *grants, uint64_t now_ns);
/* The client's last session ended: so does GRANTS_UNTIL_LEAVE. */
void grants_leave(struct grants *grants);
/* When grants_settle is due; MOMENT_NEVER when nothing is. */
uint64_t grants_next_deadline_ns(const struct grants *grants);

uint32_t grants_preset_planes(enum grants_preset preset); /* GRANTS_CUSTOM: none */
enum grants_preset grants_preset_of(uint32_t planes);

/* The words of documents and of the API: "pointer", "microphone" ...; "full", "controller", "view", "custom". */
const char *grant_plane_name(enum grant_plane plane);
const char *grants_preset_name(enum grants_preset preset);
/* False when the word is none of the values. */
bool grant_plane_parse(const char *word, enum grant_plane *plane);
bool grants_preset_parse(const char *word, enum grants_preset *preset);

#endif
