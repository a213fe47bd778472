#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/stream.h"
#include "session/fanout.h"
#include "session/host.h"

#define MEBIBYTE (1024u * 1024u)
#define DEADLINE_US 20000000u

/* The media room, as far as the fanout asks: it makes what the test says, and notes what is wished. */
struct media_stream {
	const struct media_stream_events *events;
	void *data;
	unsigned keyframes_asked;
	uint32_t kbps, rate_mhz;
};

static struct media_stream *the_stream;
static unsigned streams_made, streams_open;

struct media_stream *media_stream_create(sd_event *event, const struct media_stream_params *params,
	const struct media_stream_events *events, void *data)
{
	struct media_stream *stream = calloc(1, sizeof *stream);
	stream->events = events;
	stream->data = data;
	the_stream = stream;
	streams_made++;
	streams_open++;
	return stream;
}

void media_stream_destroy(struct media_stream *stream)
{
	streams_open--;
	free(stream);
}

void media_stream_request_keyframe(struct media_stream *stream)
{
	stream->keyframes_asked++;
}

void media_stream_set_bitrate(struct media_stream *stream, uint32_t kbps)
{
	stream->kbps = kbps;
}

void media_stream_set_frame_rate(struct media_stream *stream, uint32_t rate_mhz)
{
	stream->rate_mhz = rate_mhz;
}

struct viewer {
	struct fanout_subscriber subscriber;
	size_t queued; /* what its transport says of itself */
	unsigned frames, keyframes, failures;
	uint32_t stills;
};

static void viewer_send_packet(void *transport, struct media_packet *packet)
{
	struct viewer *viewer = transport;
	viewer->frames++;
	viewer->keyframes += packet->keyframe;
}

static size_t viewer_queued(void *transport)
{
	const struct viewer *viewer = transport;
	return viewer->queued;
}

static void viewer_failed(void *data, const char *text)
{
	struct viewer *viewer = data;
	viewer->failures++;
}

static void viewer_still(void *data)
{
	struct viewer *viewer = data;
	viewer->stills++;
}

struct world {
	sd_event *event;
	struct fanout *fanout;
	uint32_t sequence;
	struct viewer viewers[3];
};

static const struct display_info display = {
	.slot = 1,
	.generation = 7,
	.output = { .mode = { 1280, 720, 60000, 100 } },
};

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	streams_made = 0;
	assert_int_equal(sd_event_new(&world->event), 0);
	world->fanout = fanout_create(world->event);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	for (size_t i = 0; i < 3; i++)
		fanout_unsubscribe(&world->viewers[i].subscriber);
	assert_int_equal(streams_open, 0);
	fanout_destroy(world->fanout);
	sd_event_unref(world->event);
	free(world);
	return 0;
}

static struct viewer *join_display(
	struct world *world, size_t index, const struct display_info *info)
{
	static const struct session_transport_impl impl = {
		.send_packet = viewer_send_packet,
		.queued_bytes = viewer_queued,
	};
	struct viewer *viewer = &world->viewers[index];
	viewer->subscriber.impl = &impl;
	viewer->subscriber.transport = viewer;
	viewer->subscriber.failed = viewer_failed;
	viewer->subscriber.still = viewer_still;
	viewer->subscriber.data = viewer;
	assert_int_equal(fanout_subscribe(world->fanout, &viewer->subscriber, info), 0);
	return viewer;
}

static struct viewer *join(struct world *world, size_t index)
{
	return join_display(world, index, &display);
}

/* One whose compositor sends pictures when something is drawn, and at no other time. */
static struct viewer *join_still(struct world *world, size_t index)
{
	struct display_info info = display;
	info.output.source.kind = VIDEO_SOURCE_PIPEWIRE;
	return join_display(world, index, &info);
}

static void make_frame(struct world *world, bool keyframe)
{
	struct media_packet packet = {
		.kind = MEDIA_PACKET_FRAME,
		.keyframe = keyframe,
		.sequence = world->sequence++,
		.size = 1000,
	};
	the_stream->events->packet(the_stream->data, &packet);
}

/* Runs the loop until the value is above the floor. */
static void run_until_above(struct world *world, const uint32_t *value, uint32_t least)
{
	for (unsigned turn = 0; *value <= least && turn < DEADLINE_US / 100000; turn++)
		assert_true(sd_event_run(world->event, 100000) >= 0);
	assert_true(*value > least);
}

static void all_who_watch_a_display_share_one_stream(void **state)
{
	struct world *world = *state;
	join(world, 0);
	join(world, 1);
	join(world, 2);
	assert_int_equal(streams_made, 1);
	struct stream_state states[4];
	assert_int_equal(fanout_list(world->fanout, states, 4), 1);
	assert_int_equal(states[0].subscribers, 3);
	assert_int_equal(states[0].slot, 1);
	make_frame(world, true);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(world->viewers[i].keyframes, 1);
}

static void a_joiner_starts_with_a_keyframe_of_its_own(void **state)
{
	struct world *world = *state;
	struct viewer *first = join(world, 0);
	make_frame(world, true);
	const unsigned asked = the_stream->keyframes_asked;
	struct viewer *second = join(world, 1);
	assert_int_equal(the_stream->keyframes_asked, asked + 1);
	make_frame(world, false);
	assert_int_equal(first->frames, 2);
	assert_int_equal(second->frames, 0);
	make_frame(world, true);
	make_frame(world, false);
	assert_int_equal(second->frames, 2);
}

