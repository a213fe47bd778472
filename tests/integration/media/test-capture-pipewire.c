#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipewire_desk.h"
#include "x_server.h"

#define MODIFIER_TILED 0x0100000000000001u /* I915_FORMAT_MOD_X_TILED */
#define DEADLINE_NS 20000000000u

static const uint32_t red = 0xffcc1122, green = 0xff11cc22, blue = 0xff2211cc;
static const struct video_producer_rect corner = { 10, 20, 30, 40 };

#define DESKS_MAX 3

struct fixture {
	struct sound_session session;
	struct pipewire_desk *desks[DESKS_MAX];
};

static int start_session(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	*state = fixture;
	if (sound_session_start(&fixture->session))
		return 0;
	sound_session_stop(&fixture->session);
	return -1;
}

static int stop_session(void **state)
{
	struct fixture *fixture = *state;
	sound_session_stop(&fixture->session);
	free(fixture);
	return 0;
}

static struct pipewire_desk *desk_in(struct fixture *fixture, struct sound_session *session,
	const struct video_producer_params *params)
{
	size_t at = 0;
	while (fixture->desks[at])
		assert_true(++at < DESKS_MAX);
	fixture->desks[at] = calloc(1, sizeof **fixture->desks);
	assert_true(pipewire_desk_start(fixture->desks[at], session, params));
	return fixture->desks[at];
}

static struct pipewire_desk *desk_with(void **state, const struct video_producer_params *params)
{
	struct fixture *fixture = *state;
	return desk_in(fixture, &fixture->session, params);
}

/* Closes what the test left open, whether it passed or not. */
static int clear(void **state)
{
	struct fixture *fixture = *state;
	for (size_t i = 0; i < DESKS_MAX; i++) {
		if (fixture->desks[i])
			pipewire_desk_stop(fixture->desks[i]);
		free(fixture->desks[i]);
		fixture->desks[i] = NULL;
	}
	return 0;
}

static struct video_producer_paint change_of(const struct video_producer_rect *rect)
{
	return (struct video_producer_paint){ .damage = { *rect }, .damage_count = 1 };
}

/* A frame of what has been painted already. */
static void await_frame(struct capture *capture, struct capture_frame *frame)
{
	assert_int_equal(await_result(capture, frame, SOUND_SESSION_DEADLINE_MS), CAPTURE_FRAME);
}

static void first_picture_is_exact_in_every_format(void **state)
{
	static const enum spa_video_format formats[] = { SPA_VIDEO_FORMAT_BGRx,
		SPA_VIDEO_FORMAT_BGRA, SPA_VIDEO_FORMAT_RGBx, SPA_VIDEO_FORMAT_RGBA };
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		struct pipewire_desk *desk =
			desk_with(state, &(struct video_producer_params){ .format = formats[i] });
		struct capture *capture = pipewire_desk_capture(desk);
		struct capture_frame frame;
		pipewire_desk_show(desk, NULL, capture, &frame);
		assert_true(shows(desk, &frame));
		assert_null(frame.previous);
		assert_string_equal(capture_protocol(capture), "pipewire");
		clear(state);
	}
}

static void change_comes_with_its_damage_and_the_picture_before(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, capture, &frame);
	const uint32_t before = pixel_at(&frame, 10, 20);
	for (uint32_t i = 0; i < 5; i++) {
		const struct video_producer_rect rect = { 10 + (int32_t)i * 50, 20, 30, 40 };
		pipewire_desk_fill(desk, &rect, red + i);
		const struct video_producer_paint paint = change_of(&rect);
		pipewire_desk_show(desk, &paint, capture, &frame);
		assert_true(shows(desk, &frame));
		assert_int_equal(frame.damage_count, 1);
		assert_int_equal(frame.damage[0].x, rect.x);
		assert_int_equal(frame.damage[0].y, rect.y);
		assert_int_equal(frame.damage[0].width, rect.width_px);
		assert_int_equal(frame.damage[0].height, rect.height_px);
		assert_non_null(frame.previous);
		if (i == 0) {
			uint32_t pixel;
			memcpy(&pixel, frame.previous + 20 * frame.stride + 10 * 4, sizeof pixel);
			assert_int_equal(pixel & 0xffffff, before);
		}
	}
}

