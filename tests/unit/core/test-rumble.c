#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/rumble.h"
#include "random.h"

#define MS MOMENT_MS
#define NOW (5000 * MS)
#define FULL UINT16_MAX

/* Somebody who asks as the host does: whenever the deadline has come. */
struct client {
	struct rumble rumble;
	uint64_t now_ns;
	struct rumble_order order; /* the last one */
	unsigned orders;
};

static struct client client_new(void)
{
	struct client client = { .now_ns = NOW };
	rumble_init(&client.rumble);
	return client;
}

static void listen(struct client *client)
{
	if (rumble_step(&client->rumble, client->now_ns, &client->order))
		client->orders++;
}

static void listen_until(struct client *client, uint64_t until_ns)
{
	uint64_t deadline;
	listen(client);
	while ((deadline = rumble_deadline(&client->rumble, client->now_ns)) <= until_ns) {
		assert_true(deadline > client->now_ns);
		client->now_ns = deadline;
		listen(client);
	}
	client->now_ns = until_ns;
}

static void play(struct client *client, uint32_t effect, struct rumble_shape shape, uint32_t times)
{
	assert_true(rumble_upload(&client->rumble, effect, &shape, client->now_ns));
	rumble_play(&client->rumble, effect, times, client->now_ns);
	listen(client);
}

static void assert_order(
	const struct client *client, uint16_t strong, uint16_t weak, uint16_t lasts_ms)
{
	assert_int_equal(client->order.strong, strong);
	assert_int_equal(client->order.weak, weak);
	assert_int_equal(client->order.lasts_ms, lasts_ms);
}

static void nothing_is_said_of_a_pad_at_rest(void **state)
{
	struct client client = client_new();
	listen_until(&client, NOW + 60000 * MS);
	assert_int_equal(client.orders, 0);
}

static void uploaded_effect_is_not_felt_until_it_is_played(void **state)
{
	struct client client = client_new();
	rumble_upload(&client.rumble, 0, &(struct rumble_shape){ 9, 9, 0, 100 }, NOW);
	listen(&client);
	assert_int_equal(client.orders, 0);
	rumble_play(&client.rumble, 0, 1, NOW);
	listen(&client);
	assert_order(&client, 9, 9, 100);
}

static void effect_is_told_again_while_it_lasts_and_ends_with_zeros(void **state)
{
	struct client client = client_new();
	play(&client, 3, (struct rumble_shape){ 40000, 1000, 0, 250 }, 1);
	assert_order(&client, 40000, 1000, 250);
	listen_until(&client, NOW + 100 * MS);
	assert_int_equal(client.orders, 2);
	assert_order(&client, 40000, 1000, 150);
	listen_until(&client, NOW + 249 * MS);
	assert_int_equal(client.orders, 3);
	listen_until(&client, NOW + 250 * MS);
	assert_order(&client, 0, 0, 0);
	listen_until(&client, NOW + 10000 * MS);
	assert_int_equal(client.orders, 4);
}

static void endless_effect_never_lasts_longer_than_the_client_may_believe(void **state)
{
	struct client client = client_new();
	play(&client, 0, (struct rumble_shape){ 1, 2, 0, 0 }, 1);
	for (unsigned i = 0; i < 100; i++) {
		assert_order(&client, 1, 2, RUMBLE_LASTS_MS);
		listen_until(&client, client.now_ns + RUMBLE_REPEAT_MS * MS);
	}
	assert_int_equal(client.orders, 101);
	rumble_play(&client.rumble, 0, 0, client.now_ns);
	listen_until(&client, client.now_ns + RUMBLE_PAUSE_MS * MS);
	assert_order(&client, 0, 0, 0);
}

static void effects_add_up_to_the_whole_at_most(void **state)
{
	struct client client = client_new();
	rumble_upload(&client.rumble, 0, &(struct rumble_shape){ 40000, 10, 0, 0 }, NOW);
	rumble_upload(&client.rumble, 1, &(struct rumble_shape){ 40000, 20, 0, 0 }, NOW);
	rumble_play(&client.rumble, 0, 1, NOW);
	rumble_play(&client.rumble, 1, 1, NOW);
	listen(&client);
	assert_order(&client, FULL, 30, RUMBLE_LASTS_MS);
}

static void gain_scales_what_plays(void **state)
{
	struct client client = client_new();
	play(&client, 0, (struct rumble_shape){ FULL, 2000, 0, 0 }, 1);
	rumble_set_gain(&client.rumble, FULL / 2 + 1);
	listen_until(&client, NOW + RUMBLE_PAUSE_MS * MS);
	assert_order(&client, 32768, 1000, RUMBLE_LASTS_MS);
	rumble_set_gain(&client.rumble, 0);
	listen_until(&client, client.now_ns + RUMBLE_PAUSE_MS * MS);
	assert_order(&client, 0, 0, 0);
}

static void delay_and_length_follow_each_other_as_often_as_it_is_played(void **state)
{
	static const uint64_t edges_ms[] = { 30, 50, 80, 100 };
	struct client client = client_new();
	play(&client, 0, (struct rumble_shape){ 7, 0, 30, 20 }, 2);
	assert_int_equal(client.orders, 0);
	for (unsigned i = 0; i < 4; i++) {
		listen_until(&client, NOW + edges_ms[i] * MS - 1);
		assert_int_equal(client.orders, i);
		listen_until(&client, NOW + edges_ms[i] * MS);
		assert_int_equal(client.orders, i + 1);
		assert_int_equal(client.order.strong, i % 2 ? 0 : 7);
	}
	listen_until(&client, NOW + 1000 * MS);
	assert_int_equal(client.orders, 4);
}

