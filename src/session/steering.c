#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

/* However often it changes, everybody is told this often at most: one client's requests are everybody's messages. */
#define TELL_EVERY_NS (50 * MOMENT_MS)

static int on_timer(sd_event_source *source, uint64_t usec, void *data);
static int on_tell(sd_event_source *source, uint64_t usec, void *data);

bool steering_prepare(struct session_host *host)
{
	host->control = malloc(sizeof *host->control);
	if (!host->control)
		return false;
	control_init(host->control, NULL);
	if (sd_event_add_time(host->event, &host->control_timer, CLOCK_MONOTONIC, UINT64_MAX, 1000,
		    on_timer, host) < 0 ||
		sd_event_add_time(host->event, &host->control_tell, CLOCK_MONOTONIC, UINT64_MAX,
			1000, on_tell, host) < 0)
		return false;
	return sd_event_source_set_enabled(host->control_timer, SD_EVENT_OFF) >= 0 &&
		sd_event_source_set_enabled(host->control_tell, SD_EVENT_OFF) >= 0;
}

void steering_finish(struct session_host *host)
{
	sd_event_source_disable_unref(host->control_timer);
	sd_event_source_disable_unref(host->control_tell);
	free(host->control);
}

static struct session *find(struct session_host *host, uint32_t id)
{
	struct session *session = host->sessions;
	while (session && session->id != id)
		session = session->next;
	return session;
}

/* Only who is on the desktop can hold control: nobody else's leaving would be noticed. */
static const struct session *find_target(struct session_host *host, uint32_t id)
{
	const struct session *session = find(host, id);
	return session && session->steers ? session : NULL;
}

static struct control_seat seat_of(const struct session *session)
{
	struct control_seat seat = { .session = session->id };
	if (!session->anonymous)
		memcpy(seat.client, session->fingerprint, sizeof seat.client);
	return seat;
}

static void release(struct session_host *host, uint32_t id)
{
	for (struct session *session = host->sessions; session; session = session->next) {
		if ((id == 0 || session->id == id) && session->injector)
			injector_release_all(session->injector);
		if (id == 0 || session->id == id)
			pads_let_go(session);
	}
}

static void notify(struct session_host *host, uint32_t id, enum wire_notice code, const char *text)
{
	struct session *session = find(host, id);
	if (session && session->phase == SESSION_WELCOMED)
		session_send(session,
			&(struct wire_message){
				.type = WIRE_NOTICE,
				.notice = { (uint16_t)code, { text, (uint16_t)strlen(text) } },
			});
}

/* As presence calls it, else by its label: that is the client's own text. */
static struct person_name name_of(struct session_host *host, const struct session *session)
{
	const char *name = host->people ? people_name(host->people, session) : NULL;
	if (!name)
		name = session->label;
	return person_name_clean(name, strlen(name));
}

/* The request that the holder is to answer: the first in line that asks. */
static const struct control_place *asking(const struct control *control)
{
	for (uint32_t i = 0; i < control->line_count; i++) {
		if (control->line[i].answer_by_ns)
			return &control->line[i];
	}
	return NULL;
}

static uint16_t place_of(const struct control *control, uint32_t id)
{
	for (uint32_t i = 0; i < control->line_count; i++) {
		if (control->line[i].who.session == id)
			return (uint16_t)(i + 1);
	}
	return 0;
}

static struct wire_string words(const struct person_name *name)
{
	return (struct wire_string){ name->text, (uint16_t)strlen(name->text) };
}

/* What a message that describes control points at. */
struct words_of_control {
	struct person_name asking_name;
	uint8_t line[WIRE_LINE_MAX];
};

_Static_assert(WIRE_LINE_MAX == 4 * CONTROL_LINE_MAX, "a line that a message has no room for");

static struct wire_blob line_of(struct session_host *host, uint8_t *bytes)
{
	const struct control *control = host->control;
	for (uint32_t i = 0; i < control->line_count; i++) {
		const struct session *one = find(host, control->line[i].who.session);
		const uint32_t person =
			htole32(one && host->people ? people_person(host->people, one) : 0);
		memcpy(bytes + 4 * i, &person, sizeof person);
	}
	return (struct wire_blob){ bytes, 4 * control->line_count };
}

