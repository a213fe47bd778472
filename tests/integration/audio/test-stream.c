/*
 * A stream of sound, from the sink of a real private PipeWire to what a listener decodes.
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
#include <unistd.h>

#include <cmocka.h>

#include "listener.h"
#include "media/clock.h"
#include "support/sound_session.h"
#include "support/tone.h"

#define HALF_DB -6.02
#define TONE_SECONDS 60
#define INAUDIBLE 0.00003 /* -90 dB */

struct world {
	struct sound_session sound, other_sound;
	sd_event *event;
	struct listener listener, other_listener;
};

static const char *sink_program; /* lodge-sound-sink; the test's argument */

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
	listener_stop(&world->listener);
	listener_stop(&world->other_listener);
	sound_session_stop(&world->other_sound);
	sound_session_end_programs(&world->sound);
	return 0;
}

static struct audio_stream_params listen_to(const struct sound_session *sound, const char *sink)
{
	struct audio_stream_params params = { 0 };
	snprintf(params.sink.pipewire_socket, sizeof params.sink.pipewire_socket, "%s",
		sound->socket);
	snprintf(params.sink.node, sizeof params.sink.node, "%s", sink);
	return params;
}

/* Plays a sine of half of full scale on each channel; the program asks for so many samples at once. */
static pid_t play_in_quanta(struct sound_session *sound, const char *sink, uint32_t channels,
	const char *map, const double *frequencies_hz, const char *quantum)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s-%.0f.wav", sound->folder, sink, frequencies_hz[0]);
	assert_true(tone_write_wav(path, channels, frequencies_hz, 0.5, TONE_SECONDS));
	const char *const arguments[] = { "pw-cat", "--playback", "--latency", quantum, "--target",
		sink, "--channel-map", map, path, NULL };
	const pid_t pid = sound_session_launch(sound, arguments);
	assert_true(pid > 0);
	return pid;
}

/* In the listeners' quantum: programs on PipeWire 0.3.65 fall silent now and then when it changes twice at once. */
static pid_t play(struct sound_session *sound, const char *sink, uint32_t channels, const char *map,
	const double *frequencies_hz)
{
	return play_in_quanta(sound, sink, channels, map, frequencies_hz, "256");
}

static pid_t play_stereo(struct sound_session *sound, const char *sink, double left, double right)
{
	const double frequencies_hz[] = { left, right };
	return play(sound, sink, 2, "FL,FR", frequencies_hz);
}

/* Until the tone is as loud as that; a busy machine may take its time. */
static void hear_among(
	struct listener *listener, uint32_t channel, double frequency_hz, double level_db)
{
	const uint64_t due_ns = clock_now_ns() + LISTENER_DEADLINE_MS * 1000000ull;
	do {
		listener_run(listener, 100);
	} while (clock_now_ns() < due_ns &&
		!(fabs(listener_level_db(listener, channel, frequency_hz) - level_db) < 0.5));
	assert_float_equal(listener_level_db(listener, channel, frequency_hz), level_db, 0.5);
}

/* And the loudest one of all. */
static void hear(struct listener *listener, uint32_t channel, double frequency_hz, double level_db)
{
	const uint64_t due_ns = clock_now_ns() + LISTENER_DEADLINE_MS * 1000000ull;
	do {
		hear_among(listener, channel, frequency_hz, level_db);
	} while (clock_now_ns() < due_ns && listener_loudest_hz(listener, channel) != frequency_hz);
	assert_float_equal(listener_loudest_hz(listener, channel), frequency_hz, 0.1);
}

static void wait_for_silence(struct listener *listener)
{
	const uint64_t due_ns = clock_now_ns() + LISTENER_DEADLINE_MS * 1000000ull;
	do {
		listener_forget(listener);
		listener_run(listener, 300);
	} while (clock_now_ns() < due_ns && !(listener_peak(listener) < INAUDIBLE));
	assert_true(listener_peak(listener) < INAUDIBLE);
}

