#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

/* However often things change, everybody is told this often at most: one who comes and goes in a loop speaks to all. */
#define TELL_EVERY_NS (50 * MOMENT_MS)

struct people {
	struct session_host *host;
	struct presence *presence;
	sd_event_source *tell; /* something is to be told, or a state decays; off while neither */
	uint64_t told_ns;
	bool faces_changed; /* perhaps: somebody may be reached by another session than was told */
	struct pointers *pointers;
	struct presence_event events[64];
	struct presence_info snapshot[PRESENCE_PERSONS_MAX];
};

/* Everybody on the desktop is together, on whichever display. */
static const struct presence_display desktop = { .slot = 1, .generation = 1 };

static void tell_at(struct people *people, uint64_t due_ns)
{
	sd_event_source_set_time(people->tell, due_ns / 1000 + 1);
	sd_event_source_set_enabled(people->tell, SD_EVENT_ONESHOT);
}

static void schedule(struct people *people)
{
	tell_at(people,
		moment_later(moment_after(people->told_ns, TELL_EVERY_NS), session_now_ns()));
}

/* Who belongs to whom, or may do what, is not as it was. */
static void schedule_all(struct people *people)
{
	people->faces_changed = true;
	schedule(people);
}

uint32_t people_person(const struct people *people, const struct session *session)
{
	return session->seat ? presence_person_id(people->presence, session->seat) : 0;
}

/* The session by which others reach the person: the first that may drive. */
static struct session *face_of(const struct people *people, uint32_t person, uint64_t now)
{
	struct session *any = NULL;
	for (struct session *one = people->host->sessions; one; one = one->next) {
		if (people_person(people, one) != person)
			continue;
		if (grants_allow_input(&one->grants, now))
			return one;
		any = one;
	}
	return any;
}

/* What is the same for every receiver; the name is the info's. */
static struct wire_message describe(struct people *people, const struct presence_info *person,
	enum wire_person_change change, uint64_t now)
{
	struct session *face = face_of(people, person->id, now);
	const bool drives = face && grants_allow_input(&face->grants, now);
	for (struct session *one = people->host->sessions; one; one = one->next) {
		if (one->face_for == person->id)
			one->face_for = 0;
	}
	if (drives)
		face->face_for = person->id;
	return (struct wire_message){
		.type = WIRE_PERSON,
		.person = {
			.change = (uint8_t)change,
			.flags = person->view_only ? WIRE_PERSON_VIEW_ONLY : 0,
			.state = (uint8_t)person->state,
			.slot = (uint8_t)(face ? face->display.slot : 0),
			.sessions = (uint16_t)person->sessions,
			.person = person->id,
			.session = drives ? face->id : 0,
			.name = { person->name.text, (uint16_t)strlen(person->name.text) },
		},
	};
}

static void send_person(
	const struct people *people, struct session *receiver, struct wire_message message)
{
	if (people_person(people, receiver) == message.person.person)
		message.person.flags |= WIRE_PERSON_SELF;
	session_send(receiver, &message);
}

static void send_forget(struct session *receiver)
{
	session_send(receiver,
		&(struct wire_message){
			.type = WIRE_PERSON, .person = { .change = WIRE_PERSON_FORGET } });
}

static bool is_newcomer(const struct session *session)
{
	return session->seat && !session->knows_people;
}

/* Everybody to all who have not heard of anybody yet. */
static void welcome_newcomers(struct people *people, uint64_t now)
{
	struct session_host *host = people->host;
	bool any = false;
	for (struct session *one = host->sessions; one; one = one->next) {
		if (is_newcomer(one))
			send_forget(one);
		any = any || is_newcomer(one);
	}
	if (!any)
		return;
	const size_t count =
		presence_snapshot(people->presence, NULL, people->snapshot, PRESENCE_PERSONS_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct wire_message message =
			describe(people, &people->snapshot[i], WIRE_PERSON_HERE, now);
		for (struct session *one = host->sessions; one; one = one->next) {
			if (is_newcomer(one))
				send_person(people, one, message);
		}
	}
	for (struct session *one = host->sessions; one; one = one->next)
		one->knows_people = one->seat;
	pointers_look_again(people->pointers);
}

static void broadcast(struct people *people, const struct presence_info *person,
	enum wire_person_change change, uint64_t now)
{
	const struct wire_message message = describe(people, person, change, now);
	for (struct session *one = people->host->sessions; one; one = one->next) {
		if (one->knows_people)
			send_person(people, one, message);
	}
}

static bool has_another_face(const struct people *people, uint32_t person, uint64_t now)
{
	const struct session *face = face_of(people, person, now);
	const struct session *told = people->host->sessions;
	while (told && told->face_for != person)
		told = told->next;
	return told != (face && grants_allow_input(&face->grants, now) ? face : NULL);
}

/* Who is reached by another session than before, and is otherwise the same: presence sees no difference. */
static void tell_faces(struct people *people, uint64_t now)
{
	const size_t count =
		presence_snapshot(people->presence, NULL, people->snapshot, PRESENCE_PERSONS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (has_another_face(people, people->snapshot[i].id, now))
			broadcast(people, &people->snapshot[i], WIRE_PERSON_HERE, now);
	}
	people->faces_changed = false;
}

static void arm(struct people *people)
{
	const uint64_t due_ns = presence_next_step_ns(people->presence);
	if (due_ns == MOMENT_NEVER)
		sd_event_source_set_enabled(people->tell, SD_EVENT_OFF);
	else if (due_ns == 0)
		schedule(people);
	else
		tell_at(people, due_ns);
}

