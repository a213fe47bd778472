/*
 * Random walks through the doors of the session room, beside a model of what each client may do. After every step:
 * never two who drive, nothing held by anybody but them, input let through as the model says, and everybody told how
 * things are. LODGE_TEST_SEED replays a walk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/random.h"
#include "support/session_world.h"

#define CLIENTS 8 /* the first four are paired, the others are not */
#define PAIRED 4
#define DEVICES 12
#define STEPS 20000
#define POINTER (1u << GRANT_POINTER)
#define KEYBOARD (1u << GRANT_KEYBOARD)

/* What a paired client may do: until it leaves, else until a moment, else for good. */
struct model {
	uint32_t lasting, timed, visiting;
	uint64_t until_ns; /* of `timed` */
	bool visits; /* `visiting` rules */
	char user; /* 0: itself */
};

struct walk {
	struct session_world *world;
	uint64_t random;
	struct peer *devices[DEVICES];
	uint32_t client_of[DEVICES];
	struct model models[PAIRED + 1];
	struct control_view before; /* the last step */
	unsigned seen_holders, seen_waiting, seen_away, seen_refused, seen_let_through;
};

/* The clock of random_seed is the test's own here. */
static uint64_t seed(void)
{
	return getenv("LODGE_TEST_SEED") ? random_seed()
					 : (uint64_t)time(NULL) * 1000003u ^ (uint64_t)getpid();
}

static uint32_t below(struct walk *walk, uint32_t bound)
{
	return random_below(&walk->random, bound);
}

static bool is_here(const struct peer *peer)
{
	return peer && peer->session && !peer->closing;
}

static bool is_on_desktop(const struct peer *peer)
{
	return is_here(peer) && peer->session->granted;
}

static bool client_is_here(const struct walk *walk, uint32_t client)
{
	for (uint32_t i = 0; i < DEVICES; i++) {
		if (walk->client_of[i] == client && is_here(walk->devices[i]))
			return true;
	}
	return false;
}

static uint32_t planes_of(const struct walk *walk, uint32_t client)
{
	if (client > PAIRED)
		return GRANTS_ALL;
	const struct model *model = &walk->models[client];
	if (model->visits)
		return model->visiting;
	return virtual_now_ns() < model->until_ns ? model->timed : model->lasting;
}

static void settle_model(struct walk *walk)
{
	for (uint32_t client = 1; client <= PAIRED; client++) {
		if (!client_is_here(walk, client))
			walk->models[client].visits = false;
	}
}

static void attach(struct walk *walk, uint32_t i)
{
	static const char *const labels[] = { "Ada", "Ada", "\u202eBo", "<b>" };
	if (is_here(walk->devices[i]))
		return;
	walk->client_of[i] = 1 + below(walk, CLIENTS);
	walk->devices[i] = peer_connect(walk->world, walk->client_of[i]);
	assert_non_null(walk->devices[i]->session);
	peer_attach(walk->devices[i], labels[below(walk, 4)], NULL);
	assert_int_not_equal(walk->devices[i]->id, 0);
	if (below(walk, 5))
		peer_open(walk->devices[i]);
}

static void change_grants(struct walk *walk)
{
	const uint32_t client = 1 + below(walk, PAIRED), planes = below(walk, GRANTS_ALL + 1);
	const struct peer named = { .number = client };
	struct model *model = &walk->models[client];
	switch (below(walk, 4)) {
	case 0:
	case 1:
		assert_int_equal(world_grant(walk->world, &named, planes), 0);
		*model = (struct model){ .lasting = planes, .user = model->user };
		break;
	case 2: {
		/* Ends are full seconds. */
		const uint64_t now_s = virtual_now_ns() / MOMENT_SECOND;
		const uint32_t seconds = 1 + below(walk, 40);
		assert_int_equal(world_grant_for(walk->world, &named, planes, seconds), 0);
		model->timed = planes;
		model->until_ns = (now_s + seconds) * MOMENT_SECOND;
		model->visits = false;
		break;
	}
	default:
		assert_int_equal(world_grant_until_leave(walk->world, &named, planes), 0);
		model->visiting = planes;
		model->visits = true;
	}
}

static void change_user(struct walk *walk)
{
	const uint32_t client = 1 + below(walk, PAIRED);
	uint8_t key[CLIENT_KEY_SIZE], fingerprint[CLIENT_FINGERPRINT_SIZE];
	const char user[] = { "\0RS"[below(walk, 3)], '\0' };
	session_rooms_key(client, key);
	client_fingerprint(key, fingerprint);
	assert_int_equal(session_host_set_user(walk->world->host, fingerprint, user), 0);
	walk->models[client].user = user[0];
}

