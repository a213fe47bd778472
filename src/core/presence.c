#include "core/presence.h"

#include <string.h>

#include "core/presence_seats.h"

static struct presence_params in_range(const struct presence_params *params)
{
	static const struct presence_params defaults = {
		10 * MOMENT_SECOND,
		300 * MOMENT_SECOND,
		250 * MOMENT_MS,
		MOMENT_HOUR,
	};
	struct presence_params range = params ? *params : defaults;
	if (range.controlling_ns == 0)
		range.controlling_ns = defaults.controlling_ns;
	if (range.watching_ns == 0)
		range.watching_ns = defaults.watching_ns;
	if (range.gate_ns == 0)
		range.gate_ns = defaults.gate_ns;
	if (range.forget_ns == 0)
		range.forget_ns = defaults.forget_ns;
	/* A gate as long as the state lasts would let it flicker under steady input. */
	range.gate_ns = moment_earlier(range.gate_ns, range.controlling_ns / 2);
	range.watching_ns = moment_later(range.watching_ns, range.controlling_ns);
	range.forget_ns = moment_later(range.forget_ns, range.watching_ns);
	return range;
}

static void open_gate(struct presence_session *session)
{
	const bool never = session->last_input_ns == 0;
	session->record_from_ns =
		never ? 0 : moment_after(session->last_input_ns, session->gate_ns);
	if (session->view_only)
		session->record_from_ns = UINT64_MAX;
}

void presence_init(struct presence *presence, const struct presence_params *params)
{
	presence->params = in_range(params);
	presence->changed = false;
	presence->next_step_ns = MOMENT_NEVER;
	presence->last_id = 0;
	presence->session_count = presence->session_top = presence->person_top = 0;
}

void presence_set_params(struct presence *presence, const struct presence_params *params)
{
	presence->params = in_range(params);
	presence->changed = true;
	for (uint32_t i = 0; i < presence->session_top; i++) {
		struct presence_session *session = &presence->sessions[i];
		session->gate_ns = presence->params.gate_ns;
		open_gate(session);
	}
}

bool presence_write_input(struct presence_session *session, uint64_t event_time_ns)
{
	session->last_input_ns = event_time_ns ? event_time_ns : 1;
	open_gate(session);
	return !session->shown_controlling && !session->view_only;
}

struct presence_session *presence_join(
	struct presence *presence, const struct presence_joiner *joiner, uint64_t now_ns)
{
	uint32_t index = 0;
	while (index < presence->session_top && presence->sessions[index].used)
		index++;
	if (index == PRESENCE_SESSIONS_MAX)
		return NULL;
	presence_set_label(presence, joiner->client, joiner->label, joiner->label_size);
	struct presence_session *session = &presence->sessions[index];
	*session = (struct presence_session){
		.used = true,
		.gate_ns = presence->params.gate_ns,
		.view_only = joiner->view_only,
		.transport = joiner->transport,
		.id = joiner->session,
		.joined_ns = now_ns,
		.display = joiner->display,
		.label = person_name_clean(joiner->label, joiner->label_size),
		.user = person_name_clean(joiner->user, joiner->user_size),
	};
	memcpy(session->client, joiner->client, sizeof session->client);
	open_gate(session);
	presence->session_count++;
	if (index == presence->session_top)
		presence->session_top++;
	presence_seat(presence, session);
	return session;
}

void presence_leave(struct presence *presence, struct presence_session *session)
{
	presence_unseat(presence, session);
	session->used = false;
	presence->session_count--;
	while (presence->session_top > 0 && !presence->sessions[presence->session_top - 1].used)
		presence->session_top--;
}

void presence_move(struct presence *presence, struct presence_session *session,
	struct presence_display display)
{
	if (presence_same_display(session->display, display))
		return;
	presence_unseat(presence, session);
	session->display = display;
	presence_seat(presence, session);
}

void presence_set_view_only(
	struct presence *presence, struct presence_session *session, bool view_only)
{
	if (session->view_only == view_only)
		return;
	session->view_only = view_only;
	open_gate(session);
	presence->changed = true;
}

