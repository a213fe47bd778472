/*
 * floor: what a keystroke costs when nothing but the work itself is left: no session, no network, no second thread.
 *
 * It presses a key on a compositor through the product's injector, captures the output through the product's capture, encodes what
 * changed as the product does and decodes it as the probe does, and prints how long each step took. What lodged takes beyond the sum
 * is lodged's own.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <systemd/sd-event.h>

#include "clock.h"
#include "core/wire.h"
#include "input/injector.h"
#include "lodge_picture.h"
#include "media/capture.h"
#include "media/packet_pool.h"
#include "media/picture.h"
#include "process.h"
#include "samples.h"

#define MS 1000000u
#define REST_LEAST_NS (40 * (uint64_t)MS)
#define REST_SPREAD_NS (20 * (uint64_t)MS)
#define GIVE_UP_NS (1000 * (uint64_t)MS)
#define OPEN_NS (2000 * (uint64_t)MS)
#define SETTLE_NS (500 * (uint64_t)MS)
#define LUMA_STEP 64
#define KEY_A 30
#define BITRATE_KBPS 20000

struct floor {
	sd_event *event;
	struct input_desktop *desktop;
	struct injector *injector;
	struct capture *capture;
	struct capture_frame frame;
	bool has_frame;
	struct picture *picture;
	struct media_packet_pool *pool;
	struct lodge_picture *decoded;

	uint32_t rate_mhz, at_x_permille, at_y_permille, keystrokes;
	/* of the keystroke at hand */
	bool watching;
	uint8_t luma;
	uint64_t pressed_ns, captured_ns, encode_ns, decode_ns, decoded_ns;
	struct samples capture_ms, encode_ms, decode_ms, sum_ms;
	uint32_t lost;
};

static uint8_t captured_luma(const struct floor *floor)
{
	const struct capture_frame *frame = &floor->frame;
	const size_t x = frame->width_px * floor->at_x_permille / 1000;
	const size_t y = frame->height_px * floor->at_y_permille / 1000;
	const uint8_t *pixel = frame->pixels + y * frame->stride + x * 4;
	return (uint8_t)((29u * pixel[0] + 150u * pixel[1] + 77u * pixel[2]) >> 8);
}

static uint8_t decoded_luma(const struct floor *floor)
{
	return lodge_picture_luma(floor->decoded,
		lodge_picture_width_px(floor->decoded) * floor->at_x_permille / 1000,
		lodge_picture_height_px(floor->decoded) * floor->at_y_permille / 1000);
}

static void decode(struct floor *floor, const struct media_packet *packet)
{
	struct wire_message message;
	struct wire_frame frame;
	if (packet->kind == MEDIA_PACKET_CONFIG) {
		if (!wire_decode(packet->data, packet->size, &message))
			lodge_picture_configure(
				floor->decoded, message.config.width_px, message.config.height_px);
	} else if (!wire_frame_decode(packet->data, packet->size, &frame)) {
		lodge_picture_frame(floor->decoded, &frame);
	}
}

/* A packet in, decoded at once; the time that decoding took is not the encoder's. */
static bool on_packet(void *data, struct media_packet *packet)
{
	struct floor *floor = data;
	const uint64_t begin_ns = measure_now_ns();
	decode(floor, packet);
	const uint64_t end_ns = measure_now_ns();
	media_packet_unref(packet);
	floor->decode_ns += end_ns - begin_ns;
	if (floor->watching && !floor->decoded_ns &&
		abs(decoded_luma(floor) - floor->luma) > LUMA_STEP) {
		floor->decoded_ns = end_ns;
		floor->encode_ns = end_ns - floor->captured_ns - floor->decode_ns;
	}
	return true;
}