/* What is the same for everybody; `words_of` lasts as long as the message. */
static struct wire_message describe(
	struct session_host *host, struct words_of_control *words_of, uint64_t now)
{
	const struct control *control = host->control;
	const struct control_place *request = asking(control);
	const struct session *holder = find(host, control->holder.session);
	const struct session *asks = request ? find(host, request->who.session) : NULL;
	/* One whose connection dropped keeps the name that it had. */
	if (holder)
		host->holder_name = name_of(host, holder);
	else if (control->away_until_ns == 0)
		host->holder_name = (struct person_name){ 0 };
	words_of->asking_name = asks ? name_of(host, asks) : (struct person_name){ 0 };
	return (struct wire_message){
		.type = WIRE_CONTROL_STATE,
		.control_state = {
			.mode = control->mode == CONTROL_ONE_AT_A_TIME,
			.holder = control->holder.session,
			.asking = asks ? asks->id : 0,
			.waiting = (uint16_t)control->line_count,
			.left_ms = request ? (uint32_t)(moment_elapsed(now, request->answer_by_ns) /
						     MOMENT_MS)
					   : 0,
			.holder_name = words(&host->holder_name),
			.asking_name = words(&words_of->asking_name),
			.line = line_of(host, words_of->line),
		},
	};
}

static void tell_state(struct session *session, struct wire_message *message)
{
	message->control_state.place = place_of(session->host->control, session->id);
	session->knows_control = true;
	session_send(session, message);
}

static int on_tell(sd_event_source *source, uint64_t usec, void *data)
{
	struct session_host *host = data;
	const uint64_t now = session_now_ns();
	const uint32_t holder = host->control->holder.session;
	struct words_of_control words_of;
	if (host->control->mode == CONTROL_FREE && !host->control_told)
		return 0;
	host->control_told = host->control->mode != CONTROL_FREE;
	host->control_told_ns = now;
	struct wire_message message = describe(host, &words_of, now);
	for (struct session *session = host->sessions; session; session = session->next) {
		if (session->steers)
			tell_state(session, &message);
	}
	if (holder != host->control_logged)
		fprintf(stderr, "lodged: control: %s drives\n",
			holder ? host->holder_name.text : "nobody");
	host->control_logged = holder;
	session_host_note_change(host);
	return 0;
}

void steering_tell(struct session_host *host)
{
	const uint64_t next_ns = moment_after(host->control_told_ns, TELL_EVERY_NS);
	sd_event_source_set_time(
		host->control_tell, moment_later(next_ns, session_now_ns()) / 1000);
	sd_event_source_set_enabled(host->control_tell, SD_EVENT_ONESHOT);
}

