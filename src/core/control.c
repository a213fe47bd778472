#include "core/control.h"

#include <string.h>

void control_init(struct control *control, const struct control_params *params)
{
	static const struct control_params defaults = {
		10 * MOMENT_SECOND,
		30 * MOMENT_SECOND,
		5 * MOMENT_SECOND,
		250 * MOMENT_MS,
	};
	*control = (struct control){ .params = params ? *params : defaults };
	struct control_params *used = &control->params;
	if (used->answer_ns == 0)
		used->answer_ns = defaults.answer_ns;
	if (used->idle_ns == 0)
		used->idle_ns = defaults.idle_ns;
	if (used->grace_ns == 0)
		used->grace_ns = defaults.grace_ns;
	if (used->gate_ns == 0)
		used->gate_ns = defaults.gate_ns;
	/* A gate as long as the time to idle would take control from a holder in the middle of its input. */
	used->gate_ns = moment_earlier(used->gate_ns, used->idle_ns / 2);
}

void control_write_input(struct control *control, uint64_t event_time_ns)
{
	control->holder_active_ns = event_time_ns;
	control->record_from_ns = moment_after(event_time_ns, control->params.gate_ns);
}

static struct control_effect *add(
	struct control_step *step, enum control_effect_type type, uint32_t session)
{
	struct control_effect *effect = &step->effects[step->count++];
	*effect = (struct control_effect){ .type = type, .session = session };
	return effect;
}

static bool same_client(const struct control_seat *a, const struct control_seat *b)
{
	static const uint8_t nobody[IDENTITY_FINGERPRINT_SIZE];
	return memcmp(a->client, b->client, sizeof a->client) == 0 &&
		memcmp(a->client, nobody, sizeof nobody) != 0;
}

static bool is_holder(const struct control *control, uint32_t session)
{
	return session != 0 && session == control->holder.session;
}

/* The holder decides only while it is there. */
static bool may_decide(const struct control *control, const struct control_event *event)
{
	const bool present = control->away_until_ns == 0;
	return event->admin || (present && is_holder(control, event->who.session));
}

static uint32_t find_in_line(const struct control *control, uint32_t session)
{
	uint32_t i = 0;
	while (i < control->line_count && control->line[i].who.session != session)
		i++;
	return i;
}

static bool is_in_line(const struct control *control, uint32_t session)
{
	return session != 0 && find_in_line(control, session) < control->line_count;
}

static void leave_line(struct control *control, uint32_t session, struct control_step *step)
{
	if (!is_in_line(control, session))
		return;
	const uint32_t index = find_in_line(control, session);
	control->line_count--;
	memmove(&control->line[index], &control->line[index + 1],
		(control->line_count - index) * sizeof *control->line);
	add(step, CONTROL_LINE_LEFT, session);
}

/* The holder's keys are up before anybody else is the holder. `who` NULL: nobody is next. */
static void change_holder(struct control *control, const struct control_seat *who, uint64_t now_ns,
	struct control_step *step)
{
	/* Of one that is away they went up when its connection dropped. */
	if (control->holder.session != 0 && control->away_until_ns == 0)
		add(step, CONTROL_RELEASE_ALL_INPUT, control->holder.session);
	control->holder = who ? *who : (struct control_seat){ 0 };
	control->away_until_ns = 0;
	control->holder_active_ns = now_ns;
	control->record_from_ns = now_ns; /* what was typed before is no activity of a holder */
	leave_line(control, control->holder.session, step);
	add(step, CONTROL_HOLDER_CHANGED, control->holder.session);
}

static void promote_next(struct control *control, uint64_t now_ns, struct control_step *step)
{
	if (control->line_count == 0) {
		change_holder(control, NULL, now_ns, step);
		return;
	}
	const struct control_seat next = control->line[0].who;
	change_holder(control, &next, now_ns, step);
}

static void close_requests_due(struct control *control, uint64_t due_ns, struct control_step *step)
{
	for (uint32_t i = 0; i < control->line_count; i++) {
		struct control_place *place = &control->line[i];
		if (place->answer_by_ns == 0 || place->answer_by_ns > due_ns)
			continue;
		place->answer_by_ns = 0;
		add(step, CONTROL_REQUEST_EXPIRED, place->who.session);
	}
}

static uint64_t holder_deadline_ns(const struct control *control)
{
	if (control->holder.session == 0)
		return MOMENT_NEVER;
	if (control->away_until_ns != 0)
		return control->away_until_ns;
	return moment_after(control->holder_active_ns, control->params.idle_ns);
}

static uint64_t request_deadline_ns(const struct control *control)
{
	uint64_t deadline_ns = MOMENT_NEVER;
	for (uint32_t i = 0; i < control->line_count; i++) {
		if (control->line[i].answer_by_ns != 0)
			deadline_ns = moment_earlier(deadline_ns, control->line[i].answer_by_ns);
	}
	return deadline_ns;
}

