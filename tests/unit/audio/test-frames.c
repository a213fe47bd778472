#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audio/frames.h"
#include "support/random.h"

#define BEGIN_NS 1000000000000ull
#define FRAMES_KEPT 4000

struct seen {
	uint32_t channels, samples;
	uint32_t count;
	uint64_t times[FRAMES_KEPT];
	float first[FRAMES_CHANNELS_MAX], last[FRAMES_CHANNELS_MAX];
	float expected; /* the value of the next sample's first channel; below 0: do not look */
};

static void keep(void *data, const float *frame, uint64_t first_sample_ns)
{
	struct seen *seen = data;
	if (seen->count < FRAMES_KEPT)
		seen->times[seen->count] = first_sample_ns;
	seen->count++;
	memcpy(seen->first, frame, seen->channels * sizeof *frame);
	memcpy(seen->last, frame + (seen->samples - 1) * seen->channels,
		seen->channels * sizeof *frame);
	for (uint32_t i = 0; seen->expected >= 0 && i < seen->samples; i++, seen->expected++)
		assert_true(frame[i * seen->channels] == seen->expected);
}

static void quanta_of_any_size_become_whole_frames(void **state)
{
	static const uint32_t sizes[] = { 240, 480 };
	for (size_t i = 0; i < 2; i++) {
		static float samples[2 * 2048];
		struct audio_frames frames;
		struct seen seen = { .channels = 2, .samples = sizes[i] };
		uint64_t random = random_seed(), total = 0;
		print_message("# LODGE_TEST_SEED=%llu\n", (unsigned long long)random);
		audio_frames_init(&frames, 2, sizes[i]);
		audio_frames_begin(&frames, 2);
		for (int turn = 0; turn < 500; turn++) {
			const uint32_t count = 1 + random_below(&random, 2048);
			for (uint32_t k = 0; k < count; k++)
				samples[2 * k] = (float)(total + k);
			audio_frames_push(&frames, samples, count,
				BEGIN_NS + audio_samples_ns(total), keep, &seen);
			total += count;
		}
		assert_int_equal(seen.count, total / sizes[i]);
	}
}

static void times_are_those_of_the_first_sample(void **state)
{
	static const float samples[2 * 256];
	struct audio_frames frames;
	struct seen seen = { .channels = 2, .samples = 240, .expected = -1 };
	audio_frames_init(&frames, 2, 240);
	audio_frames_begin(&frames, 2);
	for (uint64_t i = 0; i < 100; i++)
		audio_frames_push(
			&frames, samples, 256, BEGIN_NS + audio_samples_ns(256 * i), keep, &seen);
	for (uint32_t i = 0; i < seen.count; i++) {
		const uint64_t exact_ns = BEGIN_NS + i * 5000000ull;
		assert_true(seen.times[i] + 5 > exact_ns && seen.times[i] < exact_ns + 5);
	}
}

static void shaking_times_are_smoothed_and_never_go_back(void **state)
{
	static const float samples[2 * 256];
	struct audio_frames frames;
	struct seen seen = { .channels = 2, .samples = 240, .expected = -1 };
	uint64_t random = random_seed();
	print_message("# LODGE_TEST_SEED=%llu\n", (unsigned long long)random);
	audio_frames_init(&frames, 2, 240);
	audio_frames_begin(&frames, 2);
	for (uint64_t i = 0; i < 3000; i++)
		audio_frames_push(&frames, samples, 256,
			BEGIN_NS + audio_samples_ns(256 * i) + random_below(&random, 4000000), keep,
			&seen);
	for (uint32_t i = 1; i < seen.count; i++) {
		assert_true(seen.times[i] > seen.times[i - 1]);
		/* A step is 5 ms and a sixteenth of the shaking. */
		assert_true(seen.times[i] - seen.times[i - 1] > 4500000);
		assert_true(seen.times[i] - seen.times[i - 1] < 5500000);
	}
}

static void gap_is_a_jump_and_drops_the_half_frame_before_it(void **state)
{
	static float samples[2 * 256];
	struct audio_frames frames;
	struct seen seen = { .channels = 2, .samples = 240, .expected = -1 };
	audio_frames_init(&frames, 2, 240);
	audio_frames_begin(&frames, 2);
	samples[2 * 240] = 0.5f; /* in the half frame */
	audio_frames_push(&frames, samples, 256, BEGIN_NS, keep, &seen);
	samples[2 * 240] = 0;
	assert_int_equal(seen.count, 1);
	audio_frames_push(&frames, samples, 256, BEGIN_NS + 1000000000, keep, &seen);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.times[1], BEGIN_NS + 1000000000);
	assert_true(seen.first[0] == 0);
	/* A clock that was set back makes no time go back. */
	for (int i = 0; i < 10; i++)
		audio_frames_push(&frames, samples, 256, BEGIN_NS, keep, &seen);
	for (uint32_t i = 1; i < seen.count; i++)
		assert_true(seen.times[i] > seen.times[i - 1]);
}

static void channels_go_where_opus_has_them(void **state)
{
	static float samples[6 * 240];
	struct audio_frames frames;
	struct seen seen = { .channels = 6, .samples = 240, .expected = -1 };
	/* FL FR FC LFE RL RR -> FL FC FR RL RR LFE */
	static const float opus_order[6] = { 1, 3, 2, 5, 6, 4 };
	for (size_t i = 0; i < 6 * 240; i++)
		samples[i] = (float)(i % 6 + 1);
	audio_frames_init(&frames, 6, 240);
	audio_frames_begin(&frames, 6);
	audio_frames_push(&frames, samples, 240, BEGIN_NS, keep, &seen);
	assert_memory_equal(seen.first, opus_order, sizeof opus_order);
	assert_memory_equal(seen.last, opus_order, sizeof opus_order);
}

static void other_numbers_of_channels_are_mixed(void **state)
{
	static float around[6 * 240], stereo[2 * 240];
	struct audio_frames frames;
	struct seen seen = { .channels = 2, .samples = 240, .expected = -1 };
	for (size_t i = 0; i < 240; i++) {
		around[6 * i + 2] = 0.5f; /* FC */
		around[6 * i + 3] = 1; /* LFE */
		around[6 * i + 4] = 0.25f; /* RL */
		stereo[2 * i + 1] = 0.5f; /* FR */
	}
	audio_frames_init(&frames, 2, 240);
	audio_frames_begin(&frames, 6);
	audio_frames_push(&frames, around, 240, BEGIN_NS, keep, &seen);
	assert_float_equal(seen.first[0], 0.5303f, 0.001);
	assert_float_equal(seen.first[1], 0.3536f, 0.001);
	seen.channels = 6;
	audio_frames_init(&frames, 6, 240);
	audio_frames_begin(&frames, 2);
	audio_frames_push(&frames, stereo, 240, BEGIN_NS, keep, &seen);
	static const float right_only[6] = { 0, 0, 0.5f, 0, 0, 0 };
	assert_memory_equal(seen.last, right_only, sizeof right_only);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quanta_of_any_size_become_whole_frames),
		cmocka_unit_test(times_are_those_of_the_first_sample),
		cmocka_unit_test(shaking_times_are_smoothed_and_never_go_back),
		cmocka_unit_test(gap_is_a_jump_and_drops_the_half_frame_before_it),
		cmocka_unit_test(channels_go_where_opus_has_them),
		cmocka_unit_test(other_numbers_of_channels_are_mixed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
