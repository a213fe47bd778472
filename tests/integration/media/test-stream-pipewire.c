/* A whole stream over a PipeWire node, seen as a client sees it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/wire.h"
#include "lodge_picture.h"
#include "media/clock.h"
#include "media/stream.h"
#include "pipewire_desk.h"

struct viewer {
	struct sound_session session;
	struct pipewire_desk desk;
	sd_event *event;
	struct media_stream *stream;
	struct lodge_picture *picture;
	unsigned nudges, failures, faults;
	char failure[256];
};

static void on_packet(void *data, struct media_packet *packet)
{
	struct viewer *viewer = data;
	if (packet->kind == MEDIA_PACKET_CONFIG) {
		struct wire_message message;
		viewer->faults += wire_decode(packet->data, packet->size, &message) != NULL;
		lodge_picture_configure(
			viewer->picture, message.config.width_px, message.config.height_px);
	} else {
		struct wire_frame frame;
		viewer->faults += wire_frame_decode(packet->data, packet->size, &frame) != NULL;
		viewer->faults +=
			lodge_picture_frame(viewer->picture, &frame) == LODGE_PICTURE_BROKEN;
	}
}

static void on_failed(void *data, const char *text)
{
	struct viewer *viewer = data;
	viewer->failures++;
	snprintf(viewer->failure, sizeof viewer->failure, "%s", text);
}

/* As the owner of a display does: makes the screen change. */
static void on_no_picture(void *data)
{
	struct viewer *viewer = data;
	viewer->nudges++;
	pipewire_desk_paint(&viewer->desk, NULL);
}

static const struct media_stream_events events = { on_packet, on_failed, on_no_picture };

static bool run_until(struct viewer *viewer, bool (*condition)(const struct viewer *viewer))
{
	const uint64_t until_ns = clock_now_ns() + SOUND_SESSION_DEADLINE_MS * 1000000ull;
	while (!condition(viewer)) {
		if (clock_now_ns() >= until_ns || sd_event_run(viewer->event, 20000) < 0)
			return false;
	}
	return true;
}

static bool is_exact(const struct viewer *viewer)
{
	const struct pipewire_desk *desk = &viewer->desk;
	const uint8_t *pixels = lodge_picture_pixels(viewer->picture);
	if (!pixels || lodge_picture_width_px(viewer->picture) != desk->width_px ||
		lodge_picture_height_px(viewer->picture) != desk->height_px)
		return false;
	for (size_t i = 0; i < (size_t)desk->width_px * desk->height_px; i++) {
		uint32_t pixel;
		memcpy(&pixel, pixels + i * sizeof pixel, sizeof pixel);
		if (((pixel ^ desk->pixels[i]) & 0xffffff) != 0)
			return false;
	}
	return true;
}

static bool has_been_nudged(const struct viewer *viewer)
{
	return viewer->nudges > 0;
}

static bool has_failed(const struct viewer *viewer)
{
	return viewer->failures > 0;
}

static void watch(struct viewer *viewer)
{
	const struct media_stream_params params = {
		.source = pipewire_desk_source(&viewer->desk),
		.display = 1,
	};
	viewer->picture = lodge_picture_create();
	assert_non_null(viewer->picture);
	viewer->stream = media_stream_create(viewer->event, &params, &events, viewer);
	assert_non_null(viewer->stream);
}

static void stop_watching(struct viewer *viewer)
{
	media_stream_destroy(viewer->stream);
	lodge_picture_destroy(viewer->picture);
	viewer->stream = NULL;
	viewer->picture = NULL;
}

static int set_up(void **state)
{
	struct viewer *viewer = calloc(1, sizeof *viewer);
	*state = viewer;
	if (sd_event_new(&viewer->event) < 0 || !sound_session_start(&viewer->session) ||
		!pipewire_desk_start(&viewer->desk, &viewer->session, NULL))
		return -1;
	return 0;
}

static int tear_down(void **state)
{
	struct viewer *viewer = *state;
	stop_watching(viewer);
	pipewire_desk_stop(&viewer->desk);
	sound_session_stop(&viewer->session);
	sd_event_unref(viewer->event);
	free(viewer);
	return 0;
}

static void pictures_arrive_exactly(void **state)
{
	struct viewer *viewer = *state;
	const struct video_producer_rect rect = { 40, 50, 90, 20 };
	watch(viewer);
	pipewire_desk_paint(&viewer->desk, NULL);
	assert_true(run_until(viewer, is_exact));
	for (uint32_t i = 0; i < 5; i++) {
		pipewire_desk_fill(&viewer->desk, &rect, 0xff3399ffu + i * 0x101010u);
		assert_false(is_exact(viewer));
		pipewire_desk_paint(&viewer->desk,
			&(struct video_producer_paint){ .damage = { rect }, .damage_count = 1 });
		assert_true(run_until(viewer, is_exact));
	}
	assert_int_equal(viewer->faults, 0);
}

static void pointer_arrives_as_part_of_the_picture(void **state)
{
	struct viewer *viewer = *state;
	const struct video_producer_rect pointer = { 64, 32, 24, 24 };
	watch(viewer);
	pipewire_desk_paint(&viewer->desk, NULL);
	assert_true(run_until(viewer, is_exact));
	pipewire_desk_paint(&viewer->desk,
		&(struct video_producer_paint){ .empty = true,
			.cursor = { .said = true,
				.x = pointer.x,
				.y = pointer.y,
				.width_px = 24,
				.height_px = 24,
				.colour = 0xff112233 } });
	pipewire_desk_fill(&viewer->desk, &pointer, 0xff112233);
	assert_true(run_until(viewer, is_exact));
	assert_int_equal(viewer->faults, 0);
}

static void new_size_arrives(void **state)
{
	struct viewer *viewer = *state;
	watch(viewer);
	pipewire_desk_paint(&viewer->desk, NULL);
	assert_true(run_until(viewer, is_exact));
	viewer->desk.width_px = 500;
	viewer->desk.height_px = 310;
	video_producer_resize(viewer->desk.producer, 500, 310);
	pipewire_desk_paint(&viewer->desk, NULL);
	assert_true(run_until(viewer, is_exact));
	assert_int_equal(viewer->faults, 0);
}

static void owner_of_a_still_screen_is_told_and_nudges(void **state)
{
	struct viewer *viewer = *state;
	watch(viewer);
	pipewire_desk_paint(&viewer->desk, NULL);
	assert_true(run_until(viewer, is_exact));
	stop_watching(viewer);
	viewer->nudges = 0;
	watch(viewer);
	assert_true(run_until(viewer, has_been_nudged));
	assert_true(run_until(viewer, is_exact));
	assert_int_equal(viewer->failures, 0);
}

static void stream_of_a_node_that_vanishes_fails_with_a_sentence(void **state)
{
	struct viewer *viewer = *state;
	watch(viewer);
	pipewire_desk_paint(&viewer->desk, NULL);
	assert_true(run_until(viewer, is_exact));
	pipewire_desk_vanish(&viewer->desk);
	assert_true(run_until(viewer, has_failed));
	assert_int_equal(viewer->failures, 1);
	assert_string_equal(viewer->failure, "the output or its compositor is gone");
}

int main(void)
{
#define STREAM_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		STREAM_TEST(pictures_arrive_exactly),
		STREAM_TEST(pointer_arrives_as_part_of_the_picture),
		STREAM_TEST(new_size_arrives),
		STREAM_TEST(owner_of_a_still_screen_is_told_and_nudges),
		STREAM_TEST(stream_of_a_node_that_vanishes_fails_with_a_sentence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
