#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "audio/playout.h"
#include "support/random.h"
#include "support/tone.h"

#define TAU 6.283185307179586

static void at_speed_one_samples_go_through_as_they_are(void **state)
{
	struct playout playout;
	float in[1000], out[1000];
	uint32_t got = 0;
	uint64_t random = 7;
	for (size_t i = 0; i < 1000; i++)
		in[i] = (float)random_below(&random, 1000) / 1000;
	playout_init(&playout);
	for (uint32_t at = 0; at < 1000; at += 100) {
		playout_push(&playout, in + at, 100);
		got += playout_pull(&playout, out + got, 77, 1);
	}
	got += playout_pull(&playout, out + got, 1000 - got, 1);
	assert_int_equal(got, 1000);
	assert_memory_equal(in, out, sizeof in);
	assert_int_equal(playout_waiting(&playout), 0);
}

static void tone_at(double speed)
{
	static float out[48000];
	struct playout playout;
	uint32_t done = 0;
	uint64_t sample = 0;
	playout_init(&playout);
	while (done < 48000) {
		float in[480];
		for (uint32_t i = 0; i < 480; i++)
			in[i] = (float)sin(TAU * 1000 * (double)sample++ / 48000);
		playout_push(&playout, in, 480);
		while (playout_waiting(&playout) > 300 && done + 256 <= 48000)
			done += playout_pull(&playout, out + done, 256, speed);
		if (done + 256 > 48000)
			break;
	}
	assert_float_equal(tone_level_db(out, done, 1, 1000 * speed), 0, 0.1);
	/* The curve's own faults lie far below. */
	double worst = -300;
	for (int hz = 2000; hz < 20000; hz += 500)
		worst = fmax(worst, tone_level_db(out, done, 1, hz));
	assert_true(worst < -60);
	/* As many went in as came out, but for the speed. */
	assert_float_equal((float)((double)(sample - playout_waiting(&playout)) / done),
		(float)speed, 0.0005f);
}

static void other_speeds_change_the_pitch_and_nothing_else(void **state)
{
	tone_at(1 + PLAYOUT_SPEED_MOST);
	tone_at(1 - PLAYOUT_SPEED_MOST);
	tone_at(1.0001);
}

static void what_does_not_fit_is_left_out(void **state)
{
	static float samples[PLAYOUT_SIZE * 2];
	struct playout playout;
	playout_init(&playout);
	playout_push(&playout, samples, PLAYOUT_SIZE * 2);
	assert_true(playout_waiting(&playout) < PLAYOUT_SIZE);
	assert_int_equal(playout_pull(&playout, samples, PLAYOUT_SIZE * 2, 1), PLAYOUT_SIZE - 1);
	assert_int_equal(playout_pull(&playout, samples, 10, 1), 0);
}

static void speed_follows_the_excess_within_its_bounds(void **state)
{
	assert_true(playout_speed(0) == 1);
	assert_true(playout_speed(50) == 1);
	assert_true(playout_speed(-50) == 1);
	double before = 0;
	for (int64_t excess = -10000; excess <= 10000; excess += 10) {
		const double speed = playout_speed(excess);
		assert_true(speed >= before);
		assert_true(fabs(speed - 1) <= PLAYOUT_SPEED_MOST + 1e-12);
		before = speed;
	}
	assert_true(playout_speed(INT64_MAX / 2) == 1 + PLAYOUT_SPEED_MOST);
	assert_true(playout_speed(INT64_MIN / 2) == 1 - PLAYOUT_SPEED_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_speed_one_samples_go_through_as_they_are),
		cmocka_unit_test(other_speeds_change_the_pitch_and_nothing_else),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(speed_follows_the_excess_within_its_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