static void check_stream(const struct listener *listener)
{
	struct audio_stream_stats stats;
	assert_int_equal(listener->configs, 1);
	assert_int_equal(listener->early, 0);
	assert_int_equal(listener->faults, 0);
	assert_int_equal(listener->times_back, 0);
	/* Who does not look for more than a second loses packets, and sees it. */
	audio_stream_get_stats(listener->stream, &stats);
	assert_true(listener->sequence_gaps <= stats.dropped);
	assert_int_equal(listener->failures, 0);
}

static void tone_comes_out_as_it_went_in(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	const struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	assert_true(listener_start(listener, world->event, &params));
	play_stereo(&world->sound, "session-sink", 440, 1000);
	hear(listener, 0, 440, HALF_DB);
	hear(listener, 1, 1000, HALF_DB);
	assert_true(listener_level_db(listener, 0, 1000) < -40);
	assert_true(listener_level_db(listener, 1, 440) < -40);
	check_stream(listener);
	assert_int_equal(listener->config.frame_us, 5000);
	assert_int_equal(listener->config.head.family, 0);
}

static void play_around(struct sound_session *sound)
{
	static const double frequencies_hz[6] = { 300, 500, 700, 100, 1100, 1300 };
	play(sound, "session-around", 6, "FL,FR,FC,LFE,RL,RR", frequencies_hz);
}

static void channels_of_5_1_keep_their_places(void **state)
{
	/* As Opus has them: FL FC FR RL RR LFE. */
	static const double heard_hz[6] = { 300, 700, 500, 1100, 1300, 100 };
	struct world *world = *state;
	struct listener *listener = &world->listener;
	struct audio_stream_params params = listen_to(&world->sound, "session-around");
	params.channels = 6;
	params.frame_us = 10000;
	assert_true(listener_start(listener, world->event, &params));
	play_around(&world->sound);
	for (uint32_t channel = 0; channel < 6; channel++)
		hear(listener, channel, heard_hz[channel], HALF_DB);
	check_stream(listener);
	assert_int_equal(listener->config.frame_us, 10000);
	assert_int_equal(listener->config.head.family, 1);
}

static void stereo_of_5_1_has_all_but_the_bass_channel(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	const struct audio_stream_params params = listen_to(&world->sound, "session-around");
	assert_true(listener_start(listener, world->event, &params));
	play_around(&world->sound);
	hear(listener, 0, 300, HALF_DB);
	hear(listener, 1, 500, HALF_DB);
	hear_among(listener, 0, 700, HALF_DB - 3.01);
	hear_among(listener, 1, 700, HALF_DB - 3.01);
	hear_among(listener, 0, 1100, HALF_DB - 3.01);
	hear_among(listener, 1, 1300, HALF_DB - 3.01);
	assert_true(listener_level_db(listener, 0, 1300) < -35);
	assert_true(listener_level_db(listener, 0, 100) < -35);
	check_stream(listener);
}

static void six_channels_of_a_stereo_sink_are_two(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	params.channels = 6;
	assert_true(listener_start(listener, world->event, &params));
	play_stereo(&world->sound, "session-sink", 440, 1000);
	hear(listener, 0, 440, HALF_DB);
	hear(listener, 2, 1000, HALF_DB);
	assert_true(listener_level_db(listener, 1, 440) < -40);
	assert_true(listener_level_db(listener, 3, 440) < -40);
	check_stream(listener);
}

static void silence_is_one_packet_in_twenty(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	struct audio_stream_stats stats;
	const struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	assert_true(listener_start(listener, world->event, &params));
	assert_true(listener_wait_for_sound(listener, 10 * 240));
	audio_stream_get_stats(listener->stream, &stats);
	assert_true(stats.silent >= 9 * 20 + 1);
	assert_int_equal(stats.packets, (stats.silent + 19) / 20);
	assert_true(listener_peak(listener) < INAUDIBLE);
	/* The times keep count of what was not sent. */
	assert_true(listener->last_ns - listener->first_ns > 9 * 95000000ull);
	check_stream(listener);
}

static void set_default_sink(struct sound_session *sound, const char *value)
{
	const char *const arguments[] = { "pw-metadata", "0", "default.configured.audio.sink",
		value, "Spa:String:JSON", NULL };
	char output[256];
	assert_true(sound_session_ask(sound, arguments, output, sizeof output));
}