static void damage_outside_the_picture_is_cut_off(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, capture, &frame);
	const struct video_producer_rect visible = { 0, 0, 8, 8 };
	pipewire_desk_fill(desk, &visible, blue);
	const struct video_producer_paint paint = {
		.damage = { { -100, -100, 108, 108 }, { 5000, 5000, 9, 9 } },
		.damage_count = 2,
	};
	pipewire_desk_show(desk, &paint, capture, &frame);
	assert_true(shows(desk, &frame));
	assert_int_equal(frame.damage_count, 1);
	assert_int_equal(frame.damage[0].width, 8);
	assert_int_equal(frame.damage[0].height, 8);
}

static void change_without_damage_is_all_of_the_picture(void **state)
{
	static const bool without[] = { true, false };
	for (size_t i = 0; i < 2; i++) {
		struct pipewire_desk *desk = desk_with(
			state, &(struct video_producer_params){ .without_metadata = without[i] });
		struct capture *capture = pipewire_desk_capture(desk);
		struct capture_frame frame;
		for (uint32_t picture = 0; picture < 3; picture++) {
			const struct video_producer_rect rect = { (int32_t)picture * 60, 0, 50,
				50 };
			pipewire_desk_fill(desk, &rect, green);
			pipewire_desk_show(desk, NULL, capture, &frame);
			assert_true(shows(desk, &frame));
			assert_int_equal(frame.damage_count, 0);
		}
		clear(state);
	}
}

static void newest_counts_when_pictures_come_unasked(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, capture, &frame);
	/* Not armed: more pictures than the node has buffers, each with damage of its own. */
	for (uint32_t i = 0; i < 12; i++) {
		const struct video_producer_rect rect = { (int32_t)i * 20, (int32_t)i * 10, 10, 5 };
		pipewire_desk_fill(desk, &rect, green + i);
		const struct video_producer_paint paint = change_of(&rect);
		pipewire_desk_paint(desk, &paint);
		assert_int_equal(capture_dispatch(capture, &frame), CAPTURE_NOTHING);
		usleep(2000);
	}
	do
		await_frame(capture, &frame);
	while (pixel_at(&frame, 220, 110) != ((green + 11) & 0xffffff));
	assert_true(shows(desk, &frame));
	await_silence(capture);
}

static void none_of_many_changes_is_lost(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, capture, &frame);
	for (uint32_t i = 0; i < 500; i++) {
		const struct video_producer_rect rect = { (int32_t)(i * 7 % 310),
			(int32_t)(i * 3 % 190), 10, 10 };
		const struct video_producer_paint paint = change_of(&rect);
		pipewire_desk_fill(desk, &rect, i * 2654435761u);
		pipewire_desk_paint(desk, &paint);
		await_frame(capture, &frame);
		assert_true(shows(desk, &frame));
	}
}

static void picture_that_was_left_out_makes_all_of_the_next_new(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, capture, &frame);
	/* Changed in the picture that never came. */
	pipewire_desk_fill(desk, &corner, red);
	const struct video_producer_rect other = { 100, 100, 10, 10 };
	pipewire_desk_fill(desk, &other, blue);
	struct video_producer_paint paint = change_of(&other);
	paint.sequence_jumps = true;
	pipewire_desk_show(desk, &paint, capture, &frame);
	assert_true(shows(desk, &frame));
}

static void buffers_without_pixels_are_passed_over(void **state)
{
	const struct video_producer_paint useless[] = {
		{ .empty = true },
		{ .corrupted = true },
		{ .corrupted_header = true },
		{ .misplaced = true },
	};
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, capture, &frame);
	for (size_t i = 0; i < sizeof useless / sizeof *useless; i++) {
		struct video_producer_paint paint = useless[i];
		uint32_t garbage[DESK_WIDTH * DESK_HEIGHT];
		memset(garbage, 0x5a, sizeof garbage);
		paint.pixels = garbage;
		pipewire_desk_paint(desk, &paint);
		await_silence(capture);
		pipewire_desk_fill(desk, &corner, green + (uint32_t)i);
		paint = change_of(&corner);
		pipewire_desk_show(desk, &paint, capture, &frame);
		assert_true(shows(desk, &frame));
	}
}

static void size_changes_while_capturing(void **state)
{
	static const struct {
		uint32_t width_px, height_px;
	} sizes[] = { { 639, 479 }, { 64, 64 }, { 640, 480 } };
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, capture, &frame);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		desk->width_px = sizes[i].width_px;
		desk->height_px = sizes[i].height_px;
		video_producer_resize(desk->producer, desk->width_px, desk->height_px);
		pipewire_desk_show(desk, NULL, capture, &frame);
		assert_true(shows(desk, &frame));
		assert_null(frame.previous);
	}
}

