/*
 * A microphone, from a client's packets to what a program records from the source of a real private PipeWire.
 */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/clock.h"
#include "support/sound_session.h"
#include "support/tone.h"
#include "talker.h"

#define HALF_DB -6.02
#define WINDOW 4800u
#define DEADLINE_NS 20000000000ull
#define RECORDINGS_MOST 5

struct world {
	struct sound_session sound;
	sd_event *event;
	struct talker talker, other_talker;
	float *recording;
	size_t recorded;
};

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	*state = world;
	return sd_event_new(&world->event) < 0 || !sound_session_start(&world->sound) ? -1 : 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	sound_session_stop(&world->sound);
	sd_event_unref(world->event);
	free(world);
	return 0;
}

/* After each test, however it ended. */
static int clean_up(void **state)
{
	struct world *world = *state;
	talker_stop(&world->talker);
	talker_stop(&world->other_talker);
	sound_session_end_programs(&world->sound);
	free(world->recording);
	world->recording = NULL;
	return 0;
}

static struct audio_place place_of(const struct sound_session *sound, const char *source)
{
	struct audio_place place = { 0 };
	snprintf(place.pipewire_socket, sizeof place.pipewire_socket, "%s", sound->socket);
	snprintf(place.node, sizeof place.node, "%s", source);
	return place;
}

static void run(struct world *world, unsigned milliseconds)
{
	const uint64_t due_ns = clock_now_ns() + milliseconds * 1000000ull;
	while (clock_now_ns() < due_ns && sd_event_run(world->event, 1000) >= 0) {
		if (world->talker.microphone)
			talker_step(&world->talker);
		if (world->other_talker.microphone)
			talker_step(&world->other_talker);
	}
}

/* Until the recording has more than its head: the program takes its time on a busy machine. */
static void wait_for_sound(struct world *world, const char *path)
{
	struct stat file = { 0 };
	const uint64_t due_ns = clock_now_ns() + DEADLINE_NS;
	while (clock_now_ns() < due_ns && (stat(path, &file) < 0 || file.st_size < 1024))
		run(world, 10);
	assert_true(file.st_size >= 1024);
}

static void record(struct world *world, unsigned milliseconds)
{
	char path[128];
	uint32_t channels = 0;
	snprintf(path, sizeof path, "%s/recording.wav", world->sound.folder);
	const char *const arguments[] = { "pw-cat", "--record", "--target", "session-mic",
		"--channels", "1", path, NULL };
	unlink(path);
	const pid_t pid = sound_session_launch(&world->sound, arguments);
	assert_true(pid > 0);
	wait_for_sound(world, path);
	run(world, milliseconds);
	sound_session_end(&world->sound, pid);
	free(world->recording);
	world->recording = tone_read_wav(path, &channels, &world->recorded);
	assert_non_null(world->recording);
	assert_int_equal(channels, 1);
}

static int compare(const void *a, const void *b)
{
	const double one = *(const double *)a, other = *(const double *)b;
	return (one > other) - (one < other);
}

/* The middle of all tenths of a second that are not silent, as a crack or a lost packet spoils one of them. */
static double level_db(const struct world *world, double frequency_hz)
{
	double levels[256];
	size_t count = 0;
	for (size_t at = 0; at + WINDOW <= world->recorded && count < 256; at += WINDOW) {
		if (tone_peak(world->recording + at, WINDOW, 1) > 0.01)
			levels[count++] =
				tone_level_db(world->recording + at, WINDOW, 1, frequency_hz);
	}
	qsort(levels, count, sizeof *levels, compare);
	return count > 10 ? levels[count / 2] : NAN;
}

/* Until the tone is recorded as loud as that; a busy machine may spoil a recording. */
static void hear(struct world *world, double frequency_hz, double wanted_db)
{
	for (int i = 0; i < RECORDINGS_MOST; i++) {
		record(world, 2500);
		if (fabs(level_db(world, frequency_hz) - wanted_db) < 1)
			return;
	}
	assert_float_equal(level_db(world, frequency_hz), wanted_db, 1);
}

static void hear_nothing(struct world *world)
{
	for (int i = 0; i < RECORDINGS_MOST; i++) {
		record(world, 1000);
		assert_true(world->recorded > WINDOW);
		if (tone_peak(world->recording, world->recorded, 1) == 0)
			return;
	}
	assert_true(tone_peak(world->recording, world->recorded, 1) == 0);
}