static bool take_picture(struct floor *floor)
{
	switch (capture_dispatch(floor->capture, &floor->frame)) {
	case CAPTURE_GONE:
		return false;
	case CAPTURE_FRAME:
		break;
	default:
		return true;
	}
	floor->captured_ns = measure_now_ns();
	floor->decode_ns = 0;
	if (floor->watching && abs(captured_luma(floor) - floor->luma) <= LUMA_STEP)
		floor->captured_ns = 0; /* not the one: an animation beside it */
	const bool first = !floor->has_frame;
	floor->has_frame = true;
	return picture_update(floor->picture, &floor->frame, first);
}

/* One turn of what the product's media thread does. False when the compositor is gone. */
static bool turn(struct floor *floor, uint64_t until_ns)
{
	if (!take_picture(floor))
		return false;
	uint64_t now_ns = measure_now_ns(), due_ns = until_ns;
	if (floor->has_frame && now_ns >= picture_refine_due_ns(floor->picture))
		picture_refine(floor->picture, &floor->frame, now_ns);
	if (!capture_is_armed(floor->capture))
		capture_arm(floor->capture);
	if (!capture_flush(floor->capture))
		return false;
	if (floor->has_frame && picture_refine_due_ns(floor->picture) < due_ns)
		due_ns = picture_refine_due_ns(floor->picture);
	now_ns = measure_now_ns();
	const uint64_t wait_ns = due_ns > now_ns ? due_ns - now_ns : 0;
	const struct timespec timeout = { (time_t)(wait_ns / 1000000000u),
		(long)(wait_ns % 1000000000u) };
	struct pollfd fd = { capture_fd(floor->capture), POLLIN, 0 };
	ppoll(&fd, 1, &timeout, NULL);
	return true;
}

static bool spend(struct floor *floor, uint64_t length_ns)
{
	const uint64_t until_ns = measure_now_ns() + length_ns;
	while (measure_now_ns() < until_ns) {
		sd_event_run(floor->event, 0);
		if (!turn(floor, until_ns))
			return false;
	}
	return true;
}

static bool keystroke(struct floor *floor)
{
	uint32_t random = 0;
	if (getrandom(&random, sizeof random, 0) < 0)
		random = 0;
	if (!spend(floor, REST_LEAST_NS + random % REST_SPREAD_NS))
		return false;
	floor->luma = captured_luma(floor);
	floor->decoded_ns = 0;
	floor->watching = true;
	floor->pressed_ns = measure_now_ns();
	injector_key(floor->injector, KEY_A, true);
	injector_key(floor->injector, KEY_A, false);
	const uint64_t until_ns = floor->pressed_ns + GIVE_UP_NS;
	while (!floor->decoded_ns && measure_now_ns() < until_ns) {
		if (!turn(floor, until_ns))
			return false;
	}
	floor->watching = false;
	if (!floor->decoded_ns || !floor->captured_ns) {
		floor->lost++;
		return true;
	}
	samples_add(&floor->capture_ms, (double)(floor->captured_ns - floor->pressed_ns) / 1e6);
	samples_add(&floor->encode_ms, (double)floor->encode_ns / 1e6);
	samples_add(&floor->decode_ms, (double)floor->decode_ns / 1e6);
	samples_add(&floor->sum_ms, (double)(floor->decoded_ns - floor->pressed_ns) / 1e6);
	return true;
}

static void on_desktop_failed(void *data, const char *text)
{
	fprintf(stderr, "floor: %s\n", text);
}

