#include "control_driver.h"

#include <stdbool.h>
#include <string.h>

#include "check.h"
#include "core/control.h"

#define SLOTS 96
#define TWINS 16 /* of the slots: two of each client */
#define ANONYMOUS 4 /* of the slots behind them */
#define GATE_NS (250 * MOMENT_MS)
#define IDLE_NS (30 * MOMENT_SECOND)

/* A seat at which one session after the other sits down. */
struct slot {
	uint32_t session; /* 0: nobody */
	bool admin, may_drive;
	bool keys_down; /* at the desktop */
};

struct driver {
	const uint8_t *bytes;
	size_t left;
	struct control control;
	uint64_t now_ns;
	uint32_t last_session;
	struct slot slots[SLOTS];

	/* As told by effects alone. */
	enum control_mode mode;
	uint32_t holder;
	uint64_t away_until_ns;
	uint32_t line[CONTROL_LINE_MAX];
	uint64_t answer_by_ns[CONTROL_LINE_MAX]; /* of the one in line */
	uint32_t line_count;
	/* As seen from outside. */
	uint64_t active_ns; /* the holder's last input, to the nanosecond, or when it became it */
	struct control_driver_seen *seen;
};

static uint8_t next(struct driver *driver)
{
	if (driver->left == 0)
		return 0;
	driver->left--;
	return *driver->bytes++;
}

static struct control_seat seat_of(const struct driver *driver, uint32_t index)
{
	struct control_seat seat = { .session = driver->slots[index].session };
	if (index < TWINS)
		seat.client[0] = (uint8_t)(1 + index / 2);
	else if (index >= TWINS + ANONYMOUS)
		seat.client[1] = (uint8_t)index;
	return seat;
}

static struct slot *slot_of(struct driver *driver, uint32_t session)
{
	for (uint32_t i = 0; i < SLOTS && session != 0; i++) {
		if (driver->slots[i].session == session)
			return &driver->slots[i];
	}
	return NULL;
}

static uint32_t place_of(const struct driver *driver, uint32_t session)
{
	uint32_t i = 0;
	while (i < driver->line_count && driver->line[i] != session)
		i++;
	return i;
}

static void release(struct driver *driver, uint32_t session)
{
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (session == 0 || driver->slots[i].session == session)
			driver->slots[i].keys_down = false;
	}
}

static void check_nobody_presses(const struct driver *driver)
{
	for (uint32_t i = 0; i < SLOTS; i++)
		CHECK(!driver->slots[i].keys_down);
}

static bool chooses_the_next(const struct control_event *event)
{
	return event->type == CONTROL_GRANT || event->type == CONTROL_GIVE ||
		event->type == CONTROL_TAKE || event->type == CONTROL_JOINED ||
		event->type == CONTROL_REQUEST;
}

static void leave_line(struct driver *driver, uint32_t index)
{
	CHECK(index < driver->line_count);
	driver->line_count--;
	for (uint32_t i = index; i < driver->line_count; i++) {
		driver->line[i] = driver->line[i + 1];
		driver->answer_by_ns[i] = driver->answer_by_ns[i + 1];
	}
}

static void replay(struct driver *driver, const struct control_effect *effect)
{
	const uint32_t place = place_of(driver, effect->session);
	const bool in_line = place < driver->line_count;
	switch (effect->type) {
	case CONTROL_RELEASE_ALL_INPUT:
		release(driver, effect->session);
		break;
	case CONTROL_HOLDER_CHANGED:
		/* Never before the last one's keys are up, and never to the one that it was. */
		check_nobody_presses(driver);
		CHECK(effect->session != driver->holder);
		CHECK(!in_line);
		driver->holder = effect->session;
		driver->away_until_ns = 0;
		driver->active_ns = driver->now_ns;
		break;
	case CONTROL_HOLDER_AWAY:
		CHECK(effect->session == driver->holder && driver->away_until_ns == 0);
		check_nobody_presses(driver);
		driver->away_until_ns = effect->until_ns;
		break;
	case CONTROL_REQUEST_PENDING:
		CHECK(in_line && driver->answer_by_ns[place] == 0);
		CHECK(effect->until_ns > driver->now_ns);
		driver->answer_by_ns[place] = effect->until_ns;
		break;
	case CONTROL_REQUEST_EXPIRED:
		CHECK(in_line && driver->answer_by_ns[place] <= driver->now_ns);
		/* fall through */
	case CONTROL_REQUEST_DENIED:
		CHECK(in_line && driver->answer_by_ns[place] != 0);
		driver->answer_by_ns[place] = 0;
		break;
	case CONTROL_LINE_JOINED:
		CHECK(!in_line && effect->session != driver->holder);
		CHECK(driver->line_count < CONTROL_LINE_MAX);
		driver->answer_by_ns[driver->line_count] = 0;
		driver->line[driver->line_count++] = effect->session;
		break;
	case CONTROL_LINE_LEFT:
		leave_line(driver, place);
		break;
	case CONTROL_MODE_CHANGED:
		CHECK(effect->mode != driver->mode);
		CHECK(driver->holder == 0 && driver->line_count == 0);
		check_nobody_presses(driver);
		driver->mode = effect->mode;
		break;
	}
}