static void await_gone(struct capture *capture)
{
	struct capture_frame frame;
	enum capture_result result;
	do
		result = await_result(capture, &frame, SOUND_SESSION_DEADLINE_MS);
	while (result == CAPTURE_FRAME || result == CAPTURE_STILL);
	assert_int_equal(result, CAPTURE_GONE);
}

static void node_that_vanishes_is_gone_and_no_other_takes_its_place(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct pipewire_desk *other =
		desk_with(state, &(struct video_producer_params){ .node_name = "other" });
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	const struct video_producer_rect all = { 0, 0, DESK_WIDTH, DESK_HEIGHT };
	pipewire_desk_fill(other, &all, red);
	pipewire_desk_show(desk, NULL, capture, &frame);
	pipewire_desk_vanish(desk);
	/* A node of the same name at once: it may get the same id, and is another one all the same. */
	struct pipewire_desk *again = desk_with(state, NULL);
	await_gone(capture);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(await_result(capture, &frame, 1), CAPTURE_GONE);
		assert_false(video_producer_is_streaming(other->producer));
		assert_false(video_producer_is_streaming(again->producer));
		usleep(5000);
	}
}

static void daemon_that_dies_is_gone(void **state)
{
	struct sound_session own;
	assert_true(sound_session_start(&own));
	struct pipewire_desk *desk = desk_in(*state, &own, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, capture, &frame);
	assert_int_equal(kill(own.pipewire, SIGKILL), 0);
	await_gone(capture);
	clear(state);
	sound_session_stop(&own);
}

static void still_screen_is_told_of_until_a_picture_comes(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, capture, &frame);
	await_silence(capture);
	pipewire_desk_close(desk, capture);
	/* The node stays as it is, and so does its screen. */
	capture = pipewire_desk_capture(desk);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			await_result(capture, &frame, SOUND_SESSION_DEADLINE_MS), CAPTURE_STILL);
	pipewire_desk_paint(desk, NULL);
	enum capture_result result;
	do
		result = await_result(capture, &frame, SOUND_SESSION_DEADLINE_MS);
	while (result == CAPTURE_STILL); /* said before the picture came */
	assert_int_equal(result, CAPTURE_FRAME);
	assert_true(shows(desk, &frame));
	await_silence(capture);
	assert_int_equal(await_result(capture, &frame, 2000), CAPTURE_NOTHING);
}

static void two_captures_of_one_node_get_the_same_pictures(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *first = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, first, &frame);
	struct capture *second = pipewire_desk_capture(desk);
	for (uint32_t i = 0; i < 10; i++) {
		/* The second knows nothing yet: to it, all of the first one is new. */
		pipewire_desk_fill(desk, &corner, blue + i);
		const struct video_producer_paint paint = change_of(&corner);
		pipewire_desk_show(desk, &paint, second, &frame);
		assert_true(shows(desk, &frame));
		do /* the second may have had the one before twice, and so the first */
			await_frame(first, &frame);
		while (!shows(desk, &frame));
	}
	pipewire_desk_close(desk, first);
	pipewire_desk_fill(desk, &corner, red);
	pipewire_desk_show(desk, NULL, second, &frame);
	assert_true(shows(desk, &frame));
}

/* Draws an opaque pointer into a copy of the desk's picture. */
static struct pipewire_desk *with_pointer(
	const struct pipewire_desk *desk, const struct video_producer_rect *rect, uint32_t colour)
{
	struct pipewire_desk *expected = malloc(sizeof *expected);
	*expected = *desk;
	pipewire_desk_fill(expected, rect, colour);
	return expected;
}

static void assert_pointer(const struct pipewire_desk *desk, const struct capture_frame *frame,
	const struct video_producer_rect *rect, uint32_t colour)
{
	struct pipewire_desk *expected = with_pointer(desk, rect, colour);
	const bool right = shows(expected, frame);
	free(expected);
	assert_true(right);
}