/* In some second of many: one in which the machine had no time for us says nothing. */
static void miss_less_than(struct world *world, double part, bool with_lost)
{
	struct audio_microphone_stats before, after;
	double missed = 0, received = 0;
	const uint64_t due_ns = clock_now_ns() + DEADLINE_NS;
	while (clock_now_ns() < due_ns) {
		audio_microphone_get_stats(world->talker.microphone, &before);
		run(world, 1000);
		audio_microphone_get_stats(world->talker.microphone, &after);
		received = (double)(after.received - before.received);
		missed = (double)(after.late - before.late + after.dropped - before.dropped);
		if (with_lost)
			missed += (double)(after.lost - before.lost);
		if (missed < received * part)
			return;
	}
	assert_true(missed < received * part);
}

static void start(struct world *world, const struct talker_params *params)
{
	const struct audio_place place = place_of(&world->sound, "session-mic");
	assert_true(talker_start(&world->talker, world->event, &place, params));
}

static void tone_is_recorded_as_it_was_said(void **state)
{
	static const struct talker_params params = { 440, 0.5, 960, 0, 0, 1 };
	struct world *world = *state;
	struct audio_microphone_stats stats;
	start(world, &params);
	hear(world, 440, HALF_DB);
	assert_true(level_db(world, 1000) < -40);
	audio_microphone_get_stats(world->talker.microphone, &stats);
	assert_int_equal(stats.received, world->talker.sent);
	assert_true(stats.played > 50);
	assert_int_equal(world->talker.refused, 0);
	assert_int_equal(world->talker.failures, 0);
}

static void jitter_and_loss_are_evened_out(void **state)
{
	static const struct talker_params params = { 440, 0.5, 480, 30, 3, 1 };
	struct world *world = *state;
	struct audio_microphone_stats stats;
	start(world, &params);
	hear(world, 440, HALF_DB);
	miss_less_than(world, 0.1, false);
	audio_microphone_get_stats(world->talker.microphone, &stats);
	assert_true(stats.concealed > 0);
	/* It waits for the slowest: 30 ms and a quantum. */
	assert_true(stats.delay_us > 25000 && stats.delay_us <= 100000);
	assert_int_equal(world->talker.failures, 0);
}

static void clock_that_runs_apart_is_followed(void **state)
{
	/* Three parts in a thousand, far more than any clock: 60 ms in the 20 s at most. */
	static const struct talker_params params = { 440, 0.5, 480, 0, 0, 1.003 };
	struct world *world = *state;
	start(world, &params);
	run(world, 4000);
	hear(world, 440 * 1.003, HALF_DB);
	miss_less_than(world, 0.05, true);
}

static void two_who_talk_are_both_heard(void **state)
{
	static const struct talker_params params = { 440, 0.25, 960, 0, 0, 1 };
	static const struct talker_params other_params = { 1000, 0.25, 240, 0, 0, 1 };
	struct world *world = *state;
	const struct audio_place place = place_of(&world->sound, "session-mic");
	start(world, &params);
	assert_true(talker_start(&world->other_talker, world->event, &place, &other_params));
	for (int i = 0; i < RECORDINGS_MOST; i++) {
		hear(world, 440, HALF_DB - 6.02);
		if (fabs(level_db(world, 1000) - (HALF_DB - 6.02)) < 1)
			return;
	}
	assert_float_equal(level_db(world, 1000), (float)(HALF_DB - 6.02), 1);
}

static void silence_is_between_and_after(void **state)
{
	static const struct talker_params params = { 440, 0.5, 960, 0, 0, 1 };
	struct world *world = *state;
	start(world, &params);
	hear(world, 440, HALF_DB);
	/* The talker is there and says nothing. */
	const uint32_t sent = world->talker.sent;
	world->talker.begin_ns += 1000000000000ull;
	run(world, 500);
	hear_nothing(world);
	assert_int_equal(world->talker.sent, sent);
	/* And is gone: the source stays for who records. */
	talker_stop(&world->talker);
	hear_nothing(world);
}