static void default_sink_is_followed(void **state)
{
	static const double front_left_hz[6] = { 1000 };
	struct world *world = *state;
	struct listener *listener = &world->listener;
	const struct audio_stream_params params = listen_to(&world->sound, "");
	assert_true(listener_start(listener, world->event, &params));
	assert_true(listener_wait_for_sound(listener, 3 * 240));
	/* In all channels, so that the session manager has nothing to mix. */
	play(&world->sound, "session-around", 6, "FL,FR,FC,LFE,RL,RR", front_left_hz);
	listener_run(listener, 500);
	assert_true(listener_peak(listener) < INAUDIBLE);
	set_default_sink(&world->sound, "{ \"name\": \"session-around\" }");
	hear(listener, 0, 1000, HALF_DB);
	check_stream(listener);
}

static void other_stack_is_not_heard(void **state)
{
	struct world *world = *state;
	struct listener *ours = &world->listener, *theirs = &world->other_listener;
	assert_true(sound_session_start(&world->other_sound));
	const struct audio_stream_params our_params = listen_to(&world->sound, "session-sink");
	const struct audio_stream_params their_params =
		listen_to(&world->other_sound, "session-sink");
	assert_true(listener_start(ours, world->event, &our_params));
	assert_true(listener_start(theirs, world->event, &their_params));
	assert_true(listener_wait_for_sound(theirs, 240));
	/* Ours plays alone, and theirs hears nothing at all, at any moment. */
	play_stereo(&world->sound, "session-sink", 440, 440);
	hear(ours, 0, 440, HALF_DB);
	assert_true(listener_wait_for_sound(theirs, theirs->count + 240));
	assert_true(listener_peak(theirs) < INAUDIBLE);
	sound_session_end_programs(&world->sound);
	wait_for_silence(ours);
	/* And the other way round. */
	play_stereo(&world->other_sound, "session-sink", 5000, 5000);
	hear(theirs, 0, 5000, HALF_DB);
	assert_true(listener_wait_for_sound(ours, 240));
	assert_true(listener_peak(ours) < INAUDIBLE);
	check_stream(ours);
	check_stream(theirs);
}

static void sink_that_goes_is_a_failure_and_no_other_is_heard(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener, *other = &world->other_listener;
	const char *const make[] = { sink_program, "passing-sink", NULL };
	const pid_t maker = sound_session_launch(&world->sound, make);
	assert_true(maker > 0);
	assert_true(sound_session_wait_for_port(&world->sound, "passing-sink:monitor_FL"));
	const struct audio_stream_params params = listen_to(&world->sound, "passing-sink");
	const struct audio_stream_params other_params = listen_to(&world->sound, "session-sink");
	/* Nothing plays into the sink that goes, so that a single sample of the other one's tone would be found. */
	play_stereo(&world->sound, "session-sink", 1000, 1000);
	assert_true(listener_start(other, world->event, &other_params));
	hear(other, 0, 1000, HALF_DB);
	assert_true(listener_start(listener, world->event, &params));
	assert_true(listener_wait_for_sound(listener, 3 * 240));
	sound_session_end(&world->sound, maker);
	assert_true(listener_wait_for_failure(listener));
	assert_non_null(strstr(listener->failed, "passing-sink"));
	listener_run(listener, 500);
	hear(other, 0, 1000, HALF_DB);
	assert_true(listener_peak(listener) < INAUDIBLE);
	assert_int_equal(listener->failures, 1);
	assert_int_equal(listener->faults, 0);
}

static void sound_that_somebody_links_in_is_a_failure(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	char output[256];
	static const char *const link[] = { "pw-link", "session-around:monitor_FL",
		"lodge-listener:input_FL", NULL };
	const struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	assert_true(listener_start(listener, world->event, &params));
	assert_true(listener_wait_for_sound(listener, 240));
	/* What pw-link says of it does not count: a newer one waits for the link, whose end the stream is. */
	sound_session_ask(&world->sound, link, output, sizeof output);
	assert_true(listener_wait_for_failure(listener));
	assert_non_null(strstr(listener->failed, "linked another sound"));
}

