#include "admission_oracle.h"

#include <string.h>

/* A display as the rules see it, and what becomes of it while they are played through. */
struct piece {
	const struct admission_display *display;
	bool mine, keyed; /* claimed last by the requester; has the requester's key */
	uint32_t ordinal;
	uint32_t sessions; /* that are still there */
	bool there; /* takes a place */
};

struct game {
	const struct display_policy *policy;
	const struct admission_request *request;
	const struct admission_desktop *desktop;
	struct piece pieces[ADMISSION_DISPLAYS_MAX];
	size_t count;
	uint32_t encoders;
	struct oracle_verdict verdict;
};

static void set_up(struct game *game, const uint32_t *ordinals)
{
	game->count = game->desktop->count;
	game->encoders = game->desktop->encoders_free;
	for (size_t i = 0; i < game->count; i++) {
		struct piece *piece = &game->pieces[i];
		piece->display = &game->desktop->displays[i];
		piece->ordinal = ordinals[i];
		piece->sessions = piece->display->sessions;
		piece->there = true;
		if (piece->display->state == LIFECYCLE_GONE)
			piece->there = false;
		if (piece->display->state == LIFECYCLE_CLOSING && piece->sessions == 0)
			piece->there = false;
		/* Rule 8. */
		if (game->request->anonymous || piece->display->anonymous)
			continue;
		piece->mine = memcmp(piece->display->owner, game->request->client, 32) == 0;
		piece->keyed = strcmp(piece->display->key->text, game->request->key->text) == 0;
	}
}

/* Rule 1, which display: mine before kept, new before old. */
static size_t own_display(const struct game *game)
{
	for (int wanted_mine = 1; wanted_mine >= 0; wanted_mine--) {
		size_t best = SIZE_MAX;
		for (size_t i = 0; i < game->count; i++) {
			const struct piece *piece = &game->pieces[i];
			if (!piece->there || !piece->keyed || piece->mine != wanted_mine)
				continue;
			if (!piece->mine && piece->sessions > 0)
				continue;
			if (best == SIZE_MAX ||
				piece->display->acquired > game->pieces[best].display->acquired)
				best = i;
		}
		if (best != SIZE_MAX)
			return best;
	}
	return SIZE_MAX;
}

/* The requester's display that is just going away: the newest. */
static size_t going_display(const struct game *game)
{
	size_t best = SIZE_MAX;
	for (size_t i = 0; i < game->count; i++) {
		const struct piece *piece = &game->pieces[i];
		if (piece->keyed && piece->display->state == LIFECYCLE_CLOSING && !piece->there &&
			(best == SIZE_MAX ||
				piece->display->acquired > game->pieces[best].display->acquired))
			best = i;
	}
	return best;
}

/* Rule 1, "one device, one seat": the sessions leave, and their displays follow unless something keeps them. */
static void supersede(struct game *game, size_t own)
{
	const uint32_t seat = game->request->ordinal == 0 ? 1 : game->request->ordinal;
	for (size_t i = 0; i < game->count; i++) {
		struct piece *piece = &game->pieces[i];
		if (!piece->there || !piece->mine || piece->ordinal != seat ||
			piece->display->owner_sessions == 0 || i == own)
			continue;
		game->verdict.preempt[i] = true;
		piece->sessions -= piece->display->owner_sessions;
		if (piece->sessions > 0)
			continue;
		game->encoders++;
		if (game->policy->keep_alive.kind == KEEP_ALIVE_OFF)
			piece->there = false;
	}
}

static bool is_others(const struct piece *piece)
{
	return piece->there && !piece->mine && piece->display->sessions > 0;
}

/* Rule 3: "the one most recently given input". */
static size_t most_recent_other(const struct game *game)
{
	size_t best = SIZE_MAX;
	for (size_t i = 0; i < game->count; i++) {
		const struct admission_display *one = game->pieces[i].display;
		if (!is_others(&game->pieces[i]))
			continue;
		if (best == SIZE_MAX) {
			best = i;
			continue;
		}
		const struct admission_display *other = game->pieces[best].display;
		if (one->last_input_ns > other->last_input_ns ||
			(one->last_input_ns == other->last_input_ns &&
				one->acquired > other->acquired))
			best = i;
	}
	return best;
}

static void outcome(struct game *game, enum admission_kind kind, size_t display)
{
	game->verdict.kind = kind;
	game->verdict.display = display;
}

static void refuse(struct game *game, enum admission_rejection rejection, size_t display)
{
	game->verdict = (struct oracle_verdict){
		.kind = ADMISSION_REJECT, .rejection = rejection, .display = display
	};
}

/* Rule 6: "evict the lingering display nearest its deadline", as often as it takes. */
static void make_room(struct game *game)
{
	uint32_t limit = game->policy->max_displays;
	if (!game->desktop->second_output && limit > 1)
		limit = 1;
	for (;;) {
		uint32_t taken = 0;
		size_t next = SIZE_MAX;
		for (size_t i = 0; i < game->count; i++) {
			const struct admission_display *display = game->pieces[i].display;
			if (!game->pieces[i].there)
				continue;
			taken++;
			if (display->state != LIFECYCLE_LINGERING || display->sessions > 0)
				continue;
			if (next == SIZE_MAX ||
				display->until_ns < game->pieces[next].display->until_ns ||
				(display->until_ns == game->pieces[next].display->until_ns &&
					display->acquired < game->pieces[next].display->acquired))
				next = i;
		}
		if (taken < limit)
			return;
		if (next == SIZE_MAX) {
			refuse(game, ADMISSION_FULL, SIZE_MAX);
			return;
		}
		game->pieces[next].there = false;
		game->verdict.evict[next] = true;
	}
}

