#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

/* A pointer is told this often at most: a label beside it needs no more. */
#define POINTER_EVERY_NS (50 * MOMENT_MS)

struct people {
	struct session_host *host;
	struct presence *presence;
	sd_event_source *tell; /* something is to be told; off while nothing is */
	sd_event_source *timer; /* a state decays */
	sd_event_source *pointers; /* somebody has pointed elsewhere since it was told */
	const struct session
		*pointing; /* whose place was told last; compared only, it may be gone */
	struct presence_event events[64];
	struct presence_info snapshot[PRESENCE_PERSONS_MAX];
};

/* Everybody on the desktop is together, on whichever display. */
static const struct presence_display desktop = { .slot = 1, .generation = 1 };

static void schedule(struct people *people)
{
	sd_event_source_set_enabled(people->tell, SD_EVENT_ONESHOT);
}

static uint32_t person_of(const struct people *people, const struct session *session)
{
	return session->seat ? presence_person_id(people->presence, session->seat) : 0;
}

/* The session by which others reach the person: the first that may drive. */
static const struct session *face_of(const struct people *people, uint32_t person, uint64_t now)
{
	const struct session *any = NULL;
	for (const struct session *one = people->host->sessions; one; one = one->next) {
		if (person_of(people, one) != person)
			continue;
		if (grants_allow_input(&one->grants, now))
			return one;
		any = one;
	}
	return any;
}

static void send_person(struct people *people, struct session *receiver,
	const struct presence_info *person, enum wire_person_change change, uint64_t now)
{
	const struct session *face = face_of(people, person->id, now);
	const bool drives = face && grants_allow_input(&face->grants, now);
	const bool self = person_of(people, receiver) == person->id;
	session_send(receiver,
		&(struct wire_message){
			.type = WIRE_PERSON,
			.person = {
				.change = (uint8_t)change,
				.flags = (uint8_t)((self ? WIRE_PERSON_SELF : 0) |
					(person->view_only ? WIRE_PERSON_VIEW_ONLY : 0)),
				.state = (uint8_t)person->state,
				.slot = (uint8_t)(face ? face->display.slot : 0),
				.sessions = (uint16_t)person->sessions,
				.person = person->id,
				.session = drives ? face->id : 0,
				.name = { person->name.text,
					(uint16_t)strlen(person->name.text) },
			},
		});
}

static void send_forget(struct session *receiver)
{
	session_send(receiver,
		&(struct wire_message){
			.type = WIRE_PERSON, .person = { .change = WIRE_PERSON_FORGET } });
}

static void send_snapshot(struct people *people, struct session *receiver, uint64_t now)
{
	const size_t count =
		presence_snapshot(people->presence, NULL, people->snapshot, PRESENCE_PERSONS_MAX);
	send_forget(receiver);
	for (size_t i = 0; i < count; i++)
		send_person(people, receiver, &people->snapshot[i], WIRE_PERSON_HERE, now);
	receiver->knows_people = true;
}

static void broadcast(struct people *people, const struct presence_event *event, uint64_t now)
{
	const enum wire_person_change change =
		event->changes & PRESENCE_LEFT ? WIRE_PERSON_GONE : WIRE_PERSON_HERE;
	for (struct session *one = people->host->sessions; one; one = one->next) {
		if (one->knows_people)
			send_person(people, one, &event->person, change, now);
	}
}

static void arm(struct people *people)
{
	const uint64_t due_ns = presence_next_step_ns(people->presence);
	if (due_ns == MOMENT_NEVER) {
		sd_event_source_set_enabled(people->timer, SD_EVENT_OFF);
	} else if (due_ns == 0) {
		schedule(people);
	} else {
		sd_event_source_set_time(people->timer, due_ns / 1000 + 1);
		sd_event_source_set_enabled(people->timer, SD_EVENT_ONESHOT);
	}
}

static int on_tell(sd_event_source *source, void *data)
{
	struct people *people = data;
	const uint64_t now = session_now_ns();
	const size_t capacity = sizeof people->events / sizeof *people->events;
	const size_t count = presence_step(people->presence, now, people->events, capacity);
	for (size_t i = 0; i < count; i++)
		broadcast(people, &people->events[i], now);
	/* More than fit come with the next turn: newcomers wait, so that they hear of each person once. */
	if (count < capacity) {
		for (struct session *one = people->host->sessions; one; one = one->next) {
			if (one->seat && !one->knows_people)
				send_snapshot(people, one, now);
		}
	}
	if (count > 0)
		session_host_note_change(people->host);
	arm(people);
	return 0;
}

