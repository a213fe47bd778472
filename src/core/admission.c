#include "core/admission.h"

#include <string.h>

#define NO_DISPLAY SIZE_MAX

/* What one look at the desktop tells; the rules ask nothing else of it. */
struct survey {
	const struct display_policy *policy;
	const struct admission_request *request;
	const struct admission_desktop *desktop;
	size_t count;
	size_t own; /* rule 1; NO_DISPLAY: there is none */
	size_t own_closing; /* the requester's, waiting for its teardown without a claim */
	size_t latest; /* of `live`: with the latest input */
	uint64_t live; /* displays that other clients hold or await */
	uint64_t superseded; /* displays that the requester's older sessions are on */
	uint64_t places; /* displays that count against max_displays */
	uint64_t lingering; /* of `places` */
	uint32_t encoders_back; /* of superseded sessions that were alone on their display */
};

static uint64_t bit(size_t index)
{
	return index < ADMISSION_DISPLAYS_MAX ? UINT64_C(1) << index : 0;
}

static uint32_t count_bits(uint64_t bits)
{
	return (uint32_t)__builtin_popcountll(bits);
}

static void add_reason(struct admission_decision *decision, uint8_t rule,
	enum admission_reason_code code, size_t display)
{
	if (decision->reason_count < ADMISSION_REASONS_MAX)
		decision->reasons[decision->reason_count++] =
			(struct admission_reason){ rule, code, display };
}

static bool is_owner(const struct survey *survey, const struct admission_display *display)
{
	return !survey->request->anonymous && !display->anonymous &&
		memcmp(display->owner, survey->request->client, IDENTITY_FINGERPRINT_SIZE) == 0;
}

static bool has_own_key(const struct survey *survey, const struct admission_display *display)
{
	return !survey->request->anonymous && !display->anonymous &&
		identity_key_equal(display->key, survey->request->key);
}

static bool only_waits_for_teardown(const struct admission_display *display)
{
	return display->state == LIFECYCLE_CLOSING && display->sessions == 0;
}

static bool is_newer(const struct survey *survey, size_t index, size_t than)
{
	const struct admission_display *displays = survey->desktop->displays;
	return than == NO_DISPLAY || displays[index].acquired > displays[than].acquired;
}

/* Rule 1: claimed last by the requester beats kept by whoever else had the key. */
static bool is_better_own(const struct survey *survey, size_t index)
{
	if (survey->own == NO_DISPLAY)
		return true;
	const struct admission_display *displays = survey->desktop->displays;
	const bool owner = is_owner(survey, &displays[index]);
	if (owner != is_owner(survey, &displays[survey->own]))
		return owner;
	return is_newer(survey, index, survey->own);
}

static bool has_later_input(const struct survey *survey, size_t index)
{
	if (survey->latest == NO_DISPLAY)
		return true;
	const struct admission_display *displays = survey->desktop->displays;
	if (displays[index].last_input_ns != displays[survey->latest].last_input_ns)
		return displays[index].last_input_ns > displays[survey->latest].last_input_ns;
	return is_newer(survey, index, survey->latest);
}

/* An older session of this very seat. Without others its display will close or be kept. */
static void note_superseded(
	struct survey *survey, const struct admission_display *display, size_t index)
{
	if (display->owner_sessions == 0 ||
		identity_key_ordinal(display->key) !=
			(survey->request->ordinal > 1 ? survey->request->ordinal : 1))
		return;
	survey->superseded |= bit(index);
	if (display->sessions > display->owner_sessions)
		return;
	survey->encoders_back++;
	if (survey->policy->keep_alive.kind == KEEP_ALIVE_OFF)
		survey->places &= ~bit(index);
}

static void note(struct survey *survey, size_t index)
{
	const struct admission_display *display = &survey->desktop->displays[index];
	const bool own_key = has_own_key(survey, display), owner = is_owner(survey, display);
	if (display->state == LIFECYCLE_GONE)
		return;
	if (only_waits_for_teardown(display)) {
		if (own_key && is_newer(survey, index, survey->own_closing))
			survey->own_closing = index;
		return;
	}
	survey->places |= bit(index);
	if (display->state == LIFECYCLE_LINGERING && display->sessions == 0)
		survey->lingering |= bit(index);
	if (own_key && (owner || display->sessions == 0) && is_better_own(survey, index))
		survey->own = index;
	if (owner) {
		note_superseded(survey, display, index);
	} else if (display->sessions > 0) {
		survey->live |= bit(index);
		if (has_later_input(survey, index))
			survey->latest = index;
	}
}