/* A snapshot and the effects since amount to how things are. */
static void check_replayed(const struct driver *driver)
{
	const struct control *control = &driver->control;
	CHECK(control->mode == driver->mode);
	CHECK(control->holder.session == driver->holder);
	CHECK(control->away_until_ns == driver->away_until_ns);
	CHECK(control->line_count == driver->line_count);
	for (uint32_t i = 0; i < driver->line_count; i++) {
		CHECK(control->line[i].who.session == driver->line[i]);
		CHECK(control->line[i].answer_by_ns == driver->answer_by_ns[i]);
	}
}

static void check_who_holds(struct driver *driver)
{
	uint32_t admitted = 0;
	struct control copy = driver->control;
	for (uint32_t i = 0; i < SLOTS; i++) {
		const uint32_t session = driver->slots[i].session;
		if (session != 0 && control_admit_input(&copy, session, driver->now_ns))
			admitted++;
	}
	if (driver->mode == CONTROL_FREE) {
		CHECK(driver->holder == 0 && driver->line_count == 0);
		return;
	}
	const bool present = driver->holder != 0 && driver->away_until_ns == 0;
	CHECK(admitted == (present ? 1 : 0));
	CHECK(!control_admit_input(&copy, 0, driver->now_ns));
	CHECK(driver->holder != 0 || driver->line_count == 0);
	CHECK(!present || slot_of(driver, driver->holder)->may_drive);
	for (uint32_t i = 0; i < driver->line_count; i++) {
		const struct slot *slot = slot_of(driver, driver->line[i]);
		CHECK(slot && slot->may_drive);
	}
}

/* Nothing is overdue, nothing happens before the deadline, and at the deadline something does. */
static void check_times(const struct driver *driver)
{
	struct control_step step;
	const struct control_event timer = { .type = CONTROL_TIMER };
	struct control copy = driver->control;
	const uint64_t deadline_ns = control_next_deadline_ns(&copy);
	CHECK(deadline_ns > driver->now_ns);
	if (driver->holder != 0 && driver->away_until_ns == 0)
		CHECK(driver->now_ns < driver->active_ns + IDLE_NS);
	if (deadline_ns == MOMENT_NEVER) {
		CHECK(driver->holder == 0);
		return;
	}
	control_step(&copy, &timer, deadline_ns - 1, &step);
	CHECK(step.count == 0);
	control_step(&copy, &timer, deadline_ns, &step);
	CHECK(step.count > 0);
}

/* If nobody does anything any more, everybody in line has a turn, first come first served, and then it is over. */
static void check_nobody_starves(const struct driver *driver)
{
	struct control copy = driver->control;
	const struct control_event timer = { .type = CONTROL_TIMER };
	uint32_t offered = 0, steps = 0;
	for (uint64_t at_ns; (at_ns = control_next_deadline_ns(&copy)) != MOMENT_NEVER; steps++) {
		struct control_step step;
		CHECK(steps <= 2 * CONTROL_LINE_MAX + 2);
		control_step(&copy, &timer, at_ns, &step);
		for (uint32_t i = 0; i < step.count; i++) {
			if (step.effects[i].type != CONTROL_HOLDER_CHANGED)
				continue;
			CHECK(step.effects[i].session ==
				(offered < driver->line_count ? driver->line[offered] : 0));
			offered++;
		}
	}
	/* Each of them, and nobody at the end; nothing at all when nobody held control. */
	CHECK(offered == (driver->holder != 0 ? driver->line_count + 1 : 0));
}

