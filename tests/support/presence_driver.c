#include "presence_driver.h"

#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "core/presence.h"
#include "core/wire.h"

#define SLOTS 40
#define CLIENTS 12 /* the first is anonymous */
#define EVENTS_MAX 160 /* four times as many */

/* A session, as the model sees it. */
struct slot {
	struct presence_session *session; /* NULL: nobody */
	uint32_t client;
	struct presence_display display;
	enum presence_transport transport;
	bool view_only;
	uint64_t joined_ns, input_ns; /* `input_ns`: as written down; 0: never */
	struct person_name label;
};

struct driver {
	const uint8_t *bytes;
	size_t left;
	struct presence *presence;
	uint64_t now_ns;
	bool news; /* an input said that there is something to tell */
	struct slot slots[SLOTS];
	struct person_name users[CLIENTS], labels[CLIENTS];

	/* The observer's. */
	uint32_t known_count;
	struct presence_info known[EVENTS_MAX];
	struct presence_driver_seen *seen;
};

static const struct presence_params params = {
	.controlling_ns = 10 * MOMENT_SECOND,
	.watching_ns = 300 * MOMENT_SECOND,
	.gate_ns = 250 * MOMENT_MS,
	.forget_ns = 3600 * MOMENT_SECOND,
};

static const char *const names[] = {
	"Ada",
	"Ada (2)",
	"<b onclick=x>Ada</b>",
	"\u202eadA",
	"\xff\xfe\xff",
	"",
	"a name of exactly sixty bytes and a number behind it, so it (2)",
	"a name of exactly sixty bytes and a number behind it, so it is (2)",
	"Zoë \U0001f468\u200d\U0001f469\u200d\U0001f467",
	"\r\n\t",
	"Z\u0351\u0351\u0351\u0351\u0351\u0351\u0351",
};

static uint8_t next(struct driver *driver)
{
	if (driver->left == 0)
		return 0;
	driver->left--;
	return *driver->bytes++;
}

static void client_bytes(uint32_t client, uint8_t bytes[IDENTITY_FINGERPRINT_SIZE])
{
	memset(bytes, 0, IDENTITY_FINGERPRINT_SIZE);
	bytes[IDENTITY_FINGERPRINT_SIZE - 1] = (uint8_t)client;
}

static struct presence_display display_of(uint8_t byte)
{
	static const struct presence_display displays[] = { { 0, 0 }, { 1, 1 }, { 1, 2 },
		{ 2, 3 } };
	return displays[byte % 4];
}

static bool same_display(struct presence_display a, struct presence_display b)
{
	return a.slot == b.slot && a.generation == b.generation;
}