static void pointer_of_the_metadata_is_drawn_moved_and_erased(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	struct video_producer_paint paint = {
		.cursor = { .said = true,
			.x = 105,
			.y = 55,
			.hotspot_x = 5,
			.hotspot_y = 5,
			.width_px = 24,
			.height_px = 16,
			.colour = green },
	};
	pipewire_desk_show(desk, &paint, capture, &frame);
	assert_pointer(desk, &frame, &(struct video_producer_rect){ 100, 50, 24, 16 }, green);
	/* Moves, without pixels and without a new image. */
	for (int32_t x = 110; x < 300; x += 37) {
		paint = (struct video_producer_paint){ .empty = true,
			.corrupted = true,
			.cursor = { .said = true, .x = x, .y = 60 } };
		pipewire_desk_show(desk, &paint, capture, &frame);
		assert_pointer(
			desk, &frame, &(struct video_producer_rect){ x - 5, 55, 24, 16 }, green);
		assert_int_equal(frame.damage_count, 2);
	}
	/* The picture changes under it. */
	const struct video_producer_rect under = { 280, 50, 30, 30 };
	const int32_t x = 295;
	pipewire_desk_fill(desk, &under, red);
	paint = change_of(&under);
	paint.cursor = (struct video_producer_cursor){ .said = true, .x = x, .y = 60 };
	pipewire_desk_show(desk, &paint, capture, &frame);
	assert_pointer(desk, &frame, &(struct video_producer_rect){ x - 5, 55, 24, 16 }, green);
	paint = (struct video_producer_paint){ .empty = true,
		.cursor = { .said = true, .hidden = true } };
	pipewire_desk_show(desk, &paint, capture, &frame);
	assert_true(shows(desk, &frame));
	/* And both pictures forgot it. */
	pipewire_desk_fill(desk, &corner, blue);
	paint = change_of(&corner);
	pipewire_desk_show(desk, &paint, capture, &frame);
	assert_true(shows(desk, &frame));
}

/* Frames until a pixel has the colour: the place and the image of a pointer may come one after the other. */
static void await_pixel(struct capture *capture, struct capture_frame *frame, uint32_t x,
	uint32_t y, uint32_t colour)
{
	do
		await_frame(capture, frame);
	while (pixel_at(frame, x, y) != (colour & 0xffffff));
}

static void await_pointer_at(struct pipewire_desk *desk, struct capture *capture,
	struct x_server *server, int16_t x, int16_t y)
{
	const struct video_producer_rect rect = { x - X_SERVER_CURSOR_HOTSPOT,
		y - X_SERVER_CURSOR_HOTSPOT, X_SERVER_CURSOR_PX, X_SERVER_CURSOR_PX };
	struct pipewire_desk *expected = with_pointer(desk, &rect, X_SERVER_CURSOR_COLOUR);
	struct capture_frame frame;
	x_server_move(server, x, y);
	await_pixel(capture, &frame, (uint32_t)rect.x, (uint32_t)rect.y, X_SERVER_CURSOR_COLOUR);
	const bool right = shows(expected, &frame);
	free(expected);
	assert_true(right);
}

static void pointer_of_an_x_server_is_drawn_moved_and_erased(void **state)
{
	struct x_server server;
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture_frame frame;
	assert_true(x_server_start(&server));
	x_server_move(&server, 30, 40);
	x_server_set_cursor(&server, true);
	x_server_settle(&server);
	memcpy(desk->x_display, server.display, sizeof desk->x_display);
	struct capture *capture = pipewire_desk_capture(desk);
	pipewire_desk_show(desk, NULL, capture, &frame);
	/* The screen is still; only the pointer moves. */
	for (int16_t x = 60; x < 240; x += 60)
		await_pointer_at(desk, capture, &server, x, 90);
	x_server_set_cursor(&server, false);
	await_pixel(capture, &frame, 180, 90, desk->pixels[90 * DESK_WIDTH + 180]);
	assert_true(shows(desk, &frame));
	/* The X server goes; the pictures do not. */
	x_server_set_cursor(&server, true);
	await_pointer_at(desk, capture, &server, 200, 50);
	x_server_stop(&server);
	await_pixel(capture, &frame, 200, 50, desk->pixels[50 * DESK_WIDTH + 200]);
	assert_true(shows(desk, &frame));
	const struct video_producer_paint paint = change_of(&corner);
	pipewire_desk_fill(desk, &corner, blue);
	pipewire_desk_show(desk, &paint, capture, &frame);
	assert_true(shows(desk, &frame));
}

static void time_of_the_picture_is_the_producers_if_it_is_fresh(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	struct timespec now;
	pipewire_desk_show(desk, NULL, capture, &frame);
	clock_gettime(CLOCK_MONOTONIC, &now);
	const int64_t now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	/* A minute old, as on a screen that was still: the host's own clock then. */
	pipewire_desk_show(desk, &(struct video_producer_paint){ .pts_ns = now_ns - 60000000000 },
		capture, &frame);
	assert_true(frame.capture_ns >= (uint64_t)now_ns);
	/* The deadline of belief is short: try until the picture is taken within it. */
	bool believed = false;
	for (int i = 0; i < 100 && !believed; i++) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		const int64_t pts_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
		pipewire_desk_show(
			desk, &(struct video_producer_paint){ .pts_ns = pts_ns }, capture, &frame);
		believed = frame.capture_ns == (uint64_t)pts_ns;
	}
	assert_true(believed);
}