static void step(struct driver *driver, const struct control_event *event)
{
	struct control_step step;
	const uint32_t front = driver->line_count > 0 ? driver->line[0] : 0;
	const bool idled = driver->holder != 0 && driver->away_until_ns == 0 &&
		driver->now_ns >= driver->active_ns + IDLE_NS - GATE_NS;
	const bool overstayed =
		driver->away_until_ns != 0 && driver->now_ns >= driver->away_until_ns;
	control_step(&driver->control, event, driver->now_ns, &step);
	CHECK(step.count <= CONTROL_EFFECTS_MAX);
	for (uint32_t i = 0; i < step.count; i++) {
		const struct control_effect *effect = &step.effects[i];
		if (effect->type == CONTROL_HOLDER_CHANGED && !chooses_the_next(event))
			CHECK(effect->session == front || event->type == CONTROL_SET_MODE);
		if (effect->type == CONTROL_HOLDER_CHANGED && event->type == CONTROL_TIMER)
			CHECK(idled || overstayed);
		replay(driver, effect);
		if (driver->seen)
			driver->seen->effects[effect->type]++;
	}
	check_replayed(driver);
	if (!driver->seen)
		return;
	driver->seen->refusals[step.refusal]++;
	driver->seen->events[event->type]++;
	if (driver->line_count > driver->seen->line_longest)
		driver->seen->line_longest = driver->line_count;
}

static bool same_seat(const struct control_seat *a, const struct control_seat *b)
{
	return a->session == b->session && memcmp(a->client, b->client, sizeof a->client) == 0;
}

static bool same_control(const struct control *a, const struct control *b)
{
	bool same = a->mode == b->mode && same_seat(&a->holder, &b->holder) &&
		a->away_until_ns == b->away_until_ns &&
		a->holder_active_ns == b->holder_active_ns &&
		a->record_from_ns == b->record_from_ns && a->line_count == b->line_count;
	for (uint32_t i = 0; i < a->line_count && same; i++)
		same = same_seat(&a->line[i].who, &b->line[i].who) &&
			a->line[i].answer_by_ns == b->line[i].answer_by_ns;
	return same;
}

/* First what is due, so that the event's own doing can be told from it. */
static void send(struct driver *driver, const struct control_event *event)
{
	const struct control_event timer = { .type = CONTROL_TIMER };
	step(driver, &timer);
	struct control_step again;
	const struct control before = driver->control;
	struct control copy = before;
	control_step(&copy, &timer, driver->now_ns, &again);
	CHECK(again.count == 0 && same_control(&copy, &before));
	control_step(&copy, event, driver->now_ns, &again);
	if (again.refusal != CONTROL_NOT_REFUSED)
		CHECK(again.count == 0 && same_control(&copy, &before));
	step(driver, event);
}

static void attach(struct driver *driver, uint32_t index, uint8_t rights)
{
	struct slot *slot = &driver->slots[index];
	*slot = (struct slot){
		.session = ++driver->last_session,
		.admin = rights % 8 == 0,
		.may_drive = rights % 5 != 0,
	};
	const bool returns = driver->away_until_ns > driver->now_ns && slot->may_drive &&
		index < TWINS &&
		memcmp(driver->control.holder.client, seat_of(driver, index).client,
			sizeof driver->control.holder.client) == 0;
	send(driver,
		&(struct control_event){
			.type = CONTROL_JOINED,
			.who = seat_of(driver, index),
			.may_drive = slot->may_drive,
		});
	CHECK(!returns || driver->holder == slot->session);
}

/* The host releases what an ended session holds by itself (semantics.md §10). */
static void detach(struct driver *driver, uint32_t index, bool goodbye)
{
	struct slot *slot = &driver->slots[index];
	const struct control_event event = {
		.type = goodbye ? CONTROL_LEFT : CONTROL_DROPPED,
		.who = seat_of(driver, index),
	};
	const uint32_t session = slot->session;
	send(driver, &event);
	/* In free mode there is no holder whose keys control would know of. */
	CHECK(driver->mode == CONTROL_FREE || !slot->keys_down);
	CHECK(place_of(driver, session) == driver->line_count);
	CHECK(!goodbye || driver->holder != session);
	*slot = (struct slot){ 0 };
}

static void press(struct driver *driver, uint32_t index, int64_t skew_ns)
{
	struct slot *slot = &driver->slots[index];
	const uint64_t time_ns = driver->now_ns + (uint64_t)skew_ns;
	if (slot->session == 0 || !slot->may_drive)
		return;
	if (!control_admit_input(&driver->control, slot->session, time_ns))
		return;
	slot->keys_down = true;
	if (slot->session == driver->holder)
		driver->active_ns = driver->now_ns;
}