/* On a shared seat the pointer is whose hand was on it last. */
static void send_pointer(struct people *people, struct session *session, uint64_t now)
{
	uint32_t x, y;
	const uint32_t person = person_of(people, session);
	session->pointed = false;
	session->pointer_told_ns = now;
	if (!person || !session->granted || !session->injector ||
		!injector_position(session->injector, &x, &y))
		return;
	people->pointing = session;
	for (struct session *one = people->host->sessions; one; one = one->next) {
		if (!one->knows_people || one == session || !one->granted ||
			one->display.slot != session->display.slot ||
			one->display.generation != session->display.generation)
			continue;
		session_send(one,
			&(struct wire_message){
				.type = WIRE_POINTER,
				.pointer = { true, person, (uint16_t)x, (uint16_t)y },
			});
	}
}

static int on_pointers(sd_event_source *source, uint64_t usec, void *data)
{
	struct people *people = data;
	const uint64_t now = session_now_ns();
	for (struct session *one = people->host->sessions; one; one = one->next) {
		if (one->pointed)
			send_pointer(people, one, now);
	}
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	schedule(data);
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
		error = sd_event_add_defer(host->event, &people->tell, on_tell, people);
	if (error >= 0)
		error = sd_event_source_set_enabled(people->tell, SD_EVENT_OFF);
	if (error >= 0)
		error = sd_event_add_time(host->event, &people->timer, CLOCK_MONOTONIC, UINT64_MAX,
			100000, on_timer, people);
	if (error >= 0)
		error = sd_event_source_set_enabled(people->timer, SD_EVENT_OFF);
	if (error >= 0)
		error = sd_event_add_time(host->event, &people->pointers, CLOCK_MONOTONIC,
			UINT64_MAX, 1000, on_pointers, people);
	if (error >= 0)
		error = sd_event_source_set_enabled(people->pointers, SD_EVENT_OFF);
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

void people_destroy(struct people *people)
{
	if (!people)
		return;
	for (struct session *one = people->host->sessions; one; one = one->next) {
		if (one->knows_people && one->phase == SESSION_WELCOMED)
			send_forget(one);
		one->knows_people = false;
		one->seat = NULL;
		one->pointed = false;
	}
	sd_event_source_disable_unref(people->pointers);
	sd_event_source_disable_unref(people->tell);
	sd_event_source_disable_unref(people->timer);
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
	schedule(people);
}

void people_leave(struct people *people, struct session *session)
{
	if (session->seat)
		presence_leave(people->presence, session->seat);
	session->seat = NULL;
	session->knows_people = false;
	schedule(people);
}

void people_update(struct people *people, struct session *session)
{
	if (!session->seat)
		return;
	presence_set_view_only(people->presence, session->seat,
		!grants_allow_input(&session->grants, session_now_ns()));
	schedule(people);
}

void people_rename(struct people *people, const uint8_t *client, const char *label)
{
	presence_set_label(people->presence, client, label, strlen(label));
	schedule(people);
}

void people_set_user(struct people *people, const uint8_t *client, const char *user)
{
	presence_set_user(people->presence, client, user, strlen(user));
	schedule(people);
}

void people_note_input(struct people *people, struct session *session, uint64_t event_ns)
{
	if (session->seat && presence_record_input(session->seat, event_ns))
		schedule(people);
}

/* Whoever sees the display sees where the other one points: at once, or with the next round when it moves on and on. */
void people_note_pointer(struct people *people, struct session *session, uint64_t event_ns)
{
	if (session->pointed || !session->seat)
		return;
	const bool own = session->seat_number != SESSION_NO_SEAT;
	if ((!own && people->pointing != session) ||
		event_ns - session->pointer_told_ns >= POINTER_EVERY_NS) {
		send_pointer(people, session, event_ns);
		return;
	}
	session->pointed = true;
	int armed = SD_EVENT_OFF;
	if (sd_event_source_get_enabled(people->pointers, &armed) >= 0 && armed != SD_EVENT_OFF)
		return; /* the round that is due takes it along */
	sd_event_source_set_time(
		people->pointers, (session->pointer_told_ns + POINTER_EVERY_NS) / 1000 + 1);
	sd_event_source_set_enabled(people->pointers, SD_EVENT_ONESHOT);
}

const char *people_name(struct people *people, const struct session *session)
{
	const uint32_t person = person_of(people, session);
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
			if (person_of(people, one) == all[i].id && states[i].session_count < 16)
				states[i].sessions[states[i].session_count++] = one->id;
		}
	}
	return count;
}