static void ask_for_control(struct walk *walk, struct peer *peer)
{
	const enum wire_control action =
		(enum wire_control)(WIRE_CONTROL_REQUEST + below(walk, WIRE_CONTROL_GIVE));
	const struct peer *target = walk->devices[below(walk, DEVICES)];
	peer_control(peer, below(walk, 3) ? WIRE_CONTROL_REQUEST : action,
		target && below(walk, 8) ? target->id : below(walk, 50));
}

static void steer(struct walk *walk)
{
	static const enum control_event_type types[] = { CONTROL_GRANT, CONTROL_DENY,
		CONTROL_RELEASE, CONTROL_GIVE };
	const struct peer *target = walk->devices[below(walk, DEVICES)];
	session_host_steer(walk->world->host, types[below(walk, 4)], target ? target->id : 0);
}

static struct control_view view_of(const struct walk *walk)
{
	struct control_view view;
	session_host_control(walk->world->host, &view);
	return view;
}

/* Says one thing of each plane; what comes through is what the model lets through. */
static void assert_input(struct walk *walk, uint32_t i)
{
	struct peer *peer = walk->devices[i];
	const struct control_view view = view_of(walk);
	const bool steers =
		view.mode == CONTROL_FREE || (view.holder == peer->id && view.away_until_ns == 0);
	const uint32_t planes = planes_of(walk, walk->client_of[i]);
	const uint64_t before = session_rooms_events();
	peer_key(peer, (uint16_t)(30 + below(walk, 3)), below(walk, 2));
	peer_point(peer, (uint16_t)below(walk, 1280), 0);
	const bool open = is_on_desktop(peer) && steers;
	const uint64_t wanted =
		open ? (uint64_t) !!(planes & KEYBOARD) + (uint64_t) !!(planes & POINTER) : 0;
	assert_int_equal(session_rooms_events() - before, wanted);
	*(wanted ? &walk->seen_let_through : &walk->seen_refused) += 1;
}

static void assert_holder(struct walk *walk)
{
	const struct control_view view = view_of(walk);
	uint32_t may_hold = 0;
	for (uint32_t i = 0; i < DEVICES; i++) {
		const struct peer *peer = walk->devices[i];
		if (!is_here(peer))
			continue;
		if (peer->id == view.holder || view.mode == CONTROL_FREE)
			may_hold += peer->session->injector ? peer->session->injector->held : 0;
		if (peer->id != view.holder)
			continue;
		assert_int_equal(view.away_until_ns, 0);
		assert_true(is_on_desktop(peer));
		assert_true(planes_of(walk, walk->client_of[i]) & GRANTS_INPUT);
		walk->seen_holders++;
	}
	assert_int_equal(session_rooms_held(), may_hold);
	assert_true(view.mode == CONTROL_ONE_AT_A_TIME || (!view.holder && !view.line_count));
	walk->seen_away += view.away_until_ns != 0;
	walk->seen_waiting += view.line_count > 1;
}

/* Who waited before whom still does. */
static void assert_line(struct walk *walk)
{
	const struct control_view view = view_of(walk);
	size_t behind = 0;
	for (size_t i = 0; i < view.line_count; i++) {
		size_t place = 0;
		while (place < walk->before.line_count &&
			walk->before.line[place].session != view.line[i].session)
			place++;
		if (place == walk->before.line_count)
			continue;
		assert_true(place >= behind);
		behind = place;
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(view.line[j].session, view.line[i].session);
	}
	walk->before = view;
}

static bool same_person(const struct walk *walk, uint32_t i, uint32_t j)
{
	const uint32_t a = walk->client_of[i], b = walk->client_of[j];
	if (i == j)
		return true;
	if (a > PAIRED || b > PAIRED)
		return false;
	return walk->models[a].user ? walk->models[a].user == walk->models[b].user : a == b;
}

/* Whom control would go to, if it were given to the person. */
static void assert_reached(const struct walk *walk, const struct peer_person *person)
{
	bool found = person->session == 0;
	for (uint32_t i = 0; i < DEVICES; i++) {
		const struct peer *peer = walk->devices[i];
		if (!is_on_desktop(peer) || peer->id != person->session)
			continue;
		assert_true(planes_of(walk, walk->client_of[i]) & GRANTS_INPUT);
		found = true;
	}
	assert_true(found);
}