static void arm(struct session_host *host)
{
	const uint64_t due_ns = control_next_deadline_ns(host->control);
	if (due_ns == MOMENT_NEVER) {
		sd_event_source_set_enabled(host->control_timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(host->control_timer, due_ns / 1000 + 1);
	sd_event_source_set_enabled(host->control_timer, SD_EVENT_ONESHOT);
}

static void perform(struct session_host *host, const struct control_effect *effect)
{
	switch (effect->type) {
	case CONTROL_RELEASE_ALL_INPUT:
		release(host, effect->session);
		break;
	case CONTROL_REQUEST_DENIED:
		notify(host, effect->session, WIRE_NOTICE_CONTROL_DENIED, "");
		break;
	case CONTROL_REQUEST_EXPIRED:
		notify(host, effect->session, WIRE_NOTICE_CONTROL_EXPIRED, "");
		break;
	case CONTROL_HOLDER_CHANGED: /* they show in the state that everybody is told */
	case CONTROL_HOLDER_AWAY:
	case CONTROL_REQUEST_PENDING:
	case CONTROL_LINE_JOINED:
	case CONTROL_LINE_LEFT:
	case CONTROL_MODE_CHANGED:
		break;
	}
}

static enum control_refusal step(struct session_host *host, const struct control_event *event)
{
	struct control_step result;
	const uint64_t now = session_now_ns();
	control_step(host->control, event, now, &result);
	for (uint32_t i = 0; i < result.count; i++)
		perform(host, &result.effects[i]);
	arm(host);
	if (result.count > 0)
		steering_tell(host);
	return result.refusal;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	step(data, &(struct control_event){ .type = CONTROL_TIMER });
	return 0;
}

void steering_set_mode(struct session_host *host, enum control_mode mode)
{
	if (mode != host->control->mode)
		step(host, &(struct control_event){ .type = CONTROL_SET_MODE, .mode = mode });
}

static bool may_drive(const struct session *session)
{
	return grants_allow_input(&session->grants, session_now_ns());
}

void steering_joined(struct session *session)
{
	if (session->steers)
		return;
	session->steers = true;
	step(session->host,
		&(struct control_event){
			.type = CONTROL_JOINED,
			.who = seat_of(session),
			.may_drive = may_drive(session),
		});
	if (session->host->control->mode == CONTROL_FREE && !session->knows_control)
		return;
	struct words_of_control words_of;
	struct wire_message message = describe(session->host, &words_of, session_now_ns());
	tell_state(session, &message);
}

void steering_left(struct session *session, bool dropped)
{
	if (!session->steers)
		return;
	session->steers = false;
	step(session->host,
		&(struct control_event){
			.type = dropped ? CONTROL_DROPPED : CONTROL_LEFT,
			.who = seat_of(session),
		});
}

void steering_grants_changed(struct session *session)
{
	if (session->steers)
		step(session->host,
			&(struct control_event){
				.type = CONTROL_GRANTS_CHANGED,
				.who = seat_of(session),
				.may_drive = may_drive(session),
			});
}

void steering_asked(struct session *session, const struct wire_message *message)
{
	static const enum control_event_type types[] = {
		[WIRE_CONTROL_REQUEST] = CONTROL_REQUEST,
		[WIRE_CONTROL_WITHDRAW] = CONTROL_WITHDRAW,
		[WIRE_CONTROL_GRANT] = CONTROL_GRANT,
		[WIRE_CONTROL_DENY] = CONTROL_DENY,
		[WIRE_CONTROL_RELEASE] = CONTROL_RELEASE,
		[WIRE_CONTROL_GIVE] = CONTROL_GIVE,
	};
	struct session_host *host = session->host;
	const struct session *target = find_target(host, message->control.session);
	const struct session *subject =
		message->control.action == WIRE_CONTROL_REQUEST ? session : target;
	if (!session->steers)
		return;
	const enum control_refusal refusal = step(host,
		&(struct control_event){
			.type = types[message->control.action],
			.who = seat_of(session),
			.target = target ? seat_of(target) : (struct control_seat){ 0 },
			.may_drive = subject && may_drive(subject),
		});
	if (refusal != CONTROL_NOT_REFUSED)
		notify(host, session->id, WIRE_NOTICE_CONTROL_REFUSED,
			control_refusal_name(refusal));
}

enum control_refusal session_host_steer(
	struct session_host *host, enum control_event_type type, uint32_t id)
{
	const struct session *target = find_target(host, id);
	return step(host,
		&(struct control_event){
			.type = type,
			.target = target ? seat_of(target) : (struct control_seat){ 0 },
			.admin = true,
			.may_drive = target && may_drive(target),
		});
}

void session_host_control(const struct session_host *host, struct control_view *view)
{
	const struct control *control = host->control;
	*view = (struct control_view){
		.mode = control->mode,
		.holder = control->holder.session,
		.away_until_ns = control->away_until_ns,
		.line_count = control->line_count,
	};
	for (uint32_t i = 0; i < control->line_count; i++) {
		view->line[i].session = control->line[i].who.session;
		view->line[i].answer_by_ns = control->line[i].answer_by_ns;
	}
}