static void what_is_no_packet_is_refused(void **state)
{
	static const struct talker_params params = { 440, 0.5, 960, 0, 0, 1 };
	static const uint8_t stereo[] = { 0xfc, 0xff, 0xfe };
	static const uint8_t too_long[] = { 0x1b, 0x43, 1 }; /* three frames of 60 ms */
	static const uint8_t cut_off[] = { 0x7b, 0x82,
		0xff }; /* two frames, the first beyond the end */
	uint8_t big[1276] = { 0x78 };
	struct world *world = *state;
	struct audio_microphone_stats stats;
	start(world, &params);
	struct audio_microphone *microphone = world->talker.microphone;
	assert_false(audio_microphone_feed(microphone, 1, big, 0));
	assert_false(audio_microphone_feed(microphone, 1, stereo, sizeof stereo));
	assert_false(audio_microphone_feed(microphone, 1, too_long, sizeof too_long));
	assert_false(audio_microphone_feed(microphone, 1, cut_off, sizeof cut_off));
	assert_false(audio_microphone_feed(microphone, 1, big, sizeof big));
	audio_microphone_get_stats(microphone, &stats);
	assert_int_equal(stats.malformed, 5);
	assert_int_equal(stats.received, 0);
	/* Well-formed noise is played as what it is, and nothing breaks. */
	uint64_t random = 1;
	for (uint32_t i = 0; i < 200; i++) {
		uint8_t noise[60];
		for (size_t k = 0; k < sizeof noise; k++)
			noise[k] = (uint8_t)(i + k * 37 + (k * k * i) % 251);
		noise[0] = (uint8_t)(0x78 | (random++ & 0x80)); /* one mono frame of 20 ms */
		assert_true(audio_microphone_feed(microphone, i, noise, sizeof noise));
		run(world, 5);
	}
	hear(world, 440, HALF_DB);
}

static void packets_for_nobody_are_dropped(void **state)
{
	static const struct talker_params params = { 440, 0.5, 960, 0, 0, 1 };
	struct world *world = *state;
	struct audio_microphone_stats stats;
	start(world, &params);
	static const uint8_t packet[] = { 0x78, 1, 2, 3 };
	for (uint32_t i = 0; i < 5000; i++)
		assert_true(
			audio_microphone_feed(world->talker.microphone, i, packet, sizeof packet));
	audio_microphone_get_stats(world->talker.microphone, &stats);
	assert_true(stats.dropped > 4000);
}

static void wait_for_failure(struct world *world)
{
	const uint64_t due_ns = clock_now_ns() + DEADLINE_NS;
	while (clock_now_ns() < due_ns && world->talker.failures == 0)
		run(world, 10);
	assert_int_equal(world->talker.failures, 1);
}

static void source_that_is_not_there_is_a_failure(void **state)
{
	static const struct talker_params params = { 440, 0.5, 960, 0, 0, 1 };
	struct world *world = *state;
	const struct audio_place place = place_of(&world->sound, "no-such-source");
	assert_true(talker_start(&world->talker, world->event, &place, &params));
	wait_for_failure(world);
	assert_non_null(strstr(world->talker.failed, "no-such-source"));
}

static size_t open_files(void)
{
	size_t count = 0;
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void microphones_may_end_at_any_moment_and_leave_nothing_open(void **state)
{
	static const struct talker_params params = { 440, 0.5, 240, 0, 0, 1 };
	struct world *world = *state;
	start(world, &params);
	run(world, 500);
	talker_stop(&world->talker);
	const size_t before = open_files();
	for (unsigned i = 0; i < 40; i++) {
		start(world, &params);
		run(world, i * 2);
		talker_stop(&world->talker);
	}
	assert_int_equal(open_files(), before);
}

static void pipewire_that_is_killed_is_a_failure(void **state)
{
	static const struct talker_params params = { 440, 0.5, 960, 0, 0, 1 };
	struct world *world = *state;
	start(world, &params);
	hear(world, 440, HALF_DB);
	kill(world->sound.pipewire, SIGKILL);
	wait_for_failure(world);
	run(world, 100);
	assert_int_equal(world->talker.failures, 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(tone_is_recorded_as_it_was_said, clean_up),
		cmocka_unit_test_teardown(jitter_and_loss_are_evened_out, clean_up),
		cmocka_unit_test_teardown(clock_that_runs_apart_is_followed, clean_up),
		cmocka_unit_test_teardown(two_who_talk_are_both_heard, clean_up),
		cmocka_unit_test_teardown(silence_is_between_and_after, clean_up),
		cmocka_unit_test_teardown(what_is_no_packet_is_refused, clean_up),
		cmocka_unit_test_teardown(packets_for_nobody_are_dropped, clean_up),
		cmocka_unit_test_teardown(source_that_is_not_there_is_a_failure, clean_up),
		cmocka_unit_test_teardown(
			microphones_may_end_at_any_moment_and_leave_nothing_open, clean_up),
		/* Last: nothing works after it. */
		cmocka_unit_test_teardown(pipewire_that_is_killed_is_a_failure, clean_up),
	};
	/* One test alone, by a pattern of its name. */
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