static void change_grants(struct driver *driver, uint32_t index, bool may_drive)
{
	struct slot *slot = &driver->slots[index];
	slot->may_drive = may_drive;
	send(driver,
		&(struct control_event){
			.type = CONTROL_GRANTS_CHANGED,
			.who = seat_of(driver, index),
			.may_drive = may_drive,
		});
	CHECK(may_drive || driver->holder != slot->session);
	if (!may_drive)
		release(driver,
			slot->session); /* as the host does with a plane that is taken away */
}

static void act(struct driver *driver, enum control_event_type type, uint32_t who, uint32_t target)
{
	const bool give = type == CONTROL_GIVE;
	send(driver,
		&(struct control_event){
			.type = type,
			.who = seat_of(driver, who),
			.target = seat_of(driver, target),
			.admin = driver->slots[who].admin,
			.may_drive = driver->slots[give ? target : who].may_drive,
		});
}

/* Acts of people: those who are there, more often on who holds control and who is in line. */
static void act_somehow(struct driver *driver, uint8_t operation, uint32_t who, uint32_t target)
{
	static const enum control_event_type acts[] = { CONTROL_REQUEST, CONTROL_REQUEST,
		CONTROL_WITHDRAW, CONTROL_GRANT, CONTROL_DENY, CONTROL_RELEASE, CONTROL_GIVE,
		CONTROL_TAKE };
	for (uint32_t i = 0; i < SLOTS; i++) {
		const uint32_t session = driver->slots[i].session;
		if (operation & 0x40 && session != 0 && session == driver->holder)
			who = i;
		if (operation & 0x80 && driver->line_count > 0 &&
			session == driver->line[target % driver->line_count])
			target = i;
	}
	if (driver->slots[who].session != 0)
		act(driver, acts[operation % 8], who, target);
}

static void everybody_requests(struct driver *driver)
{
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (driver->slots[i].session == 0)
			attach(driver, i, 1);
		act(driver, CONTROL_REQUEST, i, i);
	}
}

static void operate(struct driver *driver)
{
	static const uint64_t spans_ns[] = { 0, 1, MOMENT_MS, 249 * MOMENT_MS, 250 * MOMENT_MS,
		MOMENT_SECOND, 5 * MOMENT_SECOND - 1, 5 * MOMENT_SECOND, 10 * MOMENT_SECOND,
		IDLE_NS - 1, IDLE_NS, 100 * MOMENT_SECOND };
	const uint8_t operation = next(driver);
	/* Mostly few people, so that they meet. */
	const uint8_t choice = next(driver);
	const uint32_t who = choice < 224 ? choice % 24 : choice % SLOTS;
	const uint8_t argument = next(driver);
	const bool present = driver->slots[who].session != 0;
	switch (operation % 16) {
	case 0:
	case 1:
		if (!present)
			attach(driver, who, argument);
		break;
	case 2:
		if (present)
			detach(driver, who, argument % 2 == 0);
		break;
	case 3:
	case 4:
	case 5:
		driver->now_ns += spans_ns[argument % (sizeof spans_ns / sizeof *spans_ns)];
		break;
	case 6:
	case 7:
		press(driver, who, argument < 250 ? 0 : (argument - 252) * (int64_t)MOMENT_SECOND);
		break;
	case 8:
		if (present)
			change_grants(driver, who, argument % 2 == 0);
		break;
	case 9:
		send(driver,
			&(struct control_event){
				.type = CONTROL_SET_MODE,
				.mode = argument % 4 ? CONTROL_ONE_AT_A_TIME : CONTROL_FREE,
			});
		break;
	case 10:
		if (argument % 32 == 0)
			everybody_requests(driver);
		break;
	default:
		act_somehow(driver, argument, who, next(driver) % 24);
		break;
	}
	send(driver, &(struct control_event){ .type = CONTROL_TIMER });
}

void control_driver_run(const uint8_t *bytes, size_t size, struct control_driver_seen *seen)
{
	struct driver driver = {
		.bytes = bytes,
		.left = size,
		.now_ns = 1000 * MOMENT_SECOND,
		.seen = seen,
	};
	control_init(&driver.control, NULL);
	while (driver.left > 0) {
		operate(&driver);
		check_who_holds(&driver);
		check_times(&driver);
		check_nobody_starves(&driver);
	}
}