static void look(struct survey *survey, const struct display_policy *policy,
	const struct admission_request *request, const struct admission_desktop *desktop)
{
	*survey = (struct survey){
		.policy = policy,
		.request = request,
		.desktop = desktop,
		.count = desktop->count < ADMISSION_DISPLAYS_MAX ? desktop->count
								 : ADMISSION_DISPLAYS_MAX,
		.own = NO_DISPLAY,
		.own_closing = NO_DISPLAY,
		.latest = NO_DISPLAY,
	};
	for (size_t i = 0; i < survey->count; i++)
		note(survey, i);
}

/* A rejection does nothing: nobody is ended or evicted for a claim that is declined all the same. */
static void reject(
	struct admission_decision *decision, enum admission_rejection rejection, size_t display)
{
	decision->kind = ADMISSION_REJECT;
	decision->rejection = rejection;
	decision->display = display;
	decision->evict = decision->victims = decision->preempt = 0;
}

/* The nearest its deadline; of several, the one acquired first. */
static size_t next_to_end(const struct survey *survey, uint64_t among)
{
	const struct admission_display *displays = survey->desktop->displays;
	size_t found = NO_DISPLAY;
	for (size_t i = 0; i < survey->count; i++) {
		if (!(among & bit(i)))
			continue;
		if (found == NO_DISPLAY || displays[i].until_ns < displays[found].until_ns ||
			(displays[i].until_ns == displays[found].until_ns &&
				displays[i].acquired < displays[found].acquired))
			found = i;
	}
	return found;
}

/* Rule 6 (and 5): a place for one display more, or the rejection. */
static void find_room(const struct survey *survey, struct admission_decision *decision)
{
	uint32_t most = survey->policy->max_displays;
	uint32_t taken = count_bits(survey->places & ~decision->victims);
	const bool was_full = count_bits(survey->places) >= most;
	if (!survey->desktop->second_output && most > 1) {
		most = 1;
		if (taken >= most)
			add_reason(decision, 5, ADMISSION_REASON_ONE_OUTPUT_ONLY, NO_DISPLAY);
	}
	if (taken - count_bits(survey->lingering & ~decision->victims) >= most) {
		add_reason(decision, 6, ADMISSION_REASON_FULL, NO_DISPLAY);
		reject(decision, ADMISSION_FULL, NO_DISPLAY);
		return;
	}
	if (taken >= most)
		add_reason(decision, 6, ADMISSION_REASON_EVICTS,
			next_to_end(survey, survey->lingering));
	else if (decision->kind == ADMISSION_CREATE)
		add_reason(decision, 6, ADMISSION_REASON_ROOM, NO_DISPLAY);
	for (; taken >= most; taken--)
		decision->evict |= bit(next_to_end(survey, survey->lingering & ~decision->evict));
	if (decision->kind == ADMISSION_STEAL && was_full)
		add_reason(decision, 6, ADMISSION_REASON_FULL_STEALS, NO_DISPLAY);
}

/* Rule 1. */
static void take_own(const struct survey *survey, struct admission_decision *decision)
{
	const struct admission_display *own = &survey->desktop->displays[survey->own];
	decision->display = survey->own;
	add_reason(decision, 1, ADMISSION_REASON_OWN_DISPLAY, survey->own);
	if (survey->superseded & bit(survey->own))
		add_reason(decision, 1, ADMISSION_REASON_PREEMPTS_OWN_SESSION, survey->own);
	if (own->state == LIFECYCLE_CLOSING) {
		decision->kind = ADMISSION_RECREATE;
		add_reason(decision, 1, ADMISSION_REASON_CLOSING, survey->own);
		return;
	}
	decision->kind = ADMISSION_REUSE;
	if (!own->needs_mode) {
		add_reason(decision, 1, ADMISSION_REASON_SAME_MODE, survey->own);
		return;
	}
	decision->kind = ADMISSION_RECONFIGURE;
	add_reason(decision, 1, ADMISSION_REASON_OTHER_MODE, survey->own);
	if (!survey->desktop->reconfigure) {
		decision->kind = ADMISSION_RECREATE;
		add_reason(decision, 1, ADMISSION_REASON_CANNOT_RECONFIGURE, survey->own);
	}
}