static void links_that_somebody_cuts_are_made_again(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	char output[256];
	static const char *const cut[] = { "pw-link", "-d", "session-sink:monitor_FL",
		"lodge-listener:input_FL", NULL };
	const struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	assert_true(listener_start(listener, world->event, &params));
	play_stereo(&world->sound, "session-sink", 440, 1000);
	hear(listener, 0, 440, HALF_DB);
	assert_true(sound_session_ask(&world->sound, cut, output, sizeof output));
	listener_run(listener, 200);
	listener_forget(listener);
	hear(listener, 0, 440, HALF_DB);
	assert_int_equal(listener->failures, 0);
}

static void sink_that_is_not_there_is_a_failure(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	const struct audio_stream_params params = listen_to(&world->sound, "no-such-sink");
	assert_true(listener_start(listener, world->event, &params));
	assert_true(listener_wait_for_failure(listener));
	assert_non_null(strstr(listener->failed, "no-such-sink"));
	assert_int_equal(listener->packets, 0);
}

static void microphone_is_no_sink(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	const struct audio_stream_params params = listen_to(&world->sound, "session-mic");
	assert_true(listener_start(listener, world->event, &params));
	assert_true(listener_wait_for_failure(listener));
}

static void pipewire_that_is_not_there_is_a_failure(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	snprintf(params.sink.pipewire_socket, sizeof params.sink.pipewire_socket, "%s/nothing",
		world->sound.folder);
	assert_true(listener_start(listener, world->event, &params));
	assert_true(listener_wait_for_failure(listener));
	assert_non_null(strstr(listener->failed, params.sink.pipewire_socket));
}

static void pipewire_that_is_killed_is_a_failure(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	assert_true(sound_session_start(&world->other_sound));
	const struct audio_stream_params params = listen_to(&world->other_sound, "session-sink");
	assert_true(listener_start(listener, world->event, &params));
	assert_true(listener_wait_for_sound(listener, 240));
	kill(world->other_sound.pipewire, SIGKILL);
	assert_true(listener_wait_for_failure(listener));
	listener_run(listener, 100);
	assert_int_equal(listener->failures, 1);
	assert_int_equal(listener->faults, 0);
}

static void sizes_that_there_are_not_are_refused(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	params.channels = 3;
	assert_false(listener_start(listener, world->event, &params));
	listener_stop(listener);
	params.channels = 2;
	params.frame_us = 20000;
	assert_false(listener_start(listener, world->event, &params));
	listener_stop(listener);
	params.frame_us = 5000;
	strcpy(params.sink.pipewire_socket, "pipewire-0");
	assert_false(listener_start(listener, world->event, &params));
}

static void bitrate_can_be_changed(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	struct audio_stream_stats before, between, after;
	struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	params.bitrate_kbps = 192;
	assert_true(listener_start(listener, world->event, &params));
	play_stereo(&world->sound, "session-sink", 440, 1000);
	hear(listener, 0, 440, HALF_DB);
	/* A second of each, however long it took to hear the tone. */
	listener_forget(listener);
	audio_stream_get_stats(listener->stream, &before);
	assert_true(listener_wait_for_sound(listener, LISTENER_SECOND));
	audio_stream_get_stats(listener->stream, &between);
	audio_stream_set_bitrate(listener->stream, 48);
	listener_forget(listener);
	assert_true(listener_wait_for_sound(listener, LISTENER_SECOND));
	audio_stream_get_stats(listener->stream, &after);
	const double high =
		(double)(between.bytes - before.bytes) / (double)(between.packets - before.packets);
	const double low =
		(double)(after.bytes - between.bytes) / (double)(after.packets - between.packets);
	assert_true(low < 0.5 * high);
	check_stream(listener);
}

static void streams_that_follow_one_another_all_hear(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	const struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	play_stereo(&world->sound, "session-sink", 440, 440);
	for (int i = 0; i < 20; i++) {
		assert_true(listener_start(listener, world->event, &params));
		assert_true(listener_wait_for_sound(listener, LISTENER_SECOND / 2));
		assert_true(listener_peak(listener) > 0.4);
		listener_stop(listener);
	}
}

