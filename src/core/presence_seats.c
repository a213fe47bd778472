#include "core/presence_seats.h"

#include <string.h>

#define NO_PERSON UINT32_MAX

_Static_assert(PRESENCE_PERSONS_MAX == 2 * PRESENCE_SESSIONS_MAX, "room for those who left");

bool presence_same_display(struct presence_display a, struct presence_display b)
{
	return a.slot == b.slot && a.generation == b.generation;
}

static bool same_client(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, IDENTITY_FINGERPRINT_SIZE) == 0;
}

bool presence_is_anonymous(const uint8_t client[IDENTITY_FINGERPRINT_SIZE])
{
	static const uint8_t nobody[IDENTITY_FINGERPRINT_SIZE];
	return same_client(client, nobody);
}

static enum presence_key_kind key_kind(const struct presence_session *session)
{
	if (session->user.text[0])
		return PRESENCE_KEY_USER;
	return presence_is_anonymous(session->client) ? PRESENCE_KEY_SESSION : PRESENCE_KEY_CLIENT;
}

/* What the person is called when nobody else is. */
static const struct person_name *base_name(const struct presence_session *session)
{
	static const struct person_name unnamed = { "?" };
	if (session->user.text[0])
		return &session->user;
	return session->label.text[0] ? &session->label : &unnamed;
}

static uint32_t find_person(const struct presence *presence, const struct presence_session *session)
{
	const enum presence_key_kind kind = key_kind(session);
	if (kind == PRESENCE_KEY_SESSION)
		return NO_PERSON;
	for (uint32_t i = 0; i < presence->person_top; i++) {
		const struct presence_person *person = &presence->persons[i];
		if (!person->used || person->kind != kind ||
			!presence_same_display(person->now.display, session->display))
			continue;
		if (kind == PRESENCE_KEY_CLIENT ? same_client(person->client, session->client)
						: person_name_equal(&person->base, &session->user))
			return i;
	}
	return NO_PERSON;
}

/* There is always room: see PRESENCE_PERSONS_MAX. */
static uint32_t add_person(struct presence *presence, const struct presence_session *session)
{
	uint32_t index = 0;
	while (index < presence->person_top && presence->persons[index].used)
		index++;
	if (index == presence->person_top)
		presence->person_top++;
	struct presence_person *person = &presence->persons[index];
	*person = (struct presence_person){ .used = true, .kind = key_kind(session) };
	memcpy(person->client, session->client, sizeof person->client);
	person->now.id = ++presence->last_id;
	person->now.display = session->display;
	person->now.joined_ns = session->joined_ns;
	return index;
}

void presence_forget_person(struct presence *presence, struct presence_person *person)
{
	person->used = false;
	while (presence->person_top > 0 && !presence->persons[presence->person_top - 1].used)
		presence->person_top--;
}

static bool is_base_again(const struct person_name *base, uint32_t number)
{
	/* A base so long that the number takes the place of its own end, which is that number. */
	const struct person_name name = person_name_numbered(base, number);
	return number > 1 && person_name_equal(&name, base);
}

/* The smallest number that makes the base unique among those who are on the display. */
static void choose_name(struct presence *presence, struct presence_person *person)
{
	uint64_t taken[PRESENCE_SESSIONS_MAX / 64 + 1] = { 1 }; /* number 0 is none */
	uint32_t number = 0;
	for (uint32_t i = 0; i < presence->person_top; i++) {
		const struct presence_person *other = &presence->persons[i];
		if (!other->used || other == person || other->now.sessions == 0 ||
			!presence_same_display(other->now.display, person->now.display))
			continue;
		const uint32_t theirs = person_name_number(&other->now.name, &person->base);
		if (theirs < sizeof taken * 8)
			taken[theirs / 64] |= (uint64_t)1 << theirs % 64;
	}
	/* At most PRESENCE_SESSIONS_MAX - 1 others, and one number that is none: a bit is free. */
	while (taken[number / 64] >> number % 64 & 1 || is_base_again(&person->base, number))
		number++;
	person->now.name = person_name_numbered(&person->base, number);
}

void presence_seat(struct presence *presence, struct presence_session *session)
{
	uint32_t index = find_person(presence, session);
	if (index == NO_PERSON)
		index = add_person(presence, session);
	struct presence_person *person = &presence->persons[index];
	const struct person_name *base = base_name(session);
	session->person = index;
	session->shown_controlling = false; /* until the step that is due now */
	/* Whoever comes back before its leaving was told may find its name taken. */
	if (person->now.sessions == 0 || !person_name_equal(&person->base, base)) {
		person->base = *base;
		choose_name(presence, person);
	}
	person->now.sessions++;
	presence->changed = true;
}

void presence_unseat(struct presence *presence, struct presence_session *session)
{
	struct presence_person *person = &presence->persons[session->person];
	if (--person->now.sessions == 0 && !person->told)
		presence_forget_person(presence, person);
	presence->changed = true;
}

void presence_rename_seat(struct presence *presence, const struct presence_session *session)
{
	struct presence_person *person = &presence->persons[session->person];
	const struct person_name *base = base_name(session);
	if (person_name_equal(&person->base, base))
		return;
	person->base = *base;
	choose_name(presence, person);
	presence->changed = true;
}
