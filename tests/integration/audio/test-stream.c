/*
 * A stream of sound, from the sink of a real private PipeWire to what a listener decodes.
 */
#include <dirent.h>
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
#define TONE_SECONDS 25

struct world {
	struct sound_session sound;
	sd_event *event;
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

static struct audio_stream_params listen_to(const struct sound_session *sound, const char *sink)
{
	struct audio_stream_params params = { 0 };
	snprintf(params.sink.pipewire_socket, sizeof params.sink.pipewire_socket, "%s",
		sound->socket);
	snprintf(params.sink.node, sizeof params.sink.node, "%s", sink);
	return params;
}

/* Plays a sine of half of full scale on each channel. */
static pid_t play(struct sound_session *sound, const char *sink, uint32_t channels, const char *map,
	const double *frequencies_hz)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s-%.0f.wav", sound->folder, sink, frequencies_hz[0]);
	assert_true(tone_write_wav(path, channels, frequencies_hz, 0.5, TONE_SECONDS));
	const char *const arguments[] = { "pw-cat", "--playback", "--target", sink, "--channel-map",
		map, path, NULL };
	const pid_t pid = sound_session_launch(sound, arguments);
	assert_true(pid > 0);
	return pid;
}

static pid_t play_stereo(struct sound_session *sound, const char *sink, double left, double right)
{
	const double frequencies_hz[] = { left, right };
	return play(sound, sink, 2, "FL,FR", frequencies_hz);
}

/* Waits until sound comes that is not silence, then hears two seconds of it. */
static void hear(struct listener *listener)
{
	for (int i = 0; i < 200 && listener_peak(listener) < 0.1; i++)
		listener_run(listener, 50);
	assert_true(listener_peak(listener) > 0.1);
	listener_forget(listener);
	assert_true(listener_wait_for_sound(listener, 2 * LISTENER_SECOND));
}

static void check_stream(const struct listener *listener)
{
	assert_int_equal(listener->configs, 1);
	assert_int_equal(listener->early, 0);
	assert_int_equal(listener->faults, 0);
	assert_int_equal(listener->times_back, 0);
	assert_int_equal(listener->sequence_gaps, 0);
	assert_int_equal(listener->failures, 0);
}

static void tone_comes_out_as_it_went_in(void **state)
{
	struct world *world = *state;
	struct listener listener;
	const struct audio_stream_params params = listen_to(&world->sound, "session-sink");
	assert_true(listener_start(&listener, world->event, &params));
	const pid_t player = play_stereo(&world->sound, "session-sink", 440, 1000);
	hear(&listener);
	assert_float_equal(listener_loudest_hz(&listener, 0), 440, 0.1);
	assert_float_equal(listener_loudest_hz(&listener, 1), 1000, 0.1);
	assert_float_equal(listener_level_db(&listener, 0, 440), HALF_DB, 0.5);
	assert_float_equal(listener_level_db(&listener, 1, 1000), HALF_DB, 0.5);
	assert_true(listener_level_db(&listener, 0, 1000) < -50);
	assert_true(listener_level_db(&listener, 1, 440) < -50);
	check_stream(&listener);
	assert_int_equal(listener.config.frame_us, 5000);
	listener_stop(&listener);
	sound_session_end(&world->sound, player);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tone_comes_out_as_it_went_in),
	};
	if (argc < 2)
		return 2;
	sink_program = argv[1];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