uint64_t control_next_deadline_ns(const struct control *control)
{
	return moment_earlier(holder_deadline_ns(control), request_deadline_ns(control));
}

/* A late timer is no reason to deny somebody whose turn it had been before. */
static void do_what_is_due(struct control *control, uint64_t now_ns, struct control_step *step)
{
	/* A time stamp of the future would keep the holder from idling, and the gate shut. */
	if (control->holder_active_ns > now_ns) {
		control->holder_active_ns = now_ns;
		control->record_from_ns = now_ns;
	}
	const uint64_t holder_ns = holder_deadline_ns(control);
	close_requests_due(control, moment_earlier(holder_ns, now_ns), step);
	if (holder_ns <= now_ns)
		promote_next(control, now_ns, step);
	close_requests_due(control, now_ns, step);
}

static enum control_refusal request(struct control *control, const struct control_event *event,
	uint64_t now_ns, struct control_step *step)
{
	const uint32_t session = event->who.session;
	const uint32_t index = find_in_line(control, session);
	if (!event->may_drive || session == 0)
		return CONTROL_REFUSED_GRANTS;
	if (is_holder(control, session))
		return CONTROL_REFUSED_HOLDER;
	if (control->holder.session == 0) {
		change_holder(control, &event->who, now_ns, step);
		return CONTROL_NOT_REFUSED;
	}
	for (uint32_t i = 0; i < control->line_count; i++) {
		const struct control_place *place = &control->line[i];
		if (i == index ? place->answer_by_ns != 0 : same_client(&place->who, &event->who))
			return CONTROL_REFUSED_PENDING;
	}
	if (index == CONTROL_LINE_MAX)
		return CONTROL_REFUSED_LINE_FULL;
	if (index == control->line_count) {
		control->line[control->line_count++] = (struct control_place){ .who = event->who };
		add(step, CONTROL_LINE_JOINED, session);
	}
	control->line[index].answer_by_ns = moment_after(now_ns, control->params.answer_ns);
	add(step, CONTROL_REQUEST_PENDING, session)->until_ns = control->line[index].answer_by_ns;
	return CONTROL_NOT_REFUSED;
}

static enum control_refusal grant(struct control *control, const struct control_event *event,
	uint64_t now_ns, struct control_step *step)
{
	const uint32_t session = event->target.session;
	if (!may_decide(control, event))
		return CONTROL_REFUSED_RIGHT;
	if (!is_in_line(control, session))
		return CONTROL_REFUSED_NOT_IN_LINE;
	const struct control_seat next = control->line[find_in_line(control, session)].who;
	change_holder(control, &next, now_ns, step);
	return CONTROL_NOT_REFUSED;
}

static enum control_refusal deny(
	struct control *control, const struct control_event *event, struct control_step *step)
{
	const uint32_t session = event->target.session;
	if (!may_decide(control, event))
		return CONTROL_REFUSED_RIGHT;
	if (!is_in_line(control, session))
		return CONTROL_REFUSED_NOT_IN_LINE;
	struct control_place *place = &control->line[find_in_line(control, session)];
	if (place->answer_by_ns != 0)
		add(step, CONTROL_REQUEST_DENIED, session);
	place->answer_by_ns = 0;
	if (event->admin)
		leave_line(control, session, step);
	return CONTROL_NOT_REFUSED;
}

static enum control_refusal release(struct control *control, const struct control_event *event,
	uint64_t now_ns, struct control_step *step)
{
	if (control->holder.session == 0 || !may_decide(control, event))
		return CONTROL_REFUSED_RIGHT;
	promote_next(control, now_ns, step);
	return CONTROL_NOT_REFUSED;
}

/* GIVE and TAKE; a holder who takes what it has is refused as the holder. */
static enum control_refusal hand_over(struct control *control, const struct control_event *event,
	const struct control_seat *next, uint64_t now_ns, struct control_step *step)
{
	if (!may_decide(control, event))
		return CONTROL_REFUSED_RIGHT;
	if (!event->may_drive || next->session == 0)
		return CONTROL_REFUSED_GRANTS;
	if (is_holder(control, next->session))
		return CONTROL_REFUSED_HOLDER;
	change_holder(control, next, now_ns, step);
	return CONTROL_NOT_REFUSED;
}

static void joined(struct control *control, const struct control_event *event, uint64_t now_ns,
	struct control_step *step)
{
	if (control->away_until_ns != 0 && event->may_drive && event->who.session != 0 &&
		same_client(&control->holder, &event->who))
		change_holder(control, &event->who, now_ns, step);
}

/* The session is gone, or may not drive any more. */
static void end(
	struct control *control, uint32_t session, uint64_t now_ns, struct control_step *step)
{
	leave_line(control, session, step);
	if (is_holder(control, session))
		promote_next(control, now_ns, step);
}