static void a_slow_viewer_loses_frames_and_the_others_lose_nothing(void **state)
{
	struct world *world = *state;
	struct viewer *fast = join(world, 0), *slow = join(world, 1);
	make_frame(world, true);
	the_stream->kbps = 0;
	slow->queued = 2 * MEBIBYTE;
	for (unsigned i = 0; i < 10; i++)
		make_frame(world, false);
	assert_int_equal(fast->frames, 11);
	assert_int_equal(slow->frames, 1);
	assert_int_equal(slow->subscriber.dropped, 10);
	assert_int_equal(the_stream->kbps, 0); /* the picture of the fast one does not shrink */
	slow->queued = 0;
	const unsigned asked = the_stream->keyframes_asked;
	fanout_drained(&slow->subscriber);
	assert_int_equal(the_stream->keyframes_asked, asked + 1);
	make_frame(world, true);
	assert_int_equal(slow->frames, 2);
}

static void a_stream_whose_only_viewer_falls_behind_shrinks_and_grows_back(void **state)
{
	struct world *world = *state;
	struct viewer *viewer = join(world, 0);
	fanout_limit(&viewer->subscriber, 10000, 0);
	assert_int_equal(the_stream->kbps, 10000);
	make_frame(world, true);
	viewer->queued = 2 * MEBIBYTE;
	make_frame(world, false);
	const uint32_t shrunk = the_stream->kbps;
	assert_true(shrunk < 10000);
	make_frame(world, false); /* once for each fall, not for each frame */
	assert_int_equal(the_stream->kbps, shrunk);
	viewer->queued = 0;
	fanout_drained(&viewer->subscriber);
	make_frame(world, true);
	run_until_above(world, &the_stream->kbps, shrunk);
	assert_true(the_stream->kbps <= 10000);
}

static void the_one_that_wants_most_bounds_the_stream(void **state)
{
	struct world *world = *state;
	struct viewer *one = join(world, 0), *two = join(world, 1);
	fanout_limit(&one->subscriber, 5000, 30000);
	assert_int_equal(the_stream->kbps, 0); /* the other one leaves it to the host */
	fanout_limit(&two->subscriber, 8000, 24000);
	assert_int_equal(the_stream->kbps, 8000);
	assert_int_equal(the_stream->rate_mhz, 30000);
	fanout_unsubscribe(&two->subscriber);
	assert_int_equal(the_stream->kbps, 5000);
}

static void a_viewer_that_asks_again_and_again_gets_one_keyframe_at_a_time(void **state)
{
	struct world *world = *state;
	struct viewer *viewer = join(world, 0);
	make_frame(world, true);
	const unsigned asked = the_stream->keyframes_asked;
	for (unsigned i = 0; i < 50; i++)
		fanout_request_keyframe(&viewer->subscriber);
	assert_int_equal(the_stream->keyframes_asked, asked + 1);
}

static void an_acknowledgement_of_a_frame_that_was_never_sent_is_nothing(void **state)
{
	struct world *world = *state;
	struct viewer *viewer = join(world, 0);
	make_frame(world, true);
	fanout_acknowledge(&viewer->subscriber, 4000000000u, 1);
	assert_false(viewer->subscriber.acknowledges);
	fanout_acknowledge(&viewer->subscriber, 0, 1);
	assert_true(viewer->subscriber.acknowledges);
}

static void the_failure_of_a_stream_reaches_each_viewer_once(void **state)
{
	struct world *world = *state;
	join(world, 0);
	join(world, 1);
	the_stream->events->failed(the_stream->data, "the output is gone");
	the_stream->events->failed(the_stream->data, "the output is gone");
	for (unsigned i = 0; i < 4; i++)
		sd_event_run(world->event, 0);
	assert_int_equal(world->viewers[0].failures, 1);
	assert_int_equal(world->viewers[1].failures, 1);
	assert_int_equal(streams_open, 0);
}

static void a_screen_that_gives_no_picture_is_to_be_drawn_soon_after_the_start(void **state)
{
	struct world *world = *state;
	struct viewer *viewer = join_still(world, 0);
	assert_int_equal(viewer->stills, 0);
	run_until_above(world, &viewer->stills, 0);
	assert_int_equal(viewer->stills, 1);
	/* One of those who look asks for all of them. */
	struct viewer *second = join_still(world, 1);
	the_stream->events->no_picture(the_stream->data);
	assert_int_equal(viewer->stills + second->stills, 2);
}

/* Whatever the loop had to do until a time that lies behind the stream's own look has been done. */
static int note_time(sd_event_source *source, uint64_t usec, void *data)
{
	*(uint32_t *)data = 1;
	return 0;
}

static void a_screen_that_has_given_its_picture_is_left_alone(void **state)
{
	struct world *world = *state;
	uint32_t passed = 0;
	struct viewer *moving = join_still(world, 0);
	make_frame(world, true);
	assert_true(sd_event_add_time_relative(world->event, NULL, CLOCK_MONOTONIC, 300000, 0,
			    note_time, &passed) >= 0);
	run_until_above(world, &passed, 0);
	assert_int_equal(moving->stills, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(all_who_watch_a_display_share_one_stream),
		TEST(a_joiner_starts_with_a_keyframe_of_its_own),
		TEST(a_slow_viewer_loses_frames_and_the_others_lose_nothing),
		TEST(a_stream_whose_only_viewer_falls_behind_shrinks_and_grows_back),
		TEST(the_one_that_wants_most_bounds_the_stream),
		TEST(a_viewer_that_asks_again_and_again_gets_one_keyframe_at_a_time),
		TEST(an_acknowledgement_of_a_frame_that_was_never_sent_is_nothing),
		TEST(the_failure_of_a_stream_reaches_each_viewer_once),
		TEST(a_screen_that_gives_no_picture_is_to_be_drawn_soon_after_the_start),
		TEST(a_screen_that_has_given_its_picture_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