/* Rule 4. */
static void rob(struct game *game, size_t spared)
{
	for (size_t i = 0; i < game->count; i++) {
		if (i == spared || !is_others(&game->pieces[i]))
			continue;
		game->verdict.victim[i] = true;
		game->encoders++;
	}
	for (size_t i = 0; i < game->count; i++) {
		if (game->verdict.victim[i])
			game->pieces[i].there = false;
	}
}

static void play(struct game *game)
{
	const size_t own = own_display(game), other = most_recent_other(game);
	const enum policy_conflict conflict = game->policy->mode_conflict;
	supersede(game, own);
	if (own != SIZE_MAX) {
		const struct admission_display *display = game->pieces[own].display;
		if (display->state == LIFECYCLE_CLOSING)
			outcome(game, ADMISSION_RECREATE, own);
		else if (!display->needs_mode)
			outcome(game, ADMISSION_REUSE, own);
		else if (game->desktop->reconfigure)
			outcome(game, ADMISSION_RECONFIGURE, own);
		else
			outcome(game, ADMISSION_RECREATE, own);
	} else if (other == SIZE_MAX ||
		(conflict == POLICY_CONFLICT_SEPARATE && game->desktop->second_output)) {
		outcome(game, ADMISSION_CREATE, going_display(game));
		make_room(game);
	} else if (conflict == POLICY_CONFLICT_JOIN || conflict == POLICY_CONFLICT_SEPARATE) {
		outcome(game, ADMISSION_JOIN, other);
	} else if (conflict == POLICY_CONFLICT_REJECT) {
		refuse(game, ADMISSION_BUSY, other);
	} else if (game->desktop->isolated) {
		outcome(game, ADMISSION_TRANSFER, other);
		rob(game, other);
	} else {
		outcome(game, ADMISSION_STEAL, going_display(game));
		rob(game, SIZE_MAX);
		make_room(game);
	}
	/* Rule 7. */
	const bool watched = game->verdict.display != SIZE_MAX &&
		game->pieces[game->verdict.display].display->sessions > 0;
	if (game->verdict.kind != ADMISSION_REJECT && !watched && game->encoders == 0)
		refuse(game, ADMISSION_ENCODER_BUSY, SIZE_MAX);
}

struct oracle_verdict oracle_decide(const struct display_policy *policy,
	const struct admission_request *request, const struct admission_desktop *desktop,
	const uint32_t *ordinals)
{
	struct game game = { .policy = policy, .request = request, .desktop = desktop };
	set_up(&game, ordinals);
	play(&game);
	return game.verdict;
}

uint8_t oracle_rule(enum admission_reason_code code)
{
	static const uint8_t rules[ADMISSION_REASON_CODES] = {
		[ADMISSION_REASON_ANONYMOUS] = 8,
		[ADMISSION_REASON_OWN_DISPLAY] = 1,
		[ADMISSION_REASON_PREEMPTS_OWN_SESSION] = 1,
		[ADMISSION_REASON_SAME_MODE] = 1,
		[ADMISSION_REASON_OTHER_MODE] = 1,
		[ADMISSION_REASON_CANNOT_RECONFIGURE] = 1,
		[ADMISSION_REASON_CLOSING] = 1,
		[ADMISSION_REASON_NOBODY_ELSE] = 2,
		[ADMISSION_REASON_OTHERS_LIVE] = 3,
		[ADMISSION_REASON_POLICY_SEPARATE] = 3,
		[ADMISSION_REASON_POLICY_JOIN] = 3,
		[ADMISSION_REASON_POLICY_STEAL] = 3,
		[ADMISSION_REASON_POLICY_REJECT] = 3,
		[ADMISSION_REASON_ONE_OUTPUT_ONLY] = 5,
		[ADMISSION_REASON_ROOM] = 6,
		[ADMISSION_REASON_EVICTS] = 6,
		[ADMISSION_REASON_FULL] = 6,
		[ADMISSION_REASON_FULL_STEALS] = 6,
		[ADMISSION_REASON_TRANSFERS] = 4,
		[ADMISSION_REASON_NO_ENCODER] = 7,
	};
	return rules[code];
}

bool oracle_explains(const struct admission_decision *decision, enum admission_reason_code code)
{
	switch (decision->kind) {
	case ADMISSION_CREATE:
		return code == (decision->evict ? ADMISSION_REASON_EVICTS : ADMISSION_REASON_ROOM);
	case ADMISSION_REUSE:
		return code == ADMISSION_REASON_SAME_MODE;
	case ADMISSION_RECONFIGURE:
		return code == ADMISSION_REASON_OTHER_MODE;
	case ADMISSION_RECREATE:
		return code == ADMISSION_REASON_CANNOT_RECONFIGURE ||
			code == ADMISSION_REASON_CLOSING;
	case ADMISSION_JOIN:
		return code == ADMISSION_REASON_POLICY_JOIN ||
			code == ADMISSION_REASON_ONE_OUTPUT_ONLY;
	case ADMISSION_STEAL:
		return code == ADMISSION_REASON_POLICY_STEAL ||
			code == ADMISSION_REASON_FULL_STEALS ||
			(decision->evict && code == ADMISSION_REASON_EVICTS);
	case ADMISSION_TRANSFER:
		return code == ADMISSION_REASON_TRANSFERS;
	case ADMISSION_REJECT:
		break;
	}
	switch (decision->rejection) {
	case ADMISSION_BUSY:
		return code == ADMISSION_REASON_POLICY_REJECT;
	case ADMISSION_FULL:
		return code == ADMISSION_REASON_FULL;
	case ADMISSION_ENCODER_BUSY:
		return code == ADMISSION_REASON_NO_ENCODER;
	case ADMISSION_NOT_REJECTED:
		break;
	}
	return false;
}
