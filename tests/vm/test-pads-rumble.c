/* What games make virtual pads rumble like, on a kernel that makes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/rumble.h"
#include "game.h"

struct scene {
	struct host host;
	int game;
};

static int set_up(void **state)
{
	struct scene *scene = malloc(sizeof *scene);
	*state = scene;
	host_start(&scene->host, NULL);
	scene->game = game_open(host_plug(&scene->host, 2, WIRE_GAMEPAD_XBOX).event);
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;
	host_stop(&scene->host);
	if (scene->game >= 0)
		close(scene->game);
	free(scene);
	return 0;
}

static struct ff_effect rumble_effect(uint16_t strong, uint16_t weak, uint16_t length_ms)
{
	return (struct ff_effect){
		.type = FF_RUMBLE,
		.id = -1,
		.replay.length = length_ms,
		.u.rumble = { strong, weak },
	};
}

static int upload(struct scene *scene, struct ff_effect effect)
{
	assert_int_equal(game_upload(&scene->host, scene->game, &effect), 0);
	return effect.id;
}

static void assert_heard(const struct scene *scene, size_t which, uint16_t strong, uint16_t weak)
{
	assert_true(scene->host.rumble_count > which);
	assert_int_equal(scene->host.rumbles[which].pad, 2);
	assert_int_equal(scene->host.rumbles[which].strong, strong);
	assert_int_equal(scene->host.rumbles[which].weak, weak);
}

static void effect_that_a_game_plays_comes_back_and_ends(void **state)
{
	struct scene *scene = *state;
	const int effect = upload(scene, rumble_effect(50000, 300, 20));
	assert_int_equal(scene->host.rumble_count, 0);
	game_play(scene->game, effect, 1);
	host_hear(&scene->host, 1);
	assert_heard(scene, 0, 50000, 300);
	assert_in_range(scene->host.rumbles[0].lasts_ms, 1, 20);
	host_hear_last(&scene->host, 0, 0);
}

static void effect_without_an_end_is_told_again_until_the_game_stops_it(void **state)
{
	struct scene *scene = *state;
	const int effect = upload(scene, rumble_effect(7, 8, 0));
	game_play(scene->game, effect, 1);
	host_hear(&scene->host, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_heard(scene, i, 7, 8);
		assert_int_equal(scene->host.rumbles[i].lasts_ms, RUMBLE_LASTS_MS);
	}
	game_play(scene->game, effect, 0);
	host_hear_last(&scene->host, 0, 0);
}

static void gain_of_the_kernel_scales_it(void **state)
{
	struct scene *scene = *state;
	const int effect = upload(scene, rumble_effect(65535, 1000, 0));
	game_set_gain(scene->game, 0x8000);
	game_play(scene->game, effect, 1);
	host_hear(&scene->host, 1);
	assert_heard(scene, 0, 0x8000, 500);
}

static void wave_shakes_both_motors(void **state)
{
	struct scene *scene = *state;
	const struct ff_effect sine = {
		.type = FF_PERIODIC,
		.id = -1,
		.u.periodic = { .waveform = FF_SINE, .period = 100, .magnitude = -0x2000 },
	};
	game_play(scene->game, upload(scene, sine), 1);
	host_hear(&scene->host, 1);
	assert_heard(scene, 0, 0x4000, 0x4000);
}

static void changed_effect_is_felt_while_it_plays(void **state)
{
	struct scene *scene = *state;
	struct ff_effect effect = rumble_effect(1, 1, 0);
	effect.id = (int16_t)upload(scene, effect);
	game_play(scene->game, effect.id, 1);
	host_hear(&scene->host, 1);
	effect.u.rumble.strong_magnitude = 999;
	const int id = effect.id;
	assert_int_equal(upload(scene, effect), id);
	host_hear_last(&scene->host, 999, 1);
}

static void game_that_goes_takes_its_rumble_along(void **state)
{
	struct scene *scene = *state;
	game_play(scene->game, upload(scene, rumble_effect(3, 3, 0)), 1);
	host_hear(&scene->host, 1);
	assert_int_equal(game_close(&scene->host, scene->game), 0);
	scene->game = -1;
	host_hear_last(&scene->host, 0, 0);
}

static void effects_have_room_up_to_their_number(void **state)
{
	struct scene *scene = *state;
	struct ff_effect one_more = rumble_effect(1, 1, 1);
	for (unsigned i = 0; i < RUMBLE_EFFECTS; i++)
		upload(scene, rumble_effect(1, 1, 1));
	assert_int_equal(game_upload(&scene->host, scene->game, &one_more), -ENOSPC);
}

static void rumble_of_one_session_is_not_anothers(void **state)
{
	struct scene *scene = *state;
	struct host other;
	host_start(&other, scene->host.event);
	host_plug(&other, 2, WIRE_GAMEPAD_XBOX);
	game_play(scene->game, upload(scene, rumble_effect(3, 3, 0)), 1);
	host_hear(&scene->host, 2);
	assert_int_equal(other.rumble_count, 0);
	host_stop(&other);
}

static void session_may_end_while_it_is_told_of_a_rumble(void **state)
{
	struct scene *scene = *state;
	const int effect = upload(scene, rumble_effect(3, 3, 0));
	scene->host.leaves = true;
	game_play(scene->game, effect, 1);
	host_hear(&scene->host, 1);
	host_run_for(&scene->host, 2 * RUMBLE_REPEAT_MS);
	assert_int_equal(scene->host.rumble_count, 1);
}

static void *upload_unanswered(void *data)
{
	const struct scene *scene = data;
	struct ff_effect effect = rumble_effect(1, 1, 1);
	return ioctl(scene->game, EVIOCSFF, &effect) < 0 ? (void *)1 : NULL;
}

/* The host goes while a game waits for its answer: the game is told no, and nobody waits for ever. */
static void game_that_waits_for_a_host_that_goes_is_let_go(void **state)
{
	struct scene *scene = *state;
	pthread_t game;
	void *refused = NULL;
	assert_int_equal(pthread_create(&game, NULL, upload_unanswered, scene), 0);
	usleep(100000); /* so that it most likely waits already; either way it must end */
	gamepad_port_destroy(scene->host.port);
	scene->host.port = NULL;
	assert_int_equal(pthread_join(game, &refused), 0);
	assert_non_null(refused);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(effect_that_a_game_plays_comes_back_and_ends),
		TEST(effect_without_an_end_is_told_again_until_the_game_stops_it),
		TEST(gain_of_the_kernel_scales_it),
		TEST(wave_shakes_both_motors),
		TEST(changed_effect_is_felt_while_it_plays),
		TEST(game_that_goes_takes_its_rumble_along),
		TEST(effects_have_room_up_to_their_number),
		TEST(rumble_of_one_session_is_not_anothers),
		TEST(session_may_end_while_it_is_told_of_a_rumble),
		TEST(game_that_waits_for_a_host_that_goes_is_let_go),
	};
	return cmocka_run_group_tests_name("pads-rumble", tests, NULL, NULL);
}