static void assert_people(const struct walk *walk, const struct peer *peer)
{
	size_t people = 0, sessions = 0, told = 0;
	for (uint32_t i = 0; i < DEVICES; i++) {
		bool first = is_on_desktop(walk->devices[i]);
		sessions += first;
		for (uint32_t j = 0; j < i; j++)
			first = first &&
				!(is_on_desktop(walk->devices[j]) && same_person(walk, i, j));
		people += first;
	}
	assert_int_equal(peer->people_count, people);
	for (size_t i = 0; i < people; i++) {
		const struct peer_person *one = &peer->people[i];
		told += one->sessions;
		assert_reached(walk, one);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(one->name, peer->people[j].name);
	}
	assert_int_equal(told, sessions);
	assert_false(peer->repeated);
}

/* Everybody knows how things are, when there was time to tell. */
static void assert_told(struct walk *walk)
{
	const struct control_view view = view_of(walk);
	for (uint32_t i = 0; i < DEVICES; i++) {
		const struct peer *peer = walk->devices[i];
		if (!is_here(peer))
			continue;
		const uint32_t planes = planes_of(walk, walk->client_of[i]);
		assert_int_equal(!!(peer->grants & WIRE_GRANT_POINTER), !!(planes & POINTER));
		assert_int_equal(!!(peer->grants & WIRE_GRANT_KEYBOARD), !!(planes & KEYBOARD));
		if (!is_on_desktop(peer))
			continue;
		if (walk->world->rules.presence)
			assert_people(walk, peer);
		else
			assert_int_equal(peer->people_count, 0);
		assert_int_equal(peer->mode, view.mode == CONTROL_ONE_AT_A_TIME);
		if (view.mode == CONTROL_FREE)
			continue;
		assert_int_equal(peer->holder, view.holder);
		assert_int_equal(peer->waiting, view.line_count);
		if (peer->place)
			assert_int_equal(view.line[peer->place - 1].session, peer->id);
	}
}

static void leave(struct walk *walk, struct peer *peer)
{
	if (below(walk, 3) == 0)
		peer_drop(peer);
	else if (below(walk, 2))
		session_host_end(walk->world->host, peer->id, "go");
	else
		peer_say(peer, &(struct wire_message){ .type = WIRE_CLOSE_DISPLAY });
}

static void step(struct walk *walk)
{
	const uint32_t i = below(walk, DEVICES), what = below(walk, 100);
	struct peer *peer = walk->devices[i];
	if (!is_here(peer))
		attach(walk, i);
	else if (what < 40)
		assert_input(walk, i);
	else if (what < 65)
		ask_for_control(walk, peer);
	else if (what < 70)
		leave(walk, peer);
	else if (what < 75)
		peer_open(peer);
	else if (what < 80)
		steer(walk);
	else if (what < 84)
		change_grants(walk);
	else if (what < 86)
		change_user(walk);
	else if (what < 88)
		world_presence(walk->world, below(walk, 3));
	else if (what < 89)
		world_control(walk->world, below(walk, 5) ? CONTROL_ONE_AT_A_TIME : CONTROL_FREE);
	else if (what < 97)
		world_pass(walk->world, below(walk, 2000) * MOMENT_MS);
	else
		world_pass(walk->world, below(walk, 60) * MOMENT_SECOND);
}

static void no_walk_breaks_a_promise(void **state)
{
	struct walk walk = { .world = *state, .random = seed() };
	printf("# LODGE_TEST_SEED=%llu\n", (unsigned long long)walk.random);
	fflush(stdout);
	for (uint32_t client = 1; client <= PAIRED; client++)
		walk.models[client].lasting = GRANTS_ALL;
	for (unsigned i = 0; i < STEPS; i++) {
		step(&walk);
		virtual_loop_settle(walk.world->event);
		settle_model(&walk);
		assert_holder(&walk);
		assert_line(&walk);
		if (below(&walk, 4))
			continue;
		world_settle(walk.world);
		settle_model(&walk);
		assert_told(&walk);
	}
	/* It has been everywhere. */
	assert_true(walk.seen_holders > 0 && walk.seen_waiting > 0 && walk.seen_away > 0);
	assert_true(walk.seen_refused > 0 && walk.seen_let_through > 0);
}

static int set_up(void **state)
{
	struct session_world *world = session_world_create(true, 0);
	for (uint32_t client = 1; client <= PAIRED; client++)
		world_pair(world, client, "Ada");
	*state = world;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			no_walk_breaks_a_promise, set_up, session_world_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