static void new_shape_of_a_playing_effect_is_felt_at_once(void **state)
{
	struct client client = client_new();
	play(&client, 0, (struct rumble_shape){ 100, 0, 0, 50 }, 1);
	listen_until(&client, NOW + 40 * MS);
	rumble_upload(&client.rumble, 0, &(struct rumble_shape){ 200, 0, 0, 50 }, client.now_ns);
	listen(&client);
	assert_order(&client, 200, 0, 50);
}

static void erased_effect_stops(void **state)
{
	struct client client = client_new();
	play(&client, 15, (struct rumble_shape){ 100, 0, 0, 0 }, 1);
	assert_true(rumble_erase(&client.rumble, 15));
	listen_until(&client, NOW + RUMBLE_PAUSE_MS * MS);
	assert_order(&client, 0, 0, 0);
	rumble_play(&client.rumble, 15, 1, client.now_ns);
	listen_until(&client, NOW + 1000 * MS);
	assert_int_equal(client.orders, 2);
}

static void numbers_beyond_the_last_effect_are_refused(void **state)
{
	struct client client = client_new();
	const struct rumble_shape shape = { 1, 1, 0, 0 };
	assert_false(rumble_upload(&client.rumble, RUMBLE_EFFECTS, &shape, NOW));
	assert_false(rumble_erase(&client.rumble, RUMBLE_EFFECTS));
	rumble_play(&client.rumble, UINT32_MAX, 1, NOW);
	listen(&client);
	assert_int_equal(client.orders, 0);
}

/* A game that changes its mind a thousand times a second. */
static void hasty_game_is_told_on_in_steps_and_its_last_word_counts(void **state)
{
	struct client client = client_new();
	for (uint16_t i = 1; i <= 1000; i++) {
		play(&client, 0, (struct rumble_shape){ i, 0, 0, 0 }, 1);
		listen_until(&client, NOW + i * MS);
	}
	assert_in_range(client.orders, 90, 1000 / RUMBLE_PAUSE_MS + 1);
	listen_until(&client, client.now_ns + RUMBLE_PAUSE_MS * MS);
	assert_int_equal(client.order.strong, 1000);
}

static void do_anything(struct client *client, uint64_t *random)
{
	const uint32_t effect = random_below(random, RUMBLE_EFFECTS + 2);
	const struct rumble_shape shape = {
		.strong = (uint16_t)random_next(random),
		.weak = (uint16_t)random_next(random),
		.delay_ms = (uint16_t)random_below(random, 50),
		.length_ms = (uint16_t)random_below(random, 200),
	};
	switch (random_below(random, 4)) {
	case 0:
		rumble_upload(&client->rumble, effect, &shape, client->now_ns);
		break;
	case 1:
		rumble_play(&client->rumble, effect, random_below(random, 4), client->now_ns);
		break;
	case 2:
		rumble_set_gain(&client->rumble, shape.strong);
		break;
	default:
		rumble_erase(&client->rumble, effect);
	}
}

static void whatever_a_game_does_is_silent_soon_after_it_stops(void **state)
{
	uint64_t random = random_seed();
	print_message("# seed %llu\n", (unsigned long long)random);
	for (unsigned round = 0; round < 500; round++) {
		struct client client = client_new();
		for (unsigned i = 0; i < 60; i++) {
			do_anything(&client, &random);
			listen_until(&client, client.now_ns + random_below(&random, 40) * MS + 1);
			assert_true(client.order.lasts_ms <= RUMBLE_LASTS_MS);
			assert_int_equal(client.order.lasts_ms == 0,
				client.order.strong == 0 && client.order.weak == 0);
		}
		for (uint32_t effect = 0; effect < RUMBLE_EFFECTS; effect++)
			rumble_play(&client.rumble, effect, 0, client.now_ns);
		listen_until(&client, client.now_ns + RUMBLE_PAUSE_MS * MS);
		assert_order(&client, 0, 0, 0);
		assert_true(rumble_deadline(&client.rumble, client.now_ns) == MOMENT_NEVER);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_said_of_a_pad_at_rest),
		cmocka_unit_test(uploaded_effect_is_not_felt_until_it_is_played),
		cmocka_unit_test(effect_is_told_again_while_it_lasts_and_ends_with_zeros),
		cmocka_unit_test(endless_effect_never_lasts_longer_than_the_client_may_believe),
		cmocka_unit_test(effects_add_up_to_the_whole_at_most),
		cmocka_unit_test(gain_scales_what_plays),
		cmocka_unit_test(delay_and_length_follow_each_other_as_often_as_it_is_played),
		cmocka_unit_test(new_shape_of_a_playing_effect_is_felt_at_once),
		cmocka_unit_test(erased_effect_stops),
		cmocka_unit_test(numbers_beyond_the_last_effect_are_refused),
		cmocka_unit_test(hasty_game_is_told_on_in_steps_and_its_last_word_counts),
		cmocka_unit_test(whatever_a_game_does_is_silent_soon_after_it_stops),
	};
	return cmocka_run_group_tests_name("core-rumble", tests, NULL, NULL);
}