static bool open_all(struct floor *floor, const struct video_source *source)
{
	static const struct input_desktop_events events = { on_desktop_failed };
	const char *fault = "";
	if (sd_event_new(&floor->event) < 0)
		return false;
	floor->desktop = input_desktop_create(floor->event, source->wayland_socket, &events, floor);
	floor->capture = capture_open(source, OPEN_NS, &fault);
	floor->pool = media_packet_pool_create();
	floor->decoded = lodge_picture_create();
	floor->picture = picture_create(&(struct picture_params){
		.bitrate_kbps = BITRATE_KBPS,
		.pool = floor->pool,
		.emit = on_packet,
		.data = floor,
	});
	if (!floor->capture)
		fprintf(stderr, "floor: %s: %s\n", source->output_name, fault);
	if (!floor->desktop || !floor->capture || !floor->pool || !floor->decoded ||
		!floor->picture)
		return false;
	const uint64_t deadline_ns = measure_now_ns() + OPEN_NS;
	while (!floor->has_frame && measure_now_ns() < deadline_ns) {
		sd_event_run(floor->event, 0);
		if (!turn(floor, measure_now_ns() + 10 * MS))
			return false;
	}
	if (!floor->has_frame)
		return false;
	floor->injector = injector_create(floor->desktop,
		&(struct injector_params){
			source->output_name, floor->frame.width_px, floor->frame.height_px });
	return floor->injector && spend(floor, SETTLE_NS);
}

static void close_all(struct floor *floor)
{
	injector_destroy(floor->injector);
	input_desktop_destroy(floor->desktop);
	picture_destroy(floor->picture);
	media_packet_pool_unref(floor->pool);
	capture_close(floor->capture);
	lodge_picture_destroy(floor->decoded);
	sd_event_unref(floor->event);
	samples_finish(&floor->capture_ms);
	samples_finish(&floor->encode_ms);
	samples_finish(&floor->decode_ms);
	samples_finish(&floor->sum_ms);
}

static json_t *percentiles(struct samples *samples)
{
	return json_pack("{s:f, s:f}", "p50", samples_percentile(samples, 0.5), "p95",
		samples_percentile(samples, 0.95));
}

static void report(struct floor *floor)
{
	json_t *json = json_pack("{s:i, s:i, s:o, s:o, s:o, s:o}", "n", (int)floor->sum_ms.count,
		"lost", (int)floor->lost, "capture_ms", percentiles(&floor->capture_ms),
		"encode_ms", percentiles(&floor->encode_ms), "decode_ms",
		percentiles(&floor->decode_ms), "sum_ms", percentiles(&floor->sum_ms));
	json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(json);
}

static bool parse(struct floor *floor, struct video_source *source, int argc, char **argv)
{
	int option;
	const char *runtime = getenv("XDG_RUNTIME_DIR"), *wayland = getenv("WAYLAND_DISPLAY");
	while ((option = getopt(argc, argv, "o:n:a:r:")) != -1) {
		if (option == 'o')
			snprintf(source->output_name, sizeof source->output_name, "%s", optarg);
		else if (option == 'n')
			floor->keystrokes = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'r')
			floor->rate_mhz = (uint32_t)(strtod(optarg, NULL) * 1000);
		else if (option != 'a' ||
			sscanf(optarg, "%u,%u", &floor->at_x_permille, &floor->at_y_permille) !=
				2 ||
			floor->at_x_permille > 999 || floor->at_y_permille > 999)
			return false;
	}
	if (!runtime || !wayland)
		return false;
	snprintf(source->wayland_socket, sizeof source->wayland_socket, "%s/%s", runtime, wayland);
	return optind == argc && source->output_name[0];
}

int main(int argc, char **argv)
{
	struct floor floor = {
		.rate_mhz = 60000, .at_x_permille = 250, .at_y_permille = 500, .keystrokes = 100
	};
	struct video_source source = { .kind = VIDEO_SOURCE_WAYLAND };
	if (!parse(&floor, &source, argc, argv)) {
		fprintf(stderr,
			"usage: floor -o OUTPUT [-n KEYSTROKES] [-a X,Y permille] [-r HZ], with "
			"XDG_RUNTIME_DIR and WAYLAND_DISPLAY\n");
		return 2;
	}
	bool good = open_all(&floor, &source);
	for (uint32_t i = 0; i < floor.keystrokes && good; i++)
		good = keystroke(&floor);
	if (good)
		report(&floor);
	else
		fprintf(stderr, "floor: the compositor gave no pictures of %s\n",
			source.output_name);
	close_all(&floor);
	return good ? 0 : 1;
}