static void dropped(
	struct control *control, uint32_t session, uint64_t now_ns, struct control_step *step)
{
	leave_line(control, session, step);
	if (!is_holder(control, session) || control->away_until_ns != 0)
		return;
	add(step, CONTROL_RELEASE_ALL_INPUT, session);
	control->away_until_ns = moment_after(now_ns, control->params.grace_ns);
	add(step, CONTROL_HOLDER_AWAY, session)->until_ns = control->away_until_ns;
}

static void grants_changed(struct control *control, const struct control_event *event,
	uint64_t now_ns, struct control_step *step)
{
	if (event->may_drive)
		return;
	/* Somebody who is away keeps nothing that the client would not get. */
	if (control->away_until_ns != 0 && same_client(&control->holder, &event->who))
		promote_next(control, now_ns, step);
	end(control, event->who.session, now_ns, step);
}

static void set_mode(
	struct control *control, enum control_mode mode, uint64_t now_ns, struct control_step *step)
{
	if (mode == control->mode)
		return;
	/* Anybody may have held keys down until now. */
	if (mode == CONTROL_ONE_AT_A_TIME)
		add(step, CONTROL_RELEASE_ALL_INPUT, 0);
	while (control->line_count > 0)
		leave_line(control, control->line[0].who.session, step);
	if (control->holder.session != 0)
		change_holder(control, NULL, now_ns, step);
	control->mode = mode;
	add(step, CONTROL_MODE_CHANGED, 0)->mode = mode;
}

static enum control_refusal answer(struct control *control, const struct control_event *event,
	uint64_t now_ns, struct control_step *step)
{
	const bool is_free = control->mode == CONTROL_FREE;
	switch (event->type) {
	case CONTROL_REQUEST:
		return is_free ? CONTROL_REFUSED_MODE : request(control, event, now_ns, step);
	case CONTROL_GRANT:
		return is_free ? CONTROL_REFUSED_MODE : grant(control, event, now_ns, step);
	case CONTROL_DENY:
		return is_free ? CONTROL_REFUSED_MODE : deny(control, event, step);
	case CONTROL_RELEASE:
		return is_free ? CONTROL_REFUSED_MODE : release(control, event, now_ns, step);
	case CONTROL_GIVE:
		return is_free ? CONTROL_REFUSED_MODE
			       : hand_over(control, event, &event->target, now_ns, step);
	case CONTROL_TAKE:
		return is_free ? CONTROL_REFUSED_MODE
			       : hand_over(control, event, &event->who, now_ns, step);
	case CONTROL_WITHDRAW:
		if (!is_in_line(control, event->who.session))
			return CONTROL_REFUSED_NOT_IN_LINE;
		leave_line(control, event->who.session, step);
		break;
	case CONTROL_JOINED:
		joined(control, event, now_ns, step);
		break;
	case CONTROL_LEFT:
		end(control, event->who.session, now_ns, step);
		break;
	case CONTROL_DROPPED:
		dropped(control, event->who.session, now_ns, step);
		break;
	case CONTROL_GRANTS_CHANGED:
		grants_changed(control, event, now_ns, step);
		break;
	case CONTROL_SET_MODE:
		set_mode(control, event->mode, now_ns, step);
		break;
	case CONTROL_TIMER:
		break;
	}
	return CONTROL_NOT_REFUSED;
}

void control_step(struct control *control, const struct control_event *event, uint64_t now_ns,
	struct control_step *step)
{
	step->count = 0;
	do_what_is_due(control, now_ns, step);
	step->refusal = answer(control, event, now_ns, step);
}

static const char *const mode_names[] = { "free", "one-at-a-time" };

const char *control_mode_name(enum control_mode mode)
{
	return mode <= CONTROL_ONE_AT_A_TIME ? mode_names[mode] : "unknown";
}

bool control_mode_parse(const char *word, enum control_mode *mode)
{
	for (size_t i = 0; i < sizeof mode_names / sizeof *mode_names; i++) {
		if (strcmp(word, mode_names[i]) != 0)
			continue;
		*mode = (enum control_mode)i;
		return true;
	}
	return false;
}

const char *control_refusal_name(enum control_refusal refusal)
{
	switch (refusal) {
	case CONTROL_NOT_REFUSED:
		return "not-refused";
	case CONTROL_REFUSED_MODE:
		return "everybody-drives";
	case CONTROL_REFUSED_GRANTS:
		return "no-input-granted";
	case CONTROL_REFUSED_RIGHT:
		return "not-yours-to-decide";
	case CONTROL_REFUSED_HOLDER:
		return "holds-control";
	case CONTROL_REFUSED_PENDING:
		return "request-pending";
	case CONTROL_REFUSED_NOT_IN_LINE:
		return "not-in-line";
	case CONTROL_REFUSED_LINE_FULL:
		return "line-full";
	}
	return "unknown";
}