/* The next session of the client at or behind *index, NULL when there is none. */
static struct presence_session *next_of_client(
	struct presence *presence, const uint8_t *client, uint32_t *index)
{
	if (presence_is_anonymous(client))
		return NULL;
	while (*index < presence->session_top) {
		struct presence_session *session = &presence->sessions[(*index)++];
		if (session->used && memcmp(session->client, client, sizeof session->client) == 0)
			return session;
	}
	return NULL;
}

void presence_set_label(struct presence *presence, const uint8_t client[IDENTITY_FINGERPRINT_SIZE],
	const char *label, size_t size)
{
	const struct person_name name = person_name_clean(label, size);
	struct presence_session *session;
	for (uint32_t i = 0; (session = next_of_client(presence, client, &i));) {
		session->label = name;
		presence_rename_seat(presence, session);
	}
}

void presence_set_user(struct presence *presence, const uint8_t client[IDENTITY_FINGERPRINT_SIZE],
	const char *user, size_t size)
{
	const struct person_name name = person_name_clean(user, size);
	struct presence_session *session;
	for (uint32_t i = 0; (session = next_of_client(presence, client, &i));) {
		if (person_name_equal(&session->user, &name))
			continue;
		presence_unseat(presence, session);
		session->user = name;
		presence_seat(presence, session);
	}
}

static enum presence_state state_at(const struct presence_params *params, uint64_t input_ns,
	uint64_t fresh_ns, uint64_t now_ns, uint64_t *until_ns)
{
	*until_ns = moment_after(input_ns, params->controlling_ns);
	if (input_ns > 0 && now_ns < *until_ns)
		return PRESENCE_CONTROLLING;
	*until_ns = moment_after(fresh_ns, params->watching_ns);
	if (now_ns < *until_ns)
		return PRESENCE_WATCHING;
	*until_ns = MOMENT_NEVER;
	return PRESENCE_IDLE;
}

static void correct_input_time(
	const struct presence_params *params, struct presence_session *session, uint64_t now_ns)
{
	/* A time stamp of the future would keep its person active, and the gate shut, until then. */
	if (session->last_input_ns > now_ns) {
		session->last_input_ns = moment_later(now_ns, 1);
		open_gate(session);
	}
	if (moment_elapsed(session->last_input_ns, now_ns) >= params->forget_ns)
		session->last_input_ns = 0;
}

/* What each person's sessions amount to. */
static void fold(struct presence *presence, uint64_t now_ns)
{
	for (uint32_t i = 0; i < presence->person_top; i++) {
		struct presence_person *person = &presence->persons[i];
		person->input_ns = person->fresh_ns = 0;
		person->now.transports = 0;
		person->now.view_only = true;
	}
	for (uint32_t i = 0; i < presence->session_top; i++) {
		struct presence_session *session = &presence->sessions[i];
		if (!session->used)
			continue;
		correct_input_time(&presence->params, session, now_ns);
		struct presence_person *person = &presence->persons[session->person];
		const uint64_t fresh_ns = moment_later(session->joined_ns, session->last_input_ns);
		person->fresh_ns = moment_later(person->fresh_ns, fresh_ns);
		person->now.transports |= 1u << session->transport;
		if (session->view_only)
			continue;
		person->input_ns = moment_later(person->input_ns, session->last_input_ns);
		person->now.view_only = false;
	}
}

static uint32_t differences(const struct presence_info *now, const struct presence_info *shown)
{
	uint32_t changes = 0;
	if (now->state != shown->state)
		changes |= PRESENCE_STATE;
	if (!person_name_equal(&now->name, &shown->name))
		changes |= PRESENCE_RENAMED;
	if (now->view_only != shown->view_only)
		changes |= PRESENCE_VIEW_ONLY;
	if (now->sessions != shown->sessions || now->transports != shown->transports)
		changes |= PRESENCE_SESSIONS;
	return changes;
}

static uint32_t changes_of(const struct presence_person *person)
{
	if (!person->used)
		return 0;
	if (person->now.sessions == 0)
		return PRESENCE_LEFT;
	return person->told ? differences(&person->now, &person->shown) : PRESENCE_JOINED;
}

struct telling {
	struct presence_event *events;
	size_t count, capacity;
	bool more; /* that found no room */
};