static int on_tell(sd_event_source *source, uint64_t usec, void *data)
{
	struct people *people = data;
	const uint64_t now = session_now_ns();
	const size_t capacity = sizeof people->events / sizeof *people->events;
	const size_t count = presence_step(people->presence, now, people->events, capacity);
	for (size_t i = 0; i < count; i++) {
		const struct presence_event *event = &people->events[i];
		broadcast(people, &event->person,
			event->changes & PRESENCE_LEFT ? WIRE_PERSON_GONE : WIRE_PERSON_HERE, now);
	}
	people->told_ns = now;
	if (count > 0)
		session_host_note_change(people->host);
	/* More than fit come with the next turn: newcomers wait, so that they hear of each person once. */
	if (count == capacity) {
		tell_at(people, now);
		return 0;
	}
	if (people->faces_changed)
		tell_faces(people, now);
	welcome_newcomers(people, now);
	arm(people);
	return 0;
}

struct people *people_create(struct session_host *host, const struct presence_params *params)
{
	struct people *people = calloc(1, sizeof *people);
	if (!people)
		return NULL;
	people->host = host;
	people->presence = calloc(1, sizeof *people->presence);
	int error = people->presence ? 0 : -ENOMEM;
	if (error == 0)
		error = sd_event_add_time(host->event, &people->tell, CLOCK_MONOTONIC, UINT64_MAX,
			1000, on_tell, people);
	if (error >= 0)
		error = sd_event_source_set_enabled(people->tell, SD_EVENT_OFF);
	if (error >= 0 && !(people->pointers = pointers_create(host)))
		error = -errno;
	if (error < 0) {
		people_destroy(people);
		errno = -error;
		return NULL;
	}
	presence_init(people->presence, params);
	for (struct session *one = host->sessions; one; one = one->next) {
		if (one->granted)
			people_join(people, one);
	}
	return people;
}

static void forget(struct session *session)
{
	session->seat = NULL;
	session->knows_people = false;
	session->pointer.moved = false;
	session->pointer.unseen = false;
}

void people_destroy(struct people *people)
{
	if (!people)
		return;
	for (struct session *one = people->host->sessions; one; one = one->next) {
		if (one->knows_people && one->phase == SESSION_WELCOMED)
			send_forget(one);
		forget(one);
		one->face_for = 0;
	}
	sd_event_source_disable_unref(people->tell);
	pointers_destroy(people->pointers);
	free(people->presence);
	free(people);
}

void people_join(struct people *people, struct session *session)
{
	static const uint8_t nobody[CLIENT_FINGERPRINT_SIZE];
	const struct client *client =
		client_store_find(people->host->clients, session->fingerprint);
	const uint64_t now = session_now_ns();
	if (session->seat)
		pointers_look_again(people->pointers); /* it sees another output than before */
	if (session->seat || session->desktop->own)
		return;
	session->seat = presence_join(people->presence,
		&(struct presence_joiner){
			.session = session->id,
			.client = session->anonymous ? nobody : session->fingerprint,
			.label = session->label,
			.label_size = strlen(session->label),
			.user = client ? client->user : NULL,
			.user_size = client ? strlen(client->user) : 0,
			.transport = PRESENCE_BROWSER,
			.display = desktop,
			.view_only = !grants_allow_input(&session->grants, now),
		},
		now);
	schedule_all(people);
}

void people_leave(struct people *people, struct session *session)
{
	if (session->seat)
		presence_leave(people->presence, session->seat);
	/* It may stay attached, and hears of nobody any more. */
	if (session->knows_people && session->phase == SESSION_WELCOMED && !session->dropped)
		send_forget(session);
	forget(session);
	schedule_all(people);
}

void people_update(struct people *people, struct session *session)
{
	if (!session->seat)
		return;
	presence_set_view_only(people->presence, session->seat,
		!grants_allow_input(&session->grants, session_now_ns()));
	schedule_all(people);
}

void people_rename(struct people *people, const uint8_t *client, const char *label)
{
	presence_set_label(people->presence, client, label, strlen(label));
	schedule(people);
}

void people_set_user(struct people *people, const uint8_t *client, const char *user)
{
	presence_set_user(people->presence, client, user, strlen(user));
	schedule_all(people);
}

void people_note_input(struct people *people, struct session *session, uint64_t event_ns)
{
	if (session->seat && presence_record_input(session->seat, event_ns))
		schedule(people);
}

void people_note_pointer(struct people *people, struct session *session, uint16_t x, uint16_t y)
{
	pointers_note(people->pointers, session, x, y);
}

const char *people_name(struct people *people, const struct session *session)
{
	const uint32_t person = people_person(people, session);
	if (!person)
		return NULL;
	const size_t count =
		presence_snapshot(people->presence, NULL, people->snapshot, PRESENCE_PERSONS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (people->snapshot[i].id == person)
			return people->snapshot[i].name.text;
	}
	return NULL;
}

size_t people_list(const struct people *people, struct person_state *states, size_t capacity)
{
	struct presence_info *all = (struct presence_info *)people->snapshot;
	size_t count = presence_snapshot(people->presence, NULL, all, PRESENCE_PERSONS_MAX);
	count = count < capacity ? count : capacity;
	for (size_t i = 0; i < count; i++) {
		states[i] = (struct person_state){ .person = all[i] };
		for (const struct session *one = people->host->sessions; one; one = one->next) {
			if (people_person(people, one) == all[i].id && states[i].session_count < 16)
				states[i].sessions[states[i].session_count++] = one->id;
		}
	}
	return count;
}