/* Whether two sessions are one person. */
static bool same_person(const struct driver *driver, const struct slot *a, const struct slot *b)
{
	const struct person_name *user = &driver->users[a->client];
	if (a == b)
		return true;
	if (!same_display(a->display, b->display) ||
		!person_name_equal(user, &driver->users[b->client]))
		return false;
	return user->text[0] || (a->client == b->client && a->client != 0);
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Adds a session to what its person is. `first`: its first one. */
static void add_to_model(struct presence_info *info, const struct slot *slot, uint64_t now_ns,
	uint64_t *decays_ns, bool first)
{
	enum presence_state state = PRESENCE_IDLE;
	const uint64_t fresh_ns = later(slot->joined_ns, slot->input_ns);
	uint64_t until_ns = MOMENT_NEVER;
	if (now_ns - fresh_ns < params.watching_ns) {
		state = PRESENCE_WATCHING;
		until_ns = fresh_ns + params.watching_ns;
	}
	if (!slot->view_only && slot->input_ns > 0 &&
		now_ns - slot->input_ns < params.controlling_ns) {
		state = PRESENCE_CONTROLLING;
		until_ns = slot->input_ns + params.controlling_ns;
	}
	info->sessions++;
	info->transports |= 1u << slot->transport;
	info->view_only = (first || info->view_only) && slot->view_only;
	if (first || state > info->state)
		*decays_ns = until_ns;
	else if (state == info->state && state != PRESENCE_IDLE)
		*decays_ns = later(*decays_ns, until_ns);
	info->state = state > info->state ? state : info->state;
}

static const struct presence_info *known_by_id(const struct driver *driver, uint32_t id)
{
	for (uint32_t i = 0; i < driver->known_count; i++) {
		if (driver->known[i].id == id)
			return &driver->known[i];
	}
	return NULL;
}

static void check_name(
	const struct driver *driver, const struct presence_info *info, const struct slot *slot)
{
	const struct person_name *user = &driver->users[slot->client];
	const struct person_name unnamed = { "?" };
	const struct person_name *base = user->text[0] ? user
		: slot->label.text[0]                  ? &slot->label
						       : &unnamed;
	CHECK(person_name_number(&info->name, base) > 0);
	CHECK(info->name.text[0] && strlen(info->name.text) <= PERSON_NAME_MAX);
	CHECK(wire_utf8_valid(info->name.text, strlen(info->name.text)));
}

/* The person of this slot, if the slot is its first one: as it was told, and when it decays. */
static bool check_person(const struct driver *driver, uint32_t index, uint64_t *decays_ns)
{
	const struct slot *slot = &driver->slots[index];
	struct presence_info model = { 0 };
	const uint32_t id = presence_person_id(driver->presence, slot->session);
	for (uint32_t i = 0; i < SLOTS; i++) {
		const struct slot *other = &driver->slots[i];
		if (!other->session)
			continue;
		const bool same = same_person(driver, slot, other);
		CHECK(same == (presence_person_id(driver->presence, other->session) == id));
		if (same && i < index)
			return false;
		if (same)
			add_to_model(&model, other, driver->now_ns, decays_ns, i == index);
	}
	const struct presence_info *known = known_by_id(driver, id);
	CHECK(known);
	CHECK(known->state == model.state);
	CHECK(known->sessions == model.sessions && known->transports == model.transports);
	CHECK(known->view_only == model.view_only);
	CHECK(same_display(known->display, slot->display));
	check_name(driver, known, slot);
	if (driver->seen) {
		driver->seen->states[model.state]++;
		driver->seen->several_sessions += model.sessions > 1;
	}
	return true;
}

static void check_people(const struct driver *driver)
{
	uint32_t persons = 0;
	uint64_t next_ns = MOMENT_NEVER;
	for (uint32_t i = 0; i < SLOTS; i++) {
		uint64_t decays_ns = MOMENT_NEVER;
		if (!driver->slots[i].session || !check_person(driver, i, &decays_ns))
			continue;
		persons++;
		next_ns = decays_ns < next_ns ? decays_ns : next_ns;
	}
	CHECK(persons == driver->known_count);
	/* A host at rest is woken by the next decay, and by nothing else. */
	CHECK(presence_next_step_ns(driver->presence) == next_ns);
	for (uint32_t i = 0; i < persons; i++) {
		for (uint32_t k = 0; k < i; k++) {
			const struct presence_info *a = &driver->known[i], *b = &driver->known[k];
			CHECK(!same_display(a->display, b->display) ||
				!person_name_equal(&a->name, &b->name));
			if (driver->seen)
				driver->seen->same_names += person_name_equal(&a->name, &b->name);
		}
	}
}

static bool same_info(const struct presence_info *a, const struct presence_info *b)
{
	return a->id == b->id && a->sessions == b->sessions && a->joined_ns == b->joined_ns &&
		a->state == b->state && a->transports == b->transports &&
		a->view_only == b->view_only && same_display(a->display, b->display) &&
		person_name_equal(&a->name, &b->name);
}

static void check_snapshot(const struct driver *driver, const struct presence_display *display)
{
	struct presence_info persons[EVENTS_MAX];
	const size_t count = presence_snapshot(driver->presence, display, persons, EVENTS_MAX);
	uint32_t expected = 0;
	for (uint32_t i = 0; i < driver->known_count; i++)
		expected += !display || same_display(driver->known[i].display, *display);
	CHECK(count == expected);
	for (size_t i = 0; i < count; i++) {
		const struct presence_info *known = known_by_id(driver, persons[i].id);
		CHECK(known && same_info(known, &persons[i]));
	}
}

static void observe(struct driver *driver, const struct presence_event *event)
{
	struct presence_info *known = (struct presence_info *)known_by_id(driver, event->person.id);
	const uint32_t changes = event->changes;
	CHECK(changes != 0);
	for (uint32_t bit = 0; bit < 6 && driver->seen; bit++)
		driver->seen->changes[bit] += changes >> bit & 1;
	if (changes & PRESENCE_JOINED) {
		CHECK(changes == PRESENCE_JOINED && !known);
		CHECK(driver->known_count < EVENTS_MAX);
		driver->known[driver->known_count++] = event->person;
		return;
	}
	CHECK(known);
	if (changes & PRESENCE_LEFT) {
		CHECK(changes == PRESENCE_LEFT);
		CHECK(same_info(known, &event->person));
		*known = driver->known[--driver->known_count];
		return;
	}
	/* What is told to have changed has changed, and nothing else has. */
	const struct presence_info *now = &event->person;
	CHECK(!(changes & PRESENCE_STATE) == (now->state == known->state));
	CHECK(!(changes & PRESENCE_RENAMED) == person_name_equal(&now->name, &known->name));
	CHECK(!(changes & PRESENCE_VIEW_ONLY) == (now->view_only == known->view_only));
	CHECK(!(changes & PRESENCE_SESSIONS) ==
		(now->sessions == known->sessions && now->transports == known->transports));
	CHECK(now->joined_ns == known->joined_ns && same_display(now->display, known->display));
	*known = event->person;
}

static size_t step(struct driver *driver, size_t capacity)
{
	struct presence_event events[EVENTS_MAX];
	size_t total = 0;
	uint32_t latest = 0; /* LEFT, then changes, then JOINED */
	for (;;) {
		const size_t count =
			presence_step(driver->presence, driver->now_ns, events, capacity);
		CHECK(count <= capacity);
		for (size_t i = 0; i < count; i++) {
			const uint32_t order = events[i].changes & PRESENCE_LEFT ? 0
				: events[i].changes & PRESENCE_JOINED            ? 2
										 : 1;
			CHECK(order >= latest);
			latest = order;
			observe(driver, &events[i]);
		}
		total += count;
		if (presence_next_step_ns(driver->presence) != 0)
			break;
		CHECK(count == capacity); /* no room for more is the only reason to come back */
		if (driver->seen)
			driver->seen->split_steps++;
	}
	return total;
}

static void settle(struct driver *driver, uint8_t byte)
{
	struct presence_event event;
	driver->news = false;
	step(driver, byte % 4 == 0 ? 1 + byte / 64 : EVENTS_MAX);
	CHECK(presence_step(driver->presence, driver->now_ns, &event, 1) == 0);
	if (driver->seen)
		driver->seen->quiet_steps++;
	check_people(driver);
	const struct presence_display display = display_of(byte);
	check_snapshot(driver, NULL);
	check_snapshot(driver, &display);
}

static void set_label(struct driver *driver, uint32_t client, const char *label, size_t size)
{
	driver->labels[client] = person_name_clean(label, size);
	for (uint32_t i = 0; i < SLOTS && client != 0; i++) {
		if (driver->slots[i].session && driver->slots[i].client == client)
			driver->slots[i].label = driver->labels[client];
	}
}

static void join(struct driver *driver, uint32_t index, uint8_t who, uint8_t how)
{
	struct slot *slot = &driver->slots[index];
	uint8_t client[IDENTITY_FINGERPRINT_SIZE];
	const char *label = names[(who / CLIENTS) % (sizeof names / sizeof *names)];
	const size_t size = strlen(label);
	*slot = (struct slot){
		.client = who % CLIENTS,
		.display = display_of(how),
		.transport = (enum presence_transport)(how / 4 % 3),
		.view_only = how >= 200,
		.joined_ns = driver->now_ns,
	};
	client_bytes(slot->client, client);
	slot->session = presence_join(driver->presence,
		&(struct presence_joiner){
			.session = index,
			.client = client,
			.label = label,
			.label_size = size,
			.user = driver->users[slot->client].text,
			.user_size = strlen(driver->users[slot->client].text),
			.transport = slot->transport,
			.display = slot->display,
			.view_only = slot->view_only,
		},
		driver->now_ns);
	CHECK(slot->session);
	set_label(driver, slot->client, label, size);
	slot->label = driver->labels[slot->client];
}

static void give_input(struct driver *driver, struct slot *slot, uint8_t byte)
{
	static const int64_t skews_ns[] = { 0, 0, 0, 0, 0, -1, -(int64_t)MOMENT_SECOND,
		3600 * (int64_t)MOMENT_SECOND };
	const uint64_t time_ns = driver->now_ns + (uint64_t)skews_ns[byte % 8];
	const bool pending = presence_next_step_ns(driver->presence) == 0;
	const struct presence_info *known =
		known_by_id(driver, presence_person_id(driver->presence, slot->session));
	const bool shown = known && known->state == PRESENCE_CONTROLLING;
	const bool news = presence_record_input(slot->session, time_ns);
	driver->news |= news;
	if (!slot->view_only &&
		(slot->input_ns == 0 || time_ns >= slot->input_ns + params.gate_ns)) {
		slot->input_ns = time_ns;
		CHECK(pending || news == !shown);
	} else {
		CHECK(!news);
	}
	/* A clock that runs ahead is put right by the next step. */
	if (slot->input_ns > driver->now_ns) {
		slot->input_ns = driver->now_ns;
		settle(driver, byte);
	}
}

static void pass_time(struct driver *driver, uint8_t byte)
{
	static const uint64_t spans_ns[] = { 1, MOMENT_MS, 250 * MOMENT_MS, MOMENT_SECOND,
		9 * MOMENT_SECOND, 60 * MOMENT_SECOND, 1800 * MOMENT_SECOND, 4000 * MOMENT_SECOND };
	const uint64_t next_ns = presence_next_step_ns(driver->presence);
	uint64_t to_ns = driver->now_ns + spans_ns[byte % 8];
	/* Often to the very edge of the next decay. */
	if (byte >= 128 && next_ns != 0 && next_ns != MOMENT_NEVER)
		to_ns = byte % 2 == 0 ? next_ns : next_ns - 1;
	driver->now_ns = later(driver->now_ns, to_ns);
	for (uint32_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &driver->slots[i];
		if (slot->session && driver->now_ns - slot->input_ns >= params.forget_ns)
			slot->input_ns = 0;
	}
	/* Without anything else a decay is all that can be told, and not before it is due. */
	if (next_ns != 0 && driver->now_ns < next_ns && !driver->news)
		CHECK(step(driver, EVENTS_MAX) == 0);
	settle(driver, byte);
}

static void change(struct driver *driver, struct slot *slot, uint8_t what, uint8_t byte)
{
	uint8_t client[IDENTITY_FINGERPRINT_SIZE];
	const char *name = names[byte % (sizeof names / sizeof *names)];
	client_bytes(slot->client, client);
	switch (what) {
	case 0:
		slot->display = display_of(byte);
		presence_move(driver->presence, slot->session, slot->display);
		break;
	case 1:
		slot->view_only = byte % 2 == 0;
		presence_set_view_only(driver->presence, slot->session, slot->view_only);
		break;
	case 2:
		presence_set_label(driver->presence, client, name, strlen(name));
		set_label(driver, slot->client, name, strlen(name));
		break;
	default:
		name = byte % 2 == 0 ? "" : byte % 4 == 1 ? "Ada" : "Grace";
		presence_set_user(driver->presence, client, name, strlen(name));
		if (slot->client != 0)
			driver->users[slot->client] = person_name_clean(name, strlen(name));
		break;
	}
}

static void operate(struct driver *driver)
{
	const uint8_t operation = next(driver), index = next(driver) % SLOTS;
	const uint8_t byte = next(driver);
	struct slot *slot = &driver->slots[index];
	if (operation % 8 == 0)
		pass_time(driver, byte);
	else if (operation % 8 == 1)
		settle(driver, byte);
	else if (!slot->session)
		join(driver, index, byte, next(driver));
	else if (operation % 8 == 2) {
		presence_leave(driver->presence, slot->session);
		slot->session = NULL;
	} else if (operation % 8 == 3)
		change(driver, slot, operation / 8 % 4, byte);
	else
		give_input(driver, slot, byte);
}

void presence_driver_run(const uint8_t *bytes, size_t size, struct presence_driver_seen *seen)
{
	struct driver driver = {
		.bytes = bytes,
		.left = size,
		.presence = calloc(1, sizeof *driver.presence),
		.now_ns = 10000 * MOMENT_SECOND,
		.seen = seen,
	};
	CHECK(driver.presence);
	presence_init(driver.presence, NULL);
	while (driver.left > 0)
		operate(&driver);
	settle(&driver, 1);
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (driver.slots[i].session)
			presence_leave(driver.presence, driver.slots[i].session);
		driver.slots[i].session = NULL;
	}
	settle(&driver, 1);
	CHECK(driver.known_count == 0 && driver.presence->person_top == 0);
	CHECK(presence_next_step_ns(driver.presence) == MOMENT_NEVER);
	free(driver.presence);
}