/* Tells of everybody to whom one of `kinds` happened. */
static void tell(struct presence *presence, uint32_t kinds, struct telling *telling)
{
	for (uint32_t i = 0; i < presence->person_top; i++) {
		struct presence_person *person = &presence->persons[i];
		const uint32_t changes = changes_of(person);
		if (!(changes & kinds))
			continue;
		if (telling->count == telling->capacity) {
			telling->more = true;
			return;
		}
		struct presence_event *event = &telling->events[telling->count++];
		*event = (struct presence_event){ changes, person->now };
		if (changes & PRESENCE_LEFT) {
			event->person = person->shown;
			presence_forget_person(presence, person);
			continue;
		}
		person->shown = person->now;
		person->told = true;
	}
}

/* Everybody's state and when the next one decays. Returns what there is to tell, of all of them. */
static uint32_t settle_states(struct presence *presence, uint64_t now_ns)
{
	uint32_t changes = 0;
	for (uint32_t i = 0; i < presence->person_top; i++) {
		struct presence_person *person = &presence->persons[i];
		if (person->used && person->now.sessions > 0) {
			uint64_t until_ns;
			person->now.state = state_at(&presence->params, person->input_ns,
				person->fresh_ns, now_ns, &until_ns);
			presence->next_step_ns = moment_earlier(presence->next_step_ns, until_ns);
		}
		changes |= changes_of(person);
	}
	return changes;
}

size_t presence_step(
	struct presence *presence, uint64_t now_ns, struct presence_event *events, size_t capacity)
{
	static const uint32_t order[] = {
		PRESENCE_LEFT,
		~(uint32_t)(PRESENCE_LEFT | PRESENCE_JOINED),
		PRESENCE_JOINED,
	};
	struct telling telling = { .events = events, .capacity = capacity };
	presence->next_step_ns = MOMENT_NEVER;
	fold(presence, now_ns);
	const uint32_t changes = settle_states(presence, now_ns);
	for (size_t i = 0; i < sizeof order / sizeof *order && !telling.more; i++) {
		if (changes & order[i])
			tell(presence, order[i], &telling);
	}
	for (uint32_t i = 0; i < presence->session_top; i++) {
		struct presence_session *session = &presence->sessions[i];
		const struct presence_person *person = &presence->persons[session->person];
		session->shown_controlling = session->used && person->told &&
			person->shown.state == PRESENCE_CONTROLLING;
	}
	presence->changed = telling.more;
	return telling.count;
}

uint64_t presence_next_step_ns(const struct presence *presence)
{
	return presence->changed ? 0 : presence->next_step_ns;
}

size_t presence_snapshot(const struct presence *presence, const struct presence_display *display,
	struct presence_info *persons, size_t capacity)
{
	size_t count = 0;
	for (uint32_t i = 0; i < presence->person_top && count < capacity; i++) {
		const struct presence_person *person = &presence->persons[i];
		if (person->used && person->told &&
			(!display || presence_same_display(person->shown.display, *display)))
			persons[count++] = person->shown;
	}
	return count;
}

uint32_t presence_person_id(const struct presence *presence, const struct presence_session *session)
{
	return presence->persons[session->person].now.id;
}

enum presence_state presence_session_state(
	const struct presence *presence, const struct presence_session *session, uint64_t now_ns)
{
	uint64_t until_ns;
	const uint64_t input_ns = moment_earlier(session->last_input_ns, now_ns);
	return state_at(&presence->params, session->view_only ? 0 : input_ns,
		moment_later(session->joined_ns, input_ns), now_ns, &until_ns);
}

const char *presence_state_name(enum presence_state state)
{
	switch (state) {
	case PRESENCE_IDLE:
		return "idle";
	case PRESENCE_WATCHING:
		return "watching";
	case PRESENCE_CONTROLLING:
		return "controlling";
	}
	return "unknown";
}

const char *presence_transport_name(enum presence_transport transport)
{
	switch (transport) {
	case PRESENCE_BROWSER:
		return "browser";
	case PRESENCE_NATIVE:
		return "native";
	case PRESENCE_GAMESTREAM:
		return "gamestream";
	}
	return "unknown";
}