/* One asks for more, the other for less, and no stream waits; the second one comes and goes with the listeners. */
static void where_the_quantum_is_steady_streams_that_follow_at_once_all_hear(void **state)
{
	static const double tone_hz[] = { 440, 440 }, none_hz[] = { 0, 0 };
	struct world *world = *state;
	struct sound_session *sound = &world->other_sound;
	struct listener *listener = &world->listener;
	assert_true(sound_session_start_steady(sound));
	const struct audio_stream_params params = listen_to(sound, "session-sink");
	play_in_quanta(sound, "session-sink", 2, "FL,FR", tone_hz, "1024");
	for (int i = 0; i < 20; i++) {
		const pid_t passing =
			play_in_quanta(sound, "session-sink", 2, "FL,FR", none_hz, "64");
		assert_true(listener_start(listener, world->event, &params));
		assert_true(listener_wait_for_sound(listener, LISTENER_SECOND / 2));
		assert_true(listener_peak(listener) > 0.4);
		sound_session_end(sound, passing);
		listener_stop(listener);
	}
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

static void streams_may_end_at_any_moment_and_leave_nothing_open(void **state)
{
	struct world *world = *state;
	struct listener *listener = &world->listener;
	const struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	/* What libraries keep open once they were used stays out of it. */
	assert_true(listener_start(listener, world->event, &params));
	assert_true(listener_wait_for_sound(listener, 240));
	listener_stop(listener);
	const size_t before = open_files();
	for (unsigned i = 0; i < 40; i++) {
		assert_true(listener_start(listener, world->event, &params));
		listener_run(listener, i * 8);
		listener_stop(listener);
	}
	assert_int_equal(open_files(), before);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(tone_comes_out_as_it_went_in, clean_up),
		cmocka_unit_test_teardown(channels_of_5_1_keep_their_places, clean_up),
		cmocka_unit_test_teardown(stereo_of_5_1_has_all_but_the_bass_channel, clean_up),
		cmocka_unit_test_teardown(six_channels_of_a_stereo_sink_are_two, clean_up),
		cmocka_unit_test_teardown(silence_is_one_packet_in_twenty, clean_up),
		cmocka_unit_test_teardown(other_stack_is_not_heard, clean_up),
		cmocka_unit_test_teardown(
			sink_that_goes_is_a_failure_and_no_other_is_heard, clean_up),
		cmocka_unit_test_teardown(sound_that_somebody_links_in_is_a_failure, clean_up),
		cmocka_unit_test_teardown(links_that_somebody_cuts_are_made_again, clean_up),
		cmocka_unit_test_teardown(sink_that_is_not_there_is_a_failure, clean_up),
		cmocka_unit_test_teardown(microphone_is_no_sink, clean_up),
		cmocka_unit_test_teardown(pipewire_that_is_not_there_is_a_failure, clean_up),
		cmocka_unit_test_teardown(pipewire_that_is_killed_is_a_failure, clean_up),
		cmocka_unit_test_teardown(sizes_that_there_are_not_are_refused, clean_up),
		cmocka_unit_test_teardown(bitrate_can_be_changed, clean_up),
		cmocka_unit_test_teardown(streams_that_follow_one_another_all_hear, clean_up),
		cmocka_unit_test_teardown(
			where_the_quantum_is_steady_streams_that_follow_at_once_all_hear, clean_up),
		cmocka_unit_test_teardown(
			streams_may_end_at_any_moment_and_leave_nothing_open, clean_up),
		/* Last: the session keeps its other default. */
		cmocka_unit_test_teardown(default_sink_is_followed, clean_up),
	};
	if (argc < 2) {
		fprintf(stderr, "usage: test-stream LODGE-SOUND-SINK [TEST]\n");
		return 2;
	}
	sink_program = argv[1];
	/* One test alone, by a pattern of its name. */
	if (argc > 2)
		cmocka_set_test_filter(argv[2]);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