/* Rule 2, and `separate`. */
static void create(const struct survey *survey, struct admission_decision *decision)
{
	decision->kind = ADMISSION_CREATE;
	decision->display = survey->own_closing;
	find_room(survey, decision);
}

static void join(const struct survey *survey, struct admission_decision *decision)
{
	decision->kind = ADMISSION_JOIN;
	decision->display = survey->latest;
}

/* Rule 4. */
static void steal(const struct survey *survey, struct admission_decision *decision)
{
	decision->victims = survey->live;
	if (survey->desktop->isolated) {
		decision->kind = ADMISSION_TRANSFER;
		decision->display = survey->latest;
		decision->victims &= ~bit(survey->latest);
		add_reason(decision, 4, ADMISSION_REASON_TRANSFERS, survey->latest);
		return;
	}
	decision->kind = ADMISSION_STEAL;
	decision->display = survey->own_closing;
	find_room(survey, decision);
}

/* Rule 3. */
static void meet_others(const struct survey *survey, struct admission_decision *decision)
{
	const size_t other = survey->latest;
	add_reason(decision, 3, ADMISSION_REASON_OTHERS_LIVE, other);
	switch (survey->policy->mode_conflict) {
	case POLICY_CONFLICT_SEPARATE:
		add_reason(decision, 3, ADMISSION_REASON_POLICY_SEPARATE, NO_DISPLAY);
		if (survey->desktop->second_output) {
			create(survey, decision);
			return;
		}
		add_reason(decision, 5, ADMISSION_REASON_ONE_OUTPUT_ONLY, other);
		join(survey, decision);
		return;
	case POLICY_CONFLICT_JOIN:
		add_reason(decision, 3, ADMISSION_REASON_POLICY_JOIN, other);
		join(survey, decision);
		return;
	case POLICY_CONFLICT_STEAL:
		add_reason(decision, 3, ADMISSION_REASON_POLICY_STEAL, other);
		steal(survey, decision);
		return;
	case POLICY_CONFLICT_REJECT:
		break;
	}
	add_reason(decision, 3, ADMISSION_REASON_POLICY_REJECT, other);
	reject(decision, ADMISSION_BUSY, other);
}

/* Rule 7: a display that nobody watches yet needs an encoder. */
static void find_encoder(const struct survey *survey, struct admission_decision *decision)
{
	if (decision->kind == ADMISSION_REJECT || survey->desktop->encoders_free > 0)
		return;
	if (decision->display != NO_DISPLAY &&
		survey->desktop->displays[decision->display].sessions > 0)
		return;
	if (decision->victims != 0 || survey->encoders_back > 0)
		return;
	add_reason(decision, 7, ADMISSION_REASON_NO_ENCODER, NO_DISPLAY);
	reject(decision, ADMISSION_ENCODER_BUSY, NO_DISPLAY);
}

static size_t first_bit(uint64_t bits)
{
	return bits ? (size_t)__builtin_ctzll(bits) : NO_DISPLAY;
}

void admission_decide(const struct display_policy *policy, const struct admission_request *request,
	const struct admission_desktop *desktop, struct admission_decision *decision)
{
	struct survey survey;
	look(&survey, policy, request, desktop);
	*decision = (struct admission_decision){ .display = NO_DISPLAY };
	if (request->anonymous)
		add_reason(decision, 8, ADMISSION_REASON_ANONYMOUS, NO_DISPLAY);
	decision->preempt = survey.superseded & ~bit(survey.own);
	if (decision->preempt)
		add_reason(decision, 1, ADMISSION_REASON_PREEMPTS_OWN_SESSION,
			first_bit(decision->preempt));
	if (survey.own != NO_DISPLAY) {
		take_own(&survey, decision);
	} else if (survey.live == 0) {
		add_reason(decision, 2, ADMISSION_REASON_NOBODY_ELSE, NO_DISPLAY);
		create(&survey, decision);
	} else {
		meet_others(&survey, decision);
	}
	find_encoder(&survey, decision);
}