static void upper_bound_of_the_rate_is_turned_off(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	pipewire_desk_capture(desk);
	pipewire_desk_await_consumer(desk);
	assert_int_equal(video_producer_max_rate(desk->producer).num, 0);
}

static void linear_dma_bufs_are_read(void **state)
{
	if (!video_producer_has_dma_bufs())
		print_message("# cannot run here: dma-bufs of the kernel (no /dev/udmabuf); memory "
			      "files stand in for them\n");
	struct pipewire_desk *desk = desk_with(
		state, &(struct video_producer_params){ .modifier_offered = true, .modifier = 0 });
	struct capture *capture = pipewire_desk_capture(desk);
	struct capture_frame frame;
	pipewire_desk_show(desk, NULL, capture, &frame);
	assert_true(shows(desk, &frame));
	/* Some producers leave the size of a dma-buf at zero. */
	pipewire_desk_fill(desk, &corner, red);
	pipewire_desk_show(desk, &(struct video_producer_paint){ .empty = true }, capture, &frame);
	assert_true(shows(desk, &frame));
}

static void assert_refused(const struct video_source *source, const char *sentence)
{
	const char *fault = NULL;
	assert_null(capture_open(source, DEADLINE_NS, &fault));
	assert_non_null(fault);
	if (!strstr(fault, sentence))
		fail_msg("the sentence is: %s", fault);
}

static void format_that_cannot_be_read_is_refused_with_a_sentence(void **state)
{
	static const struct video_producer_params unreadable[] = {
		{ .modifier_offered = true, .modifier = MODIFIER_TILED },
		{ .format = SPA_VIDEO_FORMAT_YUY2 },
	};
	for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
		struct pipewire_desk *desk = desk_with(state, &unreadable[i]);
		const struct video_source source = pipewire_desk_source(desk);
		assert_refused(&source, "no format that can be read");
		clear(state);
	}
}

static void missing_node_and_missing_daemon_are_refused_with_a_sentence(void **state)
{
	struct pipewire_desk *desk = desk_with(state, NULL);
	struct video_source source = pipewire_desk_source(desk);
	strcpy(source.node_name, "nobody");
	assert_refused(&source, "no video node of that name");
	desk_with(state, NULL);
	source = pipewire_desk_source(desk);
	assert_refused(&source, "several video nodes of that name");
	strcpy(source.pipewire_socket, "/tmp/lodge-no-pipewire-here");
	assert_refused(&source, "socket does not answer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(first_picture_is_exact_in_every_format, clear),
		cmocka_unit_test_teardown(
			change_comes_with_its_damage_and_the_picture_before, clear),
		cmocka_unit_test_teardown(damage_outside_the_picture_is_cut_off, clear),
		cmocka_unit_test_teardown(change_without_damage_is_all_of_the_picture, clear),
		cmocka_unit_test_teardown(newest_counts_when_pictures_come_unasked, clear),
		cmocka_unit_test_teardown(none_of_many_changes_is_lost, clear),
		cmocka_unit_test_teardown(
			picture_that_was_left_out_makes_all_of_the_next_new, clear),
		cmocka_unit_test_teardown(buffers_without_pixels_are_passed_over, clear),
		cmocka_unit_test_teardown(size_changes_while_capturing, clear),
		cmocka_unit_test_teardown(
			node_that_vanishes_is_gone_and_no_other_takes_its_place, clear),
		cmocka_unit_test_teardown(daemon_that_dies_is_gone, clear),
		cmocka_unit_test_teardown(still_screen_is_told_of_until_a_picture_comes, clear),
		cmocka_unit_test_teardown(two_captures_of_one_node_get_the_same_pictures, clear),
		cmocka_unit_test_teardown(pointer_of_the_metadata_is_drawn_moved_and_erased, clear),
		cmocka_unit_test_teardown(pointer_of_an_x_server_is_drawn_moved_and_erased, clear),
		cmocka_unit_test_teardown(
			time_of_the_picture_is_the_producers_if_it_is_fresh, clear),
		cmocka_unit_test_teardown(upper_bound_of_the_rate_is_turned_off, clear),
		cmocka_unit_test_teardown(linear_dma_bufs_are_read, clear),
		cmocka_unit_test_teardown(
			format_that_cannot_be_read_is_refused_with_a_sentence, clear),
		cmocka_unit_test_teardown(
			missing_node_and_missing_daemon_are_refused_with_a_sentence, clear),
	};
	return cmocka_run_group_tests(tests, start_session, stop_session);
}
